package slack

import (
	"context"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	api "github.com/slack-go/slack"

	"sidem/bot"
	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
	"sidem/core/outbox"
)

const (
	attempts = 4   // of each part of an answer
	maxError = 300 // characters under a field
)

// act has h answer one job and carries out the reply. A panic anywhere below
// ends here. What was cut short is not acknowledged: it comes again.
func (s *Slack) act(work context.Context, h bot.Handler, j job) {
	defer func() {
		if r := recover(); r != nil {
			s.log.ErrorContext(work, "slack: panic", "once", j.Input.Once, "panic", r, "stack", string(debug.Stack()))
			j.ack.give(nil)
		}
	}()
	reply := s.ask(work, h, *j.Input)
	if work.Err() != nil {
		if !j.ack.drop() {
			s.log.ErrorContext(work, "slack: cut short after it was acknowledged; it does not come again", "once", j.Input.Once)
		}
		return
	}
	payload, rest := receipt(j.incoming, reply)
	if j.ack.give(payload) {
		reply.Errors = rest
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), s.replying)
	defer cancel()
	stop := context.AfterFunc(work, cancel)
	defer stop()
	s.answer(ctx, j.incoming, reply)
}

// ask has h answer in. A panic is logged with a code that the person is told.
func (s *Slack) ask(work context.Context, h bot.Handler, in bot.Input) (reply bot.Reply) {
	ctx, cancel := context.WithTimeout(work, s.handling)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			code := support(in.Once)
			s.log.ErrorContext(ctx, "slack: the handler panicked", "code", code, "once", in.Once, "panic", r, "stack", string(debug.Stack()))
			reply = bot.Reply{Toast: es.Broken(code)}
		}
	}()
	return h.Handle(ctx, in)
}

// receipt is what the acknowledgement carries: a form that has errors stays open
// and shows them under its fields; any other closes. Errors that the form has no
// field for are left to be told otherwise.
func receipt(in incoming, reply bot.Reply) (payload any, rest map[core.Field]string) {
	if in.Kind != kindSubmit {
		return nil, reply.Errors
	}
	under := map[string]string{}
	rest = maps.Clone(reply.Errors)
	for field, words := range reply.Errors {
		if slices.Contains(in.Fields, string(field)) {
			under[string(field)] = first(cut(line(words), maxError), ellipsis)
			delete(rest, field)
		}
	}
	if len(under) == 0 {
		return api.NewClearViewSubmissionResponse(), rest
	}
	return api.NewErrorsViewSubmissionResponse(under), rest
}

// answer carries out reply; each part is tried on its own, and what fails for
// good is logged. The form comes first: its trigger lives three seconds.
func (s *Slack) answer(ctx context.Context, in incoming, reply bot.Reply) {
	if reply.Form != nil {
		s.openForm(ctx, in, *reply.Form)
	}
	if len(reply.Errors) > 0 {
		s.report(ctx, in, "errors", s.say(ctx, in, unsaved(reply.Errors)))
	}
	if reply.Toast != "" {
		s.report(ctx, in, "toast", s.toast(ctx, in, reply.Toast))
	}
	if reply.Card != nil && (!reply.Redraw || !s.redraw(ctx, in, *reply.Card)) {
		s.report(ctx, in, "card", s.say(ctx, in, *reply.Card))
	}
	if reply.Forget && in.Kind == kindMessage { // a bot cannot delete what people wrote
		s.report(ctx, in, "advice", s.say(ctx, in, sentence(wordErase)))
	}
}

// openForm opens a modal. Slack allows one for each trigger, within three seconds
// of the press: tried once, and told where it came too late.
func (s *Slack) openForm(ctx context.Context, in incoming, f card.Form) {
	err := s.client.modal(ctx, in.Trigger, modal(f))
	switch {
	case err == nil, refused(err, usedTriggers...): // opened: now, or by an earlier delivery of the same press
	case refused(err, lateTriggers...):
		s.report(ctx, in, "hint", s.toast(ctx, in, wordTooLate))
	default:
		code := support(in.Input.Once)
		s.log.ErrorContext(ctx, "slack: a form was not opened", "code", code, "once", in.Input.Once, "err", err)
		s.report(ctx, in, "hint", s.toast(ctx, in, wordNoForm+code+"."))
	}
}

// Words of views.open about its trigger (docs.slack.dev).
var (
	lateTriggers = []string{"expired_trigger_id", "trigger_expired", "invalid_trigger_id", "invalid_trigger"}
	usedTriggers = []string{"exchanged_trigger_id", "trigger_exchanged"}
)

// toast shows words to whoever pressed, where they pressed and to them alone.
// What Slack shows so is gone on reload and not guaranteed: an answer to
// something written, and one that Slack refuses, is a message in the DM.
func (s *Slack) toast(ctx context.Context, in incoming, words string) error {
	c := sentence(words)
	if in.Kind == kindPress && in.Input.Chat != "" {
		m := s.draw(ctx, c)
		err := s.retry(ctx, func() error {
			return classify(attempt{Call: editing}, s.client.whisper(ctx, in.Input.Chat, in.Input.Who, m))
		})
		if err == nil || !outbox.IsPermanent(err) {
			return err
		}
	}
	return s.say(ctx, in, c)
}

func sentence(words string) card.Card { return card.Card{Story: es.Story{Text: []string{words}}} }

// unsaved says in a message what the form can not show any more.
func unsaved(errs map[core.Field]string) card.Card {
	c := card.Card{Story: es.Story{Title: wordNotSaved}}
	for _, field := range slices.Sorted(maps.Keys(errs)) {
		c.Text = append(c.Text, errs[field])
	}
	return c
}

// redraw replaces the message pressed and reports whether that is settled. Only in
// the DM: others read what stands in a channel.
func (s *Slack) redraw(ctx context.Context, in incoming, c card.Card) bool {
	if in.Kind != kindPress || !in.Input.Private || in.Input.Message == "" {
		return false
	}
	ref := card.Ref{Chat: in.Input.Chat, Message: in.Input.Message}
	err := s.retry(ctx, func() error { return s.Edit(ctx, ref, c) })
	if outbox.IsGone(err) || outbox.IsPermanent(err) {
		return false
	}
	s.report(ctx, in, "redraw", err)
	return true
}

// say posts c in the DM with the person, wherever they wrote or pressed.
func (s *Slack) say(ctx context.Context, in incoming, c card.Card) error {
	m := s.draw(ctx, c)
	return s.retry(ctx, func() error {
		channel := in.Input.Chat
		if channel == "" || !in.Input.Private {
			var err error
			if channel, err = s.direct(ctx, in.Input.Who); err != nil {
				return err
			}
		}
		_, err := s.post(ctx, channel, m)
		return err
	})
}

// report logs that a part of an answer did not arrive.
func (s *Slack) report(ctx context.Context, in incoming, part string, err error) {
	if err != nil {
		s.log.ErrorContext(ctx, "slack: an answer was not delivered", "part", part, "once", in.Input.Once, "err", err)
	}
}

// retry repeats do, whose errors are classified, until it succeeds or fails for
// good, or ctx or the attempts run out, waiting as Slack asks. An answer is worth
// a duplicate: silence is worse.
func (s *Slack) retry(ctx context.Context, do func() error) error {
	for n := 0; ; n++ {
		err := do()
		if err == nil || outbox.IsPermanent(err) || outbox.IsGone(err) || n+1 == attempts {
			return err
		}
		wait := pause(n, err)
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return err
		}
		if s.sleep(ctx, wait) != nil {
			return err
		}
	}
}
