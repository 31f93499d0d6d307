package core

import (
	"slices"
	"time"
)

// The states of programmes, accounts and agencies (guide, steps 1 and 2).
const (
	StateDelivered State = "delivered"
	StateValidated State = "validated"

	StateRequested State = "requested"
	StateGranted   State = "granted"
	StateActive    State = "active"
	StateSuspended State = "suspended"
	StateDenied    State = "denied"

	StateRegistered State = "registered"
)

// Their verbs.
const (
	VerbDeliver   Verb = "deliver"
	VerbRedeliver Verb = "redeliver"
	VerbValidate  Verb = "validate"

	VerbApply      Verb = "apply"
	VerbGrant      Verb = "grant"
	VerbDeny       Verb = "deny"
	VerbLink       Verb = "link"
	VerbUnlink     Verb = "unlink"
	VerbSuspend    Verb = "suspend"
	VerbReinstate  Verb = "reinstate"
	VerbRenew      Verb = "renew"
	VerbSubstitute Verb = "substitute"
	VerbPrefer     Verb = "prefer" // channels and the digest's hour, by the person

	VerbRegister Verb = "register"
	VerbRename   Verb = "rename"
)

var agencyLifecycle = Lifecycle{
	Kind:   KindAgency,
	States: []State{StateRegistered},
	Rows: []Transition{
		{Verb: VerbRegister, From: []State{None}, To: StateRegistered, By: []Role{RoleAdmin}, Needs: []Field{FieldAgency, FieldName}, Quiet: true},
		{Verb: VerbRename, From: []State{StateRegistered}, To: Stay, By: []Role{RoleAdmin}, Needs: []Field{FieldName}},
	},
}

// programLifecycle is step 1, per agency and year.
var programLifecycle = Lifecycle{
	Kind:   KindProgram,
	States: []State{StateDelivered, StateReturned, StateValidated},
	Final:  []State{StateValidated},
	Rows: []Transition{
		{Verb: VerbDeliver, From: []State{None}, To: StateDelivered, By: []Role{RoleRequester, RoleAdmin}, Needs: []Field{FieldYear, FieldLetterNumber, FieldLetterDate}, Asks: []Field{FieldFiles}, Quiet: true},
		{Verb: VerbValidate, From: []State{StateDelivered}, To: StateValidated, By: []Role{RoleAdmin}},
		{Verb: VerbReturn, From: []State{StateDelivered}, To: StateReturned, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}},
		{Verb: VerbRedeliver, From: []State{StateReturned}, To: StateDelivered, By: []Role{RoleRequester}, Needs: []Field{FieldLetterNumber, FieldLetterDate}, Asks: []Field{FieldFiles}},
	},
}

var accountFields = []Field{FieldName, FieldPost, FieldEmail, FieldPhone, FieldProfile, FieldLetterNumber, FieldLetterDate}

// accountLifecycle is step 2. Link is done by the person, who proves to hold
// the one-time password before the command is given.
var accountLifecycle = Lifecycle{
	Kind:   KindAccount,
	States: []State{StateRequested, StateGranted, StateActive, StateSuspended, StateDenied},
	Final:  []State{StateDenied},
	Rows: []Transition{
		{Verb: VerbApply, From: []State{None}, To: StateRequested, By: []Role{RoleAdmin}, Needs: accountFields, Asks: []Field{FieldAgency, FieldUnit, FieldExtension, FieldChannels}, Quiet: true},
		{Verb: VerbGrant, From: []State{StateRequested}, To: StateGranted, By: []Role{RoleAdmin}, Apply: granted},
		{Verb: VerbDeny, From: []State{StateRequested}, To: StateDenied, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}},
		{Verb: VerbLink, From: []State{StateGranted, StateActive}, To: StateActive, By: []Role{RoleSystem}, Needs: []Field{FieldPlatform, FieldChat}, Guard: isFree, Apply: linked, Quiet: true},
		{Verb: VerbUnlink, From: []State{StateActive, StateSuspended}, To: Stay, By: []Role{RoleSystem, RoleAdmin}, Needs: []Field{FieldPlatform}, Apply: unlinked, Quiet: true},
		{Verb: VerbRenew, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{RoleAdmin}},
		{Verb: VerbSubstitute, From: []State{StateGranted, StateActive}, To: Stay, By: []Role{RoleSystem, RoleAdmin}, Needs: []Field{FieldSubstitute, FieldFromDate, FieldToDate}, Guard: datesInOrder, Quiet: true},
		{Verb: VerbSuspend, From: []State{StateGranted, StateActive}, To: StateSuspended, By: []Role{RoleAdmin}, Needs: []Field{FieldReason}, Confirm: true},
		{Verb: VerbReinstate, From: []State{StateSuspended}, To: StateActive, By: []Role{RoleAdmin}},
		{Verb: VerbPrefer, From: []State{StateActive}, To: Stay, By: []Role{RoleSystem}, Asks: []Field{FieldDigestHour, FieldChannels}, Quiet: true},
	},
}

func granted(r *Record, _ Event) {
	r.Roles = nil
	for _, role := range Roles {
		if slices.Contains(splitList(r.Fields[FieldProfile]), string(role)) {
			r.Roles = append(r.Roles, role)
		}
	}
}

// isFree never replaces an existing link silently.
func isFree(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	if old, ok := r.LinkOn(c.Fields[FieldPlatform]); ok && old.ID != c.Fields[FieldChat] {
		return &Refusal{Reason: Taken, Field: FieldChat}
	}
	return nil
}

func linked(r *Record, e Event) {
	if _, ok := r.LinkOn(e.Fields[FieldPlatform]); !ok {
		r.Links = append(r.Links, Link{Platform: e.Fields[FieldPlatform], ID: e.Fields[FieldChat], At: e.At})
	}
	delete(r.Fields, FieldPlatform)
	delete(r.Fields, FieldChat)
}

func unlinked(r *Record, e Event) {
	kept := r.Links[:0]
	for _, l := range r.Links {
		if l.Platform != e.Fields[FieldPlatform] {
			kept = append(kept, l)
		}
	}
	r.Links = kept
	delete(r.Fields, FieldPlatform)
}

func datesInOrder(r Record, c Command, _ Actor, now time.Time) *Refusal {
	switch {
	case c.Fields[FieldSubstitute] == r.ID:
		return &Refusal{Reason: Invalid, Field: FieldSubstitute}
	case c.Fields[FieldToDate] < c.Fields[FieldFromDate] || c.Fields[FieldToDate] < DateOf(now).String():
		return &Refusal{Reason: Invalid, Field: FieldToDate, Value: c.Fields[FieldToDate]}
	}
	return nil
}
