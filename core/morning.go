package core

import (
	"slices"
	"time"
)

// MostReminded is how many reminders a person gets of one duty, its clock running on: with
// the mornings before its suggested date (see announces) no duty is told more than six times
// before it is those above who have it on their board. A pickup has steps of its own.
const MostReminded = 4

// Telling is how a duty is told on the morning of a working day to somebody who owes it.
type Telling int

// The tellings, from the weakest: what is asked for by one that is at least Announced is told.
const (
	// GaveUp is left to the board of those above: their own lists show it still.
	GaveUp Telling = iota
	// Listed stands in a digest that something else asks for, and asks for none.
	Listed
	// Announced asks for a digest.
	Announced
	// RemindedOf has its reminder today.
	RemindedOf
)

// TellingOf is how duty d of record r, which actor a owes, is told on the day of now.
func TellingOf(r Record, d Duty, a Actor, o Office, now time.Time) Telling {
	today := DateOf(o.Local(now))
	given := GivenUp(r, d, o)
	late, reminds := remindsOn(r, d, o, today)
	own := a
	own.Principals = nil
	from := ""
	if !own.Owes(d, r, now) { // somebody else's, for whom the person stands in
		from = a.coversFrom(d, r, now)
		reminds = reminds && from < today.String() && (late >= SubstitutesAfter || d.Name == DutyPickup)
	}
	switch {
	case r.Snoozes(a.Account, today) && !given:
		return Listed
	case r.Snoozes(a.Account, today):
		return GaveUp
	case reminds:
		return RemindedOf
	case given:
		return GaveUp
	case from < today.String() && announces(d, o, today):
		return Announced
	default:
		return Listed
	}
}

// coversFrom is the first day on which a stands in for somebody who owes d; the earliest.
func (a Actor) coversFrom(d Duty, r Record, now time.Time) string {
	first := ""
	for _, p := range a.Principals {
		one := a
		one.Roles, one.Principals = nil, []Principal{p}
		if one.Owes(d, r, now) && (first == "" || p.From < first) {
			first = p.From
		}
	}
	return first
}

// remindsOn reports whether a reminder of duty d is due until the window of today closes, or
// was given today, and by how many working days its suggested date has passed then.
func remindsOn(r Record, d Duty, o Office, today Day) (late int, ok bool) {
	if last := r.reminded(d); last.N > 0 && DateOf(o.Local(last.At)) == today {
		return last.Late, true
	}
	for _, m := range DueReminders(r, o, o.Send().Closes(today, o.Calendar)) {
		if m.Duty == d.Name && m.Turn == d.Turn && !m.Recall {
			return m.Late, true
		}
	}
	return 0, false
}

// announces reports whether a duty whose suggested date is still to come asks for a digest on
// a day: on the first working day after its person was told of it, and on the first one of the
// week after that.
func announces(d Duty, o Office, day Day) bool {
	if !day.Before(d.Due) {
		return false
	}
	cal, agency := d.calendar(o.Calendar), ""
	if d.isAgencys() {
		agency = d.Agency
	}
	first := cal.AddWorking(DateOf(o.Local(o.Leaves(agency, d.Began))), 1)
	if day == first {
		return true
	}
	week := first
	for week = cal.AddWorking(week, 1); !OpensWeek(week, cal); {
		week = cal.AddWorking(week, 1)
	}
	return day == week
}

// beganToday reports whether p stands in, from this very day on, for one of people: the card
// comes to them today, and says why.
func beganToday(p Record, people []Record, today Day) bool {
	return slices.ContainsFunc(people, func(q Record) bool {
		sub, ok := q.Substitution()
		return ok && sub.Account == p.ID && sub.Covers(today) && sub.From == today.String()
	})
}

// calledOn reports whether a call was tried on a day, of which its last reminder tells.
func (r Record) calledOn(day Day, o Office) bool {
	n := len(r.Calls)
	return n > 0 && DateOf(o.Local(r.Calls[n-1].By.At)) == day &&
		slices.ContainsFunc(r.JustReminded(), func(m Reminded) bool { return m.Duty == DutyCall })
}

// wasToldOften reports whether the last reminder is one beyond the last, which only those
// get who had put theirs off, or whose call failed.
func (r Record) wasToldOften() bool {
	told := r.JustReminded()
	return len(told) > 0 && !slices.ContainsFunc(told, func(m Reminded) bool {
		return m.N <= MostReminded || m.Duty == DutyPickup || m.Duty == DutyCall
	})
}
