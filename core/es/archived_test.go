package es_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestAnArchivedRequestSaysWhereTheRestOfItIsAndWhoHasIt(t *testing.T) {
	at := time.Date(2025, 3, 20, 18, 0, 0, 0, time.UTC)
	r := core.Record{
		Kind: core.KindRequest, ID: "r1", Number: "000147/2025", State: core.StateCollected, Agency: "IE", Since: at,
		Fields: map[core.Field]string{core.FieldSubject: "Licencias de antivirus", core.FieldOutcome: core.Favorable, core.FieldArchived: core.ArchiveID("2025-03", 1)},
		Acts:   map[core.Verb]core.Act{core.VerbFile: {By: "lucia", At: at.AddDate(0, -1, 0)}},
	}
	got := es.ArchivedStory(r, "Instituto de Ejemplo", core.Actor{Roles: []core.Role{core.RoleRequester}}, time.UTC)
	want := es.Story{
		Title: "Solicitud archivada", Head: "Solicitud número 000147/2025", Subject: "Licencias de antivirus",
		Facts: []es.Fact{
			{Label: "Estado", Value: es.State(core.KindRequest, core.StateCollected)},
			{Label: "Dependencia", Value: "Instituto de Ejemplo"},
			{Label: "Presentada", Value: "20 de febrero de 2025"},
			{Label: "Concluida", Value: "20 de marzo de 2025"},
			{Label: "Sentido", Value: "Favorable"},
		},
		Text: []string{"El expediente completo está en el archivo de marzo de 2025. Si necesita consultarlo, pídalo a la Administración de SIDEM con el número de la solicitud."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	admin := es.ArchivedStory(r, "", core.Actor{Roles: []core.Role{core.RoleAdmin}}, time.UTC)
	if !strings.Contains(admin.Text[0], "pídalo a quien opera el servidor") {
		t.Errorf("the administration is sent to itself: %s", admin.Text[0])
	}
	if line := es.AgedLine(r, 3); !strings.HasSuffix(line, "archivada en marzo de 2025") {
		t.Errorf("in a list it is %q", line)
	}
}
