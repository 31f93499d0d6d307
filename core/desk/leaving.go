package desk

import (
	"context"
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// leave has what an account has in hand of a request fall back to who gave it, where its
// person may not act as that any more; left says that something did.
func (d *Desk) leave(ctx context.Context, account, r core.Record, it outbox.Item) (left bool, err error) {
	for _, c := range r.LeaveCommands(account, "item:"+it.ID+"/"+r.ID) {
		out, err := d.Do(ctx, core.SystemActor, r.ID, c)
		if err != nil {
			return left, fmt.Errorf("what %s had in hand of %s: %w", account.ID, r.ID, err)
		}
		left = left || out.Refusal == nil
	}
	return left, nil
}

// leftInHand is leave for whoever has a request in hand: nobody who has left is reminded of
// what has waited for them since an older SIDEM.
func (d *Desk) leftInHand(ctx context.Context, r core.Record, it outbox.Item) (left bool, err error) {
	accounts, err := d.accounts(ctx, r.InHandOf())
	if err != nil {
		return false, err
	}
	for _, account := range accounts {
		one, err := d.leave(ctx, account, r, it)
		if err != nil {
			return left, err
		}
		left = left || one
	}
	return left, nil
}

// passOn tells the requesters of an agency that what fell to who asked is their turn, where
// that person is not there any more.
func (d *Desk) passOn(ctx context.Context, gone, r core.Record, it outbox.Item) error {
	if !r.PassesOn(gone) {
		return nil
	}
	var k core.Known
	var heirs []core.Record
	if err := d.fill(ctx, &k, func() { heirs = k.Requesters(r) }); err != nil || len(heirs) == 0 {
		return err
	}
	_, err := d.Do(ctx, core.SystemActor, r.ID, core.Command{
		Verb: core.VerbPassOn, Where: "system", Once: "item:" + it.ID + "/" + r.ID, Fields: map[core.Field]string{core.FieldLeft: gone.ID},
	})
	if err != nil {
		return fmt.Errorf("the turn of %s in %s: %w", gone.ID, r.ID, err)
	}
	return nil
}

// lapse ends the substitutions in which an account's person can stand in no more.
func (d *Desk) lapse(ctx context.Context, deputy core.Record, it outbox.Item) error {
	principals, err := d.all(ctx, core.TermSubstitute(deputy.ID))
	if err != nil {
		return err
	}
	today := core.DateOf(d.now()).String()
	for _, p := range principals {
		if sub, _ := p.Substitution(); sub.Account != deputy.ID || sub.To < today || deputy.InUse() && deputy.Agency == p.Agency {
			continue
		}
		_, err := d.Do(ctx, core.SystemActor, p.ID, core.Command{
			Verb: core.VerbLapse, Where: "system", Once: "item:" + it.ID + "/" + p.ID, Fields: map[core.Field]string{core.FieldLeft: deputy.ID},
		})
		if err != nil {
			return fmt.Errorf("the substitution of %s: %w", p.ID, err)
		}
	}
	return nil
}

// relieve tells who stood in for a principal that they do not any more, where that ended
// because one of both is not who they were.
func (d *Desk) relieve(ctx context.Context, principal, deputy core.Record, it outbox.Item) error {
	isOver := !strings.HasSuffix(it.Key, recastNow) // the day after the last, which it was to have
	if stood, ok := principal.Lapsed(); !ok || isOver || stood != deputy.ID || !deputy.InUse() {
		return nil
	}
	_, err := d.Do(ctx, core.SystemActor, deputy.ID, core.Command{
		Verb: core.VerbRelieve, Where: "system", Once: fmt.Sprintf("lapse:%s:%d", principal.ID, principal.Acts[core.VerbLapse].Version),
		Fields: map[core.Field]string{core.FieldLeft: principal.ID},
	})
	if err != nil {
		return fmt.Errorf("tell %s that they stand in no more: %w", deputy.ID, err)
	}
	return nil
}
