package core

import (
	"cmp"
	"slices"
	"time"
)

// Plan is all that follows from a decision, as a value: a desk commits it whole, and then
// it is carried out in the order Events, Deliveries, Reminder, Recasts.
type Plan struct {
	// Record is what it becomes, Events why: sealed, and the last of them with who is told.
	Record Record
	Events []Event
	// Deliveries are what others see and read of it.
	Deliveries []Delivery
	// Reminder is the next one of the record; nil for none.
	Reminder *Reminder
	// Recasts are when cards change because somebody may do something else from then on.
	Recasts []Recast
}

// Deed is what a delivery does.
type Deed int

// The deeds.
const (
	DeedMail   Deed = iota // send Mail
	DeedNote               // say Note under the record's card
	DeedCard               // draw the record's card
	DeedScreen             // have what else the account has on the screen follow the record
)

// Delivery is one thing that is owed to somebody for a decision.
type Delivery struct {
	Deed             Deed
	Account, Channel string
	Due              time.Time
	Mail             Mail
	Note             Note
	// Own says that it answers what the account itself has done: at any hour.
	Own bool
	// About is the instant of the act that it tells of, alone; zero for what tells of the present.
	About time.Time
	// Replaces says that the last note of the same name is taken off the screen, and
	// Over that this is all it does.
	Replaces, Over bool
	// Reminds says that it tells of a reminder, which leaves the record's version as it is.
	Reminds bool
}

// Recast is an instant at which the cards of an account, and of who stands in for it,
// are to be drawn again; of a request, the card of whoever acted on it last.
type Recast struct {
	Due time.Time
	// When names the instant: a day, "now", or "undo".
	When string
	// Deputy is who stands in; "" for nobody.
	Deputy string
	// Left is the platform that the account has left, where it has.
	Left string
}

// Shown is a screen that shows something of a record. Without a platform it is the
// record's card, on each chat of the account.
type Shown struct{ Account, Platform string }

// afterCard is what a note waits for the card that it belongs under, where both
// are owed by one commit.
const afterCard = time.Second

// PlanOf is what follows from events that Decide gave on record before. screens are
// those that show something of it, beside the cards of who is told. Where k lacks
// something it is no plan yet, and nothing is sealed: k is to learn that first. Of events
// that were refused nothing follows but their place in the trail.
func PlanOf(before Record, events []Event, k *Known, screens []Shown, o Office, now time.Time) Plan {
	events = slices.Clone(events)
	after := foldedInto(before, events)
	var p Plan
	if !isRefused(events) {
		events[len(events)-1].Told, p.Deliveries = noticesOf(before, after, events, k, o, now)
		after = foldedInto(before, events)
	}
	if k.lacks.IsEmpty() {
		events = Seal(before, events)
		after = foldedInto(before, events)
	}
	p.Record, p.Events = after, events
	if isRefused(events) {
		return p
	}
	p.Deliveries = slices.Concat(p.Deliveries, redraws(after, events, k, screens, now), unsaid(before, after, k, now))
	if next := Reminders(after, o); len(next) > 0 {
		p.Reminder = &next[0]
	}
	p.Recasts = recasts(before, after, events, o, now)
	return p
}

func foldedInto(r Record, events []Event) Record {
	for _, e := range events {
		r = Apply(r, e)
	}
	return r
}

func isRefused(events []Event) bool {
	return slices.ContainsFunc(events, func(e Event) bool { return e.Refusal != nil })
}

// noticesOf resolves the notices of events to accounts: the holders of a card from here
// on, and what they are sent. A person who has a chat is told there; mails go where the
// row says always, or where there is no chat.
func noticesOf(before, after Record, events []Event, k *Known, o Office, now time.Time) (holders []string, out []Delivery) {
	for _, n := range Told(after, events) {
		people := k.audience(after, n.To, o, now)
		if n.To == Undone {
			people = k.Accounts(cmp.Or(events[0].Fields[FieldExecutive], events[0].Fields[FieldHead]))
		}
		for _, p := range people {
			if n.Mail == MailUndone && o.Leaves(p.Agency, before.Acts[undoes[n.Verb]].At).After(now) {
				continue // what it would take back has not left, and is not needed any more
			}
			if !p.InUse() || n.Verb == VerbRemind && k.spares(after, p, n.To, o, now) {
				continue
			}
			if n.To != Self && n.To != Former && !slices.Contains(holders, p.ID) {
				holders = append(holders, p.ID)
			}
			if n.Note != NoteNone && p.ID == events[0].By {
				continue // no note tells people of their own act
			}
			out = append(out, noticed(after, p, n, events[0].By, o, now)...)
		}
	}
	return holders, out
}

// spares reports whether p, of audience to, is not reminded of r today: put off by
// themselves, told often enough, come to stand in today with the card, or told by the digest
// with what else is to be told this morning. A call that failed today nobody foresaw in the
// morning: that is told.
func (k *Known) spares(r, p Record, to Role, o Office, now time.Time) bool {
	today := DateOf(now)
	switch {
	case r.Snoozes(p.ID, today), to == Covering && beganToday(p, k.reminding(r, o, today), today):
		return true
	case r.sparesPaused(p, today):
		return true
	case r.calledOn(today, o):
		return false
	case r.wasToldOften() && r.Snoozed[p.ID] != today.String():
		return true
	default:
		return k.isBundled(p.ID)
	}
}

// noticed is how person p learns what row n says.
func noticed(after, p Record, n Notice, by string, o Office, now time.Time) (out []Delivery) {
	own := p.ID == by || n.AtOnce
	due := now
	if !own {
		due = o.Leaves(p.Agency, now)
	}
	reminds := n.Verb == VerbRemind
	// Somebody without any address is owed the mail all the same: the notifier
	// buries it, with an alert to administration.
	if n.Mail != MailNone && (n.Always || !p.hasChat()) {
		d := Delivery{Deed: DeedMail, Account: p.ID, Channel: "email", Due: due, Mail: n.Mail, Own: own, Reminds: reminds}
		if after.Undo != nil && after.Undo.Verb == n.Verb { // what is taken back is told to nobody any more
			d.About = Stamp(after.Acts[n.Verb].At)
		}
		out = append(out, d)
	}
	if n.Note != NoteNone && p.hasChat() {
		d := Delivery{Deed: DeedNote, Account: p.ID, Channel: p.FirstChat(), Due: due, Note: n.Note, Own: own, About: Stamp(after.Acts[n.Verb].At), Reminds: reminds}
		if reminds {
			d.Replaces, d.Own, d.About = true, false, time.Time{}
		}
		if n.Note == NoteCover {
			d.Due = due.Add(afterCard)
		}
		out = append(out, d)
	}
	return out
}

// Leaves is the first instant not before t at which somebody of an agency ("" for the
// office) may be sent a notice.
func (o Office) Leaves(agency string, t time.Time) time.Time {
	return o.Send().Next(t, o.Calendar.Of(agency))
}

func (r Record) hasChat() bool { return len(r.Links) > 0 }

// redraws draw a record anew for everybody who holds its card, on each chat that they
// have linked, and have what else shows it follow. What was silent is drawn for those
// alone who were told of it. Each is due at once: a card is redrawn at any hour, since
// that makes no sound, and the channel keeps a new message for the sending window.
func redraws(after Record, events []Event, k *Known, screens []Shown, now time.Time) (out []Delivery) {
	ids := slices.Clone(after.Told)
	for _, s := range screens {
		if s.Platform == "" {
			ids = append(ids, s.Account)
		}
	}
	if Silent(events) {
		ids = events[len(events)-1].Told
	}
	for _, account := range k.Accounts(ids...) {
		for _, l := range account.Links {
			out = append(out, Delivery{Deed: DeedCard, Account: account.ID, Channel: l.Platform, Due: now, Own: account.ID == events[0].By})
		}
	}
	for _, s := range screens {
		if s.Platform != "" {
			out = append(out, Delivery{Deed: DeedScreen, Account: s.Account, Channel: s.Platform, Due: now})
		}
	}
	return out
}

// unsaid take reminders off the screen whose turn is over.
func unsaid(before, after Record, k *Known, now time.Time) (out []Delivery) {
	over := slices.ContainsFunc(before.Reminded, func(m Reminded) bool {
		return !slices.ContainsFunc(after.Reminded, func(n Reminded) bool { return n.Duty == m.Duty && n.Turn == m.Turn })
	})
	if !over {
		return nil
	}
	for _, p := range k.Accounts(after.Told...) {
		for _, note := range []Note{NoteReminder, NoteCover} {
			if p.hasChat() {
				out = append(out, Delivery{Deed: DeedNote, Account: p.ID, Channel: p.FirstChat(), Due: now, Note: note, Own: true, Replaces: true, Over: true})
			}
		}
	}
	return out
}

// recasts are those that the events of an account owe, and an act that may be taken back.
func recasts(before, after Record, events []Event, o Office, now time.Time) (out []Recast) {
	if canBeUndone(events[0]) { // from then on it can be taken back no more
		return []Recast{{Due: now.Add(undoShown), When: "undo"}}
	}
	if after.Kind != KindAccount {
		return nil
	}
	deputy := ""
	if sub, ok := before.Substitution(); ok && sub.Accepted {
		deputy = sub.Account
	}
	for _, e := range events {
		switch e.Verb {
		case VerbUnlink:
			out = append(out, Recast{Due: now, When: "now", Left: e.Fields[FieldPlatform]})
		case VerbComeBack, VerbSubstitute:
			if deputy != "" {
				out = append(out, Recast{Due: now, When: "now", Deputy: deputy})
			}
		case VerbStandIn:
			out = append(out, turnsOf(after, o, now)...)
		default:
		}
	}
	lapsed := slices.ContainsFunc(events, func(e Event) bool { return e.Verb == VerbLapse })
	had := before.InUse() || before.State == StateSuspended
	if had && (before.InUse() != after.InUse() || before.Agency != after.Agency || !slices.Equal(before.Roles, after.Roles)) {
		return append(out, Recast{Due: now, When: "now", Deputy: deputy})
	}
	if lapsed && deputy != "" {
		out = append(out, Recast{Due: now, When: "now", Deputy: deputy})
	}
	return out
}

// turnsOf are the days on which an accepted substitution begins and is over.
func turnsOf(principal Record, o Office, now time.Time) (out []Recast) {
	sub, _ := principal.Substitution()
	if from, err := ParseDay(sub.From); err == nil {
		due := from.At(0, 0, o.Calendar.Zone())
		if due.Before(now) {
			due = now
		}
		out = append(out, Recast{Due: due, When: sub.From, Deputy: sub.Account})
	}
	if to, err := ParseDay(sub.To); err == nil {
		over := to.Next(1)
		out = append(out, Recast{Due: over.At(0, 0, o.Calendar.Zone()), When: over.String(), Deputy: sub.Account})
	}
	return out
}
