package bot_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
)

// announced is a request that was released, whose oficio is on its way.
func (w *world) announced(subject, letter string) core.Record {
	w.t.Helper()
	r := w.filed("lucía", subject)
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	return w.by("raúl", r.ID, core.Command{Verb: core.VerbSendLetter, Fields: fields(core.FieldLetterNumber, letter, core.FieldLetterDate, "2026-11-20")})
}

func TestSeveralAcusesAreRegisteredAtOnceEachOfItsOwnOficio(t *testing.T) {
	w := newWorld(t)
	one, two := w.announced("Adquisición de impresoras láser", "OF/1/2026"), w.announced("Arrendamiento de enlaces", "OF/2/2026")
	w.filed("lucía", "Adquisición de licencias de ofimática") // nobody has announced its oficio
	w.say("tomás", "/pendientes")
	w.wants(w.press("tomás", "Registrar varios acuses"), "¿Cuáles solicitudes?", "["+one.Number+"]", "["+two.Number+"]")
	w.press("tomás", one.Number)
	w.press("tomás", two.Number)
	w.wants(w.press("tomás", "Continuar"), "¿Cuál es el folio del acuse?")
	w.say("tomás", "OP-2231")
	w.wants(w.press("tomás", "Enviar"), one.Number+": Quedó registrado el acuse.", two.Number+": Quedó registrado el acuse.")
	for _, was := range []core.Record{one, two} {
		r, err := w.store.Record(t.Context(), was.ID)
		w.must(err)
		if r.State != core.StateReceived || r.Fields[core.FieldLetterNumber] != was.Fields[core.FieldLetterNumber] || r.Fields[core.FieldFolio] != "OP-2231" {
			t.Errorf("%s is %s with %v", r.Number, r.State, r.Fields)
		}
	}
}

func TestWhatStopsOneOfSeveralStopsOnlyThatOne(t *testing.T) {
	w := newWorld(t)
	one, two := w.filed("lucía", "Adquisición de impresoras láser"), w.filed("lucía", "Arrendamiento de enlaces")
	w.say("raúl", "/pendientes")
	w.press("raúl", "Liberar varias")
	w.press("raúl", one.Number)
	w.press("raúl", two.Number)
	w.press("raúl", "Continuar")
	w.by("raúl", one.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide")})
	once := bot.Input{Tap: w.token("raúl", "Enviar"), Private: true, Once: "tg:send"}
	w.wants(w.in("raúl", once), one.Number+": En este momento no se puede liberar", two.Number+": La solicitud quedó liberada.")
	w.wants(w.in("raúl", once), two.Number+": La solicitud quedó liberada.") // the same press, delivered again
	r, err := w.store.Record(t.Context(), two.ID)
	w.must(err)
	if r.State != core.StateReleased || r.Version != two.Version+1 {
		t.Errorf("it is %s, version %d", r.State, r.Version)
	}
}

func TestAnotherExecutiveAskedForTooLateIsToldWhoHasTheCase(t *testing.T) {
	w := newWorld(t)
	w.enrol("iván", "Iván Robles Soto", string(core.RoleExecutive), "")
	iván, mariana := w.people["iván"].ID, w.people["mariana"].ID
	one, two, left := w.received("lucía", "raúl", "Adquisición de 20 computadoras"), w.received("lucía", "raúl", "Arrendamiento de enlaces"), w.received("lucía", "raúl", "Licencias de ofimática")
	for _, r := range []core.Record{one, two, left} {
		w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	}
	w.say("héctor", "/pendientes")
	w.press("héctor", "Asignar varias")
	w.press("héctor", one.Number)
	w.press("héctor", two.Number)
	w.press("héctor", left.Number)
	w.press("héctor", "Continuar")
	w.press("héctor", "Iván Robles Soto · 0 abiertas")
	w.by("héctor", one.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, mariana)})
	w.by("héctor", two.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, iván)})
	told := w.press("héctor", "Enviar")
	if strings.Contains(text(told), "deshacerlo") {
		t.Error("no card in reach has a button that takes it back")
	}
	w.wants(told, left.Number+": La solicitud quedó asignada a Iván Robles Soto.", one.Number+": Usted ya asignó la solicitud hoy a las", ", a Mariana Ríos Téllez. Lo que envió ahora no se registró: no se cambió nada.", two.Number+": Ya constaba: usted asignó la solicitud")
}

func TestAChosenRequestThatIsGoneIsCalledByItsNumber(t *testing.T) {
	w := newWorld(t)
	one, two := w.filed("lucía", "Adquisición de impresoras láser"), w.filed("lucía", "Arrendamiento de enlaces")
	w.say("raúl", "/pendientes")
	w.press("raúl", "Liberar varias")
	w.press("raúl", one.Number)
	w.by("raúl", one.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide")})
	w.wants(w.say("raúl", "hola"), "No encontré “hola” entre las opciones.", one.Number+" · ya no procede", "["+two.Number)
	w.by("raúl", two.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide")})
	w.wants(w.press("raúl", "Continuar"), one.Number+" · ya no procede")
	w.wants(w.press("raúl", "Enviar"), one.Number+": En este momento no se puede liberar")
}
