package bot

import (
	"slices"
	"strconv"
	"strings"

	"sidem/bot/card"
	"sidem/core"
	"sidem/core/es"
)

// question is the message that asks what is open, or the summary before sending.
func (t *turn) question(k talk, form card.Form, problem string) Reply {
	c := card.Card{}
	var texts, lasting []string // lasting is what still holds when it is answered
	if problem != "" {
		texts = append(texts, problem)
	}
	if k.At >= len(form.Questions) {
		c.Title = es.SummaryTitle(form.Title)
		c.Facts = k.summary(form)
		c.Rows = [][]card.Action{{
			t.step(k, talkSend, "", es.Say(es.ButtonSend), card.Primary),
			t.step(k, talkBack, "", es.Say(es.ButtonCorrect), card.Plain),
			t.step(k, talkQuit, "", es.Say(es.ButtonDrop), card.Danger),
		}, {t.step(k, talkSave, "", es.Say(es.ButtonLater), card.Plain)}}
	} else {
		q := form.Questions[k.At]
		c.Title = es.Progress(form.Title, k.At+1, len(form.Questions))
		texts, lasting = append(texts, q.Label), []string{q.Label}
		if v := k.shown(q); v != "" {
			texts = append(texts, es.Present(v))
		} else if q.Spec.Type == core.TypeUpload {
			if !q.Required {
				texts = append(texts, es.Say(es.FileOptional))
			}
		} else if len(q.Options) == 0 {
			texts = append(texts, q.Hint)
		}
		c.Rows = t.answers(k, q)
	}
	if len(form.Intro) > 0 {
		c.Head = form.Intro[0]
		texts = append(slices.Clone(form.Intro[1:]), texts...)
		lasting = append(slices.Clone(form.Intro[1:]), lasting...)
	}
	story := c.Story
	c.Text, story.Text = texts, lasting
	t.asking = &asking{k: k, form: form, at: k.At, story: story, open: true}
	return Reply{Card: &c}
}

// answers are the buttons under a question.
func (t *turn) answers(k talk, q card.Question) [][]card.Action {
	var rows [][]card.Action
	chosen := strings.Split(k.Values[q.Field], ",")
	for i, o := range q.Options {
		label := o.Label
		if q.Spec.Type == core.TypeChoices && slices.Contains(chosen, o.Value) {
			label = es.Chosen(label)
		}
		rows = append(rows, []card.Action{t.step(k, talkOption, strconv.Itoa(i), label, card.Plain)})
	}
	var last []card.Action
	if k.At > 0 {
		last = append(last, t.step(k, talkBack, "", es.Say(es.ButtonBack), card.Plain))
	}
	if !q.Required || k.shown(q) != "" {
		last = append(last, t.step(k, talkNext, "", es.Say(es.ButtonNext), card.Primary))
	}
	if q.Spec.Type == core.TypeLines {
		rows = append(rows, []card.Action{t.step(k, talkSheet, "", es.Say(es.ButtonSheet), card.Plain)})
	}
	if len(last) > 0 {
		rows = append(rows, last)
	}
	return append(rows, []card.Action{
		t.step(k, talkSave, "", es.Say(es.ButtonLater), card.Plain),
		t.step(k, talkQuit, "", es.Say(es.ButtonDrop), card.Plain),
	})
}

func (t *turn) step(k talk, word, arg, label string, style card.Style) card.Action {
	return card.Action{Label: label, Style: style, Token: t.Seal.Seal(t.account.ID, card.Token{Word: word, Record: k.ID, Version: k.At, Arg: arg})}
}

// shown is the answer that question q has already, in words.
func (k talk) shown(q card.Question) string {
	switch q.Spec.Type {
	case core.TypeUpload:
		var names []string
		for _, f := range k.Files {
			names = append(names, f.Name)
		}
		return es.List(names)
	case core.TypeLines:
		if len(k.Items) > 0 {
			return card.ItemsText(k.Items)
		}
		return q.Value
	case core.TypePerson:
		for _, o := range q.Options {
			if o.Value == k.Values[q.Field] {
				return o.Label
			}
		}
		return ""
	default:
		if v := k.Values[q.Field]; v != "" {
			return es.FieldValue(q.Field, v)
		}
		return ""
	}
}

func (k talk) summary(form card.Form) []es.Fact {
	var out []es.Fact
	for _, q := range form.Questions {
		if v := k.shown(q); v != "" {
			out = append(out, es.Fact{Label: es.Label(k.Verb, q.Field), Value: v})
		}
	}
	return out
}
