package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core"
)

// Reindexing is how far it has come that all records are folded from the trail once more.
type Reindexing struct {
	// Filing is the way of filing (core.Filing) that it brings them to.
	Filing string    `json:"filing"`
	Began  time.Time `json:"began"`
	Index  int       `json:"index"` // of the last event that was looked at
	// Records were filed anew, and Changed of them read otherwise than they did.
	Records int `json:"records"`
	Changed int `json:"changed"`
	// Faults are records that were left as they are, and why: the first of them.
	Faults []string  `json:"faults,omitempty"`
	Done   time.Time `json:"done,omitzero"`
}

const (
	reindexKey = "reindex"
	// reindexBatch is how many events are looked at in one go.
	reindexBatch = 500
	// maxReindexFaults bounds what is told.
	maxReindexFaults = 20
)

// firstFiling is how stores were filed before they named it.
const firstFiling = "0b007daaf0e7a110"

// LastReindex is the last one, under way or done; before the first it is one by which the
// records came to be filed as they were then.
func LastReindex(ctx context.Context, s Sessions, now time.Time) (Reindexing, error) {
	r, _, err := lastReindex(ctx, s, now)
	return r, err
}

func lastReindex(ctx context.Context, s Sessions, now time.Time) (r Reindexing, rev int, err error) {
	body, rev, err := s.Get(ctx, reindexKey, now)
	if errors.Is(err, ErrNotFound) {
		return Reindexing{Filing: firstFiling, Done: now}, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return Reindexing{}, 0, fmt.Errorf("the last reindex: %w", err)
	}
	return r, rev, nil
}

// IsDue reports whether records may be filed otherwise than this program would file them.
func (r Reindexing) IsDue() bool { return r.Filing != core.Filing() || r.Done.IsZero() }

// FiledFrom notes of a store in which nothing happened yet how it is filed from the beginning.
func FiledFrom(ctx context.Context, l Log, s Sessions, now time.Time) error {
	_, rev, err := lastReindex(ctx, s, now)
	if err != nil || rev > 0 {
		return err
	}
	events, err := l.Log(ctx, 0, 1)
	if err != nil || len(events) > 0 {
		return err
	}
	err = keepReindex(ctx, s, Reindexing{Filing: core.Filing(), Began: now, Done: now}, 0, now)
	if errors.Is(err, ErrConflict) { // another one has
		return nil
	}
	return err
}

func keepReindex(ctx context.Context, s Sessions, r Reindexing, rev int, now time.Time) error {
	body, err := json.Marshal(r)
	if err == nil {
		_, err = s.Put(ctx, reindexKey, body, rev, now, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("keep how far the reindex has come: %w", err)
	}
	return nil
}

// Reindex carries out one part: the records that were begun in the next events of the trail are
// folded from it once more and filed as this program files them, beside whoever writes. It
// goes on where an earlier part ended, whoever carried that out; anew begins another one where
// the last is done. Ended in the middle, a part is repeated, which does no harm.
func (d *Desk) Reindex(ctx context.Context, anew bool) (Reindexing, error) {
	now := d.now()
	r, rev, err := lastReindex(ctx, d.Sessions, now)
	if err != nil {
		return r, err
	}
	if !r.Done.IsZero() && !anew {
		return r, nil
	}
	if !r.Done.IsZero() || r.Filing != core.Filing() {
		r = Reindexing{Filing: core.Filing(), Began: now}
	}
	events, err := d.Ledger.Log(ctx, r.Index, reindexBatch)
	if err != nil {
		return r, fmt.Errorf("read the trail after %d: %w", r.Index, err)
	}
	for _, e := range events {
		if r.Index = e.Index; e.Seq != 1 {
			continue
		}
		changed, err := d.refile(ctx, e.Record)
		switch {
		case errors.Is(err, errBroken), errors.Is(err, ErrTaken), errors.Is(err, ErrDamaged):
			if len(r.Faults) < maxReindexFaults {
				r.Faults = append(r.Faults, fmt.Sprintf("%s: %v", e.Record, err))
			}
			continue
		case err != nil:
			return r, err
		}
		if r.Records++; changed {
			r.Changed++
		}
	}
	if len(events) < reindexBatch {
		r.Done = now
		if err := d.Sessions.Delete(ctx, forecastKey); err != nil { // it is made anew of what was folded anew
			return r, fmt.Errorf("forget how long requests took: %w", err)
		}
	}
	err = keepReindex(ctx, d.Sessions, r, rev, now)
	if errors.Is(err, ErrConflict) { // another one carries it out too
		return LastReindex(ctx, d.Sessions, now)
	}
	return r, err
}

// errBroken says that the trail of a record is not one: the audit tells more.
var errBroken = errors.New("its trail does not hold (sidem audit verify)")

// refileTries is how often a record is folded anew because something was done with it meanwhile.
const refileTries = 50

// refile folds a record from its trail and files it anew, and reports whether it reads otherwise.
func (d *Desk) refile(ctx context.Context, id string) (changed bool, err error) {
	for range refileTries {
		trail, err := d.Ledger.Trail(ctx, id, 0, 0)
		if err != nil {
			return false, fmt.Errorf("trail of %s: %w", id, err)
		}
		if core.Verify(trail) != 0 {
			return false, errBroken
		}
		now := core.Fold(trail)
		before, err := d.Ledger.Record(ctx, id)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return false, fmt.Errorf("load %s: %w", id, err)
		}
		was, err := json.Marshal(before)
		if err != nil {
			return false, fmt.Errorf("write %s: %w", id, err)
		}
		is, err := json.Marshal(now)
		if err != nil {
			return false, fmt.Errorf("write %s: %w", id, err)
		}
		err = d.Ledger.Commit(ctx, Commit{Expect: now.Seq, Record: now, Now: d.now()})
		if !errors.Is(err, ErrConflict) {
			return string(was) != string(is), err
		}
	}
	return false, fmt.Errorf("file %s anew: %w", id, ErrConflict)
}
