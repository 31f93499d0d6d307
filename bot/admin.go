package bot

import (
	"context"
	"fmt"
	"strings"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// argNoChat names the list of the accounts that have no chat.
const argNoChat = "nochat"

// adminList are the lists of administration: accounts and programmes by state, agencies.
func (t *conversation) adminList(name, arg string) list {
	l := list{
		line:  t.aged,
		empty: es.Story{Title: es.Say(es.NothingInList), Text: []string{es.Say(es.NothingHint)}},
	}
	kind := core.KindAccount
	switch name {
	case listAgencies, listDeliver:
		l.title, l.union = es.Say(es.AgenciesTitle), desk.Union{Lists: [][]string{{core.TermKind(core.KindAgency)}}}
		l.foot = [][]card.Action{{t.Opens("/dependencia", argNew, es.Button(core.VerbRegister), card.Plain)}}
		if name == listDeliver {
			l.title, l.foot = es.Say(es.ChooseAgency), nil
			l.pick = func(r core.Record) card.Action {
				return t.Opens("/programa", argNew+" "+r.Agency, es.Named(r), card.Plain)
			}
		}
		return l
	case listPrograms:
		kind = core.KindProgram
	case listAccounts:
		if arg == argNoChat {
			l.title, l.text = es.Say(es.NoChatTitle), []string{es.Say(es.NoChatText)}
			l.union = desk.Union{Lists: [][]string{{core.TermNoChat()}}}
			return l
		}
	}
	l.title = es.AccountList(core.State(arg))
	l.union = desk.Union{Lists: [][]string{{core.TermState(kind, core.State(arg))}}}
	return l
}

// runAccounts lists accounts by state, those without a chat, and begins a new one.
func runAccounts(ctx context.Context, t *conversation, arg string) (Reply, error) {
	return t.directory(ctx, core.KindAccount, "/cuenta", es.AccountsTitle, es.Button(core.VerbApply), arg)
}

// runPrograms is the form of step 1 for a requester; administration lists the
// programmes by state, and registers a delivery for an agency.
func runPrograms(ctx context.Context, t *conversation, arg string) (Reply, error) {
	if !t.Actor.Is(core.RoleAdmin) {
		c, _ := find("/programa")
		return t.openForm(ctx, c, "")
	}
	if arg == argNew {
		return t.openList(ctx, listDeliver, "")
	}
	return t.directory(ctx, core.KindProgram, "/programa", es.ProgramsTitle, es.Say(es.ButtonDeliver), arg)
}

// runAgencies lists the agencies, and begins a new one.
func runAgencies(ctx context.Context, t *conversation, arg string) (Reply, error) {
	if arg == argNew {
		c, _ := find("/dependencia")
		return t.openForm(ctx, c, arg)
	}
	return t.openList(ctx, listAgencies, "")
}

// directory shows how many records of a kind there are in each state, each a
// button to their list, and the button that begins a new one. arg says which was
// pressed: argNew, with what follows for the form, or the name of a list.
func (t *conversation) directory(ctx context.Context, kind core.Kind, word string, title es.Phrase, begin, arg string) (Reply, error) {
	if first, _, _ := strings.Cut(arg, " "); first == argNew {
		c, _ := find(word)
		return t.openForm(ctx, c, arg)
	}
	name := listAccounts
	if kind == core.KindProgram {
		name = listPrograms
	}
	if arg != "" {
		return t.openList(ctx, name, arg)
	}
	c := card.Card{Story: es.Story{Title: es.Say(title)}}
	var row []card.Action
	add := func(label, term, arg string) error {
		n, err := t.Desk.Count(ctx, term)
		if err != nil {
			return err
		}
		row = append(row, card.Action{Label: es.StateCount(label, n), Token: t.Seal.Seal(t.Account.ID, card.Token{Word: word, Arg: arg})})
		return nil
	}
	for _, s := range core.LifecycleOf(kind).States {
		if err := add(es.AccountList(s), core.TermState(kind, s), string(s)); err != nil {
			return Reply{}, err
		}
	}
	if kind == core.KindAccount {
		if err := add(es.Say(es.ButtonNoChat), core.TermNoChat(), argNoChat); err != nil {
			return Reply{}, err
		}
	}
	opens := t.Opens(word, argNew, begin, card.Primary)
	opens.Opens = kind == core.KindAccount // whose programme it is, a list asks first
	c.Rows = append(c.Rows, []card.Action{opens})
	for i := 0; i < len(row); i += 2 {
		c.Rows = append(c.Rows, row[i:min(i+2, len(row))])
	}
	return Reply{Card: &c}, nil
}

// newProgram is the delivery of an agency's programme: the requester's own, or
// the one that an administrator chose.
func newProgram(ctx context.Context, t *conversation, arg string) (form.Draft, error) {
	d := form.Draft{Kind: core.KindProgram, Verb: core.VerbDeliver}
	_, agency, _ := strings.Cut(arg, " ")
	if agency == "" || !t.Actor.Is(core.RoleAdmin) {
		return d, nil
	}
	r, err := t.Desk.Ledger.Record(ctx, core.AgencyID(agency))
	if err != nil {
		return form.Draft{}, fmt.Errorf("agency %s: %w", agency, err)
	}
	d.Preset = map[core.Field]string{core.FieldAgency: r.Agency}
	return d, nil
}
