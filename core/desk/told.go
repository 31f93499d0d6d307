package desk

import (
	"maps"
	"strconv"
	"time"

	"sidem/core"
	"sidem/core/outbox"
)

// What the items of a decision ask for: the notifier's words.
const (
	WhatCard = "card" // draw the record's card for the account, on the channel
	WhatMail = "mail" // send the mail that Data["mail"] names
	WhatNote = "note" // say what Data["note"] names, under the record's card
	// WhatScreen has what else the account has on the channel follow the record.
	WhatScreen = "screen"
)

// CardItem asks for the card of a record to be drawn for an account on a chat.
// Data may hold "anew" (post it again even if nothing changed), "force" (draw it
// even if nothing changed), "own" (it answers what the account itself has done: at
// any hour) or "instead" (post it though another chat comes first).
func CardItem(record, account, channel string, now time.Time, data map[string]string) outbox.Item {
	return outbox.Item{
		Key:   "card:" + record + ":" + account + ":" + channel,
		Merge: outbox.Latest, Lane: outbox.Press, Due: now,
		Account: account, Channel: channel, Record: record, What: WhatCard, Data: data,
	}
}

// ScreenItem asks that the messages of an account on a chat follow a record: all of them
// where that is the account itself.
func ScreenItem(record, account, channel string, now time.Time) outbox.Item {
	return outbox.Item{
		Key:   "screen:" + record + ":" + account + ":" + channel,
		Merge: outbox.Latest, Lane: outbox.Press, Due: now,
		Account: account, Channel: channel, Record: record, What: WhatScreen,
	}
}

// NoteItem asks for note to be said to an account on a chat, under the card of
// record, as of its present version. Data may hold "replace": the last note of
// the same name is taken off the screen.
func NoteItem(record core.Record, account, channel string, note core.Note, due time.Time, data map[string]string) outbox.Item {
	said := map[string]string{"note": string(note)}
	maps.Copy(said, data)
	return outbox.Item{
		Key:   "note:" + record.ID + ":" + strconv.Itoa(record.Version) + ":" + account + ":" + channel + ":" + string(note),
		Merge: outbox.Once, Lane: outbox.Normal, Due: due,
		Account: account, Channel: channel, Record: record.ID, What: WhatNote, Data: said,
	}
}

// About is the instant of the act of which the item of a note tells; zero for one
// that tells of the present.
func About(it outbox.Item) time.Time {
	at, err := time.Parse(time.RFC3339Nano, it.Data["at"])
	if err != nil {
		return time.Time{}
	}
	return at
}

// itemsFor are the items that a plan owes for a record that was at seq before.
func itemsFor(p core.Plan, seq int) []outbox.Item {
	var out []outbox.Item
	for _, d := range p.Deliveries {
		out = append(out, itemOf(d, p.Record, seq))
	}
	if p.Reminder != nil {
		out = append(out, remindItem(p.Record, *p.Reminder))
	}
	for _, r := range p.Recasts {
		out = append(out, recast(p.Record, r))
	}
	return out
}

// itemOf is the item of a delivery of record after, which was at seq when it was decided upon.
func itemOf(d core.Delivery, after core.Record, seq int) (it outbox.Item) {
	switch d.Deed {
	case core.DeedCard:
		return CardItem(after.ID, d.Account, d.Channel, d.Due, own(nil, d.Own))
	case core.DeedScreen:
		return ScreenItem(after.ID, d.Account, d.Channel, d.Due)
	case core.DeedMail:
		it = mailItem(after, d.Account, d.Mail, d.Due)
	case core.DeedNote:
		it = NoteItem(after, d.Account, d.Channel, d.Note, d.Due, nil)
		if !d.About.IsZero() || !d.Replaces {
			it.Data["at"] = d.About.Format(time.RFC3339Nano)
		}
		if d.Replaces {
			it.Data["replace"] = core.Yes
		}
	}
	it.Data = own(it.Data, d.Own)
	switch {
	case d.Over:
		it.Key += ":over"
	case d.Reminds: // which leaves the version as it is
		it.Key += ":" + strconv.Itoa(seq)
		it.Lane = outbox.Bulk
	}
	return it
}

func mailItem(r core.Record, account string, mail core.Mail, now time.Time) outbox.Item {
	return outbox.Item{
		Key:   "mail:" + r.ID + ":" + strconv.Itoa(r.Version) + ":" + account + ":" + string(mail),
		Merge: outbox.Once, Lane: outbox.Normal, Due: now,
		Account: account, Channel: "email", Record: r.ID, What: WhatMail,
		Data: map[string]string{"mail": string(mail)},
	}
}
