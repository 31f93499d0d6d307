package es

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

var months = [...]string{
	"enero", "febrero", "marzo", "abril", "mayo", "junio",
	"julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
}

var weekdays = [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}

// Day is "23 de noviembre de 2026".
func Day(d core.Day) string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d de %s de %d", d.Day, months[d.Month-1], d.Year)
}

// Weekday is "lunes 23 de noviembre de 2026".
func Weekday(d core.Day) string { return weekdays[d.Weekday()] + " " + Day(d) }

// Hour is "10:05 h".
func Hour(t time.Time) string { return t.Format("15:04") + " h" }

// Moment is "23 de noviembre de 2026, 10:05 h".
func Moment(t time.Time) string { return Day(core.DateOf(t)) + ", " + Hour(t) }

// Lately is Moment, said as of now: "hoy a las 10:05 h", "ayer a las …", or the date.
func Lately(t, now time.Time) string {
	t = t.In(now.Location())
	switch core.DateOf(t) {
	case core.DateOf(now):
		return "hoy a las " + Hour(t)
	case core.DateOf(now).Next(-1):
		return "ayer a las " + Hour(t)
	}
	return "el " + Moment(t)
}

// ISODay is the day that a stored date (2006-01-02) means, in words; the text itself if it is none.
func ISODay(s string) string {
	d, err := core.ParseDay(s)
	if err != nil {
		return s
	}
	return Day(d)
}

// ShortDay is a stored date without its year, where that is the present one:
// "30 de noviembre".
func ShortDay(s string, now time.Time) string {
	return strings.TrimSuffix(ISODay(s), " de "+strconv.Itoa(now.Year()))
}

// Period is "del 23 al 27 de noviembre de 2026", "del 30 de noviembre al 4 de
// diciembre de 2026"; from and to are stored dates (2006-01-02).
func Period(from, to string) string {
	a, err := core.ParseDay(from)
	b, err2 := core.ParseDay(to)
	switch {
	case err != nil || err2 != nil:
		return "del " + from + " al " + to
	case a == b:
		return "el " + Day(a)
	case a.Year != b.Year:
		return "del " + Day(a) + " al " + Day(b)
	case a.Month != b.Month:
		return fmt.Sprintf("del %d de %s al %s", a.Day, months[a.Month-1], Day(b))
	default:
		return fmt.Sprintf("del %d al %s", a.Day, Day(b))
	}
}

// nearPeriod is Period without the year, where that is the present one.
func nearPeriod(from, to string, now time.Time) string {
	return strings.TrimSuffix(Period(from, to), " de "+strconv.Itoa(now.Year()))
}

// Count is "1 observación", "2 observaciones".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// WorkingDays is "1 día hábil", "10 días hábiles".
func WorkingDays(n int) string { return Count(n, "día hábil", "días hábiles") }

// Money is a stored amount as people read it: "$412,300.00"; the text itself if it
// is none.
func Money(s string) string {
	m, ok := value.StoredMoney(s)
	if !ok {
		return s
	}
	return Pesos(m)
}

// Pesos is "$412,300.00".
func Pesos(m value.Money) string { return "$" + m.String() }

// List is "a", "a y b", "a, b y c" (or "e" before the sound i).
func List(words []string) string { return join(words, "y", "e", "i") }

// Either is "a", "a o b" (or "u" before the sound o).
func Either(words []string) string { return join(words, "o", "u", "o") }

func join(words []string, and, other, sound string) string {
	if len(words) == 0 {
		return ""
	}
	last := words[len(words)-1]
	if len(words) == 1 {
		return last
	}
	if begins(last, sound) {
		and = other
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + and + " " + last
}

// begins reports whether a word, quotation marks aside, begins with the sound of a vowel, so
// that "y" and "o" become "e" and "u" before it: "IVA", "hijo" and "Íñigo", not "hielo", in
// which the i is one sound with the vowel after it (Ortografía de la lengua española, 2010).
func begins(word, sound string) bool {
	letters := []rune(value.Fold(strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })))
	if len(letters) > 0 && letters[0] == 'h' {
		letters = letters[1:]
	}
	if len(letters) == 0 || string(letters[0]) != sound {
		return false
	}
	return sound != "i" || len(letters) == 1 || !strings.ContainsRune("aeou", letters[1])
}
