package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

func TestWhatAChannelIsFoundToBeIsToldBeforeTheItemIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		var mu sync.Mutex
		var told []string
		var first time.Time
		var b *bench
		mu.Lock()
		b = start(t, notifier.Config{
			Workers: 1,
			Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
				if up.Load() {
					return "", nil
				}
				return "", outbox.Config(errors.New("421 not available"))
			})),
			Found: func(_ context.Context, channel string, since time.Time) {
				mu.Lock()
				defer mu.Unlock()
				it := b.item(t, "one")
				if first.IsZero() {
					first = since
				}
				told = append(told, fmt.Sprintf("%s down:%t after %d attempts on record, since the first: %t", channel, !since.IsZero(), len(it.Attempts), since.Equal(first)))
			},
		}, due("one"))
		mu.Unlock()
		defer b.end(t)
		pass(1500 * time.Millisecond) // the first, and a probe
		up.Store(true)
		pass(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		want := []string{
			"email down:true after 0 attempts on record, since the first: true",
			"email down:true after 1 attempts on record, since the first: true",
			"email down:false after 2 attempts on record, since the first: false",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Error(diff)
		}
		if it := b.item(t, "one"); it.State != outbox.Sent {
			t.Errorf("it ends %s", it.State)
		}
	})
}
