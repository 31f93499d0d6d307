package core

import (
	"fmt"
	"time"
)

// Day is a calendar date without an hour, in whatever zone it was taken.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the date of an instant in the instant's own zone.
func DateOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero reports whether no date was given.
func (d Day) IsZero() bool { return d == Day{} }

// Next is the date n days later.
func (d Day) Next(n int) Day {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday is the day of the week.
func (d Day) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Before reports whether d comes before e.
func (d Day) Before(e Day) bool { return d.String() < e.String() }

// At is the instant of hour and minute on the date in zone.
func (d Day) At(hour, minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
}

// ParseDay reads 2006-01-02.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// Calendar is the office's working calendar: data by year, in a named zone.
type Calendar struct {
	zone *time.Location
	off  map[Day]string
	year map[int]bool // confirmed years
}

// NewCalendar makes a calendar. Each year that is given in confirmed has its
// days off listed in off (date to name); any other year works with the federal
// draft and is provisional.
func NewCalendar(zone *time.Location, off map[Day]string, confirmed ...int) Calendar {
	c := Calendar{zone: zone, off: off, year: map[int]bool{}}
	for _, y := range confirmed {
		c.year[y] = true
	}
	return c
}

// Zone is the zone in which dates are meant; UTC for the zero Calendar.
func (c Calendar) Zone() *time.Location {
	if c.zone == nil {
		return time.UTC
	}
	return c.zone
}

// Provisional reports whether the calendar of the year is still the federal draft.
func (c Calendar) Provisional(year int) bool { return !c.year[year] }

// IsWorking reports whether the office works on date d.
func (c Calendar) IsWorking(d Day) bool {
	if wd := d.Weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	if _, off := c.off[d]; off {
		return false
	}
	if c.Provisional(d.Year) {
		_, off := FederalHolidays(d.Year)[d]
		return !off
	}
	return true
}

// AddWorking is the nth working day after date d; d itself when n is 0.
func (c Calendar) AddWorking(d Day, n int) Day {
	for n > 0 {
		d = d.Next(1)
		if c.IsWorking(d) {
			n--
		}
	}
	return d
}

// WorkingBetween counts the working days after from, up to and including to;
// negative when to comes first.
func (c Calendar) WorkingBetween(from, to Day) int {
	if to.Before(from) {
		return -c.WorkingBetween(to, from)
	}
	n := 0
	for from != to {
		from = from.Next(1)
		if c.IsWorking(from) {
			n++
		}
	}
	return n
}

// FederalHolidays are the days of rest of article 74 of the Ley Federal del
// Trabajo in a year, by name in Spanish. They are a draft that an administrator
// confirms: no rule derives the state's own days.
func FederalHolidays(year int) map[Day]string {
	days := map[Day]string{
		{year, time.January, 1}:           "Año Nuevo",
		nthMonday(year, time.February, 1): "Día de la Constitución",
		nthMonday(year, time.March, 3):    "Natalicio de Benito Juárez",
		{year, time.May, 1}:               "Día del Trabajo",
		{year, time.September, 16}:        "Día de la Independencia",
		nthMonday(year, time.November, 3): "Día de la Revolución",
		{year, time.December, 25}:         "Navidad",
	}
	if year >= 2024 && (year-2024)%6 == 0 {
		days[Day{year, time.October, 1}] = "Transmisión del Poder Ejecutivo Federal"
	}
	return days
}

func nthMonday(year int, m time.Month, n int) Day {
	first := Day{year, m, 1}
	return first.Next((int(time.Monday)-int(first.Weekday())+7)%7 + 7*(n-1))
}
