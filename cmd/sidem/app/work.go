package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/files"
)

// work is what the hub does that speaks to nobody: reminders and ticks.
func (a *App) work() (notifier.Sender, error) {
	clock := a.Desk.Clock
	ticks, err := notifier.NewTicks(a.Store, clock,
		// Early enough for whoever wants a digest early; each leaves at its own hour.
		notifier.Tick{Name: "digest", Spec: "0 6 * * *", Do: a.owe(a.Desk.Digests)},
		notifier.Tick{Name: "weekly", Spec: "0 9 * * 1", Do: a.owe(a.Desk.Weeklies)},
		notifier.Tick{Name: "purge", Spec: "30 3 * * *", Do: a.purge},
		notifier.Tick{Name: "retention", Spec: "0 3 * * *", Do: a.LetGo},
		notifier.Tick{Name: "archive", Spec: "30 2 * * *", Do: a.Archive},
		notifier.Tick{Name: "checkpoint", Spec: "0 4 * * *", Do: a.TakeCheckpoint},
		notifier.Tick{Name: "forecast", Spec: "15 5 * * *", Do: a.Forecast},
		notifier.Tick{Name: "attachments", Spec: "30 4 * * *", Do: a.attachments().Sweep},
	)
	if err != nil {
		return nil, err
	}
	a.Ticks = ticks
	return notifier.Work{
		desk.WhatRemind:   notifier.Reminders(a.Desk.Remind, clock),
		desk.WhatRecast:   recaster{a},
		notifier.WhatTick: ticks,
	}, nil
}

// attachments are the files that people send, looked after. Their age is told by the
// machine, whose clock marks them, and not by the office's.
func (a *App) attachments() *maintenance.Attachments {
	return &maintenance.Attachments{
		Trail: a.Store, Sessions: a.Store, Files: a.files, Archives: archive.Sealed{Files: a.files}, Drafts: filling.DraftKeys, Now: time.Now, Log: a.log,
	}
}

// Archive has requests leave the store that were closed long ago, by the office's rule.
func (a *App) Archive(ctx context.Context, now time.Time) error {
	if err := Archiving(a.Store, a.files, a.Desk.Office.Retention, a.log).Run(ctx, now); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// Forecast counts how long requests took since it did last.
func (a *App) Forecast(ctx context.Context, now time.Time) error {
	f := maintenance.Forecast{Ledger: a.Store, Sessions: a.Store, Archived: Archiving(a.Store, a.files, a.Desk.Office.Retention, a.log), Office: a.Desk.Office}
	if err := f.Run(ctx, now); err != nil {
		return fmt.Errorf("forecast: %w", err)
	}
	return a.Desk.RefreshUsual(ctx)
}

// Vault is a store as an archiving needs it.
type Vault interface {
	desk.Ledger
	desk.Sessions
	maintenance.Vault
}

// Archiving is what archives the requests of a store into files, by an office's rule.
func Archiving(s Vault, kept *files.Store, rule core.Retention, log *slog.Logger) *maintenance.Archiving {
	return &maintenance.Archiving{Days: rule.Archive(), Ledger: s, Sessions: s, Vault: s, Sealed: archive.Sealed{Files: kept}, Log: log}
}

// LetGo lets go of what is over, by the office's rule.
func (a *App) LetGo(ctx context.Context, now time.Time) error {
	r := maintenance.Retention{
		Rule: a.Desk.Office.Retention, Items: a.Store, History: a.Store, Trail: a.Store, Records: a.Store, Sessions: a.Store,
		Places: []string{screen.CardPrefix, chat.NotePrefix}, Log: a.log,
	}
	return r.Run(ctx, now)
}

// purge lets idle drafts go; files that only they named are found at the next look.
func (a *App) purge(ctx context.Context, _ time.Time) error {
	n, err := a.Desk.Purge(ctx)
	if n > 0 {
		err = errors.Join(err, maintenance.Relearn(ctx, a.Store))
	}
	return err
}

// owe puts the items of a day.
func (a *App) owe(items func(ctx context.Context, day core.Day) ([]outbox.Item, error)) func(context.Context, time.Time) error {
	return func(ctx context.Context, day time.Time) error {
		all, err := items(ctx, core.DateOf(day))
		if err != nil {
			return err
		}
		if _, err := a.Store.Add(ctx, day, all...); err != nil {
			return fmt.Errorf("owe the day's items: %w", err)
		}
		return nil
	}
}

// morning is the digest or the board that an item asks for, as a card.
func (a *App) morning(ctx context.Context, it outbox.Item) (core.Record, card.Card, bool, error) {
	if it.What == desk.WhatWeekly {
		w, err := a.weekly(ctx, it.Account)
		return w.Viewer, card.WeeklyOf(w, a.Seal), true, err
	}
	d, err := a.digest(ctx, it.Account)
	return d.Viewer, card.DigestOf(d, a.Seal), !d.Empty(), err
}

// digest is a person's, and that they are shown its requests is on record.
func (a *App) digest(ctx context.Context, account string) (core.Digest, error) {
	d, err := a.Desk.Digest(ctx, account)
	if err == nil && !d.Empty() {
		err = a.Desk.Looked(ctx, account, core.SawList, recordsOf(d.Entries, d.Stalled)...)
	}
	return d, err
}

// weekly is the board of a person, and that they are shown its requests is on record.
func (a *App) weekly(ctx context.Context, account string) (core.Weekly, error) {
	w, err := a.Desk.Weekly(ctx, account)
	if err == nil {
		err = a.Desk.Looked(ctx, account, core.SawList, recordsOf(w.Entries, w.Stalled)...)
	}
	return w, err
}

func recordsOf(lists ...[]core.Entry) (out []core.Record) {
	for _, list := range lists {
		for _, e := range list {
			out = append(out, e.Record)
		}
	}
	return out
}

// morningMail is the same as a letter.
func (a *App) morningMail(ctx context.Context, it outbox.Item) (core.Record, es.Letter, bool, error) {
	if it.What == desk.WhatWeekly {
		w, err := a.weekly(ctx, it.Account)
		return w.Viewer, es.WeeklyLetter(w), true, err
	}
	d, err := a.digest(ctx, it.Account)
	return d.Viewer, es.DigestLetter(d), !d.Empty(), err
}

// WarnOfCalendar logs the years that are missing.
func (a *App) WarnOfCalendar() {
	for _, year := range a.Desk.Office.Calendar.Missing(core.DateOf(a.Desk.Clock())) {
		a.log.Warn("no calendar is loaded for the year: its dates are provisional", "year", year, "do", "sidem calendar import FILE")
	}
}
