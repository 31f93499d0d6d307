package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// WhatRecast is the item of a change in what an account, or those who stand in
// for it, may do: it speaks to nobody, but has the cards redrawn that show it. A
// substitution owes one for its first moment and one for the moment after its last.
const WhatRecast = "recast"

// recastNow ends the key of one that is due at once.
const recastNow = ":now"

// recast has the cards of an account, or a card of a request, redrawn at an instant.
func recast(of core.Record, r core.Recast) outbox.Item {
	return outbox.Item{
		Key:   "recast:" + of.ID + ":" + strconv.Itoa(of.Version) + ":" + r.When,
		Merge: outbox.Once, Lane: outbox.Normal, Due: r.Due, Record: of.ID, What: WhatRecast,
		Data: outbox.Payload{Deputy: r.Deputy, Left: r.Left}.Data(),
	}
}

// Recast carries out the item: it returns the cards to redraw, as of now, and the
// accounts whose roles may have changed. Redraws make no sound; a card that has
// become somebody's turn is a message, and waits for the sending window.
func (d *Desk) Recast(ctx context.Context, it outbox.Item) (cards []outbox.Item, accounts []core.Record, err error) {
	principal, err := d.Ledger.Record(ctx, it.Record)
	if err != nil {
		return nil, nil, fmt.Errorf("recast of %s: %w", it.Record, err)
	}
	if principal.Kind == core.KindRequest {
		cards, err = d.fade(ctx, principal)
		return cards, nil, err
	}
	accounts = []core.Record{principal}
	if id := it.Payload().Deputy; id != "" {
		deputy, err := d.Ledger.Record(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, nil, fmt.Errorf("recast of %s: %w", id, err)
		}
		if err == nil {
			accounts = append(accounts, deputy)
			if err := d.inherit(ctx, principal, deputy); err != nil {
				return nil, nil, err
			}
			if err := d.relieve(ctx, principal, deputy, it); err != nil {
				return nil, nil, err
			}
		}
	}
	roles, agencies, err := d.standings(ctx, principal)
	if err != nil {
		return nil, nil, err
	}
	records, err := d.reach(ctx, principal.ID, roles, agencies)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range records {
		if _, err := d.leave(ctx, principal, r, it); err != nil {
			return nil, nil, err
		}
		if err := d.passOn(ctx, principal, r, it); err != nil {
			return nil, nil, err
		}
	}
	if err := d.lapse(ctx, principal, it); err != nil {
		return nil, nil, err
	}
	now := d.now()
	left := it.Payload().Left
	own := func(r core.Record) {
		for _, l := range principal.Links {
			cards = append(cards, redraw(r.ID, principal.ID, l.Platform, now))
		}
		if left != "" {
			cards = append(cards, redraw(r.ID, principal.ID, left, now))
		}
	}
	if !principal.InUse() || left != "" || principal.Did(core.VerbRectify) { // what is over stays on no screen of theirs either
		closed, err := d.closed(ctx, principal.ID, agencies)
		if err != nil {
			return nil, nil, err
		}
		for _, r := range closed {
			own(r)
		}
	}
	for _, r := range append(records, principal) {
		ids, err := d.shownTo(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		holders, err := d.accounts(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		for _, h := range holders {
			if h.ID == principal.ID {
				own(r)
				continue
			}
			for _, l := range h.Links {
				cards = append(cards, redraw(r.ID, h.ID, l.Platform, now))
			}
		}
	}
	return cards, accounts, nil
}

// fade are the cards that offer to take back the last act on a request, whose time for that is
// over. Where something was done since, all cards were drawn again for that.
func (d *Desk) fade(ctx context.Context, r core.Record) (cards []outbox.Item, err error) {
	if r.Undo == nil {
		return nil, nil
	}
	accounts, err := d.accounts(ctx, []string{r.Acts[r.Undo.Verb].By})
	for _, a := range accounts {
		for _, l := range a.Links {
			cards = append(cards, redraw(r.ID, a.ID, l.Platform, d.now()))
		}
	}
	return cards, err
}

// standings are the roles and agencies that an account has, and had before it was corrected:
// what it held by them may be on its screen still.
func (d *Desk) standings(ctx context.Context, account core.Record) ([]core.Role, []string, error) {
	if !account.Did(core.VerbRectify) {
		return account.Roles, []string{account.Agency}, nil
	}
	trail, err := d.Ledger.Applied(ctx, account.ID, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("what %s has been: %w", account.ID, err)
	}
	roles, agencies := core.Standings(trail)
	return roles, agencies, nil
}

func redraw(record, account, platform string, now time.Time) outbox.Item {
	it := CardItem(record, account, platform, now, outbox.Payload{})
	it.Lane = outbox.Normal
	return it
}

// inherit has the cards kept for a substitute of what the principal owes, from the
// first day on.
func (d *Desk) inherit(ctx context.Context, principal, deputy core.Record) error {
	sub, ok := principal.Substitution()
	if !ok || sub.Account != deputy.ID || !sub.Covers(core.DateOf(d.now())) {
		return nil
	}
	heir, err := d.Actor(ctx, deputy)
	if err != nil {
		return err
	}
	heir.Roles = nil
	records, err := d.Owed(ctx, heir, maxEntries)
	if err != nil {
		return err
	}
	for _, r := range records {
		if err := d.Watch(ctx, r.ID, deputy.ID); err != nil {
			return err
		}
	}
	return nil
}

// maxClosed bounds the closed records whose cards are taken off the screen of who
// may not see them any more: the newest of them.
const maxClosed = 500

// closed are the records of which an account holds a card although nothing follows, of the
// agencies that its person has been of.
func (d *Desk) closed(ctx context.Context, account string, agencies []string) ([]core.Record, error) {
	u := Union{Newest: true, Keep: func(r core.Record) bool { return !r.Open() && slices.Contains(r.Told, account) }}
	if slices.Contains(agencies, "") { // all that the others have is in it
		agencies = []string{""}
	}
	for _, state := range core.LifecycleOf(core.KindRequest).Final {
		for _, agency := range agencies {
			list := []string{core.TermState(core.KindRequest, state)}
			if agency != "" {
				list = append(list, core.TermAgency(core.KindRequest, agency))
			}
			u.Lists = append(u.Lists, list)
		}
	}
	part, err := d.Read(ctx, u, Place{}, maxClosed)
	return part.Records, err
}

// reach are the open records of which an account that has had roles in agencies may hold a
// card with a button.
func (d *Desk) reach(ctx context.Context, account string, roles []core.Role, agencies []string) ([]core.Record, error) {
	var lists [][]string
	for _, role := range roles {
		switch role {
		case core.RoleRequester, core.RoleSecretary:
			for _, agency := range agencies {
				lists = append(lists, []string{core.TermOpenAgency(agency)})
			}
		case core.RoleExecutive:
			lists = append(lists, []string{core.TermOpen(account)})
		case core.RoleHead: // of what was referred to them, what is open: not all their years
			for _, s := range core.Stages {
				if s.Referred {
					lists = append(lists, []string{core.TermStage(s.Stage), core.TermHead(account)}, []string{core.TermStage(s.Stage), core.TermHead(core.NoHead)})
				}
			}
		case core.RoleRegistry, core.RoleDirector, core.RoleAdmin, core.RoleAuditor:
			for _, s := range core.Stages {
				lists = append(lists, []string{core.TermStage(s.Stage)})
			}
		default:
		}
	}
	var out []core.Record
	has := map[string]bool{}
	for i, terms := range lists {
		if slices.ContainsFunc(lists[:i], func(l []string) bool { return slices.Equal(l, terms) }) {
			continue
		}
		records, err := d.all(ctx, terms...)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if !has[r.ID] {
				has[r.ID], out = true, append(out, r)
			}
		}
	}
	return out, nil
}
