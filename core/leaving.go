package core

import (
	"slices"
	"time"
)

// What a person who is not there any more had in hand falls back to who gave it to them: the
// case of an executive to the head, what was referred to a head to the registry, and the call
// of an opinion that was issued already to the registry too.

// place is what a person has in hand of a request: by a field that names them, in a role.
type place struct {
	field Field
	role  Role
	left  Verb
}

// places are all of them, in the order in which they fall back.
var places = []place{
	{FieldExecutive, RoleExecutive, VerbLeaveCase},
	{FieldHead, RoleHead, VerbLeaveHead},
}

// LeaveCommands are the system's commands by which what account p had in hand of request r
// falls back, where its person may not act as that any more; none if nothing does. once names them.
func (r Record) LeaveCommands(p Record, once string) (out []Command) {
	if r.Kind != KindRequest {
		return nil
	}
	lc := LifecycleOf(KindRequest)
	for _, at := range places {
		row, ok := lc.Row(at.left, r.State)
		if !ok || p.ID == "" {
			continue
		}
		c := Command{
			Kind: KindRequest, Verb: at.left, Where: "system", Once: once + "/" + string(at.left),
			Fields: map[Field]string{at.field: p.ID}, Named: map[Field]Record{at.field: p},
		}
		if row.Guard(r, c, SystemActor, time.Time{}) == nil {
			out = append(out, c)
		}
	}
	return out
}

// passesOn: what is owed is the turn of who asked, and they do not ask for that agency any more.
func passesOn(r Record, c Command, _ Actor, _ time.Time) *Refusal {
	p := c.Named[FieldLeft]
	theirs := func(d Duty) bool { return d.Role == RoleRequester && d.Account == p.ID }
	if p.ID == "" || p.asksFor(r) || !slices.ContainsFunc(owed(r), theirs) {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// PassesOn reports whether a request is the turn of account p's person, who does not ask for
// its agency any more: VerbPassOn tells whose it is now.
func (r Record) PassesOn(p Record) bool {
	_, ok := LifecycleOf(r.Kind).Row(VerbPassOn, r.State)
	return ok && passesOn(r, Command{Named: map[Field]Record{FieldLeft: p}}, SystemActor, time.Time{}) == nil
}

// InHandOf are the accounts that a request names as those who have it in hand.
func (r Record) InHandOf() (ids []string) {
	for _, at := range places {
		if id := r.Fields[at.field]; r.Kind == KindRequest && id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// actsAs reports whether an account is in use and has a role.
func (r Record) actsAs(role Role) bool { return r.InUse() && slices.Contains(r.Roles, role) }

// isLeft lets that fall back which the account that the command names has in hand and may not
// do any more; or what is in nobody's hand already.
func isLeft(f Field, role Role) Guard {
	return func(r Record, c Command, _ Actor, _ time.Time) *Refusal {
		switch p := c.Named[f]; {
		case c.Fields[f] != r.Fields[f]:
			return &Refusal{Reason: NotNow}
		case r.Fields[f] != "" && (p.ID != r.Fields[f] || p.actsAs(role)):
			return &Refusal{Reason: NotNow}
		}
		return nil
	}
}

// callIsLeft: of an opinion that was issued the call falls to the registry, once.
func callIsLeft(r Record, _ Command, _ Actor, _ time.Time) *Refusal {
	if r.callIsRegistrys() {
		return &Refusal{Reason: NotNow}
	}
	return nil
}

// callIsRegistrys reports whether who issued the opinion is not there any more to call.
func (r Record) callIsRegistrys() bool {
	return r.Did(VerbLeaveCase) && r.Acts[VerbLeaveCase].Version > r.Acts[VerbIssue].Version
}

func leftCase(r *Record, e Event) {
	if e.From != StateIssued { // whose opinion it is stays
		delete(r.Fields, FieldExecutive)
	}
}

func leftHead(r *Record, _ Event) { delete(r.Fields, FieldHead) }
