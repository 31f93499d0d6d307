package form_test

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

// under says words under the question of a field; "" is under something else.
func (c *chat) under(f core.Field, text string) {
	c.acts++
	c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "reply:" + text, From: "telegram:" + text, On: "telegram", To: f, Elsewhere: f == "", Event: form.Words{Text: text}}, now)
}

func TestWordsUnderAnEarlierQuestionAnswerThatOne(t *testing.T) {
	c := choosing(t)
	c.under(core.FieldSubject, "Adquisición de monitores")
	c.at(core.FieldProcurement)
	c.value(core.FieldSubject, "Adquisición de monitores")
	if !strings.Contains(c.d.Problem, "Asunto: Adquisición de monitores") {
		t.Errorf("what was changed is not told: %q", c.d.Problem)
	}
	c.d, _ = form.Step(c.d, c.f, form.Act{ID: "e", From: "telegram:Adquisición de monitores", Event: form.Amended{Text: "Adquisición de impresoras"}}, now)
	c.value(core.FieldSubject, "Adquisición de impresoras") // the edit of the reply counts too
}

func TestWordsUnderTheOpenQuestionAreItsAnswer(t *testing.T) {
	c := choosing(t)
	c.under(core.FieldProcurement, "servicio")
	if c.d.Answers[core.FieldProcurement].Value == "" || c.d.At == core.FieldProcurement {
		t.Errorf("%+v", c.d)
	}
}

func TestWordsThatAreNoAnswerToTheQuestionTheyStandUnderChangeNothing(t *testing.T) {
	c := choosing(t)
	c.do(form.Choice{Value: c.f.Questions[1].Options[0].Value})
	before := c.d.Answers[core.FieldProcurement].Value
	c.under(core.FieldProcurement, "ninguna de ellas")
	if c.d.Answers[core.FieldProcurement].Value != before || c.d.Problem == "" {
		t.Errorf("%+v", c.d)
	}
}

func TestWordsUnderAnotherMessageAreAskedAbout(t *testing.T) {
	c := choosing(t)
	c.under("", "servicio")
	if c.d.Pending() != "servicio" || c.d.Answers[core.FieldProcurement].Value != "" {
		t.Fatalf("%+v", c.d)
	}
	if got := c.labels(); !slices.Contains(got, "Es la respuesta a esta pregunta") || slices.Contains(got, "Añadir a la respuesta anterior") {
		t.Errorf("%q", got)
	}
	c.do(form.Mine)
	if c.d.Answers[core.FieldProcurement].Value == "" {
		t.Errorf("%+v", c.d)
	}
}

func TestWordsUnderAnotherMessageThatCannotBeTheAnswerAreGivenBack(t *testing.T) {
	c := choosing(t)
	c.under("", "gracias")
	if c.d.Pending() != "" || !strings.Contains(c.d.Problem, "“gracias”") || len(c.d.Answers) != 1 {
		t.Errorf("%+v", c.d)
	}
}

func TestAWordOfSidemUnderAnEarlierQuestionIsNoAnswer(t *testing.T) {
	c := choosing(t)
	c.under(core.FieldSubject, "cancelar")
	c.value(core.FieldSubject, "Adquisición de equipo")
	if c.d.Unsure == nil {
		t.Errorf("%+v", c.d)
	}
}
