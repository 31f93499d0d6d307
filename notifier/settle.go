package notifier

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// settlers is how many settlements may be under way at once.
const settlers = 4

// settler hands results to the store, as many at once as are at hand.
type settler struct {
	*Config
	flights  *flights
	turns    *turns
	waiting  *waitlist
	look     chan struct{} // something may be due earlier than it was
	failures atomic.Int64  // in a row
}

// run settles until ctx ends. Any number may run at once.
func (s *settler) run(ctx context.Context) {
	for {
		batch, results := s.flights.take()
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return
			case <-s.flights.ready:
			}
			continue
		}
		_, err := s.Outbox.Settle(ctx, s.Now(), results)
		s.flights.landed(batch, results, err)
		if err == nil {
			s.settled(batch, results)
			s.failures.Store(0)
			continue
		}
		// Repeating is safe: the epoch refuses what was taken before.
		failures := int(s.failures.Add(1))
		if failures == 1 {
			s.Log.LogAttrs(ctx, slog.LevelError, "outbox: cannot settle", slog.Int("results", len(results)), slog.Any("err", err))
		}
		wait(ctx, growing(50*time.Millisecond, storeTrouble, failures-1))
		if ctx.Err() != nil {
			return
		}
	}
}

// settled counts what the store has taken, and remembers what waits.
func (s *settler) settled(batch []*flight, results []outbox.Result) {
	for i, f := range batch {
		s.turns.remember(f.item, results[i])
		s.waiting.note(f.item, results[i], s.Now(), s.Lease)
		switch o := results[i].Outcome; o {
		case outbox.WasSent:
			s.Meter.Settled(f.item.Channel, o)
			continue // nothing is due earlier for it
		case outbox.WasMoot, outbox.Buried:
			s.Meter.Settled(f.item.Channel, o)
		case outbox.WillRetry, outbox.Deferred, outbox.Released, outbox.Unknown:
		}
		signal(s.look)
	}
}
