package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core"
)

// restoredName is where it is kept that a store was restored without its last days.
const restoredName = "restored"

// Restored says what a store that was restored has not got, by the checkpoints that were
// kept elsewhere: events were in the trail that are not there any more.
type Restored struct {
	At    time.Time `json:"at"`    // when it was restored
	Index int       `json:"index"` // of the last event that there is
	Since time.Time `json:"since"` // …and its instant; zero if there is none
	Known int       `json:"known"` // the index of the last event that a checkpoint knows
	Until time.Time `json:"until"` // when that checkpoint was taken
	// Skipped is how many numbers of each series were passed over, since they may have been given.
	Skipped map[string]int `json:"skipped,omitempty"`
	// Times is how often days were lost, this one among them: observations of requests from
	// before are numbered beyond those that may have been given then.
	Times int `json:"times,omitempty"`
	// Confirmed is when somebody said that they know; zero until then.
	Confirmed time.Time `json:"confirmed,omitzero"`
}

// Missing is how many events are known to be gone.
func (r Restored) Missing() int { return r.Known - r.Index }

// Days are the first and the last date of which something is missing, as text.
func (r Restored) Days() (from, to string) {
	return r.Since.Format(time.DateOnly), r.Until.Format(time.DateOnly)
}

// LastRestored reads it; ErrNotFound where nothing is missing.
func LastRestored(ctx context.Context, s Sessions, now time.Time) (r Restored, err error) {
	body, _, err := s.Get(ctx, restoredName, now)
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil {
		return Restored{}, fmt.Errorf("what was restored: %w", err)
	}
	return r, nil
}

// KeepRestored keeps it, until it is confirmed and after.
func KeepRestored(ctx context.Context, s Sessions, r Restored, now time.Time) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep what was restored: %w", err)
	}
	_, rev, err := s.Get(ctx, restoredName, now)
	if err == nil || errors.Is(err, ErrNotFound) {
		_, err = s.Put(ctx, restoredName, body, rev, now, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("keep what was restored: %w", err)
	}
	return nil
}

// numberObservation brings the number of an observation where those that follow may have
// been given in days that are lost. What a command brings by itself is not taken.
func (d *Desk) numberObservation(ctx context.Context, r core.Record, c core.Command, now time.Time) (core.Command, error) {
	c.Also = slices.Clone(c.Also)
	for i, also := range c.Also {
		c.Also[i] = without(also, core.FieldObservation)
	}
	c.Fields = without(c.Fields, core.FieldObservation)
	if d.Sessions == nil {
		return c, nil
	}
	last, err := LastRestored(ctx, d.Sessions, now)
	if errors.Is(err, ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if n := r.BeyondLost(max(last.Times, 1)); n > 0 && !r.Created.After(last.Since) {
		c.Fields = with(c.Fields, core.FieldObservation, strconv.Itoa(n))
	}
	return c, nil
}

// auditPassed says of which numbers that were passed over no restore is on record. The
// record of the last restore is no part of the trail: who can write to the store can write
// it too, and gains numbers that nobody is given.
func (d *Desk) auditPassed(ctx context.Context, a *core.Audit) ([]string, error) {
	passed := a.PassedOver()
	if len(passed) == 0 || d.Sessions == nil {
		return nil, nil
	}
	last, err := LastRestored(ctx, d.Sessions, d.now())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	var faults []string
	for p, n := range passed {
		switch at := last.At.Unix(); {
		case errors.Is(err, ErrNotFound) || p.At > at:
			faults = append(faults, fmt.Sprintf("%s (%d): no restore is on record that passed over them", p, n))
		case p.At == at && n != last.Skipped[p.Series]:
			faults = append(faults, fmt.Sprintf("%s are %d, and the restore that is on record passed over %d", p, n, last.Skipped[p.Series]))
		}
	}
	slices.Sort(faults)
	return faults, nil
}

// errBeyond says that the store counts numbers that nobody was given.
var errBeyond = errors.New("the next number is beyond all that may have been given: the store was changed from outside; see sidem audit verify")

// mayBeGiven refuses a number that is higher than there are requests, drafts included: each
// of them was given one of a series at most, and nobody else any. After a restore that
// passed over numbers it is left to the audit.
func (d *Desk) mayBeGiven(ctx context.Context, n int, now time.Time) error {
	requests, err := d.Ledger.Count(ctx, core.TermKind(core.KindRequest))
	if err != nil || n >= 1 && n <= requests {
		return err
	}
	if d.Sessions != nil {
		_, err = LastRestored(ctx, d.Sessions, now)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return fmt.Errorf("%w (%d, of %d requests)", errBeyond, n, requests)
}
