package notifiertest

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// counting is a channel that takes everything at once, and says when it has had so many.
type counting struct {
	left atomic.Int64
	all  chan struct{}
}

func (c *counting) Send(context.Context, outbox.Item) (string, error) {
	if c.left.Add(-1) == 0 {
		close(c.all)
	}
	return "taken", nil
}

// delivered counts items, so that no two have one key.
var delivered atomic.Int64

// Deliver has a hub of so many workers hand over n items that are due, until all are
// settled, and returns how many that are in a second.
func Deliver(ctx context.Context, o notifier.Outbox, now func() time.Time, n, workers int) (float64, error) {
	const part = 1000
	for from := 0; from < n; from += part {
		items := make([]outbox.Item, min(part, n-from))
		for i := range items {
			items[i] = outbox.Item{
				Key: fmt.Sprint("mail:", delivered.Add(1)), Merge: outbox.Once, Lane: outbox.Normal, Due: now().Add(-time.Second),
				Account: fmt.Sprint("a", i), Channel: "email", Record: "r", What: "mail", Data: outbox.Payload{Mail: "turn"}.Data(),
			}
		}
		if _, err := o.Add(ctx, now(), items...); err != nil {
			return 0, err
		}
	}
	c := &counting{all: make(chan struct{})}
	c.left.Store(int64(n))
	hub, err := notifier.New(notifier.Config{
		Outbox: o, Now: now, Workers: workers, Senders: map[string]notifier.Sender{"email": c}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	began := testbed.Start()
	go func() { done <- hub.Run(ctx) }()
	select {
	case <-c.all:
	case <-time.After(5 * time.Minute):
		return 0, fmt.Errorf("%d of %d items were not handed over", c.left.Load(), n)
	}
	stop()
	if err := <-done; err != nil { // it returns when all is settled
		return 0, err
	}
	return float64(n) / began.Elapsed().Seconds(), nil
}
