package view

import (
	"context"
	"slices"

	"sidem/bot/card"
	"sidem/bot/session"
	"sidem/bot/word"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// argNoChat names the list of the accounts that have no chat.
const argNoChat = "nochat"

// adminList are the lists of administration: accounts and programmes by state, agencies.
func (v *Views) adminList(name ListName, arg string) list {
	l := list{
		line:  v.aged,
		empty: es.Story{Title: es.Say(es.NothingInList), Text: []string{es.Say(es.NothingHint)}},
	}
	switch {
	case name == Agencies:
		l.title, l.union = es.Say(es.AgenciesTitle), ofTerm(core.TermKind(core.KindAgency))
		l.foot = [][]card.Action{{v.Opens(word.Agency, word.New, es.Button(core.VerbRegister), card.Plain)}}
	case name == ChooseAgency:
		l.title, l.union = es.Say(es.ChooseAgency), ofTerm(core.TermKind(core.KindAgency))
		l.pick = func(r core.Record) card.Action {
			return v.Opens(word.Program, word.New+" "+r.Agency, es.Named(r), card.Plain)
		}
	case name == Programs:
		l.title, l.union = es.AccountList(core.State(arg)), ofTerm(core.TermState(core.KindProgram, core.State(arg)))
	case arg == argNoChat:
		l.title, l.text, l.union = es.Say(es.NoChatTitle), []string{es.Say(es.NoChatText)}, ofTerm(core.TermNoChat())
	default:
		l.title, l.union = es.AccountList(core.State(arg)), ofTerm(core.TermState(core.KindAccount, core.State(arg)))
	}
	return l
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
	c := card.Card{Story: es.Story{Title: es.Say(d.title)}}
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
