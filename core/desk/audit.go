package desk

import (
	"context"
	"errors"
	"fmt"

	"sidem/core"
)

// Report is what an audit found.
type Report struct {
	Events, Records int
	// Faults say, in words for an operator, what does not hold.
	Faults []string
}

// Audit reads the whole trail and checks that its index has no gap, that each
// record's chain of hashes holds, and that each record is exactly the fold of
// its events. The error is the store's; what does not hold is in the Report.
func (d *Desk) Audit(ctx context.Context) (Report, error) {
	var a core.Audit
	const page = 1000
	for after := 0; ; {
		events, err := d.Ledger.Log(ctx, after, page)
		if err != nil {
			return Report{}, fmt.Errorf("read the trail after %d: %w", after, err)
		}
		for _, e := range events {
			a.Event(e)
			after = e.Index
		}
		if len(events) < page {
			break
		}
	}
	for _, id := range a.IDs() {
		r, err := d.Ledger.Record(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue // End tells
		}
		if err != nil {
			return Report{}, fmt.Errorf("load %s: %w", id, err)
		}
		a.Record(r)
	}
	a.End()
	return Report{Events: a.Events, Records: a.Records, Faults: a.Faults}, nil
}
