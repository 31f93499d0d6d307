package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"sidem.gob.mx/sidem/core"
)

// trailLength is how much of the trail a card may show.
const trailLength = 200

// Scene is all that a card or a mail says of a record to one account, as of
// now. The error is ErrNotFound when there is no such record or account, when the
// account is not in use, or when it may not see the record: they look the same,
// but for the kind of a record that there is.
// What several ask of a record while it is being read is read together (asking).
func (d *Desk) Scene(ctx context.Context, record, account string) (core.Scene, error) {
	return d.asked.scene(record, account, func(asks []*ask) { d.scenes(context.WithoutCancel(ctx), record, asks) })
}

// scenes answers all who ask for scenes of one record.
func (d *Desk) scenes(ctx context.Context, record string, asks []*ask) {
	var k core.Known
	var r core.Record
	now, seen := d.now(), false
	err := d.fill(ctx, &k, func() {
		seen = false
		r, _ = k.Record(record)
		for _, a := range asks {
			c := Case{Record: r, known: &k}
			c.read(a.account)
			if a.sees = c.Account.InUse() && d.Sees(c); a.sees {
				a.scene, seen = core.SceneOf(r, c.Account, c.Actor, &k, d.Office, now), true
			}
		}
	})
	var trail []core.Event
	var changes []core.Change
	var usual core.Usual
	if err == nil && seen {
		trail, changes, err = d.story(ctx, r)
	}
	var named []core.Person
	if err == nil && seen {
		err = d.fill(ctx, &k, func() { named = k.NamedIn(trail) })
	}
	if err == nil && seen {
		usual, err = d.usually(ctx, r)
	}
	for i := range asks {
		if people := asks[i].scene.Choices[core.FieldExecutive]; err == nil && len(people) > 0 {
			err = d.withFree(ctx, people)
		}
	}
	for _, a := range asks {
		a.err = err
		if err == nil && !a.sees {
			a.scene = core.Scene{Record: core.Record{Kind: r.Kind}}
			a.err = fmt.Errorf("record %s for %s: %w", record, a.account, ErrNotFound)
		}
		a.scene.Trail, a.scene.Named, a.scene.Changes, a.scene.Usual = slices.Clone(trail), named, changes, usual
	}
}

// story is what was done on a record, and what a correction of it changed.
func (d *Desk) story(ctx context.Context, r core.Record) ([]core.Event, []core.Change, error) {
	trail, err := d.done(ctx, r)
	if err != nil || !r.Corrected() {
		return trail, nil, err
	}
	whole := trail
	if r.Seq > trailLength { // it may not be the whole
		if whole, err = d.Ledger.Applied(ctx, r.ID, 0); err != nil {
			return nil, nil, fmt.Errorf("trail of %s: %w", r.ID, err)
		}
	}
	return trail, core.Corrections(whole), nil
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
