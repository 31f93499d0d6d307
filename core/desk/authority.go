package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem/core"
)

// again is the actor as it is now, after something that a decision rested upon has
// moved: a role, a substitution or a chat that has ended since decides nothing.
func (d *Desk) again(ctx context.Context, actor core.Actor) (core.Actor, error) {
	if actor.Seq == 0 { // SIDEM itself, or whoever imports: no account that could change
		return actor, nil
	}
	account, err := d.Ledger.Record(ctx, actor.Account)
	if err != nil {
		return core.Actor{}, fmt.Errorf("load account %s again: %w", actor.Account, err)
	}
	now, err := d.Actor(ctx, account)
	if err != nil {
		return core.Actor{}, err
	}
	if actor.Is(core.RoleSystem) { // what a person does to their own account
		now.Roles = append(slices.Clone(now.Roles), core.RoleSystem)
	}
	return now.Through(actor.Via, account), nil
}

// mentioned are the accounts that a command names; one that does not exist is left out.
func (d *Desk) mentioned(ctx context.Context, c core.Command) (map[core.Field]core.Record, error) {
	var out map[core.Field]core.Record
	for f, id := range c.Fields {
		if core.Specs[f].Type != core.TypePerson || id == "" {
			continue
		}
		r, err := d.Ledger.Record(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("load account %s: %w", id, err)
		}
		if out == nil {
			out = map[core.Field]core.Record{}
		}
		out[f] = r
	}
	return out, nil
}

// guards are the accounts that a decision upon record before rests on: whose person
// acts, those for whom they stand in, and those whom the command names. ErrConflict
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
	i := slices.IndexFunc(out, func(e Expectation) bool { return e.Record == before.ID })
	switch {
	case i < 0:
		return out, nil
	case out[i].Seq != before.Seq:
		return nil, ErrConflict
	}
	return slices.Delete(out, i, i+1), nil
}
