package notifier_test

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// mortal is a store as a process has it that may be killed: from then on none of its
// calls gets there.
type mortal struct {
	*memory
	dead atomic.Bool
}

func (m *mortal) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	if m.dead.Load() {
		return nil, context.Canceled
	}
	return m.memory.Claim(ctx, now, n, lease)
}

func (m *mortal) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	if m.dead.Load() {
		return 0, context.Canceled
	}
	return m.memory.Settle(ctx, now, results)
}

// hub runs a hub over a store until the test ends.
func hub(t *testing.T, store notifier.Outbox, c *clock, s notifier.Sender) (stop func()) {
	t.Helper()
	h, err := notifier.New(notifier.Config{Outbox: store, Senders: map[string]notifier.Sender{"telegram": s}, Now: c.now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = h.Run(ctx) }) // one that is killed leaves what it holds
	return sync.OnceFunc(func() { cancel(); running.Wait() })
}

func pressed(key string) outbox.Item {
	return outbox.Item{Key: key, Merge: outbox.Latest, Lane: outbox.Press, Due: testbed.Now(), Account: "a1", Channel: "telegram", What: "card"}
}

func TestWhatAPersonWaitsForIsSentByWhoeverIsAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		store := &memory{items: map[string]outbox.Item{}, wake: make(chan struct{}, 1), clock: c}
		notice := pressed("notice")
		notice.Lane, notice.Account = outbox.Normal, "a2"
		store.put([]outbox.Item{pressed("card"), notice})
		first := &mortal{memory: store}
		stop := hub(t, first, c, sender(func(ctx context.Context, _ outbox.Item) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		}))
		defer stop()
		pass(10 * time.Millisecond) // both are claimed
		first.dead.Store(true)      // and whoever holds them is killed
		killed := testbed.Now()
		var mu sync.Mutex
		sent := map[string]time.Duration{}
		stop2 := hub(t, store, c, sender(func(_ context.Context, it outbox.Item) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			sent[it.Key] = testbed.Now().Sub(killed).Truncate(time.Second)
			return "", nil
		}))
		defer stop2()
		pass(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		want := map[string]time.Duration{"card": outbox.Patience - time.Second, "notice": 29 * time.Second} // 10 ms had gone by
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]outbox.Outcome{outbox.Unknown, outbox.WasSent}, outcomes(store.item(t, "card"))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestASlowSendOfWhatAPersonWaitsForIsNotSentTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &clock{}
		store := &memory{items: map[string]outbox.Item{}, wake: make(chan struct{}, 1), clock: c}
		store.put([]outbox.Item{pressed("card")})
		var sends atomic.Int32
		slow := sender(func(context.Context, outbox.Item) (string, error) {
			sends.Add(1)
			time.Sleep(15 * time.Second)
			return "", nil
		})
		defer hub(t, store, c, slow)()
		defer hub(t, store, c, slow)()
		pass(5 * time.Second)
		store.mu.Lock()
		store.failSettles = 2 // renewals, one after the other
		store.mu.Unlock()
		pass(time.Minute)
		if n := sends.Load(); n != 1 {
			t.Errorf("it was sent %d times", n)
		}
		if diff := cmp.Diff([]outbox.Outcome{outbox.WasSent}, outcomes(store.item(t, "card"))); diff != "" {
			t.Error(diff)
		}
	})
}
