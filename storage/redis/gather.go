package redis

import (
	"context"
	"strconv"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// gatherPage is the length of a list that Gather reads.
const gatherPage = 200

// Gather reads many records in one step.
func (s *Store) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	args := make([]any, 0, len(w.IDs)+len(w.Uniques)+len(w.Terms)+3)
	add := func(texts []string) {
		for _, t := range texts {
			args = append(args, t)
		}
	}
	args = append(args, len(w.IDs))
	add(w.IDs)
	args = append(args, len(w.Uniques))
	add(w.Uniques)
	args = append(args, gatherPage)
	add(w.Terms)
	out, err := s.texts(ctx, gatherScript, s.keys, args...)
	if err != nil {
		return desk.Gathered{}, wrap(err, "gather %v", w)
	}
	answer := gathering{rows: out}
	g := desk.Gathered{Records: map[string]core.Record{}, Holders: map[string]core.Record{}, Lists: map[string]desk.Page{}}
	for _, id := range w.IDs {
		answer.record(func(r core.Record) { g.Records[id] = r })
	}
	for _, unique := range w.Uniques {
		answer.record(func(r core.Record) { g.Holders[unique] = r })
	}
	for _, term := range w.Terms {
		g.Lists[term] = answer.page()
	}
	if answer.err != nil {
		return desk.Gathered{}, wrap(answer.err, "gather %v", w)
	}
	return g, nil
}

// gathering is the answer of lua/gather.lua, read from its beginning; the first error stays.
type gathering struct {
	rows []string
	err  error
}

func (g *gathering) next() string {
	if len(g.rows) == 0 {
		if g.err == nil {
			g.err = errReply
		}
		return ""
	}
	row := g.rows[0]
	g.rows = g.rows[1:]
	return row
}

// record hands the record of the next row to keep, if there is one.
func (g *gathering) record(keep func(core.Record)) {
	row := g.next()
	if row == "" || g.err != nil {
		return
	}
	r, _, err := decodeRecord(row)
	if err != nil {
		g.err = err
		return
	}
	keep(r)
}

// page reads the list of one term.
func (g *gathering) page() (page desk.Page) {
	more, last := g.next(), g.next()
	n, err := strconv.Atoi(g.next())
	if g.err == nil {
		g.err = err
	}
	for range n {
		g.record(func(r core.Record) { page.Records = append(page.Records, r) })
	}
	if more == "1" {
		page.Next = "at:" + last
	}
	return page
}
