package desk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// complete adds to command c what SIDEM itself brings: the gate, the number,
// the pickup code, the requester's particulars.
func (d *Desk) complete(ctx context.Context, k *core.Known, r core.Record, actor core.Actor, c core.Command, now time.Time) (core.Command, error) {
	if r.Kind == core.KindRequest || c.Kind == core.KindRequest {
		return d.completeRequest(ctx, k, r, actor, c, now)
	}
	if r.State == core.None && c.Agency != "" && (c.Kind == core.KindAccount || c.Kind == core.KindProgram) {
		agency, listed, err := d.known(ctx, k, core.AgencyID(c.Agency))
		if err != nil {
			return c, err
		}
		if c.Unlisted = !listed; listed {
			c.Agency = agency.Agency // as the directory spells it
		}
		if c.Fields[core.FieldAgency] != "" {
			c.Fields = with(c.Fields, core.FieldAgency, c.Agency)
		}
	}
	if c.Verb == core.VerbApply && c.Fields[core.FieldUser] == "" {
		user, err := d.userName(ctx, c.Fields[core.FieldName])
		if err != nil {
			return c, err
		}
		c.Fields = with(c.Fields, core.FieldUser, user)
	}
	if c.Verb == core.VerbApply || c.Verb == core.VerbRectify {
		var err error
		if c, err = d.completeMail(ctx, r, c); err != nil {
			return c, err
		}
	}
	if c.Verb == core.VerbRectify {
		c.Fields = with(c.Fields, core.FieldFormerEmail, "")
		if was, is := r.Fields[core.FieldEmail], c.Fields[core.FieldEmail]; was != "" && is != "" && !strings.EqualFold(was, is) {
			c.Fields[core.FieldFormerEmail] = was
		}
		delete(c.Fields, core.FieldFormerAgencies) // it is SIDEM's to bring
		if is, brought := c.Fields[core.FieldAgency]; brought && is != r.Agency {
			c.Fields[core.FieldFormerAgencies] = r.WithFormer()
			if is != "" {
				_, listed, err := d.known(ctx, k, core.AgencyID(is))
				if c.Unlisted = !listed; err != nil {
					return c, err
				}
			}
		}
	}
	return c, nil
}

func (d *Desk) completeRequest(ctx context.Context, k *core.Known, r core.Record, actor core.Actor, c core.Command, now time.Time) (core.Command, error) {
	switch c.Verb {
	case core.VerbDraft:
		account, found, err := d.known(ctx, k, actor.Account)
		if err == nil && !found {
			err = fmt.Errorf("load account %s: %w", actor.Account, ErrNotFound)
		}
		if err != nil {
			return c, err
		}
		c.Fields = maps.Clone(c.Fields)
		row, _ := core.LifecycleOf(core.KindRequest).Verb(c.Verb)
		for _, f := range row.Sets {
			delete(c.Fields, f) // they are SIDEM's to bring
			if v := account.Fields[f]; v != "" {
				c.Fields = with(c.Fields, f, v)
			}
		}
		c.Agency = actor.Agency
	case core.VerbFile:
		program, _, err := d.known(ctx, k, core.ProgramID(r.Agency, core.Season(now)))
		if err != nil {
			return c, err
		}
		c.Gate = d.gate(program)
		if _, no := core.Decide(r, c, actor, now); no != nil {
			return c, nil // refused anyway: no number is spent
		}
		series := core.NumberSeries(core.Season(now))
		n, err := d.Ledger.Reserve(ctx, series, r.ID)
		if err != nil {
			return c, fmt.Errorf("reserve a number: %w", err)
		}
		if err := d.mayBeGiven(ctx, n, now); err != nil {
			return c, fmt.Errorf("a number of %s: %w", series, err)
		}
		c.Number = core.NumberOf(series, n)
	case core.VerbObserve:
		return d.numberObservation(ctx, r, c, now)
	case core.VerbIssue:
		c.Fields = with(with(c.Fields, core.FieldPickupCode, d.newCode()), core.FieldPickupKey, d.newSalt())
	case core.VerbHandOver:
		c, err := d.completeCode(ctx, k, r, actor, c, now)
		if err != nil {
			return c, err
		}
		c.Wrong.Anywhere, err = d.wrongCodes(ctx, actor.Account, now)
		return c, err
	case core.VerbRefer:
		if c.Fields[core.FieldHead] == "" {
			heads, err := d.holders(ctx, core.RoleHead, "")
			if err != nil {
				return c, err
			}
			if len(heads) == 1 {
				c.Fields = with(c.Fields, core.FieldHead, heads[0].ID)
			}
		}
	case core.VerbUndoRefer:
		c.Fields = map[core.Field]string{core.FieldHead: r.Fields[core.FieldHead]}
	case core.VerbUndoAssign:
		c.Fields = map[core.Field]string{core.FieldExecutive: r.Fields[core.FieldExecutive]}
	case core.VerbUndoResolve:
		if r.Undo != nil {
			c.Fields = map[core.Field]string{core.FieldObservation: r.Undo.Observation}
		}
	default:
	}
	return c, nil
}

// Gate is the programme gate of step 1 for an agency in the year of now, and its
// programme of that year: the zero Record where none was delivered.
func (d *Desk) Gate(ctx context.Context, agency string, now time.Time) (core.Gate, core.Record, error) {
	p, _, err := d.known(ctx, &core.Known{}, core.ProgramID(agency, core.Season(now)))
	return d.gate(p), p, err
}

func (d *Desk) gate(program core.Record) core.Gate {
	switch {
	case program.State == core.StateValidated:
		return core.GateOpen
	case d.Office.GateWarns:
		return core.GateAjar
	default:
		return core.GateShut
	}
}

// known is a record, which is read unless it is known; false where there is none.
func (d *Desk) known(ctx context.Context, k *core.Known, id string) (r core.Record, ok bool, err error) {
	err = d.fill(ctx, k, func() { r, ok = k.Record(id) })
	return r, ok, err
}

// completeMail says whether the address of e-mail that a command brings is another account's,
// and has it kept as this one's own. An address that stays as it was is not asked about.
func (d *Desk) completeMail(ctx context.Context, r core.Record, c core.Command) (core.Command, error) {
	c.Fields = maps.Clone(c.Fields)
	delete(c.Fields, core.FieldOwnEmail) // it is SIDEM's to bring
	mail := c.Fields[core.FieldEmail]
	if mail == "" || strings.EqualFold(mail, r.Fields[core.FieldEmail]) {
		return c, nil
	}
	c.Fields = with(c.Fields, core.FieldOwnEmail, "1")
	taken, err := d.mailTaken(ctx, r.ID, c)
	c.MailTaken = taken
	return c, err
}

// mailTaken reports whether an account beside the one with an id has the address of e-mail of
// a command. Most are found by their key. Those that were registered before there was one are
// looked for among all: few accounts are registered by hand, and who reads a file has looked.
func (d *Desk) mailTaken(ctx context.Context, id string, c core.Command) (bool, error) {
	mail := c.Fields[core.FieldEmail]
	holder, err := d.Ledger.Find(ctx, core.UniqueMail(mail))
	switch {
	case err == nil && holder.ID != id:
		return true, nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return false, fmt.Errorf("look for an address of e-mail: %w", err)
	case c.Where == core.WhereImport:
		return false, nil
	}
	accounts, err := d.all(ctx, core.TermKind(core.KindAccount))
	return slices.ContainsFunc(accounts, func(a core.Record) bool { return a.ID != id && a.HasMail(mail) }), err
}

// userName makes a free user name of a person's name: lucia.herrera, lucia.herrera2…
func (d *Desk) userName(ctx context.Context, name string) (string, error) {
	words := core.Words(name)
	if len(words) == 0 {
		return "", nil // the core will ask for the name
	}
	base := words[0]
	if len(words) > 1 {
		base += "." + words[1]
	}
	for n := 1; ; n++ {
		user := base
		if n > 1 {
			user += fmt.Sprint(n)
		}
		_, err := d.Ledger.Find(ctx, core.UniqueUser(user))
		if errors.Is(err, ErrNotFound) {
			return user, nil
		}
		if err != nil {
			return "", fmt.Errorf("look for user %s: %w", user, err)
		}
	}
}

func with(m map[core.Field]string, f core.Field, v string) map[core.Field]string {
	out := make(map[core.Field]string, len(m)+1)
	maps.Copy(out, m)
	out[f] = v
	return out
}

func without(m map[core.Field]string, f core.Field) map[core.Field]string {
	if _, has := m[f]; !has {
		return m
	}
	out := maps.Clone(m)
	delete(out, f)
	return out
}
