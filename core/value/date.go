package value

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Date is a day of the calendar. The zero value is none.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// The years that a date may have when it is read. A year of two figures is of this
// century.
const (
	FirstYear = 2000
	LastYear  = 2099
)

// ParseDate reads a day as people write it: 23/11/2026, 23-11-2026, 23.11.2026,
// 23/11/26, 2026-11-23, "23 de noviembre de 2026", "lunes 23 nov 2026", and, by the
// date of today, hoy, ayer, antier and mañana. The day stands before the month. A
// year of two figures is asked about where year, month and day, in this order, are a day
// nearer to today: 26-11-20. A day without a year is asked about: with that of the last one and of the next, of
// which a day of the week leaves those that fall on it.
// Where no today is given (the zero Date), as in a file, only whole dates are read.
// It returns *Invalid or *Ambiguous.
func ParseDate(text string, today Date) (Date, error) {
	s := Fold(text)
	if s == "" {
		return Date{}, &Invalid{Kind: KindDate, Why: WhyEmpty}
	}
	if days, ok := relative[s]; ok {
		if today == (Date{}) {
			return Date{}, &Invalid{Kind: KindDate}
		}
		return today.next(days), nil
	}
	weekday, s := cutWeekday(s)
	day, month, year, ok := dateParts(s)
	if !ok {
		return Date{}, &Invalid{Kind: KindDate}
	}
	if year == "" {
		return Date{}, withoutYear(day, month, weekday, today)
	}
	y, err := fullYear(year)
	if err != nil {
		return Date{}, err
	}
	d := Date{y, month, day}
	if !d.exists() {
		return Date{}, d.impossible()
	}
	if turned, ok := turned(day, month, year, today); ok && weekday < 0 && turned.distance(today) < d.distance(today) {
		return Date{}, &Ambiguous{Kind: KindDate, Readings: []string{turned.String(), d.String()}}
	}
	if weekday >= 0 && d.time().Weekday() != time.Weekday(weekday) {
		return Date{}, &Invalid{Kind: KindDate, Why: WhyWeekday, Suggest: d.String()}
	}
	return d, nil
}

// The days that have a name of their own, folded.
var relative = map[string]int{
	"hoy": 0, "ayer": -1, "antier": -2, "anteayer": -2, "antes de ayer": -2, "manana": 1, "pasado manana": 2,
}

var (
	weekdays = [...]string{"domingo", "lunes", "martes", "miercoles", "jueves", "viernes", "sabado"}
	months   = [...]string{
		"enero", "febrero", "marzo", "abril", "mayo", "junio",
		"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
	}
)

// cutWeekday takes a day of the week off the start of a folded text; -1 for none.
func cutWeekday(s string) (int, string) {
	first, rest, _ := strings.Cut(s, " ")
	i := slices.Index(weekdays[:], strings.TrimRight(first, ","))
	if i < 0 || rest == "" {
		return -1, s
	}
	return i, rest
}

// dateParts are the day, the month and the figures of the year ("" for none) of a
// folded date.
func dateParts(s string) (day int, month time.Month, year string, ok bool) {
	for _, sep := range []string{"/", "-", "."} {
		part := strings.Split(s, sep)
		if len(part) != 2 && len(part) != 3 {
			continue
		}
		if len(part) == 3 && len(part[0]) == 4 {
			part[0], part[2] = part[2], part[0]
		}
		for i := range part {
			part[i] = strings.TrimSpace(part[i])
		}
		day, okDay := smallNumber(part[0])
		month, okMonth := monthOf(part[1])
		if !okDay || !okMonth {
			continue
		}
		if len(part) == 2 {
			return day, month, "", true
		}
		return day, month, part[2], true
	}
	return wordParts(s)
}

// wordParts reads "23 de noviembre de 2026", "23 nov. 2026", "1o de enero del 2026",
// "noviembre 23 de 2026".
func wordParts(s string) (day int, month time.Month, year string, ok bool) {
	var words []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' }) {
		if w != "de" && w != "del" {
			words = append(words, w)
		}
	}
	if len(words) != 2 && len(words) != 3 {
		return 0, 0, "", false
	}
	if _, first := monthName(words[0]); first && len(words) == 3 {
		words[0], words[1] = words[1], words[0]
	}
	if slices.Contains([]string{"1o", "1º", "1°", "1ro", "primero"}, words[0]) {
		words[0] = "1"
	}
	day, okDay := smallNumber(words[0])
	month, okMonth := monthName(words[1])
	if !okDay || !okMonth {
		return 0, 0, "", false
	}
	if len(words) == 3 {
		year = words[2]
	}
	return day, month, year, true
}

// smallNumber reads one or two figures.
func smallNumber(s string) (int, bool) {
	if len(s) < 1 || len(s) > 2 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// monthOf is a month by its number or its name.
func monthOf(s string) (time.Month, bool) {
	if n, ok := smallNumber(s); ok {
		return time.Month(n), true
	}
	return monthName(s)
}

// monthName is a month by its name or the first letters of it, at least three.
func monthName(s string) (time.Month, bool) {
	s = strings.TrimSuffix(s, ".")
	if s == "set" || s == "setiembre" {
		return time.September, true
	}
	for i, name := range months {
		if len(s) >= 3 && strings.HasPrefix(name, s) {
			return time.Month(i + 1), true
		}
	}
	return 0, false
}

// fullYear is a year of two or four figures.
func fullYear(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || strings.Trim(s, "0123456789") != "" || (len(s) != 2 && len(s) != 4) {
		return 0, &Invalid{Kind: KindDate}
	}
	if len(s) == 2 {
		n += FirstYear
	}
	if n < FirstYear || n > LastYear {
		return 0, &Invalid{Kind: KindDate, Why: WhyYear}
	}
	return n, nil
}

// turned is the day that figures of two each are where the year stands first; false where
// there is no today that says which is meant, or no such day.
func turned(day int, month time.Month, year string, today Date) (Date, bool) {
	last, err := strconv.Atoi(year)
	d := Date{FirstYear + day, month, last}
	return d, err == nil && len(year) == 2 && today != Date{} && d.exists()
}

// withoutYear asks which of the two nearest days is meant, on a day of the week (-1: any).
func withoutYear(day int, month time.Month, weekday int, today Date) error {
	switch leap := (Date{2000, month, day}); {
	case !leap.exists(): // no year has it
		return &Invalid{Kind: KindDate, Why: WhyImpossible}
	case today == (Date{}):
		return &Invalid{Kind: KindDate}
	}
	var last, next Date
	for y := today.Year - 8; y <= today.Year+8; y++ { // two leap years may lie eight years apart
		switch d := (Date{y, month, day}); {
		case !d.exists():
		case !today.before(d):
			last = d
		case next == Date{}:
			next = d
		}
	}
	near, far := last, next
	if next.time().Sub(today.time()) < today.time().Sub(last.time()) {
		near, far = next, last
	}
	var readings []string
	for _, d := range []Date{near, far} {
		if weekday < 0 || d.time().Weekday() == time.Weekday(weekday) {
			readings = append(readings, d.String())
		}
	}
	if len(readings) == 0 {
		return &Invalid{Kind: KindDate, Why: WhyWeekday, Suggest: near.String()}
	}
	return &Ambiguous{Kind: KindDate, Readings: readings}
}

func (d Date) time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) next(n int) Date { return dateOf(d.time().AddDate(0, 0, n)) }

// distance is how far apart two days are.
func (d Date) distance(e Date) time.Duration { return d.time().Sub(e.time()).Abs() }

func (d Date) before(e Date) bool { return d.time().Before(e.time()) }

func (d Date) exists() bool { return d == dateOf(d.time()) }

// impossible refuses a day that its month has not; where the month stands before
// the day, the other way round is suggested.
func (d Date) impossible() error {
	no := &Invalid{Kind: KindDate, Why: WhyImpossible}
	if turned := (Date{d.Year, time.Month(d.Day), int(d.Month)}); turned.exists() {
		no.Suggest = turned.String()
	}
	return no
}

// StoredDate reads what Stored wrote: 2006-01-02.
func StoredDate(s string) (Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, false
	}
	return dateOf(t), true
}

// String is the day as people write it: "23/11/2026".
func (d Date) String() string { return fmt.Sprintf("%02d/%02d/%04d", d.Day, d.Month, d.Year) }

// Stored is the day as a field keeps it: "2026-11-23".
func (d Date) Stored() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }
