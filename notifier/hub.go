package notifier

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

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
	Batch   int           // the most that one Claim or Settle takes; default 512
	Lease   time.Duration // how long a claim holds unless it is renewed, as it is while its send lasts; default 30 s
	Hold    time.Duration // the longest that a claim is held in all; default 30 min
	Grace   time.Duration // what Run waits for sends under way when it is told to end; default 5 s
	Poll    time.Duration // the longest sleep; default outbox.Sight, and longer it is late for what is told to nobody
	Audit   time.Duration // how often the accounts are checked; default 10 s

	Patience Patience
	// Quiet is how long an item must wait for an hour at which it may be sent; 0: it may
	// go. nil knows no hours.
	Quiet func(ctx context.Context, it outbox.Item) (time.Duration, error)
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
	// Span begins with an attempt, for whoever follows what comes of an act; end is told how it
	// is going to be settled. nil: nobody does.
	Span func(ctx context.Context, it outbox.Item) (_ context.Context, end func(outbox.Result))
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
	if c.Span == nil {
		c.Span = func(ctx context.Context, _ outbox.Item) (context.Context, func(outbox.Result)) {
			return ctx, func(outbox.Result) {}
		}
	}
	if c.Found == nil {
		c.Found = func(context.Context, string, time.Time) {}
	}
	c.Log = cmp.Or(c.Log, slog.Default())
	c.Workers = cmp.Or(c.Workers, 32)
	c.Batch = cmp.Or(c.Batch, 512)
	c.Lease = cmp.Or(c.Lease, 30*time.Second)
	c.Hold = cmp.Or(c.Hold, 30*time.Minute)
	c.Grace = cmp.Or(c.Grace, 5*time.Second)
	c.Poll = cmp.Or(c.Poll, outbox.Sight)
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
	path     []stage
	breakers map[string]*breaker
	waiting  waitlist
}

// New makes a Hub. It starts nothing: Run does. A *LeaseError refuses a channel
// whose sends can outlast their claims.
func New(cfg Config) (*Hub, error) {
	h := &Hub{cfg: cfg.withDefaults(), path: path, breakers: make(map[string]*breaker, len(cfg.Senders))}
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
