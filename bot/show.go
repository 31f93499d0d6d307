package bot

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"sidem/bot/card"
	"sidem/bot/paper"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/es"
)

// shows are the words of buttons that show something and decide nothing. Each
// answers whoever pressed, and nobody else.
var shows map[string]func(ctx context.Context, t *conversation, s core.Scene, tok card.Token) (Reply, error)

func init() { // the functions make buttons that lead to each other
	shows = map[string]func(context.Context, *conversation, core.Scene, card.Token) (Reply, error){
		card.WordMenu:   showMenu,
		card.WordDetail: showDetail,
		card.WordFiles:  showFiles,
		card.WordFile:   sendFile,
		card.WordTrail:  showTrail,
		card.WordLetter: sendLetter,
		card.WordDraft:  sendDraftLetter,
		card.WordPass:   sendPass,
	}
}

// look answers a button that shows something of a record.
func (t *conversation) look(ctx context.Context, tok card.Token) (Reply, error) {
	s, no, err := t.Scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	if no == nil && !t.Actor.Sees(s.Record, t.Now) { // it was theirs to see, once
		no = &core.Refusal{Reason: core.NotFound, Value: s.Record.Number}
	}
	if no != nil {
		return t.Refused(ctx, tok.Record, no)
	}
	return shows[tok.Word](ctx, t, s, tok)
}

// showMenu unfolds the menu of a card, in place; "Regresar" folds it.
func showMenu(_ context.Context, t *conversation, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Unfolded(s, t.Seal)
	return Reply{Card: &c, Redraw: true}, nil
}

func showDetail(_ context.Context, t *conversation, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Card{Story: es.Detail(s)}
	var row []card.Action
	if len(s.Record.Files) > 0 {
		row = append(row, t.Button(es.Say(es.ButtonFiles), card.Token{Word: card.WordFiles, Record: s.Record.ID}))
	}
	row = append(row, t.Button(es.Say(es.TrailButton(s)), card.Token{Word: card.WordTrail, Record: s.Record.ID}))
	c.Rows = [][]card.Action{row}
	return Reply{Card: &c}, nil
}

// fileButtons bounds the buttons of a list of files: the newest are kept.
const fileButtons = 40

// showFiles lists the files of a record, one button each.
func showFiles(_ context.Context, t *conversation, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Card{Story: es.FilesStory(s)}
	for i, f := range s.Record.Files {
		if i < len(s.Record.Files)-fileButtons {
			continue
		}
		c.Rows = append(c.Rows, []card.Action{t.Button(es.FileLabel(i+1, f.Name),
			card.Token{Word: card.WordFile, Record: s.Record.ID, Arg: strconv.Itoa(i)})})
	}
	return Reply{Card: &c}, nil
}

// sendFile gives the file whose place the button carries.
func sendFile(_ context.Context, t *conversation, s core.Scene, tok card.Token) (Reply, error) {
	i, err := strconv.Atoi(tok.Arg)
	if err != nil || i < 0 || i >= len(s.Record.Files) {
		return Reply{Toast: es.Say(es.FileGone)}, nil
	}
	return Reply{Documents: []Document{t.kept(s.Record.Files[i])}}, nil
}

// kept is an attachment as a document.
func (t *conversation) kept(f core.Attachment) Document {
	return Document{Name: f.Name, MIME: f.MIME, Size: f.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return t.Files.Get(ctx, f.Hash)
	}}
}

// sendLetter gives the files of a programme's oficio.
func sendLetter(_ context.Context, t *conversation, s core.Scene, _ card.Token) (Reply, error) {
	var out Reply
	for _, f := range s.Record.Files {
		if f.Verb == core.VerbDeliver || f.Verb == core.VerbRedeliver || f.Verb == core.VerbSendLetter {
			out.Documents = append(out.Documents, t.kept(f))
		}
	}
	if len(out.Documents) == 0 {
		return Reply{Toast: es.Say(es.LetterMissing)}, nil
	}
	return out, nil
}

// trailPage is how many lines of a bitácora stand on a page.
const trailPage = 15

// showTrail is one page of the bitácora: a message of its own, which turns its
// pages in place.
func showTrail(_ context.Context, t *conversation, s core.Scene, tok card.Token) (Reply, error) {
	n, err := strconv.Atoi(tok.Arg)
	turned := err == nil // the button of a page carries the next one's number
	story, last := es.TrailPage(s, n, trailPage)
	c := card.Card{Story: story}
	page := func(label es.Phrase, to int) card.Action {
		return t.Button(es.Say(label), card.Token{Word: card.WordTrail, Record: s.Record.ID, Arg: strconv.Itoa(to)})
	}
	var row []card.Action
	if n > 0 {
		row = append(row, page(es.ButtonNewer, n-1))
	}
	if n < last {
		row = append(row, page(es.ButtonOlder, n+1))
	}
	if len(row) > 0 {
		c.Rows = [][]card.Action{row}
	}
	return Reply{Card: &c, Redraw: turned}, nil
}

// sendDraftLetter gives a draft of the oficio by which the opinion is asked for (step 5).
func sendDraftLetter(_ context.Context, _ *conversation, s core.Scene, _ card.Token) (Reply, error) {
	pdf, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		return Reply{}, fmt.Errorf("draw the oficio: %w", err)
	}
	return Reply{Documents: []Document{session.Made(es.DraftLetterName(s.Record), "application/pdf", pdf)}}, nil
}

// sendPass gives the pass by which the opinion is collected: only to whoever
// asked, or whose turn it has become, since its code is the key.
func sendPass(_ context.Context, _ *conversation, s core.Scene, _ card.Token) (Reply, error) {
	if s.Record.State != core.StateIssued || !s.Asks() {
		return Reply{Toast: es.Say(es.NoPass)}, nil
	}
	png, err := paper.QR(core.Pass(s.Record))
	if err != nil {
		return Reply{}, fmt.Errorf("draw the pass: %w", err)
	}
	return Reply{Card: &card.Card{Story: es.PassStory(s)}, Documents: []Document{session.Made(es.PassName(s.Record), "image/png", png)}}, nil
}

func (t *conversation) how() Reply {
	deliver := t.Word("/programa", es.Say(es.ButtonDeliver), card.Primary)
	deliver.Opens = true
	return Reply{Card: &card.Card{Story: es.HowToDeliver(t.Desk.Office), Rows: [][]card.Action{{deliver}}}}
}
