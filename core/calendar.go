package core

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/value"
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
func (d Day) Before(e Day) bool {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day)) < 0
}

func (d Day) isWeekend() bool { return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday }

// ordinal numbers the days in order: that of 1 January 1970 is 0.
func (d Day) ordinal() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// dayOf is the day with an ordinal.
func dayOf(ordinal int) Day { return DateOf(time.Unix(int64(ordinal)*86400, 0).UTC()) }

// At is the instant of hour and minute on the date in zone.
func (d Day) At(hour, minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
}

// ParseDay reads a day as it is stored: 2006-01-02.
func ParseDay(s string) (Day, error) {
	d, ok := value.StoredDate(s)
	if !ok {
		return Day{}, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return Day(d), nil
}

// Holiday is a day, or a span of days, on which nobody works.
type Holiday struct {
	From, To Day // both included; a zero To is From
	Name     string
}

// Year is the working calendar of one year, as an administrator confirmed it.
type Year struct {
	Year int
	// Off are all days off of the year, weekends aside.
	Off []Holiday
	// Agencies have days off of their own beside those, by id.
	Agencies map[string][]Holiday
}

// Calendar is the working calendar: data by year, in a named zone. It is the
// office's; Of gives an agency's. The zero Calendar knows the federal draft only.
type Calendar struct {
	zone *time.Location
	// year are the confirmed years.
	year map[int]bool
	// off are the days off by agency; "" has those of everybody.
	off map[string]map[Day]string
	// worked counts the working days from first on, by agency that has days of its
	// own and "": worked[""][n] are those up to and including day first+n.
	worked map[string][]uint16
	agency string
}

// first and last bound the years for which days are counted in advance; outside
// of them they are counted one by one.
const first, last = 2000, 2100

// epoch is the ordinal of 1 January of first.
var epoch = Day{first, time.January, 1}.ordinal()

// NewCalendar makes a calendar of days off, by date to name, of years that are
// confirmed; agencies have no days of their own.
func NewCalendar(zone *time.Location, off map[Day]string, confirmed ...int) Calendar {
	years := make([]Year, len(confirmed))
	for i, y := range confirmed {
		years[i].Year = y
		for d, name := range off {
			if d.Year == y {
				years[i].Off = append(years[i].Off, Holiday{From: d, Name: name})
			}
		}
	}
	return CalendarOf(zone, years...)
}

// CalendarOf makes a calendar of confirmed years. Any other year works with the
// federal draft and is provisional.
func CalendarOf(zone *time.Location, years ...Year) Calendar {
	c := Calendar{zone: zone, year: map[int]bool{}, off: map[string]map[Day]string{"": {}}, worked: map[string][]uint16{}}
	for _, y := range years {
		c.year[y.Year] = true
		c.mark("", y.Off)
		for agency, off := range y.Agencies {
			c.mark(agency, off)
		}
	}
	for agency := range c.off {
		c.worked[agency] = c.Of(agency).count()
	}
	return c
}

func (c Calendar) mark(agency string, off []Holiday) {
	days := c.off[agency]
	if days == nil {
		days = map[Day]string{}
		c.off[agency] = days
	}
	for _, h := range off {
		for d := h.From; d == h.From || !h.To.Before(d); d = d.Next(1) {
			days[d] = h.Name
		}
	}
}

// restDays are the days of the table on which nobody works by the federal draft: weekends, and
// the days of rest of each year.
var restDays = sync.OnceValues(func() (weekend, federally []bool) {
	size := Day{last + 1, time.January, 1}.ordinal() - epoch
	weekend, federally = make([]bool, size), make([]bool, size)
	for i := range size {
		d := dayOf(epoch + i)
		weekend[i] = d.isWeekend()
		_, federally[i] = federal(d)
	}
	return weekend, federally
})

// count is the table of worked days of c's agency.
func (c Calendar) count() []uint16 {
	weekend, off := restDays()
	off = slices.Clone(off)
	for year := range c.year { // those that are no draft
		from, to := Day{year, time.January, 1}.ordinal()-epoch, Day{year + 1, time.January, 1}.ordinal()-epoch
		clear(off[min(max(from, 0), len(off)):min(max(to, 0), len(off))])
	}
	for _, agency := range []string{"", c.agency} {
		for d := range c.off[agency] {
			if i := d.ordinal() - epoch; i >= 0 && i < len(off) {
				off[i] = true
			}
		}
	}
	out := make([]uint16, len(off))
	n := uint16(0)
	for i := range out {
		if !off[i] && !weekend[i] {
			n++
		}
		out[i] = n
	}
	return out
}

// Of is the calendar of an agency: the office's, and the agency's own days off.
func (c Calendar) Of(agency string) Calendar {
	c.agency = ""
	if _, own := c.off[agency]; own {
		c.agency = agency
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

// Missing are the years that should be confirmed on a date and are not: its own,
// and from November on the next.
func (c Calendar) Missing(today Day) []int {
	var out []int
	if c.Provisional(today.Year) {
		out = append(out, today.Year)
	}
	if today.Month >= time.November && c.Provisional(today.Year+1) {
		out = append(out, today.Year+1)
	}
	return out
}

// Name is the name of a day off, and whether d is one; weekends have none.
func (c Calendar) Name(d Day) (string, bool) {
	if name, off := c.named(d); off {
		return name, true
	}
	if name, off := federal(d); off && c.Provisional(d.Year) {
		return name, true
	}
	return "", false
}

func (c Calendar) named(d Day) (string, bool) {
	if name, off := c.off[""][d]; off {
		return name, true
	}
	if c.agency == "" {
		return "", false
	}
	name, off := c.off[c.agency][d]
	return name, off
}

// IsWorking reports whether date d is worked.
func (c Calendar) IsWorking(d Day) bool {
	if d.isWeekend() {
		return false
	}
	if n, ok := c.until(d); ok {
		before, _ := c.until(d.Next(-1)) // none before the first of the table
		return n > before
	}
	_, off := c.Name(d)
	return !off
}

// until is how many days are worked from first up to and including d; false
// when d is outside of the table.
func (c Calendar) until(d Day) (int, bool) {
	table := c.worked[c.agency]
	i := d.ordinal() - epoch
	if i < 0 || i >= len(table) {
		return 0, false
	}
	return int(table[i]), true
}

// AddWorking is the nth working day after date d; d itself when n is 0.
func (c Calendar) AddWorking(d Day, n int) Day {
	if n <= 0 {
		return d
	}
	if from, ok := c.until(d); ok {
		table := c.worked[c.agency]
		begin := d.ordinal() - epoch
		rest := table[begin:]
		at, found := sort.Find(len(rest), func(i int) int { return from + n - int(rest[i]) })
		if found {
			return dayOf(epoch + begin + at)
		}
	}
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
	a, known := c.until(from)
	b, bounded := c.until(to)
	if known && bounded {
		return b - a
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

// Holidays are the days off of a year, in order, a span of one name as one.
func (c Calendar) Holidays(year int) []Holiday {
	var out []Holiday
	for d := (Day{year, time.January, 1}); d.Year == year; d = d.Next(1) {
		name, off := c.Name(d)
		if !off {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Name == name && out[n-1].To.Next(1) == d {
			out[n-1].To = d
			continue
		}
		out = append(out, Holiday{From: d, To: d, Name: name})
	}
	return out
}

// FederalHolidays are the days of rest of article 74 of the Ley Federal del
// Trabajo in a year, by name in Spanish. They are a draft that an administrator
// confirms: no rule derives the state's own days.
func FederalHolidays(year int) map[Day]string {
	days := map[Day]string{}
	for d := (Day{year, time.January, 1}); d.Year == year; d = d.Next(1) {
		if name, off := federal(d); off {
			days[d] = name
		}
	}
	return days
}

// federal is the name of a federal day of rest.
func federal(d Day) (name string, off bool) {
	monday := func(n int) bool { return (d.Day-1)/7 == n-1 && d.Weekday() == time.Monday }
	switch d.Month {
	case time.January:
		return "Año Nuevo", d.Day == 1
	case time.February:
		return "Día de la Constitución", monday(1)
	case time.March:
		return "Natalicio de Benito Juárez", monday(3)
	case time.May:
		return "Día del Trabajo", d.Day == 1
	case time.September:
		return "Día de la Independencia", d.Day == 16
	case time.October: // from 2024 on, every six years
		return "Transmisión del Poder Ejecutivo Federal", d.Day == 1 && d.Year >= 2024 && (d.Year-2024)%6 == 0
	case time.November:
		return "Día de la Revolución", monday(3)
	case time.December:
		return "Navidad", d.Day == 25
	default:
		return "", false
	}
}
