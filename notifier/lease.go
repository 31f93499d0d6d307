package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidem/core/outbox"
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

// Wrapper is a Sender around another. What that one says of itself holds for it too.
type Wrapper interface {
	Sender
	Unwrap() Sender
}

// senderAs is the sender, or one that it wraps, that is a T too.
func senderAs[T Sender](s Sender) (T, bool) {
	for {
		if t, ok := s.(T); ok {
			return t, true
		}
		w, ok := s.(Wrapper)
		if !ok {
			var none T
			return none, false
		}
		s = w.Unwrap()
	}
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

// sendTime is the most that one send of a channel gets: its dialogue, and what a
// claim leaves for the sender's own work before and after.
func (c Config) sendTime(s Sender) time.Duration {
	own := c.Lease * 2 / 3
	if l, ok := senderAs[Lasting](s); ok {
		return l.Longest() + own
	}
	return own
}

// check is a *LeaseError for a channel whose sends can outlast their claims.
func (c Config) check() error {
	for name, s := range c.Senders {
		if longest := c.sendTime(s) + patience; longest > c.Hold {
			return &LeaseError{Channel: name, Longest: longest, Hold: c.Hold}
		}
	}
	return nil
}

// patience is what an item may spend waiting for its slot and for its recipient
// while it is claimed.
const patience = 3 * nap

// renewal is how often claims are renewed: two may fail while a lease lasts, and one
// while somebody waits for what a claim holds up (outbox.Patience).
func (c Config) renewal() time.Duration { return min(c.Lease/3, outbox.Patience/2) }

// hold renews the claims of sends under way, until ctx ends.
func (r *run) hold(ctx context.Context) {
	failing := false
	for ; ctx.Err() == nil; r.wait(ctx, r.renewal()) {
		results := r.lasting()
		if len(results) == 0 {
			continue
		}
		_, err := r.Outbox.Settle(ctx, r.Now(), results)
		if err != nil && !failing && ctx.Err() == nil {
			r.Log.LogAttrs(ctx, slog.LevelError, "outbox: cannot hold what is being sent", slog.Int("claims", len(results)), slog.Any("err", err))
		}
		failing = err != nil
	}
}

// lasting are the claims to renew: of sends under way that are not new any more, and
// have not lasted longer than they may.
func (r *run) lasting() []outbox.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := r.Now().Add(r.Lease)
	var out []outbox.Result
	for _, f := range r.flights {
		age, most := time.Since(f.claimed), r.sendTime(r.Senders[f.item.Channel])+patience
		if !f.ended && age >= r.renewal()/2 && age < most {
			out = append(out, outbox.Result{ID: f.item.ID, Epoch: f.epoch, At: end, Holds: true})
		}
	}
	return out
}
