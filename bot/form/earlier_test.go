package form_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func TestWhatTheOfficeAnsweredBeforeIsOffered(t *testing.T) {
	long := returned()
	long.Fields = maps.Clone(long.Fields)
	long.Fields[core.FieldFunding], long.Fields[core.FieldBudgetLine] = "Fondo de Aportaciones para el Fortalecimiento de las Entidades Federativas", "3271"
	c := asked(t, blank(), core.VerbDraft)
	c.d.Earlier = form.Earlier([]core.Record{returned(), long, returned()})
	c.say("Adquisición de 20 computadoras")
	for c.d.At != core.FieldBudgetLine {
		c.d.At = c.f.Questions[slices.IndexFunc(c.f.Questions, func(q card.Question) bool { return q.Field == c.d.At })+1].Field
	}
	if got := c.labels(); !slices.Equal(got[:2], []string{"5151", "3271"}) {
		t.Fatalf("%q", got)
	}
	c.do(form.Choice{Value: "5151"})
	c.value(core.FieldBudgetLine, "5151")
	c.at(core.FieldFunding)
	if got := c.labels(); got[0] != "Recursos estatales" || !strings.HasPrefix(got[1], "Fondo de Aportaciones") {
		t.Fatalf("%q", got)
	}
	c.do(form.Choice{Value: "#1"})
	c.value(core.FieldFunding, long.Fields[core.FieldFunding])
	hints := map[core.Field]string{}
	for _, q := range form.Filled(form.Draft{Earlier: c.d.Earlier}, c.f, nil, now).Questions {
		hints[q.Field] = q.Hint
	}
	if hints[core.FieldBudgetLine] != "En solicitudes anteriores: 5151; 3271" {
		t.Errorf("on one screen: %q", hints[core.FieldBudgetLine])
	}
}

func TestARequestIsBegunWithTheAnswersOfAnotherAndNothingElse(t *testing.T) {
	base := returned()
	base.Files = []core.Attachment{{Name: "cotizacion.pdf"}}
	blankDraft := form.Draft{ID: "f1", Kind: core.KindRequest, Verb: core.VerbDraft}
	c := asked(t, blank(), core.VerbDraft)
	c.d = form.Based(blankDraft, base)
	if c.d.Same(blankDraft) {
		t.Error("it is taken for an empty form that is open")
	}
	if got := c.card(); got.Title != "Nueva solicitud · Revise antes de enviar" || len(got.Facts) != len(core.RequestForm) {
		t.Fatalf("%+v", got.Story)
	}
	c.do(form.Correct)
	c.do(form.Jump{Field: core.FieldSubject})
	c.say("Adquisición de 5 computadoras")
	c.do(form.GoOn)
	if c.last.Do != form.Give {
		t.Fatalf("%+v", c.last)
	}
	got := form.Command(c.d, c.f)
	want := maps.Clone(base.Fields)
	want[core.FieldSubject] = "Adquisición de 5 computadoras"
	if diff := cmp.Diff(want, got.Fields); diff != "" || len(got.Files) > 0 || value.PrintItems(got.Items) != value.PrintItems(base.Items) {
		t.Errorf("%s%+v", diff, got)
	}

	d, f := form.Based(blankDraft, base), c.f
	if _, effect := whole(d, f, form.Filled(d, f, nil, now), func(map[core.Field]string) {}); effect.Do != form.Give {
		t.Errorf("on one screen, untouched: %+v", effect)
	}
}
