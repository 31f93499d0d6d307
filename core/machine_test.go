package core_test

import (
	"maps"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

func TestNoAccountPassesForSIDEM(t *testing.T) {
	fields := map[core.Field]string{
		core.FieldName: "Lucía Herrera", core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "7225550100",
		core.FieldProfile: "requester", core.FieldLetterNumber: "IE/1/2026", core.FieldLetterDate: "2026-11-19", core.FieldUser: "lucia.herrera",
	}
	apply := core.Command{Kind: core.KindAccount, Verb: core.VerbApply, Record: "x1", Agency: "IE"}
	judged := func(f core.Field, v string) *core.Refusal {
		apply.Fields = maps.Clone(fields)
		apply.Fields[f] = v
		_, no := core.Decide(core.Record{}, apply, cast["sofia"], start)
		return no
	}
	for _, name := range []string{
		"SIDEM", "sidem", " Sidem ", "SÍDEM", "S I D E M", "S.I.D.E.M.", "ＳＩＤＥＭ", "S1DEM", "SlDEM", "5IDEM", "SIDErn", "Si\u200bdem", "ЅІDЕМ", "SIDEM 2", "Sidem3",
		"Soporte SIDEM", "SIDEM (sistema)", "Administración de SIDEM", "Carga inicial", "CARGA  INICIAL", "cargainicial", "Carga-Inicial", "Cárga lnicial", "Sistema", "system",
	} {
		if no := judged(core.FieldName, name); no == nil || no.Reason != core.Invalid || no.Field != core.FieldName {
			t.Errorf("the name %q is taken: %v", name, no)
		}
		rectify := core.Command{Verb: core.VerbRectify, Fields: map[core.Field]string{
			core.FieldName: name, core.FieldPost: "Titular", core.FieldEmail: "lucia@ejemplo.gob.mx", core.FieldPhone: "7225550100", core.FieldProfile: "requester",
		}}
		if got := refused(t, account("elena"), cast["sofia"], start, rectify); got != core.Invalid {
			t.Errorf("a correction to %q: %s", name, got)
		}
	}
	for _, user := range []string{"sidem", "SIDEM", "sidem2", "sidem.admin", "s1dem", "system", "import", "carga.inicial", "cargainicial", "carga_inicial"} {
		if no := judged(core.FieldUser, user); no == nil || no.Field != core.FieldUser {
			t.Errorf("the user %q is taken: %v", user, no)
		}
	}
	for _, name := range []string{"usted", "Usted", "USTED.", "........", "123456", "Raúl 🔒✅", "Raúl ✅", "1️⃣ Raúl"} {
		if no := judged(core.FieldName, name); no == nil || no.Why != value.WhyName {
			t.Errorf("the name %q is taken: %v", name, no)
		}
		if no := core.Passing(core.FieldReceivedBy, name); no == nil {
			t.Errorf("%q receives", name)
		}
	}
	for _, name := range []string{"Juan O’Donnell", "Juan O´Donnell", "M.ª Luisa Ruiz", "Ana 2", "José-María Ñandú", "Li Wu", "Justed Mora", "Jesi de Mora", "Isidem Ruiz", "Carga Pérez", "Inicial Gómez", "María de los Sistemas", "Luis I. Demetrio", "Sid E. Mora"} {
		if no := judged(core.FieldName, name); no != nil {
			t.Errorf("%q is refused: %v", name, no)
		}
	}
}
