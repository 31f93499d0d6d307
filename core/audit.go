package core

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Audit judges a trail and the records that are kept beside it: give it all
// events in the order of their index, then each record. The zero value is ready.
type Audit struct {
	// Events and Records are how many the trail has.
	Events, Records int
	// Faults say, in words for an operator, what does not hold.
	Faults []string

	last   int // the index of the last event
	folded map[string]Record
	filed  map[string]bool // the records that were compared
}

// Event takes in the next event: the index must have no gap, and the record's chain of hashes must hold.
func (a *Audit) Event(e Event) {
	if a.folded == nil {
		a.folded, a.filed = map[string]Record{}, map[string]bool{}
	}
	a.Events++
	if e.Index != a.last+1 {
		a.fault("index %d follows %d", e.Index, a.last)
	}
	a.last = e.Index
	r, known := a.folded[e.Record]
	if !known {
		a.Records++
	}
	if !e.Follows(r.Seq, r.Head) {
		a.fault("event %d (%s of %s, seq %d) does not follow the one before: the trail was changed", e.Index, e.Verb, e.Record, e.Seq)
	}
	a.folded[e.Record] = Apply(r, e)
}

// Record compares a record as it is kept with the fold of its trail.
func (a *Audit) Record(r Record) {
	want, ok := a.folded[r.ID]
	if !ok {
		a.fault("record %s is there, and no event of it", r.ID)
		return
	}
	a.filed[r.ID] = true
	if r.Doers == nil { // written before they were kept: it is the trail that tells
		want.Doers = nil
	}
	trail, err1 := json.Marshal(want)
	kept, err2 := json.Marshal(r)
	if err1 != nil || err2 != nil || string(trail) != string(kept) {
		a.fault("record %s is not the fold of its trail:\n  trail:  %s\n  record: %s", r.ID, trail, kept)
	}
}

// IDs are the records of the trail, in order.
func (a *Audit) IDs() []string { return slices.Sorted(maps.Keys(a.folded)) }

// End says which records were not compared: they are gone.
func (a *Audit) End() {
	for _, id := range a.IDs() {
		if !a.filed[id] {
			a.fault("record %s is gone, and its trail is there", id)
		}
	}
}

func (a *Audit) fault(format string, args ...any) {
	a.Faults = append(a.Faults, fmt.Sprintf(format, args...))
}
