package es_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// releasing is a request that waits for its release after a correction, to raul.
func releasing(changes ...core.Change) core.Scene {
	return core.Scene{
		Viewer: core.Record{ID: "raul"}, Changes: changes, Now: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC),
		Record: core.Record{
			Kind: core.KindRequest, State: core.StateFiled, Number: "000001/2026", Fields: map[core.Field]string{},
			Acts: map[core.Verb]core.Act{core.VerbFile: {By: "lucia", Version: 1}, core.VerbCorrect: {By: "lucia", Name: "Lucía Herrera", Version: 3}},
		},
	}
}

func line(f core.Field, before, after string) core.Change {
	return core.Change{Field: f, Before: before, After: after}
}

func TestWhoeverMustReleaseReadsWhatACorrectionChanged(t *testing.T) {
	price := func(s string) value.Money { m, _ := value.StoredMoney(s); return m }
	pc := core.Item{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza", Price: price("18500.00")}
	cheaper := pc
	cheaper.Price = price("17000.00")
	long := strings.Repeat("El equipo actual ya no recibe actualizaciones. ", 4)
	for name, tc := range map[string]struct {
		change core.Change
		want   string
		cut    bool
	}{
		"an amount":        {line(core.FieldAmount, "503440.00", "429200.00"), "Monto estimado con IVA: $503,440.00 → $429,200.00", false},
		"a choice":         {line(core.FieldMultiYear, "no", "yes"), "Plurianual: No → Sí", false},
		"a short text":     {line(core.FieldFunding, "Recursos estatales", "Otra"), "Fuente de financiamiento: “Recursos estatales” → “Otra”", false},
		"of nothing":       {line(core.FieldProject, "", "P-01"), "Proyecto del Programa Sectorial: sin dato → “P-01”", false},
		"a long text":      {line(core.FieldJustification, long+"Son ocho.", long+"Son diez."), "Justificación: “…recibe actualizaciones. Son ocho.” → “…recibe actualizaciones. Son diez.”", true},
		"the lines only":   {line(core.FieldJustification, "Uno\ndos", "Uno dos"), "Justificación: cambió la separación entre líneas", true},
		"endless words":    {line(core.FieldFunding, strings.Repeat("a", 70)+"b", strings.Repeat("a", 70)+"c"), "Fuente de financiamiento: cambió el texto", true},
		"a price":          {core.Change{Field: core.FieldItems, Items: &core.ItemsChange{Before: []core.Item{pc}, After: []core.Item{cheaper}, Lines: []core.ItemChange{{Was: 1, Is: 1, Before: pc, After: cheaper}}}}, "Renglones: cambió 1; el total con IVA era $429,200.00 y es $394,400.00", true},
		"two more":         {core.Change{Field: core.FieldItems, Items: &core.ItemsChange{After: []core.Item{pc, pc}, Lines: []core.ItemChange{{Is: 1, After: pc}, {Is: 2, After: pc}}}}, "Renglones: se agregaron 2", true},
		"an order":         {core.Change{Field: core.FieldItems, Items: &core.ItemsChange{Before: []core.Item{pc, cheaper}, After: []core.Item{cheaper, pc}}}, "Renglones: cambió el orden; el total con IVA sigue en $823,600.00", true},
		"an annex":         {core.Change{Field: core.FieldFiles, Files: []core.Attachment{{Name: "a.pdf"}}}, "Anexos: se agregó a.pdf", false},
		"what breaks rows": {line(core.FieldFunding, "Uno\ndos", "<b>"), "Fuente de financiamiento: “Uno dos” → “<b>”", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := releasing(tc.change)
			text := strings.Join(es.Tell(s).Text, "\n")
			if want := "Qué cambió desde que se devolvió:\n" + tc.want; !strings.Contains(text, want) {
				t.Errorf("it reads\n%s\nand not\n%s", text, want)
			}
			if got := es.ChangesAreCut(s); got != tc.cut {
				t.Errorf("cut: %v", got)
			}
		})
	}
}

func TestOfManyChangesSomeStandOnTheCardAndTheOthersAreCounted(t *testing.T) {
	var all []core.Change
	for i := range 7 {
		all = append(all, line(core.FieldBudgetLine, fmt.Sprint(5150+i), "5111"))
	}
	s := releasing(all...)
	if text := strings.Join(es.Tell(s).Text, "\n"); strings.Count(text, "→") != 5 || !strings.Contains(text, "Y 2 cambios más.") || !es.ChangesAreCut(s) {
		t.Error(text)
	}
}

func TestACorrectionThatChangedNothingSaysSoAndItsAuthorIsToldNothing(t *testing.T) {
	s := releasing()
	s.Trail = []core.Event{{Verb: core.VerbCorrect, By: "lucia", ByName: "Lucía Herrera", Fields: map[core.Field]string{core.FieldNote: "El estudio ya estaba."}}}
	want := []string{"Lucía Herrera indica: El estudio ya estaba.", es.Say(es.NoChanges)}
	if diff := cmp.Diff(want, es.Tell(s).Text); diff != "" || es.ChangesAreCut(s) {
		t.Error(diff)
	}
	s.Viewer.ID = "lucia"
	if got := strings.Join(es.Tell(s).Text, "\n"); strings.Contains(got, "indica") || strings.Contains(got, es.Say(es.NoChanges)) {
		t.Error(got)
	}
}

func TestWhatTheChangesSayAlreadyIsNotSaidTwice(t *testing.T) {
	s := releasing(line(core.FieldAmount, "1.00", "2.00"))
	s.Trail = []core.Event{{Verb: core.VerbCorrect, Fields: map[core.Field]string{core.FieldNote: es.Corrected([]string{es.Field(core.FieldAmount)})}}}
	if got := es.Tell(s).Text; len(got) != 1 {
		t.Errorf("%q", got)
	}
}

// Every character of what was and of what is stands on some page, whatever its length.
func TestTheComparisonHoldsTheWholeOfBothVersionsOnPagesThatFit(t *testing.T) {
	before, after := strings.Repeat("áb ", 1000), strings.Repeat("cd\n", 900)
	var added []core.ItemChange
	for i := range 60 {
		added = append(added, core.ItemChange{Is: i + 1, After: core.Item{Description: fmt.Sprintf("Cable %02d", i), Quantity: value.Units(1), Unit: "pieza", Features: strings.Repeat("x", 200)}})
	}
	s := releasing(line(core.FieldJustification, before, after), line(core.FieldAmount, "1.00", "2.00"), core.Change{Field: core.FieldItems, Items: &core.ItemsChange{Lines: added}})
	var all strings.Builder
	_, last := es.Comparison(s, 0)
	for n := range last + 1 {
		story, _ := es.Comparison(s, n)
		page := strings.Join(story.Text, "\n")
		if l := len([]rune(page)); l > 2600 || len(story.Text) > 12 {
			t.Errorf("page %d has %d characters in %d paragraphs", n, l, len(story.Text))
		}
		all.WriteString(strings.Join(story.Text, ""))
	}
	for _, want := range []string{before, after, "Antes: $1.00\nAhora: $2.00", "Renglón 60, se agregó\nCable 59 (1 pieza)"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%.40q is missing", want)
		}
	}
	if beyond, n := es.Comparison(s, last+7); n != last || !strings.Contains(beyond.Title, fmt.Sprintf("Página %d de %d", last+1, last+1)) {
		t.Errorf("beyond the last page: %q", beyond.Title)
	}
}
