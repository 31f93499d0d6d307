package form_test

import (
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

func TestWhoIsTheLastOfAnAgencyIsToldSoBeforeTheyAreTakenAway(t *testing.T) {
	warned := func(last []core.Role, field core.Field, answer string) bool {
		t.Helper()
		c := asked(t, known(), core.VerbRectify)
		c.f.Last, c.f.Agency = last, "Instituto de Ejemplo"
		c.do(form.Jump{Field: field})
		if answer == "" {
			c.do(form.Clear)
		} else {
			c.say(answer)
		}
		c.do(form.GoOn)
		return slices.ContainsFunc(c.card().Text, func(s string) bool { return strings.HasPrefix(s, "Nadie más tiene el perfil de Solicitante") })
	}
	sole := []core.Role{core.RoleRequester}
	for name, c := range map[string]struct {
		last   []core.Role
		field  core.Field
		answer string
		want   bool
	}{
		"moved to the office":    {sole, core.FieldAgency, "", true},
		"another extension":      {sole, core.FieldExtension, "1215", false},
		"moved, others are left": {nil, core.FieldAgency, "", false},
	} {
		if got := warned(c.last, c.field, c.answer); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
