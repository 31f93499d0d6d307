package redis

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core/outbox"
)

// page is how many rows are read at once.
const page = 500

// fetch reads rows by field, part by part, and calls each with those that are there.
func (s *Store) fetch(ctx context.Context, fields []string, each func(i int, row string) error) error {
	for from := 0; from < len(fields); from += page {
		part := fields[from:min(from+page, len(fields))]
		var rows []any
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			rows, err = s.db.HMGet(ctx, s.keys[0], part...).Result()
			return err
		})
		if err != nil {
			return err
		}
		for i, row := range rows {
			if row, ok := row.(string); ok {
				if err := each(from+i, row); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// backlog is what lua/backlog.lua tells.
type backlog struct {
	outbox.Stats
	first time.Time // the earliest due of all live items
}

func (s *Store) backlog(ctx context.Context, now time.Time) (b backlog, err error) {
	out, err := s.texts(ctx, backlogScript, s.keys, cut(now).UnixMilli())
	if err != nil {
		return b, err
	}
	if len(out) != 10 {
		return b, errReply
	}
	for i, into := range []*int{&b.Created, &b.Live, &b.Sent, &b.Moot, &b.Dead, &b.Purged, &b.Leased, &b.Due} {
		if *into, err = strconv.Atoi(out[i]); err != nil {
			return b, err
		}
	}
	for i, into := range []*time.Time{&b.Oldest, &b.first} {
		if text := out[8+i]; text != "" {
			ms, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return b, err
			}
			*into = time.UnixMilli(ms).UTC()
		}
	}
	return b, nil
}

// NextDue is the earliest Due of all live items, leases included.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	b, err := s.backlog(ctx, time.UnixMilli(0))
	return b.first, !b.first.IsZero(), wrap(err, "next due")
}

// Stats counts the items at now. An item whose lease has ended counts as due, not as leased.
func (s *Store) Stats(ctx context.Context, now time.Time) (outbox.Stats, error) {
	b, err := s.backlog(ctx, now)
	return b.Stats, wrap(err, "stats")
}

// Items are items by state after an id, in order of id.
func (s *Store) Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	out, err := s.items(ctx, state, after, max(limit, 0))
	return out, wrap(err, "items")
}

func (s *Store) items(ctx context.Context, state outbox.State, after string, limit int) (out []outbox.Item, err error) {
	from, err := place(after)
	if err != nil {
		return nil, err
	}
	if state == outbox.Dead {
		return s.deadItems(ctx, from, limit)
	}
	for more := true; more && len(out) < limit; {
		want := page
		if state == "" {
			want = min(page, limit-len(out))
		}
		from, more, err = s.rowsAfter(ctx, from, want, func(id, row string) error {
			it, err := decodeItem(id, row)
			if err == nil && len(out) < limit && (state == "" || it.State == state) {
				out = append(out, it.Item)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// rowsAfter calls each with the rows of at most want items after a place. It returns the
// place that was reached, and whether there may be more.
func (s *Store) rowsAfter(ctx context.Context, from int64, want int, each func(id, row string) error) (place int64, more bool, err error) {
	out, err := s.texts(ctx, itemsScript, s.keys, from, want)
	if err != nil {
		return 0, false, err
	}
	if len(out) < 2 || len(out)%2 != 0 {
		return 0, false, errReply
	}
	if place, err = strconv.ParseInt(out[0], 10, 64); err != nil {
		return 0, false, err
	}
	for i := 2; i < len(out); i += 2 {
		if err := each(out[i], out[i+1]); err != nil {
			return 0, false, err
		}
	}
	return place, out[1] == "1", nil
}

// deadItems are the next that were given up, from their index: they are few and looked for.
func (s *Store) deadItems(ctx context.Context, from int64, limit int) (out []outbox.Item, err error) {
	for len(out) < limit {
		var ids []string
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			ids, err = s.db.ZRangeArgs(ctx, redis.ZRangeArgs{
				Key: s.prefix + "dead", Start: "(" + itemID(from), Stop: "+", ByLex: true, Count: page,
			}).Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		fields := make([]string, len(ids))
		for i, id := range ids {
			fields[i] = "i:" + id
		}
		err = s.fetch(ctx, fields, func(i int, row string) error {
			it, err := decodeItem(ids[i], row)
			if err == nil && len(out) < limit && it.State == outbox.Dead {
				out = append(out, it.Item)
			}
			return err
		})
		if err != nil || len(ids) < page {
			return out, err
		}
		if from, err = place(ids[len(ids)-1]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
