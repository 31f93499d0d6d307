package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// Fallback is what is owed instead of an item that no repetition will deliver.
//
// A mail goes on to the person's next channel, in the order of their preference;
// so does what is told in a chat, if it is the person's turn. Administration learns of it in words: the next
// working morning of what another channel took over, within AlertDelay of what
// reached the person by none, each with why; but by one mail a day. An alert that
// dies is owed again the next morning. Of a redraw that dies, and of a task, it
// learns the next working morning.
func (d *Desk) Fallback(ctx context.Context, it outbox.Item, cause error) ([]outbox.Item, error) {
	if it.Payload().Mail == string(core.MailAlert) {
		return d.anotherAlert(ctx, it)
	}
	if it.What == WhatScreen {
		return d.unseen(ctx, it, cause)
	}
	if it.Record == "" || it.Channel == "" {
		return d.anew(ctx, it, cause)
	}
	why := motive(it.Channel, cause)
	s, err := d.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, ErrNotFound) && it.What == WhatCard {
		return d.unseen(ctx, it, cause) // a card that was to be taken off the screen stays there
	}
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fallback of %s: %w", it.ID, err)
	}
	if _, mine := s.Mine(); it.What != WhatMail && !mine {
		return d.alert(ctx, d.morning(s.Now), es.LostCard(s, it.Channel, why))
	}
	tried := append(it.Payload().Tried, it.Channel)
	next := nextChannel(s, it, tried)
	if next == "" {
		return d.alert(ctx, s.Now.Add(AlertDelay), es.Lost(s, tried, why))
	}
	out, err := d.alert(ctx, d.morning(s.Now), es.TakenOver(s, it.Channel, next, why))
	if err != nil {
		return nil, err
	}
	return append(out, d.instead(s, it, next, tried)), nil
}

// unseen is for messages that follow what is so no longer: administration learns whose.
func (d *Desk) unseen(ctx context.Context, it outbox.Item, cause error) ([]outbox.Item, error) {
	viewer, err := d.Ledger.Record(ctx, it.Account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fallback of %s: %w", it.ID, err)
	}
	return d.alert(ctx, d.morning(d.now()), es.LostCard(core.Scene{Viewer: viewer}, it.Channel, motive(it.Channel, cause)))
}

// AlertDelay is how long an alert of notices that reached nobody waits for others
// of the same trouble.
const AlertDelay = 5 * time.Minute

// nextChannel is the first of the viewer's chain that was not tried; "" at its
// end. What a mail says of one's own account is not said in a chat: whoever holds
// that chat may be the one of whom it warns.
func nextChannel(s core.Scene, it outbox.Item, tried []string) string {
	for _, c := range s.Viewer.Chain() {
		if !slices.Contains(tried, c) && (c == "email" || s.Record.ID != it.Account) {
			return c
		}
	}
	return ""
}

// instead is the item that takes the place of it on another channel.
func (d *Desk) instead(s core.Scene, it outbox.Item, channel string, tried []string) outbox.Item {
	if channel != "email" {
		return CardItem(it.Record, it.Account, channel, s.Now, outbox.Payload{Tried: tried, Instead: it.ID})
	}
	return mailItem(s.Record, it.Account, s.Now, outbox.Payload{Mail: string(core.MailTurn), Tried: tried})
}

// anew is what is owed instead of an item that tells of no record, or speaks to
// nobody: a digest goes on to the next channel, a reminder is decided again the
// next working day. A tick has owed the one that follows already, and administration
// learns of the one that was not done. So it does of cards that are not redrawn for a
// change in what an account may do, which is tried again the next working day.
func (d *Desk) anew(ctx context.Context, it outbox.Item, cause error) ([]outbox.Item, error) {
	again := outbox.Item{
		Key: it.Key + ":" + it.ID, Merge: it.Merge, Lane: it.Lane, Expires: it.Expires, Account: it.Account, Record: it.Record, What: it.What,
		Data: maps.Clone(it.Data),
	}
	switch it.What {
	case WhatRemind:
		again.Due = d.Office.Send().Opens(d.Office.Calendar.AddWorking(core.DateOf(d.now()), 1), d.Office.Calendar)
	case WhatRecast:
		again.Due = d.morning(d.now())
		out, err := d.alert(ctx, d.morning(d.now()), es.LostTask(it.What, motive(it.Channel, cause)))
		return append(out, again), err
	case WhatDigest, WhatWeekly:
		viewer, err := d.viewer(ctx, it.Account)
		if errors.Is(err, ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("fallback of %s: %w", it.ID, err)
		}
		tried := append(it.Payload().Tried, it.Channel)
		next := slices.DeleteFunc(viewer.Chain(), func(c string) bool { return slices.Contains(tried, c) })
		if len(next) == 0 {
			return d.alert(ctx, d.now().Add(AlertDelay), es.LostDigest(viewer.Fields[core.FieldName], tried, motive(it.Channel, cause)))
		}
		again.Channel, again.Due, again.Data = next[0], d.now(), outbox.Payload{Tried: tried}.Data()
	default:
		return d.alert(ctx, d.morning(d.now()), es.LostTask(cmp.Or(it.Payload().Tick, it.What), motive(it.Channel, cause)))
	}
	return []outbox.Item{again}, nil
}

// motive is why a channel's item was given up, in so far as administration can do
// something about it.
func motive(channel string, cause error) es.Motive {
	switch {
	case cause == nil:
		return ""
	case outbox.IsPermanent(cause) && outbox.Reason(cause) == outbox.NoRecipient:
		return es.MotiveRecipient
	case outbox.IsPermanent(cause) && channel != "email" && channel != "":
		return es.MotiveChat
	case outbox.IsPermanent(cause):
		return es.MotiveMessage
	case outbox.IsConfig(cause), outbox.IsUnanswered(cause):
		return es.MotiveDown
	case outbox.IsUncertain(cause):
		return es.MotiveDoubt
	}
	return es.MotiveTries
}

// morning is half past eight of the next working day.
func (d *Desk) morning(now time.Time) time.Time {
	return d.Office.Calendar.AddWorking(core.DateOf(now), 1).At(8, 30, d.Office.Calendar.Zone())
}
