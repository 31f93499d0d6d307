package core

import (
	"slices"
	"time"
)

// UndoWithin is for how long an act can be taken back by whoever did it, while nobody has
// acted on it (process, "Undo").
const UndoWithin = time.Minute

// undoShown is for how long the button for it may stand on a card that nothing else redraws: a
// press that comes too late is answered in words, and the card is not redrawn under a finger.
const undoShown = 5 * time.Minute

// undoes are the acts that can be taken back, by the act that does so.
var undoes = map[Verb]Verb{
	VerbUndoRefer: VerbRefer, VerbUndoAssign: VerbAssign, VerbUndoAccept: VerbAccept, VerbUndoCall: VerbLogCall, VerbUndoResolve: VerbResolve,
}

// Undoes is the verb that v takes back; false where it is no such act.
func Undoes(v Verb) (Verb, bool) {
	of, ok := undoes[v]
	return of, ok
}

// besides are the acts that can be done beside one that may be taken back: nothing rests on it.
var besides = []Verb{VerbMailed, VerbComment, VerbAttach}

// Reversal is what an act has changed of a record, as it was before: for as long as nobody has
// acted on it. To take the act back restores that, so that who had the turn has the same one.
type Reversal struct {
	// Verb is the act, and Version what it led to.
	Verb    Verb `json:"verb"`
	Version int  `json:"version"`
	// Act is the act of the same verb before that one; nil for none.
	Act *Act `json:"act,omitempty"`
	// Observation is the one that it settled.
	Observation string `json:"observation,omitempty"`

	State     State             `json:"state"`
	Since     time.Time         `json:"since"`
	Last      Verb              `json:"last,omitempty"`
	Waits     string            `json:"waits,omitempty"`
	Head      string            `json:"head,omitempty"`
	Executive string            `json:"executive,omitempty"`
	Calls     int               `json:"calls,omitempty"` // how many there were
	Pauses    []Span            `json:"pauses,omitempty"`
	Hands     []Hand            `json:"hands,omitempty"`
	Reminded  []Reminded        `json:"reminded,omitempty"`
	Snoozed   map[string]string `json:"snoozed,omitempty"`
}

// canBeUndone reports whether an event may be taken back: of calls, those that were answered.
func canBeUndone(e Event) bool {
	if e.Verb == VerbLogCall {
		return e.Fields[FieldCallResult] == CallAnswered
	}
	for _, of := range undoes {
		if of == e.Verb {
			return true
		}
	}
	return false
}

// reversible keeps, after event e on the record that was before, what it takes to take e back;
// what was kept of an earlier act goes once something rests on that.
func (r *Record) reversible(before Record, e Event) {
	switch {
	case canBeUndone(e):
		r.Undo = &Reversal{
			Verb: e.Verb, Version: r.Version, Observation: e.Fields[FieldObservation],
			State: before.State, Since: before.Since, Last: before.Last, Waits: before.Waits,
			Head: before.Fields[FieldHead], Executive: before.Fields[FieldExecutive], Calls: len(before.Calls),
			Pauses: before.Pauses, Hands: before.Hands, Reminded: before.Reminded, Snoozed: before.Snoozed,
		}
		if act, ok := before.Acts[e.Verb]; ok {
			r.Undo.Act = &act
		}
	case !slices.Contains(besides, e.Verb):
		r.Undo = nil
	}
}

// undone restores what the act was before which e takes back.
func undone(r *Record, _ Event) {
	u := r.Undo
	if u == nil { // it was decided upon a record that had it
		return
	}
	r.State, r.Since, r.Last, r.Waits = u.State, u.Since, u.Last, u.Waits
	r.Pauses, r.Hands, r.Reminded, r.Snoozed = u.Pauses, u.Hands, u.Reminded, u.Snoozed
	for f, v := range map[Field]string{FieldHead: u.Head, FieldExecutive: u.Executive} {
		if r.Fields[f] = v; v == "" {
			delete(r.Fields, f)
		}
	}
	r.Calls = r.Calls[:min(u.Calls, len(r.Calls))]
	for i := range r.Observations {
		if o := &r.Observations[i]; u.Verb == VerbResolve && sameNumber(o.N, u.Observation) {
			o.Resolved = time.Time{}
		}
	}
	delete(r.Acts, u.Verb)
	if u.Act != nil {
		r.Acts[u.Verb] = *u.Act
	}
}

// undoable lets whoever did the last act of a verb take it back, as long as that may be.
func undoable(r Record, c Command, a Actor, now time.Time) *Refusal {
	of := undoes[c.Verb]
	act, u := r.Acts[of], r.Undo
	switch {
	case u == nil || u.Verb != of:
		return r.notUndone(c, a)
	case act.By != a.Account, now.Sub(act.At) > UndoWithin:
		return &Refusal{Reason: NotUndone, Done: of, Act: act}
	case c.Seen != 0 && c.Seen < u.Version: // it was of an earlier act
		return &Refusal{Reason: Stale}
	}
	return nil
}

// notUndone says what came after the act that c would take back.
func (r Record) notUndone(c Command, a Actor) *Refusal {
	of := undoes[c.Verb]
	if back, ok := r.Acts[c.Verb]; ok && back.Version > r.Acts[of].Version { // a second press
		return back.meanwhile(c.Verb, a)
	}
	no := &Refusal{Reason: NotUndone, Done: of, Act: r.Acts[of]}
	for v, act := range r.Acts {
		if act.Version > no.Act.Version && !slices.Contains(besides, v) && (undoes[v] == "" || act.Version > r.Acts[undoes[v]].Version) {
			no.Done, no.Act = v, act
		}
	}
	return no
}

// WasUndone reports whether the last act that was taken back was not done again since.
func (r Record) WasUndone() bool {
	var last Verb
	for v := range undoes {
		if r.Acts[v].Version > r.Acts[last].Version {
			last = v
		}
	}
	return last != "" && r.Acts[last].Version > r.Acts[undoes[last]].Version
}

// DidAt reports whether the record was acted on at an instant, as events have it, and that act
// was not taken back.
func (r Record) DidAt(at time.Time) bool {
	for _, act := range r.Acts {
		if Stamp(act.At).Equal(at) {
			return true
		}
	}
	return false
}
