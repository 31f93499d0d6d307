package desk

import (
	"context"
	"fmt"

	"sidem/core"
	"sidem/core/outbox"
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
