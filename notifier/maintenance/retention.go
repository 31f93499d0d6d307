package maintenance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// History is what a store keeps of what is over, and can let go.
type History interface {
	// Purge removes settled items by their ids, and counts each as purged; it returns how
	// many. One that is live stays, and so does the newest of all: no id is given twice.
	Purge(ctx context.Context, ids ...string) (int, error)
	// Forget removes the names of presses where they lead to the event that is given; it
	// returns how many were known. The events stay in the trail.
	Forget(ctx context.Context, presses ...Press) (int, error)
}

// Press is the name of one, and the index of the event that it led to first.
type Press struct {
	Once  string
	Index int
}

// Items lists what the outbox has (notifier.Outbox).
type Items interface {
	Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error)
}

// Records has the records that places are of (desk.Ledger).
type Records interface {
	// Record is the record with the id; desk.ErrNotFound.
	Record(ctx context.Context, id string) (core.Record, error)
}

// Retention lets go of what is over and nobody asks for any more, by the office's rule:
// settled items, the names of presses, and the places of cards and notes of closed
// requests. What is in the trail stays there.
//
// It goes batch by batch. Whatever it removed stays removed, and how far the trail was
// read is kept, so that it may die anywhere and the next run goes on.
type Retention struct {
	Rule     core.Retention
	Items    Items
	History  History
	Trail    desk.Log
	Records  Records
	Sessions desk.Sessions
	// Places are how the keys begin under which the sessions hold the places of what
	// tells of a record; the record's id follows.
	Places []string
	Log    *slog.Logger
	Page   int // how much is looked at in one go; default 500
}

func (r *Retention) page() int { return cmp.Or(r.Page, page) }

// Kept is what one run let go.
type Kept struct {
	Items, Presses, Places int
	// At is when the run ended, by the office's clock.
	At time.Time
}

const (
	pressCursor = "retention:presses"
	lastRun     = "retention:last"
)

// Run does the work of a day; now is the office's.
func (r *Retention) Run(ctx context.Context, now time.Time) error {
	done := Kept{At: now}
	for _, step := range []func(context.Context, time.Time, *Kept) error{r.items, r.presses, r.places} {
		if err := step(ctx, now, &done); err != nil {
			return fmt.Errorf("retention: %w", err)
		}
	}
	r.Log.InfoContext(ctx, "what is over was let go", "items", done.Items, "presses", done.Presses, "places", done.Places)
	return r.note(ctx, done)
}

// note keeps what the last run did, for who asks how SIDEM is.
func (r *Retention) note(ctx context.Context, done Kept) error {
	body, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("retention: %w", err)
	}
	_, rev, err := r.Sessions.Get(ctx, lastRun, done.At)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return fmt.Errorf("retention: %w", err)
	}
	_, err = r.Sessions.Put(ctx, lastRun, body, rev, done.At, time.Time{})
	if err != nil && !errors.Is(err, desk.ErrConflict) { // another replica has noted the same
		return fmt.Errorf("retention: %w", err)
	}
	return nil
}

// LastRun is what the last run of a Retention did; desk.ErrNotFound where there was none.
func LastRun(ctx context.Context, s desk.Sessions, now time.Time) (k Kept, err error) {
	body, _, err := s.Get(ctx, lastRun, now)
	if err == nil {
		err = json.Unmarshal(body, &k)
	}
	return k, err
}

// items purges what was settled long ago. Items are in the order in which they were
// created: the reading ends at a page in which something was settled, and nothing long ago.
func (r *Retention) items(ctx context.Context, now time.Time, done *Kept) error {
	before := now.Add(-r.Rule.Notices())
	for after := ""; ; {
		items, err := r.Items.Items(ctx, "", after, r.page())
		if err != nil {
			return fmt.Errorf("read the outbox: %w", err)
		}
		var old []string
		settled := false
		for _, it := range items {
			after = it.ID
			if ended, ok := it.Ended(); ok {
				settled = true
				if ended.Before(before) {
					old = append(old, it.ID)
				}
			}
		}
		if len(old) > 0 {
			n, err := r.History.Purge(ctx, old...)
			if err != nil {
				return err
			}
			done.Items += n
		}
		if len(items) < r.page() || settled && len(old) == 0 {
			return nil
		}
	}
}

// presses forgets the names of presses that nobody repeats any more. The trail is read
// on from where it was read to, up to the first event that is young.
func (r *Retention) presses(ctx context.Context, now time.Time, done *Kept) error {
	before := now.Add(-r.Rule.Presses())
	at, rev, err := r.readTo(ctx, now)
	if err != nil {
		return err
	}
	for {
		events, err := r.Trail.Log(ctx, at, r.page())
		if err != nil {
			return fmt.Errorf("read the trail: %w", err)
		}
		var old []Press
		young := false
		for _, e := range events {
			if young = !e.At.Before(before); young {
				break
			}
			if e.Once != "" {
				old = append(old, Press{e.Once, e.Index})
			}
			at = e.Index
		}
		n, err := r.History.Forget(ctx, old...)
		if err != nil {
			return err
		}
		done.Presses += n
		if rev, err = r.keepRead(ctx, now, at, rev); err != nil {
			return err
		}
		if young || len(events) < r.page() {
			return nil
		}
	}
}

// Reforget has the presses of the trail forgotten from its beginning at the next run: a
// store that was filled from an archive knows all of them again.
func Reforget(ctx context.Context, sessions desk.Sessions) error {
	if err := sessions.Delete(ctx, pressCursor); err != nil {
		return fmt.Errorf("forget up to where presses were forgotten: %w", err)
	}
	return nil
}

// readTo is the index up to which the presses of the trail were forgotten. It may be too
// low, and is never too high.
func (r *Retention) readTo(ctx context.Context, now time.Time) (index, rev int, err error) {
	body, rev, err := r.Sessions.Get(ctx, pressCursor, now)
	if errors.Is(err, desk.ErrNotFound) {
		return 0, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &index)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("up to where presses were forgotten: %w", err)
	}
	return index, rev, nil
}

func (r *Retention) keepRead(ctx context.Context, now time.Time, index, rev int) (int, error) {
	body, err := json.Marshal(index)
	if err != nil {
		return 0, err
	}
	next, err := r.Sessions.Put(ctx, pressCursor, body, rev, now, time.Time{})
	if errors.Is(err, desk.ErrConflict) { // another replica does the same work
		_, next, err = r.Sessions.Get(ctx, pressCursor, now)
	}
	if err != nil {
		return 0, fmt.Errorf("keep up to where presses were forgotten: %w", err)
	}
	return next, nil
}

// places removes where the cards and notes of requests are that were closed long ago: what
// is on a screen stays there, and is drawn no more.
func (r *Retention) places(ctx context.Context, now time.Time, done *Kept) error {
	before := now.Add(-r.Rule.Places())
	for _, prefix := range r.Places {
		over, record := false, ""
		for after := ""; ; {
			keys, err := r.Sessions.Keys(ctx, prefix, after, r.page(), now)
			if err != nil {
				return fmt.Errorf("list places: %w", err)
			}
			for _, key := range keys {
				after = key
				id, _, _ := strings.Cut(strings.TrimPrefix(key, prefix), ":")
				if id != record { // keys are in order: those of a record follow each other
					if over, err = r.isOver(ctx, id, before); err != nil {
						return err
					}
					record = id
				}
				if !over {
					continue
				}
				if err := r.Sessions.Delete(ctx, key); err != nil {
					return fmt.Errorf("remove a place: %w", err)
				}
				done.Places++
			}
			if len(keys) < r.page() {
				break
			}
		}
	}
	return nil
}

// isOver reports whether a record is a request that was closed before an instant.
func (r *Retention) isOver(ctx context.Context, id string, before time.Time) (bool, error) {
	rec, err := r.Records.Record(ctx, id)
	if errors.Is(err, desk.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("record %s: %w", id, err)
	}
	return rec.Kind == core.KindRequest && !rec.Open() && rec.Since.Before(before), nil
}
