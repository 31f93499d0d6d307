package redis_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// arrivals is a channel that notes when each item was handed to it, by key.
type arrivals struct {
	now   func() time.Time
	mu    sync.Mutex
	at    map[string]time.Time
	count int
	all   chan struct{} // closed when as many came as were awaited
}

func (a *arrivals) Send(_ context.Context, it outbox.Item) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at[it.Key] = a.now()
	if a.count--; a.count == 0 {
		close(a.all)
	}
	return "taken", nil
}

// across commits n items on one store, at the pace of tick, and returns how long
// each took to be handed to the channel by the hub of another, from its commit on.
func across(t testing.TB, from, to *redis.Store, n int, tick time.Duration) []time.Duration {
	t.Helper()
	now := testbed.Clock()
	a := &arrivals{now: now, at: map[string]time.Time{}, count: n, all: make(chan struct{})}
	hub, err := notifier.New(notifier.Config{
		Outbox: to, Now: now, Senders: map[string]notifier.Sender{"email": a}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- hub.Run(ctx) }()
	begun := make([]time.Time, n)
	pace := time.NewTicker(tick)
	defer pace.Stop()
	var wg sync.WaitGroup
	for i := range n {
		<-pace.C
		wg.Go(func() {
			begun[i] = now()
			item := mail(fmt.Sprint("across-", i))
			item.Due = begun[i]
			c := next(core.Record{}, core.Event{Record: fmt.Sprint("across-", i), At: begun[i]}, item)
			if err := from.Commit(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	select {
	case <-a.all:
	case <-time.After(30 * time.Second):
		t.Fatal("not all items arrived")
	}
	stop()
	must(t, <-done)
	out := make([]time.Duration, n)
	for i := range n {
		out[i] = a.at[fmt.Sprint("across-", i)].Sub(begun[i])
	}
	slices.Sort(out)
	return out
}

func TestAnItemCommittedOnOneReplicaIsSentByAnotherWithinATenthOfASecond(t *testing.T) {
	tag := newTag()
	a, b := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	woken(t, b) // it listens
	took := across(t, a, b, 50, 5*time.Millisecond)
	if median := took[len(took)/2]; median > 100*time.Millisecond {
		t.Errorf("the median is %v: %v", median, took)
	}
}

// BenchmarkAcross is from the commit of an item on one replica to its hand-over to
// the channel by another, at 200 a second.
func BenchmarkAcross(b *testing.B) {
	for _, fsync := range []string{"everysec", "always"} {
		b.Run("fsync="+fsync, func(b *testing.B) {
			server := redistest.Start(b, redistest.Options{Fsync: fsync})
			one, other := open(b, server.DSN("sidem"), redis.Options{}), open(b, server.DSN("sidem"), redis.Options{})
			took := across(b, one, other, max(b.N, 100), 5*time.Millisecond)
			ms := func(share float64) float64 {
				return took[int(share*float64(len(took)-1))].Seconds() * 1000
			}
			b.ReportMetric(ms(0.5), "p50-ms")
			b.ReportMetric(ms(0.99), "p99-ms")
		})
	}
}
