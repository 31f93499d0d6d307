package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// alert tells every administrator, each by one mail a day: what comes after the
// mail of a day waits for the next working morning's.
func (d *Desk) alert(ctx context.Context, due time.Time, line string) ([]outbox.Item, error) {
	admins, err := d.holders(ctx, core.RoleAdmin, "")
	if err != nil {
		return nil, err
	}
	var out []outbox.Item
	for _, a := range admins {
		it, err := d.alertItem(ctx, a, due, line)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, nil
}

// anotherAlert is an alert that died, owed again, if there still is whom to tell.
func (d *Desk) anotherAlert(ctx context.Context, it outbox.Item) ([]outbox.Item, error) {
	admins, err := d.holders(ctx, core.RoleAdmin, "")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(admins, func(a core.Record) bool { return a.ID == it.Account })
	if i < 0 {
		return nil, nil
	}
	again, err := d.alertItem(ctx, admins[i], d.morning(d.now()), strings.Join(it.Payload().Lost, "\n"))
	if err != nil {
		return nil, err
	}
	return []outbox.Item{again}, nil
}

func (d *Desk) alertItem(ctx context.Context, admin core.Record, due time.Time, lines string) (outbox.Item, error) {
	due, err := d.alertDay(ctx, admin, due)
	if err != nil {
		return outbox.Item{}, err
	}
	return outbox.Item{
		Key:   "alert:" + d.day(due).String() + ":" + admin.ID,
		Merge: outbox.Append, Lane: outbox.Bulk, Due: due,
		Account: admin.ID, Channel: "email", Record: admin.ID, What: WhatMail,
		Data: outbox.Payload{Mail: string(core.MailAlert), Lost: strings.Split(lines, "\n")}.Data(),
	}, nil
}

func (d *Desk) day(t time.Time) core.Day { return core.DateOf(t.In(d.Office.Calendar.Zone())) }

// alertDay is when an alert that is wanted at due may go to an administrator: in
// their window, and on a day whose mail has not left yet. It remembers when the
// mail of each day leaves.
func (d *Desk) alertDay(ctx context.Context, admin core.Record, due time.Time) (time.Time, error) {
	if d.Sessions == nil {
		return d.window(admin, due), nil
	}
	const tries = 10
	key := "alerts:" + admin.ID
	for range tries {
		now := d.now()
		days := map[string]time.Time{} // when the mail of a day leaves
		kept, rev, err := d.Sessions.Get(ctx, key, now)
		if err == nil {
			err = json.Unmarshal(kept, &days)
		}
		if err != nil && !errors.Is(err, ErrNotFound) {
			return time.Time{}, fmt.Errorf("days of alerts to %s: %w", admin.ID, err)
		}
		at := d.window(admin, due)
		for leaves, ok := days[d.day(at).String()]; ok && !leaves.After(now); leaves, ok = days[d.day(at).String()] {
			at = d.window(admin, d.morning(at))
		}
		today := d.day(now).String()
		maps.DeleteFunc(days, func(day string, _ time.Time) bool { return day < today })
		if leaves, ok := days[d.day(at).String()]; !ok || at.Before(leaves) {
			days[d.day(at).String()] = at
		}
		body, err := json.Marshal(days)
		if err != nil {
			return time.Time{}, fmt.Errorf("days of alerts to %s: %w", admin.ID, err)
		}
		if _, err = d.Sessions.Put(ctx, key, body, rev, now, now.AddDate(0, 1, 0)); err == nil {
			return at, nil
		}
		if !errors.Is(err, ErrConflict) {
			return time.Time{}, fmt.Errorf("days of alerts to %s: %w", admin.ID, err)
		}
	}
	return time.Time{}, fmt.Errorf("days of alerts to %s: %w", admin.ID, ErrConflict)
}
