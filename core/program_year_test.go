package core_test

import (
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func TestAProgrammeIsDeliveredForThisYearOrTheNextAndAFileMayBringAnOlderOne(t *testing.T) {
	admin := core.Actor{Account: "a", Name: "Sofía", Roles: []core.Role{core.RoleAdmin}}
	for _, c := range []struct {
		year, where string
		refused     bool
	}{
		{"2026", "telegram", false}, {"2027", "slack", false}, {"2025", "telegram", true}, {"1999", "slack", true}, {"2031", "", true}, {"1999", "import", false}, {"2027", "import", false}, {"2062", "import", true}, {"2062", "telegram", true},
	} {
		_, no := core.Decide(core.Record{}, core.Command{
			Kind: core.KindProgram, Verb: core.VerbDeliver, Agency: "IE", Record: "program-ie-" + c.year, Where: c.where,
			Fields: map[core.Field]string{core.FieldYear: c.year, core.FieldLetterNumber: "OF/1", core.FieldLetterDate: "2026-01-12"},
		}, admin, start)
		switch {
		case !c.refused && no != nil:
			t.Errorf("%s from %s: %v", c.year, c.where, no)
		case c.refused && (no == nil || no.Field != core.FieldYear || no.Why != value.WhyYear):
			t.Errorf("%s from %s: %v", c.year, c.where, no)
		}
	}
}
