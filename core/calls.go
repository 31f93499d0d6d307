package core

import "time"

// Calls are tried again after callPause, between the hours in which notices are sent (process, "Time").
const (
	callPause = 2 * time.Hour
	callFrom  = 9
	callTo    = 18
)

// NextTry is when to call again after a call that nobody answered: some hours
// later, within the hours of a working day. It reports false when nobody has
// called, or somebody answered.
func NextTry(r Record, cal Calendar) (time.Time, bool) {
	if len(r.Calls) == 0 || !r.owesCall() {
		return time.Time{}, false
	}
	next := r.Calls[len(r.Calls)-1].By.At.In(cal.Zone()).Add(callPause)
	day := DateOf(next)
	switch {
	case cal.IsWorking(day) && next.Hour() < callFrom:
		return day.At(callFrom, 0, cal.Zone()), true
	case cal.IsWorking(day) && next.Hour() < callTo:
		return next, true
	default:
		return cal.AddWorking(day, 1).At(callFrom, 0, cal.Zone()), true
	}
}
