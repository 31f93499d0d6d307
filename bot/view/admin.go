package view

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// argNoChat names the list of the accounts that have no chat.
const argNoChat = "nochat"

// adminList are the lists of administration: accounts and programmes by state, agencies. What
// is no state is looked for among all of them.
func (v *Views) adminList(ctx context.Context, name ListName, arg string) (list, error) {
	l := list{
		line:  v.aged,
		empty: es.Story{Title: es.Say(es.NothingInList), Text: []string{es.Say(es.NothingHint)}},
	}
	kind, of := core.KindAgency, word.Agency
	switch name {
	case Accounts:
		kind, of = core.KindAccount, word.Account
	case Programs:
		kind, of = core.KindProgram, word.Program
	case ChooseAgency:
		of = word.Program + " " + word.New
	case Agencies, Duties, Mine, Bases, Found, InStage, Awaited: // the others are no lists of administration
	}
	l.more = es.FindInList(of)
	l.union = ofTerm(core.TermKind(kind))
	switch {
	case name == Agencies:
		l.title = es.Say(es.AgenciesTitle)
		l.foot = [][]card.Action{{v.Opens(word.Agency, word.New, es.Button(core.VerbRegister), card.Plain)}}
	case name == ChooseAgency:
		l.title = es.Say(es.ChooseAgency)
		l.pick = func(r core.Record) card.Action {
			return v.Opens(word.Program, word.New+" "+r.Agency, es.Named(r), card.Plain)
		}
	case name == Accounts && arg == argNoChat:
		l.title, l.text, l.union = es.Say(es.NoChatTitle), []string{es.Say(es.NoChatText)}, ofTerm(core.TermNoChat())
		return l, nil
	case isState(kind, arg):
		l.title, l.union = es.AccountList(core.State(arg)), ofTerm(core.TermState(kind, core.State(arg)))
		return l, nil
	}
	if arg = strings.TrimSpace(arg); arg == "" {
		return l, nil
	}
	return v.lookedFor(ctx, l, kind, arg)
}

func isState(kind core.Kind, arg string) bool {
	return slices.Contains(core.LifecycleOf(kind).States, core.State(arg))
}

// lookedFor is l with only those of a kind whose name, user or agency has the words of text.
func (v *Views) lookedFor(ctx context.Context, l list, kind core.Kind, text string) (list, error) {
	names := map[string]string{}
	if kind != core.KindAgency {
		agencies, err := v.Desk.Agencies(ctx)
		if err != nil {
			return list{}, fmt.Errorf("look for %s: %w", kind, err)
		}
		for _, a := range agencies {
			names[a.Agency] = a.Fields[core.FieldName]
		}
	}
	l.title = es.FoundTitle(es.Clip(text, maxSearch))
	l.empty = es.Story{Title: es.Say(es.NothingFound), Text: []string{l.more}}
	l.union.Keep = func(r core.Record) bool {
		label := strings.Join([]string{r.Fields[core.FieldName], r.Fields[core.FieldUser], r.Agency, names[r.Agency], r.Fields[core.FieldYear]}, " ")
		return len(value.Matching(text, []value.Option{{Label: label}})) > 0
	}
	return l, nil
}

func ofTerm(term string) desk.Union { return desk.Union{Lists: [][]string{{term}}} }

// directory is what administration is shown of a kind of records before a list of them.
type directory struct {
	word  string
	title es.Phrase
	begin string // the label of the button that begins a new one
}

var directories = map[core.Kind]directory{
	core.KindAccount: {word.Account, es.AccountsTitle, es.Button(core.VerbApply)},
	core.KindProgram: {word.Program, es.ProgramsTitle, es.Say(es.ButtonDeliver)},
}

// Directory shows how many records of a kind there are in each state, each a button to
// their list, and the button that begins a new one.
func (v *Views) Directory(ctx context.Context, kind core.Kind) (session.Reply, error) {
	d := directories[kind]
	c := card.Card{Story: es.Story{Title: es.Say(d.title), Text: []string{es.FindInList(d.word)}}}
	var row []card.Action
	add := func(label, term, arg string) error {
		n, err := v.Desk.Count(ctx, term)
		if err != nil {
			return err
		}
		row = append(row, v.Button(es.StateCount(label, n), card.Token{Word: d.word, Arg: arg}))
		return nil
	}
	for _, s := range core.LifecycleOf(kind).States {
		if err := add(es.AccountList(s), core.TermState(kind, s), string(s)); err != nil {
			return session.Reply{}, err
		}
	}
	if kind == core.KindAccount {
		if err := add(es.Say(es.ButtonNoChat), core.TermNoChat(), argNoChat); err != nil {
			return session.Reply{}, err
		}
	}
	opens := v.Opens(d.word, word.New, d.begin, card.Primary)
	opens.Opens = kind == core.KindAccount // whose programme it is, a list asks first
	c.Rows = append(c.Rows, []card.Action{opens})
	for pair := range slices.Chunk(row, 2) {
		c.Rows = append(c.Rows, pair)
	}
	return session.Reply{Card: &c}, nil
}
