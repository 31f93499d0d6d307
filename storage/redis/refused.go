package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// What was refused stands apart from what was applied: the row of a record has the
// events that were applied, and a sorted set each refused press, under whoever pressed
// and under nobody (lua/common.lua). Stores of before have what was refused in the rows
// too; it is read there.

// standsApart reports whether an event is kept among what was refused.
func standsApart(e core.Event) bool { return e.Refusal != nil && e.By != "" }

// indexDigits is the length of an index in the set of what was refused.
const indexDigits = 12

// refusedPlaces are the two places of a refused press.
func refusedPlaces(record, by string, index int) []string {
	n := fmt.Sprintf("%0*d", indexDigits, index)
	return []string{record + "\x00" + by + "\x00" + n, record + "\x00\x00" + n}
}

// parseRefused reads a place: whose press on which record it is, "" for the place under
// nobody. The index is -1 where the place is none of ours.
func parseRefused(place string) (record, by string, index int) {
	parts := strings.Split(place, "\x00")
	if len(parts) != 3 || len(parts[2]) != indexDigits {
		return place, "", -1
	}
	n, err := strconv.Atoi(parts[2])
	if err != nil || n < 1 || fmt.Sprintf("%0*d", indexDigits, n) != parts[2] {
		return parts[0], parts[1], -1
	}
	return parts[0], parts[1], n
}

// refusedIndices are the indices of the last refused presses of an account ("": of
// anybody) on a record that stand apart, the newest first, at most limit (0: all).
func (s *Store) refusedIndices(ctx context.Context, record, by string, limit int) (out []string, err error) {
	low := record + "\x00" + by + "\x00"
	for high := low + ":"; ; { // ":" comes after each digit
		n := page
		if limit > 0 {
			n = min(page, limit-len(out))
		}
		var places []string
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			places, err = s.db.ZRangeArgs(ctx, redis.ZRangeArgs{Key: s.refused, Start: "(" + high, Stop: "[" + low, ByLex: true, Rev: true, Count: int64(n)}).Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, p := range places {
			_, _, index := parseRefused(p)
			out, high = append(out, strconv.Itoa(index)), p
		}
		if len(places) < n || len(out) == limit {
			return out, nil
		}
	}
}

// indices are those of all events of a record, in order.
func (s *Store) indices(ctx context.Context, record string, r core.Record, applied []string) ([]string, error) {
	if len(applied) == r.Seq {
		return applied, nil
	}
	refused, err := s.refusedIndices(ctx, record, "", 0)
	if err != nil {
		return nil, err
	}
	all := slices.Concat(applied, refused)
	slices.SortFunc(all, func(a, b string) int { return int(count(a) - count(b)) })
	// What was refused since the row was read is not of it.
	return all[:min(r.Seq, len(all))], nil
}

// Applied are the last events of a record that were applied, in order.
func (s *Store) Applied(ctx context.Context, record string, limit int) ([]core.Event, error) {
	_, indices, err := s.row(ctx, record)
	if errors.Is(err, desk.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, wrap(err, "what was applied to %s", record)
	}
	var out []core.Event // the newest first
	err = s.back(ctx, indices, limit, func(e core.Event) bool {
		if e.Refusal == nil {
			out = append(out, e)
		}
		return limit == 0 || len(out) < limit
	})
	slices.Reverse(out)
	return out, wrap(err, "what was applied to %s", record)
}

// Refused are the last refused presses on a record since an instant, in order.
func (s *Store) Refused(ctx context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	apart, err := s.refusedIndices(ctx, record, by, limit)
	if err != nil {
		return nil, wrap(err, "what was refused of %s", record)
	}
	slices.Reverse(apart)
	var out []core.Event // the newest first
	keep := func(e core.Event) bool {
		if e.At.Before(since) {
			return false
		}
		if e.Refusal != nil && (by == "" || e.By == by) {
			out = append(out, e)
		}
		return len(out) < limit
	}
	if err := s.back(ctx, apart, limit, keep); err != nil {
		return nil, wrap(err, "what was refused of %s", record)
	}
	if len(out) == len(apart) && len(out) < limit { // those of before stand in the row
		_, indices, err := s.row(ctx, record)
		if err == nil {
			err = s.back(ctx, indices, few, keep)
		}
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return nil, wrap(err, "what was refused of %s", record)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// few is how many events are read at a time where the first may be enough.
const few = 50

// row is a record, and the indices that stand in its row; desk.ErrNotFound.
func (s *Store) row(ctx context.Context, record string) (core.Record, []string, error) {
	row, err := s.hget(ctx, "r:"+record)
	if err != nil {
		return core.Record{}, nil, err
	}
	return decodeRecord(row)
}

// back gives the events of indices from the last on, until each has enough; they are
// read in parts of about as many as are wanted (0: many).
func (s *Store) back(ctx context.Context, indices []string, wanted int, each func(core.Event) bool) error {
	part := page
	if wanted > 0 {
		part = min(page, wanted)
	}
	for to := len(indices); to > 0; to -= part {
		events, err := s.events(ctx, indices[max(0, to-part):to])
		if err == nil && len(events) < min(part, to) {
			err = errors.New("an event is gone")
		}
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(events) {
			if !each(e) {
				return nil
			}
		}
	}
	return nil
}
