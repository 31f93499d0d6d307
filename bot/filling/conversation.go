// Package filling has people fill forms in: it loads a draft, steps it (package form), keeps it, gives the command that it ends in, and only then says what came of it.
package filling

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// maxRounds bounds how often an act is handled anew because its form was changed
// meanwhile, from another chat or at another replica.
const maxRounds = 20

// Forms are those of the person whose input is answered.
type Forms struct {
	*session.Session
	Commands Commands
	question *question // what the answer leaves open, in a chat without modals; nil: it leaves what is open as it is
}

// Commands are the words by which forms are opened.
type Commands interface {
	// Form is the form that a word opens, with nothing answered yet. It is refused where
	// the word is none of the person's.
	Form(ctx context.Context, word, arg string) (form.Draft, *core.Refusal, error)
}

// questions are what a form asks, made anew from present state.
func (forms *Forms) questions(ctx context.Context, d form.Draft) (card.Form, *core.Refusal, error) {
	f, _, no, err := forms.questionsNow(ctx, d)
	return f, no, err
}

// questionsNow are the questions of a form, and why what it asks for cannot be done any
// more, whatever is answered to them; nil where it can.
func (forms *Forms) questionsNow(ctx context.Context, d form.Draft) (f card.Form, over, no *core.Refusal, err error) {
	if d.Many {
		f, no, err = forms.manyQuestions(ctx, d)
		return f, nil, no, err
	}
	if d.Record != "" {
		s, no, err := forms.Scene(ctx, d.Record)
		if err != nil || no != nil {
			return card.Form{}, nil, no, err
		}
		if no := s.Record.Bars(d.Verb, forms.giver(d), forms.Now); no != nil {
			return card.Form{}, nil, no, nil
		}
		if s.Agencies, err = forms.agencies(ctx, d); err != nil {
			return card.Form{}, nil, nil, err
		}
		return card.FormOf(s, "", d.Verb, d.Preset), forms.overBy(d, s.Record), nil, nil
	}
	if forms.isFormers(d) {
		return card.Form{}, nil, &core.Refusal{Reason: core.NotFound, Verb: d.Verb, Kind: d.Kind}, nil
	}
	s := core.Scene{Record: core.Record{Kind: d.Kind}, Viewer: forms.Account, Actor: forms.Actor, Now: forms.Now}
	if s.Agencies, err = forms.agencies(ctx, d); err != nil {
		return card.Form{}, nil, nil, err
	}
	must, may := core.Needs(d.Kind, d.Verb, core.None)
	return card.FormFor(d.Verb, "", must, may, s, d.Preset), nil, nil, nil
}

// overBy is why d cannot be sent any more, as r stands: what it asks for was done, is not
// offered in this state, or is not the person's to do.
func (forms *Forms) overBy(d form.Draft, r core.Record) *core.Refusal {
	_, no := core.Decide(r, forms.sent(d), forms.giver(d), forms.Now)
	if no == nil {
		return nil
	}
	switch no.Reason { //nolint:exhaustive // the others are about what is answered, or may pass
	case core.NotNow, core.Already, core.Repeated, core.NotAllowed:
		return no
	}
	return nil
}

// agencies are those among which a form has one chosen; none where it asks for none, or
// for the key of a new one.
func (forms *Forms) agencies(ctx context.Context, d form.Draft) ([]core.Record, error) {
	row, _ := core.LifecycleOf(d.Kind).Verb(d.Verb)
	if d.Verb == core.VerbRegister || !slices.Contains(row.Needs, core.FieldAgency) && !slices.Contains(row.Asks, core.FieldAgency) {
		return nil, nil
	}
	all, err := forms.Desk.Agencies(ctx)
	if err != nil {
		return nil, fmt.Errorf("agencies to choose from: %w", err)
	}
	return all, nil
}

// rounds handles an act anew as long as its form is changed meanwhile.
func (forms *Forms) rounds(act func() (session.Reply, error)) (session.Reply, error) {
	for range maxRounds {
		reply, err := act()
		if !errors.Is(err, errMoved) {
			return reply, err
		}
	}
	return session.Reply{}, fmt.Errorf("no peace after %d rounds: %w", maxRounds, errMoved)
}

// askAgain asks what is open, from now on in this chat too.
func (forms *Forms) askAgain(ctx context.Context, d form.Draft, rev int) (session.Reply, error) {
	f, over, no, err := forms.questionsNow(ctx, d)
	switch {
	case err != nil || no != nil:
		return forms.lost(ctx, d, rev, no, err)
	case over != nil:
		return forms.ended(ctx, d, rev, f, over, "")
	}
	if resumed := d.Resumed(); !d.AskedOn(forms.In.Platform) || d.Problem != "" || d.Unsure != nil {
		d = resumed.Begin(resumed, forms.In.Platform, forms.In.Once)
		if _, err := forms.saveDraft(ctx, forms.openKey(), d, rev); err != nil {
			return session.Reply{}, err
		}
	}
	return forms.asking(d, f), nil
}

// unasked answers for a form that cannot be asked.
func (forms *Forms) unasked(ctx context.Context, d form.Draft, no *core.Refusal, err error) (session.Reply, error) {
	if err != nil {
		return session.Reply{}, err
	}
	return forms.Refused(ctx, d.Record, no)
}

// formAct is what an input does about the open form, whose questions are f.
type formAct func(ctx context.Context, d form.Draft, f card.Form) (form.Act, error)

// act handles an input about the open form: the draft is loaded, stepped, kept, and only
// then something is done. It reports false where the input is about something else.
func (forms *Forms) about(ctx context.Context, mine func(form.Draft) bool, act formAct) (reply session.Reply, handled bool, err error) {
	reply, err = forms.rounds(func() (session.Reply, error) {
		d, rev, err := forms.current(ctx)
		if err != nil {
			return session.Reply{}, err
		}
		if handled = mine(d); !handled {
			return session.Reply{}, nil
		}
		if d.Stage == form.Done { // nothing is asked any more
			_, effect := form.Step(d, card.Form{}, form.Act{ID: forms.In.Once, Event: form.Words{}}, forms.Now)
			if handled = effect.Do != form.Nothing || forms.In.Tap != ""; handled {
				reply := forms.closed(d, d, card.Form{}, nil)
				if forms.In.Tap != "" { // the message may say so already: a press is answered all the same
					reply.Toast = d.Done
				}
				return reply, nil
			}
			return session.Reply{}, nil
		}
		f, over, no, err := forms.questionsNow(ctx, d)
		if err != nil || no != nil {
			return forms.lost(ctx, d, rev, no, err)
		}
		a, err := act(ctx, d, f)
		if err != nil {
			return session.Reply{}, err
		}
		if over != nil && d.Stage != form.Sending && a.Event != form.Send && a.Event != form.Discard { // of what is sent the core keeps the refusal
			return forms.ended(ctx, d, rev, f, over, form.Said(a.Event))
		}
		a.ID, a.On = forms.In.Once, forms.In.Platform
		next, effect := form.Step(d, f, a, forms.Now)
		if handled = effect.Do != form.Nothing; !handled {
			return session.Reply{}, nil
		}
		return forms.carryOut(ctx, d, next, rev, f, effect)
	})
	return reply, handled, err
}

// asking is the message that asks what is open in d.
func (forms *Forms) asking(d form.Draft, f card.Form) session.Reply {
	d = d.Placed(f)
	c, story := form.Card(d, f, forms.Sealed, forms.Now)
	q, _ := d.Asks(f)
	forms.question = &question{draft: d, form: f, field: q.Field, story: story, open: true}
	return session.Reply{Card: &c, Redraw: forms.pressedOwn()}
}

// pressedOwn reports whether a button of a form was pressed. Only such a message is drawn
// over: under any other stands a card, which the notifier redraws as it likes, or what the
// person may want to read while they answer.
func (forms *Forms) pressedOwn() bool {
	tok, err := forms.Seal.Open(forms.Account.ID, forms.In.Tap)
	return err == nil && strings.HasPrefix(tok.Word, form.Prefix)
}

// closed answers with the words of done, in place of the question that was pressed, over
// what was typed in d if that came to nothing, and what had no place in it.
func (forms *Forms) closed(done, d form.Draft, f card.Form, typed []es.Fact) session.Reply {
	forms.question = &question{draft: d, form: f}
	if d.Many && done.Stage == form.Done && done.Done != "" {
		return session.Reply{Card: manyCard(done.Done), Redraw: forms.pressedOwn()}
	}
	if forms.In.Tap == "" && len(typed) == 0 && done.Pending() == "" {
		return session.Reply{Toast: done.Done}
	}
	return session.Reply{Card: &card.Card{Story: untaken(done.Done, done, typed)}, Redraw: forms.pressedOwn()}
}

// Answers takes what was written, or sent, as the answer to the question that is open in
// this chat. It reports false where none is.
func (forms *Forms) Answers(ctx context.Context) (session.Reply, bool, error) {
	reply, handled, err := forms.about(ctx, func(d form.Draft) bool {
		return d.HasApplied(forms.In.Once) || d.ID != "" && d.AskedOn(forms.In.Platform)
	}, forms.said())
	if handled || err != nil {
		return reply, handled, err
	}
	return forms.endedElsewhere(ctx)
}

// said is what an input says to the open question. Files are fetched once, though the
// form be changed meanwhile.
func (forms *Forms) said() formAct {
	taken := map[form.Use]form.Files{}
	return func(ctx context.Context, d form.Draft, f card.Form) (form.Act, error) {
		a := forms.saidTo(ctx, d, f)
		switch {
		case forms.In.Unreadable != "" || forms.In.Caption() == "" && len(forms.In.Files) == 0:
			a.Event = form.Unread{Problem: es.Unread(string(forms.In.Unreadable))}
			return a, nil
		case len(forms.In.Files) == 0:
			w, _ := word.Spoken(forms.In.Text, forms.Roles())
			a.Event = form.Words{Text: forms.In.Caption(), Parts: forms.In.Parts, Quoted: forms.In.Quoted != "", Command: w.Name, Help: w.Name == word.Help, Table: tableIn(forms.In.Caption(), d, f)}
			return a, nil
		}
		use := form.Wants(d, f)
		files, ok := taken[use]
		if !ok {
			files = forms.Receive(ctx, use, form.Held(d, f), forms.In.Files)
			files.Caption = forms.In.Caption()
			taken[use] = files
		}
		a.Event = files
		return a, nil
	}
}

// message names the message of an input, so that an edit of it is known.
func (forms *Forms) message() string {
	if forms.In.Message == "" {
		return ""
	}
	return forms.In.Platform + ":" + forms.In.Message
}

// endedElsewhere answers somebody who writes under a question of a form that was ended
// on another platform meanwhile.
func (forms *Forms) endedElsewhere(ctx context.Context) (session.Reply, bool, error) {
	d, _, err := forms.openDraft(ctx)
	if err != nil || d.Stage != form.Done || d.DoneOn == "" || d.DoneOn == forms.In.Platform || !d.AskedOn(forms.In.Platform) {
		return session.Reply{}, false, err
	}
	asked, _, err := forms.askedBefore(ctx)
	if err != nil || asked.Form != d.ID || asked.Ref == (card.Ref{}) {
		return session.Reply{}, false, err
	}
	forms.question = &question{draft: d}
	return session.Reply{Toast: es.EndedElsewhere(d.DoneOn, d.Done)}, true, nil
}

// Edited takes a message that reads otherwise now: it counts while the form is open. After it
// is said how what it answered can be changed.
func (forms *Forms) Edited(ctx context.Context) (session.Reply, error) {
	reply, handled, err := forms.about(ctx, form.Draft.Open, func(_ context.Context, d form.Draft, f card.Form) (form.Act, error) {
		return form.Act{From: forms.message(), Event: form.Amended{Text: forms.In.Text, Table: tableIn(forms.In.Text, d, f)}}, nil
	})
	if handled || err != nil {
		return reply, err
	}
	words, err := forms.editedLate(ctx)
	return session.Reply{Toast: words}, err
}

// editedLate says what becomes of the edit of a message that answers no open question.
func (forms *Forms) editedLate(ctx context.Context) (string, error) {
	aside, err := forms.draftsAside(ctx)
	if err != nil {
		return "", err
	}
	for _, d := range aside {
		if d.AnsweredBy(forms.message()) != "" {
			where := word.Mine
			if !word.May(where, forms.Roles()) {
				where = word.Duties
			}
			return es.EditOfAside(where), nil
		}
	}
	d, _, err := forms.openDraft(ctx)
	if err != nil || !slices.Contains(d.Said, forms.message()) {
		return es.Say(es.EditNotTaken), err
	}
	s, no, err := forms.Scene(ctx, forms.recordOf(d))
	switch {
	case err != nil || no != nil || s.Record.Kind != core.KindRequest:
		return es.Say(es.EditNotTaken), err
	case slices.ContainsFunc(core.Allowed(s.Record, s.Actor, s.Now), func(row core.Transition) bool { return card.Corrects(row.Verb) || form.IsDraft(row.Verb) }):
		return es.Say(es.EditByCorrect), nil
	case s.Record.State == core.StateFiled && (d.Verb == core.VerbCorrect || form.IsDraft(d.Verb)):
		return es.Say(es.EditOfFiled), nil
	}
	return es.Say(es.EditOfEnded), nil
}

// Pressed answers a button of a form's.
func (forms *Forms) Pressed(ctx context.Context, tok card.Token) (session.Reply, error) {
	if tok.Word == form.WordSheet {
		return forms.spreadsheet(ctx, tok)
	}
	event := form.EventOf(tok.Word, tok.Arg)
	if event == nil {
		return session.Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	reply, handled, err := forms.about(ctx, func(d form.Draft) bool { return d.ID == tok.Record }, func(context.Context, form.Draft, card.Form) (form.Act, error) {
		return form.Act{Place: tok.Version, Event: event}, nil
	})
	if err == nil && !handled {
		return session.Reply{Toast: es.Say(es.QuestionClosed)}, nil
	}
	return reply, err
}
