package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// again is a case as it is now, after something that a decision rested upon has
// moved: a role, a substitution or a chat that has ended since decides nothing.
func (d *Desk) again(ctx context.Context, k Case, record string) (Case, error) {
	account := k.Actor.Account
	if k.Actor.Seq == 0 { // SIDEM itself, or whoever imports: no account that could change
		account = ""
	}
	now := Case{known: &core.Known{}}
	found := false
	err := d.fill(ctx, now.known, func() {
		now.Record, _ = now.known.Record(record)
		if account != "" {
			found = now.read(account)
		}
	})
	switch {
	case err != nil:
		return Case{}, err
	case account == "":
		now.Actor = k.Actor
		return now, nil
	case !found:
		return Case{}, fmt.Errorf("load account %s again: %w", account, ErrNotFound)
	}
	if k.Actor.Is(core.RoleSystem) { // what a person does to their own account
		now.Actor.Roles = append(slices.Clone(now.Actor.Roles), core.RoleSystem)
	}
	now.Actor = now.Actor.Through(k.Actor.Via, now.Account)
	return now, nil
}

// named are the accounts that a command names; one that does not exist is left out.
func named(k *core.Known, c core.Command) (out map[core.Field]core.Record) {
	for f, id := range c.Fields {
		if core.Specs[f].Type != core.TypePerson {
			continue
		}
		r, ok := k.Record(id)
		if !ok {
			continue
		}
		if out == nil {
			out = map[core.Field]core.Record{}
		}
		out[f] = r
	}
	return out
}

// administration is another account that administers SIDEM as r does; nil for none.
func administration(k *core.Known, r core.Record) []core.Record {
	others := slices.DeleteFunc(k.Holding(core.RoleAdmin, ""), func(p core.Record) bool { return !r.Replaced(p) })
	return others[:min(1, len(others))]
}

// guards are the accounts that a decision upon record before rests on: whose person
// acts, those for whom they stand in, those whom the command names, on whom it relies, and
// by whose code an opinion is handed over. ErrConflict
// says that before itself is one of them, and has moved since.
func guards(actor core.Actor, c core.Command, before core.Record, now time.Time) ([]Expectation, error) {
	var out []Expectation
	add := func(id string, seq int) {
		if seq > 0 && !slices.ContainsFunc(out, func(e Expectation) bool { return e.Record == id }) {
			out = append(out, Expectation{Record: id, Seq: seq})
		}
	}
	add(actor.Account, actor.Seq)
	for _, p := range actor.Principals {
		if p.Covers(now) {
			add(p.Account, p.Seq)
		}
	}
	for _, r := range c.Named {
		add(r.ID, r.Seq)
	}
	for _, r := range slices.Concat(c.Rests, c.Collectors) {
		add(r.ID, r.Seq)
	}
	i := slices.IndexFunc(out, func(e Expectation) bool { return e.Record == before.ID })
	switch {
	case i < 0:
		return out, nil
	case out[i].Seq != before.Seq:
		return nil, ErrConflict
	}
	return slices.Delete(out, i, i+1), nil
}
