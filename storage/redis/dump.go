package redis

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/archive"
)

var _ archive.Source = (*Store)(nil)

// Dump is Extract with all sessions. Gates of throttles and marks of operations are of the
// moment, and stay behind.
func (s *Store) Dump(ctx context.Context, each func(archive.Line) error) error {
	return s.Extract(ctx, "", each)
}

// Extract gives what the store keeps at one instant, with those sessions alone whose keys
// begin with a prefix, however much is written meanwhile.
//
// What changes by itself is read in one step: items that are not settled for good, the
// sessions, and how far all else goes. The rest stays as it is and is read at leisure: events
// and settled items; and of a record that has moved on, its trail tells how it was. Only what
// takes rows away or rewrites them (a purge, an archive, an erasure) is archive.ErrMoved, which
// a busy hour does not bring about.
func (s *Store) Extract(ctx context.Context, sessions string, each func(archive.Line) error) error {
	if err := s.extract(ctx, sessions, each); err != nil {
		return wrap(err, "extract")
	}
	return nil
}

func (s *Store) extract(ctx context.Context, sessions string, each func(archive.Line) error) error {
	x, err := s.instant(ctx, sessions)
	if err != nil {
		return err
	}
	for _, part := range []func(context.Context, func(archive.Line) error) error{x.trail, x.records, x.items, x.numbers} {
		if err := part(ctx, each); err != nil {
			return err
		}
	}
	for _, one := range x.sessions {
		if err := each(archive.Line{Session: &one}); err != nil {
			return err
		}
	}
	return x.stays(ctx)
}

// instant is what was so at one instant.
type instant struct {
	s      *Store
	counts map[string]int64  // events, items, archived, purged
	tops   map[string]int64  // the highest of each series
	open   map[string]string // the rows of the items that were not settled for good, by id
	seqs   map[string]int    // where each record stood, once the trail was read

	sessions []archive.Session
}

// instantCounts are those that lua/instant.lua gives, in order.
var instantCounts = []string{"events", "items", "archived", "purged"}

// instant reads what changes by itself.
func (s *Store) instant(ctx context.Context, prefix string) (*instant, error) {
	numbers, err := s.reserved(ctx)
	if err != nil {
		return nil, err
	}
	series := map[string]bool{}
	for _, n := range numbers {
		series[n.Series] = true
	}
	names := slices.Sorted(maps.Keys(series))
	args := []any{len(names)}
	for _, name := range names {
		args = append(args, name)
	}
	low, high := within(prefix)
	out, err := s.texts(ctx, instantScript, append(slices.Clone(s.keys), s.sessions[1]), append(args, low, high)...)
	if err != nil {
		return nil, err
	}
	x := &instant{s: s, counts: map[string]int64{}, tops: map[string]int64{}, open: map[string]string{}}
	next := func() (text string) {
		if len(out) == 0 {
			err = errReply
			return ""
		}
		text, out = out[0], out[1:]
		return text
	}
	for _, name := range instantCounts {
		x.counts[name] = count(next())
	}
	for _, name := range names {
		x.tops[name] = count(next())
	}
	for range count(next()) {
		id := next()
		x.open[id] = next()
	}
	for len(out) > 0 && err == nil {
		key, row := next(), next()
		one, errRow := sessionRow(row)
		if errRow != nil {
			return nil, fmt.Errorf("s:%s: %w", core.MaskKey(key), errRow)
		}
		one.Key = key
		x.sessions = append(x.sessions, one)
	}
	return x, err
}

// trail gives the events until the instant, as many as are there: whether one was taken out in
// the middle stays tells.
func (x *instant) trail(ctx context.Context, each func(archive.Line) error) error {
	x.seqs = map[string]int{}
	return numbered(x.counts["events"], func(from int64, part []string) error {
		return x.s.fetch(ctx, part, func(i int, row string) error {
			_, body, _ := strings.Cut(row, "\n")
			e, err := decodeEvent(body, strconv.FormatInt(from+int64(i), 10))
			if err != nil {
				return fmt.Errorf("%s: %w", part[i], err)
			}
			x.seqs[e.Record] = e.Seq
			return each(archive.Line{Event: &e})
		})
	}, func(i int64) string { return "e:" + strconv.FormatInt(i, 10) })
}

// records gives each record as it was at the instant.
func (x *instant) records(ctx context.Context, each func(archive.Line) error) error {
	for part := range slices.Chunk(slices.Sorted(maps.Keys(x.seqs)), page) {
		fields := make([]string, len(part))
		for i, id := range part {
			fields[i] = "r:" + id
		}
		found := 0
		err := x.s.fetch(ctx, fields, func(i int, row string) error {
			found++
			r, _, err := decodeRecord(row)
			if err == nil && r.Seq != x.seqs[part[i]] {
				r, err = x.before(ctx, part[i])
			}
			if err != nil {
				return fmt.Errorf("%s: %w", fields[i], err)
			}
			return each(archive.Line{Record: &r})
		})
		if err == nil && found < len(part) {
			err = fmt.Errorf("%w (%d of %d records)", archive.ErrMoved, found, len(part))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// before is a record as it was at the instant, after which it moved on.
func (x *instant) before(ctx context.Context, id string) (core.Record, error) {
	trail, err := x.s.Trail(ctx, id, 0, x.seqs[id])
	if err == nil && len(trail) < x.seqs[id] {
		err = archive.ErrMoved
	}
	return core.Fold(trail), err
}

// items gives each item as it was at the instant.
func (x *instant) items(ctx context.Context, each func(archive.Line) error) error {
	for from, more := int64(0), true; more && from < x.counts["items"]; {
		var err error
		from, more, err = x.s.rowsAfter(ctx, from, page, func(id, row string) error {
			if n, err := place(id); err != nil || n > x.counts["items"] {
				return err
			}
			if then, is := x.open[id]; is {
				row = then
			}
			it, err := decodeItem(id, row)
			if err != nil {
				return fmt.Errorf("i:%s: %w", id, err)
			}
			return each(archive.Line{Item: &it.Item})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// numbers gives what was reserved by the instant.
func (x *instant) numbers(ctx context.Context, each func(archive.Line) error) error {
	all, err := x.s.reserved(ctx)
	if err != nil {
		return err
	}
	for _, n := range all {
		top, known := x.tops[n.Series]
		if !known { // it was begun meanwhile: whether before the instant is not known
			return fmt.Errorf("%w: a series of numbers was begun", archive.ErrMoved)
		}
		if int64(n.Value) > top {
			continue
		}
		if err := each(archive.Line{Number: &n}); err != nil {
			return err
		}
	}
	return nil
}

// stays fails with archive.ErrMoved where rows that do not change by themselves were taken
// away, brought back or written anew since the instant.
func (x *instant) stays(ctx context.Context) error {
	for _, name := range []string{"archived", "purged"} {
		var now int64
		err := x.s.fetch(ctx, []string{"n:" + name}, func(_ int, row string) error { now = count(row); return nil })
		if err != nil {
			return err
		}
		if now != x.counts[name] {
			return fmt.Errorf("%w: %s", archive.ErrMoved, name)
		}
	}
	for e, err := range desk.Events(ctx, x.s, int(x.counts["events"])) {
		if err != nil {
			return err
		}
		if len(e.Erased) > 0 {
			return fmt.Errorf("%w: events were blacked out", archive.ErrMoved)
		}
	}
	return nil
}

// numbered calls do with the fields of the rows 1 to n, part by part.
func numbered(n int64, do func(from int64, part []string) error, field func(int64) string) error {
	for from := int64(1); from <= n; from += page {
		var part []string
		for i := from; i <= min(n, from+page-1); i++ {
			part = append(part, field(i))
		}
		if err := do(from, part); err != nil {
			return err
		}
	}
	return nil
}

// reserved is what was reserved, by series and value. It has no index: the whole hash is looked
// through for it.
func (s *Store) reserved(ctx context.Context) ([]archive.Number, error) {
	var all []archive.Number
	seen := map[string]bool{} // a scan may give a row twice
	for cursor := uint64(0); ; {
		var rows []string
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			rows, cursor, err = s.db.HScan(ctx, s.keys[0], cursor, "v:*", page).Result()
			return err
		})
		if err != nil {
			return nil, err
		}
		for i := 0; i+1 < len(rows); i += 2 {
			series, record, ok := strings.Cut(strings.TrimPrefix(rows[i], "v:"), "\x00")
			if !ok || seen[rows[i]] { // the highest of a series
				continue
			}
			seen[rows[i]] = true
			value, err := strconv.Atoi(rows[i+1])
			if err != nil {
				return nil, fmt.Errorf("number of %s in %s: %w", record, series, err)
			}
			all = append(all, archive.Number{Series: series, Record: record, Value: value})
		}
		if cursor == 0 {
			break
		}
	}
	slices.SortFunc(all, func(a, b archive.Number) int {
		return cmp.Or(cmp.Compare(a.Series, b.Series), cmp.Compare(a.Value, b.Value))
	})
	return all, nil
}

// within are the bounds of the keys that begin with a prefix.
func within(prefix string) (low, high string) {
	if prefix == "" {
		return "-", "+"
	}
	return "[" + prefix, "(" + prefix + "\xff" // no key of ours has such a byte
}
