package notifier

import (
	"context"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// Throttle keeps the gates of scopes, for all hubs that share it.
type Throttle interface {
	// Admit reserves one send in all rates at once, as outbox.Reserve does, and
	// returns the instant from which it may go: now, or later. Rates without
	// Every reserve nothing.
	Admit(ctx context.Context, now time.Time, rates ...outbox.Rate) (at time.Time, err error)
	// Shut closes a scope until an instant, unless it is shut for longer already.
	Shut(ctx context.Context, scope string, until time.Time) error
}

// Limits are the rates of one channel. Scopes need a name only: the hub puts the
// channel's before it, and the recipient's behind those of To.
type Limits struct {
	To  []outbox.Rate // of each recipient
	All []outbox.Rate // of the channel as a whole
}

// Gates is a Throttle for the hubs of one process. Its zero value works.
type Gates struct {
	mu    sync.Mutex
	gates map[string]outbox.Gate
	swept time.Time
	last  time.Time // of the calls so far, the instant of the last
}

// wentBack is from how much earlier on a call is of a clock that went back since the last.
// Gates that are then maxAhead away count as open (outbox.Rate).
const wentBack = time.Minute

var _ Throttle = (*Gates)(nil)

// Admit never fails.
func (g *Gates) Admit(_ context.Context, now time.Time, rates ...outbox.Rate) (time.Time, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.follow(now)
	g.sweep(now)
	gates := make([]outbox.Gate, len(rates))
	for i, r := range rates {
		gates[i] = g.gates[r.Scope]
	}
	at, gates := outbox.Reserve(now, rates, gates)
	for i, r := range rates {
		if gates[i] != (outbox.Gate{}) {
			g.gates[r.Scope] = gates[i]
		}
	}
	return at, nil
}

// follow moves all gates with a clock that went back: what was to go in a second goes in a
// second, and not when the clock has come again to where it was.
func (g *Gates) follow(now time.Time) {
	back := g.last.Sub(now)
	if g.last = now; back < wentBack || back > maxAhead {
		return
	}
	for scope, gate := range g.gates {
		g.gates[scope] = outbox.Gate{Whole: gate.Whole.Add(-back), Shut: gate.Shut.Add(-back)}
	}
}

// Shut never fails.
func (g *Gates) Shut(_ context.Context, scope string, until time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gates == nil {
		g.gates = make(map[string]outbox.Gate)
	}
	gate := g.gates[scope]
	if until.After(gate.Shut) {
		gate.Shut = until
		g.gates[scope] = gate
	}
	return nil
}

// sweep forgets, once a minute, the gates of which nothing is to be remembered.
func (g *Gates) sweep(now time.Time) {
	if g.gates == nil {
		g.gates = make(map[string]outbox.Gate)
	}
	if wait := now.Sub(g.swept); wait >= 0 && wait < time.Minute {
		return
	}
	g.swept = now
	for scope, gate := range g.gates {
		if gate.Whole.Before(now) && gate.Shut.Before(now) {
			delete(g.gates, scope)
		}
	}
}
