package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// tap answers a button. Its token says what was wished; whether it is granted
// the core decides now.
func (t *session) tap(ctx context.Context) (Reply, error) {
	tok, err := t.Seal.Open(t.account.ID, t.in.Tap)
	if reply, done, failed := t.tapOfOthers(ctx, err); done || failed != nil {
		return reply, failed
	}
	if err != nil {
		return Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Stale}, "", t.now)}, nil
	}
	switch {
	case strings.HasPrefix(tok.Word, "/"):
		if c, ok := find(tok.Word); ok {
			return t.run(ctx, c, tok.Arg)
		}
		return t.hint(), nil
	case tok.Word == form.WordResume:
		return t.resume(ctx, tok.Record)
	case strings.HasPrefix(tok.Word, form.Prefix):
		return t.pressed(ctx, tok)
	case tok.Word == wordPage:
		return t.turnPage(ctx, tok)
	case tok.Word == wordList:
		return t.openList(ctx, tok.Arg, "")
	case tok.Word == wordHow:
		return t.how(), nil
	case tok.Word == card.WordShow:
		return Reply{}, t.draw(ctx, tok.Record, drawInPlace)
	case shows[tok.Word] != nil:
		return t.look(ctx, tok)
	case tok.Word == wordOpen:
		return Reply{}, t.draw(ctx, tok.Record, drawAnew)
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
func (t *session) snooze(ctx context.Context, tok card.Token) (Reply, error) {
	out, err := t.Desk.Do(ctx, t.actor, tok.Record, core.Command{
		Verb: core.VerbSnooze, Fields: map[core.Field]string{core.FieldUntil: tok.Arg}, Where: t.in.Platform, Once: t.in.Once,
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

// scene is what the person may know of a record; ErrNotFound becomes a refusal.
func (t *session) scene(ctx context.Context, record string) (core.Scene, *core.Refusal, error) {
	s, err := t.Desk.Scene(ctx, record, t.account.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Scene{}, &core.Refusal{Reason: core.NotFound}, nil
	}
	return s, nil, err
}

// ask turns the message into the question whether the act is meant. An act that
// is not open any more is refused at once, in the trail.
func (t *session) ask(ctx context.Context, tok card.Token) (Reply, error) {
	tok.Word = strings.TrimPrefix(tok.Word, card.WordAsk)
	s, no, err := t.scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	if no != nil || !allowed(s, core.Verb(tok.Word)) || s.Record.Version != tok.Version {
		return t.do(ctx, tok.Record, t.command(tok, nil))
	}
	question := card.Asking(s, t.Seal, tok)
	return Reply{Card: &question, Redraw: true}, nil
}

func allowed(s core.Scene, v core.Verb) bool {
	return slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(row core.Transition) bool { return row.Verb == v })
}

// decide carries out a verb that a button brought, or opens the form that it needs.
func (t *session) decide(ctx context.Context, tok card.Token) (Reply, error) {
	s, no, err := t.scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	verb := core.Verb(tok.Word)
	preset := card.Preset(s.Record, verb, tok.Arg)
	if no == nil && allowed(s, verb) {
		if f := card.FormOf(s, "", verb, preset); len(f.Questions) > 0 && s.Record.Version == tok.Version && card.Asks(s.Record, verb, preset) {
			return t.open(ctx, form.Draft{Verb: verb, Kind: s.Record.Kind, Record: tok.Record, Seen: tok.Version, Preset: preset}, tok)
		}
	}
	return t.do(ctx, tok.Record, t.command(tok, preset))
}

func (t *session) command(tok card.Token, fields map[core.Field]string) core.Command {
	return core.Command{Verb: core.Verb(tok.Word), Fields: fields, Seen: tok.Version, Where: t.in.Platform, Once: t.in.Once}
}

// open asks for what a verb needs: on one screen where the platform draws it, otherwise
// one question after the other.
func (t *session) open(ctx context.Context, d form.Draft, tok card.Token) (Reply, error) {
	if t.Modal[t.in.Platform] {
		return t.openWhole(ctx, d, tok)
	}
	return t.begin(ctx, d)
}

// sent is the command of a form as far as it is known: enough for the core to
// refuse it.
func (t *session) sent(d form.Draft) core.Command {
	return core.Command{Kind: d.Kind, Verb: d.Verb, Fields: d.Preset, Seen: d.Seen, Form: true, Where: t.in.Platform, Once: t.in.Once}
}

// suspended answers a person whose account is: what they pressed or sent is
// refused by the core, in the trail of the record that it was about.
func (t *session) suspended(ctx context.Context) (Reply, error) {
	words := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.now)}
	if !t.in.Private && t.in.Tap == "" && t.in.Form == nil && !strings.HasPrefix(t.in.Text, "/") {
		return Reply{}, nil // what is written in a group is not for SIDEM
	}
	token := t.in.Tap
	if t.in.Form != nil {
		token, _, _ = cutToken(t.in.Form.Token)
	}
	tok, err := t.Seal.Open(t.account.ID, token)
	if err != nil {
		return words, nil
	}
	c, record := t.command(tok, nil), tok.Record
	c.Verb = core.Verb(strings.TrimPrefix(tok.Word, card.WordAsk))
	if tok.Word == form.WordOf(form.Send) {
		d, _, err := t.openDraft(ctx)
		if err != nil {
			return Reply{}, err
		}
		c, record = t.sent(d), d.Record
	}
	if record == "" || !isVerb(c.Verb) {
		return words, nil
	}
	return t.do(ctx, record, c)
}

// isVerb tells what decides something from the bot's own words.
func isVerb(v core.Verb) bool {
	return slices.ContainsFunc(core.Lifecycles, func(lc core.Lifecycle) bool { _, ok := lc.Verb(v); return ok })
}

// do gives the command and answers what came of it. The core refuses a record that
// the person may not see any more as well: what they pressed is in its trail.
func (t *session) do(ctx context.Context, record string, c core.Command) (Reply, error) {
	out, err := t.Desk.Do(ctx, t.actor, record, c)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", c.Verb, err)
	}
	if out.Refusal != nil {
		return t.refusal(ctx, record, out.Refusal), nil
	}
	// The draft of a request is on nobody's list yet: its card is asked for.
	if form.IsDraft(c.Verb) || c.Verb == core.VerbDiscard {
		t.afterwards(ctx, "the card of a draft is not asked for", t.draw(ctx, out.Record.ID, drawInPlace))
	}
	if c.Verb == core.VerbStandIn { // what the principal owes today is theirs too now
		t.afterwards(ctx, "the cards of a principal are not asked for", t.drawInherited(ctx))
	}
	return Reply{Toast: t.saved(ctx, c.Verb, out)}, nil
}

// drawInherited has the cards drawn that wait for those for whom the person stands in.
func (t *session) drawInherited(ctx context.Context) error {
	heir, err := t.Desk.Actor(ctx, t.account)
	if err != nil {
		return err
	}
	heir.Roles = nil
	records, err := t.Desk.Owed(ctx, heir, listLimit)
	if err != nil {
		return err
	}
	for _, r := range records {
		// The substitution itself has it drawn too (desk.Recast), maybe sooner: one message.
		if err := t.draw(ctx, r.ID, drawNow, drawHere); err != nil {
			return err
		}
	}
	return nil
}
