package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidem/core/outbox"
)

// stages are those that an item passes, in order.
var stages = []outbox.WaitFor{outbox.ForLine, outbox.ForRecipient, outbox.ForChannel}

// lapse is how long after its time a reserved turn still stands. Later the
// others of the same scope may have caught up with it.
const lapse = 5 * time.Second

// nap is the longest wait for a turn that an item spends claimed: a shorter one
// than a deferral is worth.
const nap = 2 * time.Second

// queue has an item wait for its turn: in the line of its recipient, at the
// recipient, and at the channel as a whole. It reports whether the item may go now.
//
// What nobody is waiting for (any lane but Press) reserves its turn in a line of
// its own, which moves a tenth slower than the recipient's rate: so the recipient
// itself is never reserved far ahead, and a card that somebody has just asked for
// goes before all that stand in line, whichever hub put them there. Likewise the
// channel is reserved only when the recipient lets pass, since a turn far ahead
// would hold up everybody else.
//
// A turn that was reserved at an earlier claim is not reserved again, so that a
// message to a slow recipient costs two claims, however many are before it.
func (r *run) queue(ctx context.Context, it outbox.Item) (outbox.Result, bool) {
	held, at := r.held(it)
	if wait := at.Sub(r.Now()); held != "" && wait > 0 {
		// A merge made it due before its turn (outbox.Join): the turn stands.
		return inTurn(held, at), false
	}
	return r.through(ctx, it, held)
}

// through has an item through all stages. Up to the one that is held it has its
// turns, and they are asked only whether they were shut since; as are all of them
// once it had to wait.
func (r *run) through(ctx context.Context, it outbox.Item, held outbox.WaitFor) (outbox.Result, bool) {
	for slept := true; slept; {
		slept = false
		for _, stage := range stages {
			dozed, result, ok := r.pass(ctx, it, stage, held != "")
			if !ok {
				return result, false
			}
			slept = slept || dozed
			if stage == held {
				held = ""
			}
		}
		held = stages[len(stages)-1]
	}
	return outbox.Result{}, true
}

// pass has an item through the rates of one stage, or defers it to its turn.
func (r *run) pass(ctx context.Context, it outbox.Item, stage outbox.WaitFor, held bool) (dozed bool, _ outbox.Result, ok bool) {
	now, rates := r.Now(), r.Limits[it.Channel].rates(stage, it)
	if len(rates) == 0 {
		return false, outbox.Result{}, true
	}
	if held {
		at, err := r.Throttle.Admit(ctx, now, onlyShut(rates)...)
		if err != nil {
			return false, r.noThrottle(ctx, it, err), false
		}
		if !at.After(now) {
			return false, outbox.Result{}, true
		}
		// It was shut since: the turn is lost.
	}
	at, err := r.Throttle.Admit(ctx, now, rates...)
	if err != nil {
		return false, r.noThrottle(ctx, it, err), false
	}
	wait := at.Sub(now)
	if wait <= 0 {
		return false, outbox.Result{}, true
	}
	r.Meter.Waits(it.Channel, wait)
	if wait <= nap && stage != outbox.ForLine {
		result, ok := r.doze(ctx, it, wait, nil)
		return true, result, ok
	}
	r.log(ctx, slog.LevelDebug, "waits for its turn", it, nil, slog.Duration("wait", wait))
	return false, inTurn(stage, at), false
}

func (r *run) noThrottle(ctx context.Context, it outbox.Item, err error) outbox.Result {
	r.log(ctx, slog.LevelError, "throttle does not answer", it, err)
	return r.later(r.Now(), storeTrouble, outbox.ForThrottle, note(err))
}

// doze waits for a turn that is near, or for a signal before that, and takes no
// worker meanwhile. An item that is waiting when the hub is told to end is given back.
func (r *run) doze(ctx context.Context, it outbox.Item, wait time.Duration, or <-chan struct{}) (outbox.Result, bool) {
	r.dozes(it, true)
	defer r.dozes(it, false)
	r.wait(ctx, wait, r.ending, or)
	select {
	case <-r.ending:
		return outbox.Result{Outcome: outbox.Released}, false
	default:
		return outbox.Result{}, true
	}
}

// held is the stage at which the item's last claim reserved a turn, and for when;
// "" for none, or one that has lapsed, or is of a clock that went back.
func (r *run) held(it outbox.Item) (stage outbox.WaitFor, at time.Time) {
	if len(it.Attempts) == 0 {
		return "", time.Time{}
	}
	w := it.Attempts[len(it.Attempts)-1].Waits()
	if late := r.Now().Sub(w.Until); w.IsTurn() && late < lapse && late > -maxAhead {
		return w.For, w.Until
	}
	return "", time.Time{}
}

// maxAhead is how far ahead a turn may be; farther, the clock went back since.
const maxAhead = 48 * time.Hour

// inTurn defers an item to a turn that was reserved.
func inTurn(stage outbox.WaitFor, at time.Time) outbox.Result {
	return outbox.Result{Outcome: outbox.Deferred, At: at, Wait: outbox.Deferral{For: stage, Until: at.UTC()}}
}

// rates are those of a stage for an item, with their whole scopes.
func (l Limits) rates(stage outbox.WaitFor, it outbox.Item) []outbox.Rate {
	switch {
	case stage == outbox.ForChannel:
		return scoped(l.All, it.Channel+":", "")
	case stage == outbox.ForRecipient:
		return scoped(l.To, it.Channel+":", ":"+it.Account)
	case it.Lane <= outbox.Press:
		return nil
	}
	out := scoped(l.To, it.Channel+":", ":"+it.Account+":line")
	for i := range out {
		out[i].Every += out[i].Every / 10
	}
	return out
}

func scoped(rates []outbox.Rate, before, behind string) []outbox.Rate {
	out := make([]outbox.Rate, len(rates))
	for i, rate := range rates {
		rate.Scope = before + rate.Scope + behind
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

// shut closes the scope of an item that the platform asked to wait until an
// instant, and gives the item a turn behind it. What had its turn in that time,
// and this hub remembers, moves with it and is not claimed for that.
//
// Telegram does not say whom a 429 means, and Slack not always. It is the
// recipient's until another recipient is refused while it lasts: then all are
// meant. Where recipients have no rates it is nobody's.
func (r *run) shut(ctx context.Context, it outbox.Item, until time.Time, cause error) outbox.Result {
	result := outbox.Result{Outcome: outbox.Deferred, At: until, Note: note(cause), Wait: outbox.Deferral{For: outbox.ForPlatform}}
	l := r.Limits[it.Channel]
	wide := r.allRefused(it, until) || outbox.IsWide(cause)
	closed := []outbox.WaitFor{outbox.ForLine, outbox.ForRecipient}
	if wide || len(l.To) == 0 {
		closed = []outbox.WaitFor{outbox.ForChannel}
	}
	var last outbox.WaitFor
	for _, stage := range closed {
		rates := l.rates(stage, it)
		if len(rates) == 0 {
			continue
		}
		last = stage
		for _, rate := range rates {
			if err := r.Throttle.Shut(ctx, rate.Scope, until); err != nil {
				r.log(ctx, slog.LevelError, "throttle does not answer", it, fmt.Errorf("shut %s: %w", rate.Scope, err))
				return result
			}
		}
	}
	if last == "" {
		return result
	}
	at, err := r.Throttle.Admit(ctx, r.Now(), l.rates(last, it)...)
	if err != nil {
		r.log(ctx, slog.LevelError, "throttle does not answer", it, err)
		return result
	}
	result.At, result.Wait = at, outbox.Deferral{For: last, Until: at.UTC()}
	for _, rate := range l.rates(last, it) { // a platform that has just refused takes no burst
		for range rate.Burst - 1 {
			_, _ = r.Throttle.Admit(ctx, r.Now(), rate) // at worst the burst is refused
		}
	}
	for _, stage := range closed {
		r.move(ctx, it, stage, until)
	}
	return result
}

// alone has an item wait until nobody else is with its recipient, so that of
// several that may go at once only one is refused. Whoever had to wait looks
// again whether the platform has asked to wait since. The caller calls leave
// when the item's result is known.
func (r *run) alone(ctx context.Context, it outbox.Item) (leave func(), result outbox.Result, ok bool) {
	if len(r.Limits[it.Channel].To) == 0 {
		return func() {}, outbox.Result{}, true
	}
	mine, before := r.approach(it)
	for began := time.Now(); before != nil; mine, before = r.approach(it) {
		left := nap - time.Since(began)
		if left <= 0 {
			return nil, r.later(r.Now(), slow, outbox.ForAnswer, ""), false
		}
		if result, ok := r.doze(ctx, it, left, before); !ok {
			return nil, result, false
		}
		if result, ok := r.through(ctx, it, stages[len(stages)-1]); !ok {
			return nil, result, false
		}
	}
	return func() { r.depart(it, mine) }, outbox.Result{}, true
}

// approach takes an item to its recipient; before is closed when the one that is
// there has ended, nil if there is none.
func (r *run) approach(it outbox.Item) (mine, before chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before = r.speaking[recipient(it)]; before == nil {
		mine = make(chan struct{})
		r.speaking[recipient(it)] = mine
	}
	return mine, before
}

func (r *run) depart(it outbox.Item, mine chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.speaking, recipient(it))
	close(mine)
}
