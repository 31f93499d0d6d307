package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
	"sidem/core/outbox"
	"sidem/notifier"
)

// work is what the hub does that speaks to nobody: reminders and ticks.
func (a *app) work() (notifier.Sender, error) {
	clock := a.desk.Clock
	ticks, err := notifier.NewTicks(a.store, clock,
		// Early enough for whoever wants a digest early; each leaves at its own hour.
		notifier.Tick{Name: "digest", Spec: "0 6 * * *", Do: a.owe(a.desk.Digests)},
		notifier.Tick{Name: "weekly", Spec: "0 9 * * 1", Do: a.owe(a.desk.Weeklies)},
		notifier.Tick{Name: "purge", Spec: "30 3 * * *", Do: func(ctx context.Context, _ time.Time) error { return a.desk.Purge(ctx) }},
		notifier.Tick{Name: "checkpoint", Spec: "0 4 * * *", Do: a.checkpoint},
	)
	if err != nil {
		return nil, err
	}
	a.ticks = ticks
	return notifier.Work{
		desk.WhatRemind:   notifier.Reminders(a.desk.Remind, clock),
		notifier.WhatTick: ticks,
	}, nil
}

// owe puts the items of a day.
func (a *app) owe(items func(ctx context.Context, day core.Day) ([]outbox.Item, error)) func(context.Context, time.Time) error {
	return func(ctx context.Context, day time.Time) error {
		all, err := items(ctx, core.DateOf(day))
		if err != nil {
			return err
		}
		if _, err := a.store.Add(ctx, day, all...); err != nil {
			return fmt.Errorf("owe the day's items: %w", err)
		}
		return nil
	}
}

// morning is the digest or the board that an item asks for, as a card.
func (a *app) morning(ctx context.Context, it outbox.Item) (core.Record, card.Card, bool, error) {
	if it.What == desk.WhatWeekly {
		w, err := a.desk.Weekly(ctx, it.Account)
		return w.Viewer, card.WeeklyOf(w, a.seal), true, err
	}
	d, err := a.desk.Digest(ctx, it.Account)
	return d.Viewer, card.DigestOf(d, a.seal), !d.Empty(), err
}

// morningMail is the same as a letter.
func (a *app) morningMail(ctx context.Context, it outbox.Item) (core.Record, es.Letter, bool, error) {
	if it.What == desk.WhatWeekly {
		w, err := a.desk.Weekly(ctx, it.Account)
		return w.Viewer, es.WeeklyLetter(w), true, err
	}
	d, err := a.desk.Digest(ctx, it.Account)
	return d.Viewer, es.DigestLetter(d), !d.Empty(), err
}

// checkpoint is the head of the whole trail, to be kept where nobody who can
// change the store can change it: SHA-256 over the digest before and the hash of
// each event since, in order.
type checkpoint struct {
	At     time.Time `json:"at"`
	Index  int       `json:"index"`
	Digest string    `json:"digest"`
}

const checkpointKey = "checkpoint"

// checkpoint carries the digest of the trail on to its end, logs it, and appends
// it to the file that the configuration names.
func (a *app) checkpoint(ctx context.Context, now time.Time) error {
	var last checkpoint
	kept, rev, err := a.store.Get(ctx, checkpointKey, now)
	if err == nil {
		err = json.Unmarshal(kept, &last)
	} else if errors.Is(err, desk.ErrNotFound) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("checkpoint before: %w", err)
	}
	next, err := digestLog(ctx, a.store, last)
	if err != nil {
		return err
	}
	next.At = now
	line, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	a.log.Info("checkpoint", "index", next.Index, "digest", next.Digest)
	if a.cfg.Checkpoints != "" {
		if err := appendLine(a.cfg.Checkpoints, line); err != nil {
			return err
		}
	}
	if _, err = a.store.Put(ctx, checkpointKey, line, rev, now, time.Time{}); err != nil && !errors.Is(err, desk.ErrConflict) {
		return fmt.Errorf("keep checkpoint: %w", err) // a conflict: another replica has just written the same
	}
	return nil
}

// digestLog carries c on over the events after it.
func digestLog(ctx context.Context, log interface {
	Log(ctx context.Context, after, limit int) ([]core.Event, error)
}, c checkpoint,
) (checkpoint, error) {
	const page = 1000
	for {
		events, err := log.Log(ctx, c.Index, page)
		if err != nil {
			return c, fmt.Errorf("read the trail after %d: %w", c.Index, err)
		}
		for _, e := range events {
			sum := sha256.Sum256([]byte(c.Digest + "\n" + e.Hash))
			c.Index, c.Digest = e.Index, hex.EncodeToString(sum[:])
		}
		if len(events) < page {
			return c, nil
		}
	}
}

func appendLine(path string, line []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("checkpoints: %w", err)
	}
	return nil
}

// warnOfCalendar logs the years that are missing.
func (a *app) warnOfCalendar() {
	for _, year := range a.desk.Office.Calendar.Missing(core.DateOf(a.desk.Clock())) {
		a.log.Warn("no calendar is loaded for the year: its dates are provisional", "year", year, "do", "sidem calendar import FILE")
	}
}
