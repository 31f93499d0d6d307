package desk

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// forecastKey is where the summary of how long requests took is kept.
const forecastKey = "forecast"

// ReadForecast is the summary of how long requests took, and its revision. It is empty where
// there is none yet, and where what is kept cannot be read, because another version wrote it or
// because it is damaged: then it is to be made anew, and no card waits for it.
func ReadForecast(ctx context.Context, s Sessions, now time.Time) (out forecast.Summary, rev int, err error) {
	body, rev, err := s.Get(ctx, forecastKey, now)
	switch {
	case errors.Is(err, ErrNotFound):
		return forecast.Summary{}, 0, nil
	case err != nil:
		return out, rev, fmt.Errorf("how long requests took: %w", err)
	}
	if err := out.UnmarshalBinary(body); err != nil {
		return forecast.Summary{}, rev, nil //nolint:nilerr // the trail has all of it
	}
	return out, rev, nil
}

// KeepForecast keeps a summary in place of the one of a revision, and returns its own;
// ErrConflict where another one did.
func KeepForecast(ctx context.Context, s Sessions, f forecast.Summary, rev int, now time.Time) (int, error) {
	body, err := f.MarshalBinary()
	if err == nil {
		rev, err = s.Put(ctx, forecastKey, body, rev, now, time.Time{})
	}
	if err != nil {
		return rev, fmt.Errorf("keep how long requests took: %w", err)
	}
	return rev, nil
}

// usual is what a desk remembers of the summary, so that nothing is read for a card.
type usual struct {
	mu      sync.Mutex
	at      time.Time // when it was read; zero: never
	summary forecast.Summary
	models  map[forecast.Class]*forecast.Model
}

const (
	// refreshUsual is after how long the summary is read again: it changes once a day.
	refreshUsual = time.Hour
	// usualSeed has the same summary say the same to everybody.
	usualSeed = 20
)

// RefreshUsual reads the summary at once, as after it was made.
func (d *Desk) RefreshUsual(ctx context.Context) error {
	d.usual.mu.Lock()
	defer d.usual.mu.Unlock()
	return d.readUsual(ctx, d.now())
}

func (d *Desk) readUsual(ctx context.Context, now time.Time) error {
	s, _, err := ReadForecast(ctx, d.Sessions, now)
	if err != nil {
		return err
	}
	d.usual.at, d.usual.summary, d.usual.models = now, s, map[forecast.Class]*forecast.Model{}
	return nil
}

// withUsual gives what is known of how long requests of a class take; nothing happens where
// nothing is. What is used of it stays inside.
func (d *Desk) withUsual(ctx context.Context, c forecast.Class, use func(*forecast.Summary, *forecast.Model)) error {
	if d.Sessions == nil {
		return nil
	}
	now := d.now()
	d.usual.mu.Lock()
	defer d.usual.mu.Unlock()
	if age := now.Sub(d.usual.at); d.usual.at.IsZero() || age < 0 || age >= refreshUsual {
		if err := d.readUsual(ctx, now); err != nil {
			return err
		}
	}
	if d.usual.summary.Opinions < forecast.Enough {
		return nil
	}
	if d.usual.models[c] == nil {
		d.usual.models[c] = forecast.ModelOf(&d.usual.summary, c, usualSeed)
	}
	use(&d.usual.summary, d.usual.models[c])
	return nil
}

// usually is how long requests like r take until the opinion, as r stands. It is zero where
// nothing can be said, or while the agency has to correct or to answer: that is up to whoever
// would read it.
func (d *Desk) usually(ctx context.Context, r core.Record) (out core.Usual, err error) {
	n, since, ok := forecast.NodeOf(r)
	filed := r.Acts[core.VerbFile].At
	if !ok || filed.IsZero() || n.Stage == core.StageAnswer || n.Stage == core.StageCorrect {
		return core.Usual{}, nil
	}
	now := d.now()
	err = d.withUsual(ctx, forecast.ClassOf(r), func(_ *forecast.Summary, m *forecast.Model) {
		left, ok := m.Left(n, forecast.Worked(n.Stage, since, now, r.Agency, d.Office))
		if !ok {
			return
		}
		cal := d.Office.Calendar
		passed, today := cal.WorkingBetween(core.DateOf(d.Office.Local(filed)), core.DateOf(now)), core.DateOf(now)
		part := 0.0
		if cal.IsWorking(today) {
			part = 1 - d.Office.Send().Worked(now, d.Office.Send().Closes(today, cal), cal)
		}
		whole := left.Whole(part)
		out = core.Usual{Days: passed + whole.Usual, Low: passed + whole.Low, High: passed + whole.High}
	})
	return out, err
}

// unusual reports whether r has waited where it is for longer than nine in ten like it.
func (d *Desk) unusual(ctx context.Context, r core.Record) (is bool, err error) {
	n, since, ok := forecast.NodeOf(r)
	if !ok {
		return false, nil
	}
	err = d.withUsual(ctx, forecast.ClassOf(r), func(_ *forecast.Summary, m *forecast.Model) {
		is = m.Unusual(n, forecast.Worked(n.Stage, since, d.now(), r.Agency, d.Office))
	})
	return is, err
}

// withFree are persons with the date on which what they have in hand is likely to be done.
func (d *Desk) withFree(ctx context.Context, people []core.Person) error {
	return d.withUsual(ctx, forecast.Overall, func(_ *forecast.Summary, m *forecast.Model) {
		for i := range people {
			if days, ok := m.Free(people[i].Open); ok {
				people[i].Free = d.Office.Calendar.AddWorking(core.DateOf(d.now()), max(1, int(math.Ceil(days))))
			}
		}
	})
}

// cost is the stage that costs most days: of the quarter under way, or of the last one where
// that has too few cases. A head reads of the office's stages.
func (d *Desk) cost(ctx context.Context, officeOnly bool) (out core.StageCost, err error) {
	err = d.withUsual(ctx, forecast.Overall, func(s *forecast.Summary, _ *forecast.Model) {
		q := forecast.QuarterOf(core.DateOf(d.now()))
		out.Now = true
		if out.Stage = s.Costliest(q, officeOnly); out.Stage == "" {
			q, out.Now = q.Before(), false
			out.Stage = s.Costliest(q, officeOnly)
		}
		if out.Stage == "" {
			out = core.StageCost{}
			return
		}
		out.Mean = s.InQuarter(q, out.Stage).Mean()
		if before := s.InQuarter(q.Before(), out.Stage); before.Count >= forecast.Enough {
			out.Before = before.Mean()
		}
	})
	return out, err
}
