package core

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/value"
)

// Hours is a daily window on working days: from Open, up to and not including
// Close, both in minutes since midnight.
type Hours struct{ Open, Close int }

// The windows of the guide's office.
var (
	DefaultSending = Hours{Open: 9 * 60, Close: 18 * 60} // when notices leave
	DefaultCounter = Hours{Open: 9 * 60, Close: 15 * 60} // when the counter hands over
)

// DefaultDigest is when the day's digest leaves, in minutes since midnight: on
// working days, before the sending window opens.
const DefaultDigest = 8*60 + 45

// ParseHours reads "09:00-18:00", each hour in any form of value.ParseHour.
func ParseHours(s string) (Hours, error) {
	from, to, ok := strings.Cut(s, "-")
	open, errOpen := ParseClock(from)
	closed, errClose := ParseClock(to)
	if !ok {
		return Hours{}, fmt.Errorf("hours %q: want HH:MM-HH:MM", s)
	}
	if err := errors.Join(errOpen, errClose); err != nil {
		return Hours{}, fmt.Errorf("hours %q: want HH:MM-HH:MM: %w", s, err)
	}
	if open >= closed {
		return Hours{}, fmt.Errorf("hours %q: want the first before the second", s)
	}
	return Hours{open, closed}, nil
}

// ParseClock reads an hour as minutes since midnight, in any form of
// value.ParseHour but that of the present hour.
func ParseClock(s string) (int, error) {
	h, err := value.ParseHour(s, -1)
	if err != nil || h < 0 {
		return 0, fmt.Errorf("clock %q: want HH:MM: %w", s, cmp.Or(err, errNow))
	}
	return int(h), nil
}

var errNow = errors.New("a file has no present hour")

// Opens is when the window opens on date d, worked or not.
func (h Hours) Opens(d Day, c Calendar) time.Time { return d.minute(h.Open, c) }

// Closes is when the window closes on date d, worked or not.
func (h Hours) Closes(d Day, c Calendar) time.Time { return d.minute(h.Close, c) }

// minute is an instant of date d in the calendar's zone.
func (d Day) minute(m int, c Calendar) time.Time { return d.At(m/60, m%60, c.Zone()) }

// Next is the first instant not before t at which the window is open.
func (h Hours) Next(t time.Time, c Calendar) time.Time {
	local := t.In(c.Zone())
	d := DateOf(local)
	switch {
	case !c.IsWorking(d) || !local.Before(h.Closes(d, c)):
		return h.Opens(c.AddWorking(d, 1), c)
	case local.Before(h.Opens(d, c)):
		return h.Opens(d, c)
	}
	return t
}

// IsOpen reports whether the window is open at t.
func (h Hours) IsOpen(t time.Time, c Calendar) bool { return h.Next(t, c).Equal(t) }

// Worked is the time between two instants in working days: a day is over when its window
// closes, and a part of the window is that part of a day. Nothing passes at night, on weekends
// and days off. It is negative where to comes first.
func (h Hours) Worked(from, to time.Time, c Calendar) float64 {
	from, to = from.In(c.Zone()), to.In(c.Zone())
	return float64(c.WorkingBetween(DateOf(from), DateOf(to))) + h.left(from, c) - h.left(to, c)
}

// left is the part of t's date that is still to be worked at t; 0 on a day off.
func (h Hours) left(t time.Time, c Calendar) float64 {
	d := DateOf(t)
	if !c.IsWorking(d) {
		return 0
	}
	opens, closes := h.Opens(d, c), h.Closes(d, c)
	return min(1, max(0, closes.Sub(t).Seconds()/closes.Sub(opens).Seconds()))
}
