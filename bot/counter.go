package bot

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// What a pass, or a person at the counter, may give: a number of a request with
// its year, and a code of six digits, read aloud or not ("483 920").
var (
	fullNumber = regexp.MustCompile(`\b\d{1,6}/\d{2,4}\b`)
	pickupCode = regexp.MustCompile(`\b(\d{3})[ -]?(\d{3})\b`)
	// Both, the number without its year: "1 483 920", "1, código 483920", "483920 del 1".
	numberCode = regexp.MustCompile(`^\D*(\d{1,6})\D+(\d{3})[ -]?(\d{3})\D*$`)
	codeNumber = regexp.MustCompile(`^\D*(\d{3})[ -]?(\d{3})\D+(\d{1,6})\D*$`)
)

// runHandOver opens the hand-over of an opinion by the number of its request, by
// the pickup code, or by what a pass says, typed or photographed.
func runHandOver(ctx context.Context, c *conversation, w command, arg string) (Reply, error) {
	arg = strings.TrimSpace(arg)
	if arg == "" && len(c.In.Files) > 0 {
		said, ok, err := c.forms.Photo(ctx)
		if err != nil || !ok {
			return Reply{Toast: es.NoPassInPhoto}, err
		}
		arg = said
	}
	if arg == "" {
		return Reply{Toast: es.Say(es.AskPickup)}, nil
	}
	r, code, no, err := c.pickup(ctx, arg)
	switch {
	case no != nil:
		return Reply{Toast: es.Refuse(no, "", c.Now)}, nil
	case errors.Is(err, desk.ErrNotFound):
		return Reply{Toast: es.Say(es.NoPickup)}, nil
	case errors.Is(err, errMany):
		return Reply{Toast: es.Say(es.PickupMany)}, nil
	case err != nil:
		return Reply{}, err
	}
	s, no, err := c.Scene(ctx, r.ID)
	if err != nil {
		return Reply{}, err
	}
	if no == nil { // who is told of its state has seen it too
		if err := c.Desk.Looked(ctx, c.Account.ID, core.SawCard, s.Record); err != nil {
			return Reply{}, err
		}
	}
	if no != nil || !allowed(s, core.VerbHandOver) {
		return c.Decide(ctx, r.ID, core.Command{Verb: core.VerbHandOver, Where: c.In.Platform, Once: c.In.Once})
	}
	if rest, ok := strings.CutPrefix(arg, argForm); ok {
		return c.openForm(ctx, w, rest)
	}
	found := c.pickupCard(s, code)
	return Reply{Card: &found, Shows: pickupView(r.ID, code)}, nil
}

// pickupView is the card of a hand-over as it is known on the screen, with the code that was
// found right.
func pickupView(record, code string) screen.View {
	return screen.View{Same: word.HandOver + ":" + record, Word: word.HandOver, Record: record, Of: []string{record}, Arg: code}
}

// pickupAgain is the card of a hand-over once more. The code that was right may not be now.
func (c *conversation) pickupAgain(ctx context.Context, v screen.View) (card.Card, bool, error) {
	s, no, err := c.Scene(ctx, v.Record)
	if err != nil || no != nil {
		return card.Card{}, false, err
	}
	if !allowed(s, core.VerbHandOver) {
		left := c.pickupCard(s, "")
		left.Rows = nil
		return left, false, nil
	}
	right, err := c.Desk.HasCode(ctx, s.Record, v.Arg)
	if err != nil {
		return card.Card{}, false, err
	}
	if !right {
		v.Arg = ""
	}
	return c.pickupCard(s, v.Arg), true, nil
}

// pickupCard is an opinion that waits at the counter. Its button is a word: it decides
// nothing, and asks anew what is to be handed over.
func (c *conversation) pickupCard(s core.Scene, code string) card.Card {
	r := s.Record
	tok := card.Token{Word: word.HandOver, Arg: argForm + r.Number}
	if code != "" {
		tok.Arg += " " + code
	}
	found := card.Card{
		Story: es.Story{Title: es.Say(es.PickupTitle), Head: "Solicitud número " + r.Number, Subject: r.Fields[core.FieldSubject]},
		Rows: [][]card.Action{{{
			Label: es.Say(es.ButtonHandOver), Style: card.Primary, Opens: true, Token: c.Sealed(tok),
		}}},
	}
	found.Facts = []es.Fact{
		{Label: es.Field(core.FieldOpinionNumber), Value: r.Fields[core.FieldOpinionNumber]},
		es.InTheNameOf(s),
	}
	if code != "" {
		found.Text = []string{es.PickupCodeRight + "."}
	}
	return found
}

// argForm begins the arg of the button that opens the form.
const argForm = "+"

// errMany says that a code is that of several opinions.
var errMany = errors.New("several opinions have the code")

// readPickup takes apart what was given at the counter: the number of a request, and a code.
// Six digits and nothing else may be either.
func readPickup(arg string) (number, code string) {
	number = fullNumber.FindString(arg)
	if number == "" {
		if m := numberCode.FindStringSubmatch(arg); m != nil {
			return m[1], m[2] + m[3]
		}
		if m := codeNumber.FindStringSubmatch(arg); m != nil {
			return m[3], m[1] + m[2]
		}
	}
	rest := strings.TrimSpace(strings.Replace(strings.TrimPrefix(arg, argForm), number, " ", 1))
	if m := pickupCode.FindStringSubmatch(rest); m != nil {
		code = m[1] + m[2]
	}
	if number == "" && (code == "" || rest == code) {
		number = rest
	}
	return number, code
}

// pickup is the request that arg means, and its code where that was given. A code that is
// wrong is refused, and so are all after too many.
func (c *conversation) pickup(ctx context.Context, arg string) (r core.Record, right string, no *core.Refusal, err error) {
	number, code := readPickup(arg)
	if number != "" {
		r, err = c.numbered(ctx, number)
		isCode := number == code && errors.Is(err, desk.ErrNotFound)
		if !isCode && (err != nil || code == "" || number == code || r.State != core.StateIssued) {
			return r, "", nil, err
		}
	}
	opened := c.Case
	opened.Actor = c.Actor
	found, no, err := c.Desk.Pickup(ctx, opened, r.ID, core.Command{
		Fields: map[core.Field]string{core.FieldShown: code}, Where: c.In.Platform, Once: c.In.Once,
	})
	switch {
	case err != nil || no != nil:
		return core.Record{}, "", no, err
	case len(found) > 1:
		return core.Record{}, "", nil, errMany
	}
	return found[0], code, nil, nil
}

// numbered is the request of a number as somebody at the counter gave it.
func (c *conversation) numbered(ctx context.Context, number string) (core.Record, error) {
	found, err := c.Desk.Numbered(ctx, c.Actor, number)
	if err != nil {
		return core.Record{}, err
	}
	found = slices.DeleteFunc(found, func(r core.Record) bool { _, archived := r.Archived(); return archived })
	if len(found) == 0 { // what was archived was handed over long ago
		return core.Record{}, desk.ErrNotFound
	}
	r := found[0]
	if ready := slices.DeleteFunc(found, func(r core.Record) bool { return r.State != core.StateIssued }); len(ready) == 1 {
		r = ready[0] // of two years' the one that can be collected
	} else if len(ready) > 1 {
		return core.Record{}, errMany
	}
	return r, nil
}

// handOver is the form of the hand-over. A code in its arg was found to be the right one
// (pickup), and is not asked again.
func handOver(ctx context.Context, c *conversation, arg string) (form.Draft, error) {
	number, code := readPickup(arg)
	r, err := c.numbered(ctx, number)
	if err != nil {
		return form.Draft{}, err
	}
	d := form.Draft{Verb: core.VerbHandOver, Kind: core.KindRequest, Record: r.ID, Seen: r.Version}
	if code == "" {
		return d, nil
	}
	right, err := c.Desk.HasCode(ctx, r, code)
	if err != nil {
		return form.Draft{}, err
	}
	if right {
		d.Preset = map[core.Field]string{core.FieldShown: code, core.FieldIdentified: ""} // one is enough
	}
	return d, nil
}
