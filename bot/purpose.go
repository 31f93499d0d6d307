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

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/bot/session"
	"sidem/bot/view"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// Files that came though no question was open: they are kept for a day, and the person
// is asked what they are for. What came in another message is asked about by itself.

// wordPurpose is the button that says it: Record, and in Arg the verb and an observation,
// then ofFiles and which files.
const (
	wordPurpose = "for"
	ofFiles     = "/"
)

const (
	maxPurposes = 8 // that are offered
	waitingLife = 24 * time.Hour
)

// purpose is what files may be for.
type purpose struct {
	record      core.Record
	verb        core.Verb
	observation string // that is answered; "" for none
}

// waiting are files that wait to be told what they are for.
type waiting struct {
	Files   []core.Attachment `json:"files"`
	Caption string            `json:"caption,omitempty"`
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

// purposes are what files may be for: what is the person's turn first, then what they
// filed or have in hand, and last an annex to any of these.
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
	var first, annexes []purpose
	for _, r := range records {
		for _, row := range core.Allowed(r, c.Actor, c.Now) {
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
	all := slices.Concat(first, annexes)
	return all[:min(len(all), maxPurposes)], nil
}

// askPurpose keeps files that nobody asked for, and asks what they are for.
func (c *conversation) askPurpose(ctx context.Context) (Reply, error) {
	purposes, err := c.purposes(ctx)
	if err != nil {
		return Reply{}, err
	}
	if len(purposes) == 0 {
		return Reply{Toast: es.Say(es.FilesForNothing)}, nil
	}
	stored := c.forms.Take(ctx, form.ForUpload, form.Answer{}, c.In.Files)
	if len(stored.Kept) == 0 {
		return Reply{Toast: stored.Problem}, nil
	}
	body, err := json.Marshal(waiting{Files: stored.Kept, Caption: c.In.Text})
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
	question := card.Card{Story: es.Story{Title: es.Say(es.WhatFor), Text: []string{es.FilesWait(stored.Kept)}}}
	if stored.Problem != "" {
		question.Text = append(question.Text, stored.Problem)
	}
	for _, p := range purposes {
		token := card.Token{Word: wordPurpose, Record: p.record.ID, Version: p.record.Version, Arg: string(p.verb)}
		if p.observation != "" {
			token.Arg += " " + p.observation
		}
		token.Arg += ofFiles + id
		label := es.FileFor(p.record, p.verb, p.observation)
		question.Rows = append(question.Rows, []card.Action{{Label: label, Opens: true, Token: c.Sealed(token)}})
	}
	return Reply{Card: &question}, nil
}

// openForPurpose opens the form that the waiting files are for, with them in it.
func (c *conversation) openForPurpose(ctx context.Context, tok card.Token) (Reply, error) {
	act, id, _ := strings.Cut(tok.Arg, ofFiles)
	body, _, err := c.Sessions.Get(ctx, c.waitingKey(id), c.Now)
	if errors.Is(err, desk.ErrNotFound) {
		return Reply{Toast: es.Say(es.FilesGone)}, nil
	}
	if err != nil {
		return Reply{}, fmt.Errorf("look for files: %w", err)
	}
	var w waiting
	if err := json.Unmarshal(body, &w); err != nil {
		return Reply{}, fmt.Errorf("read the files: %w", err)
	}
	verb, observation, _ := strings.Cut(act, " ")
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
	reply, taken, err := c.forms.OpenWith(ctx, d, w.Files, w.Caption)
	if err == nil && taken {
		c.Afterwards(ctx, "files that are in a form wait still", c.Sessions.Delete(ctx, c.waitingKey(id)))
	}
	return session.RedrawnTap(c.In, reply), err
}
