package form

import (
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Unsure is an act about which the person is asked before it is done: the press by which
// answers would be lost, words that may be meant for SIDEM and not as the answer, or words
// that were sent before the open question was there (Early).
type Unsure struct {
	Words Words `json:"words,omitzero"` // the zero Words: it was the press
	// From is the message that said them (platform:message).
	From string `json:"from,omitempty"`
	// Early says that they were sent before the question, or under another message (Reply), and
	// After is the field whose answer they can go on from; "" for none.
	Early bool       `json:"early,omitempty"`
	Reply bool       `json:"reply,omitempty"`
	After core.Field `json:"after,omitempty"`
}

// early is what is to be asked about words that were sent before what is open was there, or
// under another message: whether they answer it, or go on from the answer before. It is
// false where they can be neither.
func (s step) early(d Draft, e Words) (*Unsure, bool) {
	switch q, _ := d.Asks(s.form); {
	case d.Next != nil || s.act.To != "" && s.act.To == q.Field:
		return nil, false
	case s.act.Elsewhere:
		return &Unsure{Words: e, From: s.act.From, Early: true, Reply: true}, s.mayAnswer(d, e)
	case !s.act.Early:
		return nil, false
	}
	open := &Unsure{Words: e, From: s.act.From, Early: true, After: s.goesOn(d, e)}
	return open, open.After != "" || s.mayAnswer(d, e)
}

// goesOn is the field whose answer words can go on from; "" for none.
func (s step) goesOn(d Draft, e Words) core.Field {
	i := at(s.form, d.Last)
	if i < 0 || d.Answers[d.Last].empty() {
		return ""
	}
	switch q := s.form.Questions[i]; q.Spec.Type { //nolint:exhaustive // the others are one value
	case core.TypeText, core.TypeLong, core.TypeLines:
		if !e.Quoted || isContent(q) {
			return d.Last
		}
	}
	return ""
}

// mayAnswer reports whether words would be taken as the answer to the question that is open.
func (s step) mayAnswer(d Draft, e Words) bool {
	q, asks := d.Asks(s.form)
	if !asks || e.Quoted && !isContent(q) {
		return false
	}
	a, _, problem := s.answer(q, e.Text)
	return problem == "" && !a.empty()
}

// addsItems reports whether words are renglones, in their form, that follow those which were
// answered last: whatever is asked by now, they are added to them.
func (s step) addsItems(d Draft, e Words) bool {
	q, asks := d.Asks(s.form)
	i := at(s.form, d.Last)
	if i < 0 || s.form.Questions[i].Spec.Type != core.TypeLines || asks && q.Field == d.Last || s.act.Elsewhere || d.Answers[d.Last].empty() {
		return false
	}
	if e.Table != nil {
		return e.Table.Problem == ""
	}
	_, no := core.ParseItems(e.Text)
	return no == nil
}

// join has words go on from the answer before.
func (s step) join(d Draft, open Unsure) (Draft, Effect) {
	i := at(s.form, open.After)
	if i < 0 { // it is not asked any more
		d.Unsure = &open
		return d, Effect{Do: Ask}
	}
	q := s.form.Questions[i]
	before, text := present(q, d), open.Words.Text
	between := "\n"
	if q.Spec.Type == core.TypeText { // of one line
		between, text = " ", strings.Join(strings.Fields(text), " ")
	}
	a, no := read(q, written(q, before)+between+text, s.now)
	if table := open.Words.Table; table != nil && q.Spec.Type == core.TypeLines {
		a = Answer{Items: slices.Concat(before.Items, table.Items)}
		no = core.CheckItems(a.Items)
	}
	if no != nil {
		d.Unsure = &open
		return d.saying(es.Refuse(no, "", s.now)), Effect{Do: Ask}
	}
	a.From, a.Parts = before.From, max(1, before.Parts)+1
	d, asked := doubt(d.with(q.Field, a), s.form)
	return d.saying(lines(es.Joined(es.Label(d.Verb, q.Field), shown(q, d)), asked)), Effect{Do: Ask}
}

// unsureOf is what is to be asked about words, if anything is: that they leave the form,
// or ask SIDEM for something else.
func (s step) unsureOf(e Words) (*Unsure, bool) {
	if e.Command == "" && !es.Leaves(e.Text) {
		return nil, false
	}
	return &Unsure{Words: e, From: s.act.From}, true
}

// unsure handles what is done while d asks about an act.
func (s step) unsure(d Draft) (Draft, Effect) {
	open := *d.Unsure
	switch e := s.act.Event.(type) {
	case Press:
		return s.settled(d, open, e)
	case Amended:
		switch {
		case open.From == "" || open.From != s.act.From:
			return s.amended(d, e)
		case open.Early && open.Words.Parts > 1: // the others are there too
			return d.saying(es.Say(es.EditOfPart)), Effect{Do: Ask}
		case open.Early:
			open.Words.Text, open.Words.Table = e.Text, e.Table
			d.Unsure = &open
			return d, Effect{Do: Ask}
		}
		d.Unsure = nil
		return s.words(d, Words{Text: e.Text, Table: e.Table})
	case Unread:
		return d.saying(e.Problem), Effect{Do: Ask}
	case Words:
		if s.isToAnother(d) {
			return s.replied(d, e)
		}
		if open.Early && s.act.Early { // sent at once with the others
			open.Words.Text += "\n" + e.Text
			open.Words.Quoted, open.Words.Table = open.Words.Quoted || e.Quoted, nil
			open.Words.Parts = max(1, open.Words.Parts) + max(1, e.Parts)
			d.Unsure = &open
			return d, Effect{Do: Ask}
		}
		return d.saying(es.Say(es.ChooseBelow)), Effect{Do: Ask}
	case Files:
		return d.saying(es.Say(es.ChooseBelow)), Effect{Do: Ask}
	default:
		return d, Effect{Do: Ask}
	}
}

// settled is a press on what is to be done with the act about which is asked. Words that
// have no place yet stay with the form where it is left, and are given back where it ends.
func (s step) settled(d Draft, open Unsure, e Press) (Draft, Effect) {
	free := d
	free.Unsure = nil
	switch e { //nolint:exhaustive // the other buttons do not stand there
	case Mine:
		if open.Early && !s.mayAnswer(free, open.Words) { // what is asked is another by now
			return d, Effect{Do: Ask}
		}
		s.act.From = open.From
		return s.answered(free, open.Words)
	case Join:
		return s.join(free, open)
	case Discard:
		return s.discard(d)
	case Save:
		return s.save(d.Kept())
	case Stay:
		return free, Effect{Do: Ask}
	}
	return d, Effect{Do: Ask}
}

func (s step) discard(d Draft) (Draft, Effect) {
	return d.Given(es.Say(es.FormDropped), s.act.On), Effect{Do: Close}
}

func (s step) save(d Draft) (Draft, Effect) {
	if IsDraft(d.Verb) {
		return s.send(d)
	}
	return d, Effect{Do: SetAside}
}

// help is how the open question of d is answered, and the form left.
func (d Draft) help(f card.Form) string {
	q, asks := d.Asks(f)
	switch {
	case !asks:
		return es.FormHelp(es.Say(es.ChooseBelow), "")
	case q.Spec.Type == core.TypeUpload:
		return es.FormHelp(es.Say(es.HelpSend), "")
	case len(q.Options) > 0:
		return es.FormHelp(es.Say(es.HelpChoose), "")
	}
	return es.FormHelp(es.Say(es.HelpWrite), q.Hint)
}

// unsure asks about an act.
func (t talker) unsure() (card.Card, es.Story) {
	open := *t.draft.Unsure
	c := card.Card{Story: es.Story{Title: es.Say(es.AskDiscard), Head: Title(t.form), Text: []string{es.Say(es.AskDiscardText)}, Facts: Summary(t.draft, t.form)}}
	stay := t.button(Stay, es.Say(es.ButtonReturn), card.Plain)
	later := t.button(Save, es.Say(es.ButtonLater), card.Plain)
	drop := t.button(Discard, es.Say(es.ButtonDropForm), card.Danger)
	switch {
	case open.Early:
		c = t.early(open, later)
	case open.Words.Text == "":
		c.Rows = [][]card.Action{{drop, stay}, {later}}
	default:
		c.Title, c.Text, c.Facts = es.IsItAnswer(open.Words.Text), nil, nil
		t.draft.Unsure = nil
		q, asks := t.draft.Asks(t.form)
		if asks {
			c.Text = []string{q.Label}
		}
		t.draft.Unsure = &open
		if a, _, problem := (step{form: t.form, now: t.now}).answer(q, open.Words.Text); asks && problem == "" && !a.empty() {
			c.Rows = append(c.Rows, []card.Action{t.button(Mine, es.Say(es.ButtonMyAnswer), card.Plain)})
		}
		if open.Words.Command != "" {
			c.Rows = append(c.Rows, []card.Action{{Label: es.WordButton(open.Words.Command), Token: t.seal(card.Token{Word: open.Words.Command})}})
		}
		c.Rows = append(c.Rows, []card.Action{later, drop}, []card.Action{stay})
	}
	if t.draft.Problem != "" {
		c.Text = append([]string{t.draft.Problem}, c.Text...)
	}
	return c, c.Story
}

// early asks where words belong that were sent before the question was there.
func (t talker) early(open Unsure, later card.Action) card.Card {
	s := step{form: t.form, now: t.now}
	asking := t.draft
	asking.Unsure = nil
	c := card.Card{Story: es.Story{Title: es.Say(es.AskEarly), Head: Title(t.form), Text: []string{es.Quote(open.Words.Text)}}}
	if i := at(t.form, open.After); i >= 0 {
		q := t.form.Questions[i]
		c.Facts = []es.Fact{{Label: es.Label(t.draft.Verb, q.Field), Value: shown(q, t.draft), Long: true}}
		c.Rows = append(c.Rows, []card.Action{t.button(Join, es.Say(es.ButtonJoin), card.Plain)})
	}
	if q, asks := asking.Asks(t.form); asks {
		why := es.EarlyFor(q.Label)
		if open.Reply {
			why = es.RepliedFor(q.Label)
		}
		c.Text = append(c.Text, why)
	}
	if s.mayAnswer(asking, open.Words) {
		c.Rows = append(c.Rows, []card.Action{t.button(Mine, es.Say(es.ButtonOpenAnswer), card.Plain)})
	}
	return card.Card{Story: c.Story, Rows: append(c.Rows, []card.Action{t.button(Stay, es.Say(es.ButtonUnused), card.Plain)}, []card.Action{later})}
}
