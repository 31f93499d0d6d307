package slack

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

const (
	maxError   = 300       // characters under a field
	maxReceipt = 16 * 1024 // of a view in an acknowledgement: Socket Mode drops 20 kB
)

// act has h answer one job and carries out the reply. A form is acknowledged as soon
// as it is known what becomes of it; what is said in the acknowledgement is returned,
// so that a repeat is told the same. One with errors decided nothing: sent again as it
// is, it is meant anew.
func (r *receiver) act(work context.Context, h bot.Handler, act wire.Act[*job]) (o wire.Outcome) {
	j := act.Parts[0]
	defer j.leave()
	reply := r.reply(work, h, j, act.Spoiled)
	if work.Err() != nil {
		return o // cut short: it is worked once more
	}
	o.Brief = reply.Stranger
	o.Undecided = len(reply.Errors) > 0 || reply.Stranger && reply.IsSilent()
	payload, rest := receipt(j.incoming, reply)
	switch heard := j.acknowledge(payload); {
	case heard && shown(payload): // the acknowledgement itself is the answer
		reply.Errors = rest
		if reply.Form != nil && len(rest) == 0 {
			reply.Form = nil
		}
	case !heard && j.Kind == kindSubmit: // it said that this takes a moment, or was given by a process that died
		reply = r.afterwards(work, j, reply)
	}
	patience := r.replying
	if reply.Stranger {
		patience = min(patience, flood.StrangerPatience)
	}
	ctx, cancel := context.WithTimeout(work, patience)
	defer cancel()
	r.answer(ctx, j, reply)
	if work.Err() != nil {
		return o
	}
	r.refresh(ctx, h, j, reply)
	if payload != nil {
		o.Said, _ = json.Marshal(payload) // it was given so
	}
	return o
}

// reply is what h answers to j, within the time that is for one input.
func (r *receiver) reply(work context.Context, h bot.Handler, j *job, spoiled bool) (reply bot.Reply) {
	if spoiled {
		code := wire.Support(j.Input.Once)
		r.log.ErrorContext(work, "slack: processes ended while they worked an input; it is set aside", "code", code, "once", j.Input.Once)
		return bot.Reply{Toast: es.Broken(code)}
	}
	if j.Foreign {
		return bot.Reply{Toast: wordForeign}
	}
	files := len(j.Input.Files) > 0 || j.Input.Form != nil && len(j.Input.Form.Files) > 0
	r.in.Handle(files, func() { reply = r.ask(work, h, *j.Input) })
	return reply
}

// ask has h answer in, within the time that is for one input.
func (s *Slack) ask(work context.Context, h bot.Handler, in bot.Input) bot.Reply {
	ctx, cancel := context.WithTimeout(work, s.handling)
	defer cancel()
	return wire.Ask(ctx, s.log, h, in)
}

// receipt is what the acknowledgement carries. A form that has errors stays open
// and shows them under its fields; one that leads to another becomes it; any other
// closes. Errors that the form has no field for are left to be told otherwise. A
// command typed where others read is answered elsewhere, and says so.
func receipt(in incoming, reply bot.Reply) (payload any, rest map[core.Field]string) {
	switch {
	case in.Kind == kindCommand && in.Channel != "" && !reply.Open && reply.Form == nil:
		return whisper{Type: "ephemeral", Text: escape(wordElsewhere)}, reply.Errors
	case in.Kind != kindSubmit:
		return nil, reply.Errors
	}
	under := map[string]string{}
	rest = maps.Clone(reply.Errors)
	for field, words := range reply.Errors {
		block := string(field)
		if sheet := block + sheetMark; in.Input.Form != nil && len(in.Input.Form.Files[field]) > 0 && slices.Contains(in.Fields, sheet) {
			block = sheet
		}
		if slices.Contains(in.Fields, block) {
			under[block] = first(cut(line(words), maxError), wire.Ellipsis)
			delete(rest, field)
		}
	}
	if len(under) > 0 {
		return api.NewErrorsViewSubmissionResponse(under), rest
	}
	if reply.Form != nil && len(rest) == 0 {
		v := modal(*reply.Form, in.Home)
		if length(v) > maxReceipt { // it is opened by a call: to clear would close that one too
			return nil, rest
		}
		return api.NewUpdateViewSubmissionResponse(&v), rest
	}
	return api.NewClearViewSubmissionResponse(), rest
}

// whisper is the answer to a command within its acknowledgement, for the person
// alone (docs.slack.dev, "Slash commands").
type whisper struct {
	Type string `json:"response_type"`
	Text string `json:"text"`
}

// shown reports whether an acknowledgement keeps a form on the screen.
func shown(payload any) bool {
	r, ok := payload.(*api.ViewSubmissionResponse)
	return ok && r.ResponseAction != api.RAClear
}

// answer carries out reply; each part is tried on its own, and what fails for
// good is logged. The form comes first: its trigger lives three seconds.
func (s *Slack) answer(ctx context.Context, j *job, reply bot.Reply) {
	in := j.incoming
	if in.Input.Private {
		ctx = wire.Through(ctx, s.gate, in.Input.Who)
	}
	if in.Kind == kindHome {
		s.report(ctx, in, "home", s.publish(ctx, in, home(reply)))
		return
	}
	switch {
	case reply.Form != nil:
		s.openForm(ctx, in, j.view, *reply.Form)
	case j.view != nil && s.instead(ctx, in, j.view, reply.Toast):
		reply.Toast = ""
	}
	if len(reply.Errors) > 0 {
		s.report(ctx, in, "errors", s.say(ctx, in, unsaved(reply.Errors)))
	}
	if reply.Toast != "" {
		s.report(ctx, in, "toast", s.toast(ctx, in, reply.Toast))
	}
	if reply.Card != nil {
		at := s.card(ctx, in, reply)
		if reply.Posted != nil && at != (card.Ref{}) {
			reply.Posted(ctx, at, nil)
		}
	}
	for _, d := range reply.Documents {
		s.give(ctx, in, d)
	}
	if reply.Forget && in.Kind == kindMessage { // a bot cannot delete what people wrote
		s.report(ctx, in, "advice", s.say(ctx, in, wire.Sentence(wordErase)))
	}
}

// toast shows words to whoever pressed or mentioned the app, there and to them
// alone. What Slack shows so is gone on reload and not guaranteed: an answer to
// something written in the DM, and one that Slack refuses, is a message in the DM.
func (s *Slack) toast(ctx context.Context, in incoming, words string) error {
	c := wire.Sentence(words)
	if in.Input.Chat != "" && (in.Kind == kindPress || !in.Input.Private) {
		m := s.draw(ctx, c)
		m.Under = in.Thread
		err := s.sleep.Answer(ctx, func() error {
			return classify(attempt{Call: editing}, s.client.whisper(ctx, in.Input.Chat, in.Input.Who, m))
		})
		if err == nil || !outbox.IsPermanent(err) {
			return err
		}
	}
	return s.say(ctx, in, c)
}

// unsaved says in a message what the form can not show any more.
func unsaved(errs map[core.Field]string) card.Card {
	c := card.Card{Story: es.Story{Title: wordNotSaved}}
	for _, field := range slices.Sorted(maps.Keys(errs)) {
		c.Text = append(c.Text, errs[field])
	}
	return c
}

// card shows the reply's card and tells where it is; the zero Ref where it did not arrive.
func (s *Slack) card(ctx context.Context, in incoming, reply bot.Reply) card.Ref {
	if reply.Redraw && s.redraw(ctx, in, reply) {
		return card.Ref{Chat: in.Input.Chat, Message: in.Input.Message}
	}
	at, err := s.place(ctx, in, reply)
	s.report(ctx, in, "card", err)
	return at
}

// redraw replaces the message pressed and reports whether that is settled. In a
// channel, where others read, only by what they may.
func (s *Slack) redraw(ctx context.Context, in incoming, reply bot.Reply) bool {
	if in.Kind != kindPress || in.Input.Message == "" || (!in.Input.Private && !reply.Open) {
		return false
	}
	ref := card.Ref{Chat: in.Input.Chat, Message: in.Input.Message}
	err := s.sleep.Answer(ctx, func() error { return s.Edit(ctx, ref, *reply.Card) })
	if outbox.IsGone(err) || outbox.IsPermanent(err) {
		return false
	}
	s.report(ctx, in, "redraw", err)
	return true
}

// place posts the reply's card: in the channel where the person wrote if others
// may read it and Slack lets us, else in the DM.
func (s *Slack) place(ctx context.Context, in incoming, reply bot.Reply) (at card.Ref, err error) {
	channel := in.Channel
	if !in.Input.Private {
		channel = in.Input.Chat
	}
	if reply.Open && channel != "" {
		m := s.draw(ctx, *reply.Card)
		m.Under = in.Thread
		err := s.sleep.Answer(ctx, func() error {
			at, err = s.post(ctx, channel, m)
			return err
		})
		if !outbox.IsPermanent(err) {
			return at, err
		}
	}
	return s.sayAt(ctx, in, *reply.Card)
}

// say posts c in the DM with the person, wherever they wrote or pressed; in the
// thread, if that is in the DM.
func (s *Slack) say(ctx context.Context, in incoming, c card.Card) error {
	_, err := s.sayAt(ctx, in, c)
	return err
}

// sayAt says c and tells where it is.
func (s *Slack) sayAt(ctx context.Context, in incoming, c card.Card) (at card.Ref, err error) {
	m := s.draw(ctx, c)
	err = s.sleep.Answer(ctx, func() error {
		channel, err := s.private(ctx, in)
		if err != nil {
			return err
		}
		m.Under = ""
		if channel == in.Input.Chat {
			m.Under = in.Thread
		}
		at, err = s.post(ctx, channel, m)
		return err
	})
	return at, err
}

// private is the DM with whoever acted.
func (s *Slack) private(ctx context.Context, in incoming) (string, error) {
	if in.Input.Chat != "" && in.Input.Private {
		return in.Input.Chat, nil
	}
	return s.direct(ctx, in.Input.Who)
}

// report logs that a part of an answer did not arrive.
func (s *Slack) report(ctx context.Context, in incoming, part string, err error) {
	if err != nil {
		s.log.ErrorContext(ctx, "slack: an answer was not delivered", "part", part, "once", in.Input.Once, "err", err)
	}
}
