package maintenance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/forecast"
)

// Archived are the events of what was archived, record by record (Archiving).
type Archived interface {
	Events(ctx context.Context) iter.Seq2[core.Event, error]
}

// Forecast carries the summary of how long requests took on to the end of the trail. A part
// of the trail and the summary that holds it are kept in one step: it may die anywhere, and
// the next run goes on. Where there is no summary it is made of the archives first.
type Forecast struct {
	Ledger   desk.Ledger
	Sessions desk.Sessions
	Archived Archived
	Office   core.Office
	Page     int // events that are looked at in one go; default 500
}

// Run does the work of a night; now is the office's.
func (f *Forecast) Run(ctx context.Context, now time.Time) error {
	s, rev, err := desk.ReadForecast(ctx, f.Sessions, now)
	if err == nil && s.Upto == 0 {
		err = f.archives(ctx, &s)
	}
	if err != nil {
		return err
	}
	for {
		events, err := f.Ledger.Log(ctx, s.Upto, cmp.Or(f.Page, page))
		if err != nil {
			return fmt.Errorf("read the trail after %d: %w", s.Upto, err)
		}
		if len(events) == 0 {
			return nil
		}
		if err := f.count(ctx, &s, events); err != nil {
			return err
		}
		rev, err = desk.KeepForecast(ctx, f.Sessions, s, rev, now)
		if errors.Is(err, desk.ErrConflict) { // another replica does the same
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// archives counts what is not in the store any more.
func (f *Forecast) archives(ctx context.Context, s *forecast.Summary) error {
	var trail []core.Event
	done := func() error {
		if len(trail) == 0 || trail[0].Kind != core.KindRequest {
			return nil
		}
		switch _, err := f.Ledger.Record(ctx, trail[0].Record); {
		case err == nil: // it was brought back, and the trail of the store has it
			return nil
		case !errors.Is(err, desk.ErrNotFound):
			return fmt.Errorf("look for %s: %w", trail[0].Record, err)
		}
		f.observe(s, trail, 0, math.MaxInt)
		return nil
	}
	for e, err := range f.Archived.Events(ctx) {
		if err != nil {
			return fmt.Errorf("how long archived requests took: %w", err)
		}
		if len(trail) > 0 && trail[0].Record != e.Record {
			if err := done(); err != nil {
				return err
			}
			trail = nil
		}
		trail = append(trail, e)
	}
	return done()
}

// count counts the stages that were left by some events, the next ones after s.Upto.
func (f *Forecast) count(ctx context.Context, s *forecast.Summary, events []core.Event) error {
	last := events[len(events)-1].Index
	seen := map[string]bool{}
	for _, e := range events {
		if e.Kind != core.KindRequest || e.Refusal != nil || seen[e.Record] {
			continue
		}
		seen[e.Record] = true
		trail, err := f.Ledger.Trail(ctx, e.Record, 0, 0)
		if err != nil {
			return fmt.Errorf("trail of %s: %w", e.Record, err)
		}
		f.observe(s, trail, s.Upto, last)
	}
	s.Upto = last
	return nil
}

func (f *Forecast) observe(s *forecast.Summary, trail []core.Event, after, upto int) {
	for _, p := range forecast.Passes(trail, f.Office, after, upto) {
		s.Observe(p)
	}
}
