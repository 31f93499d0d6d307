package form_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// afterItems is a new request at the justification, whose renglones were answered just before.
func afterItems(t *testing.T) *chat {
	t.Helper()
	c := choosing(t)
	c.do(form.Choice{Value: c.f.Questions[1].Options[0].Value})
	c.do(form.Choice{Value: c.f.Questions[2].Options[0].Value})
	c.do(form.GoOn)
	c.at(core.FieldItems)
	c.say("Computadora; 20; pieza; 18500")
	c.at(core.FieldJustification)
	return c
}

func TestRenglonesThatFollowAreAddedAndAreNotTheNextAnswer(t *testing.T) {
	c := afterItems(t)
	c.say("Monitor; 20; pieza; 3200")
	c.early(form.Words{Text: "Teclado; 20; pieza; 350\nRatón; 20; pieza; 120"})
	c.at(core.FieldJustification)
	if got := c.d.Answers[core.FieldItems].Items; len(got) != 4 || got[3].Description != "Ratón" {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(c.d.Problem, "Ratón") || c.d.Pending() != "" || len(c.d.Answers[core.FieldJustification].Value) > 0 {
		t.Errorf("%+v", c.d)
	}
	c.do(form.Words{Text: "Silla\t2\tpieza", Table: &form.Files{Items: []core.Item{{Description: "Silla", Quantity: value.Units(2), Unit: "pieza"}}}})
	if got := c.d.Answers[core.FieldItems].Items; len(got) != 5 || got[4].Description != "Silla" {
		t.Errorf("%+v", got)
	}
}

func TestRenglonesThatWouldBeTooManyAreAskedAbout(t *testing.T) {
	c := afterItems(t)
	more := strings.Repeat("Teclado; 20; pieza; 350\n", core.Specs[core.FieldItems].Max)
	c.say(strings.TrimSpace(more))
	if c.d.Pending() == "" || c.d.Problem == "" || len(c.d.Answers[core.FieldItems].Items) != 1 {
		t.Errorf("%+v", c.d.Problem)
	}
}

func TestAJustificationWithSemicolonsIsOne(t *testing.T) {
	c := afterItems(t)
	c.say("El equipo no recibe actualizaciones; tiene ocho años; y falla cada semana.")
	c.value(core.FieldJustification, "El equipo no recibe actualizaciones; tiene ocho años; y falla cada semana.")
}

func TestRenglonesThatFollowThoseOfASpreadsheetAreAdded(t *testing.T) {
	c := choosing(t)
	c.do(form.Choice{Value: c.f.Questions[1].Options[0].Value})
	c.do(form.Choice{Value: c.f.Questions[2].Options[0].Value})
	c.do(form.GoOn)
	c.do(form.Files{Items: items(2)})
	c.at(core.FieldJustification)
	c.say("Monitor; 20; pieza; 3200")
	if got := c.d.Answers[core.FieldItems].Items; len(got) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestRenglonesThatAreReplacedAreNamed(t *testing.T) {
	for name, e := range map[string]form.Event{"in words": form.Words{Text: "Monitor; 20; pieza; 3200"}, "in a spreadsheet": form.Files{Items: items(1)}} {
		c := afterItems(t)
		c.do(form.Back)
		c.do(e)
		if !strings.Contains(c.d.Problem, "Se quitó este renglón, que ya no está en su respuesta: “Computadora”.") {
			t.Errorf("%s: %q", name, c.d.Problem)
		}
	}
	c := afterItems(t)
	c.do(form.Back)
	c.say("Computadora; 25; pieza; 17000\nMonitor; 20; pieza; 3200")
	if c.d.Problem != "" {
		t.Errorf("nothing was taken away: %q", c.d.Problem)
	}
	c.under(core.FieldItems, "Silla; 2; pieza")
	if !strings.Contains(c.d.Problem, "“Computadora” y “Monitor”") {
		t.Errorf("%q", c.d.Problem)
	}
}
