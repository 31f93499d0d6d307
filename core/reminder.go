package core

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The verbs of time, of all lifecycles.
const (
	// VerbRemind is the system's: a suggested date has come, or has passed.
	VerbRemind Verb = "remind"
	// VerbSnooze is a person's who owes something: not before that date.
	VerbSnooze Verb = "snooze"
)

// remindRow is the row by which the system reminds of what is owed in states.
func remindRow(states ...State) Transition {
	return Transition{
		Verb: VerbRemind, From: states, To: Stay, By: []Role{RoleSystem}, Needs: []Field{FieldReminded},
		Guard: isStillOwed, Apply: reminded, Quiet: true, Silent: true,
	}
}

// Reminder tells that a duty's time has come. Its text form, "release/2/1/0", is
// what the trail keeps.
type Reminder struct {
	Duty DutyName
	Turn int // of the duty
	N    int // of the turn, from 1
	// Late is by how many working days the suggested date has passed, once it is given.
	Late int
	// At is when it is due, Due the suggested date, Agency whose people owe it ("":
	// the office's). They are not in the text.
	At     time.Time
	Due    Day
	Agency string
	// Recall is true in place of a reminder that would be one too many: nobody
	// collects the opinion, and somebody calls again.
	Recall bool
}

func (m Reminder) String() string { return fmt.Sprintf("%s/%d/%d/%d", m.Duty, m.Turn, m.N, m.Late) }

// parseReminders reads what FieldReminded holds: reminders, separated by commas.
func parseReminders(s string) ([]Reminder, bool) {
	var out []Reminder
	for part := range strings.SplitSeq(s, ",") {
		f := strings.Split(part, "/")
		if len(f) != 4 {
			return nil, false
		}
		m := Reminder{Duty: DutyName(f[0])}
		for i, n := range []*int{&m.Turn, &m.N, &m.Late} {
			v, err := strconv.Atoi(f[i+1])
			if err != nil {
				return nil, false
			}
			*n = v
		}
		out = append(out, m)
	}
	return out, true
}

// Reminded is the last reminder of a duty.
type Reminded struct {
	Duty DutyName  `json:"duty"`
	Turn int       `json:"turn"`
	N    int       `json:"n"`
	Late int       `json:"late,omitempty"`
	At   time.Time `json:"at"`
}

// pickupSteps are the reminders of an opinion that waits, in working days after
// the first of them, which comes with the suggested date (3, 7 and 15 days in all).
var pickupSteps = []int{0, 4, 12}

// StallsAfter is how many working days after its suggested date a duty counts
// as stuck and is told to those above.
const StallsAfter = 3

// SubstitutesAfter is how many working days after its suggested date a duty's
// reminder reaches the substitute too.
const SubstitutesAfter = 1

// DefaultChase is for how many working days after its suggested date a duty is chased at
// most, where SIDEM did not run on some of them: the reminder of that day is the last.
const DefaultChase = 10

// isChased reports whether a duty is reminded of still, after its last reminder.
func isChased(before Reminded, o Office) bool {
	return before.N < MostReminded && before.Late < cmp.Or(o.Chase, DefaultChase)
}

// GivenUp reports whether the person who owes duty d was reminded for the last time: it
// stands on the board of those above, and is told to the person no more.
func GivenUp(r Record, d Duty, o Office) bool {
	return d.Name != DutyPickup && !isChased(r.reminded(d), o)
}

// Reminders are the next reminder of each duty that record r holds, earliest
// first: on the suggested date, and on each working day after it, when the
// sending window opens. What was missed is made up by one.
func Reminders(r Record, o Office) []Reminder {
	var out []Reminder
	for _, d := range Duties(r, o.Calendar, o.Targets) {
		if m, ok := next(r, d, o); ok {
			out = append(out, m)
		}
	}
	slices.SortStableFunc(out, func(a, b Reminder) int { return a.At.Compare(b.At) })
	return out
}

// next is the reminder that follows the last one of duty d.
func next(r Record, d Duty, o Office) (Reminder, bool) {
	cal, send := d.calendar(o.Calendar), o.Send()
	before := r.reminded(d)
	m := Reminder{Duty: d.Name, Turn: d.Turn, N: before.N + 1, Due: d.Due}
	if d.isAgencys() {
		m.Agency = d.Agency
	}
	day := d.Due
	switch {
	case d.Name != DutyPickup && !isChased(before, o):
		on, ok := r.wished(DateOf(before.At.In(cal.Zone())))
		if _, calls := NextCall(r, d, o); calls && r.Calls[len(r.Calls)-1].By.At.After(before.At) {
			on, ok = cal.AddWorking(DateOf(before.At.In(cal.Zone())), 1), true
		}
		if !ok {
			return Reminder{}, false
		}
		day = on
	case before.N == 0 && d.Name != DutyPickup:
	case d.Name == DutyPickup:
		on, ok := pickupDay(r, d, before, cal)
		if !ok {
			return Reminder{}, false
		}
		day, m.Recall = on, before.N > 0 && !hasStep(d, on, cal)
	default:
		if today := DateOf(before.At.In(cal.Zone())); !today.Before(day) {
			day = cal.AddWorking(today, 1)
		}
	}
	m.At = send.Next(send.Opens(day, cal), cal)
	// Nobody is reminded on the day on which it became their turn, also where the
	// date was the very day or had passed before the clock ran on.
	for !m.At.After(d.Began) {
		m.At = send.Opens(cal.AddWorking(DateOf(m.At.In(cal.Zone())), 1), cal)
	}
	// A call that failed after the last reminder is tried again when it is its time.
	if at, ok := NextCall(r, d, o); ok && r.Calls[len(r.Calls)-1].By.At.After(before.At) {
		m.At = send.Next(at, cal)
	}
	return m, true
}

// pickupDay is when to speak of an opinion that waits, after the last time; past
// the last step, when to call again, unless that was done.
func pickupDay(r Record, d Duty, before Reminded, cal Calendar) (Day, bool) {
	last := DateOf(before.At.In(cal.Zone()))
	for _, step := range pickupSteps {
		if on := cal.AddWorking(d.Due, step); before.N == 0 || last.Before(on) {
			return on, true
		}
	}
	return cal.AddWorking(last, 1), !r.Did(VerbRecall)
}

func hasStep(d Duty, on Day, cal Calendar) bool {
	return slices.ContainsFunc(pickupSteps, func(n int) bool { return cal.AddWorking(d.Due, n) == on })
}

// reminded is the last reminder of this turn of duty d; zero if there was none.
func (r Record) reminded(d Duty) Reminded {
	for _, m := range r.Reminded {
		if m.Duty == d.Name && m.Turn == d.Turn {
			return m
		}
	}
	return Reminded{}
}

// NextCall is when the person who owes a call should try again; false when no
// call has failed since it is owed.
func NextCall(r Record, d Duty, o Office) (time.Time, bool) {
	if n := len(r.Calls); d.Name != DutyCall || n == 0 || !r.Calls[n-1].By.At.After(d.Since) {
		return time.Time{}, false
	}
	return NextTry(r, o.Calendar)
}

// DueReminders are those whose time has come at now: what one reminder tells.
func DueReminders(r Record, o Office, now time.Time) []Reminder {
	today := DateOf(o.Local(now))
	var out []Reminder
	for _, m := range Reminders(r, o) {
		if !m.At.After(now) {
			m.Late = max(0, o.Calendar.Of(m.Agency).WorkingBetween(m.Due, today))
			out = append(out, m)
		}
	}
	return out
}

// RemindCommand is the system's command that tells of reminders: a Recall if
// there is one among them.
func RemindCommand(due []Reminder, once string) Command {
	c := Command{Verb: VerbRemind, Where: "system", Once: once}
	var words []string
	for _, m := range due {
		if m.Recall {
			c.Verb = VerbRecall
			return c
		}
		words = append(words, m.String())
	}
	c.Fields = map[Field]string{FieldReminded: strings.Join(words, ",")}
	return c
}

// Silent reports whether events change nothing that a card shows.
func Silent(events []Event) bool {
	return !slices.ContainsFunc(events, func(e Event) bool {
		row, ok := LifecycleOf(e.Kind).Row(e.Verb, e.From)
		return !ok || !row.Silent
	})
}

// isStillOwed asks whether each reminder is the next one of a duty that is owed.
func isStillOwed(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	all, ok := parseReminders(c.Fields[FieldReminded])
	if !ok {
		return &Refusal{Reason: Invalid, Field: FieldReminded, Value: c.Fields[FieldReminded]}
	}
	duties := owed(r)
	for _, m := range all {
		if !slices.ContainsFunc(duties, func(d Duty) bool {
			return d.Name == m.Duty && d.Turn == m.Turn && r.reminded(d).N+1 == m.N
		}) {
			return &Refusal{Reason: NotNow}
		}
	}
	return nil
}

// reminded keeps the reminders of what is still owed.
func reminded(r *Record, e Event) {
	all, _ := parseReminders(e.Fields[FieldReminded]) // the guard has read them
	for _, m := range all {
		r.Reminded = slices.DeleteFunc(r.Reminded, func(old Reminded) bool { return old.Duty == m.Duty })
		r.Reminded = append(r.Reminded, Reminded{Duty: m.Duty, Turn: m.Turn, N: m.N, Late: m.Late, At: e.At})
	}
}

// JustReminded are the duties of which the last reminder told.
func (r Record) JustReminded() []Reminded {
	at := r.Acts[VerbRemind].At
	return slices.DeleteFunc(slices.Clone(r.Reminded), func(m Reminded) bool { return !m.At.Equal(at) })
}

// Stalled reports whether a duty of the record has passed its suggested date by
// StallsAfter working days, as of its last reminder.
func (r Record) Stalled() bool {
	return slices.ContainsFunc(r.Reminded, func(m Reminded) bool { return m.Late >= StallsAfter })
}

// liesUncollected asks whether the requester was reminded and a call is not owed yet.
func liesUncollected(r Record, _ Command, _ Actor, _ time.Time) *Refusal {
	if r.Did(VerbRecall) || !slices.ContainsFunc(r.Reminded, func(m Reminded) bool { return m.Duty == DutyPickup }) {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// maxSnooze bounds how far a reminder is put off, in days.
const maxSnooze = 14

// owesSomething lets those snooze who would be reminded, and not for long.
func owesSomething(r Record, c Command, a Actor, now time.Time) *Refusal {
	if !slices.ContainsFunc(owed(r), func(d Duty) bool { return a.Owes(d, r, now) }) {
		return &Refusal{Reason: NotNow}
	}
	until, today := c.Fields[FieldUntil], DateOf(now)
	if until <= today.String() || until > today.Next(maxSnooze).String() {
		return &Refusal{Reason: Invalid, Field: FieldUntil, Value: until}
	}
	return nil
}

func snoozed(r *Record, e Event) {
	if r.Snoozed == nil {
		r.Snoozed = map[string]string{}
	}
	r.Snoozed[e.By] = e.Fields[FieldUntil]
}

// wished is the first day after last to which somebody put their reminder off: they get it
// then, also where all others had theirs meanwhile.
func (r Record) wished(last Day) (first Day, ok bool) {
	for _, until := range r.Snoozed {
		day, err := ParseDay(until)
		if err == nil && last.Before(day) && (!ok || day.Before(first)) {
			first, ok = day, true
		}
	}
	return first, ok
}

// Snoozes reports whether account wants no reminder of the record on date d.
func (r Record) Snoozes(account string, d Day) bool { return d.String() < r.Snoozed[account] }

// SnoozeDays are the dates to which a reminder may be put off from today: the
// next working day, and the first one of next week where that is another.
func SnoozeDays(today Day, cal Calendar) []Day {
	tomorrow := cal.AddWorking(today, 1)
	monday := today.Next((int(time.Monday)-int(today.Weekday())+6)%7 + 1)
	if !cal.IsWorking(monday) {
		monday = cal.AddWorking(monday, 1)
	}
	if monday == tomorrow {
		return []Day{tomorrow}
	}
	return []Day{tomorrow, monday}
}

// untouchedFor is how long a draft is kept that nobody touches, in days.
const untouchedFor = 30

// isUntouched lets a draft go that nobody has changed for a month.
func isUntouched(r Record, _ Command, _ Actor, now time.Time) *Refusal {
	if r.Updated.AddDate(0, 0, untouchedFor).After(now) {
		return &Refusal{Reason: NotNow}
	}
	return nil
}
