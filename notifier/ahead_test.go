package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// remote is a store that takes its time to answer.
func remote() *memory { return &memory{slowClaim: time.Millisecond, slowSettle: 2 * time.Millisecond} }

// calls are the claims and the settlements of a store.
func (m *memory) calls() (claims, settles int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.claims), len(m.settles)
}

// What takes no time is claimed and settled by the hundred, whatever came of it.
func TestAFloodCostsAsManyCallsOfTheStoreAsItHasHundreds(t *testing.T) {
	for name, send := range map[string]sender{
		"sent": func(context.Context, outbox.Item) (string, error) { return "r", nil },
		"moot": func(context.Context, outbox.Item) (string, error) { return "", notifier.ErrMoot },
		"a channel that is down": func(context.Context, outbox.Item) (string, error) {
			return "", outbox.Config(errors.New("no route"))
		},
		"quiet hours": func(context.Context, outbox.Item) (string, error) {
			return "", outbox.Later(errors.New("at night"), time.Hour)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := start(t, notifier.Config{Outbox: remote(), Audit: time.Hour, Senders: chat(sender(func(ctx context.Context, it outbox.Item) (string, error) {
					time.Sleep(100 * time.Microsecond)
					return send(ctx, it)
				}))}, messages(2000, "a", "b")...)
				defer b.end(t)
				pass(500 * time.Millisecond)
				stats, err := b.Stats(t.Context(), testbed.Now())
				if err != nil || stats.Due+stats.Leased > 0 {
					t.Fatalf("not done: %+v, %v", stats, err)
				}
				if claims, settles := b.calls(); claims > 60 || settles > 60 {
					t.Errorf("%d claims and %d settlements of 4000 items", claims, settles)
				}
			})
		})
	}
}

func TestSettlementsDoNotWaitForOneAnotherWhenThereAreMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{slowSettle: 100 * time.Millisecond}
		b := start(t, notifier.Config{
			Outbox: m, Batch: 100, Audit: time.Hour,
			Senders: chat(sender(func(context.Context, outbox.Item) (string, error) { return "r", nil })),
		}, messages(400, "a")...)
		defer b.end(t)
		pass(250 * time.Millisecond)
		stats, err := b.Stats(t.Context(), testbed.Now())
		if err != nil || stats.Sent != 400 {
			t.Errorf("after two and a half times what a settlement takes: %+v, %v", stats, err)
		}
		// The first has what is there when it begins; while it lasts, few do not begin another.
		if _, settles := b.calls(); settles > 6 {
			t.Errorf("%d settlements", settles)
		}
	})
}

// ahead has a hub of two workers claim much ahead of them, since the first hundred took
// no time; then its channel hangs.
func ahead(t *testing.T, hang func(ctx context.Context)) (b *bench, sent func() []string) {
	t.Helper()
	var mu sync.Mutex
	var keys []string
	var n atomic.Int64
	b = start(t, notifier.Config{
		Outbox: remote(), Workers: 2, Batch: 50, Audit: time.Hour,
		Senders: chat(sender(func(ctx context.Context, it outbox.Item) (string, error) {
			mu.Lock()
			keys = append(keys, it.Key)
			mu.Unlock()
			if n.Add(1) > 100 {
				hang(ctx)
			}
			time.Sleep(100 * time.Microsecond)
			return "r", ctx.Err()
		})),
	}, messages(300, "a", "b", "c")...)
	pass(30 * time.Millisecond)
	stats, err := b.Stats(t.Context(), testbed.Now())
	if err != nil || n.Load() < 102 || stats.Leased < 12 {
		t.Fatalf("%d are sent or being sent, and %+v: nothing was claimed ahead (%v)", n.Load(), stats, err)
	}
	return b, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(keys)
	}
}

func TestWhatWasClaimedAheadIsGivenBackWhenNobodyGetsToIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, sent := ahead(t, func(ctx context.Context) { <-ctx.Done() })
		defer b.leave()
		since := map[string]time.Time{} // by item and claim
		for range 30 {
			pass(100 * time.Millisecond)
			items, err := b.Items(t.Context(), outbox.Live, "", 10_000)
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range items {
				claim := fmt.Sprint(it.Key, it.Epoch)
				if !it.Leased || slices.Contains(sent(), it.Key) {
					continue
				}
				if since[claim].IsZero() {
					since[claim] = testbed.Now()
				}
				if held := testbed.Now().Sub(since[claim]); held > 500*time.Millisecond {
					t.Fatalf("%s is held for %s by a hub that does not get to it", it.Key, held)
				}
			}
		}
	})
}

func TestWhatWasClaimedAheadIsGivenBackAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, sent := ahead(t, func(context.Context) { time.Sleep(time.Second) })
		b.end(t)
		if n := len(sent()); n != 102 {
			t.Errorf("%d were begun, %d of them after the end", n, n-102)
		}
		stats, err := b.Stats(t.Context(), testbed.Now())
		if err != nil || stats.Leased != 0 || stats.Sent != 102 {
			t.Errorf("%+v, %v", stats, err)
		}
		items, err := b.Items(t.Context(), outbox.Live, "", 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			if it.Tries > 0 || slices.ContainsFunc(it.Attempts, func(a outbox.Attempt) bool { return a.Outcome != outbox.Released }) {
				t.Fatalf("%s: %+v", it.Key, it.Attempts)
			}
		}
	})
}

func TestWhatAPersonWaitsForGoesBeforeWhatWasClaimedAhead(t *testing.T) {
	// At most what was begun, what one claim may have brought ahead, and what one under way
	// brings, go before it; where a send takes long, hardly anything is claimed ahead.
	const begun, claim = 102, 50
	for send, most := range map[time.Duration]int{5 * time.Millisecond: begun + 2*claim, 200 * time.Millisecond: 108} {
		t.Run(fmt.Sprint(send), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, sent := ahead(t, func(context.Context) { time.Sleep(send) })
				defer b.end(t)
				b.owe(t, press("pressed", "d"))
				pass(600 * time.Millisecond)
				if at := slices.Index(sent(), "pressed"); at < 0 || at > most {
					t.Errorf("it was sent as number %d of %d", at, len(sent()))
				}
			})
		})
	}
}
