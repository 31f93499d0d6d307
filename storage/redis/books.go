package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

var _ desk.Books = (*Store)(nil)

// Entries gives each index entry. The rows are scanned, the lists are walked: what
// nobody changes meanwhile is given as it stands.
func (s *Store) Entries(ctx context.Context, each func(core.IndexEntry) error) error {
	err := s.scan(ctx, func(field, row string) error { return rowEntries(field, row, each) })
	if err == nil {
		err = s.walk(ctx, s.keys[1], func(place string) error { return each(termEntry(place)) })
	}
	if err == nil {
		err = s.walk(ctx, s.refused, func(place string) error {
			record, by, index := parseRefused(place)
			if by != "" { // the other place of the same press
				return nil
			}
			return each(core.IndexEntry{Family: core.EntryEvent, Record: record, N: int64(index)})
		})
	}
	return wrap(err, "entries")
}

// scan calls each with every row, by its field. One may come twice.
func (s *Store) scan(ctx context.Context, each func(field, row string) error) error {
	for cursor := uint64(0); ; {
		var rows []string
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			rows, cursor, err = s.db.HScan(ctx, s.keys[0], cursor, "*", page).Result()
			return err
		})
		if err != nil {
			return err
		}
		for pair := range slices.Chunk(rows, 2) {
			if err := each(pair[0], pair[1]); err != nil {
				return err
			}
		}
		if cursor == 0 {
			return nil
		}
	}
}

// walk calls each with every member of a sorted set whose scores are all 0.
func (s *Store) walk(ctx context.Context, key string, each func(member string) error) error {
	for low := "-"; ; {
		var members []string
		err := s.retry(ctx, func(ctx context.Context) (err error) {
			members, err = s.db.ZRangeArgs(ctx, redis.ZRangeArgs{Key: key, Start: low, Stop: "+", ByLex: true, Count: page}).Result()
			return err
		})
		if err != nil || len(members) == 0 {
			return err
		}
		next := "(" + members[len(members)-1]
		if low != "-" && next <= low {
			return fmt.Errorf("%w: %s is out of order", desk.ErrDamaged, key)
		}
		low = next
		for _, m := range members {
			if err := each(m); err != nil {
				return err
			}
		}
	}
}

// rowEntries are the entries that a row holds.
func rowEntries(field, row string, each func(core.IndexEntry) error) error {
	kind, name, _ := strings.Cut(field, ":")
	switch kind {
	case "r":
		if err := each(core.IndexEntry{Family: core.EntryRecord, Record: name}); err != nil {
			return err
		}
		_, trail, err := decodeRecord(row)
		if err != nil {
			return nil //nolint:nilerr // Inspect tells; what it should have is absent
		}
		for _, index := range trail {
			if err := each(core.IndexEntry{Family: core.EntryEvent, Record: name, N: count(index)}); err != nil {
				return err
			}
		}
	case "u":
		return each(core.IndexEntry{Family: core.EntryUnique, Key: name, Record: row})
	case "o":
		return each(core.IndexEntry{Family: core.EntryPress, Key: name, N: count(row)})
	case "v":
		if series, record, ok := strings.Cut(name, "\x00"); ok {
			return each(core.IndexEntry{Family: core.EntryNumber, Key: series, Record: record, N: count(row)})
		}
	}
	return nil
}

// count is a number of ours; -1 for what is none.
func count(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return -1
	}
	return n
}

// termEntry reads a place in the lists: <term>\0<rank><record>.
func termEntry(place string) core.IndexEntry {
	term, rest, _ := strings.Cut(place, "\x00")
	e := core.IndexEntry{Family: core.EntryTerm, Key: term, N: -1 << 62}
	digits := rest[:min(len(rest), rankDigits)]
	e.Record = rest[len(digits):]
	if n, ok := parseRank(digits); ok {
		e.N = n
	}
	return e
}
