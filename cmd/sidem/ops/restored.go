package ops

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// Comparison is what a restored store comes to beside the checkpoints that were kept elsewhere.
type Comparison struct {
	// Kept is how many checkpoints there were; 0: whether anything is missing is not known.
	Kept int
	// Faults say in what the trail differs from those that it reaches.
	Faults []string
	// Lost is what is missing; nil if nothing is.
	Lost *desk.Restored
}

// leastMargin is how many numbers are passed over beyond what is known to be gone: what
// was given between the last checkpoint and the loss, nobody knows.
const leastMargin = 100

// compareRestored reads the checkpoints of the configuration beside a trail. Where events
// are missing, it passes over the numbers that they may have given, and keeps that they are.
func compareRestored(ctx context.Context, cfg *office.Config, s storage.Store, now time.Time) (c Comparison, err error) {
	if cfg.Checkpoints == "" {
		return c, nil
	}
	key, err := publicKey(ctx, cfg, s, now)
	if err != nil {
		return c, err
	}
	kept, err := readCheckpoints(cfg.Checkpoints, key)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	var last core.Event
	for e, err := range desk.Events(ctx, s, 0) {
		if err != nil {
			return c, err
		}
		last = e
	}
	c.Kept = len(kept)
	within := slices.DeleteFunc(slices.Clone(kept), func(k checkpoint.Checkpoint) bool { return k.Index > last.Index })
	parts, err := desk.Shelf{Sessions: s, Now: now}.Parts(ctx)
	if err != nil {
		return c, err
	}
	if c.Faults, _, err = checkpoint.Compare(desk.Events(ctx, s, 0), parts, within); err != nil || len(kept) == 0 {
		return c, err
	}
	// The last that was taken need not be the longest: the trail was restored before.
	longest := slices.MaxFunc(kept, func(a, b checkpoint.Checkpoint) int { return a.Index - b.Index })
	if longest.Index <= last.Index {
		return c, nil
	}
	institution, err := office.Read(cfg.Office)
	if err != nil {
		return c, office.Misconfigured(err)
	}
	lost := desk.Restored{At: now, Index: last.Index, Since: institution.Local(last.At), Known: longest.Index, Until: institution.Local(longest.At), Skipped: map[string]int{}}
	before, err := desk.LastRestored(ctx, s, now)
	switch {
	case errors.Is(err, desk.ErrNotFound):
	case err != nil:
		return c, err
	default:
		lost.Times = max(before.Times, 1)
	}
	// A checkpoint that is shorter than the one before it was taken after a restore.
	lost.Times = 1 + max(lost.Times, shorter(kept))
	many := lost.Missing() + margin(kept)
	for _, at := range []time.Time{lost.Since, lost.Until, institution.Local(now)} {
		if at.IsZero() || at.Year() < 2000 {
			continue
		}
		series := core.NumberSeries(core.Season(at))
		if lost.Skipped[series] > 0 {
			continue
		}
		for i := range many {
			if _, err := s.Reserve(ctx, series, core.Passed{Series: series, At: now.Unix()}.Name(i+1)); err != nil {
				return c, fmt.Errorf("pass over the numbers of %s: %w", series, err)
			}
		}
		lost.Skipped[series] = many
	}
	c.Lost = &lost
	return c, desk.KeepRestored(ctx, s, lost, now)
}

// shorter is how many checkpoints are of a shorter trail than the one that was taken before.
func shorter(kept []checkpoint.Checkpoint) int {
	kept = slices.SortedStableFunc(slices.Values(kept), func(a, b checkpoint.Checkpoint) int { return a.At.Compare(b.At) })
	n := 0
	for i := 1; i < len(kept); i++ {
		if kept[i].Index < kept[i-1].Index {
			n++
		}
	}
	return n
}

// margin is the most that came between two checkpoints, or leastMargin where that is more.
func margin(kept []checkpoint.Checkpoint) int {
	most := leastMargin
	for i := 1; i < len(kept); i++ {
		most = max(most, kept[i].Index-kept[i-1].Index)
	}
	return most
}

// ConfirmRestore notes that somebody knows which days are missing: serve and doctor say
// so no more. It returns what was missing; desk.ErrNotFound where nothing is.
func ConfirmRestore(ctx context.Context, cfg *office.Config, log *slog.Logger) (r desk.Restored, err error) {
	clock, err := app.ClockOf(cfg, log)
	if err != nil {
		return r, err
	}
	s, err := openAlone(ctx, cfg, log)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	now := clock.Now()
	if r, err = desk.LastRestored(ctx, s, now); err != nil {
		return r, err
	}
	r.Confirmed = now
	return r, desk.KeepRestored(ctx, s, r, now)
}
