package form_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

func TestRenglonesAndWordsThatAreGivenBackKeepTheirLines(t *testing.T) {
	f := card.Form{Questions: []card.Question{
		{Field: core.FieldMissing, Spec: core.Specs[core.FieldMissing]}, {Field: core.FieldItems, Spec: core.Specs[core.FieldItems]},
	}}
	d := form.Draft{Verb: core.VerbObserve, Answers: map[core.Field]form.Answer{
		core.FieldMissing: {Value: "Otra cosa que falta:\n- a\n- b"},
		core.FieldItems:   {Items: []core.Item{{Description: "Silla", Quantity: value.Units(2), Unit: "pieza"}, {Description: "Mesa", Quantity: value.Units(1), Unit: "pieza"}}},
	}}
	want := []es.Fact{
		{Label: es.Label(d.Verb, core.FieldMissing), Value: "Otra cosa que falta:\n- a\n- b", Long: true},
		{Label: es.Label(d.Verb, core.FieldItems), Value: "Silla; 2; pieza\nMesa; 1; pieza", Long: true},
	}
	for name, facts := range map[string][]es.Fact{"what is being filled in": form.Summary(d, f), "what came to nothing": form.Typed(d, f)} {
		if diff := cmp.Diff(want, facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestATextWithATabOfBeforeCanBeCorrectedInAControl(t *testing.T) {
	f := card.Form{Questions: []card.Question{{Field: core.FieldReason, Spec: core.Specs[core.FieldReason]}}}
	d := form.Draft{Answers: map[core.Field]form.Answer{core.FieldReason: {Value: "Faltan:\n\tla carta\ty su anexo"}}}
	q := form.Filled(d, f, nil, now).Questions[0]
	if want := "Faltan:\n    la carta    y su anexo"; q.Held != "" || q.Value != want {
		t.Errorf("%q is shown, held: %q", q.Value, q.Held)
	}
	if stored, no := core.Parse(q.Field, q.Value, now); no != nil || stored != q.Value {
		t.Errorf("it comes back as %q, %v", stored, no)
	}
}

func TestRenglonesWithTabsOfBeforeOrJoinedEmojiCanBeCorrectedInAControl(t *testing.T) {
	f := card.Form{Questions: []card.Question{{Field: core.FieldItems, Spec: core.Specs[core.FieldItems]}}}
	items := []core.Item{
		{Description: "Licencia 👩‍💻", Quantity: value.Units(2), Unit: "pieza", Features: "Memoria:\t16 GB\n\tDisco 👨‍👩‍👧"},
		{Description: "Mesa; de centro", Quantity: value.Units(1), Unit: "pieza"},
	}
	d := form.Draft{Answers: map[core.Field]form.Answer{core.FieldItems: {Items: items}}}
	q := form.Filled(d, f, nil, now).Questions[0]
	if q.Held != "" || q.Value == "" {
		t.Fatalf("%q is shown, held: %q", q.Value, q.Held)
	}
	back, no := core.ParseItems(q.Value)
	want := []core.Item{{Description: "Licencia 👩‍💻", Quantity: value.Units(2), Unit: "pieza", Features: "Memoria:    16 GB\n    Disco 👨‍👩‍👧"}, items[1]}
	if diff := cmp.Diff(want, back); no != nil || diff != "" {
		t.Errorf("it comes back as (-want +got):\n%s\n%v", diff, no)
	}
	shown := form.ReadShown(form.Shown(card.Form{Questions: []card.Question{q}}))
	for name, text := range map[string]string{"as it was": q.Value, "without what joins": strings.ReplaceAll(q.Value, "\u200d", "")} {
		d, _ := form.Step(form.Draft{ID: "f1", Verb: core.VerbCorrect, Answers: d.Answers}, f, form.Act{ID: "x", Event: form.Whole{Values: map[core.Field]string{core.FieldItems: text}, Shown: shown}}, now)
		if diff := cmp.Diff(items, d.Answers[core.FieldItems].Items); diff != "" {
			t.Errorf("%s, untouched (-want +got):\n%s", name, diff)
		}
	}
}
