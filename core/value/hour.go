package value

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Hour is a time of the day, in minutes since midnight.
type Hour int

// HourOf is the hour of an instant, in the instant's own zone.
func HourOf(t time.Time) Hour { return Hour(t.Hour()*60 + t.Minute()) }

// ParseHour reads an hour as people write it: 10:05, 9:05, 10.05, 1005, "10:05 h",
// "10:05 hrs", "9 h", "9 am", "1:30 p.m.", mediodía, and ahora, which is now. What
// may be of the morning or of the afternoon is asked about: 1:30 to 6:59 with one
// figure and nothing after it, and "12 p.m.", which is used for noon and for
// midnight. It returns *Invalid or *Ambiguous.
func ParseHour(text string, now Hour) (Hour, error) {
	s := Fold(text)
	switch s {
	case "":
		return 0, &Invalid{Kind: KindHour, Why: WhyEmpty}
	case "ahora", "ahorita":
		return now, nil
	case "mediodia", "al mediodia":
		return 12 * 60, nil
	}
	s, half := cutHalf(s)
	s, marked := cutHourMark(s)
	h, m, ok := hourParts(s, marked || half != "")
	switch {
	case !ok:
		return 0, &Invalid{Kind: KindHour}
	case h > 23 || m > 59:
		return 0, &Invalid{Kind: KindHour, Why: WhyImpossible}
	}
	at := Hour(h*60 + m)
	switch {
	case half == "m" && at == 12*60:
		return at, nil
	case half == "m", half == "a" && h > 12:
		return 0, &Invalid{Kind: KindHour, Why: WhyImpossible}
	case half != "" && at == 12*60:
		return 0, &Ambiguous{Kind: KindHour, Readings: []string{Hour(12 * 60).String(), Hour(0).String()}}
	case half == "a" && h == 12:
		return at - 12*60, nil
	case half == "p" && h == 0:
		return 0, &Invalid{Kind: KindHour, Why: WhyImpossible}
	case half == "p" && h < 12:
		return at + 12*60, nil
	case half == "" && !marked && 1 <= h && h <= 6 && strings.HasPrefix(s, strconv.Itoa(h)):
		return 0, &Ambiguous{Kind: KindHour, Readings: []string{(at + 12*60).String(), at.String()}}
	}
	return at, nil
}

// The halves of the day, folded and without points and spaces: of the morning, of
// the afternoon or night, and noon, which has one minute.
var halves = []struct{ mark, half string }{
	{"delamanana", "a"}, {"delatarde", "p"}, {"delanoche", "p"}, {"am", "a"}, {"pm", "p"}, {"m", "m"},
}

// cutHalf takes the half of the day off the end of a folded hour: "a", "p", "m" for
// noon, "" for none.
func cutHalf(s string) (rest, half string) {
	i := strings.LastIndexAny(s, "0123456789")
	tail := strings.NewReplacer(".", "", " ", "").Replace(s[i+1:])
	for _, h := range halves {
		if tail == h.mark {
			return s[:i+1], h.half
		}
	}
	return s, ""
}

// cutHourMark takes "h", "hs", "hrs" or "horas" off the end of a folded hour.
func cutHourMark(s string) (rest string, marked bool) {
	i := strings.LastIndexAny(s, "0123456789")
	switch strings.TrimSuffix(strings.TrimSpace(s[i+1:]), ".") {
	case "h", "hs", "hr", "hrs", "hora", "horas":
		return s[:i+1], true
	}
	return s, false
}

// hourParts are the hour and the minute; the minute may be left out where a mark
// says that it is an hour.
func hourParts(s string, marked bool) (h, m int, ok bool) {
	hour, minute, split := "", "", false
	for _, sep := range []string{":", ".", "h"} {
		if hour, minute, split = strings.Cut(s, sep); split {
			break
		}
	}
	switch {
	case split && len(minute) != 2:
		return 0, 0, false
	case !split && (len(s) == 3 || len(s) == 4):
		hour, minute = s[:len(s)-2], s[len(s)-2:]
	case !split && marked:
		hour, minute = s, "00"
	case !split:
		return 0, 0, false
	}
	h, okHour := smallNumber(hour)
	m, okMinute := smallNumber(minute)
	return h, m, okHour && okMinute
}

// StoredHour reads what String wrote, and what older versions kept: 15:04.
func StoredHour(s string) (Hour, bool) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, false
	}
	return HourOf(t), true
}

// String is the hour as people write it and as a field keeps it: "09:05".
func (h Hour) String() string { return fmt.Sprintf("%02d:%02d", h/60, h%60) }

// Stored is the hour as a field keeps it.
func (h Hour) Stored() string { return h.String() }
