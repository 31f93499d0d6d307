package core

import (
	"slices"
	"time"
)

// How often the digest comes to a person, as their account keeps it; "" is daily.
const (
	DigestDaily  = "daily"
	DigestWeekly = "weekly" // on the first working day of a week
	DigestNever  = "never"
)

// LongestPause is for how many days a person may pause what SIDEM tells them in the mornings:
// who is absent for longer names a substitute.
const LongestPause = 60

// PausedOn reports whether the person of an account has paused their mornings on a day.
func (r Record) PausedOn(day Day) bool {
	until := r.Fields[FieldPausedUntil]
	return until != "" && day.String() < until
}

// returnsOn reports whether a day is the first working one after the person's pause.
func (r Record) returnsOn(day Day, cal Calendar) bool {
	until, err := ParseDay(r.Fields[FieldPausedUntil])
	if err != nil || day.Before(until) {
		return false
	}
	for until != day {
		if cal.IsWorking(until) {
			return false
		}
		until = until.Next(1)
	}
	return true
}

// pauseIsShort lets a pause end after today, and not too late.
func pauseIsShort(_ Record, c Command, _ Actor, now time.Time) *Refusal {
	until := c.Fields[FieldPausedUntil]
	if until == "" {
		return nil
	}
	if today := DateOf(now); until <= today.String() || until > today.Next(LongestPause).String() {
		return &Refusal{Reason: Invalid, Field: FieldPausedUntil, Value: until}
	}
	return nil
}

// Wants reports whether an entry of the morning is for the viewer of a digest, by their
// preferences. Whatever they are, a duty whose reminder is due is told, unless they pause: then
// only the last reminder is, before the duty is left to the board of those above. On the first
// working day after a pause all that is owed is told.
func (d Digest) Wants(e Entry) bool {
	switch v := d.Viewer; {
	case v.PausedOn(d.Day):
		return e.Telling == RemindedOf && isLast(e, d.Office, d.Day)
	case v.returnsOn(d.Day, d.calendar()), v.Fields[FieldDigestEvery] == "", v.Fields[FieldDigestEvery] == DigestDaily:
		return true
	case v.Fields[FieldDigestEvery] == DigestWeekly && OpensWeek(d.Day, d.calendar()):
		return true
	}
	return e.Telling == RemindedOf
}

// Asks reports whether an entry is one for which the digest comes.
func (d Digest) Asks(e Entry) bool {
	return e.Telling >= Announced || d.Viewer.returnsOn(d.Day, d.calendar()) ||
		d.Viewer.Fields[FieldDigestEvery] == DigestWeekly && OpensWeek(d.Day, d.calendar())
}

// TellsOthers reports whether the digest holds what is stuck with others, and what
// administration lacks: not where its viewer pauses, or wants none today.
func (d Digest) TellsOthers() bool {
	return d.Wants(Entry{Telling: Announced})
}

func (d Digest) calendar() Calendar { return d.Office.Calendar.Of(d.Viewer.Agency) }

// isLast reports whether today's reminder of an entry's duty is the last that its person gets.
func isLast(e Entry, o Office, day Day) bool {
	before := e.Record.reminded(e.Duty)
	if before.N > 0 && DateOf(o.Local(before.At)) == day {
		return before.N >= MostReminded
	}
	return e.Duty.Name == DutyPickup || before.N+1 >= MostReminded
}

// sparesPaused reports whether the reminder that was just given of r is kept from its person by
// a pause: not the last one of a duty, nor that of an opinion to be collected.
func (r Record) sparesPaused(p Record, today Day) bool {
	return p.PausedOn(today) && !slices.ContainsFunc(r.JustReminded(), func(m Reminded) bool {
		return m.N >= MostReminded || m.Duty == DutyPickup
	})
}
