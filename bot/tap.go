package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/filling"
	"sidem/bot/form"
	"sidem/bot/session"
	"sidem/core"
	"sidem/core/es"
)

// tap answers a button. Its token says what was wished; whether it is granted
// the core decides now.
func (t *conversation) tap(ctx context.Context) (Reply, error) {
	tok, err := t.Seal.Open(t.Account.ID, t.In.Tap)
	if reply, done, failed := t.tapOfOthers(ctx, err); done || failed != nil {
		return reply, failed
	}
	if err != nil {
		return Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Stale}, "", t.Now)}, nil
	}
	switch {
	case strings.HasPrefix(tok.Word, "/"):
		if c, ok := find(tok.Word); ok {
			return t.run(ctx, c, tok.Arg)
		}
		return t.hint(), nil
	case tok.Word == wordFor:
		return t.meant(ctx, tok)
	case tok.Word == form.WordResume:
		return t.forms.Resume(ctx, tok.Record)
	case strings.HasPrefix(tok.Word, form.Prefix):
		return t.forms.Pressed(ctx, tok)
	case tok.Word == wordPage:
		return t.turnPage(ctx, tok)
	case tok.Word == wordList:
		return t.openList(ctx, tok.Arg, "")
	case tok.Word == session.WordHow:
		return t.how(), nil
	case tok.Word == card.WordShow:
		return Reply{}, t.Draw(ctx, tok.Record, session.DrawInPlace)
	case shows[tok.Word] != nil:
		return t.look(ctx, tok)
	case tok.Word == wordOpen:
		return Reply{}, t.Draw(ctx, tok.Record, session.DrawAnew)
	case tok.Word == card.WordLater:
		return t.snooze(ctx, tok)
	case strings.HasPrefix(tok.Word, card.WordAsk):
		return t.ask(ctx, tok)
	}
	return t.decide(ctx, tok)
}

// wordOpen posts a record's card as a new message.
const wordOpen = card.WordOpen

// snooze puts the reminder that was pressed off. It goes by the request as it is
// now: a reminder shows no version.
func (t *conversation) snooze(ctx context.Context, tok card.Token) (Reply, error) {
	out, err := t.Desk.Do(ctx, t.Actor, tok.Record, core.Command{
		Verb: core.VerbSnooze, Fields: map[core.Field]string{core.FieldUntil: tok.Arg}, Where: t.In.Platform, Once: t.In.Once,
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
func (t *conversation) ask(ctx context.Context, tok card.Token) (Reply, error) {
	tok.Word = strings.TrimPrefix(tok.Word, card.WordAsk)
	s, no, err := t.Scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	if no != nil || !allowed(s, core.Verb(tok.Word)) || s.Record.Version != tok.Version {
		return t.Decide(ctx, tok.Record, t.command(tok, nil))
	}
	question := card.Asking(s, t.Seal, tok)
	return Reply{Card: &question, Redraw: true}, nil
}

// decide carries out a verb that a button brought, or opens the form that it needs.
func (t *conversation) decide(ctx context.Context, tok card.Token) (Reply, error) {
	s, no, err := t.Scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	verb := core.Verb(tok.Word)
	preset := card.Preset(s.Record, verb, tok.Arg)
	if no == nil && allowed(s, verb) {
		if f := card.FormOf(s, "", verb, preset); len(f.Questions) > 0 && s.Record.Version == tok.Version && card.Asks(s.Record, verb, preset) {
			return t.forms.Open(ctx, form.Draft{Verb: verb, Kind: s.Record.Kind, Record: tok.Record, Seen: tok.Version, Preset: preset}, tok)
		}
	}
	return t.Decide(ctx, tok.Record, t.command(tok, preset))
}

func (t *conversation) command(tok card.Token, fields map[core.Field]string) core.Command {
	return core.Command{Verb: core.Verb(tok.Word), Fields: fields, Seen: tok.Version, Where: t.In.Platform, Once: t.In.Once}
}

// suspended answers a person whose account is: what they pressed or sent is
// refused by the core, in the trail of the record that it was about.
func (t *conversation) suspended(ctx context.Context) (Reply, error) {
	words := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.Now)}
	if !t.In.Private && t.In.Tap == "" && t.In.Form == nil && !strings.HasPrefix(t.In.Text, "/") {
		return Reply{}, nil // what is written in a group is not for SIDEM
	}
	token := t.In.Tap
	if t.In.Form != nil {
		token = filling.Opener(t.In.Form.Token)
	}
	tok, err := t.Seal.Open(t.Account.ID, token)
	if err != nil {
		return words, nil
	}
	c, record := t.command(tok, nil), tok.Record
	c.Verb = core.Verb(strings.TrimPrefix(tok.Word, card.WordAsk))
	if tok.Word == form.WordOf(form.Send) {
		if c, record, err = t.forms.Sent(ctx); err != nil {
			return Reply{}, err
		}
	}
	if record == "" || !isVerb(c.Verb) {
		return words, nil
	}
	return t.Decide(ctx, record, c)
}

// isVerb tells what decides something from the bot's own words.
func isVerb(v core.Verb) bool {
	return slices.ContainsFunc(core.Lifecycles, func(lc core.Lifecycle) bool { _, ok := lc.Verb(v); return ok })
}

func allowed(s core.Scene, v core.Verb) bool {
	return slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(row core.Transition) bool { return row.Verb == v })
}
