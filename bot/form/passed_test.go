package form_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core/es"
)

func TestAButtonOfWhatHasPassedChangesNothing(t *testing.T) {
	c := choosing(t)
	c.say("ninguna") // names none of the options: that is said with the question
	problem := c.d.Problem
	for _, e := range []form.Event{form.GoOn, form.Back, form.Save, form.Discard, form.Send, form.Clear, form.Choice{Value: "service"}, form.Reopen{}, form.Jump{}} {
		before := c.d
		c.d, c.last = form.Step(c.d, c.f, form.Act{Place: 0, Event: e}, now)
		if !c.last.Passed || c.d.Problem != problem || c.d.At != before.At || len(c.d.Answers) != len(before.Answers) || c.d.Unsure != nil {
			t.Errorf("%T %v: %+v", e, e, c.d)
		}
	}
}

func TestWhoPressesAButtonOfWhatHasPassedIsToldWhetherItWasAnswered(t *testing.T) {
	c := choosing(t)
	for place, want := range map[int]es.Phrase{0: es.QuestionAnswered, 5: es.StepPassed, len(c.f.Questions): es.StepPassed} {
		story, words := form.Passed(c.d, c.f, place)
		if words != es.Say(want) || story.Title == "" {
			t.Errorf("place %d: %q under %+v", place, words, story)
		}
	}
	if story, _ := form.Passed(c.d, c.f, 0); !strings.Contains(strings.Join(story.Text, "\n"), "Respuesta: Adquisición de equipo") {
		t.Errorf("%+v", story)
	}
}
