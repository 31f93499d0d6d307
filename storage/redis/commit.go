package redis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// Commit takes c durably, or fails with desk.ErrConflict, desk.ErrTaken, a
// *desk.SeenError, or desk.ErrUncertain when the server is lost in the middle. A commit whose parts do not belong together is refused with
// another error: it is a mistake of the program, not of people.
func (s *Store) Commit(ctx context.Context, c desk.Commit) error {
	d, err := newDecision(c)
	if err == nil {
		err = s.commit(ctx, d)
	}
	return wrap(err, "commit %s", c.Record.ID)
}

// commit plans the items on what is seen, and commits, until what was seen still holds.
func (s *Store) commit(ctx context.Context, d *decision) error {
	v := newView()
	for range maxRounds {
		p := newPlan(v)
		p.add(d.owed)
		verdict, err := s.commits.do(ctx, slices.Concat(d.args, p.args(d.now)))
		if err != nil {
			return err
		}
		switch {
		case verdict[0] == "done":
			return nil
		case verdict[0] == "conflict":
			return desk.ErrConflict
		case verdict[0] == "taken" && len(verdict) == 2:
			return fmt.Errorf("%w: %s", desk.ErrTaken, verdict[1])
		case verdict[0] == "seen" && len(verdict) == 3:
			first, err := decodeEvent(verdict[2], verdict[1])
			if err != nil {
				return err
			}
			return &desk.SeenError{First: first}
		case verdict[0] == "alien" && len(verdict) == 2:
			return fmt.Errorf("%w: event %s is none of the record's", desk.ErrNotFound, verdict[1])
		case verdict[0] == "stale":
			if err := v.learn(verdict[1:]); err != nil {
				return err
			}
		default:
			return errReply
		}
	}
	return errRounds
}

// decision is a commit, encoded by its caller so that those who send it need not.
type decision struct {
	args []any // as lua/commit.lua reads them, without the plan
	owed []outbox.Item
	now  time.Time
}

func newDecision(c desk.Commit) (*decision, error) {
	if err := hangsTogether(c); err != nil {
		return nil, err
	}
	f, err := filed(c.Record)
	if err != nil {
		return nil, err
	}
	owed, err := newItems(c.Items, cut(c.Now))
	if err != nil {
		return nil, err
	}
	args := []any{newOp(), c.Once, c.Record.ID, c.Expect, c.Record.Seq, f.body, f.keys, 2 * len(f.terms)}
	for _, t := range f.terms {
		args = append(args, "0", f.place(t, c.Record.ID))
	}
	args = append(args, len(f.unique))
	for _, u := range f.unique {
		args = append(args, u)
	}
	args = append(args, 2*len(c.Guards))
	for _, g := range c.Guards {
		args = append(args, g.Record, g.Seq)
	}
	args = append(args, 2*len(c.Events))
	for _, e := range c.Events {
		by := ""
		if standsApart(e) {
			by = e.By
		}
		if strings.ContainsAny(by, "\x00\x01") {
			return nil, fmt.Errorf("the account %q holds a control character", by)
		}
		e.Index = 0 // it is the field's
		b, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		args = append(args, by, b)
	}
	args = append(args, 3*len(c.Blacked))
	for _, e := range c.Blacked {
		index := strconv.Itoa(e.Index)
		e.Index = 0
		b, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		args = append(args, index, e.Seq, b)
	}
	return &decision{args: args, owed: owed, now: c.Now}, nil
}

// filing is a record with the index under which it is filed (lua/commit.lua).
type filing struct {
	body          []byte
	unique, terms []string
	rank, keys    string
}

func filed(r core.Record) (f filing, err error) {
	if f.body, err = json.Marshal(r); err != nil {
		return f, err
	}
	ix := r.Index()
	f.unique, f.terms, f.rank = distinct(ix.Unique), distinct(ix.Terms), rank(ix.Rank)
	for _, t := range slices.Concat(f.unique, f.terms) {
		if strings.ContainsAny(t, "\x00\x01") {
			return f, fmt.Errorf("the key %q holds a control character", t)
		}
	}
	f.keys = f.rank + "\x01" + strings.Join(f.unique, "\x01") + "\x00" + strings.Join(f.terms, "\x01")
	return f, nil
}

// row is that of record r, whose events have the indices of trail (lua/common.lua).
func (f filing) row(r core.Record, trail string) string {
	return fmt.Sprintf("%d %d %s\n%s%s", r.Seq, len(f.keys), trail, f.keys, f.body)
}

// place is where the record stands in the list of a term.
func (f filing) place(term, record string) string { return term + "\x00" + f.rank + record }

// hangsTogether refuses a commit that would tear the trail.
func hangsTogether(c desk.Commit) error {
	if c.Refiles() {
		return nil
	}
	if c.Record.ID == "" || len(c.Events) == 0 {
		return errors.New("a commit needs a record and an event")
	}
	for i, e := range c.Events {
		if e.Record != c.Record.ID || e.Seq != c.Expect+1+i {
			return fmt.Errorf("event %d of %s follows nothing: %s was expected at %d", e.Seq, e.Record, c.Record.ID, c.Expect+1+i)
		}
	}
	for _, e := range c.Blacked {
		if e.Record != c.Record.ID || e.Seq > c.Expect || e.Index < 1 {
			return fmt.Errorf("event %d of %s is not one that %s had", e.Seq, e.Record, c.Record.ID)
		}
	}
	last := c.Events[len(c.Events)-1]
	if c.Record.Seq != last.Seq || c.Record.Head != last.Hash {
		return fmt.Errorf("the record stands at %d, its last event is %d", c.Record.Seq, last.Seq)
	}
	return nil
}

// distinct is s sorted, each once.
func distinct(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return slices.Compact(s)
}
