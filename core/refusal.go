package core

import (
	"fmt"

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
	return r
}
