package filling

import (
	"context"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/session"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// OpenWhole opens a form on one screen, with what the person's draft of it holds. tok is
// what opened it.
func (forms *Forms) OpenWhole(ctx context.Context, d form.Draft, tok card.Token) (session.Reply, error) {
	if like, ok, err := forms.draftLike(ctx, d); err != nil {
		return session.Reply{}, err
	} else if ok {
		d = like
	}
	if d.ID == "" {
		d.ID = forms.newForm()
	}
	f, over, no, err := forms.questionsNow(ctx, d)
	switch {
	case err != nil || no != nil:
		return forms.unasked(ctx, d, no, err)
	case over != nil && tok.Word == form.WordResume:
		return forms.endedWhole(ctx, d, f, over)
	}
	if !forms.In.CanOpen {
		return forms.byButton(f, tok), nil
	}
	reply := forms.wholeForm(d, f, forms.Sealed(tok))
	if i := slices.IndexFunc(reply.Form.Questions, func(q card.Question) bool { return q.Held != "" && q.Spec.Type == core.TypeLines }); i >= 0 {
		sheet, err := sheetOf(form.Items(d, f))
		if err != nil {
			return session.Reply{}, err
		}
		reply.Documents = append(reply.Documents, sheet)
	}
	return reply, nil
}

// byButton gives a button that opens a form, where an input can open none.
func (forms *Forms) byButton(f card.Form, tok card.Token) session.Reply {
	c := card.Card{Story: es.Story{Title: form.Title(f), Text: []string{es.Say(es.FormByButton)}}}
	c.Rows = [][]card.Action{{opener(forms.Sealed(tok))}}
	return session.Reply{Card: &c}
}

// opener is the button that opens a form by the token that opened it.
func opener(token string) card.Action {
	return card.Action{Label: es.Say(es.ButtonOpenForm), Style: card.Primary, Opens: true, Token: token}
}

// wholeForm is f on one screen with what d holds.
func (forms *Forms) wholeForm(d form.Draft, f card.Form, token string) session.Reply {
	f = form.Filled(d, f, nil, forms.Now)
	if words := d.Pending(); words != "" {
		f.Intro = append(slices.Clone(f.Intro), es.Placeless(words))
	}
	return forms.onScreen(d, f, token, form.OnScreen(forms.In.Once, form.Shown(f)))
}

// redrawn is f in place of the screen that was sent.
func (forms *Forms) redrawn(s submission, d form.Draft, f card.Form, problems map[core.Field]string) session.Reply {
	f, shown := form.Redrawn(d, f, form.Whole{Values: forms.In.Form.Values, Shown: s.shown}, problems, forms.Now)
	reply := forms.onScreen(d, f, s.token, shown)
	reply.Errors = form.Drawn(d, problems)
	return reply
}

// onScreen is f, filled. Its token brings back what opened it, which draft it is, what its
// controls showed, and of which agency its person was.
func (forms *Forms) onScreen(d form.Draft, f card.Form, token, shown string) session.Reply {
	f.Token = strings.Join([]string{token, d.ID, shown, forms.Account.Agency}, tokenMark)
	f.Opener = opener(token)
	return session.Reply{Form: &f}
}

// tokenMark stands between the parts of a form's token.
const tokenMark = "\n"

// Opener is the token of the button, or of the word, that opened the form of a token.
func Opener(text string) string {
	return cutToken(text)[0]
}

// cutToken are what opened a form, which draft it is, what it showed, and whose agency's it
// was; "" for what the token of an earlier version did not bring.
func cutToken(text string) (parts [4]string) {
	copy(parts[:], strings.SplitN(text, tokenMark, len(parts)))
	return parts
}

// submission is a form that came back whole, as the draft that it is about.
type submission struct {
	draft form.Draft
	rev   int
	key   string // where the draft is kept, or would be
	token string // what opened the form
	shown map[core.Field]string
}

// submitted finds out what a form that came back is about.
func (forms *Forms) submitted(ctx context.Context) (submission, *core.Refusal, error) {
	s, no, err := forms.submission(ctx)
	if s.draft.Agency == "" {
		s.draft.Agency = cutToken(forms.In.Form.Token)[3]
	}
	return s, no, err
}

func (forms *Forms) submission(ctx context.Context) (submission, *core.Refusal, error) {
	parts := cutToken(forms.In.Form.Token)
	token, id, shown := parts[0], parts[1], parts[2]
	s := submission{token: token, shown: form.ReadShown(shown)}
	tok, err := forms.Seal.Open(forms.Account.ID, s.token)
	if err != nil {
		return s, &core.Refusal{Reason: core.Stale}, nil
	}
	switch {
	case id != "":
	case tok.Word == form.WordResume:
		id = tok.Record
	default: // of a form opened by a version that gave it none
		id = forms.newForm()
	}
	s.key = forms.openKey()
	open, rev, err := forms.current(ctx)
	if s.draft, s.rev = open, rev; err != nil || open.ID == id && open.Open() {
		return s, nil, err
	}
	s.key = forms.asideKey(id)
	if s.draft, s.rev, err = forms.draftAt(ctx, s.key); err != nil || s.rev > 0 {
		return s, nil, err
	}
	if sent, rev, err := forms.draftAt(ctx, forms.sentKey(id)); err != nil || rev > 0 {
		s.draft = sent
		return s, nil, err
	}
	if open.ID == id { // it was ended elsewhere
		s.key, s.draft, s.rev = forms.openKey(), open, rev
		return s, nil, nil
	}
	d, no, err := forms.draftOf(ctx, tok)
	d.ID = id
	s.draft = d
	return s, no, err
}

// draftOf is the form that a token opens, with nothing answered yet.
func (forms *Forms) draftOf(ctx context.Context, tok card.Token) (form.Draft, *core.Refusal, error) {
	if tok.Word == form.WordResume { // it was ended, or let go of, meanwhile
		return form.Draft{}, &core.Refusal{Reason: core.Stale}, nil
	}
	if strings.HasPrefix(tok.Word, "/") {
		return forms.Commands.Form(ctx, tok.Word, tok.Arg)
	}
	d := form.Draft{Verb: core.Verb(tok.Word), Record: tok.Record, Seen: tok.Version}
	s, no, err := forms.Scene(ctx, tok.Record)
	if err != nil || no != nil {
		return d, no, err
	}
	d.Kind, d.Preset = s.Record.Kind, card.Preset(s.Record, d.Verb, tok.Arg)
	return form.Assuming(d, s.Record, forms.Now), nil, nil
}

// Submit takes a form that was filled in on one screen. Whatever comes of it but the
// decision that was asked for, what was typed is kept, and shown again.
func (forms *Forms) Submit(ctx context.Context) (session.Reply, error) {
	whole := forms.filledIn()
	return forms.rounds(func() (session.Reply, error) {
		s, no, err := forms.submitted(ctx)
		switch {
		case err != nil:
			return session.Reply{}, err
		case no != nil && no.Reason == core.NotFound && s.draft.Record != "":
			return forms.shutWhole(ctx, s, whole, no)
		case no != nil:
			return forms.Refused(ctx, s.draft.Record, no)
		case s.draft.Stage == form.Done:
			return forms.afterTheEnd(ctx, s, whole)
		}
		f, no, err := forms.questions(ctx, s.draft)
		if err != nil {
			return session.Reply{}, err
		}
		if no != nil {
			return forms.shutWhole(ctx, s, whole, no)
		}
		act := form.Act{ID: forms.In.Once, On: forms.In.Platform, Event: whole(ctx, s.draft, f, s.shown)}
		next, effect := form.Step(s.draft, f, act, forms.Now)
		return forms.carryWhole(ctx, s, next, f, effect)
	})
}

// carryWhole keeps next where something is left to do, and does what effect says.
func (forms *Forms) carryWhole(ctx context.Context, s submission, next form.Draft, f card.Form, effect form.Effect) (session.Reply, error) {
	open := s.key == forms.openKey()
	switch effect.Do {
	case form.Refill:
		if _, err := forms.saveDraft(ctx, s.key, next, s.rev); err != nil {
			return session.Reply{}, err
		}
		reply := forms.redrawn(s, next, f, effect.Problems)
		reply.Form.Intro = append(effect.Asked, reply.Form.Intro...)
		return reply, nil
	case form.Close: // nothing was changed
		if open {
			if _, err := forms.saveDraft(ctx, s.key, next, s.rev); err != nil {
				return session.Reply{}, err
			}
		} else if s.rev > 0 {
			if err := forms.dropAside(ctx, next.ID); err != nil {
				return session.Reply{}, err
			}
		}
		return forms.told(next.Done, next), nil
	case form.Give:
		if open {
			if _, err := forms.saveDraft(ctx, s.key, next, s.rev); err != nil {
				return session.Reply{}, err
			}
		}
		return forms.giveWhole(ctx, s, next, f)
	case form.Nothing, form.Ask, form.SetAside, form.OpenNext, form.KeepNext:
	}
	return forms.redrawn(s, next, f, nil), nil
}

// giveWhole gives the command of a form that came whole, and says what came of it.
func (forms *Forms) giveWhole(ctx context.Context, s submission, d form.Draft, f card.Form) (session.Reply, error) {
	e, err := forms.end(ctx, d, f, place{s.key, s.rev}, func(record string) {
		if tok, err := forms.Seal.Open(forms.Account.ID, s.token); err == nil && core.Verb(tok.Word) == d.Verb && d.Record != "" {
			forms.showWhere(ctx, d) // the form was opened from the card, and stood over it
			return
		}
		forms.showAfter(ctx, d.Verb, record)
	})
	switch {
	case err != nil:
		return forms.reopened(ctx, s, d, f, err), nil
	case e.again:
		return forms.redrawn(s, e.draft, f, map[core.Field]string{e.refusal.Field: e.reply.Toast}), nil
	case e.refusal == nil:
		return forms.told(e.draft.Done, e.draft), nil
	case len(e.typed) > 0 && e.reply.Card == nil:
		return session.Reply{Card: &card.Card{Story: untaken(e.draft.Done, e.draft, e.typed)}}, nil
	}
	return e.reply, nil
}

// reopened shows a form again whose command came to grief, under the words for it: the
// same answers, sent again, are the same act.
func (forms *Forms) reopened(ctx context.Context, s submission, d form.Draft, f card.Form, failed error) session.Reply {
	words := forms.Trouble(failed).Toast
	if s.key != forms.openKey() { // of the open one it is kept already
		kept := d
		kept.Stage = ""
		_, err := forms.saveDraft(ctx, s.key, kept, s.rev)
		forms.Afterwards(ctx, "a form that came to grief is not kept", err)
	}
	reply := forms.redrawn(s, d, f, nil)
	reply.Form.Intro = append([]string{words}, reply.Form.Intro...)
	return reply
}

// told are the words of what came of d, and what had no place in it.
func (forms *Forms) told(words string, d form.Draft) session.Reply {
	if d.Many {
		return session.Reply{Card: manyCard(words)}
	}
	if d.Pending() == "" {
		return session.Reply{Toast: words}
	}
	return session.Reply{Card: &card.Card{Story: untaken(words, d, nil)}}
}

// untaken are the words of what came of d, over what was typed in it to no effect, and what
// had no place in it.
func untaken(words string, d form.Draft, typed []es.Fact) es.Story {
	story := es.Story{Title: words}
	if loose := d.Pending(); loose != "" {
		story.Text = []string{es.NotKept(loose)}
	}
	if len(typed) > 0 {
		story.Head, story.Facts = es.Say(es.NotTaken), typed
	}
	return story
}

// afterTheEnd answers for a form that had ended while it stood on a screen: how, over what
// was typed. Of what was sent already, sent again, the first words hold.
func (forms *Forms) afterTheEnd(ctx context.Context, s submission, whole filledForm) (session.Reply, error) {
	done := s.draft
	here := done.DoneOn == forms.In.Platform || done.DoneOn == ""
	words := es.EndedBefore(done.Done)
	if !here {
		words = es.EndedElsewhere(done.DoneOn, done.Done)
	}
	reply := session.Reply{Toast: words}
	d := done.Blank()
	if d.Verb == "" { // it was ended by a version that did not keep what it asked for
		tok, err := forms.Seal.Open(forms.Account.ID, s.token)
		if err != nil {
			return reply, nil
		}
		var no *core.Refusal
		if d, no, err = forms.draftOf(ctx, tok); err != nil || no != nil {
			return reply, err
		}
		d.ID = done.ID
	}
	f, no, err := forms.questions(ctx, d)
	if err != nil {
		return reply, err
	}
	held := whole(ctx, d, f, s.shown)
	if here {
		if held.Digest() == done.Sent {
			return session.Reply{Toast: done.Done}, nil
		}
		held.Shown = nil // what stood there before may not be what was sent
	}
	if no != nil {
		return reply, nil
	}
	typed, _ := form.Step(d, f, form.Act{Event: held}, forms.Now)
	facts := form.Typed(typed, f)
	if len(facts) == 0 {
		return reply, nil
	}
	return session.Reply{Card: &card.Card{Story: untaken(words, done, facts)}}, nil
}

// filledForm is what the controls of a form hold, whose questions are f and which showed
// what shown says.
type filledForm func(ctx context.Context, d form.Draft, f card.Form, shown map[core.Field]string) form.Whole

// filledIn is what the controls of a form hold. Files are fetched once, though the form
// be looked at several times.
func (forms *Forms) filledIn() filledForm {
	taken := map[core.Field]form.Files{}
	return func(ctx context.Context, d form.Draft, f card.Form, shown map[core.Field]string) form.Whole {
		whole := form.Whole{Values: forms.In.Form.Values, Shown: shown, Files: map[core.Field]form.Files{}}
		for field, ups := range forms.In.Form.Files {
			if _, ok := taken[field]; !ok {
				use := form.ForUpload
				if core.Specs[field].Type == core.TypeLines {
					use = form.ForSheet
				}
				taken[field] = forms.Receive(ctx, use, form.Held(d, f), ups)
			}
			whole.Files[field] = taken[field]
		}
		for field, text := range whole.Values {
			if _, came := whole.Files[field]; came || core.Specs[field].Type != core.TypeLines {
				continue
			}
			if table := tableIn(text, d, f); table != nil {
				whole.Files[field] = *table
			}
		}
		return whole
	}
}

// tableIn is what a text holds that was copied from a spreadsheet with the heads of its
// columns; nil where it is none.
func tableIn(text string, d form.Draft, f card.Form) *form.Files {
	table, words, is := paper.Pasted(text, form.Items(d, f))
	if !is {
		return nil
	}
	return &form.Files{Items: table.Items, Note: table.Note, Problem: words, Typed: true}
}

// Open asks for what a verb needs: on one screen where the platform draws it, otherwise
// one question after the other.
func (forms *Forms) Open(ctx context.Context, d form.Draft, tok card.Token) (session.Reply, error) {
	if forms.Modal[forms.In.Platform] {
		return forms.OpenWhole(ctx, d, tok)
	}
	return forms.Begin(ctx, d)
}

// sent is the command of a form as far as it is known: enough for the core to
// refuse it.
func (forms *Forms) sent(d form.Draft) core.Command {
	return core.Command{Kind: d.Kind, Verb: d.Verb, Fields: d.Preset, Seen: d.Seen, Form: true, Where: forms.In.Platform, Once: forms.In.Once}
}

// Brought is what came before the form that it is for: files with the words that came
// with them, or renglones.
type Brought struct {
	Files   []core.Attachment
	Caption string
	Items   []core.Item
}

// OpenWith opens a form with what came before it. It reports false where that is not in
// it: it could not be asked, or holds too many files already.
func (forms *Forms) OpenWith(ctx context.Context, d form.Draft, b Brought) (reply session.Reply, taken bool, err error) {
	reply, err = forms.rounds(func() (session.Reply, error) {
		open, rev, err := forms.current(ctx)
		if err != nil {
			return session.Reply{}, err
		}
		like, ok, err := forms.draftLike(ctx, d)
		if err != nil {
			return session.Reply{}, err
		}
		if ok {
			d = like
		}
		if d.ID == "" {
			d.ID = forms.newForm()
		}
		f, no, err := forms.questions(ctx, d)
		if err != nil || no != nil {
			return forms.unasked(ctx, d, no, err)
		}
		held := form.Holding(d, f, b.Files, b.Caption, forms.Now)
		if len(b.Items) > 0 {
			held = form.WithItems(held, f, b.Items)
		}
		before, most := len(d.Answers[core.FieldFiles].Files), core.Specs[core.FieldFiles].Max
		if len(held.Answers[core.FieldFiles].Files) > most {
			return session.Reply{Toast: es.FilesTooMany(before, len(b.Files), most)}, nil
		}
		if open.Open() && open.ID == d.ID {
			_, err = forms.saveDraft(ctx, forms.openKey(), held, rev)
		} else {
			err = forms.putAside(ctx, held)
		}
		if err != nil {
			return session.Reply{}, err
		}
		taken = true
		reply, err := forms.Open(ctx, held, card.Token{Word: form.WordResume, Record: held.ID})
		if said := held.Problem; said != "" && forms.Modal[forms.In.Platform] { // where no question says it
			switch {
			case reply.Form != nil:
				reply.Form.Intro = append(slices.Clone(reply.Form.Intro), said)
			case reply.Card != nil:
				reply.Card.Text = append(slices.Clone(reply.Card.Text), said)
			}
		}
		return reply, err
	})
	return reply, taken, err
}

// Sent is the command of the open form, as far as it is known, and its record.
func (forms *Forms) Sent(ctx context.Context) (core.Command, string, error) {
	d, _, err := forms.openDraft(ctx)
	return forms.sent(d), d.Record, err
}
