package wire

import (
	"context"
	"math/rand/v2"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

const (
	// FirstPause is the longest wait after a first failure.
	FirstPause = 500 * time.Millisecond
	// LongestPause is the longest after many.
	LongestPause = 30 * time.Second

	// Attempts are how often each part of an answer is tried.
	Attempts = 4
)

// Pause is how long to wait after the n-th failure in a row (from 0), err being
// classified: what the platform asks for, or growing with jitter.
func Pause(n int, err error) time.Duration {
	if asked, ok := outbox.Wait(err); ok {
		return asked
	}
	top := min(FirstPause<<min(n, 10), LongestPause)
	return top/2 + rand.N(top/2) //nolint:gosec // spreads load, keeps no secret
}

// Sleep waits for d, or until ctx ends: then it returns the context's error.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sleeper waits, as Sleep does; tests wait less.
type Sleeper func(ctx context.Context, d time.Duration) error

// Answer repeats do, whose errors are classified, until it succeeds or fails for
// good, or ctx or the attempts run out, waiting as the platform asks of it or of any
// other (Through). An answer is worth a duplicate: silence is worse.
func (sleep Sleeper) Answer(ctx context.Context, do func() error) error {
	for n := 0; ; n++ {
		err := sleep.pass(ctx)
		if err == nil {
			err = do()
			shut(ctx, err)
		}
		if err == nil || outbox.IsPermanent(err) || outbox.IsGone(err) || n+1 == Attempts {
			return err
		}
		wait := Pause(n, err)
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return err
		}
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// Insist repeats do, which nothing works without, until it succeeds; false: ctx
// ended first. told hears of each try how it went, and says how long to wait after
// a failure by classifying it.
func (sleep Sleeper) Insist(ctx context.Context, do func() error, told func(error) (classified error)) bool {
	for try := 0; ; try++ {
		err := do()
		if ctx.Err() != nil {
			return false
		}
		classified := told(err)
		if err == nil {
			return true
		}
		if sleep(ctx, Pause(try, classified)) != nil {
			return false
		}
	}
}
