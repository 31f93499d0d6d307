package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// runAccounts lists accounts by state, those without a chat, and begins a new one.
func runAccounts(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if begins(arg) {
		return c.openForm(ctx, w, arg)
	}
	if arg != "" {
		return c.views.List(ctx, view.Accounts, arg)
	}
	return c.views.Directory(ctx, core.KindAccount)
}

// runPrograms is the form of step 1 for a requester; administration lists the
// programmes by state, and registers a delivery for an agency.
func runPrograms(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if !c.Actor.Is(core.RoleAdmin) {
		return c.openForm(ctx, w, "")
	}
	switch {
	case arg == word.New:
		return c.views.List(ctx, view.ChooseAgency, "")
	case begins(arg): // and whose it is
		_, agency, _ := strings.Cut(arg, " ")
		_, err := c.Desk.Ledger.Record(ctx, core.AgencyID(agency))
		if errors.Is(err, desk.ErrNotFound) { // a part of its name
			return c.views.List(ctx, view.ChooseAgency, agency)
		}
		return c.openForm(ctx, w, arg)
	case arg != "":
		return c.views.List(ctx, view.Programs, arg)
	}
	return c.views.Directory(ctx, core.KindProgram)
}

// runAgencies lists the agencies, and begins a new one.
func runAgencies(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	if arg == word.New {
		return c.openForm(ctx, w, arg)
	}
	return c.views.List(ctx, view.Agencies, arg)
}

// begins reports whether an arg asks for the form, with or without what it begins with.
func begins(arg string) bool {
	first, _, _ := strings.Cut(arg, " ")
	return first == word.New
}

// newProgram is the delivery of an agency's programme: the requester's own, or
// the one that an administrator chose.
func newProgram(ctx context.Context, c *conversation, arg string) (form.Draft, error) {
	d := form.Draft{Kind: core.KindProgram, Verb: core.VerbDeliver}
	_, agency, _ := strings.Cut(arg, " ")
	if agency == "" || !c.Actor.Is(core.RoleAdmin) {
		return d, nil
	}
	r, err := c.Desk.Ledger.Record(ctx, core.AgencyID(agency))
	if err != nil {
		return form.Draft{}, fmt.Errorf("agency %s: %w", agency, err)
	}
	d.Preset = map[core.Field]string{core.FieldAgency: r.Agency}
	return d, nil
}
