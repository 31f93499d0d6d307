package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidem/core"
)

// Owed are the records in which the actor has a duty, oldest first, at most limit.
func (d *Desk) Owed(ctx context.Context, actor core.Actor, limit int) ([]core.Record, error) {
	now := d.now()
	seen := map[string]bool{}
	var out []core.Record
	for _, term := range owedTerms(actor) {
		page, err := d.Ledger.List(ctx, Query{Terms: []string{term}, Limit: limit})
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", term, err)
		}
		for _, r := range page.Records {
			if seen[r.ID] || len(out) >= limit {
				continue
			}
			for _, duty := range core.Duties(r, d.Office.Calendar, d.Office.Targets) {
				if actor.Owes(duty, r, now) {
					seen[r.ID] = true
					out = append(out, r)
					break
				}
			}
		}
	}
	return out, nil
}

// owedTerms are the lists in which an actor's duties stand: its own, and those
// of the persons for whom it stands in.
func owedTerms(a core.Actor) []string {
	var out []string
	add := func(account, agency string, roles []core.Role) {
		for _, role := range roles {
			key := agency
			if role == core.RoleExecutive || role == core.RoleHead {
				key = account
			}
			out = append(out, core.TermOwes(role, key))
		}
	}
	add(a.Account, a.Agency, a.Roles)
	for _, p := range a.Principals {
		add(p.Account, p.Agency, p.Roles)
	}
	return out
}

// Mine are the requests that an account filed or was assigned, newest first.
func (d *Desk) Mine(ctx context.Context, account string, limit int) ([]core.Record, error) {
	page, err := d.Ledger.List(ctx, Query{Terms: []string{core.TermParty(account)}, Limit: limit, Newest: true})
	if err != nil {
		return nil, fmt.Errorf("list requests of %s: %w", account, err)
	}
	return page.Records, nil
}

// ByNumber is the request with a number as people write it: 147, 147/26,
// 000147/2026. The error is ErrNotFound when there is none that the actor may
// see: unknown and foreign look the same.
func (d *Desk) ByNumber(ctx context.Context, actor core.Actor, text string) (core.Record, error) {
	now := d.now()
	serial, year, _ := strings.Cut(strings.TrimSpace(text), "/")
	switch len(year) {
	case 0:
		year = core.Season(now)
	case 2:
		year = core.Season(now)[:2] + year
	}
	serial = strings.TrimLeft(serial, "0")
	if serial == "" || len(serial) > 6 || strings.Trim(serial+year, "0123456789") != "" {
		return core.Record{}, ErrNotFound
	}
	number := strings.Repeat("0", 6-len(serial)) + serial + "/" + year
	r, err := d.Ledger.Find(ctx, core.UniqueNumber(number))
	if err != nil {
		if errors.Is(err, ErrNotFound) {
			return core.Record{}, ErrNotFound
		}
		return core.Record{}, fmt.Errorf("find %s: %w", number, err)
	}
	if !actor.Sees(r, now) {
		return core.Record{}, ErrNotFound
	}
	return r, nil
}
