package core

import (
	"slices"
	"time"
)

// Reach is one set of requests that an actor may see: lists are asked for by it,
// and Sees judges each of them all the same.
type Reach struct {
	// Agency limits it to one agency's; Party to those that an account filed or has
	// in hand; Head to those referred to an account. Nothing set is all of them.
	Agency, Party, Head string
}

// Reaches are the sets of requests that the actor may see, in its own name and
// its principals'. Who sees all has one, without limits.
func (a Actor) Reaches(now time.Time) []Reach {
	var out []Reach
	add := func(account, agency string, roles []Role) {
		for _, role := range roles {
			var r Reach
			if role == RoleHead && !slices.Contains(out, Reach{Head: NoHead}) {
				out = append(out, Reach{Head: NoHead})
			}
			switch role {
			case RoleRequester, RoleSecretary:
				r.Agency = agency
			case RoleExecutive:
				r.Party = account
			case RoleHead:
				r.Head = account
			case RoleRegistry, RoleDirector, RoleAdmin, RoleAuditor, RoleSystem, Self, Deputy, OnTurn, Holders, Former, Undone:
			}
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	add(a.Account, a.Agency, a.Roles)
	for _, p := range a.Principals {
		if p.covers(now) {
			add(p.Account, p.Agency, p.Roles)
		}
	}
	if slices.Contains(out, Reach{}) {
		return []Reach{{}}
	}
	return out
}

// RolesOn are the roles in which the actor may act: its own, and those of the
// persons for whom it stands in at the instant now.
func (a Actor) RolesOn(now time.Time) []Role {
	out := slices.Clone(a.Roles)
	for _, p := range a.Principals {
		if p.covers(now) {
			out = append(out, p.Roles...)
		}
	}
	return out
}

// Covers reports whether the principal is stood in for at the instant now.
func (p Principal) Covers(now time.Time) bool { return p.covers(now) }
