package form_test

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

// labels are the buttons that the person sees.
func (c *chat) labels() []string {
	var out []string
	for _, row := range c.card().Rows {
		for _, a := range row {
			out = append(out, a.Label)
		}
	}
	return out
}

func TestWordsThatMayBeMeantForSidemAreAskedAbout(t *testing.T) {
	for name, tc := range map[string]struct {
		field  core.Field
		words  form.Words
		answer bool // it can be the answer
		offers string
	}{
		"to leave":               {core.FieldNote, form.Words{Text: "cancelar"}, true, "Sí, descartar"},
		"to leave, loudly":       {core.FieldNote, form.Words{Text: "¡CANCELAR!"}, true, "Guardar y seguir después"},
		"to leave, with a slash": {core.FieldNote, form.Words{Text: "/cancelar"}, true, "Sí, descartar"},
		"another form":           {core.FieldNote, form.Words{Text: "nueva", Command: "/nueva"}, true, "Usar /nueva"},
		"a list":                 {core.FieldNote, form.Words{Text: "mis solicitudes", Command: "/mis"}, true, "Mis solicitudes"},
		"what is no amount":      {core.FieldAmount, form.Words{Text: "salir"}, false, "Guardar y seguir después"},
	} {
		t.Run(name, func(t *testing.T) {
			c := asked(t, returned(), core.VerbCorrect)
			c.do(form.GoOn) // to the note, which alone is lacking
			if tc.field != core.FieldNote {
				c.do(form.Back)
				c.do(form.Jump{Field: tc.field})
			}
			c.at(tc.field)
			c.do(tc.words)
			if c.d.Unsure == nil || c.last.Do != form.Ask || len(c.d.Answers) > 0 {
				t.Fatalf("%+v", c.d)
			}
			if got := c.labels(); !slices.Contains(got, tc.offers) || slices.Contains(got, "Es mi respuesta") != tc.answer {
				t.Errorf("%q", got)
			}
			c.do(form.Words{Text: "sí"})
			if c.d.Unsure == nil || len(c.d.Answers) > 0 {
				t.Errorf("words were taken as an answer: %+v", c.d)
			}
			back := *c
			back.do(form.Stay)
			back.at(tc.field)
			if tc.answer {
				c.do(form.Mine)
				c.value(tc.field, strings.TrimSpace(tc.words.Text))
			}
		})
	}
}

func TestWordsThatNameAnOptionAreTheAnswer(t *testing.T) {
	c := asked(t, returned(), core.VerbCorrect)
	c.do(form.Jump{Field: core.FieldMultiYear})
	c.do(form.Words{Text: "no", Command: "/nueva"})
	c.value(core.FieldMultiYear, core.No)
}

func TestTheEditOfWhatWasAskedAboutIsAnotherTry(t *testing.T) {
	c := asked(t, filed(), core.VerbReturn)
	c.again("7", form.Words{Text: "cancelar"})
	c.acts = 8
	c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "e", From: "telegram:7", Event: form.Amended{Text: "El monto no coincide."}}, now)
	c.value(core.FieldReason, "El monto no coincide.")
}

func TestHelpIsAboutTheOpenQuestionAndKeepsTheForm(t *testing.T) {
	c := asked(t, filed(), core.VerbSendLetter)
	c.say("IE/ST/0412/2026")
	c.do(form.Words{Text: "ayuda", Command: "/ayuda", Help: true})
	c.at(core.FieldLetterDate)
	if text := strings.Join(c.card().Text, "\n"); !strings.Contains(text, "Escriba su respuesta en un mensaje. Por ejemplo: ") || len(c.d.Answers) != 1 {
		t.Errorf("%q, %+v", text, c.d)
	}
}

func TestAnswersAreThrownAwayOnlyOnceItIsConfirmed(t *testing.T) {
	c := asked(t, filed(), core.VerbSendLetter)
	c.do(form.Discard)
	if c.last.Do != form.Close {
		t.Fatalf("there was nothing to lose: %+v", c.last)
	}
	c = asked(t, filed(), core.VerbSendLetter)
	c.say("IE/ST/0412/2026")
	c.do(form.Discard)
	if got := c.card(); c.last.Do != form.Ask || got.Title != "¿Descarta lo que escribió?" || len(got.Facts) != 1 {
		t.Fatalf("%+v", got)
	}
	stale := c.d.Place(c.f)
	c.do(form.Stay)
	c.at(core.FieldLetterDate)
	c.d, c.last = form.Step(c.d, c.f, form.Act{ID: "late", Place: stale, Event: form.Discard}, now)
	if c.d.Stage == form.Done {
		t.Fatal("a press on the copy that was left discarded the form")
	}
	c.do(form.Discard)
	later := *c
	if later.do(form.Save); later.last.Do != form.SetAside || len(later.d.Answers) != 1 {
		t.Errorf("%+v %+v", later.last, later.d)
	}
	if c.do(form.Discard); c.last.Do != form.Close || c.d.Done == "" {
		t.Errorf("%+v", c.last)
	}
}
