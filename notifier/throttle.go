package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sidem/core/outbox"
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
}

var _ Throttle = (*Gates)(nil)

// Admit never fails.
func (g *Gates) Admit(_ context.Context, now time.Time, rates ...outbox.Rate) (time.Time, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
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

// How a deferral for a reserved turn is noted: whose rates it was reserved in,
// and for when.
const (
	turnTo  = "turn at the recipient: "
	turnAll = "turn at the channel: "
)

// lapse is how long after its time a reserved turn still stands. Later the
// others of the same scope may have caught up with it.
const lapse = 5 * time.Second

// queue has an item wait for its turn: first at its recipient, then at the
// channel as a whole. It reports whether the item may go now. A turn that was
// reserved at an earlier claim is not reserved again, so that a message to a slow
// recipient costs two claims, however many are before it; and a wide scope is
// reserved only when the narrow one lets pass, since a turn far ahead would
// hold up everybody else.
func (r *run) queue(ctx context.Context, it outbox.Item) (outbox.Result, bool) {
	l, ok := r.Limits[it.Channel]
	if !ok {
		return outbox.Result{}, true
	}
	held, at := r.held(it)
	if wait := at.Sub(r.Now()); held != "" && wait > 0 {
		// A merge made it due before its turn (outbox.Join): the turn stands.
		return outbox.Result{Outcome: outbox.Deferred, At: at, Note: turn(held, at)}, false
	}
	for _, stage := range []struct {
		note  string
		rates []outbox.Rate
		held  bool
	}{
		{turnTo, toRates(l, it), held != ""},
		{turnAll, allRates(l, it.Channel), held == turnAll},
	} {
		if len(stage.rates) == 0 {
			continue
		}
		if result, ok := r.pass(ctx, it, stage.note, stage.rates, stage.held); !ok {
			return result, false
		}
	}
	return outbox.Result{}, true
}

// pass has an item through the rates of one stage, or defers it to its turn.
func (r *run) pass(ctx context.Context, it outbox.Item, stage string, rates []outbox.Rate, held bool) (outbox.Result, bool) {
	now := r.Now()
	if held {
		at, err := r.Throttle.Admit(ctx, now, onlyShut(rates)...)
		if err != nil {
			return r.noThrottle(ctx, it, err), false
		}
		if !at.After(now) {
			return outbox.Result{}, true
		}
		// It was shut since: the turn is lost.
	}
	at, err := r.Throttle.Admit(ctx, now, rates...)
	if err != nil {
		return r.noThrottle(ctx, it, err), false
	}
	wait := at.Sub(now)
	if wait <= 0 {
		return outbox.Result{}, true
	}
	r.Meter.Waits(it.Channel, wait)
	r.log(ctx, slog.LevelDebug, "waits for its turn", it, nil, slog.Duration("wait", wait))
	return outbox.Result{Outcome: outbox.Deferred, At: at, Note: turn(stage, at)}, false
}

func (r *run) noThrottle(ctx context.Context, it outbox.Item, err error) outbox.Result {
	r.log(ctx, slog.LevelError, "throttle does not answer", it, err)
	return r.later(r.Now(), storeTrouble, "throttle: "+note(err))
}

// held is the stage at which the item's last claim reserved a turn, and for when;
// "" for none, or one that has lapsed, or is of a clock that went back.
func (r *run) held(it outbox.Item) (stage string, at time.Time) {
	if len(it.Attempts) == 0 {
		return "", time.Time{}
	}
	last := it.Attempts[len(it.Attempts)-1]
	if last.Outcome != outbox.Deferred {
		return "", time.Time{}
	}
	for _, stage := range []string{turnTo, turnAll} {
		text, ok := strings.CutPrefix(last.Note, stage)
		if !ok {
			continue
		}
		text, _, _ = strings.Cut(text, " ")
		at, err := time.Parse(time.RFC3339Nano, text)
		if late := r.Now().Sub(at); err == nil && late < lapse && late > -maxAhead {
			return stage, at
		}
	}
	return "", time.Time{}
}

// maxAhead is how far ahead a turn may be; farther, the clock went back since.
const maxAhead = 48 * time.Hour

// shut closes the scope of an item that the platform asked to wait until an
// instant: that of its recipient, or of the whole channel where recipients have
// no rates. The item takes its turn behind those that wait already.
func (r *run) shut(ctx context.Context, it outbox.Item, until time.Time, note string) outbox.Result {
	result := outbox.Result{Outcome: outbox.Deferred, At: until, Note: note}
	l := r.Limits[it.Channel]
	stage, rates := turnTo, toRates(l, it)
	if len(rates) == 0 {
		stage, rates = turnAll, allRates(l, it.Channel)
	}
	if len(rates) == 0 {
		return result
	}
	for _, rate := range rates {
		if err := r.Throttle.Shut(ctx, rate.Scope, until); err != nil {
			r.log(ctx, slog.LevelError, "throttle does not answer", it, fmt.Errorf("shut %s: %w", rate.Scope, err))
			return result
		}
	}
	at, err := r.Throttle.Admit(ctx, r.Now(), rates...)
	if err != nil {
		r.log(ctx, slog.LevelError, "throttle does not answer", it, err)
		return result
	}
	result.At = at
	result.Note = turn(stage, at) + " " + note
	return result
}

// turn is the note of a turn that was reserved.
func turn(stage string, at time.Time) string { return stage + at.UTC().Format(time.RFC3339Nano) }

func toRates(l Limits, it outbox.Item) []outbox.Rate {
	out := make([]outbox.Rate, len(l.To))
	for i, rate := range l.To {
		rate.Scope = it.Channel + ":" + rate.Scope + ":" + it.Account
		out[i] = rate
	}
	return out
}

func allRates(l Limits, channel string) []outbox.Rate {
	out := make([]outbox.Rate, len(l.All))
	for i, rate := range l.All {
		rate.Scope = channel + ":" + rate.Scope
		out[i] = rate
	}
	return out
}

func onlyShut(rates []outbox.Rate) []outbox.Rate {
	out := make([]outbox.Rate, len(rates))
	for i, rate := range rates {
		out[i] = outbox.Rate{Scope: rate.Scope}
	}
	return out
}
