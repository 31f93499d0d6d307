package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// NextDue is the earliest Due of all live items, leases included.
func (s *Store) NextDue(ctx context.Context) (time.Time, bool, error) {
	var due sql.NullInt64
	_, err := s.read.find(ctx, eachLane+` SELECT min((SELECT i.due FROM items i INDEXED BY items_due
WHERE i.state = 'live' AND i.lane = lanes.lane ORDER BY i.due LIMIT 1)) FROM lanes`, nil, &due)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("sqlite: next due: %w", err)
	}
	return instant(due), due.Valid, nil
}

// instant is a time column; zero for none.
func instant(ms sql.NullInt64) time.Time {
	if !ms.Valid {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// The items of a state, in order of id. Only the dead have an index for it: they are few and looked for.
const (
	itemsOfAll   = `SELECT id, body FROM items WHERE id > ?2 ORDER BY id LIMIT ?3`
	itemsOfState = `SELECT id, body FROM items NOT INDEXED WHERE state = ?1 AND id > ?2 ORDER BY id LIMIT ?3`
	itemsOfDead  = `SELECT id, body FROM items WHERE state = 'dead' AND id > ?2 ORDER BY id LIMIT ?3`
)

// Items are items by state after an id, in order of id.
func (s *Store) Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	out, err := s.items(ctx, state, after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: items: %w", err)
	}
	return out, nil
}

func (s *Store) items(ctx context.Context, state outbox.State, after string, limit int) (out []outbox.Item, err error) {
	row, err := rowOf(after)
	if err != nil {
		return nil, err
	}
	query := itemsOfState
	switch state {
	case "":
		query = itemsOfAll
	case outbox.Dead:
		query = itemsOfDead
	case outbox.Live, outbox.Sent, outbox.Moot:
	}
	err = s.read.rows(ctx, query, []any{string(state), row, limit}, func(rows *sql.Rows) error {
		it, err := scanItem(rows)
		out = append(out, it)
		return err
	})
	return out, err
}

// ?1 is now. An item is held while its lease lasts; after that its time has come.
const countItems = eachLane + ` SELECT t.created, t.live, t.sent, t.moot, t.dead, t.purged,
(SELECT count(*) FROM items WHERE leased = 1 AND due > ?1),
(SELECT total((SELECT count(*) FROM items i INDEXED BY items_due WHERE i.state = 'live' AND i.lane = lanes.lane AND i.due <= ?1)) FROM lanes),
(SELECT min((SELECT i.due FROM items i INDEXED BY items_due WHERE i.state = 'live' AND i.lane = lanes.lane
AND NOT (i.leased = 1 AND i.due > ?1) ORDER BY i.due LIMIT 1)) FROM lanes)
FROM tally t`

// Stats counts the items at now. An item whose lease has ended counts as due, not as leased.
func (s *Store) Stats(ctx context.Context, now time.Time) (outbox.Stats, error) {
	var (
		st     outbox.Stats
		oldest sql.NullInt64
		due    float64 // total() is a float, exact up to 2^53
	)
	_, err := s.read.find(ctx, countItems, []any{cut(now).UnixMilli()},
		&st.Created, &st.Live, &st.Sent, &st.Moot, &st.Dead, &st.Purged, &st.Leased, &due, &oldest)
	if err != nil {
		return outbox.Stats{}, fmt.Errorf("sqlite: stats: %w", err)
	}
	st.Due, st.Oldest = int(due), instant(oldest)
	return st, nil
}
