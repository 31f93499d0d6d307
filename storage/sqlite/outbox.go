package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// newItem is an item to put, encoded by its caller so that the writer need not.
type newItem struct {
	item outbox.Item
	body string
	wake bool
}

// newItems makes items new (outbox.Fresh).
func newItems(items []outbox.Item, now time.Time) ([]newItem, error) {
	out := make([]newItem, len(items))
	for i, it := range items {
		it, err := outbox.Fresh(it, now)
		if err != nil {
			return nil, err
		}
		body, err := encode(it)
		if err != nil {
			return nil, err
		}
		out[i] = newItem{it, body, it.IsInSight(now)}
	}
	return out, nil
}

// itemID names a row: padded, so that ids are in the order of creation.
func itemID(row int64) string { return fmt.Sprintf("%012d", row) }

// rowOf is the row of an item id; "" is 0, before all of them.
func rowOf(id string) (int64, error) {
	if id == "" {
		return 0, nil
	}
	row, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("item id %q is none of ours", id)
	}
	return row, nil
}

func decodeItem(row int64, body []byte) (it outbox.Item, err error) {
	err = decode(body, &it)
	it.ID = itemID(row)
	return it, err
}

// Add adds items outside any decision, each by its Merge.
func (s *Store) Add(ctx context.Context, now time.Time, items ...outbox.Item) (changed int, err error) {
	todo, err := newItems(items, cut(now))
	if err == nil && len(todo) > 0 {
		err = s.write(ctx, func(t *tx) (err error) {
			changed, err = t.put(todo)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("sqlite: add items: %w", err)
	}
	return changed, nil
}

// put adds items and returns how many were new or changed a live one.
func (t *tx) put(items []newItem) (changed int, err error) {
	for _, n := range items {
		ok, err := t.putOne(n)
		if err != nil {
			return 0, err
		}
		if ok {
			changed++
		}
	}
	return changed, nil
}

func (t *tx) putOne(n newItem) (bool, error) {
	if n.item.Merge == outbox.Once {
		var row int64
		if known, err := t.find(`SELECT id FROM items WHERE key = ? LIMIT 1`, []any{n.item.Key}, &row); known || err != nil {
			return false, err
		}
		return true, t.insert(n)
	}
	live, ok, err := t.live(n.item.Key)
	if err != nil {
		return false, err
	}
	if !ok {
		return true, t.insert(n)
	}
	joined, changed := outbox.Join(live, n.item)
	if !changed {
		return false, nil
	}
	return true, t.save(live, joined)
}

// live is the live item with a key.
func (t *tx) live(key string) (it outbox.Item, ok bool, err error) {
	var (
		row  int64
		body []byte
	)
	ok, err = t.find(`SELECT id, body FROM items WHERE key = ? AND iif(state = 'live', 0, id) = 0`, []any{key}, &row, &body)
	if ok && err == nil {
		it, err = decodeItem(row, body)
	}
	return it, ok, err
}

func (t *tx) insert(n newItem) error {
	t.created++
	t.moved(outbox.Live, +1)
	t.wake = t.wake || n.wake
	_, err := t.exec(`INSERT INTO items (key, state, lane, due, leased, body) VALUES (?, 'live', ?, ?, 0, ?)`,
		n.item.Key, int(n.item.Lane), n.item.Due.UnixMilli(), n.body)
	return err
}

// save writes what became of an item.
func (t *tx) save(before, after outbox.Item) error {
	row, err := rowOf(after.ID)
	if err != nil {
		return err
	}
	after = cutItem(after)
	after.ID = ""
	body, err := encode(after)
	if err != nil {
		return err
	}
	t.moved(before.State, -1)
	t.moved(after.State, +1)
	if after.State == outbox.Live && (before.State != outbox.Live || after.Due.Before(before.Due)) {
		t.wake = true
	}
	_, err = t.exec(`UPDATE items SET state = ?, lane = ?, due = ?, leased = ?, body = ? WHERE id = ?`,
		string(after.State), int(after.Lane), after.Due.UnixMilli(), after.Leased, body, row)
	return err
}

// items are those that a query names by id and body.
func (t *tx) items(query string, args ...any) (out []outbox.Item, err error) {
	err = t.rows(query, args, func(rows *sql.Rows) error {
		it, err := scanItem(rows)
		out = append(out, it)
		return err
	})
	return out, err
}

func scanItem(rows *sql.Rows) (outbox.Item, error) {
	var (
		row  int64
		body []byte
	)
	if err := rows.Scan(&row, &body); err != nil {
		return outbox.Item{}, err
	}
	return decodeItem(row, body)
}

// Claim takes at most n items due by now until now+lease, which is a
// millisecond at least.
func (s *Store) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) (out []outbox.Item, err error) {
	if n <= 0 {
		return nil, nil
	}
	if lease < time.Millisecond {
		return nil, fmt.Errorf("sqlite: claim: a lease of %s ends before it begins", lease)
	}
	err = s.write(ctx, func(t *tx) (err error) {
		out, err = t.claim(cut(now), n, lease)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("sqlite: claim: %w", err)
	}
	return out, nil
}

// claim asks lane by lane, so that each answer is the head of an index however
// many items wait for later.
func (t *tx) claim(now time.Time, n int, lease time.Duration) (out []outbox.Item, err error) {
	lanes, err := t.lanes()
	if err != nil {
		return nil, err
	}
	for _, lane := range lanes {
		for len(out) < n {
			want := n - len(out)
			due, err := t.items(`SELECT id, body FROM items INDEXED BY items_due
WHERE state = 'live' AND lane = ? AND due <= ? ORDER BY due, id LIMIT ?`, lane, now.UnixMilli(), want)
			if err != nil {
				return nil, err
			}
			for _, it := range due {
				taken, err := t.take(it, now, lease)
				if err != nil {
					return nil, err
				}
				if taken.State == outbox.Live {
					out = append(out, taken)
				}
			}
			if len(due) < want {
				break
			}
		}
	}
	return out, nil
}

// take claims one item, and settles it at once if it has expired.
func (t *tx) take(it outbox.Item, now time.Time, lease time.Duration) (outbox.Item, error) {
	taken := outbox.Claimed(it, now, lease)
	if !it.Expires.IsZero() && now.After(it.Expires) {
		taken, _ = outbox.Settled(taken, outbox.Result{
			Epoch: taken.Epoch, Version: taken.Version, Outcome: outbox.WasMoot, Note: "expired",
		}, now)
	}
	taken = cutItem(taken)
	return taken, t.save(it, taken)
}

// lanes are those in which an item is live.
func (t *tx) lanes() (out []int, err error) {
	err = t.rows(eachLane+` SELECT lane FROM lanes WHERE lane IS NOT NULL`, nil, func(rows *sql.Rows) error {
		var lane int
		err := rows.Scan(&lane)
		out = append(out, lane)
		return err
	})
	return out, err
}

// eachLane finds the lanes by one step in the index each.
const eachLane = `WITH RECURSIVE lanes (lane) AS (
SELECT min(lane) FROM items INDEXED BY items_due WHERE state = 'live'
UNION ALL
SELECT (SELECT min(i.lane) FROM items i INDEXED BY items_due WHERE i.state = 'live' AND i.lane > lanes.lane)
FROM lanes WHERE lanes.lane IS NOT NULL)`

// Settle ends claims in one step and puts what follows from those that are accepted.
func (s *Store) Settle(ctx context.Context, now time.Time, results []outbox.Result) (accepted int, err error) {
	now = cut(now)
	then := make([][]newItem, len(results))
	for i, r := range results {
		if then[i], err = newItems(r.Then, now); err != nil {
			return 0, fmt.Errorf("sqlite: settle %s: %w", r.ID, err)
		}
	}
	if len(results) == 0 {
		return 0, nil
	}
	err = s.write(ctx, func(t *tx) error {
		accepted = 0
		for i, r := range results {
			ok, err := t.settle(r, now, then[i])
			if err != nil {
				return fmt.Errorf("%s: %w", r.ID, err)
			}
			if ok {
				accepted++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: settle: %w", err)
	}
	return accepted, nil
}

// settle ends one claim; it reports false if somebody else has the item, or nobody.
func (t *tx) settle(r outbox.Result, now time.Time, then []newItem) (bool, error) {
	it, ok, err := t.item(r.ID)
	if !ok || err != nil {
		return false, err
	}
	settled, ok := outbox.Settled(it, r, now)
	if !ok {
		return false, nil
	}
	if err := t.save(it, settled); err != nil {
		return false, err
	}
	_, err = t.put(then)
	return true, err
}

// item is the item with an id; an id that is none of ours names no item.
func (t *tx) item(id string) (it outbox.Item, ok bool, err error) {
	row, err := rowOf(id)
	if err != nil {
		return outbox.Item{}, false, nil //nolint:nilerr // it names no item
	}
	var body []byte
	ok, err = t.find(`SELECT body FROM items WHERE id = ?`, []any{row}, &body)
	if ok && err == nil {
		it, err = decodeItem(row, body)
	}
	return it, ok, err
}

// giveBackLeases ends the leases of a process that is no more: what it had
// taken may or may not have been done, and is owed again at once.
func (t *tx) giveBackLeases(now time.Time) error {
	held, err := t.items(`SELECT id, body FROM items WHERE leased = 1`)
	if err != nil {
		return err
	}
	for _, it := range held {
		free, _ := outbox.Settled(it, outbox.Result{Epoch: it.Epoch, Outcome: outbox.Unknown}, now)
		if err := t.save(it, free); err != nil {
			return err
		}
	}
	return nil
}

// Replay makes dead items live again: all, or those with the ids. One whose key
// is live anew stays dead, since a key has one live item; of several dead ones
// with one key the newest is replayed.
func (s *Store) Replay(ctx context.Context, now time.Time, ids ...string) (n int, err error) {
	err = s.write(ctx, func(t *tx) (err error) {
		n, err = t.replay(cut(now), ids)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: replay: %w", err)
	}
	return n, nil
}

func (t *tx) replay(now time.Time, ids []string) (n int, err error) {
	dead, err := t.items(`SELECT id, body FROM items WHERE state = 'dead' ORDER BY id DESC`)
	if err != nil {
		return 0, err
	}
	for _, it := range dead {
		if len(ids) > 0 && !slices.Contains(ids, it.ID) {
			continue
		}
		_, held, err := t.live(it.Key)
		if err != nil {
			return 0, err
		}
		again, ok := outbox.Replayed(it, now)
		if !ok || held {
			continue
		}
		if err := t.save(it, again); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// Rewrite replaces the Data, the receipts and the notes of an item by what clean makes
// of it, unless somebody holds it.
func (s *Store) Rewrite(ctx context.Context, id string, clean func(outbox.Item) outbox.Item) (done bool, err error) {
	row, err := rowOf(id)
	if err == nil {
		err = s.write(ctx, func(t *tx) error {
			items, err := t.items(`SELECT id, body FROM items WHERE id = ?`, row)
			if err != nil || len(items) == 0 {
				return err
			}
			var after outbox.Item
			if after, done = outbox.Rewritten(items[0], clean); !done {
				return nil
			}
			return t.save(items[0], after)
		})
	}
	if err != nil {
		return false, fmt.Errorf("sqlite: rewrite item %s: %w", id, err)
	}
	return done, nil
}
