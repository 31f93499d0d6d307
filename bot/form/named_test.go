package form_test

import (
	"testing"

	"sidem.gob.mx/sidem/bot/form"
	"sidem.gob.mx/sidem/core"
)

func TestANameThatIsNobodysIsRefusedAtItsOwnQuestion(t *testing.T) {
	for _, name := range []string{"R\u0430úl Ortega Díaz", "SIDEM", "usted", "........", "123456", "Raúl 🔒✅"} {
		c := asked(t, core.Record{Kind: core.KindAccount}, core.VerbApply)
		c.do(form.Jump{Field: core.FieldName})
		c.say(name)
		c.at(core.FieldName)
		c.value(core.FieldName, "")
	}
	agency := asked(t, core.Record{Kind: core.KindAgency}, core.VerbRegister)
	agency.do(form.Jump{Field: core.FieldName})
	agency.say("IE2")
	agency.at(core.FieldName)
	agency.say("Unidad de SIDEM")
	agency.value(core.FieldName, "Unidad de SIDEM")
}
