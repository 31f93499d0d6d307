package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// Owed are the records in which the actor has a duty, oldest first, at most limit.
func (d *Desk) Owed(ctx context.Context, actor core.Actor, limit int) ([]core.Record, error) {
	return d.readUpTo(ctx, d.OwedBy(actor), limit)
}

// OwedBy lists the records in which the actor has a duty, its own or a principal's.
func (d *Desk) OwedBy(actor core.Actor) Union {
	return Union{Lists: d.owedTerms(actor), Keep: func(r core.Record) bool {
		_, ok := d.DutyOf(actor, r)
		return ok
	}}
}

// DutyOf is the first duty of r that is the actor's.
func (d *Desk) DutyOf(actor core.Actor, r core.Record) (core.Duty, bool) {
	now := d.now()
	for _, duty := range core.Duties(r, d.Office.Calendar, d.Office.Targets) {
		if actor.Owes(duty, r, now) {
			return duty, true
		}
	}
	return core.Duty{}, false
}

// owedTerms are the lists in which an actor's duties stand: its own, and those
// of the persons for whom it stands in today.
func (d *Desk) owedTerms(a core.Actor) [][]string {
	var out [][]string
	list := func(terms ...string) {
		if !slices.ContainsFunc(out, func(t []string) bool { return slices.Equal(t, terms) }) {
			out = append(out, terms)
		}
	}
	add := func(account, agency string, roles []core.Role) {
		for _, role := range roles {
			switch role {
			case core.RoleExecutive:
				list(core.TermOwes(role, account))
			case core.RoleHead:
				list(core.TermOwes(role, account))
				list(core.TermOwes(role, "")) // any head's
			case core.RoleRequester: // of the requests, the turn of whoever asked
				if a.Lent || account != a.Account { // what a substitute filed stands under the substitute's name
					list(core.TermOwes(role, agency))
					continue
				}
				for _, asker := range append([]string{account}, a.Inherits...) {
					list(core.TermOwes(role, agency), core.TermParty(asker))
				}
				list(core.TermOwes(role, agency), core.TermKind(core.KindProgram))
			default:
				list(core.TermOwes(role, agency))
			}
		}
	}
	add(a.Account, a.Agency, a.Roles)
	out = append(out, []string{core.TermOwes(core.Deputy, a.Account)})
	for _, p := range a.Principals {
		if p.Covers(d.now()) {
			add(p.Account, p.Agency, p.Roles)
		}
	}
	return out
}

// CountOwed is how many records stand on the actor's lists of duties; it is exact
// for who has one role, and no less than the truth for who has several.
func (d *Desk) CountOwed(ctx context.Context, actor core.Actor) (int, error) {
	n := 0
	for _, terms := range d.owedTerms(actor) {
		if len(terms) > 1 { // a part of a list is short, and is read
			records, err := d.all(ctx, terms...)
			if err != nil {
				return 0, err
			}
			n += len(records)
			continue
		}
		m, err := d.Count(ctx, terms[0])
		if err != nil {
			return 0, err
		}
		n += m
	}
	return n, nil
}

// Count is the number of records in the list of one term.
func (d *Desk) Count(ctx context.Context, term string) (int, error) {
	n, err := d.Ledger.Count(ctx, term)
	if err != nil {
		return 0, fmt.Errorf("count %s: %w", term, err)
	}
	return n, nil
}

// MineOf lists the requests that an account filed or was assigned, newest first.
func (d *Desk) MineOf(actor core.Actor) Union {
	return Union{Lists: [][]string{{core.TermParty(actor.Account)}}, Newest: true, Keep: d.seenBy(actor)}
}

// Mine is MineOf with those that were archived among them, the newest maxOnShelf.
func (d *Desk) Mine(ctx context.Context, actor core.Actor) (Union, error) {
	u := d.MineOf(actor)
	s, ok, err := d.shelf(ctx)
	if err == nil && ok {
		u.Shelved, _, err = s.Standing(ctx, []string{core.TermParty(actor.Account)}, maxOnShelf)
	}
	return u, err
}

// Awaited lists what the actor waits for others to do: the open requests of its
// own, and of its agency for a secretary, less what is the actor's turn.
func (d *Desk) Awaited(actor core.Actor) Union {
	u := Union{Lists: [][]string{{core.TermOpen(actor.Account)}}}
	if actor.Is(core.RoleSecretary) && actor.Agency != "" {
		u.Lists = append(u.Lists, []string{core.TermOpenAgency(actor.Agency)})
	}
	sees := d.seenBy(actor)
	u.Keep = func(r core.Record) bool {
		if _, mine := d.DutyOf(actor, r); mine {
			return false
		}
		return r.State != core.StateDraft && sees(r)
	}
	return u
}

func (d *Desk) seenBy(actor core.Actor) func(core.Record) bool {
	now := d.now()
	return func(r core.Record) bool { return actor.Sees(r, now) }
}

// ByNumber is the request with a number as people write it: 147, #147, 147/26,
// 000147/2026. Of a number without a year that two years have it is this year's. The error
// is ErrNotFound when there is none that the actor may see: unknown and foreign look the same.
func (d *Desk) ByNumber(ctx context.Context, actor core.Actor, text string) (core.Record, error) {
	found, err := d.Numbered(ctx, actor, text)
	if err != nil {
		return core.Record{}, err
	}
	return found[0], nil
}

// Numbered are the requests that a number as people write it may mean, the newest first:
// without a year that is this year's, and last year's, which people still speak of in
// January. One that was archived is a record of which Archived holds. The error is
// ErrNotFound where there is none that the actor may see.
func (d *Desk) Numbered(ctx context.Context, actor core.Actor, text string) ([]core.Record, error) {
	now := d.now()
	serial, year, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(text), "#"), "/")
	years := []string{year}
	switch len(year) {
	case 0:
		years = []string{core.Season(now), core.Season(now.AddDate(-1, 0, 0))}
	case 2:
		years[0] = core.Season(now)[:2] + year
	}
	serial = strings.TrimLeft(serial, "0")
	if serial == "" || len(serial) > 6 || strings.Trim(serial+year, "0123456789") != "" {
		return nil, ErrNotFound
	}
	var out []core.Record
	for _, y := range years {
		number := strings.Repeat("0", 6-len(serial)) + serial + "/" + y
		r, err := d.Ledger.Find(ctx, core.UniqueNumber(number))
		if errors.Is(err, ErrNotFound) {
			r, err = d.onShelf(ctx, number)
		}
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", number, err)
		}
		if actor.Sees(r, now) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return nil, ErrNotFound
	}
	return out, nil
}
