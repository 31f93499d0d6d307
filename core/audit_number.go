package core

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// number judges a number that was given to a record, of which f is nil where the value
// was passed over. Numbers are given one after the other, each to a request: where one was
// reserved by a draft that was not filed then, it is no fault.
func (a *Audit) number(e IndexEntry, f *file) {
	values := a.values[e.Key]
	if values == nil {
		values = map[int64]string{}
		a.values[e.Key] = values
	}
	owner, taken := values[e.N]
	values[e.N] = e.Record
	taken = taken && owner != e.Record // some stores give an entry twice
	if _, left := a.taken[e.Record]; left && f == nil {
		return
	}
	if f == nil {
		a.passOver(e, owner)
		return
	}
	if taken {
		f.wrong = append(f.wrong, e.String()+", which "+Plain(owner)+" has too")
	}
	if f.given == nil {
		f.given = map[string]bool{}
	}
	f.given[e.Key] = true
	if why := a.ungiven(e, f.record); why != "" {
		f.wrong = append(f.wrong, e.String()+", "+why)
	}
}

// passOver judges a number that no record has, and that owner was given before ("": nobody).
func (a *Audit) passOver(e IndexEntry, owner string) {
	p, ok := passedBy(e.Key, e.Record)
	switch {
	case !ok:
		a.stray(e.Record, e.String())
	case a.open == nil && owner != e.Record:
		if a.passed == nil {
			a.passed = map[Passed]int{}
		}
		a.passed[p]++
		if why := a.ungiven(e, Record{}); why != "" {
			a.fault("passed over is %s, %s", e, why)
		}
		if owner != "" {
			a.fault("passed over is %s, which %s has", e, Plain(owner))
		}
	}
}

// ungiven says why a number cannot have been given to a request (the zero Record where it
// was passed over); "" if it may.
func (a *Audit) ungiven(e IndexEntry, r Record) string {
	season, ok := strings.CutPrefix(e.Key, NumberSeries(""))
	if year, err := time.Parse("2006", season); !ok || err != nil || Season(year) != season {
		return "which is no series of ours"
	}
	own := r.series()
	switch {
	case e.N < 1 || own == e.Key && r.Number != NumberOf(own, int(e.N)):
		return "which is not its own"
	case r.Kind != KindRequest && r.Kind != "":
		return "which only requests have"
	}
	// A reservation is of a draft, or of the moment in which it is filed. A day more, since
	// the audit may not know the office's zone, and reads while a year ends.
	const day = 24 * time.Hour
	last := Season(latest(a.latest, a.Now).Add(day))
	if own != "" {
		_, last, _ = strings.Cut(own, ":")
	}
	if season > last || !r.Created.IsZero() && season < Season(r.Created.Add(-day)) {
		return "in whose year it had none to get"
	}
	return ""
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// gap is numbers of a series that nobody has, though higher ones were given.
type gap struct {
	series   string
	from, to int64
}

func (g gap) meets(o gap) bool { return g.series == o.series && g.from <= o.to && o.from <= g.to }

// contiguous tells of the gaps that are in two readings. It reports false if the first
// has any: one more is needed.
func (a *Audit) contiguous() bool {
	var now []gap
	for _, series := range slices.Sorted(maps.Keys(a.values)) {
		last := int64(0)
		for _, n := range slices.Sorted(maps.Keys(a.values[series])) {
			if n > last+1 {
				now = append(now, gap{series, last + 1, n - 1})
			}
			last = max(n, last)
		}
	}
	if a.open == nil {
		a.gaps = now
		return len(now) == 0
	}
	for _, g := range now {
		if slices.ContainsFunc(a.gaps, g.meets) {
			a.fault("the numbers %d to %d of %s were given to nobody, and higher ones were", g.from, g.to, Plain(g.series))
		}
	}
	a.gaps = nil
	return true
}

// PassedOver are the numbers that were passed over, and how many at once. It is known
// after the first Close.
func (a *Audit) PassedOver() map[Passed]int { return maps.Clone(a.passed) }

// String says which they are.
func (p Passed) String() string {
	return fmt.Sprintf("the numbers of %s that were passed over on %s", Plain(p.Series), time.Unix(p.At, 0).UTC().Format(time.DateOnly))
}
