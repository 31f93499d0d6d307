package view

import (
	"context"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

const (
	homeDuties  = 10 // cards of what is the person's turn
	homeAwaited = 5  // lines of what waits for others
)

// Home is the person's home page: what is their turn, with the button that ends
// it; what waits for others; what they can begin, and their preferences.
func (v *Views) Home(ctx context.Context) (session.Reply, error) {
	duties, err := v.homeDuties(ctx)
	if err != nil {
		return session.Reply{}, err
	}
	awaited, err := v.homeAwaited(ctx)
	if err != nil {
		return session.Reply{}, err
	}
	return session.Reply{Home: append(append(duties, awaited...), v.homeBegin())}, nil
}

func (v *Views) homeDuties(ctx context.Context) ([]card.Card, error) {
	part, err := v.Desk.Read(ctx, v.Desk.OwedBy(v.Actor), desk.Place{}, homeDuties)
	if err != nil {
		return nil, err
	}
	if len(part.Records) == 0 {
		return []card.Card{{Story: v.noDuties()}}, nil
	}
	if err := v.Desk.Looked(ctx, v.Account.ID, core.SawList, part.Records...); err != nil {
		return nil, err
	}
	l, err := v.dutiesList(ctx)
	if err != nil {
		return nil, err
	}
	out := []card.Card{{Story: es.Story{Title: l.title}}}
	for _, r := range part.Records {
		s, no, err := v.Scene(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if no == nil {
			out = append(out, v.short(s))
		}
	}
	if part.More {
		out = append(out, card.Card{Rows: [][]card.Action{{v.Word(word.Duties, es.Say(es.ButtonAll), card.Plain)}}})
	}
	return out, nil
}

// short is the card of a scene in three lines, with the button that ends the
// viewer's duty and one that shows the whole.
func (v *Views) short(s core.Scene) card.Card {
	whole := card.Of(s, v.Seal)
	c := card.Card{Story: es.Story{Title: whole.Title, Head: whole.Head, Subject: whole.Subject, Turn: whole.Turn}}
	var row []card.Action
	if len(whole.Rows) > 0 && len(whole.Rows[0]) > 0 && whole.Rows[0][0].Style == card.Primary {
		row = append(row, whole.Rows[0][0])
	}
	detail := v.openButton(s.Record)
	detail.Label = es.Say(es.ButtonDetail)
	c.Rows = [][]card.Action{append(row, detail)}
	return c
}

func (v *Views) homeAwaited(ctx context.Context) ([]card.Card, error) {
	part, err := v.Desk.Read(ctx, v.Desk.Awaited(v.Actor), desk.Place{}, homeAwaited)
	if err != nil || len(part.Records) == 0 {
		return nil, err
	}
	if err := v.Desk.Looked(ctx, v.Account.ID, core.SawList, part.Records...); err != nil {
		return nil, err
	}
	c := card.Card{Story: es.Story{Title: es.Say(es.HomeAwaited)}}
	var row []card.Action
	for _, r := range part.Records {
		c.Text = append(c.Text, v.aged(r))
		row = append(row, v.openButton(r))
	}
	c.Rows = [][]card.Action{row}
	if part.More {
		all := card.Token{Word: WordList, Arg: string(Awaited)}
		c.Rows = append(c.Rows, []card.Action{v.Button(es.Say(es.ButtonAll), all)})
	}
	return []card.Card{c}, nil
}

// WordList opens the list that Arg names.
const WordList = "list"

func (v *Views) homeBegin() card.Card {
	c := card.Card{Story: es.Story{Title: es.Say(es.HomeYours), Head: v.Account.Fields[core.FieldName]}}
	var row []card.Action
	if v.Actor.Is(core.RoleRequester) {
		row = append(row, v.Opens(word.File, "", es.Button(core.VerbDraft), card.Plain), v.Word(word.Mine, es.Say(es.ButtonMine), card.Plain))
	}
	if word.May(word.Board, v.Roles()) {
		row = append(row, v.Word(word.Board, es.Say(es.BoardTitle), card.Plain))
	}
	row = append(row, v.Word(word.Prefs, es.Say(es.ButtonPrefs), card.Plain), v.Word(word.Help, es.Say(es.ButtonHelp), card.Plain))
	c.Rows = [][]card.Action{row}
	return c
}

// HomeOf is the home page of somebody who can do nothing: a card that says why.
func HomeOf(words string, text ...string) session.Reply {
	return session.Reply{Home: []card.Card{{Story: es.Story{Title: words, Text: text}}}}
}
