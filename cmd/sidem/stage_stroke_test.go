package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/sandbox"
	"sidem/core"
)

func TestAScriptIsCutWhereSomebodyDoesTheNextThing(t *testing.T) {
	t.Parallel()
	lines := scenario(t, "ocho_pasos")
	got := map[int][]core.Verb{}
	for _, sec := range sections(lines) {
		for _, st := range sec.strokes {
			if st.verb != "" {
				got[sec.step] = append(got[sec.step], st.verb)
			}
		}
	}
	want := map[int][]core.Verb{
		1: {core.VerbDeliver, core.VerbValidate},
		2: {core.VerbApply, core.VerbGrant, core.VerbLink},
		3: {core.VerbDraft, core.VerbFile},
		4: {core.VerbRelease},
		5: {core.VerbSendLetter, core.VerbReceiveLetter},
		6: {core.VerbRefer},
		7: {core.VerbAssign, core.VerbAccept, core.VerbObserve, core.VerbAnswer, core.VerbResolve},
		8: {core.VerbIssue, core.VerbLogCall, core.VerbLogCall, core.VerbHandOver},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A step that the visitor began is finished, not begun anew: what was done by
// hand with other words stands, and nothing is done twice.
func TestHacerloPorMíDoesOnlyWhatIsLeftOfAStep(t *testing.T) {
	t.Parallel()
	s := staged(t, "ocho_pasos")
	do := func(until int) {
		t.Helper()
		if err := s.Run(t.Context(), sandbox.Control{What: "step"}); err != nil {
			t.Fatal(err)
		}
		awaits(t, s, "the step", func() bool {
			st := part[sandbox.Story](t, s, sandbox.PartStory)
			if st.Trouble != "" {
				t.Fatal(st.Trouble)
			}
			return st.Playing == "" && st.Steps[until-1].Done != ""
		})
	}
	by := func(who, on string) bottest.Client {
		c, err := s.w.Client(who, on)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// hand acts for the visitor, and waits for what it leads to.
	hand := func(who, on, what string, act func(bottest.Client) error) {
		t.Helper()
		s.byHand.Store(true)
		awaits(t, s, what, func() bool { return act(by(who, on)) == nil })
		s.settle(t.Context())
	}
	press := func(label string) func(bottest.Client) error {
		return func(c bottest.Client) error { return c.Press(label, 1) }
	}
	say := func(text string) func(bottest.Client) error {
		return func(c bottest.Client) error { return c.Say(text) }
	}
	do(1)
	do(2)
	hand("lucía", "telegram", "the word", say("/nueva")) // left at its second question
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
	awaits(t, s, "the observation", func() bool { return part[sandbox.Story](t, s, sandbox.PartStory).Steps[6].Next })
	do(7)
	do(8)
	r := part[[]sandbox.Request](t, s, sandbox.PartRequests)
	if len(r) != 1 || r[0].State != "Entregado" {
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
	full, err := s.desk.Ledger.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil || full.Fields[core.FieldLetterNumber] != "IE/ST/0001/2026" {
		t.Errorf("the oficio of the visitor's is %q (%v)", full.Fields[core.FieldLetterNumber], err)
	}
}
