package bot

import (
	"context"
	"errors"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/linking"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// wordPrivate is the button of a notice in a group. It is sealed for nobody in
// particular: whoever presses it is shown, in private, what they themselves may see.
const wordPrivate = "private"

// anybody is who the buttons of a group are sealed for.
const anybody = ""

// MayExpose reports whether a text may hold a password or a code: in a group the engine is
// to see it, whoever wrote it.
func MayExpose(text string) bool { return linking.MayExpose(text) }

// inGroup reports whether it was written where others read it.
func (c *conversation) inGroup() bool { return !c.In.Private && c.In.Tap == "" && c.In.Form == nil }

// notForUs reports whether it was written in a group, and is no command nor anything that
// looks like a secret.
func (c *conversation) notForUs() bool {
	return c.inGroup() && !strings.HasPrefix(c.In.Text, "/") && !linking.Exposes(c.In.Text+"\n"+c.In.Quoted)
}

// group answers in a place that others read: a command gets a short notice
// without anything of anybody's, everything else silence.
func (c *conversation) group(ctx context.Context) (Reply, error) {
	if reply, ok, err := c.linking.Exposed(ctx); ok || err != nil {
		return reply, err
	}
	first, rest := word.Split(c.In.Text)
	if !strings.HasPrefix(first, "/") || c.In.Edited {
		return Reply{}, nil
	}
	row, ours := word.Find(first)
	if !ours {
		return Reply{}, nil
	}
	notice := card.Card{Story: es.Story{Title: es.Say(es.GroupTitle), Text: []string{es.Say(es.GroupText)}}}
	arg, payload := first, ""
	if number := strings.TrimPrefix(rest, "#"); row.Name == word.Show && view.IsNumber(number) && len(number) <= maxNumber {
		r, err := c.shared(ctx, number)
		if err != nil {
			return Reply{}, err
		}
		if r.ID != "" {
			notice.Story = es.Story{Title: es.State(r.Kind, r.State), Head: "Solicitud número " + r.Number}
			number = r.Number
		}
		arg, payload = number, linking.ShowPayload(number)
	}
	notice.Rows = [][]card.Action{{{
		Label: es.Say(es.ButtonPrivate), Token: c.Seal.Seal(anybody, card.Token{Word: wordPrivate, Arg: arg}),
	}}}
	if url := c.invite(payload); url != "" { // for those who never opened it
		notice.Rows = append(notice.Rows, []card.Action{{Label: es.Say(es.ButtonOpenChat), URL: url}})
	}
	return Reply{Card: &notice, Open: true}, nil
}

// maxNumber is the longest that a number is written, "000147/2026".
const maxNumber = 11

// shared is the request of a number whose state may be told where the person wrote:
// one that they may see themselves; the zero Record for any other.
func (c *conversation) shared(ctx context.Context, number string) (core.Record, error) {
	if c.Account.ID == "" {
		return core.Record{}, nil
	}
	r, err := c.Desk.ByNumber(ctx, c.Actor, number)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Record{}, nil
	}
	return r, err
}
