package notifier_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// embezzler is an outbox that loses an item of its accounts for a while.
type embezzler struct {
	*memory
	lost atomic.Int64
}

func (e *embezzler) Stats(ctx context.Context, now time.Time) (outbox.Stats, error) {
	s, err := e.memory.Stats(ctx, now)
	s.Created += int(e.lost.Load())
	return s, err
}

func TestAccountsThatDoNotAddUpAreToldOnceAtErrorLevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		e := &embezzler{memory: &memory{items: map[string]outbox.Item{}, wake: make(chan struct{}, 1)}}
		hub, err := notifier.New(notifier.Config{
			Outbox: e, Now: testbed.Now, Senders: email(&script{errs: []error{nil}}), Log: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- hub.Run(ctx) }()
		pass(time.Minute)
		if log.Len() > 0 {
			t.Errorf("told of accounts that add up:\n%s", log.String())
		}
		e.lost.Store(2)
		pass(time.Minute)
		out := log.String()
		if strings.Count(out, "\n") != 1 || !strings.Contains(out, "level=ERROR") || !strings.Contains(out, "missing=2") {
			t.Errorf("want one line of what is missing:\n%s", out)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
