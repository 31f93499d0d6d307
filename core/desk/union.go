package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/shelf"
)

// Union is several lists read as one: each record once, in the order of entry
// (oldest first, unless Newest).
type Union struct {
	Lists  [][]string // the terms of each list
	Newest bool
	// Known are records that were found by other means, and are read among the others.
	Known []core.Record
	// Shelved are lines of requests that were archived, read among the others: as records, of
	// which Archived holds. One that came back is read once, as it is in the store.
	Shelved []*shelf.Line
	// Keep leaves out what it refuses; nil keeps all.
	Keep func(core.Record) bool
}

// Place is where a part of a Union begins: the zero Place is the beginning. It
// holds for as long as the lists of the Union are the same ones.
type Place struct {
	// Cursors are those of each list, from which all that follows can be read.
	Cursors []string `json:"c,omitempty"`
	// Rank and ID are of the last record that was read.
	Rank int64  `json:"r,omitempty"`
	ID   string `json:"i,omitempty"`
}

// Part is a part of a Union. Next is where the one after begins, if there is More.
type Part struct {
	Records []core.Record
	Next    Place
	More    bool
}

// maxRead bounds how many records a part looks at, those that Keep refuses included.
const maxRead = 600

// Read is the part of u from a place on, at most limit records long. It may be
// shorter although there is more, when Keep refused a great many.
func (d *Desk) Read(ctx context.Context, u Union, from Place, limit int) (Part, error) {
	rd := reader{desk: d, Union: u, last: from, size: limit + 1}
	for i, terms := range u.Lists {
		s := stream{terms: terms}
		if i < len(from.Cursors) {
			s.after = from.Cursors[i]
		}
		rd.streams = append(rd.streams, s)
	}
	if len(u.Known) > 0 {
		known := stream{page: slices.Clone(u.Known), read: true, done: true}
		slices.SortFunc(known.page, func(a, b core.Record) int {
			if rd.before(a, b) {
				return -1
			}
			return 1
		})
		rd.streams = append(rd.streams, known)
	}
	if len(u.Shelved) > 0 {
		lines := slices.SortedFunc(slices.Values(u.Shelved), func(a, b *shelf.Line) int { return cmp.Or(cmp.Compare(a.Closed, b.Closed), cmp.Compare(a.ID, b.ID)) })
		if u.Newest {
			slices.Reverse(lines)
		}
		rd.streams = append(rd.streams, stream{lines: lines, read: true, done: true})
	}
	var out Part
	for range maxRead {
		r, ok, err := rd.next(ctx)
		if err != nil {
			return Part{}, err
		}
		if !ok {
			out.More = false
			return out, nil
		}
		if u.Keep != nil && !u.Keep(r) {
			continue
		}
		if len(out.Records) == limit {
			out.More = true
			return out, nil
		}
		out.Records = append(out.Records, r)
		out.Next = rd.place()
	}
	out.Next, out.More = rd.place(), true
	return out, nil
}

// readUpTo is u from its beginning, at most limit records long, however many its Keep refuses.
func (d *Desk) readUpTo(ctx context.Context, u Union, limit int) ([]core.Record, error) {
	var out []core.Record
	for part := (Part{More: true}); part.More && len(out) < limit; {
		var err error
		if part, err = d.Read(ctx, u, part.Next, limit-len(out)); err != nil {
			return nil, err
		}
		out = append(out, part.Records...)
	}
	return out, nil
}

// reader merges the lists of a Union.
type reader struct {
	Union
	desk    *Desk
	streams []stream
	last    Place
	size    int
}

// stream is one list: after is the cursor of the page in hand.
type stream struct {
	terms       []string
	after, next string
	page        []core.Record
	lines       []*shelf.Line // of the shelf, made a page one by one
	read, done  bool
}

// place is the place after the record that was read last.
func (rd *reader) place() Place {
	p := Place{Rank: rd.last.Rank, ID: rd.last.ID}
	for _, s := range rd.streams {
		p.Cursors = append(p.Cursors, s.after)
	}
	return p
}

// next is the record that follows in any of the lists.
func (rd *reader) next(ctx context.Context) (core.Record, bool, error) {
	best := -1
	for i := range rd.streams {
		ok, err := rd.fill(ctx, &rd.streams[i])
		if err != nil {
			return core.Record{}, false, err
		}
		if ok && (best < 0 || rd.before(rd.streams[i].page[0], rd.streams[best].page[0])) {
			best = i
		}
	}
	if best < 0 {
		return core.Record{}, false, nil
	}
	r := rd.streams[best].page[0]
	rd.last.Rank, rd.last.ID = rank(r), r.ID
	return r, true, nil
}

// fill sees to it that a stream has a record after the last one; false at its end.
func (rd *reader) fill(ctx context.Context, s *stream) (bool, error) {
	for {
		for len(s.page) > 0 && !rd.follows(rank(s.page[0]), s.page[0].ID) {
			s.page = s.page[1:]
		}
		for len(s.page) == 0 && len(s.lines) > 0 {
			if l := s.lines[0]; rd.follows(l.Closed, l.ID) {
				s.page = []core.Record{l.Record()}
			}
			s.lines = s.lines[1:]
		}
		if len(s.page) > 0 {
			return true, nil
		}
		if s.done {
			return false, nil
		}
		if s.read {
			s.after = s.next
		}
		page, err := rd.desk.Ledger.List(ctx, Query{Terms: s.terms, After: s.after, Limit: rd.size, Newest: rd.Newest})
		if err != nil {
			return false, fmt.Errorf("list %s: %w", strings.Join(s.terms, "+"), err)
		}
		s.read, s.page, s.next, s.done = true, page.Records, page.Next, page.Next == ""
	}
}

// follows reports whether a record of a rank comes after the last one that was read: one that
// stands in several lists is read once.
func (rd *reader) follows(a int64, id string) bool {
	if rd.last.ID == "" {
		return true
	}
	b := rd.last.Rank
	if a == b {
		return (id > rd.last.ID) != rd.Newest && id != rd.last.ID
	}
	return (a > b) != rd.Newest
}

func (rd *reader) before(a, b core.Record) bool {
	x, y := rank(a), rank(b)
	if x == y {
		return a.ID != b.ID && (a.ID < b.ID) != rd.Newest // of two that are one, the first list's
	}
	return (x < y) != rd.Newest
}

// rank is core.Index.Rank without the rest of the index.
func rank(r core.Record) int64 { return r.Since.UnixMilli() }
