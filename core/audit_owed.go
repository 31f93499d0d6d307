package core

import (
	"slices"
	"time"
)

// Owed is what an event owes to somebody, as far as the trail alone tells.
type Owed struct {
	// Record is as the event left it, of which a delivery knows the id and the version.
	Record Record
	Index  int // of the event
	// Any are deliveries of which one is owed at least.
	Any []Delivery
}

// owedFor is how long at least what was owed is found in the outbox, settled or not
// (ShortestRetention); a day less, for clocks that are not the same.
const owedFor = (RepeatDays - 1) * 24 * time.Hour

// lately is how old what is known of an account must be for a decision to have rested upon
// it: longer than what is read of it waits to be committed.
const lately = time.Minute

// Young reports whether what was owed at an instant must be in the outbox still.
func (a *Audit) Young(at time.Time) bool { return at.After(latest(a.latest, a.Now).Add(-owedFor)) }

// farAhead is longer than anything that is told waits: an office may be closed for some weeks.
const farAhead = 60 * 24 * time.Hour

// Far reports whether an instant is later than any notice, card or mail waits.
func (a *Audit) Far(at time.Time) bool { return at.After(latest(a.latest, a.Now).Add(farAhead)) }

// Owed are what young events owe for certain: what an account is told of itself, the cards
// of those who are told, and a notice to each of them.
func (a *Audit) Owed() []Owed {
	return slices.DeleteFunc(slices.Clone(a.owed), func(o Owed) bool { return !a.Young(o.Any[0].Due) })
}

// Told reports whether those who led a record to a version told an account of it.
func (a *Audit) Told(record string, version int, account string) bool {
	return a.told[a.sum(IndexEntry{Family: entryTold, Key: account, Record: record, N: int64(version)})]
}

// entryTold is no family of a store: it names who was told of a version.
const entryTold Family = "told"

// owe notes what is owed for e, the last event of f by now, and whom it told. Whether
// somebody is reminded is decided by what they are owed that day, which the trail does not
// tell; nor what a person had who is blacked out by now.
func (a *Audit) owe(f *file, e Event) {
	r := f.record
	for _, id := range e.Told {
		a.told[a.sum(IndexEntry{Family: entryTold, Key: id, Record: r.ID, N: int64(r.Version)})] = true
	}
	if f.erased || e.Verb == VerbRemind || !a.Now.IsZero() && !a.Young(e.At) {
		return
	}
	if a.Now.IsZero() && len(a.owed)%1000 == 999 {
		a.owed = a.Owed()
	}
	r = Record{Kind: r.Kind, ID: r.ID, Version: r.Version}
	var rows []Notice
	for _, n := range Told(f.record, f.commit()) {
		if n.To != Self && n.To != Former {
			rows = append(rows, n)
			continue
		}
		if f.record.InUse() {
			for _, d := range dueTo(f.record, f.record, n, f.by, e.At) {
				a.owed = append(a.owed, Owed{r, e.Index, []Delivery{d}})
			}
		}
	}
	for _, id := range e.Told {
		p := a.files[id]
		if p == nil || p == f || p.erased || !p.record.Updated.Before(e.At.Add(-lately)) {
			continue
		}
		for _, l := range p.record.Links {
			a.owed = append(a.owed, Owed{r, e.Index, []Delivery{{Deed: DeedCard, Account: id, Channel: l.Platform, Due: e.At}}})
		}
		// By which of the rows they were told is not known.
		var some []Delivery
		for _, n := range rows {
			ds := dueTo(f.record, p.record, n, f.by, e.At)
			if some = append(some, ds...); len(ds) == 0 {
				some = nil
				break
			}
		}
		if len(some) > 0 {
			a.owed = append(a.owed, Owed{r, e.Index, some})
		}
	}
}

// dueTo is what a row of the notices owes to a person, as due when it was decided.
func dueTo(after, p Record, n Notice, by string, at time.Time) []Delivery {
	if n.Note != NoteNone && p.ID == by || n.Mail == MailUndone { // whose forerunner may not have left
		return nil
	}
	out := noticed(after, p, n, by, Office{}, at)
	for i := range out {
		out[i].Due = at
	}
	return out
}

// Instant is when a record was led to a version; the zero time where it was not, or where
// that is not before Now.
func (a *Audit) Instant(record string, version int) time.Time {
	f := a.files[record]
	if f == nil {
		return time.Time{}
	}
	// Versions only grow: that of a silent event is the one of before.
	i, ok := slices.BinarySearchFunc(f.applied, version, func(e applied, v int) int { return e.version - v })
	if !ok {
		return time.Time{}
	}
	if at := time.UnixMilli(f.applied[i].at); a.Now.IsZero() || at.Before(a.Now) {
		return at
	}
	return time.Time{}
}

// String says what a delivery is, without to whom.
func (d Delivery) String() string {
	switch d.Deed {
	case DeedMail:
		return "the mail " + string(d.Mail)
	case DeedNote:
		return "the note " + string(d.Note) + " on " + Plain(d.Channel)
	case DeedCard:
		return "the card on " + Plain(d.Channel)
	case DeedScreen:
		return "what is on the screen of " + Plain(d.Channel)
	}
	return "a delivery of an unknown kind"
}

// commit are the events of the last commit of a record, of which only the verbs are known.
func (f *file) commit() []Event {
	var out []Event
	for _, e := range slices.Backward(f.applied) {
		out = append(out, Event{Verb: e.verb})
		if !e.joined {
			break
		}
	}
	slices.Reverse(out)
	return out
}
