package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/desk"
	"sidem/core/es"
)

// tap answers a button. Its token says what was wished; whether it is granted
// the core decides now.
func (t *turn) tap(ctx context.Context) (Reply, error) {
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
	case tok.Word == talkResume:
		return t.resume(ctx, tok.Record)
	case strings.HasPrefix(tok.Word, talkPrefix):
		return t.talkTap(ctx, tok)
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
func (t *turn) snooze(ctx context.Context, tok card.Token) (Reply, error) {
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
func (t *turn) scene(ctx context.Context, record string) (core.Scene, *core.Refusal, error) {
	s, err := t.Desk.Scene(ctx, record, t.account.ID)
	if errors.Is(err, desk.ErrNotFound) {
		return core.Scene{}, &core.Refusal{Reason: core.NotFound}, nil
	}
	return s, nil, err
}

// ask turns the message into the question whether the act is meant. An act that
// is not open any more is refused at once, in the trail.
func (t *turn) ask(ctx context.Context, tok card.Token) (Reply, error) {
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
func (t *turn) decide(ctx context.Context, tok card.Token) (Reply, error) {
	s, no, err := t.scene(ctx, tok.Record)
	if err != nil {
		return Reply{}, err
	}
	verb := core.Verb(tok.Word)
	preset := card.Preset(s.Record, verb, tok.Arg)
	if no == nil && allowed(s, verb) {
		if form := card.FormOf(s, t.in.Tap, verb, preset); len(form.Questions) > 0 && s.Record.Version == tok.Version && card.Asks(s.Record, verb, preset) {
			return t.open(ctx, s, form, tok, preset)
		}
	}
	return t.do(ctx, tok.Record, t.command(tok, preset))
}

func (t *turn) command(tok card.Token, fields map[core.Field]string) core.Command {
	return core.Command{Verb: core.Verb(tok.Word), Fields: fields, Seen: tok.Version, Where: t.in.Platform, Once: t.in.Once}
}

// sent is the command of a form as far as it is known: enough for the core to
// refuse it.
func (t *turn) sent(k talk) core.Command {
	return core.Command{Kind: k.Kind, Verb: k.Verb, Fields: k.Preset, Seen: k.Seen, Form: true, Where: t.in.Platform, Once: t.in.Once}
}

// suspended answers a person whose account is: what they pressed or sent is
// refused by the core, in the trail of the record that it was about.
func (t *turn) suspended(ctx context.Context) (Reply, error) {
	words := Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Suspended}, "", t.now)}
	token := t.in.Tap
	if t.in.Form != nil {
		token = t.in.Form.Token
	}
	tok, err := t.Seal.Open(t.account.ID, token)
	if err != nil {
		return words, nil
	}
	c, record := t.command(tok, nil), tok.Record
	c.Verb = core.Verb(strings.TrimPrefix(tok.Word, card.WordAsk))
	if tok.Word == talkSend {
		k, _, err := t.load(ctx)
		if err != nil {
			return Reply{}, err
		}
		c, record = t.sent(k), k.Record
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
func (t *turn) do(ctx context.Context, record string, c core.Command) (Reply, error) {
	out, err := t.Desk.Do(ctx, t.actor, record, c)
	if err != nil {
		return Reply{}, fmt.Errorf("%s: %w", c.Verb, err)
	}
	if out.Refusal != nil {
		return t.refused(ctx, record, out.Refusal)
	}
	// The draft of a request is on nobody's list yet: its card is asked for.
	if isDraft(c.Verb) || c.Verb == core.VerbDiscard {
		if err := t.draw(ctx, out.Record.ID, drawInPlace); err != nil {
			return Reply{}, err
		}
	}
	if c.Verb == core.VerbStandIn { // what the principal owes today is theirs too now
		if err := t.drawInherited(ctx); err != nil {
			return Reply{}, err
		}
	}
	words, err := t.saved(ctx, c.Verb, out)
	return Reply{Toast: words}, err
}

// drawInherited has the cards drawn that wait for those for whom the person stands in.
func (t *turn) drawInherited(ctx context.Context) error {
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

// open asks for what a verb needs: a modal where the platform has them,
// otherwise one question at a time.
func (t *turn) open(ctx context.Context, s core.Scene, form card.Form, tok card.Token, preset map[core.Field]string) (Reply, error) {
	if t.Modal[t.in.Platform] {
		return Reply{Form: &form}, nil
	}
	return t.begin(ctx, talk{Verb: core.Verb(tok.Word), Kind: s.Record.Kind, Record: tok.Record, Seen: tok.Version, Preset: preset, Values: values(form)})
}

// values are what a form holds before anything is asked.
func values(f card.Form) map[core.Field]string {
	out := map[core.Field]string{}
	for _, q := range f.Questions {
		if q.Value != "" {
			out[q.Field] = q.Value
		}
	}
	return out
}

// submit carries out a form that was filled in whole.
func (t *turn) submit(ctx context.Context) (Reply, error) {
	tok, err := t.Seal.Open(t.account.ID, t.in.Form.Token)
	if err != nil {
		return Reply{Toast: es.Refuse(&core.Refusal{Reason: core.Stale}, "", t.now)}, nil
	}
	g, no, err := t.given(ctx, tok)
	if err != nil || no != nil {
		if no != nil && no.Reason == core.NotFound && g.Record != "" { // a press like any other, and the core's to refuse
			return t.do(ctx, g.Record, t.sent(g.talk))
		}
		if no != nil {
			return t.refused(ctx, tok.Record, no)
		}
		return Reply{}, err
	}
	bad := map[core.Field]string{}
	for _, q := range g.form.Questions {
		if no, err := t.fill(ctx, &g, q); err != nil {
			return Reply{}, err
		} else if no != "" {
			bad[q.Field] = no
		}
	}
	if len(bad) > 0 {
		return Reply{Errors: bad}, nil
	}
	reply, err := t.finish(ctx, g)
	if err == nil && g.ID != "" && len(reply.Errors) == 0 {
		err = t.Sessions.Delete(ctx, t.keptKey(g.ID))
	}
	return reply, err
}

// given is a form being filled in: what was asked and what is known.
type given struct {
	talk
	form card.Form
}

// given rebuilds the form that a token opened.
func (t *turn) given(ctx context.Context, tok card.Token) (given, *core.Refusal, error) {
	if tok.Word == talkResume {
		k, err := t.setAsideBefore(ctx, tok.Record)
		if errors.Is(err, desk.ErrNotFound) {
			return given{}, &core.Refusal{Reason: core.Stale}, nil
		}
		if err != nil {
			return given{}, nil, err
		}
		form, no, err := t.form(ctx, k)
		return given{talk: k, form: form}, no, err
	}
	if strings.HasPrefix(tok.Word, "/") {
		c, ok := find(tok.Word)
		if !ok || c.form == nil || !c.may(t.roles()) {
			return given{}, &core.Refusal{Reason: core.NotAllowed, Mine: t.actor.Roles}, nil
		}
		k, err := c.form(ctx, t, tok.Arg)
		if err != nil {
			return given{}, nil, err
		}
		form, no, err := t.form(ctx, k)
		return given{talk: k, form: form}, no, err
	}
	s, no, err := t.scene(ctx, tok.Record)
	if err != nil || no != nil {
		return given{talk: talk{Verb: core.Verb(tok.Word), Record: tok.Record, Seen: tok.Version}}, no, err
	}
	preset := card.Preset(s.Record, core.Verb(tok.Word), tok.Arg)
	k := talk{Verb: core.Verb(tok.Word), Kind: s.Record.Kind, Record: tok.Record, Seen: tok.Version, Preset: preset, Values: map[core.Field]string{}}
	return given{talk: k, form: card.FormOf(s, t.in.Form.Token, k.Verb, preset)}, nil, nil
}

// fill takes the answer to one question of a modal; the text is what is wrong with it.
func (t *turn) fill(ctx context.Context, g *given, q card.Question) (string, error) {
	if sheet := t.in.Form.Files[q.Field]; q.Spec.Type == core.TypeLines && len(sheet) > 0 {
		items, problem, err := t.readSheet(ctx, sheet[0])
		g.Items = items
		return problem, err
	}
	if q.Spec.Type == core.TypeUpload {
		kept, problem, err := t.keepUploads(ctx, g.Files, t.in.Form.Files[q.Field])
		if err != nil || problem != "" {
			return problem, err
		}
		g.Files = append(g.Files, kept...)
		if q.Required && len(g.Files) == 0 {
			return es.Refuse(&core.Refusal{Reason: core.Missing, Field: q.Field}, "", t.now), nil
		}
		return "", nil
	}
	if no := g.take(q, t.in.Form.Values[q.Field], t.now); no != nil {
		return es.Refuse(no, "", t.now), nil
	}
	return "", nil
}
