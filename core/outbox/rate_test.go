package outbox_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core/outbox"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// reserve takes n sends at an instant and returns how long each has to wait.
func reserve(r outbox.Rate, g *outbox.Gate, now time.Time, n int) []time.Duration {
	var out []time.Duration
	for range n {
		at, after := outbox.Reserve(now, []outbox.Rate{r}, []outbox.Gate{*g})
		*g = after[0]
		out = append(out, at.Sub(now))
	}
	return out
}

func TestABurstGoesAtOnceAndThenOneEverySoOften(t *testing.T) {
	r, g := outbox.Rate{Every: time.Second, Burst: 3}, outbox.Gate{}
	for i, wait := range reserve(r, &g, noon, 6) {
		if want := time.Duration(max(0, i-2)) * time.Second; wait != want {
			t.Errorf("send %d waits %v, want %v", i, wait, want)
		}
	}
	if got := reserve(r, &g, noon.Add(time.Hour), 4)[3]; got != time.Second {
		t.Errorf("after an hour of silence the fourth waits %v, want 1 s", got)
	}
}

func TestAShutScopeOpensAtItsTimeForOneAfterTheOther(t *testing.T) {
	r, g := outbox.Rate{Every: time.Second, Burst: 1}, outbox.Gate{Shut: noon.Add(30 * time.Second)}
	for i, wait := range reserve(r, &g, noon, 3) {
		if want := time.Duration(30+i) * time.Second; wait != want {
			t.Errorf("send %d waits %v, want %v", i, wait, want)
		}
	}
}

func TestARateWithoutEveryOnlyAsksWhetherTheScopeIsShut(t *testing.T) {
	r, g := outbox.Rate{}, outbox.Gate{Whole: noon.Add(time.Hour)}
	if got := reserve(r, &g, noon, 2); got[0] != 0 || got[1] != 0 || g.Whole != noon.Add(time.Hour) {
		t.Errorf("waits %v, and the gate is %+v", got, g)
	}
	g.Shut = noon.Add(time.Minute)
	if got := reserve(r, &g, noon, 1); got[0] != time.Minute {
		t.Errorf("waits %v, want 1 min", got)
	}
}

func TestAClockThatWentBackDoesNotShutAScope(t *testing.T) {
	r := outbox.Rate{Every: time.Second, Burst: 1}
	g := outbox.Gate{Whole: noon.Add(1000 * time.Hour), Shut: noon.Add(1000 * time.Hour)}
	for i, wait := range reserve(r, &g, noon, 3) {
		if want := time.Duration(i) * time.Second; wait != want {
			t.Errorf("send %d waits %v, want %v", i, wait, want)
		}
	}
}

// Whatever is asked for when: in no window of time does a scope let more through
// than its burst and what the window's length earns, and nothing goes while shut.
func TestNoWindowOfTimeHoldsMoreThanTheRateAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := []outbox.Rate{
			{Scope: "chat", Every: time.Second, Burst: rapid.IntRange(1, 4).Draw(t, "burst")},
			{Scope: "bot", Every: 40 * time.Millisecond, Burst: rapid.IntRange(1, 10).Draw(t, "burst of all")},
		}
		gates := make([]outbox.Gate, len(rates))
		now := noon
		var sent []time.Time
		for range rapid.IntRange(1, 60).Draw(t, "sends") {
			now = now.Add(time.Duration(rapid.IntRange(0, 1500).Draw(t, "pause")) * time.Millisecond)
			if rapid.IntRange(0, 9).Draw(t, "429") == 0 {
				gates[0].Shut = now.Add(5 * time.Second)
			}
			at, after := outbox.Reserve(now, rates, gates)
			if at.Before(now) || at.Before(gates[0].Shut) && gates[0].Shut.After(now) {
				t.Fatalf("at %v, when it is %v and shut until %v", at, now, gates[0].Shut)
			}
			gates, sent = after, append(sent, at)
		}
		for _, r := range rates {
			for i := range sent {
				for j := i + r.Burst; j < len(sent); j++ {
					if got, least := sent[j].Sub(sent[i]), time.Duration(j-i-r.Burst+1)*r.Every; got < least {
						t.Fatalf("%s: sends %d to %d within %v, want %v at least", r.Scope, i, j, got, least)
					}
				}
			}
		}
	})
}
