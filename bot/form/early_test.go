package form_test

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

// early says words that were sent before the question that is open was there.
func (c *chat) early(e form.Words) {
	c.acts++
	c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "early:" + e.Text, From: "telegram:early:" + e.Text, On: "telegram", Early: true, Event: e}, now)
}

// choosing is a new request at the kind of procurement, whose subject was written just before.
func choosing(t *testing.T) *chat {
	t.Helper()
	c := asked(t, core.Record{Kind: core.KindRequest}, core.VerbDraft)
	c.say("Adquisición de equipo")
	c.at(core.FieldProcurement)
	return c
}

func TestWordsThatWereSentBeforeTheQuestionAreAskedAboutAndNotTaken(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: "de cómputo"})
	if c.d.Unsure == nil || c.last.Do != form.Ask || c.d.Answers[core.FieldSubject].Value != "Adquisición de equipo" {
		t.Fatalf("%+v", c.d)
	}
	if got := c.labels(); !slices.Contains(got, "Añadir a la respuesta anterior") || slices.Contains(got, "Es la respuesta a esta pregunta") {
		t.Errorf("of what names no option %q is offered", got)
	}
	c.do(form.Join)
	c.at(core.FieldProcurement)
	if got := c.d.Answers[core.FieldSubject].Value; got != "Adquisición de equipo de cómputo" {
		t.Errorf("the subject is %q", got)
	}
	if !strings.Contains(c.d.Problem, "Adquisición de equipo de cómputo") {
		t.Errorf("what became of them is not told: %q", c.d.Problem)
	}
	c.do(form.Amended{Text: "otra cosa"}) // of neither of the two messages
	if got := c.d.Answers[core.FieldSubject].Value; got != "Adquisición de equipo de cómputo" {
		t.Errorf("the subject is %q", got)
	}
}

func TestWordsThatWereSentBeforeTheQuestionCanBeItsAnswer(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: "servicio"}) // one of its options, all the same
	if c.d.Unsure == nil || len(c.d.Answers) != 1 {
		t.Fatalf("%+v", c.d)
	}
	c.do(form.Mine)
	if got := c.d.Answers[core.FieldProcurement].Value; got == "" || c.d.Unsure != nil {
		t.Errorf("the answer is %q, and %+v is asked", got, c.d.Unsure)
	}
}

func TestWordsThatWereSentBeforeTheQuestionCanBeLeft(t *testing.T) {
	c := choosing(t)
	before := c.d.Answers
	c.early(form.Words{Text: "perdón"})
	c.do(form.Stay)
	c.at(core.FieldProcurement)
	if len(c.d.Answers) != len(before) || c.d.Answers[core.FieldSubject].Value != before[core.FieldSubject].Value {
		t.Errorf("%+v", c.d.Answers)
	}
}

func TestAllThatWasSentBeforeTheQuestionIsAskedAboutTogether(t *testing.T) {
	c := choosing(t)
	for _, text := range []string{"de cómputo", "para", "la unidad"} {
		c.early(form.Words{Text: text})
	}
	if got := c.card().Text; len(got) == 0 || !strings.Contains(got[0], "de cómputo\npara\nla unidad") {
		t.Errorf("%q", got)
	}
	c.say("no") // this one was written under the question where they belong
	if c.d.Unsure == nil {
		t.Fatal("it is not asked any more")
	}
	c.do(form.Join)
	if got := c.d.Answers[core.FieldSubject].Value; got != "Adquisición de equipo de cómputo para la unidad" {
		t.Errorf("the subject is %q", got)
	}
}

func TestRenglonesThatCameInSeveralMessagesCanBeJoined(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	c.d = c.d.Placed(c.f)
	c.do(form.Jump{Field: core.FieldItems})
	c.say("Computadora; 20; pieza; 18500")
	c.do(form.GoOn) // of the amount was asked
	if c.d.Stage != form.Choosing {
		t.Fatalf("%+v", c.d)
	}
	c.early(form.Words{Text: "Monitor; 20; pieza; 3200"})
	if got := c.labels(); slices.Contains(got, "Es la respuesta a esta pregunta") {
		t.Errorf("where nothing is asked %q is offered", got)
	}
	c.do(form.Join)
	if got := c.d.Answers[core.FieldItems].Items; len(got) != 2 || got[1].Description != "Monitor" {
		t.Errorf("%+v", got)
	}
}

func TestWhatDoesNotFitTheAnswerBeforeIsToldAndNotLost(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: strings.Repeat("de cómputo ", 40)})
	c.do(form.Join)
	if c.d.Unsure == nil || c.d.Problem == "" || c.d.Answers[core.FieldSubject].Value != "Adquisición de equipo" {
		t.Errorf("%+v", c.d)
	}
}

func TestForwardedWordsGoOnOnlyFromContent(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: "de cómputo", Quoted: true})
	if c.d.Unsure == nil || !slices.Contains(c.labels(), "Añadir a la respuesta anterior") {
		t.Fatalf("%+v", c.d)
	}
	other := choosing(t)
	other.d.Last = "" // it was chosen
	other.early(form.Words{Text: "servicio", Quoted: true})
	if other.d.Unsure != nil || len(other.d.Answers) != 1 {
		t.Errorf("a forward names an option: %+v", other.d)
	}
}

func TestHelpIsGivenWheneverItWasAskedFor(t *testing.T) {
	c := choosing(t)
	c.early(form.Words{Text: "ayuda", Command: "/ayuda", Help: true})
	if c.d.Unsure != nil || c.d.Problem == "" {
		t.Errorf("%+v", c.d)
	}
}

func TestWhatWasToldStaysUnderTheQuestionThatWasAnswered(t *testing.T) {
	c := choosing(t)
	c.say("de cómputo") // names none of the options
	if c.d.Problem == "" {
		t.Fatal("nothing was told")
	}
	seal := func(tok card.Token) string { return tok.Word }
	next, unsure := c.d, c.d
	next.Next, unsure.Unsure = &form.Draft{ID: "f2", Verb: core.VerbDraft, Kind: core.KindRequest}, &form.Unsure{}
	for name, d := range map[string]form.Draft{"a question": c.d, "which form": next, "an act that is asked about": unsure} {
		shown, lasting := form.Card(d, c.f, seal, now)
		if !slices.Contains(shown.Text, d.Problem) || !slices.Contains(lasting.Text, d.Problem) {
			t.Errorf("%s: %q is shown, and %q stays", name, shown.Text, lasting.Text)
		}
	}
}
