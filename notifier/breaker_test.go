package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// lost is a message that may have been delivered: the connection broke before the answer.
var lost = outbox.Uncertain(outbox.Unanswered(errors.New("connection reset by peer")))

func TestAChannelThatGivesNoAnswerTwiceInARowIsDownUntilItAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		var up atomic.Bool
		items := make([]outbox.Item, 20)
		for i := range items {
			items[i] = due(fmt.Sprintf("m%02d", i))
			items[i].Account = fmt.Sprint("a", i)
		}
		b := start(t, notifier.Config{Workers: 1, Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			if calls.Add(1); up.Load() {
				return "", nil
			}
			return "", lost
		}))}, items...)
		defer b.end(t)
		pass(500 * time.Millisecond)
		if n := calls.Load(); n != 2 || b.hub.Down()["email"].Since.IsZero() {
			t.Errorf("%d calls, down: %v; want two, and down", n, b.hub.Down())
		}
		pass(10 * time.Second)
		// A probe after 1, 2 and 4 s, each up to a quarter later.
		if n := calls.Load() - 2; n < 2 || n > 4 || b.hub.Down()["email"].Since.IsZero() {
			t.Errorf("%d probes in ten seconds, down: %v; want about three, and down", n, b.hub.Down())
		}
		up.Store(true)
		pass(time.Minute)
		if !b.hub.Down()["email"].Since.IsZero() {
			t.Error("it answers, and counts as down")
		}
		doubtful := 0
		for _, it := range items {
			got := b.item(t, it.Key)
			for _, a := range got.Attempts {
				if a.MayHaveArrived() {
					doubtful++
				}
			}
			if got.State != outbox.Sent {
				t.Errorf("%s is %s, want sent", it.Key, got.State)
			}
		}
		if want := int(calls.Load()) - len(items); doubtful != want {
			t.Errorf("%d attempts are on record as uncertain, want %d: all without an answer", doubtful, want)
		}
	})
}

func TestOneConnectionThatIsLostIsNoOutage(t *testing.T) {
	for name, errs := range map[string][]error{
		"one":                              {lost, nil},
		"two with an answer between":       {lost, nil, lost, nil},
		"two with a refusal between":       {lost, outbox.Permanent(errors.New("no such chat")), lost, nil},
		"two with a wait asked for within": {lost, outbox.RetryAfter(errors.New("429"), time.Second), lost, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{errs: errs}
				var down atomic.Bool
				var b *bench
				b = start(t, notifier.Config{Workers: 1, Senders: email(sender(func(ctx context.Context, it outbox.Item) (string, error) {
					if !b.hub.Down()["email"].Since.IsZero() {
						down.Store(true)
					}
					return s.Send(ctx, it)
				}))})
				defer b.end(t)
				for i := range len(errs) {
					it := due(fmt.Sprint("m", i))
					it.Account = it.Key
					b.mu.Lock()
					b.put([]outbox.Item{it})
					b.mu.Unlock()
					pass(100 * time.Millisecond)
				}
				pass(time.Minute)
				if down.Load() || !b.hub.Down()["email"].Since.IsZero() {
					t.Error("the channel counted as down")
				}
			})
		})
	}
}

func TestWhatDoesNoHarmTwiceBurnsNoTryWhileNobodyAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			if up.Load() {
				return "", nil
			}
			return "", outbox.Unanswered(errors.New("connection reset by peer"))
		}))}, due("m"))
		defer b.end(t)
		pass(2 * time.Hour) // longer than the tries would last
		up.Store(true)
		pass(2 * time.Minute)
		// Both before it was known, the second of which opened the breaker.
		if it := b.item(t, "m"); it.State != outbox.Sent || it.Tries != 1 {
			t.Errorf("it is %s with %d tries burnt, want sent with one", it.State, it.Tries)
		}
	})
}

func TestAProbeWithoutAnAnswerKeepsTheChannelDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{outbox.Config(errors.New("connection refused")), lost, nil}}
		b := start(t, notifier.Config{Workers: 1, Senders: email(s)}, due("m"))
		defer b.end(t)
		pass(10 * time.Second)
		calls := s.times()
		if len(calls) != 3 {
			t.Fatalf("%d calls, want three", len(calls))
		}
		// The second pause is twice the first.
		if got := calls[2].Sub(calls[1]); got < 2*time.Second || got > 3*time.Second {
			t.Errorf("it was probed again after %v, want about two seconds", got)
		}
		want := []outbox.Outcome{outbox.Deferred, outbox.WillRetry, outbox.Deferred, outbox.WasSent}
		if diff := cmp.Diff(want, outcomes(b.item(t, "m"))); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
}
