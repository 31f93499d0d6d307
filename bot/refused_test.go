package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// button is the token of a button on a person's card of a record, as it is now.
func (w *world) button(who, record, label string) string {
	w.t.Helper()
	s, err := w.desk.Scene(w.t.Context(), record, w.people[who].ID)
	w.must(err)
	for _, a := range append(actions(card.Of(s, w.seal)), actions(card.Unfolded(s, w.seal))...) {
		if a.Label == label {
			return a.Token
		}
	}
	w.t.Fatalf("%s has no button %q on %s", who, label, record)
	return ""
}

// refusedLast fails unless the trail of a record ends with a refusal.
func (w *world) refusedLast(record, who string, reason core.Reason) {
	w.t.Helper()
	trail, err := w.store.Trail(w.t.Context(), record, 0, 0)
	w.must(err)
	e := trail[len(trail)-1]
	if e.Refusal == nil || e.Refusal.Reason != reason || e.By != w.people[who].ID || e.Once == "" || e.Where != "telegram" {
		w.t.Errorf("the trail ends with %+v, want a refusal of %s: %s", e, who, reason)
	}
}

func TestEveryRefusedPressIsInTheTrailWithWhoAndWhy(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	release := w.button("raúl", r.ID, "Liberar")

	// Another agency's: a button that was theirs once, and is not any more.
	foreign := w.seal.Seal(w.people["diego"].ID, card.Token{Word: string(core.VerbRelease), Record: r.ID, Version: r.Version})
	w.wants(w.tap("diego", foreign, true), "No encontré la solicitud")
	w.refusedLast(r.ID, "diego", core.NotFound)
	foreign = w.seal.Seal(w.people["diego"].ID, card.Token{Word: card.WordAsk + string(core.VerbRelease), Record: r.ID, Version: r.Version})
	w.tap("diego", foreign, true)
	w.refusedLast(r.ID, "diego", core.NotFound)
	form := w.seal.Seal(w.people["diego"].ID, card.Token{Word: string(core.VerbReturn), Record: r.ID, Version: r.Version})
	w.in("diego", bot.Input{Private: true, Form: &bot.Submission{Token: form, Values: fields(core.FieldReason, "No procede por ahora")}})
	w.refusedLast(r.ID, "diego", core.NotFound)

	// Not the role's.
	w.wants(w.tap("lucía", w.seal.Seal(w.people["lucía"].ID, card.Token{Word: string(core.VerbRelease), Record: r.ID, Version: r.Version}), true), "Solo la Secretaría Técnica")
	w.refusedLast(r.ID, "lucía", core.NotAllowed)

	// Their own.
	own := w.filed("diego", "Arrendamiento de enlaces de datos")
	w.wants(w.tap("diego", w.seal.Seal(w.people["diego"].ID, card.Token{Word: string(core.VerbRelease), Record: own.ID, Version: own.Version}), true),
		"Usted registró esta solicitud; debe liberarla otra persona.")
	w.refusedLast(own.ID, "diego", core.OwnRequest)

	// A suspended account.
	w.do(clerk, w.people["raúl"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Cambio de adscripción de la persona")})
	w.wants(w.tap("raúl", release, true), "Su cuenta está suspendida y no se registró nada.")
	w.refusedLast(r.ID, "raúl", core.Suspended)
	w.do(clerk, w.people["raúl"].ID, core.Command{Verb: core.VerbReinstate})

	// An older card, and a second press.
	w.by("lucía", r.ID, core.Command{Verb: core.VerbComment, Fields: fields(core.FieldNote, "Agregué la cotización.")})
	w.wants(w.tap("raúl", release, true), "Esta información ya cambió")
	w.refusedLast(r.ID, "raúl", core.Stale)
	now := w.button("raúl", r.ID, "Liberar")
	w.wants(w.tap("raúl", now, true), "La solicitud quedó liberada.")
	w.wants(w.tap("raúl", now, true), "Ya constaba: usted liberó la solicitud")
	w.refusedLast(r.ID, "raúl", core.Repeated)
}

func TestRefusedPressesDoNotFloodTheTrailThatPeopleRead(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	token := w.seal.Seal(w.people["lucía"].ID, card.Token{Word: string(core.VerbRelease), Record: r.ID, Version: r.Version})
	for range 450 {
		w.tap("lucía", token, true)
	}
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["lucía"].ID)
	w.must(err)
	want := []string{"Lucía Herrera Campos empezó el borrador", "Lucía Herrera Campos presentó la solicitud"}
	page, _ := es.TrailPage(s, 0, 15)
	for name, lines := range map[string][]string{"card": es.Tell(s).Trail, "page": page.Text} {
		lines = strings.Split(strings.Join(lines, "\n"), "\n")[1:] // below the date
		if len(lines) != len(want) || !strings.Contains(lines[0], want[0]) || !strings.Contains(lines[1], want[1]) {
			t.Errorf("the %s reads %q", name, lines)
		}
	}
	all, err := w.store.Trail(t.Context(), r.ID, 0, 0)
	w.must(err)
	if n := len(all); n != 452 {
		t.Errorf("the auditor reads %s", fmt.Sprint(n))
	}
}
