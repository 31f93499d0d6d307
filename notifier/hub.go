package notifier

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"sidem/core/outbox"
)

// ErrMoot is what a Sender returns, bare or wrapped, for an item that is no
// longer needed: nothing was sent and nothing is owed.
var ErrMoot = errors.New("no longer needed")

// Sender is one channel.
type Sender interface {
	// Send asks whether the item is still needed (ErrMoot: it is not), renders it
	// from present state and delivers it. The receipt is the provider's name for
	// what it took. Errors are those of core/outbox: Permanent, RetryAfter,
	// Uncertain, Unanswered, Config; any other is worth another try. Send returns
	// soon after ctx ends, and its errors hold no secret: they are kept and logged.
	Send(ctx context.Context, it outbox.Item) (receipt string, err error)
}

// Config is what a Hub works with. Outbox, Senders and Now are needed; the rest has defaults.
type Config struct {
	Outbox Outbox
	// Senders are the channels by the name in Item.Channel ("" for work that
	// speaks to nobody). An item of any other channel is buried.
	Senders map[string]Sender
	// Now is the business clock, in which the times of items are told. It runs at
	// the pace of time, and may jump.
	Now func() time.Time
	// Changed, when set, receives after the business clock jumped: look again.
	Changed <-chan struct{}
	Log     *slog.Logger // default slog.Default()

	Workers int           // how many items are sent at once; default 32
	Batch   int           // the most that one Claim or Settle takes; default Workers
	Lease   time.Duration // how long a claim holds unless it is renewed, as it is while its send lasts; default 30 s
	Hold    time.Duration // the longest that a claim is held in all; default 30 min
	Grace   time.Duration // what Run waits for sends under way when it is told to end; default 5 s
	Poll    time.Duration // the longest sleep; default 1 s
	Audit   time.Duration // how often the accounts are checked; default 10 s

	Patience Patience
	// Limits are the rates of the channels that have any, kept by Throttle
	// (default: a Gates of this hub's own).
	Limits   map[string]Limits
	Throttle Throttle
	// Meter is told what happens; nil is nobody.
	Meter Meter
	// Found is told since when a channel is down, when that was found and with each
	// probe that finds it so again; and with the zero time, that it is back. It is
	// told before the item by which it was found is settled, so that whoever sees
	// the item settled can know. nil is nobody.
	Found func(ctx context.Context, channel string, since time.Time)
	// Fallback says what to put when an item is buried for cause: the next
	// channel of the account's chain, an alert. While it fails, the item is not
	// buried but deferred, so that nothing dies in silence.
	Fallback func(ctx context.Context, it outbox.Item, cause error) ([]outbox.Item, error)
	// Rand draws from [0,1) for jitter; default math/rand/v2.
	Rand func() float64
}

// Patience is how long the hub tries. The zero value of each part means its default.
type Patience struct {
	Tries   int           // attempts that burn patience, the last included; default 12
	Age     time.Duration // since the first failure that is remembered; default 24 h
	Unknown int           // attempts that ended with the lease: poison, set aside; default 5
	// Base doubles with each try up to Cap; the wait is drawn evenly from zero to
	// that ("full jitter"). Defaults 1 s and 10 min.
	Base, Cap time.Duration
}

func (c Config) withDefaults() Config {
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Throttle == nil {
		c.Throttle = &Gates{}
	}
	if c.Meter == nil {
		c.Meter = silent{}
	}
	if c.Found == nil {
		c.Found = func(context.Context, string, time.Time) {}
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	c.Workers = cmp.Or(c.Workers, 32)
	c.Batch = cmp.Or(c.Batch, c.Workers)
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	c.Hold = cmp.Or(c.Hold, 30*time.Minute)
	c.Grace = cmp.Or(c.Grace, 5*time.Second)
	c.Poll = cmp.Or(c.Poll, time.Second)
	c.Audit = cmp.Or(c.Audit, 10*time.Second)
	p := &c.Patience
	p.Tries = cmp.Or(p.Tries, 12)
	p.Age = cmp.Or(p.Age, 24*time.Hour)
	p.Unknown = cmp.Or(p.Unknown, 5)
	p.Base = cmp.Or(p.Base, time.Second)
	p.Cap = cmp.Or(p.Cap, 10*time.Minute)
	return c
}

// Hub works an Outbox off: it claims what is due, has it sent and settles it.
// Any number of hubs may share one Outbox.
type Hub struct {
	cfg      Config
	breakers map[string]*breaker
	waiting  waitlist
}

// New makes a Hub. It starts nothing: Run does. A *LeaseError refuses a channel
// whose sends can outlast their claims.
func New(cfg Config) (*Hub, error) {
	h := &Hub{cfg: cfg.withDefaults(), breakers: make(map[string]*breaker, len(cfg.Senders))}
	if err := h.cfg.check(); err != nil {
		return nil, err
	}
	for name, s := range cfg.Senders {
		h.breakers[name] = &breaker{lease: max(h.cfg.Lease, h.cfg.sendTime(s))}
	}
	return h, nil
}

// Outage is since when a channel is found to be down as a whole, in business time,
// and why; zero for one that is not.
type Outage struct {
	Since time.Time
	Cause error
}

// Down says of each channel whether it is down.
func (h *Hub) Down() map[string]Outage {
	out := make(map[string]Outage, len(h.breakers))
	for name, b := range h.breakers {
		out[name] = b.outage()
	}
	return out
}

// Idle reports whether nothing is due now and nobody holds anything.
func (h *Hub) Idle(ctx context.Context) (bool, error) {
	s, err := h.cfg.Outbox.Stats(ctx, h.cfg.Now())
	if err != nil {
		return false, fmt.Errorf("ask for idleness: %w", err)
	}
	return s.Due == 0 && s.Leased == 0, nil
}

const (
	// lastCall is what senders and the store get to come back after Grace, once
	// they were told to stop.
	lastCall = time.Second
	// storeTrouble is the longest wait between two calls of a store that fails.
	storeTrouble = time.Second
)

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
	var helpers sync.WaitGroup
	helpers.Go(func() { r.settle(store) })
	helpers.Go(func() { r.audit(ctx) })
	helpers.Go(func() { r.hold(store) })
	// A store that hangs must not hold the claim loop beyond the grace either.
	helpers.Go(func() {
		select {
		case <-ctx.Done():
			r.wait(store, r.Grace)
			cancelSends()
			r.wait(store, lastCall)
			closeStore()
		case <-store.Done():
		}
	})
	r.claim(ctx, store, send)
	left := r.drain(store)
	closeStore()
	helpers.Wait()
	if left > 0 {
		return fmt.Errorf("hub: %d items left to their leases: a sender or the store did not come back", left)
	}
	return nil
}

// claim takes what is due, as much as there are free workers, until ctx ends. It
// begins one by one, for as long as what it finds was left behind by a worker that
// vanished: an item that kills its workers dies alone, and takes no others with it.
func (r *run) claim(ctx, store, send context.Context) {
	failures, empty := 0, 0
	careful := true
	for ctx.Err() == nil {
		n, soon := r.room()
		if careful {
			n = min(n, 1)
			if r.busy() {
				n = 0
			}
		}
		if n == 0 {
			r.wait(ctx, soon, r.freed)
			continue
		}
		items, err := r.Outbox.Claim(store, r.Now(), n, r.Lease)
		if err != nil {
			failures++
			if failures == 1 {
				r.Log.LogAttrs(store, slog.LevelError, "outbox: cannot claim", slog.Any("err", err))
			}
			r.wait(ctx, growing(100*time.Millisecond, storeTrouble, failures-1))
			continue
		}
		failures = 0
		if ctx.Err() != nil {
			r.release(store, items)
			return
		}
		careful = careful && len(items) > 0 && vanished(items[0]) > 0
		r.begin(send, items)
		if len(items) > 0 {
			empty = 0
		}
		if len(items) < n {
			empty = r.sleep(ctx, store, empty)
		}
	}
}

// audit checks again and again that every item is accounted for, until ctx ends.
// It tells of what is missing whenever that changes.
func (r *run) audit(ctx context.Context) {
	for told := 0; ctx.Err() == nil; r.wait(ctx, r.Audit) {
		s, err := r.Outbox.Stats(ctx, r.Now())
		if err != nil { // the claim loop tells of a store in trouble
			continue
		}
		missing := s.Missing()
		if missing != told {
			r.Log.LogAttrs(ctx, slog.LevelError, "outbox: the accounts do not add up", slog.Int("missing", missing),
				slog.Int("created", s.Created), slog.Int("live", s.Live), slog.Int("sent", s.Sent), slog.Int("moot", s.Moot), slog.Int("dead", s.Dead))
		}
		told = missing
	}
}

// sleep waits for the next due item or a reason to look again. A due that has
// passed and yet was not claimed (another replica took it) is looked at again
// after a wait that grows with the times this happened in a row, which it returns.
func (r *run) sleep(ctx, store context.Context, empty int) int {
	d := r.Poll
	due, ok, err := r.Outbox.NextDue(store)
	if err == nil && ok { // the next Claim tells of a store in trouble
		d = due.Sub(r.Now())
		if d <= 0 {
			d = growing(time.Millisecond, r.Poll, empty)
			empty++
		} else {
			empty = 0
		}
	}
	r.wait(ctx, min(d, r.Poll), r.look, r.Outbox.Wake(), r.Changed)
	return empty
}

// wait returns after d, when ctx ends or when one of at most three signals comes.
func (r *run) wait(ctx context.Context, d time.Duration, signals ...<-chan struct{}) {
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
