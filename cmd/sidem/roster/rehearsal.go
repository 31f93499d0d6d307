package roster

import (
	"context"
	"errors"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// rehearsal is a ledger on which everything is decided as it would be, and nothing of it
// is kept: what is committed stands before the ledger behind it for as long as it is there.
type rehearsal struct {
	desk.Ledger
	made  map[string]core.Record // as they would be, by id
	trail map[string][]core.Event
	was   map[string]core.Record // as they are; the zero Record for what is new
}

func rehearse(behind desk.Ledger) *rehearsal {
	return &rehearsal{Ledger: behind, made: map[string]core.Record{}, trail: map[string][]core.Event{}, was: map[string]core.Record{}}
}

// errNoNumbers says that a rehearsal burns no numbers: what a file brings has none.
var errNoNumbers = errors.New("a rehearsal gives no numbers")

// Reserve gives none.
func (*rehearsal) Reserve(context.Context, string, string) (int, error) { return 0, errNoNumbers }

// Commit takes it, with what is judged of a real one for accounts and agencies.
func (l *rehearsal) Commit(ctx context.Context, c desk.Commit) error {
	for _, key := range c.Record.Index().Unique {
		if holder, err := l.Find(ctx, key); err == nil && holder.ID != c.Record.ID {
			return desk.ErrTaken
		} else if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
	}
	if _, again := l.made[c.Record.ID]; !again {
		before, err := l.Ledger.Record(ctx, c.Record.ID)
		if err != nil && !errors.Is(err, desk.ErrNotFound) {
			return err
		}
		l.was[c.Record.ID] = before
	}
	l.made[c.Record.ID] = c.Record
	l.trail[c.Record.ID] = append(l.trail[c.Record.ID], c.Events...)
	return nil
}

// Record is as it would be.
func (l *rehearsal) Record(ctx context.Context, id string) (core.Record, error) {
	if r, ok := l.made[id]; ok {
		return r, nil
	}
	return l.Ledger.Record(ctx, id)
}

// Find is as it would be.
func (l *rehearsal) Find(ctx context.Context, unique string) (core.Record, error) {
	for _, r := range l.made {
		if slices.Contains(r.Index().Unique, unique) {
			return r, nil
		}
	}
	r, err := l.Ledger.Find(ctx, unique)
	if _, changed := l.made[r.ID]; err == nil && changed {
		return core.Record{}, desk.ErrNotFound // it would hold that no more
	}
	return r, err
}

// Trail is as it would be.
func (l *rehearsal) Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error) {
	events, err := l.Ledger.Trail(ctx, record, after, limit)
	if errors.Is(err, desk.ErrNotFound) {
		err = nil
	}
	for _, e := range l.trail[record] {
		if e.Seq > after && (limit == 0 || len(events) < limit) {
			events = append(events, e)
		}
	}
	return events, err
}

// Applied are as they would be.
func (l *rehearsal) Applied(ctx context.Context, record string, limit int) ([]core.Event, error) {
	events, err := l.Ledger.Applied(ctx, record, limit)
	if errors.Is(err, desk.ErrNotFound) {
		err = nil
	}
	for _, e := range l.trail[record] {
		if e.Refusal == nil {
			events = append(events, e)
		}
	}
	if limit > 0 && len(events) > limit {
		events = events[len(events)-limit:]
	}
	return events, err
}

// Refused are those that are: a rehearsal ends with what it refuses.
func (l *rehearsal) Refused(ctx context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	events, err := l.Ledger.Refused(ctx, record, by, since, limit)
	if errors.Is(err, desk.ErrNotFound) {
		err = nil
	}
	return events, err
}

// List is as it would be; what is new in a list stands at its end.
func (l *rehearsal) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	page, err := l.Ledger.List(ctx, q)
	if err == nil {
		page = l.as(page, q.Terms)
	}
	return page, err
}

// Gather is as it would be.
func (l *rehearsal) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	g, err := l.Ledger.Gather(ctx, w)
	if err != nil {
		return g, err
	}
	out := desk.Gathered{Records: map[string]core.Record{}, Holders: map[string]core.Record{}, Lists: map[string]desk.Page{}}
	for _, id := range w.IDs {
		if r, ok := l.made[id]; ok {
			out.Records[id] = r
		} else if r, ok := g.Records[id]; ok {
			out.Records[id] = r
		}
	}
	for _, key := range w.Uniques {
		switch r, err := l.Find(ctx, key); {
		case err == nil:
			out.Holders[key] = r
		case !errors.Is(err, desk.ErrNotFound):
			return g, err
		}
	}
	for _, term := range w.Terms {
		out.Lists[term] = l.as(g.Lists[term], []string{term})
	}
	return out, nil
}

// as is a page of the records that stand in all the lists of terms, as it would be.
func (l *rehearsal) as(page desk.Page, terms []string) desk.Page {
	stands := func(r core.Record) bool {
		all := r.Index().Terms
		return !slices.ContainsFunc(terms, func(t string) bool { return !slices.Contains(all, t) })
	}
	var out []core.Record
	for _, r := range page.Records {
		if now, changed := l.made[r.ID]; changed {
			r = now
		}
		if stands(r) {
			out = append(out, r)
		}
	}
	if page.Next == "" {
		for id, r := range l.made {
			if was := l.was[id]; stands(r) && (was.ID == "" || !stands(was)) {
				out = append(out, r)
			}
		}
	}
	page.Records = out
	return page
}
