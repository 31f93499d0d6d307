package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/filling"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/view"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// pressed is the token of the pressed button; the zero Token for none, and for a button
// that is not the person's.
func (c *conversation) pressed() card.Token {
	if c.In.Tap == "" {
		return card.Token{}
	}
	tok, err := c.Seal.Open(c.Account.ID, c.In.Tap)
	if err != nil {
		return card.Token{}
	}
	return tok
}

// likely is what a button decides that is neither a question nor a form; the zero Command
// for any other.
func (c *conversation) likely(tok card.Token) core.Command {
	if !isVerb(core.Verb(tok.Word)) {
		return core.Command{}
	}
	return c.command(tok, nil)
}

// tap answers a button. Its token says what was wished; whether it is granted
// the core decides now.
func (c *conversation) tap(ctx context.Context) (Reply, error) {
	tok, err := c.Seal.Open(c.Account.ID, c.In.Tap)
	if reply, done, failed := c.tapOfOthers(ctx, err); done || failed != nil {
		return reply, failed
	}
	if err != nil {
		return Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Stale}, "", c.Now), Alert: true}, nil
	}
	switch {
	case strings.HasPrefix(tok.Word, "/"):
		if w, ok := find(tok.Word); ok {
			return c.run(ctx, w, tok.Arg)
		}
		return c.hint(), nil
	case tok.Word == wordPurpose:
		return c.openForPurpose(ctx, tok)
	case tok.Word == form.WordResume:
		return c.forms.Resume(ctx, tok.Record)
	case strings.HasPrefix(tok.Word, form.Prefix):
		return c.forms.Pressed(ctx, tok)
	case tok.Word == view.WordPage:
		return c.views.TurnPage(ctx, tok)
	case tok.Word == view.WordBases:
		return c.views.Bases(ctx, tok)
	case tok.Word == view.WordList:
		return c.views.List(ctx, view.ListName(tok.Arg), "")
	case tok.Word == session.WordHow:
		return c.views.HowToDeliver(), nil
	case tok.Word == card.WordShow:
		return c.show(ctx, tok.Record, session.DrawInPlace)
	case view.Shows(tok.Word):
		return c.views.Record(ctx, tok)
	case tok.Word == card.WordOpen:
		return c.show(ctx, tok.Record, session.DrawAnew)
	case tok.Word == card.WordLater:
		return c.snooze(ctx, tok)
	case strings.HasPrefix(tok.Word, card.WordAsk):
		return c.ask(ctx, tok)
	}
	return c.decide(ctx, tok)
}

// show has the card of the pressed record drawn, which is the answer; where the person may
// not see it none comes, and that is said.
func (c *conversation) show(ctx context.Context, record string, how session.Way) (Reply, error) {
	if c.Case.Record.ID != record || record == "" || !c.Desk.Sees(c.Case) {
		return c.Refused(ctx, record, &core.Refusal{Reason: core.NotFound, Value: c.Case.Record.Number})
	}
	return Reply{}, c.Draw(ctx, record, how)
}

// snooze puts the reminder that was pressed off. It goes by the request as it is
// now: a reminder shows no version.
func (c *conversation) snooze(ctx context.Context, tok card.Token) (Reply, error) {
	if err := c.takeOver(ctx); err != nil {
		return Reply{}, err
	}
	out, err := c.Desk.Do(ctx, c.Actor, tok.Record, core.Command{
		Verb: core.VerbSnooze, Fields: map[core.Field]string{core.FieldUntil: tok.Arg}, Where: c.In.Platform, Once: c.In.Once,
	})
	if err != nil {
		return Reply{}, fmt.Errorf("snooze: %w", err)
	}
	said := es.NotReminded()
	if day, err := core.ParseDay(tok.Arg); err == nil && out.Refusal == nil {
		said = es.SnoozedUntil(day)
	}
	head := es.Short(out.Record)
	return Reply{Card: &card.Card{Story: es.Story{Title: said, Head: head}}, Redraw: true}, nil
}

// ask turns the message into the question whether the act is meant. An act that
// is not open any more is refused at once, in the trail.
func (c *conversation) ask(ctx context.Context, tok card.Token) (Reply, error) {
	tok.Word = strings.TrimPrefix(tok.Word, card.WordAsk)
	if !c.mayPress(core.Verb(tok.Word)) || c.Case.Record.Version != tok.Version {
		return c.Decide(ctx, tok.Record, c.command(tok, nil))
	}
	s := c.Desk.Brief(c.Case)
	if s.Record.Kind != core.KindRequest { // which is asked about by its number and subject alone
		var err error
		if s, err = c.Desk.Outline(ctx, c.Case); err != nil {
			return Reply{}, err
		}
	}
	question := card.Asking(s, c.Seal, tok)
	return Reply{Card: &question, Redraw: true, Shows: screen.OfCard(tok.Record)}, nil
}

// mayPress reports whether the person may know of the record that the pressed button is
// about, and give a verb on it.
func (c *conversation) mayPress(v core.Verb) bool {
	return c.Desk.Sees(c.Case) && allowed(c.Desk.Brief(c.Case), v)
}

// decide carries out a verb that a button brought, or opens the form that it needs.
func (c *conversation) decide(ctx context.Context, tok card.Token) (Reply, error) {
	r, verb := c.Case.Record, core.Verb(tok.Word)
	preset := card.Preset(r, verb, tok.Arg)
	if c.mayPress(verb) && r.Version == tok.Version && card.Asks(r, verb, preset) {
		if f := card.FormOf(c.Desk.Brief(c.Case), "", verb, preset); len(f.Questions) > 0 {
			d := form.Draft{Verb: verb, Kind: r.Kind, Record: tok.Record, Seen: tok.Version, Preset: preset}
			return c.forms.Open(ctx, form.Assuming(d, r, c.Now), tok)
		}
	}
	return c.Decide(ctx, tok.Record, c.command(tok, preset))
}

// suspended answers a person whose account is: what they pressed or sent is
// refused by the core, in the trail of the record that it was about.
func (c *conversation) suspended(ctx context.Context) (Reply, error) {
	words := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", c.Now)}
	if c.inGroup() { // nobody there is told; a secret that they wrote is spent all the same
		reply, _, err := c.linking.Exposed(ctx)
		return Reply{Forget: reply.Forget}, err
	}
	token := c.In.Tap
	if c.In.Form != nil {
		token = filling.Opener(c.In.Form.Token)
	}
	tok, err := c.Seal.Open(c.Account.ID, token)
	if err != nil {
		return words, nil
	}
	command, record := c.command(tok, nil), tok.Record
	command.Verb = core.Verb(strings.TrimPrefix(tok.Word, card.WordAsk))
	if tok.Word == form.WordOf(form.Send) {
		if command, record, err = c.forms.Sent(ctx); err != nil {
			return Reply{}, err
		}
	}
	if record == "" || !isVerb(command.Verb) {
		return words, nil
	}
	return c.Decide(ctx, record, command)
}

// isVerb tells what decides something from the bot's own words.
func isVerb(v core.Verb) bool {
	return slices.ContainsFunc(core.Lifecycles, func(lc core.Lifecycle) bool { _, ok := lc.Verb(v); return ok })
}

// tapOfOthers answers the buttons that are not sealed for an account: those of a
// notice in a group, for whoever presses them, and of the question by name, which
// comes again after it was answered. failed is why the token is not the account's.
func (c *conversation) tapOfOthers(ctx context.Context, failed error) (Reply, bool, error) {
	if failed == nil {
		return Reply{}, false, nil
	}
	if reply, again, err := c.linking.PressedAgain(ctx); again || err != nil {
		return reply, true, err
	}
	tok, err := c.Seal.Open(anybody, c.In.Tap)
	if err != nil || tok.Word != wordPrivate {
		return Reply{}, false, nil
	}
	reply, err := c.privately(ctx, tok.Arg)
	if err == nil && reply.Toast == "" {
		reply.Toast = es.Say(es.SentInPrivate)
	}
	return reply, true, err
}

// privately does, for whoever pressed, what was written in the group: a number, or
// a word without what followed it.
func (c *conversation) privately(ctx context.Context, arg string) (Reply, error) {
	if w, ok := find(arg); ok {
		return c.run(ctx, w, "")
	}
	return c.views.Number(ctx, arg)
}
