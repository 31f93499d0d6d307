package core

import (
	"slices"
	"strings"
)

// Departed is what is known of a request that left the store for an archive: where its trail
// ended.
type Departed struct {
	ID, Number string
	Seq        int
	Head       string // the hash of the last event
}

// Left takes in a request that left the store. All of them are given before the events: of one
// that came back the trail must be the one that left.
func (a *Audit) Left(t Departed) {
	a.init()
	if a.taken == nil {
		a.taken = map[string]Departed{}
	}
	a.taken[t.ID] = t
	a.numberTaken(t)
}

// HasLeft reports whether a request left the store.
func (a *Audit) HasLeft(id string) bool { _, left := a.taken[id]; return left }

// Archives are the archives of which there are events, in the order of their ids.
func (a *Audit) Archives() (out []Record) {
	for id, f := range a.files {
		if f.record.Kind == KindArchive {
			out = append(out, a.files[id].record)
		}
	}
	slices.SortFunc(out, func(x, y Record) int { return strings.Compare(x.ID, y.ID) })
	return out
}

// numberTaken notes that a request that left has its number still.
func (a *Audit) numberTaken(t Departed) {
	series, n, ok := ValueOf(t.Number)
	if !ok {
		return
	}
	if a.values[series] == nil {
		a.values[series] = map[int64]string{}
	}
	a.values[series][int64(n)] = t.ID
}

// Cover says of which events it is known that they were archived: what else is not in the
// trail is a fault at the next Close.
func (a *Audit) Cover(archived func(from, to int) bool) {
	left := a.holes[:0]
	for _, hole := range a.holes {
		if !archived(hole[0], hole[1]) {
			left = append(left, hole)
		}
	}
	a.holes = left
}
