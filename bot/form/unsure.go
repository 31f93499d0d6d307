package form

import (
	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
)

// Unsure is an act about which the person is asked before it is done: the press by which
// answers would be lost, or words that may be meant for SIDEM and not as the answer.
type Unsure struct {
	Words Words `json:"words,omitzero"` // the zero Words: it was the press
	// From is the message that said them (platform:message).
	From string `json:"from,omitempty"`
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
		if s.act.Place != d.Place(s.form) {
			return d, Effect{Do: Ask}
		}
		d.Unsure = nil
		switch e { //nolint:exhaustive // the other buttons do not stand there
		case Mine:
			s.act.From = open.From
			return s.answered(d, open.Words)
		case Discard:
			return s.discard(d)
		case Save:
			return s.save(d)
		}
		return d, Effect{Do: Ask}
	case Amended:
		if open.From != "" && open.From == s.act.From {
			d.Unsure = nil
			return s.words(d, Words{Text: e.Text})
		}
		return s.amended(d, e)
	case Unread:
		return d.saying(e.Problem), Effect{Do: Ask}
	case Words, Files:
		return d.saying(es.Say(es.ChooseBelow)), Effect{Do: Ask}
	default:
		return d, Effect{Do: Ask}
	}
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
	if open.Words.Text == "" {
		c.Rows = [][]card.Action{{drop, stay}, {later}}
	} else {
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
	lasting := c.Story
	if t.draft.Problem != "" {
		c.Text = append([]string{t.draft.Problem}, c.Text...)
	}
	return c, lasting
}
