package view

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// recordViews are the words of buttons that show something and decide nothing. Each
// answers whoever pressed, and nobody else.
var recordViews = map[string]func(ctx context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error){
	card.WordMenu:    showMenu,
	card.WordDetail:  showDetail,
	card.WordFiles:   showFiles,
	card.WordFile:    sendFile,
	card.WordTrail:   showTrail,
	card.WordChanges: showChanges,
	card.WordLetter:  sendLetter,
	card.WordDraft:   sendDraftLetter,
	card.WordPass:    sendPass,
	card.WordLooked:  showLooked,
}

// saws are the parts of a request that are on record as looked at, by what shows them.
var saws = map[string]core.Saw{
	card.WordDetail: core.SawDetail, card.WordFiles: core.SawFiles, card.WordFile: core.SawFiles, card.WordLetter: core.SawFiles,
	card.WordDraft: core.SawDetail, card.WordTrail: core.SawTrail, card.WordChanges: core.SawTrail,
}

// Shows reports whether the word of a button shows something of a record.
func Shows(word string) bool { return recordViews[word] != nil }

// Record answers a button that shows something of a record.
func (v *Views) Record(ctx context.Context, tok card.Token) (session.Reply, error) {
	s, no, err := v.Scene(ctx, tok.Record)
	if err != nil {
		return session.Reply{}, err
	}
	if no != nil {
		return v.Refused(ctx, tok.Record, no)
	}
	if saw := saws[tok.Word]; saw != "" {
		if err := v.Desk.Looked(ctx, v.Account.ID, saw, s.Record); err != nil {
			return session.Reply{}, err
		}
	}
	return v.show(ctx, s, tok)
}

// Still is what a message shows of a record now: it was looked at when it was sent.
func (v *Views) Still(ctx context.Context, tok card.Token) (session.Reply, error) {
	s, no, err := v.Scene(ctx, tok.Record)
	if err != nil || no != nil {
		return session.Reply{}, err
	}
	return v.show(ctx, s, tok)
}

func (v *Views) show(ctx context.Context, s core.Scene, tok card.Token) (session.Reply, error) {
	reply, err := recordViews[tok.Word](ctx, v, s, tok)
	switch {
	case tok.Word == card.WordMenu:
		reply.Shows = screen.OfCard(tok.Record)
	case reply.Card != nil:
		reply.Shows = screen.View{Same: tok.Word + ":" + tok.Record, Word: tok.Word, Record: tok.Record, Arg: tok.Arg, Of: []string{tok.Record}}
	}
	return reply, err
}

// showLooked tells whoever asks for a request who has looked at it.
func showLooked(ctx context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	if s.Record.Kind != core.KindRequest || !s.Asks() {
		return v.Refused(ctx, tok.Record, &core.Refusal{Reason: core.NotFound, Value: s.Record.Number})
	}
	all, err := v.Desk.WhoLooked(ctx, s.Record.ID)
	if err != nil {
		return session.Reply{}, err
	}
	return session.Reply{Card: &card.Card{Story: es.LookedStory(s, all)}}, nil
}

// showMenu unfolds the menu of a card, in place; "Regresar" folds it.
func showMenu(_ context.Context, v *Views, s core.Scene, _ card.Token) (session.Reply, error) {
	c := card.Unfolded(s, v.Seal)
	return session.Reply{Card: &c, Redraw: true}, nil
}

// showDetail is one page of what a record holds, in full.
func showDetail(_ context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	reply := v.pageOf(tok, func(n int) (es.Story, int) { return es.Detail(s, n) })
	c := reply.Card
	var row []card.Action
	if len(s.Record.Files) > 0 {
		row = append(row, v.Button(es.Say(es.ButtonFiles), card.Token{Word: card.WordFiles, Record: s.Record.ID}))
	}
	row = append(row, v.Button(es.Say(es.TrailButton(s)), card.Token{Word: card.WordTrail, Record: s.Record.ID}))
	c.Rows = append(c.Rows, row)
	if s.Record.Number != "" && s.Record.Kind == core.KindRequest { // for an oficio, or to be told on the telephone
		c.Rows = append(c.Rows, []card.Action{{Label: es.Say(es.ButtonCopyNumber), Copy: s.Record.Number}})
	}
	if s.Record.Number != "" && s.Asks() {
		c.Rows = append(c.Rows, []card.Action{v.Button(es.Say(es.ButtonLooked), card.Token{Word: card.WordLooked, Record: s.Record.ID})})
	}
	if session.IsBase(s.Record, s.Actor, s.Now) && word.May(word.File, v.Roles()) {
		c.Rows = append(c.Rows, []card.Action{v.Opens(word.File, s.Record.ID, es.Say(es.ButtonBase), card.Plain)})
	}
	return reply, nil
}

// filesPage is how many files of a record stand on a page.
const filesPage = 15

// showFiles is one page of the files of a record, one button each.
func showFiles(_ context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	var rows [][]card.Action
	reply := v.pageOf(tok, func(n int) (es.Story, int) {
		story, last := es.FilesPage(s, n, filesPage)
		first := min(max(n, 0), last) * filesPage
		for i := first; i < min(len(s.Record.Files), first+filesPage); i++ {
			rows = append(rows, []card.Action{v.Button(es.FileLabel(i+1, s.Record.Files[i].Name),
				card.Token{Word: card.WordFile, Record: s.Record.ID, Arg: strconv.Itoa(i)})})
		}
		return story, last
	})
	reply.Card.Rows = append(rows, reply.Card.Rows...)
	return reply, nil
}

// sendFile gives the file whose place the button carries.
func sendFile(_ context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	i, err := strconv.Atoi(tok.Arg)
	if err != nil || i < 0 || i >= len(s.Record.Files) {
		return session.Reply{Toast: es.Say(es.FileGone)}, nil
	}
	return session.Reply{Documents: []session.Document{v.attachment(s.Record, s.Record.Files[i])}}, nil
}

// attachment is a file of a record as a document. It is read whole before a byte of it is
// given: what is no more what was attached reaches nobody, and administration is told.
func (v *Views) attachment(r core.Record, f core.Attachment) session.Document {
	return session.Document{Name: f.Name, MIME: f.MIME, Size: f.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		switch whole, err := v.Files.Whole(ctx, f.Hash); {
		case err != nil:
			return nil, err
		case !whole:
			v.Afterwards(ctx, "administration is not told of a file that is lost", v.tellLost(ctx, r, f))
			return nil, outbox.Permanent(session.ErrLost)
		}
		return v.Files.Get(ctx, f.Hash)
	}}
}

// tellLost has administration told of a file that cannot be given.
func (v *Views) tellLost(ctx context.Context, r core.Record, f core.Attachment) error {
	items, err := v.Desk.LostFile(ctx, r, f.Hash)
	if err != nil || len(items) == 0 {
		return err
	}
	_, err = v.Outbox.Add(ctx, v.Desk.Now(), items...)
	return err
}

// sendLetter gives the files of a programme's oficio.
func sendLetter(_ context.Context, v *Views, s core.Scene, _ card.Token) (session.Reply, error) {
	var out session.Reply
	for _, f := range s.Record.Files {
		if f.Verb == core.VerbDeliver || f.Verb == core.VerbRedeliver || f.Verb == core.VerbSendLetter {
			out.Documents = append(out.Documents, v.attachment(s.Record, f))
		}
	}
	if len(out.Documents) == 0 {
		return session.Reply{Toast: es.Say(es.LetterMissing)}, nil
	}
	return out, nil
}

// trailPage is how many lines of a bitácora stand on a page.
const trailPage = 15

// showTrail is one page of the bitácora: a message of its own, which turns its
// pages in place.
func showTrail(_ context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	return v.pageOf(tok, func(n int) (es.Story, int) { return es.TrailPage(s, n, trailPage) }), nil
}

// showChanges is one page of what a correction changed.
func showChanges(_ context.Context, v *Views, s core.Scene, tok card.Token) (session.Reply, error) {
	return v.pageOf(tok, func(n int) (es.Story, int) { return es.Comparison(s, n) }), nil
}

// pageOf is the page whose number a token carries, with buttons that turn it in place;
// tell tells of one, and which is the last.
func (v *Views) pageOf(tok card.Token, tell func(n int) (story es.Story, last int)) session.Reply {
	n, err := strconv.Atoi(tok.Arg)
	turned := err == nil // the button of a page carries the next one's number
	story, last := tell(n)
	c := card.Card{Story: story}
	turn := func(label es.Phrase, to int) card.Action {
		return v.Button(es.Say(label), card.Token{Word: tok.Word, Record: tok.Record, Arg: strconv.Itoa(to)})
	}
	var row []card.Action
	if n > 0 {
		row = append(row, turn(es.ButtonNewer, n-1))
	}
	if n < last {
		row = append(row, turn(es.ButtonOlder, n+1))
	}
	if len(row) > 0 {
		c.Rows = [][]card.Action{row}
	}
	return session.Reply{Card: &c, Redraw: turned}
}

// sendDraftLetter gives a draft of the oficio by which the opinion is asked for (step 5).
func sendDraftLetter(_ context.Context, _ *Views, s core.Scene, _ card.Token) (session.Reply, error) {
	pdf, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		return session.Reply{}, fmt.Errorf("draw the oficio: %w", err)
	}
	return session.Reply{Documents: []session.Document{session.Made(es.DraftLetterName(s.Record), "application/pdf", pdf)}}, nil
}

// sendPass gives the pass by which the opinion is collected: only to whoever
// asked, or whose turn it has become, since its code is the key.
func sendPass(_ context.Context, _ *Views, s core.Scene, _ card.Token) (session.Reply, error) {
	if s.Record.State != core.StateIssued || !s.Asks() {
		return session.Reply{Toast: es.Say(es.NoPass)}, nil
	}
	png, err := paper.QR(core.Pass(s.Record.Number, s.Code()))
	if err != nil {
		return session.Reply{}, fmt.Errorf("draw the pass: %w", err)
	}
	return session.Reply{Card: &card.Card{Story: es.PassStory(s)}, Documents: []session.Document{session.Made(es.PassName(s.Record), "image/png", png)}}, nil
}

// HowToDeliver tells how the programme of step 1 is delivered.
func (v *Views) HowToDeliver() session.Reply {
	deliver := v.Word(word.Program, es.Say(es.ButtonDeliver), card.Primary)
	deliver.Opens = true
	return session.Reply{Card: &card.Card{Story: es.HowToDeliver(v.Desk.Office), Rows: [][]card.Action{{deliver}}}}
}
