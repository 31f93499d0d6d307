package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem/core"
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

func (d *Desk) tryCode(ctx context.Context, k Case, record string, c core.Command, mine int) ([]core.Record, *core.Refusal, error) {
	counted := func(context.Context, core.Event, time.Time) error { return nil }
	for range maxRounds {
		found, before, err := d.coded(ctx, k.Actor, record, c.Fields[core.FieldShown])
		if err != nil {
			return nil, nil, err
		}
		c.Wrong = core.WrongCodes{}
		if record != "" {
			if c.Wrong, err = d.wrongOf(ctx, record, k.Actor.Account, d.now()); err != nil {
				return nil, nil, err
			}
		}
		c.Wrong.Anywhere = mine
		of := before
		if len(found) > 0 {
			of = found[0]
		}
		no := core.TryCode(of, c, k.Actor)
		if no == nil {
			return found, nil, nil
		}
		out, err := d.refuse(ctx, k, before, c, no, counted)
		switch {
		case errors.Is(err, errAnothersPress):
			c.Once += "/" + k.Actor.Account + "/" + before.ID
			continue
		case err == nil:
			return nil, cmp.Or(out.Refusal, no), nil
		case !errors.Is(err, ErrConflict):
			return nil, nil, err
		}
		if k, err = d.again(ctx, k, before.ID); err != nil {
			return nil, nil, err
		}
	}
	return nil, nil, fmt.Errorf("try a code: no peace after %d rounds: %w", maxRounds, ErrConflict)
}

// coded are the requests that a code may be of, and the record in whose trail a try of it
// stands.
func (d *Desk) coded(ctx context.Context, actor core.Actor, record, code string) (found []core.Record, before core.Record, err error) {
	trail := record
	if record == "" {
		trail = actor.Account
		part, err := d.Read(ctx, Union{Lists: [][]string{{core.TermPickup(code)}}, Keep: d.seenBy(actor)}, Place{}, 10)
		if err != nil {
			return nil, core.Record{}, err
		}
		found = part.Records
	}
	if before, err = d.Ledger.Record(ctx, trail); err != nil {
		return nil, core.Record{}, fmt.Errorf("load %s: %w", trail, err)
	}
	if record != "" {
		found = []core.Record{before}
	}
	return found, before, nil
}
