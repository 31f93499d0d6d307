package desk

import (
	"context"
	"maps"
	"slices"
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

// told is who is told of a commit: the holders of a card from here on, and the
// mails and notes that are owed.
type told struct {
	holders []string
	items   []outbox.Item
}

// told resolves the notices of events to accounts. A person who has a chat is
// told there; mails go where the row says always, or where there is no chat.
func (d *Desk) told(ctx context.Context, after core.Record, events []core.Event, now time.Time) (told, error) {
	var out told
	for _, n := range core.Told(after, events) {
		people, err := d.audience(ctx, after, n.To, now)
		if err != nil {
			return told{}, err
		}
		people = slices.DeleteFunc(people, func(p core.Record) bool { return !p.InUse() })
		for _, p := range people {
			if n.Verb == core.VerbRemind {
				spared, err := d.isSpared(ctx, after, p, now)
				if err != nil {
					return told{}, err
				}
				if spared {
					continue
				}
			}
			if n.To != core.Self && n.To != core.Former && !slices.Contains(out.holders, p.ID) {
				out.holders = append(out.holders, p.ID)
			}
			if n.Note != core.NoteNone && p.ID == events[0].By {
				continue // no note tells people of their own act
			}
			out.items = append(out.items, d.notices(after, p, n, events[0].By, now)...)
		}
	}
	return out, nil
}

// notices are the items by which person p learns what row n says.
func (d *Desk) notices(after core.Record, p core.Record, n core.Notice, by string, now time.Time) []outbox.Item {
	due, isOwn := d.leaves(p, by, now)
	var out []outbox.Item
	// Somebody without any address is owed the mail all the same: the notifier
	// buries it, with an alert to administration.
	if n.Mail != core.MailNone && (n.Always || !hasChat(p)) {
		it := mailItem(after, p.ID, n.Mail, due)
		it.Data = own(it.Data, isOwn)
		out = append(out, it)
	}
	if n.Note != core.NoteNone && hasChat(p) {
		data := own(map[string]string{"at": core.Stamp(after.Acts[n.Verb].At).Format(time.RFC3339Nano)}, isOwn)
		if n.Verb == core.VerbRemind {
			data = map[string]string{"replace": core.Yes}
		}
		if n.Note == core.NoteCover {
			due = due.Add(afterCard)
		}
		out = append(out, NoteItem(after, p.ID, p.FirstChat(), n.Note, due, data))
	}
	if n.Verb == core.VerbRemind { // which leaves the version as it is
		for i := range out {
			out[i].Key += ":" + strconv.Itoa(after.Seq)
			out[i].Lane = outbox.Bulk
		}
	}
	return out
}

// afterCard is what a note waits for the card that it belongs under, where both
// are owed by one commit.
const afterCard = time.Second

func hasChat(account core.Record) bool { return len(account.Links) > 0 }

func mailItem(r core.Record, account string, mail core.Mail, now time.Time) outbox.Item {
	return outbox.Item{
		Key:   "mail:" + r.ID + ":" + strconv.Itoa(r.Version) + ":" + account + ":" + string(mail),
		Merge: outbox.Once, Lane: outbox.Normal, Due: now,
		Account: account, Channel: "email", Record: r.ID, What: WhatMail,
		Data: map[string]string{"mail": string(mail)},
	}
}

// cards are the items that redraw a record for everybody who holds its card, on
// each chat that they have linked. What was silent is drawn for those alone who
// were told of it. Each is due at once: a card is redrawn at any hour, since that
// makes no sound, and the channel keeps a new message for the sending window.
func (d *Desk) cards(ctx context.Context, after core.Record, events []core.Event, now time.Time) ([]outbox.Item, error) {
	ids, screens, err := d.shownOn(ctx, after)
	if err != nil {
		return nil, err
	}
	if core.Silent(events) {
		ids = events[len(events)-1].Told
	}
	holders, err := d.accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []outbox.Item
	for _, account := range holders {
		for _, l := range account.Links {
			out = append(out, CardItem(after.ID, account.ID, l.Platform, now, own(nil, account.ID == events[0].By)))
		}
	}
	for _, s := range screens {
		out = append(out, ScreenItem(after.ID, s.account, s.platform, now))
	}
	return out, nil
}

// audience are the accounts that a notice means.
func (d *Desk) audience(ctx context.Context, r core.Record, to core.Role, now time.Time) ([]core.Record, error) {
	switch to {
	case core.Self, core.Former:
		return []core.Record{r}, nil
	case core.Deputy:
		return d.accounts(ctx, []string{r.Fields[core.FieldSubstitute]})
	case core.Holders:
		return d.accounts(ctx, r.Told)
	case core.OnTurn:
		duties := core.Duties(r, d.Office.Calendar, d.Office.Targets)
		if len(duties) == 0 {
			return nil, nil
		}
		people, err := d.owing(ctx, duties[0], r)
		if err != nil {
			return nil, err
		}
		return d.withSubstitutes(ctx, people, now)
	case core.Reminding:
		return d.reminding(ctx, r)
	case core.Covering:
		return d.covering(ctx, r, now)
	case core.RoleRequester:
		people, err := d.requesters(ctx, r)
		if err != nil {
			return nil, err
		}
		return d.withSubstitutes(ctx, people, now)
	case core.RoleHead:
		return d.named(ctx, r.Fields[core.FieldHead], now)
	case core.RoleExecutive:
		return d.accounts(ctx, []string{r.Fields[core.FieldExecutive]})
	default:
		people, err := d.holders(ctx, to, r.Agency)
		if err != nil {
			return nil, err
		}
		return d.withSubstitutes(ctx, people, now)
	}
}

// filer is who asked: of a programme, who delivered it.
func filer(r core.Record) string {
	if r.Kind == core.KindProgram {
		return r.Acts[core.VerbDeliver].By
	}
	return r.Asker()
}

// requesters are who is to know of what was asked: its filer; or, where that person
// is not there any more, or administration delivered a programme for the agency, all
// who ask for that agency.
func (d *Desk) requesters(ctx context.Context, r core.Record) ([]core.Record, error) {
	people, err := d.accounts(ctx, []string{filer(r)})
	if err != nil {
		return nil, err
	}
	if len(people) == 1 && people[0].InUse() && people[0].Agency == r.Agency && slices.Contains(people[0].Roles, core.RoleRequester) {
		return people, nil
	}
	return d.holders(ctx, core.RoleRequester, r.Agency)
}

func (d *Desk) named(ctx context.Context, account string, now time.Time) ([]core.Record, error) {
	people, err := d.accounts(ctx, []string{account})
	if err != nil {
		return nil, err
	}
	return d.withSubstitutes(ctx, people, now)
}

// withSubstitutes adds those who stand in for one of people today.
func (d *Desk) withSubstitutes(ctx context.Context, people []core.Record, now time.Time) ([]core.Record, error) {
	var ids []string
	for _, p := range people {
		if s, ok := p.Substitution(); ok && s.Covers(core.DateOf(now)) {
			ids = append(ids, s.Account)
		}
	}
	substitutes, err := d.accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, s := range substitutes {
		if !slices.ContainsFunc(people, func(p core.Record) bool { return p.ID == s.ID }) {
			people = append(people, s)
		}
	}
	return people, nil
}
