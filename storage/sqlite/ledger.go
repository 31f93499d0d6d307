package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// Record is the record with the id.
func (s *Store) Record(ctx context.Context, id string) (core.Record, error) {
	return s.record(ctx, `SELECT body FROM records WHERE id = ?`, id)
}

// Find is the record that holds a unique key.
func (s *Store) Find(ctx context.Context, unique string) (core.Record, error) {
	return s.record(ctx, `SELECT r.body FROM uniques u JOIN records r ON r.id = u.record WHERE u.key = ?`, unique)
}

func (s *Store) record(ctx context.Context, query, key string) (r core.Record, err error) {
	var body []byte
	ok, err := s.read.find(ctx, query, []any{key}, &body)
	if err == nil && !ok {
		err = desk.ErrNotFound
	}
	if err == nil {
		err = decode(body, &r)
	}
	if err != nil {
		return core.Record{}, fmt.Errorf("sqlite: record %s: %w", key, err)
	}
	return r, nil
}

// The pages of a list: ?1 is the term that drives, (?2, ?3) the place after
// which the page begins, ?4 all other terms as a JSON array, ?5 the length.
// A record has the same rank in all its lists.
const (
	pageOldest = `SELECT r.body, t.rank, t.record FROM terms t CROSS JOIN records r ON r.id = t.record
WHERE t.term = ?1 AND (t.rank, t.record) > (?2, ?3) AND ` + inOthers + ` ORDER BY t.rank, t.record LIMIT ?5`
	pageNewest = `SELECT r.body, t.rank, t.record FROM terms t CROSS JOIN records r ON r.id = t.record
WHERE t.term = ?1 AND (t.rank, t.record) < (?2, ?3) AND ` + inOthers + ` ORDER BY t.rank DESC, t.record DESC LIMIT ?5`
	inOthers = `(?4 = '[]' OR NOT EXISTS (SELECT 1 FROM json_each(?4) o
WHERE NOT EXISTS (SELECT 1 FROM terms x WHERE x.term = o.value AND x.rank = t.rank AND x.record = t.record)))`
	// The term of the shortest list; one that nobody has is the shortest of all.
	shortest = `SELECT q.value FROM json_each(?) q LEFT JOIN lists l ON l.term = q.value ORDER BY ifnull(l.n, 0) LIMIT 1`
)

// List is one page of a query: it walks the shortest of the lists and looks each record up in the others.
func (s *Store) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	page, err := s.list(ctx, q)
	if err != nil {
		return desk.Page{}, fmt.Errorf("sqlite: list %v: %w", q.Terms, err)
	}
	return page, nil
}

func (s *Store) list(ctx context.Context, q desk.Query) (desk.Page, error) {
	limit := 50
	if q.Limit > 0 {
		limit = min(q.Limit, 200)
	}
	from, err := parsePlace(q)
	if err != nil {
		return desk.Page{}, err
	}
	drive, others, err := s.split(ctx, q.Terms)
	if err != nil {
		return desk.Page{}, err
	}
	query := pageOldest
	if q.Newest {
		query = pageNewest
	}
	var (
		page desk.Page
		last place
		more bool
	)
	// One more than asked for tells whether there is a next page.
	err = s.read.rows(ctx, query, []any{drive, from.rank, from.record, others, limit + 1}, func(rows *sql.Rows) error {
		if more = len(page.Records) == limit; more {
			return nil
		}
		var body []byte
		if err := rows.Scan(&body, &last.rank, &last.record); err != nil {
			return err
		}
		var r core.Record
		if err := decode(body, &r); err != nil {
			return err
		}
		page.Records = append(page.Records, r)
		return nil
	})
	if more {
		page.Next = last.String()
	}
	return page, err
}

// split chooses the term to drive by; the others come as a JSON array.
func (s *Store) split(ctx context.Context, terms []string) (drive, others string, err error) {
	switch len(terms) {
	case 0:
		return "", "", errors.New("a query needs a term")
	case 1:
		return terms[0], "[]", nil
	}
	_, err = s.read.find(ctx, shortest, []any{list(terms)}, &drive)
	return drive, list(terms), err
}

// place is where a page ended: the cursor.
type place struct {
	rank   int64
	record string
}

func (p place) String() string { return strconv.FormatInt(p.rank, 10) + ":" + p.record }

func parsePlace(q desk.Query) (place, error) {
	switch {
	case q.After == "" && q.Newest:
		return place{rank: math.MaxInt64}, nil
	case q.After == "":
		return place{rank: math.MinInt64}, nil
	}
	rank, record, ok := strings.Cut(q.After, ":")
	n, err := strconv.ParseInt(rank, 10, 64)
	if !ok || err != nil {
		return place{}, fmt.Errorf("cursor %q is none of ours", q.After)
	}
	return place{n, record}, nil
}

// Count is the number of records in the list of one term.
func (s *Store) Count(ctx context.Context, term string) (n int, err error) {
	_, err = s.read.find(ctx, `SELECT n FROM lists WHERE term = ?`, []any{term}, &n)
	if err != nil {
		return 0, fmt.Errorf("sqlite: count %s: %w", term, err)
	}
	return n, nil
}

// Trail are the events of a record with Seq > after.
func (s *Store) Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error) {
	if limit == 0 {
		limit = -1 // SQLite's "no limit"
	}
	out, err := s.events(ctx, `SELECT idx, body FROM events WHERE record = ? AND seq > ? ORDER BY seq LIMIT ?`, record, after, limit)
	if err != nil {
		return nil, fmt.Errorf("sqlite: trail of %s: %w", record, err)
	}
	return out, nil
}

// The end of what a record's trail holds of what was applied, and of what was refused.
// The conditions are those of the indices (migrations/0003_refused.sql).
const (
	isApplied    = `iif(json_valid(body), body ->> '$.refusal', 0) IS NULL`
	isRefused    = `iif(json_valid(body), body ->> '$.refusal', NULL) IS NOT NULL`
	lastApplied  = `SELECT idx, body FROM events WHERE record = ? AND ` + isApplied + ` ORDER BY seq DESC LIMIT ?`
	lastRefused  = `SELECT idx, body FROM events WHERE record = ? AND ` + isRefused + ` ORDER BY seq DESC LIMIT ?`
	lastRefusals = `SELECT idx, body FROM events WHERE record = ? AND body ->> '$.by' = ? AND ` + isRefused + ` ORDER BY seq DESC LIMIT ?`
)

// Applied are the last events of a record that were applied, in order.
func (s *Store) Applied(ctx context.Context, record string, limit int) ([]core.Event, error) {
	if limit == 0 {
		limit = -1 // SQLite's "no limit"
	}
	out, err := s.events(ctx, lastApplied, record, limit)
	if err != nil {
		return nil, fmt.Errorf("sqlite: what was applied to %s: %w", record, err)
	}
	slices.Reverse(out)
	return out, nil
}

// Refused are the last refused presses on a record since an instant, in order.
func (s *Store) Refused(ctx context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	query, args := lastRefused, []any{record, limit}
	if by != "" {
		query, args = lastRefusals, []any{record, by, limit}
	}
	out, err := s.events(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: what was refused of %s: %w", record, err)
	}
	if old := slices.IndexFunc(out, func(e core.Event) bool { return e.At.Before(since) }); old >= 0 {
		out = out[:old]
	}
	slices.Reverse(out)
	return out, nil
}

// Log are the events of all records with Index > after.
func (s *Store) Log(ctx context.Context, after, limit int) ([]core.Event, error) {
	out, err := s.events(ctx, `SELECT idx, body FROM events WHERE idx > ? ORDER BY idx LIMIT ?`, after, max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlite: log after %d: %w", after, err)
	}
	return out, nil
}

func (s *Store) events(ctx context.Context, query string, args ...any) (out []core.Event, err error) {
	err = s.read.rows(ctx, query, args, func(rows *sql.Rows) error {
		var (
			body  []byte
			index int
		)
		if err := rows.Scan(&index, &body); err != nil {
			return err
		}
		e, err := decodeEvent(body, index)
		out = append(out, e)
		return err
	})
	return out, err
}

// decodeEvent reads an event, which is kept without its Index.
func decodeEvent(body []byte, index int) (e core.Event, err error) {
	err = decode(body, &e)
	e.Index = index
	return e, err
}

// decode reads a body; desk.ErrDamaged.
func decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%w: %w", desk.ErrDamaged, err)
	}
	return nil
}

// Reserve gives record the next value of a series, or the one that it has.
func (s *Store) Reserve(ctx context.Context, series, record string) (value int, err error) {
	err = s.write(ctx, func(t *tx) error {
		ok, err := t.find(`SELECT value FROM series WHERE name = ? AND record = ?`, []any{series, record}, &value)
		if ok || err != nil {
			return err
		}
		_, err = t.find(`INSERT INTO series (name, record, value)
SELECT ?1, ?2, ifnull(max(value), 0) + 1 FROM series WHERE name = ?1 RETURNING value`, []any{series, record}, &value)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sqlite: reserve in %s for %s: %w", series, record, err)
	}
	return value, nil
}

// list is words as a JSON array, for json_each.
func list(words []string) string {
	if len(words) == 0 {
		return "[]"
	}
	b, err := json.Marshal(words)
	if err != nil { // strings can always be encoded
		panic(fmt.Sprintf("sqlite: %v", err))
	}
	return string(b)
}

// encode is v as the JSON text of a body.
func encode(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}
