package main

import (
	"context"
	"fmt"
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
		desk.WhatRecast:   recaster{a},
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

// warnOfCalendar logs the years that are missing.
func (a *app) warnOfCalendar() {
	for _, year := range a.desk.Office.Calendar.Missing(core.DateOf(a.desk.Clock())) {
		a.log.Warn("no calendar is loaded for the year: its dates are provisional", "year", year, "do", "sidem calendar import FILE")
	}
}
