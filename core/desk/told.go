package desk

import (
	"strconv"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// What the items of a decision ask for: the notifier's words.
const (
	WhatCard = "card" // draw the record's card for the account, on the channel
	WhatMail = "mail" // send the mail that its payload names
	WhatNote = "note" // say the note that its payload names, under the record's card
	// WhatScreen has what else the account has on the channel follow the record.
	WhatScreen = "screen"
)

// CardItem asks for the card of a record to be drawn for an account on a chat.
// Of a payload it knows Anew, Force, Own and Instead.
func CardItem(record, account, channel string, now time.Time, p outbox.Payload) outbox.Item {
	return outbox.Item{
		Key:   "card:" + record + ":" + account + ":" + channel,
		Merge: outbox.Latest, Lane: outbox.Press, Due: now,
		Account: account, Channel: channel, Record: record, What: WhatCard, Data: p.Data(),
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
// record, as of its present version. Of a payload it knows At, Own and Replace.
func NoteItem(record core.Record, account, channel string, note core.Note, due time.Time, p outbox.Payload) outbox.Item {
	p.Note = string(note)
	return outbox.Item{
		Key:   "note:" + record.ID + ":" + strconv.Itoa(record.Version) + ":" + account + ":" + channel + ":" + string(note),
		Merge: outbox.Once, Lane: outbox.Normal, Due: due,
		Account: account, Channel: channel, Record: record.ID, What: WhatNote, Data: p.Data(),
	}
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
		return CardItem(after.ID, d.Account, d.Channel, d.Due, outbox.Payload{Own: d.Own})
	case core.DeedScreen:
		return ScreenItem(after.ID, d.Account, d.Channel, d.Due)
	case core.DeedMail:
		p := outbox.Payload{Mail: string(d.Mail), Own: d.Own, At: d.About}
		if d.Mail == core.MailUndone { // its reader may not see the request any more
			p.Lost = []string{after.Number}
		}
		it = mailItem(after, d.Account, d.Due, p)
	case core.DeedNote:
		it = NoteItem(after, d.Account, d.Channel, d.Note, d.Due, outbox.Payload{At: d.About, Own: d.Own, Replace: d.Replaces})
	}
	switch {
	case d.Over:
		it.Key += ":over"
	case d.Reminds: // which leaves the version as it is
		it.Key += ":" + strconv.Itoa(seq)
		it.Lane = outbox.Bulk
	}
	return it
}

func mailItem(r core.Record, account string, now time.Time, p outbox.Payload) outbox.Item {
	return outbox.Item{
		Key:   "mail:" + r.ID + ":" + strconv.Itoa(r.Version) + ":" + account + ":" + p.Mail,
		Merge: outbox.Once, Lane: outbox.Normal, Due: now,
		Account: account, Channel: "email", Record: r.ID, What: WhatMail,
		Data: p.Data(),
	}
}
