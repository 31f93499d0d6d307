package bot

import (
	"context"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

const (
	homeDuties  = 10 // cards of what is the person's turn
	homeAwaited = 5  // lines of what waits for others
)

// home is the person's home page: what is their turn, with the button that ends
// it; what waits for others; what they can begin, and their preferences.
func (t *conversation) home(ctx context.Context) (Reply, error) {
	duties, err := t.homeDuties(ctx)
	if err != nil {
		return Reply{}, err
	}
	awaited, err := t.homeAwaited(ctx)
	if err != nil {
		return Reply{}, err
	}
	return Reply{Home: append(append(duties, awaited...), t.homeBegin())}, nil
}

func (t *conversation) homeDuties(ctx context.Context) ([]card.Card, error) {
	part, err := t.Desk.Read(ctx, t.Desk.OwedBy(t.Actor), desk.Place{}, homeDuties)
	if err != nil {
		return nil, err
	}
	if len(part.Records) == 0 {
		return []card.Card{{Story: t.noDuties()}}, nil
	}
	l, err := t.dutiesList(ctx)
	if err != nil {
		return nil, err
	}
	out := []card.Card{{Story: es.Story{Title: l.title}}}
	for _, r := range part.Records {
		s, no, err := t.Scene(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		if no == nil {
			out = append(out, t.short(s))
		}
	}
	if part.More {
		out = append(out, card.Card{Rows: [][]card.Action{{t.Word("/pendientes", es.Say(es.ButtonAll), card.Plain)}}})
	}
	return out, nil
}

// short is the card of a scene in three lines, with the button that ends the
// viewer's duty and one that shows the whole.
func (t *conversation) short(s core.Scene) card.Card {
	whole := card.Of(s, t.Seal)
	c := card.Card{Story: es.Story{Title: whole.Title, Head: whole.Head, Subject: whole.Subject, Turn: whole.Turn}}
	var row []card.Action
	if len(whole.Rows) > 0 && len(whole.Rows[0]) > 0 && whole.Rows[0][0].Style == card.Primary {
		row = append(row, whole.Rows[0][0])
	}
	detail := t.opened(s.Record)
	detail.Label = es.Say(es.ButtonDetail)
	c.Rows = [][]card.Action{append(row, detail)}
	return c
}

func (t *conversation) homeAwaited(ctx context.Context) ([]card.Card, error) {
	part, err := t.Desk.Read(ctx, t.Desk.Awaited(t.Actor), desk.Place{}, homeAwaited)
	if err != nil || len(part.Records) == 0 {
		return nil, err
	}
	c := card.Card{Story: es.Story{Title: es.Say(es.HomeAwaited)}}
	var row []card.Action
	for _, r := range part.Records {
		c.Text = append(c.Text, t.aged(r))
		row = append(row, t.opened(r))
	}
	c.Rows = [][]card.Action{row}
	if part.More {
		all := card.Token{Word: wordList, Arg: listAwaited}
		c.Rows = append(c.Rows, []card.Action{{Label: es.Say(es.ButtonAll), Token: t.Seal.Seal(t.Account.ID, all)}})
	}
	return []card.Card{c}, nil
}

// wordList opens the list that Arg names.
const wordList = "list"

func (t *conversation) homeBegin() card.Card {
	c := card.Card{Story: es.Story{Title: es.Say(es.HomeYours), Head: t.Account.Fields[core.FieldName]}}
	var row []card.Action
	if t.Actor.Is(core.RoleRequester) {
		row = append(row, t.Opens("/nueva", "", es.Button(core.VerbDraft), card.Plain), t.Word("/mis", es.Say(es.ButtonMine), card.Plain))
	}
	if board, ok := find("/tablero"); ok && board.may(t.Roles()) {
		row = append(row, t.Word("/tablero", es.Say(es.BoardTitle), card.Plain))
	}
	row = append(row, t.Word("/preferencias", es.Say(es.ButtonPrefs), card.Plain), t.Word("/ayuda", es.Say(es.ButtonHelp), card.Plain))
	c.Rows = [][]card.Action{row}
	return c
}

// homeOf is the home page of somebody who can do nothing: a card that says why.
func homeOf(words string, text ...string) Reply {
	return Reply{Home: []card.Card{{Story: es.Story{Title: words, Text: text}}}}
}
