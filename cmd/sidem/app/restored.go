package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sidem/core/desk"
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
	// Confirmed is when somebody said that they know; zero until then.
	Confirmed time.Time `json:"confirmed,omitzero"`
}

// Missing is how many events are known to be gone.
func (r Restored) Missing() int { return r.Known - r.Index }

// Days are the first and the last date of which something is missing, as text.
func (r Restored) Days() (from, to string) {
	return r.Since.Format(time.DateOnly), r.Until.Format(time.DateOnly)
}

// LastRestored reads it; desk.ErrNotFound where nothing is missing.
func LastRestored(ctx context.Context, s desk.Sessions, now time.Time) (r Restored, err error) {
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
func KeepRestored(ctx context.Context, s desk.Sessions, r Restored, now time.Time) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep what was restored: %w", err)
	}
	_, rev, err := s.Get(ctx, restoredName, now)
	if err == nil || errors.Is(err, desk.ErrNotFound) {
		_, err = s.Put(ctx, restoredName, body, rev, now, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("keep what was restored: %w", err)
	}
	return nil
}

// WarnOfRestore tells in the log that days are missing, until somebody has confirmed it.
func (a *App) WarnOfRestore(ctx context.Context) {
	r, err := LastRestored(ctx, a.Store, a.Clock.Now())
	if errors.Is(err, desk.ErrNotFound) || err == nil && !r.Confirmed.IsZero() {
		return
	}
	if err != nil { // the hub tells of a store in trouble
		a.log.Warn("whether days are missing is not known", "err", err)
		return
	}
	from, to := r.Days()
	a.log.Error("the store was restored from a backup, and days are missing", "from", from, "to", to, "events", r.Missing(),
		"do", "look for a newer backup; or have the people concerned file again what was lost, and then: sidem restore --confirm")
}
