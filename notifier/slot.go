package notifier

import (
	"context"
	"errors"
	"sync"

	"sidem/core/outbox"
)

// Sparing is a Sender that calls Slot before the first thing that it sends. The hub
// takes no slot for it beforehand: so what sends nothing costs its recipient nothing,
// however much of it there is.
type Sparing interface {
	Sender
	// TakesSlot marks it.
	TakesSlot()
}

// errSlot is what Slot returns to a sender that is not to send now.
var errSlot = errors.New("not now: the hub has the item wait")

// Slot is called by a Sparing sender, with the context of its Send, before it sends
// anything: it waits for the channel's and the recipient's rates, and until nobody
// else is with the recipient. waited says that time has passed, so that what was
// drawn before may be out of date. On an error nothing may be sent, and Send returns.
// Only the first call of a Send waits; outside of a hub there is nothing to wait for.
func Slot(ctx context.Context) (waited bool, err error) {
	s, ok := ctx.Value(slotKey{}).(*slot)
	if !ok {
		return false, nil
	}
	return s.take(ctx)
}

type slotKey struct{}

// slot is an item's leave to be sent: what stands between it and its channel.
type slot struct {
	run  *run
	item outbox.Item

	mu    sync.Mutex
	asked bool
	grant grant
	wait  outbox.Result // of an item that is not to be sent now
}

// grant is a slot that was had.
type grant struct {
	ok    bool
	pass  pass   // at the channel's breaker
	leave func() // makes room for the next at the recipient
}

// take asks once, and answers the same from then on.
func (s *slot) take(ctx context.Context) (waited bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.asked
	if first {
		s.asked = true
		s.grant, s.wait = s.run.slot(ctx, s.item)
	}
	if !s.grant.ok {
		return false, errSlot
	}
	return first && s.run.hasWaited(s.item), nil
}

// ended is how it was left: whether it was asked for, and what came of that.
func (s *slot) ended() (asked bool, _ grant, wait outbox.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked, s.grant, s.wait
}

// slot has an item through its channel's rates, to its recipient and past the
// breaker; or says how it waits.
func (r *run) slot(ctx context.Context, it outbox.Item) (grant, outbox.Result) {
	if wait, ok := r.queue(ctx, it); !ok {
		return grant{}, wait
	}
	leave, wait, ok := r.alone(ctx, it)
	if !ok {
		return grant{}, wait
	}
	pass, ok := r.breakers[it.Channel].admit(r.Now())
	if !ok {
		leave()
		return grant{}, r.refused(ctx, it, pass)
	}
	return grant{ok: true, pass: pass, leave: leave}, outbox.Result{}
}
