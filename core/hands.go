package core

import (
	"slices"
	"time"
)

// Hand tells that from Since on the record was in the office's hands, or in the agency's.
type Hand struct {
	Office bool      `json:"office,omitempty"`
	Since  time.Time `json:"since"`
}

// passes keeps, after event e on the record that was before, what time needs to
// know: for how long the office's clock stands still, whose hands the record is
// in, since what day it waits, and no reminder of a turn that is over.
func (r *Record) passes(before Record, e Event) {
	duties := owed(*r)
	r.Reminded = slices.DeleteFunc(r.Reminded, func(m Reminded) bool {
		return !slices.ContainsFunc(duties, func(d Duty) bool { return d.Name == m.Duty && d.Turn == m.Turn })
	})
	if r.Kind == KindRequest {
		r.pause(before.State, e)
		r.pass(duties, e.At)
		r.wait(before, e)
	}
}

func (r *Record) wait(before Record, e Event) {
	stage, since := r.Stage()
	was, from := before.Stage()
	switch {
	case stage == "":
		r.Waits = ""
	case stage != was || !since.Equal(from):
		r.Waits = e.day()
	}
}

// pause: the office's clock stands still while the agency has to answer, and an
// assignment begins its own.
func (r *Record) pause(was State, e Event) {
	if e.Verb == VerbAssign || e.Verb == VerbReassign {
		r.Pauses, was = nil, e.To
		if r.State == StateObserved {
			r.Pauses = []Span{{From: e.At}}
		}
	}
	switch n := len(r.Pauses); {
	case was != StateObserved && r.State == StateObserved:
		r.Pauses = append(r.Pauses, Span{From: e.At})
	case was == StateObserved && r.State != StateObserved && n > 0:
		r.Pauses[n-1].To = e.At
	}
}

func (r *Record) pass(duties []Duty, at time.Time) {
	n := len(r.Hands)
	if len(duties) == 0 {
		if n > 0 && !r.Open() { // it is over: the last hand ends here
			r.Hands = append(r.Hands, Hand{Since: at})
		}
		return
	}
	if office := !duties[0].isAgencys(); n == 0 || r.Hands[n-1].Office != office {
		r.Hands = append(r.Hands, Hand{Office: office, Since: at})
	}
}

// InHands counts the working days, by the office's calendar, that a request has
// been in the office's hands and in the agency's: from its filing until the
// opinion, or until it ended without one, or until now.
func InHands(r Record, cal Calendar, now time.Time) (office, agency int) {
	end := now
	issued, isIssued := r.Acts[VerbIssue]
	if isIssued {
		end = issued.At
	}
	for i, h := range r.Hands {
		to := end
		if last := i+1 == len(r.Hands); !last && r.Hands[i+1].Since.Before(end) {
			to = r.Hands[i+1].Since
		} else if !h.Since.Before(end) || last && !isIssued && !r.Open() {
			break
		}
		n := cal.WorkingBetween(DateOf(h.Since.In(cal.Zone())), DateOf(to.In(cal.Zone())))
		if h.Office {
			office += n
		} else {
			agency += n
		}
	}
	return office, agency
}
