package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// gatherPage is the length of a list that Gather reads.
const gatherPage = 200

// gatherMany reads records by id and by unique key (?1, ?2, JSON arrays), and gatherList
// those of one list. A Gather is one statement of all of them, and so of one moment; of
// a list one record more than a page tells whether it goes on.
const (
	gatherMany = `SELECT 0, r.id, r.body, 0, '' FROM json_each(?1) q CROSS JOIN records r ON r.id = q.value
UNION ALL SELECT 1, u.key, r.body, 0, '' FROM json_each(?2) q CROSS JOIN uniques u ON u.key = q.value CROSS JOIN records r ON r.id = u.record`
	gatherList = `
UNION ALL SELECT * FROM (SELECT 2, t.term, r.body, t.rank, t.record FROM terms t CROSS JOIN records r ON r.id = t.record
WHERE t.term = ? ORDER BY t.rank, t.record LIMIT 201)`
)

// Gather reads many records in one step.
func (s *Store) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	out := desk.Gathered{Records: map[string]core.Record{}, Holders: map[string]core.Record{}, Lists: map[string]desk.Page{}}
	terms := slices.Compact(slices.Sorted(slices.Values(w.Terms)))
	args := []any{list(w.IDs), list(w.Uniques)}
	for _, t := range terms {
		args = append(args, t)
	}
	last := map[string]place{} // by term
	err := s.read.rows(ctx, gatherMany+strings.Repeat(gatherList, len(terms)), args, func(rows *sql.Rows) error {
		var (
			part int
			key  string
			body []byte
			at   place
			r    core.Record
		)
		if err := rows.Scan(&part, &key, &body, &at.rank, &at.record); err != nil {
			return err
		}
		if err := decode(body, &r); err != nil {
			return fmt.Errorf("record %s: %w", key, err)
		}
		switch page := out.Lists[key]; {
		case part == 0:
			out.Records[key] = r
		case part == 1:
			out.Holders[key] = r
		case len(page.Records) == gatherPage:
			page.Next = last[key].String()
			out.Lists[key] = page
		default:
			page.Records = append(page.Records, r)
			out.Lists[key], last[key] = page, at
		}
		return nil
	})
	if err != nil {
		return desk.Gathered{}, fmt.Errorf("sqlite: gather %v: %w", w, err)
	}
	return out, nil
}
