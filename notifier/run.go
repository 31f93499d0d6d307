package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

const (
	// lastCall is what senders and the store get to come back after Grace, once
	// they were told to stop.
	lastCall = time.Second
	// storeTrouble is the longest wait between two calls of a store that fails.
	storeTrouble = time.Second
)

// run are the parts of one Hub.Run: a claimer claims items, each is a flight that goes
// its path in a goroutine of its own, settlers settle what came of it, and a keeper
// renews the claims of what takes long.
type run struct {
	*Config
	path       []stage
	breakers   map[string]*breaker // by channel
	flights    *flights
	slots      *slots
	recipients *recipients
	verdicts   *verdicts
}

func newRun(h *Hub, ending <-chan struct{}) *run {
	fs := newFlights(&h.cfg, ending)
	slots := &slots{Config: &h.cfg, flights: fs, turns: newTurns(&h.cfg)}
	return &run{
		Config: &h.cfg, path: h.path, breakers: h.breakers, flights: fs, slots: slots,
		recipients: &recipients{with: make(map[string]chan struct{})}, verdicts: &verdicts{&h.cfg, slots},
	}
}

// Run works until ctx ends, then claims no more, gives back what is not begun,
// lets sends finish within Grace, cancels the rest, settles everything and
// returns nil. The error tells of items that had to be left to their leases
// because a sender or the store did not come back.
func (h *Hub) Run(ctx context.Context) error {
	// The store and the senders outlive ctx: what was begun is to be settled.
	store, closeStore := context.WithCancel(context.WithoutCancel(ctx))
	defer closeStore()
	send, cancelSends := context.WithCancel(store)
	defer cancelSends()

	r := newRun(h, ctx.Done())
	r.flights.work = func(f *flight) { r.work(send, f) }
	settler := &settler{Config: r.Config, flights: r.flights, turns: r.slots.turns, waiting: &h.waiting, look: make(chan struct{}, 1)}
	claimer := &claimer{Config: r.Config, flights: r.flights, look: settler.look, begin: func(items []outbox.Item) { r.begin(send, items) }}
	keeper := &keeper{Config: r.Config, flights: r.flights}

	var helpers sync.WaitGroup
	for range settlers {
		helpers.Go(func() { settler.run(store) })
	}
	helpers.Go(func() { keeper.run(store) })
	helpers.Go(func() { h.cfg.audit(ctx) })
	// A store that hangs must not hold the claimer beyond the grace either.
	helpers.Go(func() {
		select {
		case <-ctx.Done():
			wait(store, h.cfg.Grace)
			cancelSends()
			wait(store, lastCall)
			closeStore()
		case <-store.Done():
		}
	})
	claimer.run(ctx, store)
	r.flights.giveBack()
	left := r.flights.drain(store)
	closeStore()
	helpers.Wait()
	if left > 0 {
		return fmt.Errorf("%d items left to their leases: a sender or the store did not come back", left)
	}
	return nil
}

// begin hands claimed items to workers.
func (r *run) begin(ctx context.Context, items []outbox.Item) {
	for _, it := range items {
		r.slots.turns.forget(it.ID)
	}
	r.flights.admit(ctx, items)
}

// work has one item go its path.
func (r *run) work(ctx context.Context, f *flight) {
	// What stands if the sender ends its goroutine instead of returning.
	result := r.again(f.item, r.Now(), "the sender did not return")
	defer func() { r.flights.end(f, result) }()
	ctx, end := r.Span(ctx, f.item)
	defer func() { end(result) }()
	if err := survive(func() error { result = r.try(ctx, f); return nil }); err != nil {
		result = r.verdicts.of(ctx, f.item, 0, err)
	}
}

// audit checks again and again that every item is accounted for, until ctx ends.
// It tells of what is missing whenever that changes.
func (c *Config) audit(ctx context.Context) {
	for told := 0; ctx.Err() == nil; wait(ctx, c.Audit) {
		s, err := c.Outbox.Stats(ctx, c.Now())
		if err != nil { // the claimer tells of a store in trouble
			continue
		}
		missing := s.Missing()
		if missing != told {
			c.Log.LogAttrs(ctx, slog.LevelError, "outbox: the accounts do not add up", slog.Int("missing", missing),
				slog.Int("created", s.Created), slog.Int("live", s.Live), slog.Int("sent", s.Sent), slog.Int("moot", s.Moot), slog.Int("dead", s.Dead), slog.Int("purged", s.Purged))
		}
		told = missing
	}
}

// wait returns after d, when ctx ends or when one of at most three signals comes.
func wait(ctx context.Context, d time.Duration, signals ...<-chan struct{}) {
	var s [3]<-chan struct{}
	copy(s[:], signals)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-s[0]:
	case <-s[1]:
	case <-s[2]:
	}
}

// signal leaves one token in c, a channel of capacity one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// growing is base doubled n times, at most most.
func growing(base, most time.Duration, n int) time.Duration {
	for range n {
		if base >= most {
			return most
		}
		base *= 2
	}
	return min(base, most)
}
