package ops_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// whatIf asks of the office of a world, which has issued too little to be measured, and returns
// what is said of that.
func whatIf(t *testing.T, w *world.World) string {
	t.Helper()
	_, err := ops.AnswerWhatIf(t.Context(), &w.Config, world.Quiet(), ops.WhatIf{People: 3, Days: 20, Since: 365, Runs: 10})
	if err == nil {
		t.Fatal("an office is measured that did next to nothing")
	}
	return err.Error()
}

func TestAQuestionCountsWhatWasIssuedAlsoWhereItWasArchivedOrCameBack(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if says := whatIf(t, w); !strings.Contains(says, "days before: 0,") {
		t.Errorf("of an empty store: %s", says)
	}
	for _, given := range []string{"dictamen entregado", "lo concluido, en el archivo", "000001/2026, de vuelta del archivo"} {
		if err := w.Given(t.Context(), given); err != nil {
			t.Fatal(err)
		}
		if says := whatIf(t, w); !strings.Contains(says, "days before: 1,") || !strings.Contains(says, "say --arrivals") {
			t.Errorf("%s: %s", given, says)
		}
	}
}
