package core

import (
	"fmt"
	"strings"
	"time"
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

// ParseHours reads "09:00-18:00".
func ParseHours(s string) (Hours, error) {
	var h Hours
	from, to, ok := strings.Cut(s, "-")
	open, errOpen := ParseClock(from)
	closed, errClose := ParseClock(to)
	if h = (Hours{open, closed}); !ok || errOpen != nil || errClose != nil || h.Open >= h.Close {
		return Hours{}, fmt.Errorf("hours %q: want HH:MM-HH:MM, the first before the second", s)
	}
	return h, nil
}

// ParseClock reads 15:04 as minutes since midnight.
func ParseClock(s string) (int, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("clock %q: want HH:MM", s)
	}
	return t.Hour()*60 + t.Minute(), nil
}

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
