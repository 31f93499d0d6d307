package notifier

import (
	"context"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"sidem.gob.mx/sidem/core/outbox"
)

// WhatTick is the item of a tick.
const WhatTick = "tick"

// Tick is something periodic. Its items are keyed by their local date, so that
// any number of replicas and restarts make one of a day.
type Tick struct {
	Name string
	// Spec says when, in the five fields of cron.
	Spec string
	// Do does the work of the day on which it falls due.
	Do func(ctx context.Context, day time.Time) error
}

// Ticks have no timers: each is an item that is due in the store, and owes the
// next one. So ticks follow the business clock, whatever it does.
type Ticks struct {
	outbox Outbox
	now    func() time.Time // in the zone in which specs are meant
	ticks  map[string]tick
}

type tick struct {
	Tick
	at cron.Schedule
}

// NewTicks reads the specs of ticks. now is the business clock in the office's zone.
func NewTicks(o Outbox, now func() time.Time, all ...Tick) (*Ticks, error) {
	t := &Ticks{outbox: o, now: now, ticks: map[string]tick{}}
	for _, one := range all {
		at, err := cron.ParseStandard(one.Spec)
		if err != nil {
			return nil, fmt.Errorf("tick %s: %q: %w", one.Name, one.Spec, err)
		}
		t.ticks[one.Name] = tick{one, at}
	}
	return t, nil
}

// Plan owes today's occurrence of each tick, also one whose hour has passed (it
// is made up, once), and the next one.
func (t *Ticks) Plan(ctx context.Context) error {
	for _, one := range t.ticks {
		if err := t.plan(ctx, one); err != nil {
			return err
		}
	}
	return nil
}

func (t *Ticks) plan(ctx context.Context, one tick) error {
	now := t.now()
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	var items []outbox.Item
	if at := one.at.Next(today.Add(-time.Second)); isSameDay(at, now) {
		items = append(items, one.item(at))
	}
	if at := one.at.Next(today.AddDate(0, 0, 1).Add(-time.Second)); !at.IsZero() { // zero: never again
		items = append(items, one.item(at))
	}
	if _, err := t.outbox.Add(ctx, now, items...); err != nil {
		return fmt.Errorf("plan tick %s: %w", one.Name, err)
	}
	return nil
}

func (one tick) item(at time.Time) outbox.Item {
	day := at.Format(time.DateOnly)
	return outbox.Item{
		Key: "tick:" + one.Name + ":" + day, Merge: outbox.Once, Lane: outbox.Bulk, Due: at, What: WhatTick,
		Data: outbox.Payload{Tick: one.Name, Day: day}.Data(),
	}
}

func isSameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// Send does the work of a tick, after it has owed the next. What was missed is
// made up within its day only: after that it is moot.
func (t *Ticks) Send(ctx context.Context, it outbox.Item) (string, error) {
	p := it.Payload()
	one, ok := t.ticks[p.Tick]
	if !ok {
		return "", fmt.Errorf("no tick is called %q any more: %w", p.Tick, ErrMoot)
	}
	if err := t.plan(ctx, one); err != nil {
		return "", err
	}
	now := t.now()
	if p.Day != now.Format(time.DateOnly) {
		return "", fmt.Errorf("%s is over: %w", p.Day, ErrMoot)
	}
	if err := one.Do(ctx, now); err != nil {
		return "", fmt.Errorf("tick %s: %w", one.Name, err)
	}
	return it.Key, nil
}
