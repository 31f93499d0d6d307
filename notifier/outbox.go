package notifier

import (
	"context"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// Outbox is where owed items wait. Its methods are safe for concurrent use and
// each is one durable, atomic step. Time is always the caller's.
type Outbox interface {
	// Add adds items outside any decision (ticks, alerts), each by its Merge. It
	// returns how many were new or changed a live one.
	Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error)
	// Claim takes at most n items due by now, lowest Lane first, then earliest
	// Due, until now+lease (outbox.LeaseOf). Items whose Expires has passed are settled moot on the way.
	Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error)
	// Settle ends claims in one step (outbox.Settled). It returns how many were
	// accepted: a result with an old epoch is dropped, with what it would put.
	// One that Holds ends nothing: it gives its claim a later end.
	Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error)
	// NextDue is the earliest Due of all live items, leases included, and whether there is any.
	NextDue(ctx context.Context) (time.Time, bool, error)
	// Replay makes dead items live again: all, or those with the ids.
	Replay(ctx context.Context, now time.Time, ids ...string) (int, error)
	// Items are items by state ("" all) after the id `after`, at most limit, in order of id.
	Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error)
	// Stats counts them at now.
	Stats(ctx context.Context, now time.Time) (outbox.Stats, error)
	// Wake receives after items were added or made due by this process: a hint to look again.
	Wake() <-chan struct{}
}
