package notifier

import (
	"context"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// claimer takes what is due, as much as there is room for (flights.room).
type claimer struct {
	*Config
	flights *flights
	look    <-chan struct{} // something may be due earlier than it was
	begin   func(items []outbox.Item)
}

// run claims until ctx ends. It begins one by one, for as long as what it finds was
// left behind by a worker that vanished: an item that kills its workers dies alone,
// and takes no others with it.
func (c *claimer) run(ctx, store context.Context) {
	failures, empty := 0, 0
	careful := true
	for ctx.Err() == nil {
		n, soon := c.flights.room()
		if careful {
			n = min(n, 1)
			if c.flights.busy() {
				n = 0
			}
		}
		if n == 0 {
			wait(ctx, soon, c.flights.freed)
			continue
		}
		items, err := c.Outbox.Claim(store, c.Now(), n, c.Lease)
		if err != nil {
			failures++
			if failures == 1 {
				c.Log.LogAttrs(store, slog.LevelError, "outbox: cannot claim", slog.Any("err", err))
			}
			wait(ctx, growing(100*time.Millisecond, storeTrouble, failures-1))
			continue
		}
		failures = 0
		careful = careful && len(items) > 0 && vanished(items[0]) > 0
		c.begin(items)
		if len(items) > 0 {
			empty = 0
		}
		if len(items) < n {
			empty = c.sleep(ctx, store, empty)
		}
	}
}

// sleep waits for the next due item or a reason to look again. A due that has
// passed and yet was not claimed (another replica took it) is looked at again
// after a wait that grows with the times this happened in a row, which it returns.
func (c *claimer) sleep(ctx, store context.Context, empty int) int {
	d := c.Poll
	due, ok, err := c.Outbox.NextDue(store)
	if err == nil && ok { // the next Claim tells of a store in trouble
		d = due.Sub(c.Now())
		if d <= 0 {
			d = growing(time.Millisecond, c.Poll, empty)
			empty++
		} else {
			empty = 0
		}
	}
	wait(ctx, min(d, c.Poll), c.look, c.Outbox.Wake(), c.Changed)
	return empty
}
