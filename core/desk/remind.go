package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem/core"
	"sidem/core/outbox"
)

// WhatRemind is the item of a reminder: it speaks to nobody, but has the system
// decide, when its time has come, whether somebody is reminded.
const WhatRemind = "remind"

// bundleFrom is how many reminders a person gets in a day one by one; that many
// or more are told by the digest alone.
const bundleFrom = 3

// remindItem owes the next reminder of a record. Its key holds the instant, so that a
// date that moved has a row of its own: of two rows the later one finds that it is no
// longer needed.
func remindItem(r core.Record, m core.Reminder) outbox.Item {
	return outbox.Item{
		Key:   fmt.Sprintf("remind:%s:%s:%d:%d:%s", r.ID, m.Duty, m.Turn, m.N, m.At.UTC().Format("2006-01-02T15:04")),
		Merge: outbox.Once, Lane: outbox.Bulk, Due: m.At, Record: r.ID, What: WhatRemind,
		Data: outbox.Payload{Duty: string(m.Duty), Turn: m.Turn, N: m.N}.Data(),
	}
}

// Remind carries out the item of a reminder. It asks what the record owes now:
// one reminder makes up for all that were missed, and none is given outside of
// the window of those whom it reminds. It returns the instant to ask again at
// (zero: none), and whether a reminder was given.
func (d *Desk) Remind(ctx context.Context, it outbox.Item) (again time.Time, done bool, err error) {
	r, err := d.Ledger.Record(ctx, it.Record)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("remind of %s: %w", it.Record, err)
	}
	now := d.now()
	due := core.DueReminders(r, d.Office, now)
	if len(due) == 0 {
		m, _ := Ahead(r, d.Office, it) // the date moved, as when a calendar was confirmed
		return m.At, false, nil
	}
	if open := d.Office.Send().Next(now, d.Office.Calendar.Of(due[0].Agency)); open.After(now) {
		return open, false, nil
	}
	out, err := d.Do(ctx, core.SystemActor, r.ID, core.RemindCommand(due, "item:"+it.ID))
	return time.Time{}, err == nil && out.Refusal == nil, err
}

// Ahead is the reminder that an item of r waits for; ok is false if nothing of it
// is owed any more.
func Ahead(r core.Record, o core.Office, it outbox.Item) (m core.Reminder, ok bool) {
	all, p := core.Reminders(r, o), it.Payload()
	i := slices.IndexFunc(all, func(m core.Reminder) bool {
		return p.Duty == string(m.Duty) && p.Turn == m.Turn && p.N == m.N
	})
	if i < 0 {
		return core.Reminder{}, false
	}
	return all[i], true
}

// isBundled reports whether an account has so many reminders today that the digest tells
// them. The count is taken once in the day, by whoever asks first, and kept.
func (d *Desk) isBundled(ctx context.Context, account string, now time.Time) (bool, error) {
	if d.Sessions == nil {
		return false, nil
	}
	today := core.DateOf(now)
	key := "today:" + today.String() + ":" + account
	for {
		kept, _, err := d.Sessions.Get(ctx, key, now)
		if err == nil {
			return string(kept) == core.Yes, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return false, fmt.Errorf("reminders of %s today: %w", account, err)
		}
		many, err := d.hasMany(ctx, account, now)
		if err != nil {
			return false, err
		}
		answer := core.No
		if many {
			answer = core.Yes
		}
		_, err = d.Sessions.Put(ctx, key, []byte(answer), 0, now, now.AddDate(0, 0, 1))
		if err != nil && !errors.Is(err, ErrConflict) {
			return false, fmt.Errorf("keep the reminders of %s today: %w", account, err)
		}
	}
}

// atOnce is how many records are read at once while reminders are counted: few
// people have more of a day.
const atOnce = 8

// hasMany reports whether bundleFrom reminders or more reach an account until the window
// closes today. It reads its list, oldest first, until it knows, at most
// maxEntries of it.
func (d *Desk) hasMany(ctx context.Context, account string, now time.Time) (bool, error) {
	p, err := d.Ledger.Record(ctx, account)
	if err != nil {
		return false, fmt.Errorf("load account %s: %w", account, err)
	}
	actor, err := d.Actor(ctx, p)
	if err != nil {
		return false, err
	}
	// Nobody is reminded on the day on which it became their turn: what came to its
	// state today, and all that follows it on the list, need not be read. Only the
	// receipt of an oficio may be waited for since before that.
	receives := slices.ContainsFunc(d.owedTerms(actor), func(t []string) bool { return t[0] == core.TermOwes(core.RoleRegistry, "") })
	part := Part{More: true}
	for n, read := 0, 0; part.More && read < maxEntries; read += atOnce {
		if part, err = d.Read(ctx, d.OwedBy(actor), part.Next, atOnce); err != nil {
			return false, err
		}
		for _, r := range part.Records {
			if !receives && core.DateOf(r.Since.In(now.Location())) == core.DateOf(now) {
				return false, nil
			}
			if d.reminds(r, p, actor, now) {
				n++
			}
			if n >= bundleFrom {
				return true, nil
			}
		}
	}
	return false, nil
}

// reminds reports whether p is reminded of something that r owes until the window
// closes today.
func (d *Desk) reminds(r, p core.Record, actor core.Actor, now time.Time) bool {
	if r.Snoozes(p.ID, core.DateOf(now)) {
		return false
	}
	duties := core.Duties(r, d.Office.Calendar, d.Office.Targets)
	end := d.Office.Send().Closes(core.DateOf(now), d.Office.Calendar)
	return slices.ContainsFunc(core.DueReminders(r, d.Office, end), func(m core.Reminder) bool {
		return !m.Recall && slices.ContainsFunc(duties, func(duty core.Duty) bool { return duty.Name == m.Duty && actor.Owes(duty, r, now) })
	})
}
