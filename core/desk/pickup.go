package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Pickup are the opinions that wait at the counter with a code that a person gave before
// the hand-over is begun, of those that the person of the case may see; more than one where
// several have the same. Of a record that is named, it alone is judged. A code that is none
// of theirs is a try: it is counted as in the form of the hand-over, and stands in the trail
// of the record, or of the person's own account where none is named.
func (d *Desk) Pickup(ctx context.Context, k Case, record string, c core.Command) ([]core.Record, *core.Refusal, error) {
	c.Verb, c.Kind = core.VerbHandOver, core.KindRequest
	now := d.now()
	// Counted before anything is compared, and given back if it was right: of many tries
	// at once none gets an answer too many.
	mine, err := d.changeWrong(ctx, k.Actor.Account, now, func(times []time.Time) []time.Time { return append(times, now) })
	if err != nil {
		return nil, nil, err
	}
	found, no, err := d.tryCode(ctx, k, record, c, mine)
	if err != nil || no != nil && no.Value != core.Tired {
		return nil, no, err
	}
	_, err = d.changeWrong(ctx, k.Actor.Account, now, func(times []time.Time) []time.Time {
		if i := slices.IndexFunc(times, now.Equal); i >= 0 {
			times = slices.Delete(times, i, i+1)
		}
		return times
	})
	return found, no, err
}

// try is what a code that was given comes to: the opinions that it is good for, or else why
// not, and the record in whose trail that stands.
type try struct {
	found []core.Record
	of    core.Record
	// c is the command with what was found out of that record, and no the answer.
	c  core.Command
	no *core.Refusal
}

func (d *Desk) tryCode(ctx context.Context, k Case, record string, c core.Command, mine int) ([]core.Record, *core.Refusal, error) {
	counted := func(context.Context, core.Event, time.Time) error { return nil }
	for range maxRounds {
		c.Wrong.Anywhere = mine
		t, err := d.coded(ctx, k, record, c)
		if err != nil || t.no == nil {
			return t.found, nil, err
		}
		out, err := d.refuse(ctx, k, t.of, t.c, t.no, counted)
		switch {
		case errors.Is(err, errAnothersPress):
			c.Once += "/" + k.Actor.Account + "/" + t.of.ID
			continue
		case err == nil:
			return nil, cmp.Or(out.Refusal, t.no), nil
		case !errors.Is(err, ErrConflict):
			return nil, nil, err
		}
		if k, err = d.again(ctx, k, t.of.ID); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("try a code: no peace after %d rounds: %w", maxRounds, ErrConflict)
}

// coded judges a code that was given, of a record or of whichever it may be. One that meets
// an opinion for which it is not good any more, or whose tries are exhausted, is a try of
// that one, and is answered as one that is nobody's.
func (d *Desk) coded(ctx context.Context, k Case, record string, c core.Command) (try, error) {
	t := try{c: c}
	var err error
	if t.of, err = d.Ledger.Record(ctx, cmp.Or(record, k.Actor.Account)); err != nil {
		return t, fmt.Errorf("load %s: %w", cmp.Or(record, k.Actor.Account), err)
	}
	if record != "" {
		if t.c, err = d.completeCode(ctx, k.known, t.of, k.Actor, c, d.now()); err != nil {
			return t, err
		}
		if t.no = core.TryCode(t.of, t.c, k.Actor); t.no == nil {
			t.found = []core.Record{t.of}
		}
		return t, nil
	}
	if t.no = core.TryCode(t.of, c, k.Actor); t.no.Value == core.Tired {
		return t, nil
	}
	for _, list := range [][]string{{core.TermPickup(c.Fields[core.FieldShown])}, {core.TermState(core.KindRequest, core.StateIssued)}} {
		if err := d.codedIn(ctx, k, list, c, &t); err != nil || len(t.found) > 0 {
			return t, err
		}
	}
	return t, nil
}

// maxCoded is among how many opinions that wait one is found by a code that no list is
// kept of: that of somebody who collects for who asked.
const maxCoded = 1000

// codedIn looks for what a code is good for in a list; t is told of what it is not good for.
func (d *Desk) codedIn(ctx context.Context, k Case, list []string, c core.Command, t *try) error {
	waiting, err := d.readUpTo(ctx, Union{Lists: [][]string{list}, Newest: true, Keep: d.seenBy(k.Actor)}, maxCoded)
	if err != nil {
		return fmt.Errorf("look for a pickup code: %w", err)
	}
	with := make([]core.Command, len(waiting))
	if err := d.fill(ctx, k.known, func() {
		for i, r := range waiting {
			with[i] = c
			with[i].Collectors = k.known.Collectors(r, core.DateOf(d.now()))
		}
	}); err != nil {
		return err
	}
	for i, r := range waiting {
		if !r.HasCode(with[i]) && r.CodeOf(r.Asker()) != c.Fields[core.FieldShown] {
			continue
		}
		if with[i], err = d.completeCode(ctx, k.known, r, k.Actor, with[i], d.now()); err != nil {
			return err
		}
		switch {
		case core.TryCode(r, with[i], k.Actor) == nil:
			t.no, t.found = nil, append(t.found, r)
		case len(t.found) == 0 && t.of.Kind == core.KindAccount:
			t.of, t.c = r, with[i]
		}
	}
	return nil
}

// completeCode adds to a hand-over what its code is judged by: whose is good, and how many
// were wrong for the request.
func (d *Desk) completeCode(ctx context.Context, k *core.Known, r core.Record, actor core.Actor, c core.Command, now time.Time) (core.Command, error) {
	anywhere := c.Wrong.Anywhere
	wrong, err := d.wrongOf(ctx, r.ID, actor.Account, now)
	if err != nil {
		return c, err
	}
	c.Wrong = wrong
	c.Wrong.Anywhere = anywhere
	err = d.fill(ctx, k, func() { c.Collectors = k.Collectors(r, core.DateOf(now)) })
	return c, err
}

// HasCode reports whether a code is one by which a request is handed over now. It is for
// what was found right before (Pickup): no try is counted.
func (d *Desk) HasCode(ctx context.Context, r core.Record, code string) (bool, error) {
	k, c := &core.Known{}, core.Command{Fields: map[core.Field]string{core.FieldShown: code}}
	err := d.fill(ctx, k, func() { c.Collectors = k.Collectors(r, core.DateOf(d.now())) })
	return err == nil && r.HasCode(c), err
}
