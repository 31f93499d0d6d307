package notifier

import (
	"context"
	"log/slog"
	"time"

	"sidem/core/outbox"
)

// settler hands results to the store, as many at once as are at hand.
type settler struct {
	*Config
	flights *flights
	turns   *turns
	waiting *waitlist
	look    chan struct{} // something may be due earlier than it was
}

// run settles until ctx ends.
func (s *settler) run(ctx context.Context) {
	failures := 0
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
			failures = 0
			continue
		}
		// Repeating is safe: the epoch refuses what was taken before.
		failures++
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
