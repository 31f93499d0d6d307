package app_test

import (
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestWhatIsStuckForThreeWeeksIsOneMessageAMorningAndSixAtMost(t *testing.T) {
	for _, platform := range []string{"telegram", "slack"} {
		t.Run(platform, func(t *testing.T) {
			w, _ := ticking(t)
			came := e2etest.Stall(t, w, platform, 3, func() {
				if err := w.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			e2etest.OneAMorning(t, came, e2etest.StallDays, "Tiene 3 pendientes",
				"000001/2026 · Liberar", "000002/2026 · Liberar", "000003/2026 · Liberar", "000001/2026 000002/2026 000003/2026")
		})
	}
}

func TestOneThingThatIsStuckIsRemindedOfAlone(t *testing.T) {
	w, _ := ticking(t)
	came := e2etest.Stall(t, w, "telegram", 1, func() {})
	for _, day := range e2etest.StallDays[1:] {
		e2etest.OneAMorning(t, map[string][]string{day: came[day]}, []string{day}, "Recordatorio: falta liberar esta solicitud")
	}
	e2etest.OneAMorning(t, came, e2etest.StallDays, "000001/2026")
}
