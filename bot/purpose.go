package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// Files that came though no question was open: they are kept for a day, and the person
// is asked what they are for. What came in another message is asked about by itself.

// wordPurpose is the button that says it: Record, and in Arg the verb and an observation,
// or itemsMark where the renglones of a spreadsheet are meant, then ofFiles and which files.
const (
	wordPurpose = "for"
	itemsMark   = "items"
	ofFiles     = "/"
)

const (
	maxPurposes = 8         // that are offered
	maxWaiting  = 200 << 10 // bytes of renglones
	waitingLife = 24 * time.Hour
)

// purpose is what files may be for.
type purpose struct {
	record      core.Record
	verb        core.Verb
	observation string // that is answered; itemsMark for the renglones; "" for none
}

// ofItems reports whether renglones are meant.
func (p purpose) ofItems() bool { return p.observation == itemsMark }

func (p purpose) label() string {
	if p.ofItems() {
		return es.ItemsFor(p.record, p.verb)
	}
	return es.FileFor(p.record, p.verb, p.observation)
}

// waiting are files that wait to be told what they are for.
type waiting struct {
	Files   []core.Attachment `json:"files"`
	Caption string            `json:"caption,omitempty"`
	Items   []core.Item       `json:"items,omitempty"` // of a spreadsheet
	Text    []string          `json:"text,omitempty"`  // what the question says of them
}

// waitingKey is that of the files that wait under an id; "" for those of when there was
// one place for all.
func (c *conversation) waitingKey(id string) string {
	if id == "" {
		return "files:" + c.Account.ID
	}
	return "files:" + c.Account.ID + ":" + id
}

// newFiles is the id of the files of an input: the same for every delivery of it, and
// short enough for a button.
func (c *conversation) newFiles() string {
	h := fnv.New32a()
	_, _ = io.WriteString(h, c.In.Platform+c.In.Once)
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// purposes are what files may be for: where they are renglones whatever asks for those,
// then what is the person's turn, what they filed or have in hand, and last an annex to
// any of these.
func (c *conversation) purposes(ctx context.Context) ([]purpose, error) {
	var records []core.Record
	for _, u := range []desk.Union{c.Desk.OwedBy(c.Actor), c.Desk.MineOf(c.Actor)} {
		part, err := c.Desk.Read(ctx, u, desk.Place{}, view.PageSize)
		if err != nil {
			return nil, err
		}
		for _, r := range part.Records {
			if !slices.ContainsFunc(records, func(o core.Record) bool { return o.ID == r.ID }) {
				records = append(records, r)
			}
		}
	}
	var sheets, first, annexes []purpose
	for _, r := range records {
		for _, row := range core.Allowed(r, c.Actor, c.Now) {
			if slices.Contains(slices.Concat(row.Needs, row.Asks), core.FieldItems) {
				sheets = append(sheets, purpose{r, row.Verb, itemsMark})
			}
			switch {
			case !slices.Contains(slices.Concat(row.Needs, row.Asks), core.FieldFiles):
			case row.Verb == core.VerbAttach:
				annexes = append(annexes, purpose{r, row.Verb, ""})
			case row.Verb == core.VerbAnswer:
				for _, o := range r.Pending() {
					first = append(first, purpose{r, row.Verb, strconv.Itoa(o.N)})
				}
			default:
				first = append(first, purpose{r, row.Verb, ""})
			}
		}
	}
	if d, no, err := c.Form(ctx, word.File, ""); err == nil && no == nil {
		sheets = append(sheets, purpose{core.Record{}, d.Verb, itemsMark})
	}
	return slices.Concat(sheets, first, annexes), nil
}

// askPurpose keeps files that nobody asked for, and asks what they are for.
func (c *conversation) askPurpose(ctx context.Context) (Reply, error) {
	all, err := c.purposes(ctx)
	if err != nil {
		return Reply{}, err
	}
	var w waiting
	var text []string
	if slices.ContainsFunc(all, purpose.ofItems) { // else nothing need be fetched
		if w, text, err = c.sheetUnasked(ctx); err != nil {
			return Reply{}, err
		}
	}
	purposes := all
	if len(w.Items) == 0 {
		purposes = slices.DeleteFunc(all, purpose.ofItems)
	}
	if purposes = purposes[:min(len(purposes), maxPurposes)]; len(purposes) == 0 {
		return Reply{Toast: strings.Join(append(text, es.Say(es.FilesForNothing)), "\n")}, nil
	}
	stored := c.forms.Receive(ctx, form.ForUpload, form.Answer{}, c.In.Files)
	if w.Files, w.Caption = stored.Kept, c.In.Caption(); len(w.Items) == 0 {
		if len(stored.Kept) == 0 {
			return Reply{Toast: strings.Join(append(text, stored.Problem), "\n")}, nil
		}
		text = append([]string{es.FilesWait(stored.Kept)}, text...)
		if stored.Problem != "" {
			text = append(text, stored.Problem)
		}
	} else if len(stored.Kept) == 0 { // a list is no annex
		purposes = slices.DeleteFunc(purposes, func(p purpose) bool { return !p.ofItems() })
	}
	w.Text = text
	body, err := json.Marshal(w)
	if err != nil {
		return Reply{}, fmt.Errorf("write the files: %w", err)
	}
	id := c.newFiles()
	_, rev, err := c.Sessions.Get(ctx, c.waitingKey(id), c.Now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return Reply{}, fmt.Errorf("look for files: %w", err)
	}
	if _, err := c.Sessions.Put(ctx, c.waitingKey(id), body, rev, c.Now, c.Now.Add(waitingLife)); err != nil {
		return Reply{}, fmt.Errorf("keep the files: %w", err)
	}
	question := c.purposeCard(purposes, text, id)
	shows := screen.View{Same: wordPurpose + ":" + id, Word: wordPurpose, Arg: id}
	for _, p := range purposes {
		if p.record.ID != "" {
			shows.Of = append(shows.Of, p.record.ID)
		}
	}
	return Reply{Card: &question, Shows: shows}, nil
}

// purposeCard asks what files are for that wait under an id.
func (c *conversation) purposeCard(purposes []purpose, text []string, id string) card.Card {
	question := card.Card{Story: es.Story{Title: es.Say(es.WhatFor), Text: text}}
	for _, p := range purposes {
		token := card.Token{Word: wordPurpose, Record: p.record.ID, Version: p.record.Version, Arg: string(p.verb)}
		if p.observation != "" {
			token.Arg += " " + p.observation
		}
		token.Arg += ofFiles + id
		question.Rows = append(question.Rows, []card.Action{{Label: p.label(), Opens: true, Token: c.Sealed(token)}})
	}
	return question
}

// askedPurpose is the question as it is now; false where no files wait any more, or there
// is nothing that they could be for.
func (c *conversation) askedPurpose(ctx context.Context, id string) (card.Card, bool, error) {
	w, err := c.waiting(ctx, id)
	if err != nil {
		return card.Card{}, false, err
	}
	all, err := c.purposes(ctx)
	if err != nil || len(w.Text) == 0 { // nothing waits, or since before the question was kept too
		return card.Card{}, false, err
	}
	all = slices.DeleteFunc(all, func(p purpose) bool { return p.ofItems() && len(w.Items) == 0 || !p.ofItems() && len(w.Files) == 0 })
	if len(all) == 0 {
		return card.Card{}, false, nil
	}
	return c.purposeCard(all[:min(len(all), maxPurposes)], w.Text, id), true, nil
}

// waiting are the files that wait under an id; none where they do not any more.
func (c *conversation) waiting(ctx context.Context, id string) (w waiting, err error) {
	body, _, err := c.Sessions.Get(ctx, c.waitingKey(id), c.Now)
	if errors.Is(err, desk.ErrNotFound) {
		return waiting{}, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &w)
	}
	if err != nil {
		return waiting{}, fmt.Errorf("look for files: %w", err)
	}
	return w, nil
}

// sheetUnasked are the renglones of a spreadsheet that came alone, and what is to be said
// of it; nothing where it is none.
func (c *conversation) sheetUnasked(ctx context.Context) (w waiting, text []string, err error) {
	if len(c.In.Files) != 1 || !filling.MayBeSheet(c.In.Files[0]) {
		return w, nil, nil
	}
	table, wrong, is, err := c.forms.Sheet(ctx, c.In.Files[0])
	switch {
	case err != nil: // it may be kept all the same
		c.Afterwards(ctx, "a file was not looked into", err)
		return w, nil, nil
	case !is:
		return w, nil, nil
	case wrong != "":
		return w, []string{wrong}, nil
	}
	w.Items = table.Items
	if body, err := json.Marshal(w); err != nil || len(body) > maxWaiting {
		return waiting{}, nil, err
	}
	return w, es.SheetWaits(c.In.Files[0].Name, len(table.Items), table.Note), nil
}

// openForPurpose opens the form that the waiting files are for, with them in it.
func (c *conversation) openForPurpose(ctx context.Context, tok card.Token) (Reply, error) {
	act, id, _ := strings.Cut(tok.Arg, ofFiles)
	w, err := c.waiting(ctx, id)
	if err != nil {
		return Reply{}, err
	}
	if len(w.Files) == 0 && len(w.Items) == 0 {
		return Reply{Toast: es.Say(es.FilesGone)}, nil
	}
	verb, observation, _ := strings.Cut(act, " ")
	brought := filling.Brought{Files: w.Files, Caption: w.Caption}
	if observation == itemsMark {
		observation, brought = "", filling.Brought{Items: w.Items}
	}
	if tok.Record == "" {
		d, no, err := c.Form(ctx, word.File, "")
		if err != nil || no != nil {
			return c.hint(), err
		}
		return c.openWith(ctx, d, brought, id)
	}
	s, no, err := c.Scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	tok = card.Token{Word: verb, Record: tok.Record, Version: tok.Version, Arg: observation}
	preset := card.Preset(s.Record, core.Verb(verb), observation)
	if no != nil || !allowed(s, core.Verb(verb)) {
		return c.Decide(ctx, tok.Record, c.command(tok, preset))
	}
	d := form.Draft{Verb: core.Verb(verb), Kind: s.Record.Kind, Record: tok.Record, Seen: s.Record.Version, Preset: preset}
	return c.openWith(ctx, d, brought, id)
}

// openWith opens a form with what waited under an id.
func (c *conversation) openWith(ctx context.Context, d form.Draft, brought filling.Brought, id string) (Reply, error) {
	reply, taken, err := c.forms.OpenWith(ctx, d, brought)
	if err == nil && taken {
		c.Afterwards(ctx, "files that are in a form wait still", c.Sessions.Delete(ctx, c.waitingKey(id)))
	}
	return session.RedrawnTap(c.In, reply), err
}
