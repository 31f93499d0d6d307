package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

var _ desk.Books = (*Store)(nil)

// Entries gives each index entry, as they stand at one instant.
func (s *Store) Entries(ctx context.Context, each func(core.IndexEntry) error) error {
	err := s.still(ctx, func(tx *sql.Tx) error {
		for _, part := range []struct{ family, query string }{
			{"record", `SELECT '', id, 0 FROM records`},
			{"event", `SELECT '', record, idx FROM events`},
			{"unique", `SELECT key, record, 0 FROM uniques`},
			{"term", `SELECT term, record, rank FROM terms`},
			{"press", `SELECT once, '', idx FROM onces`},
			{"number", `SELECT name, record, value FROM series`},
		} {
			err := scan(ctx, tx, part.query, func(rows *sql.Rows) error {
				e := core.IndexEntry{Family: core.Family(part.family)}
				if err := rows.Scan(&e.Key, &e.Record, &e.N); err != nil {
					return err
				}
				return each(e)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("sqlite: entries: %w", err)
	}
	return nil
}

// still has do read the store as it stands at one instant.
func (s *Store) still(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.read.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return do(tx)
}

// scan calls row for each row of a query.
func scan(ctx context.Context, tx *sql.Tx, query string, row func(*sql.Rows) error) (err error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Inspect reads every row of records, events and items, and compares each with
// what this program would write, and the counts with what is counted.
func (s *Store) Inspect(ctx context.Context) (faults []string, err error) {
	found := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	err = s.still(ctx, func(tx *sql.Tx) error {
		tally, counted := map[string]int{}, false
		if err := inspectSchema(ctx, tx, found); err != nil {
			return err
		}
		for _, part := range []struct {
			query string
			row   func(*sql.Rows) error
		}{
			{`SELECT idx, record, seq, body FROM events ORDER BY idx`, func(rows *sql.Rows) error { return inspectEvent(rows, found) }},
			{`SELECT id, seq, body, keys FROM records ORDER BY id`, func(rows *sql.Rows) error { return inspectRecord(rows, found) }},
			{`SELECT id, key, state, lane, due, leased, body FROM items ORDER BY id`, func(rows *sql.Rows) error { return inspectItem(rows, tally, found) }},
			{`SELECT created, live, sent, moot, dead, purged FROM tally`, func(rows *sql.Rows) error { counted = true; return inspectTally(rows, tally, found) }},
			{longer, func(rows *sql.Rows) error { return inspectList(rows, found) }},
		} {
			if err := scan(ctx, tx, part.query, part.row); err != nil {
				return err
			}
		}
		if !counted {
			found("the outbox is not counted any more")
		}
		return nil
	})
	if err != nil {
		return faults, fmt.Errorf("sqlite: inspect: %w", err)
	}
	return faults, nil
}

// longer are the lists whose length is not what was counted.
const longer = `SELECT t.term FROM (SELECT term, count(*) n FROM terms GROUP BY term) t LEFT JOIN lists l ON l.term = t.term WHERE l.n IS NOT t.n
UNION ALL SELECT l.term FROM lists l WHERE l.n <> 0 AND NOT EXISTS (SELECT 1 FROM terms t WHERE t.term = l.term)`

// schema are the tables, indexes, triggers and views of a file and how each is made, without
// those of SQLite itself.
func schema(ctx context.Context, db interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
},
) (out map[string]string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT type || ' ' || name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[string]string{}
	for rows.Next() {
		var name, made string
		if err := rows.Scan(&name, &made); err != nil {
			return nil, err
		}
		out[name] = made
	}
	return out, rows.Err()
}

// ourSchema is how this program makes a file: the same for as long as it runs.
var ourSchema = sync.OnceValues(func() (made map[string]string, err error) {
	ours, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ours.Close()) }()
	ours.SetMaxOpenConns(1)     // each connection has a memory of its own
	ctx := context.Background() // of no caller's: the next one has what this one made
	if err := migrate(ctx, ours, nil); err != nil {
		return nil, err
	}
	return schema(ctx, ours)
})

// inspectSchema compares how the file is made with how this program makes one: a trigger, a
// table or an index that is not ours, or one of ours that is gone or is another.
func inspectSchema(ctx context.Context, tx *sql.Tx, found finder) error {
	want, err := ourSchema()
	if err != nil {
		return err
	}
	got, err := schema(ctx, tx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch made, there := got[name]; {
		case !there:
			found("the file has no %s any more", name)
		case made != want[name]:
			found("the %s of the file is made otherwise", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, known := want[name]; !known {
			kind, what, _ := strings.Cut(name, " ")
			found("the file has something that is none of ours: the %s %s", kind, core.Plain(what))
		}
	}
	return nil
}

type finder func(format string, args ...any)

// isWritten reports whether body is v as this program writes it.
func isWritten(body []byte, v any) bool {
	again, err := json.Marshal(v)
	return err == nil && string(again) == string(body)
}

func inspectEvent(rows *sql.Rows, found finder) error {
	var (
		idx, seq int
		record   string
		body     []byte
		e        core.Event
	)
	if err := rows.Scan(&idx, &record, &seq, &body); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &e); err != nil || !isWritten(body, e) {
		found("event %d is not written as this program writes it", idx)
		return nil
	}
	if e.Record != record || e.Seq != seq {
		found("event %d is filed as another record's, or in another place", idx)
	}
	return nil
}

func inspectRecord(rows *sql.Rows, found finder) error {
	var (
		id         string
		seq        int
		body, text []byte
		r          core.Record
	)
	if err := rows.Scan(&id, &seq, &body, &text); err != nil {
		return err
	}
	if err := json.Unmarshal(body, &r); err != nil || !isWritten(body, r) {
		found("record %s is not written as this program writes it", core.Plain(id))
		return nil
	}
	if r.ID != id || r.Seq != seq {
		found("record %s is filed as another, or at another place of its trail", core.Plain(id))
	}
	if !isWritten(text, keysOf(r)) {
		found("record %s is noted under other keys than its own", core.Plain(id))
	}
	return nil
}

func inspectItem(rows *sql.Rows, tally map[string]int, found finder) error {
	var (
		row       int64
		lane, due int64
		leased    int64
		key       string
		state     string
		body      []byte
		it        outbox.Item
	)
	if err := rows.Scan(&row, &key, &state, &lane, &due, &leased, &body); err != nil {
		return err
	}
	if row < 1 {
		found("an item of the outbox has the id %d, and ids begin at 1", row)
	}
	tally["created"]++
	tally["last"] = int(row)
	tally[state]++
	if err := json.Unmarshal(body, &it); err != nil || !isWritten(body, it) {
		found("item %s of the outbox is not written as this program writes it", itemID(row))
		return nil
	}
	if it.Key != key || string(it.State) != state || int64(it.Lane) != lane || b2i(it.Leased) != leased || it.Due.UnixMilli() != due {
		found("item %s of the outbox is filed as another, or in another place", itemID(row))
	}
	return nil
}

func inspectTally(rows *sql.Rows, tally map[string]int, found finder) error {
	names := []string{"created", string(outbox.Live), string(outbox.Sent), string(outbox.Moot), string(outbox.Dead)}
	counts, purged := make([]int, len(names)), 0
	if err := rows.Scan(&counts[0], &counts[1], &counts[2], &counts[3], &counts[4], &purged); err != nil {
		return err
	}
	if counts[0] != tally["last"] { // the newest of all is never purged
		found("%d items of the outbox were created, and the last is %d", counts[0], tally["last"])
	}
	counts[0] -= purged
	for i, name := range names {
		if counts[i] != tally[name] {
			found("the outbox holds %d items (%s), and %d were counted: some are gone, or came by another way", tally[name], name, counts[i])
		}
	}
	return nil
}

func inspectList(rows *sql.Rows, found finder) error {
	var term string
	if err := rows.Scan(&term); err != nil {
		return err
	}
	found("the list %s is not as long as was counted", core.MaskKey(term))
	return nil
}

// keysOf is the index of a record as the records table keeps it.
func keysOf(r core.Record) keys {
	ix := r.Index()
	return keys{Unique: distinct(ix.Unique), Terms: distinct(ix.Terms), Rank: ix.Rank}
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
