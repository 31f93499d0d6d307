package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// A claim is short, so that what a worker leaves behind when it dies is soon taken
// up by another, and it is renewed for as long as its work goes on: nobody else has
// the item before its sender has returned, however long that takes.

// Lasting is a Sender that says how long its dialogue with the platform can last.
type Lasting interface {
	Sender
	// Longest is the most that one Send takes. Any other Sender gets two thirds of
	// the lease.
	Longest() time.Duration
}

// LeaseError says that claims cannot be held for as long as a channel's sends can
// last: another would claim what is still being sent, and send it a second time.
type LeaseError struct {
	Channel       string
	Longest, Hold time.Duration
}

func (e *LeaseError) Error() string {
	return fmt.Sprintf("a send by %s can last %s, and a claim is held for %s at most: shorten what %s waits for by %s, or hold claims longer",
		e.Channel, e.Longest, e.Hold, e.Channel, e.Longest-e.Hold)
}

// preparing is the most that a sender gets to make an item ready.
func (c *Config) preparing() time.Duration { return c.Lease * 2 / 3 }

// sendTime is the most that one send of a channel gets: its dialogue, and what a
// claim leaves for the sender's own work before and after.
func (c *Config) sendTime(s Sender) time.Duration {
	if l, ok := s.(Lasting); ok {
		return l.Longest() + c.preparing()
	}
	return c.preparing()
}

// patience is what an item may spend waiting for its slot and for its recipient
// while it is claimed.
const patience = 3 * nap

// claimTime is the most that a claim of a channel's item is worked on: it is made ready,
// asked for its hour, waits, is made ready anew and sent.
func (c *Config) claimTime(s Sender) time.Duration {
	return 3*c.preparing() + patience + c.sendTime(s)
}

// check is a *LeaseError for a channel whose sends can outlast their claims.
func (c *Config) check() error {
	for name, s := range c.Senders {
		if longest := c.claimTime(s); longest > c.Hold {
			return &LeaseError{Channel: name, Longest: longest, Hold: c.Hold}
		}
	}
	return nil
}

// renewal is how often claims are renewed: two may fail while a lease lasts, also that of
// what somebody waits for (outbox.Patience).
func (c *Config) renewal() time.Duration { return min(c.Lease/3, outbox.Patience/4) }

// keeper renews the claims of sends under way.
type keeper struct {
	*Config
	flights *flights
}

// run renews until ctx ends.
func (k *keeper) run(ctx context.Context) {
	failing := false
	for ; ctx.Err() == nil; wait(ctx, k.renewal()) {
		results := k.flights.lasting()
		if len(results) == 0 {
			continue
		}
		_, err := k.Outbox.Settle(ctx, k.Now(), results)
		if err != nil && !failing && ctx.Err() == nil {
			k.Log.LogAttrs(ctx, slog.LevelError, "outbox: cannot hold what is being sent", slog.Int("claims", len(results)), slog.Any("err", err))
		}
		failing = err != nil
	}
}
