package form_test

import (
	"testing"
	"time"

	"sidem/bot/card"
	"sidem/bot/form"
	"sidem/core"
	"sidem/core/es"
	"sidem/core/value"
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
