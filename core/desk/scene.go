package desk

import (
	"cmp"
	"context"
	"errors"
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
	r, err := d.Ledger.Record(ctx, record)
	if err != nil {
		return core.Scene{}, fmt.Errorf("load %s: %w", record, err)
	}
	viewer, err := d.viewer(ctx, account)
	if err != nil {
		return core.Scene{}, err
	}
	actor, err := d.Actor(ctx, viewer)
	if err != nil {
		return core.Scene{}, err
	}
	now := d.now()
	if !actor.Sees(r, now) && !slices.Contains(r.Told, account) {
		return core.Scene{}, fmt.Errorf("record %s for %s: %w", record, account, ErrNotFound)
	}
	s := core.Scene{
		Record: r, Viewer: viewer, Actor: actor, Now: now, Office: d.Office,
		Duties: core.Duties(r, d.Office.Calendar, d.Office.Targets),
	}
	return d.people(ctx, s)
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

// trailReads bounds how often the trail is read further back for want of acts, and
// farther is how much at a time: what crowded lets one person add in a year.
const (
	trailReads = 16
	farther    = 1000
)

// done is the end of a record's trail as a card may show it: what was done.
// Refused presses and reminders are for auditors, and however many there are, they
// do not push it off the card.
func (d *Desk) done(ctx context.Context, r core.Record) ([]core.Event, error) {
	var out []core.Event
	for to, n := r.Seq, 0; to > 0 && len(out) < trailLength && n < trailReads; n++ {
		from := max(0, to-trailLength)
		if n > 0 {
			from = max(0, to-farther)
		}
		part, err := d.Ledger.Trail(ctx, r.ID, from, to-from)
		if err != nil {
			return nil, fmt.Errorf("trail of %s: %w", r.ID, err)
		}
		part = slices.DeleteFunc(part, func(e core.Event) bool { return e.Refusal != nil || core.Silent([]core.Event{e}) })
		out, to = append(part, out...), from
	}
	return out[max(0, len(out)-trailLength):], nil
}

// people fills in the names that a scene speaks of.
func (d *Desk) people(ctx context.Context, s core.Scene) (core.Scene, error) {
	var err error
	r := s.Record
	if s.Agency, err = d.AgencyName(ctx, r.Agency); err != nil {
		return s, err
	}
	if s.Trail, err = d.done(ctx, r); err != nil {
		return s, err
	}
	if r.Corrected() {
		trail := s.Trail
		if r.Seq > trailLength { // it may not be the whole
			if trail, err = d.Ledger.Trail(ctx, r.ID, 0, 0); err != nil {
				return s, fmt.Errorf("trail of %s: %w", r.ID, err)
			}
		}
		s.Changes = core.Corrections(trail)
	}
	if r.Kind == core.KindRequest {
		p, err := d.Ledger.Record(ctx, core.ProgramID(r.Agency, core.Season(s.Now)))
		if err != nil && !errors.Is(err, ErrNotFound) {
			return s, fmt.Errorf("load programme: %w", err)
		}
		s.Program = p.State
	}
	if s.Requester, err = d.person(ctx, filer(r)); err != nil {
		return s, err
	}
	if s.Executive, err = d.person(ctx, r.Fields[core.FieldExecutive]); err != nil {
		return s, err
	}
	if s.Substitute, err = d.person(ctx, r.Fields[core.FieldSubstitute]); err != nil {
		return s, err
	}
	if len(s.Duties) > 0 {
		people, err := d.owing(ctx, s.Duties[0], r)
		if err != nil {
			return s, err
		}
		for _, p := range people {
			who := asPerson(p)
			if sub, ok := p.Substitution(); ok && sub.Covers(core.DateOf(s.Now)) {
				deputy, err := d.person(ctx, sub.Account)
				if err != nil {
					return s, err
				}
				who.Deputy = deputy.Name
			}
			s.Turn = append(s.Turn, who)
		}
	}
	return d.choices(ctx, s)
}

// owing are the accounts whose duty it is.
func (d *Desk) owing(ctx context.Context, duty core.Duty, r core.Record) ([]core.Record, error) {
	switch {
	case duty.Role == core.RoleRequester:
		return d.requesters(ctx, r)
	case duty.Account != "":
		return d.accounts(ctx, []string{duty.Account})
	default:
		people, err := d.holders(ctx, duty.Role, duty.Agency)
		today := core.DateOf(d.now())
		return slices.DeleteFunc(people, func(p core.Record) bool { return r.Spares(duty, p.ID, deputyOn(p, today)) }), err
	}
}

// deputyOn is who stands in for an account's person on a day; "" for nobody.
func deputyOn(account core.Record, day core.Day) string {
	if sub, ok := account.Substitution(); ok && sub.Covers(day) {
		return sub.Account
	}
	return ""
}

// choices are the persons among whom the viewer may choose, with their work in hand.
func (d *Desk) choices(ctx context.Context, s core.Scene) (core.Scene, error) {
	s.Choices = map[core.Field][]core.Person{}
	for _, row := range core.Allowed(s.Record, s.Actor, s.Now) {
		for _, f := range row.Needs {
			spec := core.Specs[f]
			if spec.Type != core.TypePerson || s.Choices[f] != nil {
				continue
			}
			if f == core.FieldSubstitute {
				people, err := d.Colleagues(ctx, s.Record)
				if err != nil {
					return s, err
				}
				s.Choices[f] = people
				continue
			}
			people, err := d.holders(ctx, spec.Role, s.Record.Agency)
			if err != nil {
				return s, err
			}
			for _, p := range people {
				if p.ID == s.Record.Fields[f] && row.Verb == core.VerbReassign {
					continue // has it already
				}
				who := asPerson(p)
				if who.Open, err = d.Ledger.Count(ctx, core.TermOwes(spec.Role, p.ID)); err != nil {
					return s, fmt.Errorf("workload of %s: %w", p.ID, err)
				}
				s.Choices[f] = append(s.Choices[f], who)
			}
			slices.SortFunc(s.Choices[f], func(a, b core.Person) int { return a.Open - b.Open })
		}
	}
	return s, nil
}

// Agencies are those of the directory, by their keys.
func (d *Desk) Agencies(ctx context.Context) ([]core.Record, error) {
	all, err := d.all(ctx, core.TermKind(core.KindAgency))
	slices.SortFunc(all, func(a, b core.Record) int { return cmp.Compare(a.Agency, b.Agency) })
	return all, err
}

// AgencyName is the name of an agency; its id when it is not in the directory.
func (d *Desk) AgencyName(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	r, err := d.Ledger.Record(ctx, core.AgencyID(id))
	if errors.Is(err, ErrNotFound) {
		return id, nil
	}
	if err != nil {
		return "", fmt.Errorf("load agency %s: %w", id, err)
	}
	return r.Fields[core.FieldName], nil
}

func (d *Desk) person(ctx context.Context, id string) (core.Person, error) {
	if id == "" {
		return core.Person{}, nil
	}
	r, err := d.Ledger.Record(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return core.Person{Account: id}, nil
	}
	if err != nil {
		return core.Person{}, fmt.Errorf("load account %s: %w", id, err)
	}
	return asPerson(r), nil
}

func asPerson(r core.Record) core.Person {
	return core.Person{
		Account: r.ID, Name: r.Fields[core.FieldName], Post: r.Fields[core.FieldPost],
		Phone: r.Fields[core.FieldPhone], Extension: r.Fields[core.FieldExtension],
	}
}

// Colleagues are the other accounts of a person's agency, or of the office,
// that are in use: those who may be named a substitute.
func (d *Desk) Colleagues(ctx context.Context, account core.Record) ([]core.Person, error) {
	terms := []string{core.TermKind(core.KindAccount)}
	if account.Agency != "" {
		terms = []string{core.TermAgency(core.KindAccount, account.Agency)}
	}
	people, err := d.all(ctx, terms...)
	if err != nil {
		return nil, err
	}
	var out []core.Person
	for _, p := range people {
		if p.ID != account.ID && p.Agency == account.Agency && (p.State == core.StateActive || p.State == core.StateGranted) {
			out = append(out, asPerson(p))
		}
	}
	return out, nil
}
