package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// skew is how far the clocks of replicas may lie apart.
const skew = time.Minute

// FiledIn are the requests that were filed in a period and that the actor may see, by their
// numbers; whole is false where there are more than limit. A request has entered its
// present state on the day it was filed or later, so that no more is read than what has
// moved since the period began; what moves meanwhile is found at the head of the list.
func (d *Desk) FiledIn(ctx context.Context, actor core.Actor, p core.Period, limit int) (all []core.Record, whole bool, err error) {
	now, zone, found := d.now(), d.Office.Calendar.Zone(), map[string]core.Record{}
	keep := func(r core.Record) bool {
		day, ok := r.FiledOn(zone)
		return ok && p.Has(day) && actor.Sees(r, now)
	}
	var begin time.Time
	if !p.From.IsZero() {
		begin = p.From.At(0, 0, zone)
	}
	for _, back := range []time.Time{begin, now.Add(-skew)} {
		if err := d.enteredSince(ctx, back, func(r core.Record) bool {
			if keep(r) {
				found[r.ID] = r
			}
			return len(found) <= limit
		}); err != nil {
			return nil, false, err
		}
		if len(found) > limit {
			return nil, false, nil
		}
	}
	for _, r := range found {
		all = append(all, r)
	}
	slices.SortFunc(all, core.Record.CompareNumbers)
	return all, true, nil
}

// enteredSince gives the requests that have entered their present state at an instant or later,
// the last ones first, until each says that it has enough.
func (d *Desk) enteredSince(ctx context.Context, at time.Time, each func(core.Record) bool) error {
	q := Query{Terms: []string{core.TermKind(core.KindRequest)}, Newest: true, Limit: 200}
	for {
		page, err := d.Ledger.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list what moved since %s: %w", core.DateOf(at), err)
		}
		for _, r := range page.Records {
			if r.Since.Before(at) || !each(r) {
				return nil
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// Names are the names that stand for ids in records: of their agencies, and of the heads
// and executives who have them.
func (d *Desk) Names(ctx context.Context, records []core.Record) (agencies, persons map[string]string, err error) {
	agencies, persons = map[string]string{}, map[string]string{}
	wanted := map[string]bool{}
	for _, r := range records {
		for _, id := range []string{core.AgencyID(r.Agency), r.Fields[core.FieldHead], r.Fields[core.FieldExecutive]} {
			if id != "" {
				wanted[id] = true
			}
		}
	}
	ids := make([]string, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	for part := range slices.Chunk(ids, 200) {
		got, err := d.Ledger.Gather(ctx, Wanted{IDs: part})
		if err != nil {
			return nil, nil, fmt.Errorf("read names: %w", err)
		}
		for id, r := range got.Records {
			switch r.Kind {
			case core.KindAgency:
				agencies[r.Agency] = r.Fields[core.FieldName]
			case core.KindAccount:
				persons[id] = r.Fields[core.FieldName]
			case core.KindRequest, core.KindProgram, core.KindArchive:
			}
		}
	}
	return agencies, persons, nil
}
