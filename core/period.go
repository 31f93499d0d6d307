package core

import (
	"cmp"
	"strings"
	"time"
)

// Period is from one day to another, both included; a zero Day is no bound.
type Period struct{ From, To Day }

// Has reports whether a day lies in the period.
func (p Period) Has(d Day) bool { return !d.Before(p.From) && (p.To.IsZero() || !p.To.Before(d)) }

// FiledOn is the day, in a zone, on which a request was filed; false for a draft, and for
// what is no request.
func (r Record) FiledOn(zone *time.Location) (Day, bool) {
	filed, ok := r.Acts[VerbFile]
	if r.Kind != KindRequest || !ok {
		return Day{}, false
	}
	return DateOf(filed.At.In(zone)), true
}

// CompareNumbers is the order of requests by their numbers, as people count them: those of
// an earlier year come first.
func (r Record) CompareNumbers(o Record) int {
	serial, year, _ := strings.Cut(r.Number, "/")
	otherSerial, otherYear, _ := strings.Cut(o.Number, "/")
	return cmp.Or(strings.Compare(year, otherYear), strings.Compare(serial, otherSerial))
}
