package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sidem/core"
)

// trailLength is how much of the trail a card may show.
const trailLength = 200

// Scene is all that a card or a mail says of a record to one account, as of
// now. The error is ErrNotFound when there is no such record or account, when the
// account is not in use, or when it may not see the record: they look the same.
func (d *Desk) Scene(ctx context.Context, record, account string) (core.Scene, error) {
	c := Case{known: &core.Known{}}
	err := d.fill(ctx, c.known, func() {
		c.Record, _ = c.known.Record(record)
		c.Account, _ = c.known.Record(account)
		c.Actor = c.known.Actor(c.Account)
	})
	if err != nil {
		return core.Scene{}, err
	}
	if !c.Account.InUse() || !d.Sees(c) {
		return core.Scene{}, fmt.Errorf("record %s for %s: %w", record, account, ErrNotFound)
	}
	return d.scene(ctx, c)
}

// scene is the whole scene of a case.
func (d *Desk) scene(ctx context.Context, c Case) (core.Scene, error) {
	s, err := d.Outline(ctx, c)
	if err != nil {
		return s, err
	}
	r := c.Record
	if s.Trail, err = d.done(ctx, r); err != nil {
		return s, err
	}
	if !r.Corrected() {
		return s, nil
	}
	trail := s.Trail
	if r.Seq > trailLength { // it may not be the whole
		if trail, err = d.Ledger.Applied(ctx, r.ID, 0); err != nil {
			return s, fmt.Errorf("trail of %s: %w", r.ID, err)
		}
	}
	s.Changes = core.Corrections(trail)
	return s, nil
}

// viewer is an account to which something may be shown or sent; ErrNotFound for one
// that is not in use: who is suspended is shown and sent nothing.
func (d *Desk) viewer(ctx context.Context, account string) (core.Record, error) {
	r, err := d.Ledger.Record(ctx, account)
	if err == nil && !r.InUse() {
		err = ErrNotFound
	}
	if err != nil {
		return core.Record{}, fmt.Errorf("load account %s: %w", account, err)
	}
	return r, nil
}

// trailReads bounds how often more of what was applied is asked for, each time four
// times as much, for want of acts among reminders.
const trailReads = 5

// done is the end of a record's trail as a card may show it: what was done.
// Refused presses and reminders are for auditors, and however many there are, they
// do not push it off the card.
func (d *Desk) done(ctx context.Context, r core.Record) ([]core.Event, error) {
	for n, limit := 1, trailLength; ; n, limit = n+1, 4*limit {
		part, err := d.Ledger.Applied(ctx, r.ID, limit)
		if err != nil {
			return nil, fmt.Errorf("trail of %s: %w", r.ID, err)
		}
		whole := len(part) < limit
		out := slices.DeleteFunc(part, func(e core.Event) bool { return core.Silent([]core.Event{e}) })
		if len(out) >= trailLength || whole || n == trailReads {
			return out[max(0, len(out)-trailLength):], nil
		}
	}
}

// owing are the accounts whose duty it is.
func (d *Desk) owing(ctx context.Context, duty core.Duty, r core.Record) (out []core.Record, err error) {
	var k core.Known
	today := core.DateOf(d.now())
	err = d.fill(ctx, &k, func() { out = k.Owing(duty, r, today) })
	return out, err
}

// Agencies are those of the directory, by their keys.
func (d *Desk) Agencies(ctx context.Context) ([]core.Record, error) {
	all, err := d.all(ctx, core.TermKind(core.KindAgency))
	slices.SortFunc(all, func(a, b core.Record) int { return cmp.Compare(a.Agency, b.Agency) })
	return all, err
}

// AgencyName is the name of an agency; its id when it is not in the directory.
func (d *Desk) AgencyName(ctx context.Context, id string) (name string, err error) {
	var k core.Known
	err = d.fill(ctx, &k, func() { name = k.AgencyName(id) })
	return name, err
}

// Colleagues are the other accounts of a person's agency, or of the office,
// that are in use: those who may be named a substitute.
func (d *Desk) Colleagues(ctx context.Context, account core.Record) (out []core.Person, err error) {
	var k core.Known
	err = d.fill(ctx, &k, func() { out = k.Colleagues(account) })
	return out, err
}
