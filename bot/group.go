package bot

import (
	"context"
	"errors"
	"strings"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// wordPrivate is the button of a notice in a group. It is sealed for nobody in
// particular: whoever presses it is shown, in private, what they themselves may see.
const wordPrivate = "private"

// anybody is who the buttons of a group are sealed for.
const anybody = ""

// startShow begins the payload of a deep link that shows a request: "ver-147-2026".
const startShow = "ver-"

// group answers in a place that others read: a command gets a short notice
// without anything of anybody's, everything else silence.
func (t *conversation) group(ctx context.Context) (Reply, error) {
	word, rest := split(t.In.Text)
	if !strings.HasPrefix(word, "/") {
		return Reply{}, nil
	}
	if _, ours := find(word); !ours {
		return Reply{}, nil
	}
	c := card.Card{Story: es.Story{Title: es.Say(es.GroupTitle), Text: []string{es.Say(es.GroupText)}}}
	arg, payload := word, ""
	if number := strings.TrimPrefix(rest, "#"); word == "/solicitud" && isNumber(number) && len(number) <= maxNumber {
		r, err := t.shared(ctx, number)
		if err != nil {
			return Reply{}, err
		}
		if r.ID != "" {
			c.Story = es.Story{Title: es.State(r.Kind, r.State), Head: "Solicitud número " + r.Number}
			number = r.Number
		}
		arg, payload = number, startShow+strings.ReplaceAll(number, "/", "-")
	}
	c.Rows = [][]card.Action{{{
		Label: es.Say(es.ButtonPrivate), Token: t.Seal.Seal(anybody, card.Token{Word: wordPrivate, Arg: arg}),
	}}}
	t.invite(&c, payload)
	return Reply{Card: &c, Open: true}, nil
}

// maxNumber is the longest that a number is written, "000147/2026".
const maxNumber = 11

// shared is the request of a number whose state may be told where the person wrote:
// one that they may see themselves; the zero Record for any other.
func (t *conversation) shared(ctx context.Context, number string) (core.Record, error) {
	if t.Account.ID == "" {
		return core.Record{}, nil
	}
	r, err := t.Desk.ByNumber(ctx, t.Actor, number)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Record{}, nil
	}
	return r, err
}

// invite adds the way to the private chat for those who never opened it.
func (t *conversation) invite(c *card.Card, payload string) {
	if t.engine.Invite == nil {
		return
	}
	url := t.engine.Invite(t.In.Platform, payload)
	if url == "" {
		return
	}
	c.Rows = append(c.Rows, []card.Action{{Label: es.Say(es.ButtonOpenChat), URL: url}})
}

// tapOfOthers answers the buttons that are not sealed for an account: those of a
// notice in a group, for whoever presses them, and of the question by name, which
// comes again after it was answered. failed is why the token is not the account's.
func (t *conversation) tapOfOthers(ctx context.Context, failed error) (Reply, bool, error) {
	if failed == nil {
		return Reply{}, false, nil
	}
	if tok, ok := t.claimed(); ok && tok.Word == wordClaim {
		reply, err := t.greet(ctx)
		return reply, true, err
	}
	tok, err := t.Seal.Open(anybody, t.In.Tap)
	if err != nil || tok.Word != wordPrivate {
		return Reply{}, false, nil
	}
	reply, err := t.privately(ctx, tok.Arg)
	if err == nil && reply.Toast == "" {
		reply.Toast = es.Say(es.SentInPrivate)
	}
	return reply, true, err
}

// privately does, for whoever pressed, what was written in the group: a number, or
// a word without what followed it.
func (t *conversation) privately(ctx context.Context, arg string) (Reply, error) {
	if c, ok := find(arg); ok {
		return t.run(ctx, c, "")
	}
	return t.show(ctx, arg)
}

// started is the number that the payload of a deep link shows; "" for another.
func started(payload string) string {
	number, ok := strings.CutPrefix(payload, startShow)
	if !ok {
		return ""
	}
	return strings.Replace(number, "-", "/", 1)
}
