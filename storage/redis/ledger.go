package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// Record is the record with the id.
func (s *Store) Record(ctx context.Context, id string) (core.Record, error) {
	row, err := s.hget(ctx, "r:"+id)
	if err != nil {
		return core.Record{}, wrap(err, "record %s", id)
	}
	r, _, err := decodeRecord(row)
	return r, wrap(err, "record %s", id)
}

// Find is the record that holds a unique key.
func (s *Store) Find(ctx context.Context, unique string) (core.Record, error) {
	out, err := s.texts(ctx, findScript, s.keys, unique)
	if errors.Is(err, redis.Nil) {
		err = desk.ErrNotFound
	}
	if err != nil {
		return core.Record{}, wrap(err, "record %s", unique)
	}
	r, _, err := decodeRecord(out[0])
	return r, wrap(err, "record %s", unique)
}

// decodeRecord reads a row (lua/common.lua): the record, and the index of each of its
// events that does not stand among what was refused.
func decodeRecord(row string) (r core.Record, trail []string, err error) {
	head, rest, _ := strings.Cut(row, "\n")
	parts := strings.Split(head, " ")
	if len(parts) != 3 {
		return r, nil, desk.ErrDamaged
	}
	size, err := strconv.Atoi(parts[1])
	if err != nil || size < 0 || size > len(rest) {
		return r, nil, desk.ErrDamaged
	}
	err = decode(rest[size:], &r)
	if parts[2] != "" {
		trail = strings.Split(parts[2], ",")
	}
	return r, trail, err
}

// A rank has rankDigits digits of base 32: it is good for years from -2400 to 6300.
const (
	rankDigits   = 10
	rankAlphabet = "0123456789abcdefghijklmnopqrstuv"
	halfRank     = 1 << 47
)

// rank is a record's rank, fixed in length and in the order of the numbers.
func rank(n int64) string {
	v := uint64(min(max(n, -halfRank), halfRank-1) + halfRank)
	var b [rankDigits]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = rankAlphabet[v&31]
		v >>= 5
	}
	return string(b[:])
}

// parseRank is the number that rank made s of; ok is false for any other text.
func parseRank(s string) (n int64, ok bool) {
	v := int64(0)
	for i := range len(s) {
		d := strings.IndexByte(rankAlphabet, s[i])
		if d < 0 || i == rankDigits {
			return 0, false
		}
		v = v<<5 | int64(d)
	}
	return v - halfRank, len(s) == rankDigits
}

// List is one page of a query: it walks the shortest of the lists and looks each record up in the others.
func (s *Store) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	page, err := s.list(ctx, q)
	if err != nil {
		return desk.Page{}, wrap(err, "list %v", q.Terms)
	}
	return page, nil
}

func (s *Store) list(ctx context.Context, q desk.Query) (page desk.Page, err error) {
	if len(q.Terms) == 0 {
		return page, errors.New("a query needs a term")
	}
	limit := 50
	if q.Limit > 0 {
		limit = min(q.Limit, 200)
	}
	after := ""
	if q.After != "" {
		var ok bool
		if after, ok = strings.CutPrefix(q.After, "at:"); !ok || len(after) < len(rank(0)) {
			return page, fmt.Errorf("cursor %q is none of ours", q.After)
		}
	}
	newest := "0"
	if q.Newest {
		newest = "1"
	}
	terms := make([]any, len(q.Terms))
	for i, t := range q.Terms {
		terms[i] = t
	}
	// A part may end early: a script does not hold the server up for long.
	for more := true; more && len(page.Records) < limit; {
		out, err := s.texts(ctx, listScript, s.keys, append([]any{limit - len(page.Records), newest, after}, terms...)...)
		if err != nil {
			return page, err
		}
		if len(out) < 2 {
			return page, errReply
		}
		more, after = out[0] == "1", out[1]
		for _, row := range out[2:] {
			r, _, err := decodeRecord(row)
			if err != nil {
				return page, err
			}
			page.Records = append(page.Records, r)
		}
		page.Next = ""
		if more {
			page.Next = "at:" + after
		}
	}
	return page, nil
}

// Count is the number of records in the list of one term.
func (s *Store) Count(ctx context.Context, term string) (int, error) {
	var n int64
	err := s.retry(ctx, func(ctx context.Context) (err error) {
		n, err = s.db.ZLexCount(ctx, s.keys[1], "["+term+"\x00", "("+term+"\x01").Result()
		return err
	})
	return int(n), wrap(err, "count %s", term)
}

// Trail are the events of a record with Seq > after.
func (s *Store) Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error) {
	r, indices, err := s.row(ctx, record)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, nil
	}
	if err == nil {
		indices, err = s.indices(ctx, record, r, indices)
	}
	if err != nil {
		return nil, wrap(err, "trail of %s", record)
	}
	indices = indices[min(max(after, 0), len(indices)):]
	if limit > 0 {
		indices = indices[:min(limit, len(indices))]
	}
	out, err := s.events(ctx, indices)
	if err == nil && len(out) < len(indices) {
		err = errors.New("an event is gone")
	}
	return out, wrap(err, "trail of %s", record)
}

// Log are the events of all records with Index > after. What was archived leaves a gap, which
// may be long: the end of the trail is asked for then.
func (s *Store) Log(ctx context.Context, after, limit int) (out []core.Event, err error) {
	after = max(after, 0)
	size, end := min(page, max(limit, 0)), -1
	for len(out) < limit && (end < 0 || after < end) {
		indices := make([]string, size)
		for i := range indices {
			indices[i] = strconv.Itoa(after + 1 + i)
		}
		part, err := s.events(ctx, indices)
		if err != nil {
			return nil, wrap(err, "log after %d", after)
		}
		out, after = append(out, part...), after+size
		if len(part) == size || end >= 0 {
			continue
		}
		size = page
		if end, err = s.lastIndex(ctx); err != nil {
			return nil, wrap(err, "log after %d", after)
		}
	}
	return out[:min(limit, len(out))], nil
}

// lastIndex is that of the last event.
func (s *Store) lastIndex(ctx context.Context) (last int, err error) {
	err = s.fetch(ctx, []string{"n:events"}, func(_ int, row string) error {
		last, err = strconv.Atoi(row)
		return err
	})
	return last, err
}

// events are those with the indices that are there.
func (s *Store) events(ctx context.Context, indices []string) (out []core.Event, err error) {
	fields := make([]string, len(indices))
	for i, n := range indices {
		fields[i] = "e:" + n
	}
	err = s.fetch(ctx, fields, func(i int, row string) error {
		_, body, _ := strings.Cut(row, "\n")
		e, err := decodeEvent(body, indices[i])
		out = append(out, e)
		return err
	})
	return out, err
}

// decodeEvent reads an event, which is kept without its Index.
func decodeEvent(body, index string) (e core.Event, err error) {
	if err := decode(body, &e); err != nil {
		return e, err
	}
	e.Index, err = strconv.Atoi(index)
	return e, err
}

// decode reads a body; desk.ErrDamaged.
func decode(body string, into any) error {
	if err := json.Unmarshal([]byte(body), into); err != nil {
		return fmt.Errorf("%w: %w", desk.ErrDamaged, err)
	}
	return nil
}

// Reserve gives record the next value of a series, or the one that it has.
func (s *Store) Reserve(ctx context.Context, series, record string) (int, error) {
	out, err := s.texts(ctx, reserveScript, s.keys, series, record)
	if err != nil {
		return 0, wrap(err, "reserve in %s for %s", series, record)
	}
	return strconv.Atoi(out[0])
}
