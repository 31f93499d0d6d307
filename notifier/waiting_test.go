package notifier_test

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// tally is a Meter that counts what was settled for good.
type tally struct {
	mu      sync.Mutex
	settled map[string]int
}

func (m *tally) Ended(outbox.Item, outbox.Result, time.Duration, time.Duration) {}
func (m *tally) Waits(string, time.Duration)                                    {}

func (m *tally) Settled(channel string, o outbox.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.settled == nil {
		m.settled = map[string]int{}
	}
	m.settled[channel+" "+string(o)]++
}

func TestWhatWaitsIsCountedByChannelUntilItIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := testbed.Now()
		var counts tally
		b := start(t, notifier.Config{Meter: &counts, Senders: map[string]notifier.Sender{
			"email": sender(func(context.Context, outbox.Item) (string, error) {
				if testbed.Now().Sub(began) < 10*time.Minute {
					return "", outbox.Config(errors.New("no route"))
				}
				return "r", nil
			}),
			"slack": sender(func(_ context.Context, it outbox.Item) (string, error) {
				switch it.Key {
				case "quiet":
					return "", outbox.Later(errors.New("quiet hours"), time.Hour)
				case "moot":
					return "", notifier.ErrMoot
				case "dead":
					return "", outbox.Permanent(errors.New("no such channel"))
				}
				return "r", nil
			}),
		}}, on("email", "a"), on("email", "b"), on("slack", "quiet"), on("slack", "moot"), on("slack", "dead"), on("slack", "sent"))
		defer b.end(t)
		pass(5 * time.Minute)
		if got := b.hub.Waiting(); got["email"].Items != 2 || got["email"].Oldest.Sub(began) > time.Second || got["slack"].Items != 0 {
			t.Errorf("while mail is down: %+v", got)
		}
		if at := b.hub.Waiting()["slack"]; !at.Oldest.IsZero() {
			t.Errorf("what quiet hours hold back counts as late since %v", at.Oldest)
		}
		pass(10 * time.Minute)
		if got := b.hub.Waiting(); got["email"].Items != 0 {
			t.Errorf("when all is sent: %+v", got)
		}
		want := map[string]int{"email sent": 2, "slack sent": 1, "slack moot": 1, "slack dead": 1}
		if !maps.Equal(counts.settled, want) {
			t.Errorf("settled: %v, want %v", counts.settled, want)
		}
	})
}

func TestWhatAnotherHubTookOverIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			return "", errors.New("451 later")
		}))}, due("k"))
		pass(100 * time.Millisecond)
		if got := b.hub.Waiting()["email"].Items; got != 1 {
			t.Fatalf("%d items wait", got)
		}
		b.end(t)
		pass(time.Hour)
		if got := b.hub.Waiting()["email"].Items; got != 0 {
			t.Errorf("%d items wait, of which nothing was heard for an hour", got)
		}
	})
}

// on is an item of a channel, due now.
func on(channel, key string) outbox.Item {
	it := due(key)
	it.Channel = channel
	return it
}
