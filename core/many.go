package core

import (
	"slices"
	"time"
)

// ForMany are the acts that a person may do to several requests at once, chosen from what they
// owe: each is decided for itself.
var ForMany = []Verb{VerbRelease, VerbReceiveLetter, VerbRefer, VerbAssign}

// OffersMany reports whether v is offered to an actor on a record as it is, with nothing to be
// asked of that record alone: an oficio that nobody has announced has a number to be asked for.
func (a Actor) OffersMany(v Verb, r Record, now time.Time) bool {
	if v == VerbReceiveLetter && !r.Did(VerbSendLetter) {
		return false
	}
	return slices.ContainsFunc(Allowed(r, a, now), func(row Transition) bool { return row.Verb == v })
}
