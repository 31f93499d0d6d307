package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// A stage lets an item pass, by nil, or says how its claim is to be settled.
type stage struct {
	name string
	pass func(*attempt, context.Context) *outbox.Result
}

// path is what an item passes from its claim to its channel, in this order: what costs
// nothing first, and what others wait for (a slot, the recipient, a probe) only for
// what is going to be sent.
var path = []stage{
	{"poison", (*attempt).poison},       // buried: it kills its workers
	{"channel", (*attempt).channel},     // buried: there is no such channel
	{"breaker", (*attempt).breaker},     // deferred: its channel is down
	{"crowd", (*attempt).crowd},         // deferred: its recipient does not answer others either
	{"needed", (*attempt).needed},       // moot: it is so no longer
	{"hour", (*attempt).hour},           // deferred: quiet hours
	{"something", (*attempt).something}, // sent: all that it would show is shown
	{"slot", (*attempt).slot},           // deferred: its turn by the rates is not near
	{"recipient", (*attempt).recipient}, // deferred: the one before is not answered
	{"current", (*attempt).current},     // moot or sent by now, where it had to wait
	{"probe", (*attempt).probe},         // deferred: its channel went down meanwhile, or another probes it
	{"send", (*attempt).send},
}

var (
	errPoison  = errors.New("set aside: its worker vanished too often")
	errChannel = errors.New("no such channel")
	errNoEnd   = errors.New("no stage ended it")
)

// attempt is one item on its path.
type attempt struct {
	*run
	flight *flight
	item   outbox.Item
	parcel Parcel
	leave  func() // makes room for the next at its recipient
	ticket ticket // of its channel's breaker
}

// try has one claimed item go the path, and says how it is to be settled.
func (r *run) try(ctx context.Context, f *flight) outbox.Result {
	a := &attempt{run: r, flight: f, item: f.item, leave: func() {}}
	defer func() { a.leave() }() // when the result is known
	for _, s := range r.path {
		if result := s.pass(a, ctx); result != nil {
			return *result
		}
	}
	return r.again(f.item, r.Now(), note(errNoEnd))
}

// poison sets aside what its workers do not survive.
func (a *attempt) poison(ctx context.Context) *outbox.Result {
	if !a.poisoned(a.item) {
		return nil
	}
	return new(a.verdicts.bury(ctx, a.item, errPoison))
}

func (a *attempt) channel(ctx context.Context) *outbox.Result {
	if _, ok := a.Senders[a.item.Channel]; ok {
		return nil
	}
	return new(a.verdicts.bury(ctx, a.item, fmt.Errorf("%w: %q", errChannel, a.item.Channel)))
}

// breaker keeps the item away from a channel that is down, before anything is asked
// on its account.
func (a *attempt) breaker(ctx context.Context) *outbox.Result {
	if refusal, ok := a.breakers[a.item.Channel].look(a.Now()); !ok {
		return new(a.verdicts.outage(ctx, a.item, refusal))
	}
	return nil
}

// crowd keeps those who do not answer from taking all workers.
func (a *attempt) crowd(context.Context) *outbox.Result {
	if !a.flight.crowded {
		return nil
	}
	return new(a.later(a.Now(), slow, outbox.ForAnswer, ""))
}

// needed has the channel make the item ready, who knows whether it is needed still.
func (a *attempt) needed(ctx context.Context) *outbox.Result {
	err := a.guarded(ctx, a.preparing(), func(ctx context.Context) (err error) {
		a.parcel, err = prepare(ctx, a.Senders[a.item.Channel], a.item)
		return err
	})
	if err == nil {
		return nil
	}
	return a.ended(ctx, a.parcel.Receipt, 0, err)
}

// hour puts off what may not be sent at this hour.
func (a *attempt) hour(ctx context.Context) *outbox.Result {
	if a.Quiet == nil {
		return nil
	}
	var wait time.Duration
	err := a.guarded(ctx, a.preparing(), func(ctx context.Context) (err error) {
		wait, err = a.Quiet(ctx, a.item)
		return err
	})
	switch {
	case err != nil:
		return a.ended(ctx, "", 0, fmt.Errorf("quiet hours of %s: %w", a.item.Key, err))
	case wait > 0:
		return a.ended(ctx, "", 0, outbox.Later(fmt.Errorf("%s: quiet hours", a.item.Key), wait))
	}
	return nil
}

// something ends what has nothing to send: it takes no slot, and nobody waits for it.
func (a *attempt) something(ctx context.Context) *outbox.Result {
	if a.parcel.Send != nil {
		return nil
	}
	return a.ended(ctx, a.parcel.Receipt, 0, nil)
}

// slot waits for the rates of its channel and its recipient.
func (a *attempt) slot(ctx context.Context) *outbox.Result { return a.slots.take(ctx, a.flight) }

// recipient waits until nobody else is with its recipient, so that of several that
// may go at once only one is refused. Whoever had to wait looks again whether the
// platform has asked to wait since.
func (a *attempt) recipient(ctx context.Context) *outbox.Result {
	if len(a.Limits[a.item.Channel].To) == 0 {
		return nil
	}
	leave, before := a.recipients.approach(a.item)
	for began := time.Now(); before != nil; leave, before = a.recipients.approach(a.item) {
		left := nap - time.Since(began)
		if left <= 0 {
			return new(a.later(a.Now(), slow, outbox.ForAnswer, ""))
		}
		if !a.flights.doze(ctx, a.flight, left, before) {
			return new(outbox.Result{Outcome: outbox.Released})
		}
		if result := a.slots.recheck(ctx, a.flight); result != nil {
			return result
		}
	}
	a.leave = leave
	return nil
}

// current makes the item ready anew where time has passed since it was.
func (a *attempt) current(ctx context.Context) *outbox.Result {
	if _, ok := a.Senders[a.item.Channel].(Preparer); !ok || !a.flights.hasWaited(a.flight) {
		return nil
	}
	if result := a.needed(ctx); result != nil {
		return result
	}
	return a.something(ctx)
}

// probe looks again whether the channel is down, and has the item probe it if its
// time has come. From here on the channel is called.
func (a *attempt) probe(ctx context.Context) *outbox.Result {
	ticket, refusal, ok := a.breakers[a.item.Channel].admit(a.Now())
	if !ok {
		return new(a.verdicts.outage(ctx, a.item, refusal))
	}
	a.ticket = ticket
	return nil
}

// send hands the item over, within bounds: a claim is not held for ever.
func (a *attempt) send(ctx context.Context) *outbox.Result {
	var receipt string
	err := a.guarded(ctx, a.sendTime(a.Senders[a.item.Channel]), func(ctx context.Context) (err error) {
		receipt, err = a.parcel.Send(ctx)
		return err
	})
	b := a.breakers[a.item.Channel]
	wait, found := b.report(a.ticket, a.Now(), err)
	if found {
		a.Found(ctx, a.item.Channel, b.outage().Since)
	}
	return a.ended(ctx, receipt, wait, err)
}

// ended is the result of an item by the channel's word. The wait is what its breaker
// asks for.
func (a *attempt) ended(ctx context.Context, receipt string, wait time.Duration, err error) *outbox.Result {
	result := a.verdicts.of(ctx, a.item, wait, err)
	result.Receipt = receipt
	return &result
}

// guarded calls a channel: for so long at most, and a panic is an error.
func (a *attempt) guarded(ctx context.Context, most time.Duration, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return survive(func() error { return call(ctx) })
}

// panicError is a sender's panic, as an error like any other.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// survive makes a panic an error.
func survive(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return call()
}

func (c *Config) log(ctx context.Context, level slog.Level, msg string, it outbox.Item, err error, more ...slog.Attr) {
	if !c.Log.Enabled(ctx, level) {
		return
	}
	attrs := append(about(it), more...)
	if err != nil {
		attrs = append(attrs, slog.Any("err", err))
	}
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	c.Log.LogAttrs(ctx, level, msg, attrs...)
}

// about names an item in the log; its data may be personal and is left out.
func about(it outbox.Item) []slog.Attr {
	return []slog.Attr{
		slog.String("item", it.ID), slog.String("key", it.Key), slog.String("channel", it.Channel),
		slog.String("what", it.What), slog.Int("tries", it.Tries), slog.Int("epoch", it.Epoch),
	}
}
