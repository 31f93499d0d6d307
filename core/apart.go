package core

import (
	"maps"
	"slices"
	"time"
)

// apart are the duties that are kept apart: whoever did an act of one side of a
// pair does none of the other on the same record, in whichever order they come
// (roles: "Duties are kept apart in every order"). Guards, turns, buttons and the
// tests read it.
var apart = [][2][]Verb{
	{{VerbDraft, VerbAmend, VerbFile, VerbCorrect}, {VerbRelease}},
	{{VerbRelease}, {VerbReceiveLetter}},
}

// Opposites are the acts that are kept apart from v; none for most.
func Opposites(v Verb) []Verb {
	var out []Verb
	for _, pair := range apart {
		for i, side := range pair {
			if slices.Contains(side, v) {
				out = append(out, pair[1-i]...)
			}
		}
	}
	return out
}

// did are the accounts that ever did v: in their own name, or through a substitute.
func (r Record) did(v Verb) []string {
	if ids, ok := r.Doers[v]; ok {
		return ids
	}
	act, ok := r.Acts[v]
	if !ok {
		return nil
	}
	return act.counts()
}

// counts are the accounts whose act it is: a substitute's is the principal's too.
func (a Act) counts() []string {
	if a.For == "" {
		return []string{a.By}
	}
	return []string{a.By, a.For}
}

// remember adds who did v, applied as act, to those who did it before. last is
// what the record knew of v until then.
func (r *Record) remember(v Verb, last []string, act Act) {
	if len(Opposites(v)) == 0 {
		return
	}
	ids := slices.Clone(last)
	for _, id := range act.counts() {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	r.Doers = maps.Clone(r.Doers)
	if r.Doers == nil {
		r.Doers = map[Verb][]string{}
	}
	r.Doers[v] = ids
}

// Forgot reports whether the record may have been written before Doers were kept, or the
// agencies that an account was moved from: its trail knows all of them (Recall).
func (r Record) Forgot() bool {
	if r.Did(VerbRectify) && r.Fields[FieldFormerAgencies] == "" {
		return true
	}
	for v := range r.Acts {
		if _, ok := r.Doers[v]; !ok && len(Opposites(v)) > 0 {
			return true
		}
	}
	return false
}

// Recall is the record with the Doers and the former agencies that its trail tells.
func (r Record) Recall(trail []Event) Record {
	all := Fold(trail)
	r.Doers = all.Doers
	if former := all.Fields[FieldFormerAgencies]; former != "" {
		r.Fields = maps.Clone(r.Fields)
		r.Fields[FieldFormerAgencies] = former
	}
	return r
}

// counts are the accounts as which the actor counts at the instant now where
// duties are kept apart: itself, those for whom it stands in, and who stands in
// for it.
func (a Actor) counts(now time.Time) []string {
	out := []string{a.Account}
	for _, p := range a.Principals {
		if p.covers(now) {
			out = append(out, p.Account)
		}
	}
	if a.Deputy.Covers(DateOf(now)) {
		out = append(out, a.Deputy.Account)
	}
	return out
}

// KeptApart refuses v to those who did an act on r from which it is kept apart:
// Done names that act, and Value the account where it is not the actor's own. Nil
// lets pass.
func KeptApart(r Record, v Verb, a Actor, now time.Time) *Refusal {
	who := a.counts(now)
	for _, other := range Opposites(v) {
		for _, id := range r.did(other) {
			if !slices.Contains(who, id) {
				continue
			}
			no := &Refusal{Reason: OwnRequest, Done: other}
			if id != a.Account {
				no.Value = id // it was not the actor in person
			}
			return no
		}
	}
	return nil
}
