package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
)

func TestAListTurnsItsPagesInPlaceWithoutAGapOrARepeat(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 23 {
		w.pass(time.Second)
		want = append(want, w.filed("lucía", fmt.Sprintf("Adquisición número %d de la serie", i)).Number)
	}
	numbers := func(r bot.Reply) (out []string) {
		for _, l := range labels(r) {
			if strings.Contains(l, "/2026") {
				out = append(out, l)
			}
		}
		return out
	}
	first := w.say("raúl", "/pendientes")
	w.wants(first, "Tiene 23 pendientes · 1 a 10")
	second := w.press("raúl", "Siguientes")
	w.wants(second, "11 a 20", "[Anteriores]", "[Siguientes]")
	third := w.press("raúl", "Siguientes")
	w.wants(third, "21 a 23", "[Anteriores]")
	if slices.Contains(labels(third), "Siguientes") {
		t.Error("the last page has a next")
	}
	if diff := cmp.Diff(want, slices.Concat(numbers(first), numbers(second), numbers(third))); diff != "" {
		t.Errorf("oldest first (-want +got):\n%s", diff)
	}
	if first.Redraw || !second.Redraw || !third.Redraw {
		t.Error("a page is drawn in place of the one before, the list itself is new")
	}
	if diff := cmp.Diff(numbers(second), numbers(w.press("raúl", "Anteriores"))); diff != "" {
		t.Errorf("back again (-want +got):\n%s", diff)
	}
}

func TestWhatWasDoneMeanwhileLeavesTheListAndTheNextPageGoesOn(t *testing.T) {
	w := newWorld(t)
	var all []core.Record
	for i := range 14 {
		w.pass(time.Second)
		all = append(all, w.filed("lucía", fmt.Sprintf("Adquisición número %d de la serie", i)))
	}
	w.say("raúl", "/pendientes")
	w.by("raúl", all[2].ID, core.Command{Verb: core.VerbRelease})
	next := w.press("raúl", "Siguientes")
	w.wants(next, all[10].Number, all[13].Number)
}

func TestAListOfYesterdayIsSaidToBeClosed(t *testing.T) {
	w := newWorld(t)
	for i := range 11 {
		w.filed("lucía", fmt.Sprintf("Adquisición número %d de la serie", i))
	}
	w.say("raúl", "/pendientes")
	w.pass(25 * time.Hour)
	w.wants(w.press("raúl", "Siguientes"), "Esa lista ya no está disponible")
}

func TestAnEmptyListSaysSoAndWhatToDo(t *testing.T) {
	w := newWorld(t)
	w.wants(w.say("raúl", "/pendientes"), "No tiene pendientes", "Le avisaremos")
	w.wants(w.say("lucía", "/mis"), "No tiene solicitudes", "/nueva")
	w.wants(w.say("mariana", "/mis"), "No tiene solicitudes", "se le asignen")
	w.wants(w.say("patricia", "/tablero"), "No hay solicitudes en trámite")
	w.wants(w.say("patricia", "/buscar impresoras"), "No encontré nada")
}

func TestADutySaysItsAgeInWorkingDays(t *testing.T) {
	w := newWorld(t)
	w.filed("lucía", "Adquisición de impresoras")
	w.wants(w.say("raúl", "/pendientes"), "Liberar · Adquisición")
	w.pass(7 * 24 * time.Hour)
	w.wants(w.say("raúl", "/pendientes"), "lleva 5 días hábiles")
}

func TestAButtonOfAListShowsTheCard(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras")
	w.settle()
	w.say("raúl", "/pendientes")
	w.press("raúl", r.Number)
	if diff := cmp.Diff([]string{r.ID}, w.drawn("raúl")); diff != "" {
		t.Errorf("cards drawn (-want +got):\n%s", diff)
	}
}

func TestANumberIsUnderstoodAsPeopleWriteIt(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras")
	for _, said := range []string{"1", "#1", "1/26", "000001/2026", "#000001/2026", "/solicitud 1", "solicitud #1", "/solicitud\n1", "Solicitud 1/26"} {
		w.settle()
		if reply := w.say("raúl", said); reply.Toast != "" || !slices.Equal(w.drawn("raúl"), []string{r.ID}) {
			t.Errorf("%q was not understood: %s", said, text(reply))
		}
	}
}

func TestAnUnknownAndAForeignNumberAreAnsweredAlike(t *testing.T) {
	w := newWorld(t)
	w.filed("lucía", "Adquisición de impresoras")
	for _, form := range []string{"/solicitud %s", "%s", "/buscar %s"} {
		foreign := w.say("diego", fmt.Sprintf(form, "1"))
		unknown := w.say("diego", fmt.Sprintf(form, "2"))
		if diff := cmp.Diff(strings.NewReplacer("«2»", "«1»", "“2”", "“1”").Replace(text(unknown)), text(foreign)); diff != "" {
			t.Errorf("%s (-unknown +foreign):\n%s", form, diff)
		}
	}
	if got := w.drawn("diego"); got != nil {
		t.Errorf("cards of another agency were drawn: %v", got)
	}
}

func TestAFormThatWasLeftStandsInMisAndGoesOn(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de impresoras láser")
	w.wants(w.say("lucía", "/mis"), "Formulario sin terminar", "pregunta 2 de 11")
	w.wants(w.press("lucía", "Seguir con el formulario"), "¿Qué tipo de contratación es?")
}

func TestSearchFindsBySubjectAgencyAndPersonWithinWhatIsSeen(t *testing.T) {
	w := newWorld(t)
	a := w.filed("lucía", "Adquisición de computadoras portátiles").Number
	b := w.filed("lucía", "Arrendamiento de impresoras láser").Number
	c := w.filed("diego", "Adquisición de una computadora y monitores").Number
	all := []string{a, b, c}
	for _, q := range []struct {
		who, query string
		want       []string
	}{
		{"patricia", "computadora", []string{a, c}},
		{"patricia", "COMPUTADORAS", []string{a, c}},
		{"patricia", "adquisicion portatil", []string{a}},
		{"patricia", "monitor", []string{c}},
		{"patricia", "lucía herrera", []string{a, b}},
		{"patricia", "herrera impresora", []string{b}},
		{"patricia", "instituto", []string{a, b}},
		{"patricia", "Secretaría de Obras", []string{c}},
		{"patricia", "obras computadora", []string{c}},
		{"patricia", "IE", []string{a, b}},
		{"patricia", "inexistente", nil},
		{"lucía", "computadora", []string{a}},
		{"lucía", "obras", nil},
		{"lucía", "diego", nil},
		{"diego", "computadora", []string{c}},
		{"inés", "computadora", []string{a, c}},
		{"sofía", "arrendamiento", []string{b}},
		{"mariana", "computadora", nil},
		{"héctor", "computadora", nil},
	} {
		r := w.say(q.who, "/buscar "+q.query)
		var got []string
		for _, l := range labels(r) {
			if slices.Contains(all, l) {
				got = append(got, l)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(q.want, got); diff != "" {
			t.Errorf("%s searches %q (-want +got):\n%s", q.who, q.query, diff)
		}
	}
}

func TestAnExecutiveFindsOwnCasesOnly(t *testing.T) {
	w := newWorld(t)
	mine := w.issued("Adquisición de computadoras portátiles").Number
	other := w.filed("lucía", "Adquisición de computadoras de escritorio").Number
	r := w.say("mariana", "buscar computadoras")
	w.wants(r, mine)
	if strings.Contains(text(r), other) {
		t.Errorf("another's case was found:\n%s", text(r))
	}
}

func TestAnAuditorReadsAndDecidesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de computadoras portátiles")
	w.settle()
	w.say("inés", "/solicitud 1")
	if got := w.drawn("inés"); !slices.Equal(got, []string{r.ID}) {
		t.Fatalf("drawn: %v", got)
	}
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["inés"].ID)
	w.must(err)
	if rows := core.Allowed(s.Record, s.Actor, s.Now); len(rows) != 0 {
		t.Errorf("an auditor may %v", rows)
	}
	for _, word := range []string{"/nueva", "/cuenta", "/suplencia", "/entrega 1"} {
		w.wants(w.say("inés", word), "Esta opción es para")
	}
}

func TestACardThatWasAskedForIsKeptUpToDate(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de computadoras portátiles")
	w.say("patricia", r.Number)
	w.say("patricia", r.Number)
	w.settle()
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	if got := w.drawn("patricia"); !slices.Equal(got, []string{r.ID}) {
		t.Errorf("redrawn for who asked: %v", got)
	}
}
