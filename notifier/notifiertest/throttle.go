// Package notifiertest holds what every Throttle must do.
package notifiertest

import (
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// noon is a business time to begin at, cut to milliseconds.
var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

// grain is how much later than the rule says a Throttle may let go: one that
// keeps whole milliseconds rounds up.
const grain = 2 * time.Millisecond

// Throttle holds an implementation to its contract. open gives an empty one each
// time, and sees to its end by t.Cleanup.
func Throttle(t *testing.T, open func(t *testing.T) notifier.Throttle) {
	t.Helper()
	for _, tt := range throttleTests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

func admit(t *testing.T, g notifier.Throttle, now time.Time, rates ...outbox.Rate) time.Duration {
	t.Helper()
	at, err := g.Admit(t.Context(), now, rates...)
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(now)
}

func shut(t *testing.T, g notifier.Throttle, scope string, until time.Time) {
	t.Helper()
	if err := g.Shut(t.Context(), scope, until); err != nil {
		t.Fatal(err)
	}
}

// about fails the test unless a wait is what the rule says.
func about(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got < want || got > want+grain {
		t.Errorf("%s waits %v, want %v", what, got, want)
	}
}

var (
	chat = outbox.Rate{Scope: "chat:1", Every: time.Second, Burst: 3}
	bot  = outbox.Rate{Scope: "bot", Every: 40 * time.Millisecond, Burst: 2}
)

var throttleTests = []struct {
	name string
	run  func(t *testing.T, g notifier.Throttle)
}{
	{"a burst goes at once, and then one every so often", func(t *testing.T, g notifier.Throttle) {
		for i := range 6 {
			about(t, "one", admit(t, g, noon, chat), time.Duration(max(0, i-2))*time.Second)
		}
	}},
	{"what time has passed is earned again, up to the burst", func(t *testing.T, g notifier.Throttle) {
		for range 3 {
			admit(t, g, noon, chat)
		}
		about(t, "after a second and a half", admit(t, g, noon.Add(1500*time.Millisecond), chat), 0)
		about(t, "the next", admit(t, g, noon.Add(1500*time.Millisecond), chat), 500*time.Millisecond)
		for i := range 4 {
			about(t, "after an hour", admit(t, g, noon.Add(time.Hour), chat), time.Duration(max(0, i-2))*time.Second)
		}
	}},
	{"scopes know nothing of one another", func(t *testing.T, g notifier.Throttle) {
		for range 5 {
			admit(t, g, noon, chat)
		}
		other := chat
		other.Scope = "chat:2"
		about(t, "the other chat", admit(t, g, noon, other), 0)
	}},
	{"one send is reserved in all rates, at the latest instant of them", func(t *testing.T, g notifier.Throttle) {
		for range 4 {
			admit(t, g, noon, chat)
		}
		about(t, "in both", admit(t, g, noon, chat, bot), 2*time.Second)
		// The bot is reserved for then, with its burst around it.
		about(t, "the bot alone", admit(t, g, noon, bot), 2*time.Second)
		about(t, "the bot alone", admit(t, g, noon, bot), 2*time.Second+40*time.Millisecond)
	}},
	{"the order of rates makes no difference", func(t *testing.T, g notifier.Throttle) {
		for range 4 {
			admit(t, g, noon, chat)
		}
		about(t, "in both", admit(t, g, noon, bot, chat), 2*time.Second)
	}},
	{"a scope that was shut opens at its time, for one after the other", func(t *testing.T, g notifier.Throttle) {
		one := chat
		one.Burst = 1
		shut(t, g, one.Scope, noon.Add(30*time.Second))
		about(t, "the first", admit(t, g, noon, one), 30*time.Second)
		about(t, "the second", admit(t, g, noon, one), 31*time.Second)
		about(t, "another scope", admit(t, g, noon, bot), 0)
	}},
	{"shutting for a shorter time opens nothing earlier", func(t *testing.T, g notifier.Throttle) {
		shut(t, g, chat.Scope, noon.Add(30*time.Second))
		shut(t, g, chat.Scope, noon.Add(10*time.Second))
		about(t, "one", admit(t, g, noon, chat), 30*time.Second)
	}},
	{"a rate without every asks only whether the scope is shut", func(t *testing.T, g notifier.Throttle) {
		ask := outbox.Rate{Scope: chat.Scope}
		for range 5 {
			admit(t, g, noon, chat)
		}
		about(t, "a question", admit(t, g, noon, ask), 0)
		about(t, "one after it", admit(t, g, noon, chat), 3*time.Second)
		shut(t, g, chat.Scope, noon.Add(time.Minute))
		about(t, "a question", admit(t, g, noon, ask), time.Minute)
	}},
	{"no rates, no wait", func(t *testing.T, g notifier.Throttle) {
		about(t, "one", admit(t, g, noon), 0)
	}},
	{"a clock that went back shuts nothing", func(t *testing.T, g notifier.Throttle) {
		later := noon.Add(1000 * time.Hour)
		for range 9 {
			admit(t, g, later, chat)
		}
		shut(t, g, chat.Scope, later.Add(time.Hour))
		for i := range 2 {
			about(t, "one", admit(t, g, noon, outbox.Rate{Scope: chat.Scope, Every: time.Second, Burst: 1}), time.Duration(i)*time.Second)
		}
	}},
	{"many at once reserve different instants", func(t *testing.T, g notifier.Throttle) {
		const n = 40
		var (
			wg    sync.WaitGroup
			mu    sync.Mutex
			waits = map[time.Duration]int{}
		)
		one := outbox.Rate{Scope: "chat:1", Every: time.Second, Burst: 1}
		for range n {
			wg.Go(func() {
				at, err := g.Admit(t.Context(), noon, one)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				waits[at.Sub(noon).Round(100*time.Millisecond)]++
			})
		}
		wg.Wait()
		for i := range n {
			if got := waits[time.Duration(i)*time.Second]; got != 1 {
				t.Errorf("%d go after %d s, want one", got, i)
			}
		}
	}},
}
