package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// unsure answers at random and watches that no item is under way twice.
type unsure struct {
	t    *testing.T
	mu   sync.Mutex
	rand *rand.Rand
	busy map[string]bool
}

func (u *unsure) Send(ctx context.Context, it outbox.Item) (string, error) {
	u.mu.Lock()
	if u.busy[it.ID] {
		u.t.Errorf("%s is sent twice at once", it.ID)
	}
	u.busy[it.ID] = true
	fate, wait := u.rand.IntN(10), time.Duration(u.rand.IntN(3000))*time.Millisecond
	u.mu.Unlock()
	defer func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.busy, it.ID)
	}()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return "", outbox.Uncertain(ctx.Err())
	}
	trouble := errors.New("trouble")
	switch fate {
	case 0:
		return "", trouble
	case 1:
		return "", outbox.Permanent(trouble)
	case 2:
		return "", outbox.RetryAfter(trouble, 3*time.Second)
	case 3:
		return "", outbox.Config(trouble)
	case 4:
		return "", outbox.Uncertain(trouble)
	case 5:
		return "", notifier.ErrMoot
	case 6:
		panic(trouble)
	default:
		return "r", nil
	}
}

// Hubs come and go over one outbox whose store now and then fails; at rest
// every item is accounted for, and what was given up left an alert.
func TestWhateverHappensEveryItemEndsAsSentMootOrDead(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { soak(t, seed) })
		})
	}
}

func soak(t *testing.T, seed uint64) {
	chance := rand.New(rand.NewPCG(seed, 1))
	u := &unsure{t: t, rand: rand.New(rand.NewPCG(seed, 2)), busy: map[string]bool{}}
	m := &memory{}
	cfg := notifier.Config{
		Outbox: m, Workers: 8, Senders: email(u), Rand: func() float64 { return 0.7 },
		Fallback: func(_ context.Context, it outbox.Item, _ error) ([]outbox.Item, error) {
			if it.What == "alert" {
				return nil, nil
			}
			return []outbox.Item{{Key: "alert:" + it.ID, Merge: outbox.Once, Due: testbed.Now(), Channel: "email", Account: "admin" + it.ID, What: "alert"}}, nil
		},
	}
	var items []outbox.Item
	for i := range 120 {
		it := due(fmt.Sprint("m", i))
		it.Account, it.Due = fmt.Sprint("a", i%20), testbed.Now().Add(time.Duration(chance.IntN(60_000))*time.Millisecond)
		items = append(items, it)
	}
	b := start(t, cfg, items...)
	for range 10 {
		other, err := notifier.New(withClock(cfg, b.clock))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- other.Run(ctx) }()
		pass(time.Duration(chance.IntN(8000)) * time.Millisecond)
		m.mu.Lock()
		m.failSettles, m.dropReplies, m.failClaims = chance.IntN(3), chance.IntN(3), chance.IntN(3)
		m.mu.Unlock()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	for range 120 {
		pass(time.Minute)
		if s, err := m.Stats(t.Context(), testbed.Now()); err != nil || s.Live == 0 {
			break
		}
	}
	if idle, err := b.hub.Idle(t.Context()); !idle || err != nil {
		t.Errorf("not at rest: %v", err)
	}
	b.end(t)
	s, err := m.Stats(t.Context(), testbed.Now())
	if err != nil || s.Live != 0 || s.Created != s.Sent+s.Moot+s.Dead || s.Sent == 0 || s.Dead == 0 {
		t.Errorf("at rest: %+v, %v", s, err)
	}
	for _, it := range m.items {
		if it.State == outbox.Dead && it.What != "alert" {
			m.item(t, "alert:"+it.ID)
		}
	}
}

func withClock(c notifier.Config, k *clock) notifier.Config {
	c.Now, c.Log = k.now, slog.New(slog.DiscardHandler)
	return c
}
