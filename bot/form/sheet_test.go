package form_test

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

func TestRenglonesThatAreTypedAndInASheetAreAskedAbout(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	d := form.Draft{ID: "f1", Kind: core.KindRequest, Verb: core.VerbDraft}
	must, may := core.Needs(d.Kind, d.Verb, core.None)
	f := card.FormFor(d.Verb, "", must, may, core.Scene{Record: core.Record{Kind: d.Kind}, Now: now}, nil)
	const typed = "Impresora; 4; pieza; 8000"
	sheet := map[core.Field]form.Files{core.FieldItems: {Items: []core.Item{{Description: "Monitor", Quantity: value.Units(20), Unit: "pieza"}}}}
	submit := func(d form.Draft, id, text string) (form.Draft, string) {
		whole := form.Whole{Shown: form.ReadShown(form.Shown(form.Filled(d, f, nil, now))), Values: map[core.Field]string{core.FieldItems: text}, Files: sheet}
		d, effect := form.Step(d, f, form.Act{ID: id, Event: whole}, now)
		return d, effect.Problems[core.FieldItems]
	}
	for _, id := range []string{"1", "2"} { // sent again as it is shown, it is asked again
		var problem string
		if d, problem = submit(d, id, typed); problem != es.Say(es.ItemsTwice) {
			t.Errorf("%s: %q", id, problem)
		}
		if got := form.Items(d, f); len(got) != 0 {
			t.Errorf("%s: taken: %+v", id, got)
		}
	}
	d, problem := submit(d, "3", "")
	if got := form.Items(d, f); problem != "" || len(got) != 1 || got[0].Description != "Monitor" {
		t.Errorf("%q, %+v", problem, got)
	}
}

func TestATableThatIsPastedIsTheAnswerAndItsMessageCanBeMended(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC)
	d := form.Draft{ID: "f1", Kind: core.KindRequest, Verb: core.VerbDraft, Stage: form.Asking, At: core.FieldItems}
	must, may := core.Needs(d.Kind, d.Verb, core.None)
	f := card.FormFor(d.Verb, "", must, may, core.Scene{Record: core.Record{Kind: d.Kind}, Now: now}, nil)
	const text = "Descripción\tCantidad\tUnidad\tMarca\nMonitor\t20\tpieza\tX"
	table := func(description, problem string) *form.Files {
		files := &form.Files{Note: "No uso la columna “Marca”.", Problem: problem, Typed: true}
		if problem == "" {
			files.Items = []core.Item{{Description: description, Quantity: value.Units(20), Unit: "pieza"}}
		}
		return files
	}
	holds := func(d form.Draft, description string) {
		t.Helper()
		if got := form.Items(d, f); len(got) != 1 || got[0].Description != description {
			t.Errorf("holds %+v, want %s", got, description)
		}
	}
	wrong, _ := form.Step(d, f, form.Act{ID: "1", From: "x:1", Event: form.Words{Text: text, Table: table("", "Falta la columna.")}}, now)
	if got := form.Items(wrong, f); len(got) != 0 || wrong.Problem != "Falta la columna." || wrong.At != core.FieldItems {
		t.Errorf("%+v, %q at %s", got, wrong.Problem, wrong.At)
	}
	mended, _ := form.Step(wrong, f, form.Act{ID: "2", From: "x:1", Event: form.Amended{Text: text, Table: table("Monitor", "")}}, now)
	holds(mended, "Monitor")
	if mended.At == core.FieldItems || mended.Problem != "No uso la columna “Marca”." {
		t.Errorf("%q at %s", mended.Problem, mended.At)
	}
	again, _ := form.Step(mended, f, form.Act{ID: "3", From: "x:1", Event: form.Amended{Text: text, Table: table("Pantalla", "")}}, now)
	holds(again, "Pantalla")

	whole := func(d form.Draft, id string, files *form.Files) (form.Draft, form.Effect) {
		return form.Step(d, f, form.Act{ID: id, Event: form.Whole{
			Shown: form.ReadShown(form.Shown(form.Filled(d, f, nil, now))), Values: map[core.Field]string{core.FieldItems: text}, Files: map[core.Field]form.Files{core.FieldItems: *files},
		}}, now)
	}
	refused, effect := whole(d, "4", table("", "Falta la columna."))
	if effect.Problems[core.FieldItems] != "Falta la columna." || refused.Rejected[core.FieldItems] != text {
		t.Errorf("%q, shown again: %q", effect.Problems[core.FieldItems], refused.Rejected[core.FieldItems])
	}
	taken, effect := whole(refused, "5", table("Monitor", ""))
	if effect.Problems[core.FieldItems] != "" {
		t.Errorf("%q", effect.Problems[core.FieldItems])
	}
	holds(taken, "Monitor")
}
