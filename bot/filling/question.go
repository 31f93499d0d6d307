package filling

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// question is what an answer leaves open in a chat where forms are asked as messages: a
// question of draft, or nothing.
type question struct {
	draft form.Draft
	form  card.Form
	field core.Field // that is asked; "" for none
	story es.Story   // as it reads without buttons
	open  bool
}

// openQuestion is the message that asks a person something, as the platform reported it:
// it is kept beside the draft, since nobody knows where a question stands before it was
// posted. A report that was lost leaves buttons behind, and a press on them is answered.
type openQuestion struct {
	Form  string     `json:"talk,omitempty"`
	Field core.Field `json:"field,omitempty"`
	// Place is what the form asked (form.Draft.Place), and Since the first message that asked
	// just that: what was sent before it was not written as its answer.
	Place int    `json:"place,omitempty"`
	Since string `json:"since,omitempty"`
	session.Retired
	// Refused is what its Story says was wrong with an answer before; "" for nothing.
	Refused string `json:"refused,omitempty"`
	// Left are earlier messages that could not be redrawn: it is tried again with the next.
	Left []session.Retired `json:"left,omitempty"`
	// Asked are the messages that asked something, this one too, oldest first: what is written
	// under one of them is about that.
	Asked []askedMessage `json:"asked,omitempty"`
}

// askedMessage is a message that asked a question of a form, and which.
type askedMessage struct {
	Message string     `json:"message"`
	Form    string     `json:"form"`
	Field   core.Field `json:"field,omitempty"` // "" where it asked for none
	Act     int        `json:"act,omitempty"`   // which act of the form was open, from 0
	Record  string     `json:"record,omitempty"`
}

// maxLeft bounds openQuestion.Left, and maxAsked openQuestion.Asked: the newest stay.
const (
	maxLeft  = 4
	maxAsked = 40
)

func (forms *Forms) askedKey() string { return "asked:" + forms.In.Platform + ":" + forms.In.Who }

// askedBefore is the message that asked last in this chat; the zero openQuestion for none.
func (forms *Forms) askedBefore(ctx context.Context) (openQuestion, int, error) {
	var q openQuestion
	body, rev, err := forms.Sessions.Get(ctx, forms.askedKey(), forms.Now)
	if errors.Is(err, desk.ErrNotFound) {
		return q, 0, nil
	}
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	return q, rev, err
}

// Retire has the message that asked before lose its buttons, once reply is there: it then
// says what was asked and what was answered. Trouble with it is logged, and holds nothing up.
func (forms *Forms) Retire(ctx context.Context, reply *session.Reply) {
	if forms.question == nil || forms.Modal[forms.In.Platform] {
		return
	}
	now := *forms.question
	before, rev, err := forms.askedBefore(ctx)
	if err != nil {
		forms.Log.WarnContext(ctx, "the message of the last question is not known", "platform", forms.In.Platform, "once", forms.In.Once, "err", err)
		return
	}
	reply.Retired = append(slices.Clone(before.Left), reply.Retired...)
	if forms.sentBefore(before.Ref.Message) {
		before.Refused = "" // nobody has read it yet
	}
	if before.Ref != (card.Ref{}) {
		reply.Retired = append(reply.Retired, session.Retired{Ref: before.Ref, Story: now.answered(before)})
	}
	reply.Posted = func(ctx context.Context, at card.Ref, left []session.Retired) {
		next := openQuestion{Left: left[max(0, len(left)-maxLeft):]}
		if now.open {
			next.Form, next.Field, next.Retired = now.draft.ID, now.field, session.Retired{Ref: at, Story: now.story}
			if now.draft.Refused {
				next.Refused = now.draft.Problem
			}
			next.Place, next.Since = now.draft.Place(now.form), at.Message
			if before.asks(next.Form, next.Place) {
				next.Since = before.Since
			}
		}
		next.Asked = before.Asked
		if now.open && at.Message != "" {
			field := now.field
			if now.draft.Stage == form.Asking && now.draft.Next == nil { // where a text belongs, or whether it is the answer
				field = now.draft.At
			}
			next.Asked = before.withAsked(askedMessage{at.Message, now.draft.ID, field, len(now.draft.Ready), forms.recordOf(now.draft)})
		}
		if err := forms.noteQuestion(ctx, next, rev); err != nil {
			forms.Log.WarnContext(ctx, "the message of a question was not noted", "platform", forms.In.Platform, "once", forms.In.Once, "err", err)
		}
	}
}

// asked is asking after a press. Where that was a button of what has passed it is said, and
// the question is asked below, not over an upper message. That loses its buttons, unless it
// is known to have asked: then it has lost them, or will (Retire).
func (forms *Forms) asked(ctx context.Context, d form.Draft, f card.Form, passed bool) session.Reply {
	reply := forms.asking(d, f)
	tok, err := forms.Seal.Open(forms.Account.ID, forms.In.Tap)
	if err != nil || !passed {
		return reply
	}
	var story es.Story
	story, reply.Toast = form.Passed(d.Placed(f), f, tok.Version)
	before, _, err := forms.askedBefore(ctx)
	if err != nil || before.Ref.Message == forms.In.Message {
		return reply
	}
	reply.Redraw = false
	if !before.hasAsked(forms.In.Message) {
		reply.Retired = []session.Retired{{Ref: card.Ref{Chat: forms.In.Chat, Message: forms.In.Message}, Story: story}}
	}
	return reply
}

// asks reports whether q is known to ask what a form has at a place.
func (q openQuestion) asks(id string, place int) bool {
	return q.Since != "" && q.Form == id && q.Place == place
}

// withAsked are the messages that asked something, with one more, over what it asked before.
func (q openQuestion) withAsked(m askedMessage) []askedMessage {
	out := slices.DeleteFunc(slices.Clone(q.Asked), func(o askedMessage) bool { return o.Message == m.Message })
	out = append(out, m)
	return out[max(0, len(out)-maxAsked):]
}

// hasAsked reports whether a message is known to have asked something.
func (q openQuestion) hasAsked(message string) bool {
	return slices.ContainsFunc(q.Asked, func(m askedMessage) bool { return m.Message == message })
}

// saidTo is what an input says to d, as far as that can be told by where it was written: before
// the question that it would answer was there, or under another message. Where questions
// are messages these are numbered with what is written under them, in the order in which they
// came (session.Input.Message).
func (forms *Forms) saidTo(ctx context.Context, d form.Draft, f card.Form) form.Act {
	a := form.Act{From: forms.message()}
	asked, _, err := forms.askedBefore(ctx)
	if err != nil {
		forms.Log.WarnContext(ctx, "the message of the open question is not known", "platform", forms.In.Platform, "once", forms.In.Once, "err", err)
		return a
	}
	a.Early = asked.asks(d.ID, d.Placed(f).Place(f)) && forms.sentBefore(asked.Since)
	if forms.In.Under == "" || forms.In.Under == asked.Ref.Message && asked.Form == d.ID {
		return a
	}
	i := slices.IndexFunc(asked.Asked, func(m askedMessage) bool { return m.Message == forms.In.Under })
	switch {
	case i >= 0 && asked.Asked[i].Form == d.ID && asked.Asked[i].Field != "" && asked.Asked[i].Act == len(d.Ready):
		a.To = asked.Asked[i].Field
	case i < 0:
		a.To = d.AnsweredBy(forms.In.Platform + ":" + forms.In.Under)
	}
	a.Elsewhere = a.To == ""
	return a
}

// recordOf is the record that d is about, or creates; "" where only the desk knows.
func (forms *Forms) recordOf(d form.Draft) string { return cmp.Or(d.Record, forms.newRecord(d)) }

// UnderEnded gives words back that were written under a question of a form that is not open
// any more. It is false for any others.
func (forms *Forms) UnderEnded(ctx context.Context) (session.Reply, bool, error) {
	if forms.In.Under == "" || forms.In.Text == "" {
		return session.Reply{}, false, nil
	}
	asked, _, err := forms.askedBefore(ctx)
	if err != nil || !asked.hasAsked(forms.In.Under) {
		return session.Reply{}, false, err
	}
	return session.Reply{Card: &card.Card{Story: es.Story{Title: es.Say(es.FormEnded), Text: es.QuestionEnded(forms.In.Text)}}}, true, nil
}

// sentBefore reports whether the input is known to be older than a message of its chat.
func (forms *Forms) sentBefore(message string) bool {
	at, failed := strconv.Atoi(message)
	sent, err := strconv.Atoi(forms.In.Message)
	return failed == nil && err == nil && sent < at
}

// noteQuestion notes where the question stands. Another that was asked meanwhile, at
// another replica, is the newer one.
func (forms *Forms) noteQuestion(ctx context.Context, q openQuestion, rev int) error {
	if q.Ref == (card.Ref{}) && len(q.Left)+len(q.Asked) == 0 {
		if rev == 0 {
			return nil
		}
		return forms.Sessions.Delete(ctx, forms.askedKey())
	}
	body, err := json.Marshal(q)
	if err != nil {
		return err
	}
	_, err = forms.Sessions.Put(ctx, forms.askedKey(), body, rev, forms.Now, forms.Now.Add(draftLife))
	if errors.Is(err, desk.ErrConflict) {
		return nil
	}
	return err
}

// Question is the message of what the answer asks, as it is known until it is answered; false
// where it asks nothing.
func (forms *Forms) Question() (screen.Message, bool) {
	q := forms.question
	if q == nil || !q.open || forms.Modal[forms.In.Platform] {
		return screen.Message{}, false
	}
	m := screen.Message{Story: q.story, View: screen.View{Same: form.WordQuestion, Word: form.WordQuestion, Record: q.draft.ID, Page: q.draft.Place(q.form)}}
	if q.draft.Record != "" {
		m.View.Of = []string{q.draft.Record}
	}
	return m, true
}

// Overtaken has the question that was just asked follow its form, if that was ended
// elsewhere before anybody knew where the question stands.
func (forms *Forms) Overtaken(ctx context.Context) error {
	d, _, err := forms.openDraft(ctx)
	if err != nil || d.ID == forms.question.draft.ID && d.Open() {
		return err
	}
	_, err = forms.Outbox.Add(ctx, forms.Now, desk.ScreenItem(forms.Account.ID, forms.Account.ID, forms.In.Platform, forms.Now))
	return err
}

// Asks is what a message says now that asked a question of the form with an id: what is open
// in it, or how it ended elsewhere; the zero Card where it stays as it is. It is false where
// there is nothing to answer any more.
func (forms *Forms) Asks(ctx context.Context, id string) (card.Card, bool, error) {
	d, _, err := forms.openDraft(ctx)
	if err != nil {
		return card.Card{}, false, err
	}
	ended := d.Stage == form.Done && (d.DoneOn == "" || d.DoneOn == forms.In.Platform)
	if d.ID != id || d.Stage == form.Sending || ended { // an answer in this chat takes its place
		return card.Card{}, true, nil
	}
	f, no, err := forms.questions(ctx, d)
	if err != nil || no != nil {
		return card.Card{}, false, err
	}
	if d.Stage != form.Done && forms.undone(ctx, d) {
		return card.Card{}, false, nil
	}
	if d.Stage == form.Done {
		text := []string{es.EndedElsewhere(d.DoneOn, d.Done)}
		if words := d.Pending(); words != "" {
			text = append(text, es.NotKept(words))
		}
		return card.Card{Story: es.Story{Title: form.Title(f), Text: text}}, true, nil
	}
	c, _ := form.Card(d, f, forms.Sealed, forms.Now)
	return c, true, nil
}

// undone reports whether the person has ended what d is about since, by another card: what
// others did meanwhile is judged when d is sent.
func (forms *Forms) undone(ctx context.Context, d form.Draft) bool {
	s, no, err := forms.Scene(ctx, d.Record)
	if d.Record == "" || d.Verb == core.VerbPrefer || err != nil || no != nil {
		return false
	}
	may := slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(row core.Transition) bool { return row.Verb == d.Verb })
	return !may && s.Record.Acts[s.Record.Last].By == forms.Account.ID
}

// followElsewhere has the question of d drawn anew where it is asked on other platforms.
func (forms *Forms) followElsewhere(ctx context.Context, d form.Draft) {
	for _, platform := range d.Chats {
		if platform == forms.In.Platform {
			continue
		}
		_, err := forms.Outbox.Add(ctx, forms.Now, desk.ScreenItem(forms.Account.ID, forms.Account.ID, platform, forms.Now))
		forms.Afterwards(ctx, "the question of a form does not follow it", err)
	}
}

// answered is what the message of an earlier question says once it is not open any more:
// with an answer that was taken, not what was wrong with another.
func (q question) answered(before openQuestion) es.Story {
	story := before.Story
	if before.Form != q.draft.ID || before.Field == "" {
		return story
	}
	if v := form.Answered(q.draft, q.form, before.Field); v != "" {
		told := slices.DeleteFunc(slices.Clone(story.Text), func(s string) bool { return s == before.Refused })
		story.Text = append(told, es.Answered(v))
	}
	return story
}
