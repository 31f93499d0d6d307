// Package core is the process itself: the lifecycles as tables, and the pure functions that read them.
//
// It uses the standard library only. It reads no clock, opens nothing, logs
// nothing and starts nothing: time, chance and records come in as arguments,
// and what should happen goes out as values. Deciding, offering buttons, asking
// for missing fields, the diagrams, the permission matrix and the tests all
// read the same tables (Lifecycles).
package core

import (
	"slices"
	"time"
)

// Kind names a lifecycle.
type Kind string

// The kinds of record. An agency is a plain directory entry with a trail of its own.
const (
	KindAgency  Kind = "agency"
	KindProgram Kind = "program"
	KindAccount Kind = "account"
	KindRequest Kind = "request"
)

// State is where a record stands in its lifecycle. States are stored for ever.
type State string

// None is the state of a record that does not exist yet.
const None State = ""

// Verb is what somebody does to a record. Verbs are stored for ever.
type Verb string

// Role is what an account may act as.
type Role string

// The roles of the process, and RoleSystem for what completes by itself.
const (
	RoleRequester Role = "requester"
	RoleSecretary Role = "secretary"
	RoleRegistry  Role = "registry"
	RoleDirector  Role = "director"
	RoleHead      Role = "head"
	RoleExecutive Role = "executive"
	RoleAdmin     Role = "admin"
	RoleAuditor   Role = "auditor"
	RoleSystem    Role = "system"
)

// Roles are those that an account can hold, in the order of the process.
var Roles = []Role{RoleRequester, RoleSecretary, RoleRegistry, RoleDirector, RoleHead, RoleExecutive, RoleAdmin, RoleAuditor}

// Transition is one row of a lifecycle: who may do what, when, and what it brings.
type Transition struct {
	Verb Verb
	// From are the states in which the row applies; None creates the record.
	From []State
	// To is the state that it leads to; Stay keeps the present one.
	To State
	// By are the roles that may do it.
	By []Role
	// Needs are the fields that must come with it; Asks those that may.
	Needs, Asks []Field
	// Sets are the fields that SIDEM itself brings. A command that brings any other
	// is refused.
	Sets []Field
	// Guard refuses what roles and states alone cannot; nil lets pass.
	Guard Guard `json:"-"`
	// Apply records what the generic fold (state, fields, acts) does not; nil adds nothing.
	Apply func(*Record, Event) `json:"-"`
	// Auto rows are taken by the system as soon as their guard passes.
	Auto bool
	// Numbers rows give the record its number from the series of the year.
	Numbers bool
	// Confirm rows are asked once more before they are done.
	Confirm bool
	// Several: one command may bring the fields of more than one act (Command.Also). Each
	// is an event of its own, and all of them happen, or none.
	Several bool
	// Again: each such act brings something of its own. That one was done before says nothing
	// of another, where the record has moved on since.
	Again bool
	// Quiet rows are done by commands or forms of their own, and offered on no card.
	Quiet bool
	// Silent rows change nothing that a card shows: they leave the version as it
	// is, so that the buttons that people see stay good.
	Silent bool
}

// Stay is the target of a transition that leaves the state as it is.
const Stay State = "="

// Guard looks at the record as it is, the command, and who gives it.
type Guard func(r Record, c Command, a Actor, now time.Time) *Refusal

// Lifecycle is the table of one kind of record.
type Lifecycle struct {
	Kind   Kind
	States []State // in the order of the process; the first is the entry
	Final  []State
	Rows   []Transition
}

// Lifecycles are all the tables, in the order of the guide's steps.
var Lifecycles = []Lifecycle{agencyLifecycle, programLifecycle, accountLifecycle, requestLifecycle}

// LifecycleOf is the table of kind k; the zero Lifecycle for an unknown kind.
func LifecycleOf(k Kind) Lifecycle {
	if k == KindArchive {
		return archiveLifecycle
	}
	for _, l := range Lifecycles {
		if l.Kind == k {
			return l
		}
	}
	return Lifecycle{}
}

// Row is the row of verb v for a record in state s.
func (l Lifecycle) Row(v Verb, s State) (Transition, bool) {
	for _, t := range l.Rows {
		if t.Verb == v && slices.Contains(t.From, s) {
			return t, true
		}
	}
	return Transition{}, false
}

// Verb is the first row of verb v in any state: its roles and fields.
func (l Lifecycle) Verb(v Verb) (Transition, bool) {
	for _, t := range l.Rows {
		if t.Verb == v {
			return t, true
		}
	}
	return Transition{}, false
}

// IsFinal reports whether nothing follows state s.
func (l Lifecycle) IsFinal(s State) bool { return slices.Contains(l.Final, s) }
