package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
	var rep Report
	folded := map[string]core.Record{}
	const page = 1000
	for after := 0; ; {
		events, err := d.Ledger.Log(ctx, after, page)
		if err != nil {
			return rep, fmt.Errorf("read the trail after %d: %w", after, err)
		}
		for _, e := range events {
			rep.Events++
			if e.Index != after+1 {
				rep.fault("index %d follows %d", e.Index, after)
			}
			after = e.Index
			r := folded[e.Record]
			if !e.Follows(r.Seq, r.Head) {
				rep.fault("event %d (%s of %s, seq %d) does not follow the one before: the trail was changed", e.Index, e.Verb, e.Record, e.Seq)
			}
			folded[e.Record] = core.Apply(r, e)
		}
		if len(events) < page {
			break
		}
	}
	rep.Records = len(folded)
	ids := make([]string, 0, len(folded))
	for id := range folded {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := d.compare(ctx, id, folded[id], &rep); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

func (d *Desk) compare(ctx context.Context, id string, want core.Record, rep *Report) error {
	got, err := d.Ledger.Record(ctx, id)
	if errors.Is(err, ErrNotFound) {
		rep.fault("record %s is gone, and its trail is there", id)
		return nil
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", id, err)
	}
	a, err := json.Marshal(want)
	if err != nil {
		return fmt.Errorf("encode %s: %w", id, err)
	}
	b, err := json.Marshal(got)
	if err != nil {
		return fmt.Errorf("encode %s: %w", id, err)
	}
	if string(a) != string(b) {
		rep.fault("record %s is not the fold of its trail:\n  trail:  %s\n  record: %s", id, a, b)
	}
	return nil
}

func (r *Report) fault(format string, args ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}
