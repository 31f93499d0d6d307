package core

import (
	"cmp"
	"slices"
	"time"
)

// Entry is one line of a digest or a board: a duty of a record.
type Entry struct {
	Record Record
	Duty   Duty
	// Age is for how many working days it is owed, Late by how many its suggested
	// date has passed; negative while it is still to come.
	Age, Late int
	// Telling is how it is told today to the viewer of a digest.
	Telling Telling
	// Unusual says that it waits longer than nine in ten like it.
	Unusual bool
	// Turn are the persons who owe it, where it is told to others; empty when it is an area's.
	Turn []Person
}

// Digest is what a person is told on a working day's morning.
type Digest struct {
	Viewer  Record
	Actor   Actor
	Day     Day
	Entries []Entry // what the person owes, what is overdue first, then the oldest
	More    int     // how many entries were left out: for want of room, or left to the board
	Stalled []Entry // what is stuck, for those above
	// Asked says that an entry is to be told today; By is who tells it, where not the digest.
	Asked bool
	By    MorningBy
	// Missing are the years whose calendar nobody has confirmed, for administration.
	Missing []int
	Office  Office
}

// MorningBy is what tells a person what is to be told on a morning: one message alone.
type MorningBy int

// The messages of a morning.
const (
	ByDigest   MorningBy = iota
	ByReminder           // all that there is to tell is one thing, and its reminder is due
	ByBoard              // the week's board comes, and holds it
)

// Empty reports whether the digest has nothing to tell, or something else tells it.
func (d Digest) Empty() bool {
	return d.By != ByDigest || !d.Asked && len(d.Stalled) == 0 && (len(d.Missing) == 0 || !d.opensWeek())
}

// IsOneReminder reports whether all that is to be told is one thing whose reminder is due.
func (d Digest) IsOneReminder() bool {
	return len(d.Entries) == 1 && d.Entries[0].Telling == RemindedOf && len(d.Stalled) == 0 && (len(d.Missing) == 0 || !d.opensWeek())
}

// opensWeek reports whether the day is the first working day of its week: a
// calendar that is missing is a matter for once a week.
func (d Digest) opensWeek() bool { return OpensWeek(d.Day, d.Office.Calendar) }

// OpensWeek reports whether a day is the first of its week on which people work, or comes before it.
func OpensWeek(day Day, cal Calendar) bool {
	for day.Weekday() != time.Monday {
		if day = day.Next(-1); cal.IsWorking(day) {
			return false
		}
	}
	return true
}

// EntryOf is duty d of record r on date today.
func EntryOf(r Record, d Duty, o Office, today Day) Entry {
	cal := d.calendar(o.Calendar)
	return Entry{
		Record: r, Duty: d,
		Age:  max(0, cal.WorkingBetween(DateOf(o.Local(d.Since)), today)),
		Late: cal.WorkingBetween(d.Due, today),
	}
}

// SortEntries puts what is overdue first, then what is owed longest.
func SortEntries(all []Entry) {
	slices.SortStableFunc(all, func(a, b Entry) int {
		if (a.Late > 0) != (b.Late > 0) {
			return cmp.Compare(b.Late, a.Late)
		}
		return a.Duty.Since.Compare(b.Duty.Since)
	})
}

// DigestAt is when an account's digest leaves, in minutes since midnight.
func DigestAt(account Record, o Office) int {
	if m, err := ParseClock(account.Fields[FieldDigestHour]); err == nil {
		return m
	}
	return cmp.Or(o.Digest, DefaultDigest)
}

// Weekly is the week's board: counts and ageing per stage, and what is stuck.
type Weekly struct {
	Viewer  Record
	Day     Day
	Rows    []WeekRow
	Cost    StageCost
	Stalled []Entry
	// Entries are what the viewer owes, and More how many of it were left out: the board is
	// the one message of its morning.
	Entries []Entry
	More    int
	Office  Office
}

// StageCost is the stage in which requests spend most working days, in a quarter and in the one
// before; zero where nothing can be said.
type StageCost struct {
	Stage        Stage
	Mean, Before float64 // working days of one request; Before is 0 where nothing is known
	Now          bool    // it is of the quarter under way, and not of the last one
}

// WeekRow is one stage of the board.
type WeekRow struct {
	Stage Stage
	// Late have passed their suggested date; Age is for how many working days the
	// request that waits longest has been in the stage.
	Count, Late, Age int
}

// DayMinute is an instant of a date in a calendar's zone, in minutes since midnight.
func DayMinute(d Day, minute int, c Calendar) time.Time { return d.minute(minute, c) }
