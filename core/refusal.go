package core

import (
	"fmt"
	"slices"

	"sidem.gob.mx/sidem/core/value"
)

// Reason says why a command was refused.
type Reason string

// The reasons. What people read of them is in core/es.
const (
	NotFound   Reason = "not_found"   // unknown, or another agency's: the same answer
	NotAllowed Reason = "not_allowed" // the role may not
	NotNow     Reason = "not_now"     // the state does not offer it
	Already    Reason = "already"     // decided by another
	Repeated   Reason = "repeated"    // the same person had done it
	LastAdmin  Reason = "last_admin"  // nobody else could administer SIDEM
	Stale      Reason = "stale"       // the card is of an older version
	OwnRequest Reason = "own_request" // who filed may not release
	Missing    Reason = "missing"     // a field is empty
	Invalid    Reason = "invalid"     // a field cannot be so, or is not the act's to bring
	Ambiguous  Reason = "ambiguous"   // a field can mean two things
	Future     Reason = "future"      // a date lies after today, or an hour of today after now
	NoProgram  Reason = "no_program"  // the gate of step 1 is shut
	WrongCode  Reason = "wrong_code"  // a code or password is another, or was used
	TooMany    Reason = "too_many"    // one person has done it too often
	Taken      Reason = "taken"       // a unique value belongs to somebody else
	Unknown    Reason = "unknown"     // who are you: no account is linked
	Suspended  Reason = "suspended"   // the account is suspended
	NotUndone  Reason = "not_undone"  // the act can be taken back no more: Done and Act say why
)

// Reasons are all of them, for the words and the tests.
var Reasons = []Reason{
	NotFound, NotAllowed, NotNow, Already, Repeated, Stale, OwnRequest, Missing, Invalid, Ambiguous, Future,
	NoProgram, WrongCode, Taken, Unknown, Suspended, LastAdmin, NotUndone,
}

// Refusal is an error that carries facts, not prose.
type Refusal struct {
	Reason Reason `json:"reason"`
	Verb   Verb   `json:"verb,omitempty"`
	Kind   Kind   `json:"kind,omitempty"`
	State  State  `json:"state,omitempty"`
	Number string `json:"number,omitempty"`
	Field  Field  `json:"field,omitempty"`
	Value  string `json:"value,omitempty"`
	// Why and Suggest say what is wrong with a value and what may have been meant;
	// Readings are what it can mean, as people write it.
	Why      value.Why `json:"why,omitempty"`
	Suggest  string    `json:"suggest,omitempty"`
	Readings []string  `json:"readings,omitempty"`
	// Row is the renglón, from 1, and Part its part, of a refusal about FieldItems.
	Row  int        `json:"row,omitempty"`
	Part value.Part `json:"part,omitempty"`
	// Nth is which act, from 1, of a command that brings several.
	Nth    int    `json:"nth,omitempty"`
	Roles  []Role `json:"roles,omitempty"` // who may
	Agency string `json:"agency,omitempty"`
	Mine   []Role `json:"mine,omitempty"` // what the person is
	// Done and Act say what was done meanwhile, by whom and when.
	Done Verb `json:"done,omitempty"`
	Act  Act  `json:"act,omitzero"`
	// Other is the first field by which Done was done otherwise than it is asked for now, and
	// Stands what the record has of it, where that is an account or a choice.
	Other  Field  `json:"other,omitempty"`
	Stands string `json:"stands,omitempty"`
	// StandsName is the name of the account that Stands is, for whoever reads; no trail keeps it.
	StandsName string `json:"-"`
}

func (r *Refusal) Error() string {
	s := fmt.Sprintf("refused: %s: %s", r.Verb, r.Reason)
	if r.Field != "" {
		s += " " + string(r.Field)
	}
	return s
}

// about fills in what every refusal says of its command.
func (r *Refusal) about(rec Record, c Command, a Actor) *Refusal {
	r.Verb, r.Kind = c.Verb, c.Kind
	if r.Reason == NotFound { // a foreign record looks like an unknown one
		return r
	}
	r.State, r.Number, r.Agency, r.Mine = rec.State, rec.Number, rec.Agency, a.Roles
	if (r.Reason == Already || r.Reason == Repeated) && r.Done == c.Verb {
		r.Other, r.Stands = otherwise(rec, c)
	}
	return r
}

// otherwise is the first field that c needs and of which the record has another value, and that
// value where it is an account or a choice. A form that is not filled in yet asks for another too.
func otherwise(r Record, c Command) (f Field, stands string) {
	row, _ := LifecycleOf(c.Kind).Verb(c.Verb)
	for _, f := range row.Needs {
		switch has, asked := r.standing(c.Verb, f), c.Fields[f]; Specs[f].Type {
		case TypeUpload:
			isNew := func(a Attachment) bool {
				return !slices.ContainsFunc(r.Files, func(b Attachment) bool { return a.Hash == b.Hash && b.Verb == c.Verb })
			}
			if slices.ContainsFunc(c.Files, isNew) {
				return f, ""
			}
		case TypeLines:
			if len(c.Items) > 0 && !slices.Equal(c.Items, r.Items) {
				return f, ""
			}
		case TypePerson, TypeChoice:
			if has != "" && asked != has {
				return f, has
			}
		default:
			if has != "" && asked != "" && asked != has {
				return f, ""
			}
		}
	}
	return "", ""
}

// standing is what the record has of a field that the last act of a verb brought; "" where it
// keeps none.
func (r Record) standing(v Verb, f Field) string {
	if n := len(r.Calls); v == VerbLogCall && f == FieldCallResult && n > 0 {
		return r.Calls[n-1].Result
	}
	return r.Fields[f]
}
