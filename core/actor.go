package core

import (
	"slices"
	"time"
)

// Actor is who gives a command: an account and those for whom it stands in.
type Actor struct {
	Account, Name string
	Agency        string
	Roles         []Role
	// Seq is where the account's trail stood when this was read of it, and Via the
	// chat by which its person speaks; zero for who is no account, and no chat.
	Seq int
	Via Link
	// Suspended accounts are refused whatever they press, and so is who speaks by a
	// chat that is not the account's any more.
	Suspended, Unlinked bool
	// Principals are the accounts that named this one their substitute, and Deputy
	// is who stands in for it.
	Principals []Principal
	Deputy     Substitution
	// Lent says that the account has had a substitute, who may have filed in its name.
	Lent bool
	// Inherits are the requesters of its agency who are not there any more: what
	// falls to them is the turn of the agency's others.
	Inherits []string
}

// Principal is somebody for whom a substitute acts between two dates, both included.
type Principal struct {
	Account, Name, Agency string
	Roles                 []Role
	From, To              string // 2006-01-02
	Seq                   int    // where its account's trail stood
}

// SystemActor takes what completes by itself.
var SystemActor = Actor{Account: "system", Name: "SIDEM", Roles: []Role{RoleSystem}}

// ActorOf is the actor that account rec makes, with the accounts that named it
// their substitute and were accepted. A suspended or denied account has no roles.
func ActorOf(rec Record, principals []Record) Actor {
	a := Actor{Account: rec.ID, Name: rec.Fields[FieldName], Agency: rec.Agency, Seq: rec.Seq, Suspended: rec.State == StateSuspended || rec.State == StateErased}
	if rec.InUse() {
		a.Roles = rec.Roles
	}
	a.Deputy, _ = rec.Substitution()
	a.Lent = rec.Did(VerbSubstitute)
	for _, p := range principals {
		sub, ok := p.Substitution()
		if !p.InUse() || !ok || sub.Account != rec.ID || !sub.Accepted || p.Agency != rec.Agency { // one of them was moved since
			continue
		}
		a.Principals = append(a.Principals, Principal{
			Account: p.ID, Name: p.Fields[FieldName], Agency: p.Agency, Roles: p.Roles, From: sub.From, To: sub.To, Seq: p.Seq,
		})
	}
	return a
}

// Through is the actor as one who speaks by a chat of its account; it is Unlinked
// where the account has that chat no more. The zero Link is no chat.
func (a Actor) Through(chat Link, account Record) Actor {
	a.Via = chat
	if chat.Platform != "" {
		now, ok := account.LinkOn(chat.Platform)
		a.Unlinked = !ok || now.ID != chat.ID
	}
	return a
}

// Is reports whether the actor holds role r in its own name.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

func (p Principal) covers(now time.Time) bool {
	today := DateOf(now).String()
	return p.From <= today && today <= p.To
}

// mayAs reports whether the actor, in its own name or a principal's, holds one
// of roles for record r.
func (a Actor) mayAs(roles []Role, r Record, now time.Time) bool {
	if holds(a.Account, a.Agency, a.Roles, roles, r) {
		return true
	}
	_, ok := a.principal(roles, r, now)
	return ok
}

// principal is the one in whose name the actor holds one of roles for r; it
// reports false when the actor holds it in its own.
func (a Actor) principal(roles []Role, r Record, now time.Time) (Principal, bool) {
	if holds(a.Account, a.Agency, a.Roles, roles, r) {
		return Principal{}, false
	}
	// A substitute takes the principal's place in the process, not in the account.
	lent := slices.DeleteFunc(slices.Clone(roles), func(r Role) bool { return r == Self || r == Deputy })
	for _, p := range a.Principals {
		if p.covers(now) && holds(p.Account, p.Agency, p.Roles, lent, r) {
			return p, true
		}
	}
	return Principal{}, false
}

// holds reports whether an account that has roles mine may act as one of
// wanted on r: agencies are kept apart, an executive has own cases, and a
// request that was referred to one head is not another's.
func holds(account, agency string, mine, wanted []Role, r Record) bool {
	for _, w := range wanted {
		if (slices.Contains(mine, w) || w == Self || w == Deputy) && inScope(account, agency, w, r) {
			return true
		}
	}
	return false
}

func inScope(account, agency string, role Role, r Record) bool {
	switch role {
	case RoleRequester, RoleSecretary:
		return agency != "" && agency == r.Agency && r.Kind != KindAccount
	case RoleExecutive:
		return r.Fields[FieldExecutive] == account
	case RoleHead:
		return r.Fields[FieldHead] == "" || r.Fields[FieldHead] == account
	case RoleRegistry, RoleDirector, RoleAdmin, RoleAuditor, RoleSystem:
		return true
	case Self:
		return r.Kind == KindAccount && r.ID == account
	case Deputy:
		return r.Kind == KindAccount && r.Fields[FieldSubstitute] == account
	case OnTurn, Holders, Former, Undone: // audiences only
	}
	return false
}

// Sees reports whether the actor may know of record r now: by what its person is, and those
// for whom they stand in. It is the one rule of cards, notes, forms, mails and lists. Who was
// told of a record, and is not any more whom it concerns, sees nothing of it: moved to another
// agency, without the role, or an executive whose case is another's.
func (a Actor) Sees(r Record, now time.Time) bool {
	if sees(a.Account, a.Agency, a.Roles, r) {
		return true
	}
	for _, p := range a.Principals {
		if p.covers(now) && sees(p.Account, p.Agency, p.Roles, r) {
			return true
		}
	}
	return false
}

func sees(account, agency string, roles []Role, r Record) bool {
	for _, role := range roles {
		switch role {
		case RoleAdmin, RoleAuditor, RoleSystem:
			return true
		case RoleRequester, RoleSecretary:
			if r.Kind != KindAccount && r.Agency == agency && (r.State != StateDraft || r.Filer() == account || r.Asker() == account) {
				return true
			}
		case RoleRegistry, RoleDirector:
			if r.Kind == KindRequest && r.reachedOffice() {
				return true
			}
		case RoleHead:
			if r.Kind == KindRequest && r.Did(VerbRefer) && r.State != StateReceived && inScope(account, agency, role, r) {
				return true
			}
		case RoleExecutive:
			if r.Kind == KindRequest && r.Fields[FieldExecutive] == account {
				return true
			}
		case Self, Deputy, OnTurn, Holders, Former, Undone: // nobody holds them
		}
	}
	return r.Kind == KindAccount && (r.ID == account || r.Agency == agency && r.hasStandIn(account))
}

// hasStandIn reports whether an account is whom r's person named last, or who stood in for
// them last: they are told how it ended.
func (r Record) hasStandIn(account string) bool {
	return r.Fields[FieldSubstitute] == account || r.Acts[VerbStandIn].By == account || r.Acts[VerbExcuse].By == account
}

// reachedOffice: a filed request may reach the counter of the Dirección General
// by its paper before it is released.
func (r Record) reachedOffice() bool { return r.Number != "" }
