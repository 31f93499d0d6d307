package es_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestASubstituteIsToldForWhomTheyActUntilWhenAndWhatTheyCanDo(t *testing.T) {
	today := core.Day{Year: 2026, Month: 11, Day: 23}
	raul := core.Principal{Account: "raul", Name: "Raúl Ortega Díaz", Roles: []core.Role{core.RoleSecretary}, From: "2026-11-23", To: "2026-11-27"}
	over := core.Principal{Account: "ana", Name: "Ana Sol", Roles: []core.Role{core.RoleHead}, From: "2026-11-02", To: "2026-11-20"}
	story, stands := es.StandsIn([]core.Principal{over, raul}, today)
	want := es.Story{
		Title: "Usted suple",
		Facts: []es.Fact{{Label: "Raúl Ortega Díaz", Value: "Secretaría Técnica, del 23 al 27 de noviembre de 2026"}},
		Text: []string{
			"Esos días puede, en nombre de Raúl Ortega Díaz: liberar, devolver, registrar oficio, avisar de nuevo, comentar y anexar. Queda constancia de los dos nombres.",
			"Nadie libera lo que registró o corrigió, tampoco como suplente.",
		},
	}
	if diff := cmp.Diff(want, story); diff != "" || !stands {
		t.Errorf("%v: %s", stands, diff)
	}
	if story, stands := es.StandsIn([]core.Principal{over}, today); stands {
		t.Errorf("who stands in for nobody any more is told %+v", story)
	}
}
