package bot_test

import (
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// justAssigned brings a request of Lucía's to the hand of Mariana, and returns the button by which
// Héctor takes that back.
func (w *world) justAssigned() (core.Record, string) {
	w.t.Helper()
	r := w.received("lucía", "raúl", "Adquisición de 20 computadoras")
	r = w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	r = w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	return r, w.button("héctor", r.ID, "Deshacer la asignación")
}

func TestInSecond61TheAnswerSaysThatItIsTooLate(t *testing.T) {
	w := newWorld(t)
	r, undo := w.justAssigned()
	w.pass(61 * time.Second)
	w.wants(w.tap("héctor", undo, true), "Ya no se puede deshacer: pasaron más de 60 segundos.")
	w.refusedLast(r.ID, "héctor", core.NotUndone)
}

func TestAfterSomebodyActedTheAnswerSaysWho(t *testing.T) {
	w := newWorld(t)
	r, undo := w.justAssigned()
	w.by("mariana", r.ID, core.Command{Verb: core.VerbAccept})
	w.wants(w.tap("héctor", undo, true), "Ya no se puede deshacer: Mariana Ríos Téllez aceptó la solicitud")
	w.refusedLast(r.ID, "héctor", core.NotUndone)
}

func TestTheSecondOfTwoPressesTakesNothingBackAgain(t *testing.T) {
	w := newWorld(t)
	r, undo := w.justAssigned()
	w.wants(w.tap("héctor", undo, true), "La asignación se deshizo")
	w.wants(w.tap("héctor", undo, true), "usted deshizo la asignación")
	w.refusedLast(r.ID, "héctor", core.Repeated)
}

func TestTheButtonGoesWhenItsTimeIsOver(t *testing.T) {
	w := newWorld(t)
	r, _ := w.justAssigned()
	w.settle()
	w.pass(6 * time.Minute)
	due := false
	for _, it := range w.owed() {
		due = due || it.What == "recast" && it.Record == r.ID
	}
	if !due {
		t.Error("nothing has the card drawn without its button")
	}
}

func TestTheTrailTellsToWhomItWentAfterThatWasTakenBack(t *testing.T) {
	w := newWorld(t)
	r, undo := w.justAssigned()
	w.tap("héctor", undo, true)
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["héctor"].ID)
	w.must(err)
	lines := strings.Join(es.Tell(s).Trail, "\n")
	for _, want := range []string{"asignó la solicitud a Mariana Ríos Téllez", "deshizo la asignación a Mariana Ríos Téllez"} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	}
}
