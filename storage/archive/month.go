package archive

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// WriteRecords writes records with their trails to w: their events in the order of their
// Index, then the records by id.
func WriteRecords(ctx context.Context, w io.Writer, records []maintenance.Filed, at time.Time) error {
	var events []core.Event
	for _, f := range records {
		events = append(events, f.Events...)
	}
	slices.SortFunc(events, func(a, b core.Event) int { return a.Index - b.Index })
	sorted := slices.SortedFunc(slices.Values(records), func(a, b maintenance.Filed) int {
		if a.Record.ID < b.Record.ID {
			return -1
		}
		return 1
	})
	give := func(ctx context.Context, each func(Line) error) error {
		for i := range events {
			if err := each(Line{Event: &events[i]}); err != nil {
				return err
			}
		}
		for _, f := range sorted {
			if err := each(Line{Record: &f.Record}); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	_, err := write(ctx, w, give, at, func(Line) error { return nil })
	return err
}

// ReadRecords gives the records that WriteRecords wrote, each with its trail.
func ReadRecords(r io.Reader, each func(maintenance.Filed) error) error {
	trails := map[string][]core.Event{}
	err := Each(r, func(l Line) error {
		switch {
		case l.Event != nil:
			trails[l.Event.Record] = append(trails[l.Event.Record], *l.Event)
			return nil
		case l.Record != nil:
			f := maintenance.Filed{Record: *l.Record, Events: trails[l.Record.ID]}
			delete(trails, l.Record.ID)
			return each(f)
		default:
			return ErrForeign
		}
	})
	if err == nil && len(trails) > 0 {
		err = fmt.Errorf("%w: it has the trails of %d records that it has not", ErrTorn, len(trails))
	}
	return err
}
