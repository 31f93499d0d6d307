package outbox_test

import (
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

func TestAMarkDoubtsWhatMayHaveBeenDeliveredSinceItLastWas(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	it := outbox.Item{ID: "i1", Key: "k", State: outbox.Live, Version: 1, Due: now}
	settle := func(r outbox.Result) {
		t.Helper()
		it = outbox.Claimed(it, now, time.Minute)
		r.Epoch, r.At = it.Epoch, now
		var ok bool
		if it, ok = outbox.Settled(it, r, now); !ok {
			t.Fatal("not settled")
		}
	}
	doubts := func(want ...int) {
		t.Helper()
		if m := outbox.MarkOf(it); !slices.Equal(m.Doubtful, want) || m.Item != "i1" || m.Epoch != it.Epoch {
			t.Errorf("%+v, want %v", m, want)
		}
	}
	doubts()
	settle(outbox.Result{Outcome: outbox.WillRetry, Note: "refused"})
	doubts()
	settle(outbox.Result{Outcome: outbox.WillRetry, Note: "lost", Uncertain: true})
	doubts(2)
	settle(outbox.Result{Outcome: outbox.Unknown})
	doubts(2, 3)
	settle(outbox.Result{Outcome: outbox.WasSent, Receipt: "D1/1", Version: 0}) // it has moved on meanwhile
	doubts()
	settle(outbox.Result{Outcome: outbox.Unknown})
	doubts(5)
}
