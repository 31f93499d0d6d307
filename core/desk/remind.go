package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// WhatRemind is the item of a reminder: it speaks to nobody, but has the system
// decide, when its time has come, whether somebody is reminded.
const WhatRemind = "remind"

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
	if errors.Is(err, ErrNotFound) { // it left for an archive
		return time.Time{}, false, nil
	}
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
	if left, err := d.leftInHand(ctx, r, it); err != nil || left {
		return time.Time{}, false, err
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

// isBundled reports whether what an account is told today comes by the digest, or by the
// week's board, so that it gets no reminder besides. It is decided once in the day, by
// whoever asks first, and kept: one message comes, whichever replica asks.
func (d *Desk) isBundled(ctx context.Context, account string, now time.Time) (bool, error) {
	return d.decided(ctx, account, now, func() (bool, error) {
		m, err := d.toTell(ctx, account)
		if errors.Is(err, ErrNotFound) {
			return false, nil
		}
		return err == nil && d.bundles(m), err
	})
}

// decided is the answer of isBundled that was kept, or what decide finds, which is kept.
func (d *Desk) decided(ctx context.Context, account string, now time.Time, decide func() (bool, error)) (bool, error) {
	if d.Sessions == nil {
		return decide()
	}
	key := "today:" + core.DateOf(now).String() + ":" + account
	for {
		kept, _, err := d.Sessions.Get(ctx, key, now)
		if err == nil {
			return string(kept) == core.Yes, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return false, fmt.Errorf("how %s is told today: %w", account, err)
		}
		bundled, err := decide()
		if err != nil {
			return false, err
		}
		answer := core.No
		if bundled {
			answer = core.Yes
		}
		_, err = d.Sessions.Put(ctx, key, []byte(answer), 0, now, now.AddDate(0, 0, 1))
		if err != nil && !errors.Is(err, ErrConflict) {
			return false, fmt.Errorf("keep how %s is told today: %w", account, err)
		}
	}
}

// bundles reports whether a digest or the board comes to its viewer, with what there is to tell.
func (d *Desk) bundles(m core.Digest) bool {
	comes := morningChannel(m.Viewer) != "" && d.Office.Calendar.Of(m.Viewer.Agency).IsWorking(m.Day)
	return comes && (m.By == core.ByBoard || !m.Empty() && !m.IsOneReminder())
}
