package desk

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"sidem/core"
)

// Log is a trail that is read in the order of its index (part of Ledger).
type Log interface {
	Log(ctx context.Context, after, limit int) ([]core.Event, error)
}

// Events are the events after an index, to the end of the trail. It ends with the
// error of the store, if there is one.
func Events(ctx context.Context, log Log, after int) iter.Seq2[core.Event, error] {
	const page = 1000
	return func(yield func(core.Event, error) bool) {
		for {
			events, err := log.Log(ctx, after, page)
			if err != nil {
				yield(core.Event{}, fmt.Errorf("read the trail after %d: %w", after, err))
				return
			}
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
				after = e.Index
			}
			if len(events) < page {
				return
			}
		}
	}
}

// Audit reads the whole trail and checks that its index has no gap, that each
// record's chain of hashes holds, and that each record is exactly the fold of
// its events. The error is the store's; what does not hold is among the Faults.
func (d *Desk) Audit(ctx context.Context) (core.Audit, error) {
	var a core.Audit
	for e, err := range Events(ctx, d.Ledger, 0) {
		if err != nil {
			return a, err
		}
		a.Event(e)
	}
	for _, id := range a.IDs() {
		r, err := d.Ledger.Record(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue // End tells
		}
		if err != nil {
			return a, fmt.Errorf("load %s: %w", id, err)
		}
		a.Record(r)
	}
	a.End()
	return a, nil
}
