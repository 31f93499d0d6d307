package stage_test

import (
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
)

// A step that the visitor began is finished, not begun anew: what was done by
// hand with other words stands, and nothing is done twice.
func TestHacerloPorMíDoesOnlyWhatIsLeftOfAStep(t *testing.T) {
	t.Parallel()
	s := staged(t, "ocho_pasos")
	do := func(until int) {
		t.Helper()
		if err := s.Run(t.Context(), page.Control{What: "step"}); err != nil {
			t.Fatal(err)
		}
		e2etest.Awaits(t, s, "the step", func() bool {
			st := e2etest.Part[page.Story](t, s, page.PartStory)
			if st.Trouble != "" {
				t.Fatal(st.Trouble)
			}
			return st.Playing == "" && st.Steps[until-1].Done != ""
		})
	}
	by := func(who, on string) bottest.Client {
		c, err := s.World().Client(who, on)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// hand acts for the visitor, and waits for what it leads to.
	hand := func(who, on, what string, act func(bottest.Client) error) {
		t.Helper()
		e2etest.Awaits(t, s, what, func() bool { return act(by(who, on)) == nil })
		e2etest.Await(t, "rest after "+what, func() bool {
			idle, err := s.World().Idle(t.Context())
			return err == nil && idle
		})
	}
	press := func(label string) func(bottest.Client) error {
		return func(c bottest.Client) error { return c.Press(label, 1) }
	}
	say := func(text string) func(bottest.Client) error {
		return func(c bottest.Client) error { return c.Say(text) }
	}
	do(1)
	do(2)
	hand("lucía", "telegram", "the word", func(bottest.Client) error { // left at its second question
		return s.Do(t.Context(), page.Act{Person: "lucía", On: "telegram", What: "say", Text: "/nueva"})
	})
	hand("lucía", "telegram", "a question", say("Equipo que nadie pidió"))
	do(3)
	do(4)
	// Step 5: the oficio is registered, with a number of the visitor's; of the
	// receipt the form is open.
	hand("raúl", "telegram", "the card", press("Registrar oficio"))
	hand("raúl", "telegram", "a question", say("IE/ST/0001/2026"))
	hand("raúl", "telegram", "a question", say("hoy"))
	hand("raúl", "telegram", "the question of the file", press("Continuar"))
	hand("raúl", "telegram", "the form", press("Enviar"))
	hand("tomás", "slack", "the card", press("Registrar acuse"))
	do(5)
	do(6)
	// Step 7: assigned and observed by hand; the answer is left.
	hand("héctor", "slack", "the menu", func(c bottest.Client) error { return c.Fill("Asignar", "Mariana Ríos Téllez · 0 abiertas") })
	hand("mariana", "slack", "the card", press("Observar"))
	for label, value := range map[string]string{
		"¿Qué sección se observa?": "Anexos", "¿Qué falta o debe aclararse?": "Falta la ficha técnica del equipo.", "¿Qué debe entregar?": "La ficha técnica, firmada.",
	} {
		hand("mariana", "slack", label, func(c bottest.Client) error { return c.Fill(label, value) })
	}
	hand("mariana", "slack", "the form", func(c bottest.Client) error { return c.Submit() })
	e2etest.Awaits(t, s, "the observation", func() bool { return e2etest.Part[page.Story](t, s, page.PartStory).Steps[6].Next })
	do(7)
	do(8)
	r := e2etest.Part[[]page.Request](t, s, page.PartRequests)
	if len(r) != 1 || r[0].State != "Dictamen entregado" {
		t.Fatalf("%+v", r)
	}
	times := map[string]int{}
	for _, e := range r[0].Trail {
		if e.Refused != "" {
			t.Errorf("refused: %+v", e)
		}
		times[e.What]++
	}
	for what, n := range times {
		if n > 1 && what != "Registró una llamada: Contestó" {
			t.Errorf("%d times: %s", n, what)
		}
	}
	full, err := s.Desk().Ledger.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil || full.Fields[core.FieldLetterNumber] != "IE/ST/0001/2026" {
		t.Errorf("the oficio of the visitor's is %q (%v)", full.Fields[core.FieldLetterNumber], err)
	}
}
