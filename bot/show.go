package bot

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"

	"sidem/bot/card"
	"sidem/bot/paper"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// shows are the words of buttons that show something and decide nothing. Each
// answers whoever pressed, and nobody else.
var shows map[string]func(ctx context.Context, t *session, s core.Scene, tok card.Token) (Reply, error)

func init() { // the functions make buttons that lead to each other
	shows = map[string]func(context.Context, *session, core.Scene, card.Token) (Reply, error){
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
func (t *session) look(ctx context.Context, tok card.Token) (Reply, error) {
	s, no, err := t.scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	if no == nil && !t.actor.Sees(s.Record, t.now) { // it was theirs to see, once
		no = &core.Refusal{Reason: core.NotFound, Value: s.Record.Number}
	}
	if no != nil {
		return t.refused(ctx, tok.Record, no)
	}
	return shows[tok.Word](ctx, t, s, tok)
}

func (t *session) button(label string, tok card.Token) card.Action {
	return card.Action{Label: label, Token: t.Seal.Seal(t.account.ID, tok)}
}

// showMenu unfolds the menu of a card, in place; "Regresar" folds it.
func showMenu(_ context.Context, t *session, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Unfolded(s, t.Seal)
	return Reply{Card: &c, Redraw: true}, nil
}

func showDetail(_ context.Context, t *session, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Card{Story: es.Detail(s)}
	var row []card.Action
	if len(s.Record.Files) > 0 {
		row = append(row, t.button(es.Say(es.ButtonFiles), card.Token{Word: card.WordFiles, Record: s.Record.ID}))
	}
	row = append(row, t.button(es.Say(es.TrailButton(s)), card.Token{Word: card.WordTrail, Record: s.Record.ID}))
	c.Rows = [][]card.Action{row}
	return Reply{Card: &c}, nil
}

// fileButtons bounds the buttons of a list of files: the newest are kept.
const fileButtons = 40

// showFiles lists the files of a record, one button each.
func showFiles(_ context.Context, t *session, s core.Scene, _ card.Token) (Reply, error) {
	c := card.Card{Story: es.FilesStory(s)}
	for i, f := range s.Record.Files {
		if i < len(s.Record.Files)-fileButtons {
			continue
		}
		c.Rows = append(c.Rows, []card.Action{t.button(es.FileLabel(i+1, f.Name),
			card.Token{Word: card.WordFile, Record: s.Record.ID, Arg: strconv.Itoa(i)})})
	}
	return Reply{Card: &c}, nil
}

// sendFile gives the file whose place the button carries.
func sendFile(_ context.Context, t *session, s core.Scene, tok card.Token) (Reply, error) {
	i, err := strconv.Atoi(tok.Arg)
	if err != nil || i < 0 || i >= len(s.Record.Files) {
		return Reply{Toast: es.Say(es.FileGone)}, nil
	}
	return Reply{Documents: []Document{t.kept(s.Record.Files[i])}}, nil
}

// kept is an attachment as a document.
func (t *session) kept(f core.Attachment) Document {
	return Document{Name: f.Name, MIME: f.MIME, Size: f.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return t.Files.Get(ctx, f.Hash)
	}}
}

// made is a document of SIDEM's own.
func made(name, mime string, body []byte) Document {
	return Document{Name: name, MIME: mime, Size: int64(len(body)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body)), nil
	}}
}

// sendLetter gives the files of a programme's oficio.
func sendLetter(_ context.Context, t *session, s core.Scene, _ card.Token) (Reply, error) {
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
func showTrail(_ context.Context, t *session, s core.Scene, tok card.Token) (Reply, error) {
	n, err := strconv.Atoi(tok.Arg)
	turned := err == nil // the button of a page carries the next one's number
	story, last := es.TrailPage(s, n, trailPage)
	c := card.Card{Story: story}
	page := func(label es.Phrase, to int) card.Action {
		return t.button(es.Say(label), card.Token{Word: card.WordTrail, Record: s.Record.ID, Arg: strconv.Itoa(to)})
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
func sendDraftLetter(_ context.Context, _ *session, s core.Scene, _ card.Token) (Reply, error) {
	pdf, err := paper.Letter(es.DraftLetter(s))
	if err != nil {
		return Reply{}, fmt.Errorf("draw the oficio: %w", err)
	}
	return Reply{Documents: []Document{made(es.DraftLetterName(s.Record), "application/pdf", pdf)}}, nil
}

// sendPass gives the pass by which the opinion is collected: only to whoever
// asked, or whose turn it has become, since its code is the key.
func sendPass(_ context.Context, t *session, s core.Scene, _ card.Token) (Reply, error) {
	if s.Record.State != core.StateIssued || !s.Asks() {
		return Reply{Toast: es.Say(es.NoPass)}, nil
	}
	png, err := paper.QR(core.Pass(s.Record))
	if err != nil {
		return Reply{}, fmt.Errorf("draw the pass: %w", err)
	}
	return Reply{Card: &card.Card{Story: es.PassStory(s)}, Documents: []Document{made(es.PassName(s.Record), "image/png", png)}}, nil
}

// missingProgram is the card of step 1, for whoever cannot file yet.
func (t *session) missingProgram(ctx context.Context) (Reply, error) {
	agency, err := t.Desk.AgencyName(ctx, t.account.Agency)
	if err != nil {
		return Reply{}, err
	}
	deliver := t.word("/programa", es.Say(es.ButtonDeliver), card.Primary)
	deliver.Opens = true
	return Reply{Card: &card.Card{
		Story: es.MissingProgram(core.Season(t.now), agency),
		Rows:  [][]card.Action{{deliver, t.button(es.Say(es.ButtonHow), card.Token{Word: wordHow})}},
	}}, nil
}

// wordHow tells how the programme of step 1 is delivered; it is of no record.
const wordHow = "how"

func (t *session) how() Reply {
	deliver := t.word("/programa", es.Say(es.ButtonDeliver), card.Primary)
	deliver.Opens = true
	return Reply{Card: &card.Card{Story: es.HowToDeliver(t.Desk.Office), Rows: [][]card.Action{{deliver}}}}
}

// saved is the answer to a decision that was committed: what was done, or that a
// notice of it is held up, since the channel by which it leaves now was known to be
// down when the press came.
func (t *session) saved(ctx context.Context, v core.Verb, out desk.Outcome) string {
	if t.Late == nil {
		return es.Saved(v)
	}
	now := t.Desk.Clock() // the items were made after t.now
	var names []string
	for _, it := range out.Items {
		if it.Account == t.account.ID || it.Due.After(now) || !t.Late(it.Channel, t.now) {
			continue
		}
		account, err := t.Desk.Ledger.Record(ctx, it.Account)
		if err != nil {
			t.afterwards(ctx, "a delay is not told", err)
			return es.Saved(v)
		}
		if name := account.Fields[core.FieldName]; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return es.Saved(v)
	}
	return es.Delayed(names)
}
