package notifier

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// maxNote bounds what an attempt remembers of an error, in bytes.
const maxNote = 300

// fallbackWait is when to try again what could not be buried for want of a fallback.
const fallbackWait = time.Minute

// verdicts turn what came of an item into the result that settles it.
type verdicts struct {
	*Config
	slots *slots
}

// of is the hub's one classifier of what channels say. The wait is what the channel's
// breaker asks for, when err is its fault.
func (v *verdicts) of(ctx context.Context, it outbox.Item, wait time.Duration, err error) outbox.Result {
	now := v.Now()
	after, throttled := outbox.Wait(err)
	putOff, isLater := outbox.PutOff(err)
	doubt, unclear := outbox.Doubt(err)
	switch {
	case err == nil:
		v.log(ctx, slog.LevelDebug, "sent", it, nil)
		return outbox.Result{Outcome: outbox.WasSent}
	case errors.Is(err, ErrMoot):
		v.log(ctx, slog.LevelDebug, "moot", it, nil)
		return outbox.Result{Outcome: outbox.WasMoot, Note: note(err)}
	case outbox.IsPermanent(err):
		return v.bury(ctx, it, err)
	case isLater:
		return outbox.Result{Outcome: outbox.Deferred, At: now.Add(putOff), Note: note(err), Wait: outbox.Deferral{For: outbox.ForHour}}
	case throttled:
		if after <= 0 {
			after = v.Patience.Base
		}
		result := v.slots.shut(ctx, it, now.Add(after), err)
		v.log(ctx, slog.LevelInfo, "asked to wait", it, err, slog.Duration("wait", result.At.Sub(now)))
		return result
	case v.aged(it, now):
		return v.bury(ctx, it, err)
	case unclear:
		v.log(ctx, slog.LevelWarn, "refused, and it is not clear on whose account: will be tried again", it, err, slog.Duration("wait", doubt))
		return v.later(now, doubt, outbox.ForDoubt, note(err))
	case outbox.IsConfig(err), wait > 0 && outbox.IsUnanswered(err) && !outbox.IsUncertain(err):
		// It did not reach the platform, or does no harm twice: no try is burnt.
		v.log(ctx, slog.LevelError, "channel is down", it, err, slog.Duration("wait", wait), slog.String("reason", outbox.Reason(err)))
		return v.later(now, wait, outbox.ForOutage, note(err))
	case it.Tries+1 >= v.Patience.Tries:
		return v.bury(ctx, it, err)
	}
	result := v.again(it, now, note(err))
	result.Uncertain = outbox.IsUncertain(err)
	v.log(ctx, slog.LevelWarn, "not sent, will be tried again", it, err, slog.Duration("wait", result.At.Sub(now)))
	return result
}

// outage is the result of an item whose channel is down. While the channel has
// just been found so, an item that has waited out its patience is given up;
// during a probe it is not, since the channel may be back.
func (v *verdicts) outage(ctx context.Context, it outbox.Item, r refusal) outbox.Result {
	if !r.probing && v.aged(it, v.Now()) {
		return v.bury(ctx, it, outbox.Config(r.cause))
	}
	return v.later(v.Now(), r.wait, outbox.ForOutage, "not tried")
}

// bury gives an item up for cause, with what is to be put in its place.
func (v *verdicts) bury(ctx context.Context, it outbox.Item, cause error) outbox.Result {
	then, err := v.instead(ctx, it, cause)
	if err != nil {
		v.log(ctx, slog.LevelError, "given up, but without a fallback: will be tried again", it, cause, slog.Any("fallback", err))
		return v.later(v.Now(), fallbackWait, outbox.ForFallback, note(err))
	}
	v.log(ctx, slog.LevelError, "given up", it, cause, slog.Int("instead", len(then)))
	return outbox.Result{
		Outcome: outbox.Buried, Note: note(cause), Uncertain: outbox.IsUncertain(cause), Then: then,
	}
}

func (v *verdicts) instead(ctx context.Context, it outbox.Item, cause error) (then []outbox.Item, err error) {
	if v.Fallback == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, v.Lease/6)
	defer cancel()
	err = survive(func() (err error) {
		then, err = v.Fallback(ctx, it, cause)
		return err
	})
	return then, err
}

// again is a retry after a wait with full jitter.
func (c *Config) again(it outbox.Item, now time.Time, note string) outbox.Result {
	most := growing(c.Patience.Base, c.Patience.Cap, it.Tries)
	wait := time.Duration(c.Rand() * float64(most))
	return outbox.Result{Outcome: outbox.WillRetry, At: now.Add(wait), Note: note}
}

// later defers an item by wait and up to a quarter more, so that those who wait
// for one thing do not come back at one instant.
func (c *Config) later(now time.Time, wait time.Duration, cause outbox.WaitFor, note string) outbox.Result {
	wait += time.Duration(c.Rand() * float64(wait) / 4)
	return outbox.Result{Outcome: outbox.Deferred, At: now.Add(wait), Note: note, Wait: outbox.Deferral{For: cause}}
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
func (c *Config) poisoned(it outbox.Item) bool { return vanished(it) >= c.Patience.Unknown }

// aged reports whether the item has failed for too long. Waits that a platform
// or quiet hours asked for are no failures.
func (c *Config) aged(it outbox.Item, now time.Time) bool {
	for _, a := range recent(it) {
		if a.Outcome == outbox.WillRetry || a.Outcome == outbox.Unknown || a.Waits().IsTrouble() {
			return now.Sub(a.At) >= c.Patience.Age
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
