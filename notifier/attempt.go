package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"sidem/core/outbox"
)

var (
	errPoison  = errors.New("set aside: its worker vanished too often")
	errChannel = errors.New("no such channel")
)

// panicError is a sender's panic, as an error like any other.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// maxNote bounds what an attempt remembers of an error, in bytes.
const maxNote = 300

// fallbackWait is when to try again what could not be buried for want of a fallback.
const fallbackWait = time.Minute

// attempt sends one item, unless something stands against it, and says how it
// is to be settled.
func (r *run) attempt(ctx context.Context, it outbox.Item) outbox.Result {
	sender, ok := r.Senders[it.Channel]
	switch {
	case r.poisoned(it):
		return r.bury(ctx, it, errPoison)
	case !ok:
		return r.bury(ctx, it, fmt.Errorf("%w: %q", errChannel, it.Channel))
	}
	b := r.breakers[it.Channel]
	if pass, ok := b.look(r.Now()); !ok {
		return r.refused(ctx, it, pass)
	}
	s := &slot{run: r, item: it}
	_, sparing := senderAs[Sparing](sender)
	if !sparing {
		if _, err := s.take(ctx); err != nil {
			return s.wait
		}
	}
	receipt, err := r.send(context.WithValue(ctx, slotKey{}, s), sender, it)
	asked, had, wait := s.ended()
	switch {
	case !asked: // it sent nothing, and has nothing to say of its channel
		result := r.judge(ctx, it, 0, err)
		result.Receipt = receipt
		return result
	case !had.ok:
		return wait
	}
	defer had.leave()
	after, found := b.report(had.pass, r.Now(), err)
	if found {
		r.Found(ctx, it.Channel, b.outage().Since)
	}
	result := r.judge(ctx, it, after, err)
	result.Receipt = receipt
	return result
}

// send calls the sender, and bounds it: a claim is not held for ever.
func (r *run) send(ctx context.Context, s Sender, it outbox.Item) (receipt string, err error) {
	limit := r.sendTime(s)
	if _, sparing := senderAs[Sparing](s); sparing {
		limit += patience
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return s.Send(ctx, it)
}

// refused is the result of an item whose channel is down. While the channel has
// just been found so, an item that has waited out its patience is given up;
// during a probe it is not, since the channel may be back.
func (r *run) refused(ctx context.Context, it outbox.Item, p pass) outbox.Result {
	if !p.probing && r.aged(it, r.Now()) {
		return r.bury(ctx, it, outbox.Config(p.cause))
	}
	return r.later(r.Now(), p.wait, outbox.ForOutage, "not tried")
}

// judge turns the outcome of Send into a result: the hub's one classifier. The
// wait is what the channel's breaker asks for, when err is its fault.
func (r *run) judge(ctx context.Context, it outbox.Item, wait time.Duration, err error) outbox.Result {
	now := r.Now()
	after, throttled := outbox.Wait(err)
	putOff, isLater := outbox.PutOff(err)
	doubt, unclear := outbox.Doubt(err)
	switch {
	case err == nil:
		r.log(ctx, slog.LevelDebug, "sent", it, nil)
		return outbox.Result{Outcome: outbox.WasSent}
	case errors.Is(err, ErrMoot):
		r.log(ctx, slog.LevelDebug, "moot", it, nil)
		return outbox.Result{Outcome: outbox.WasMoot, Note: note(err)}
	case outbox.IsPermanent(err):
		return r.bury(ctx, it, err)
	case isLater:
		return outbox.Result{Outcome: outbox.Deferred, At: now.Add(putOff), Note: note(err), Wait: outbox.Deferral{For: outbox.ForHour}}
	case throttled:
		if after <= 0 {
			after = r.Patience.Base
		}
		result := r.shut(ctx, it, now.Add(after), err)
		r.log(ctx, slog.LevelInfo, "asked to wait", it, err, slog.Duration("wait", result.At.Sub(now)))
		return result
	case r.aged(it, now):
		return r.bury(ctx, it, err)
	case unclear:
		r.log(ctx, slog.LevelWarn, "refused, and it is not clear on whose account: will be tried again", it, err, slog.Duration("wait", doubt))
		return r.later(now, doubt, outbox.ForDoubt, note(err))
	case outbox.IsConfig(err), wait > 0 && outbox.IsUnanswered(err) && !outbox.IsUncertain(err):
		// It did not reach the platform, or does no harm twice: no try is burnt.
		r.log(ctx, slog.LevelError, "channel is down", it, err, slog.Duration("wait", wait), slog.String("reason", outbox.Reason(err)))
		return r.later(now, wait, outbox.ForOutage, note(err))
	case it.Tries+1 >= r.Patience.Tries:
		return r.bury(ctx, it, err)
	}
	result := r.again(it, now, note(err))
	result.Uncertain = outbox.IsUncertain(err)
	r.log(ctx, slog.LevelWarn, "not sent, will be tried again", it, err, slog.Duration("wait", result.At.Sub(now)))
	return result
}

// again is a retry after a wait with full jitter.
func (r *run) again(it outbox.Item, now time.Time, note string) outbox.Result {
	most := growing(r.Patience.Base, r.Patience.Cap, it.Tries)
	wait := time.Duration(r.Rand() * float64(most))
	return outbox.Result{Outcome: outbox.WillRetry, At: now.Add(wait), Note: note}
}

// later defers an item by wait and up to a quarter more, so that those who wait
// for one thing do not come back at one instant.
func (r *run) later(now time.Time, wait time.Duration, cause outbox.WaitFor, note string) outbox.Result {
	wait += time.Duration(r.Rand() * float64(wait) / 4)
	return outbox.Result{Outcome: outbox.Deferred, At: now.Add(wait), Note: note, Wait: outbox.Deferral{For: cause}}
}

// bury gives an item up for cause, with what is to be put in its place.
func (r *run) bury(ctx context.Context, it outbox.Item, cause error) outbox.Result {
	then, err := r.fallback(ctx, it, cause)
	if err != nil {
		r.log(ctx, slog.LevelError, "given up, but without a fallback: will be tried again", it, cause, slog.Any("fallback", err))
		return r.later(r.Now(), fallbackWait, outbox.ForFallback, note(err))
	}
	r.log(ctx, slog.LevelError, "given up", it, cause, slog.Int("instead", len(then)))
	return outbox.Result{
		Outcome: outbox.Buried, Note: note(cause), Uncertain: outbox.IsUncertain(cause), Then: then,
	}
}

func (r *run) fallback(ctx context.Context, it outbox.Item, cause error) (then []outbox.Item, err error) {
	if r.Fallback == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.Lease/6)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, debug.Stack()}
		}
	}()
	return r.Fallback(ctx, it, cause)
}

// recent are the attempts since the item was last settled for good: a replayed
// item begins anew.
func recent(it outbox.Item) []outbox.Attempt {
	for i, a := range slices.Backward(it.Attempts) {
		switch a.Outcome {
		case outbox.WasSent, outbox.WasMoot, outbox.Buried:
			return it.Attempts[i+1:]
		case outbox.WillRetry, outbox.Deferred, outbox.Released, outbox.Unknown:
		}
	}
	return it.Attempts
}

// vanished is how often a worker took the item and did not come back.
func vanished(it outbox.Item) int {
	n := 0
	for _, a := range recent(it) {
		if a.Outcome == outbox.Unknown {
			n++
		}
	}
	return n
}

// poisoned reports whether the item's workers vanished too often.
func (r *run) poisoned(it outbox.Item) bool { return vanished(it) >= r.Patience.Unknown }

// aged reports whether the item has failed for too long. Waits that a platform
// or quiet hours asked for are no failures.
func (r *run) aged(it outbox.Item, now time.Time) bool {
	for _, a := range recent(it) {
		if a.Outcome == outbox.WillRetry || a.Outcome == outbox.Unknown || a.Waits().IsTrouble() {
			return now.Sub(a.At) >= r.Patience.Age
		}
	}
	return false
}

// note is err for the item's record.
func note(err error) string {
	s := err.Error()
	if len(s) > maxNote {
		s = strings.ToValidUTF8(s[:maxNote], "") + "…"
	}
	return s
}

func (r *run) log(ctx context.Context, level slog.Level, msg string, it outbox.Item, err error, more ...slog.Attr) {
	if !r.Log.Enabled(ctx, level) {
		return
	}
	attrs := append(about(it), more...)
	if err != nil {
		attrs = append(attrs, slog.Any("err", err))
	}
	if p, ok := errors.AsType[*panicError](err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	r.Log.LogAttrs(ctx, level, msg, attrs...)
}

// about names an item in the log; its data may be personal and is left out.
func about(it outbox.Item) []slog.Attr {
	return []slog.Attr{
		slog.String("item", it.ID), slog.String("key", it.Key), slog.String("channel", it.Channel),
		slog.String("what", it.What), slog.Int("tries", it.Tries), slog.Int("epoch", it.Epoch),
	}
}
