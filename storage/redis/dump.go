package redis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"sidem/storage/archive"
)

var _ archive.Source = (*Store)(nil)

// Dump gives all that the store keeps at one instant. Redis holds no instant fast
// for a reader of many pages, so everything is read twice: what was the same both times
// is how it stood between the two, since a row that is written names a new
// revision or operation. Otherwise it fails with archive.ErrMoved. Gates of
// throttles and marks of operations are of the moment, and stay behind.
func (s *Store) Dump(ctx context.Context, each func(archive.Line) error) error {
	first := &pass{s: s, hash: sha256.New(), each: each}
	second := &pass{s: s, hash: sha256.New()}
	for _, p := range []*pass{first, second} {
		if err := p.all(ctx); err != nil {
			return wrap(err, "dump")
		}
	}
	if !slices.Equal(first.hash.Sum(nil), second.hash.Sum(nil)) {
		return wrap(archive.ErrMoved, "dump")
	}
	return nil
}

// pass goes once over all rows, in an order that depends on nothing but them.
type pass struct {
	s    *Store
	hash hash.Hash
	each func(archive.Line) error // nil: nobody listens
}

func (p *pass) all(ctx context.Context) error {
	events, err := p.s.lastIndex(ctx)
	if err != nil {
		return err
	}
	records, err := p.events(ctx, int64(events))
	if err != nil {
		return err
	}
	if err := p.records(ctx, records); err != nil {
		return err
	}
	if err := p.items(ctx); err != nil {
		return err
	}
	if err := p.numbers(ctx); err != nil {
		return err
	}
	return p.sessions(ctx)
}

// rows reads rows that must be there, has each of them hashed, and told as line makes it.
func (p *pass) rows(ctx context.Context, fields []string, line func(i int, row string) (archive.Line, error)) error {
	found := 0
	err := p.s.fetch(ctx, fields, func(i int, row string) error {
		found++
		return p.row(fields[i], row, func(row string) (archive.Line, error) { return line(i, row) })
	})
	if err == nil && found < len(fields) {
		err = fmt.Errorf("%w (%d of %d rows)", archive.ErrMoved, found, len(fields))
	}
	return err
}

// row has one row hashed, and told as line makes it.
func (p *pass) row(field, row string, line func(row string) (archive.Line, error)) error {
	// A length before each part, so that no two sequences hash alike.
	_, _ = fmt.Fprintf(p.hash, "%d %s %d %s\n", len(field), field, len(row), row) // a hash takes all
	l, err := line(row)
	if err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	if p.each == nil {
		return nil
	}
	return p.each(l)
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

// events gives the trail, and returns the records that it is of, in order. What was archived
// is not there.
func (p *pass) events(ctx context.Context, n int64) ([]string, error) {
	records := map[string]bool{}
	err := numbered(n, func(from int64, part []string) error {
		return p.s.fetch(ctx, part, func(i int, row string) error {
			return p.row(part[i], row, func(row string) (archive.Line, error) {
				_, body, _ := strings.Cut(row, "\n")
				e, err := decodeEvent(body, strconv.FormatInt(from+int64(i), 10))
				records[e.Record] = true
				return archive.Line{Event: &e}, err
			})
		})
	}, func(i int64) string { return "e:" + strconv.FormatInt(i, 10) })
	return slices.Sorted(maps.Keys(records)), err
}

func (p *pass) records(ctx context.Context, ids []string) error {
	for part := range slices.Chunk(ids, page) {
		fields := make([]string, len(part))
		for i, id := range part {
			fields[i] = "r:" + id
		}
		err := p.rows(ctx, fields, func(_ int, row string) (archive.Line, error) {
			rec, _, err := decodeRecord(row)
			return archive.Line{Record: &rec}, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) items(ctx context.Context) error {
	for from, more := int64(0), true; more; {
		var err error
		from, more, err = p.s.rowsAfter(ctx, from, page, func(id, row string) error {
			return p.row("i:"+id, row, func(row string) (archive.Line, error) {
				it, err := decodeItem(id, row)
				return archive.Line{Item: &it.Item}, err
			})
		})
		if err != nil {
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

func (p *pass) numbers(ctx context.Context) error {
	all, err := p.s.reserved(ctx)
	if err != nil {
		return err
	}
	for _, n := range all {
		_, _ = fmt.Fprintf(p.hash, "%q %q %d\n", n.Series, n.Record, n.Value) // a hash takes all
		if p.each == nil {
			continue
		}
		if err := p.each(archive.Line{Number: &n}); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) sessions(ctx context.Context) error {
	low, high := within("")
	for {
		var keys []string
		err := p.s.retry(ctx, func(ctx context.Context) (err error) {
			keys, err = p.s.db.ZRangeArgs(ctx, redis.ZRangeArgs{Key: p.s.sessions[1], Start: low, Stop: high, ByLex: true, Count: page}).Result()
			return err
		})
		if err != nil || len(keys) == 0 {
			return err
		}
		low = "(" + keys[len(keys)-1]
		fields := make([]string, len(keys))
		for i, k := range keys {
			fields[i] = "s:" + k
		}
		err = p.rows(ctx, fields, func(i int, row string) (archive.Line, error) {
			one, err := sessionRow(row)
			one.Key = keys[i]
			return archive.Line{Session: &one}, err
		})
		if err != nil {
			return err
		}
	}
}

// within are the bounds of the keys that begin with a prefix.
func within(prefix string) (low, high string) {
	if prefix == "" {
		return "-", "+"
	}
	return "[" + prefix, "(" + prefix + "\xff" // no key of ours has such a byte
}
