package bot_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

var leaves = fields(core.FieldReason, "Cambio de adscripción")

// owedTo are what the outbox holds for a person, beside the redraws that take
// their cards off the screen.
func (w *world) owedTo(first string) []string {
	w.t.Helper()
	var out []string
	for _, it := range w.owed() {
		if it.Account == w.people[first].ID && it.What != desk.WhatCard {
			out = append(out, it.Key)
		}
	}
	return out
}

func TestASuspendedPersonIsShownAndSentNothingMore(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	w.settle()
	if _, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID); err != nil {
		t.Fatal(err)
	}
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	w.settle()

	w.by("lucía", r.ID, core.Command{Verb: core.VerbComment, Fields: fields(core.FieldNote, "Agregué la cotización.")})
	w.by("tomás", r.ID, core.Command{Verb: core.VerbNotArrived})
	w.filed("lucía", "Arrendamiento de enlaces de datos")
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
	if got := w.owedTo("raúl"); len(got) > 0 {
		t.Errorf("a suspended person is owed %q", got)
	}
	if _, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("what is shown of the request: %v", err)
	}
	if _, err := w.desk.Digest(t.Context(), w.people["raúl"].ID); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("what is told in the morning: %v", err)
	}
}

func TestWhatASuspendedPersonWritesInAGroupIsNotAnswered(t *testing.T) {
	w := newWorld(t)
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	for _, words := range []string{"buenos días", "pendientes", "147"} {
		if r := w.inGroup("raúl", words); text(r) != "" {
			t.Errorf("%q is answered with %q", words, text(r))
		}
	}
	w.wants(w.say("raúl", "/pendientes"), "Su cuenta está suspendida")
}

func TestAPressThatWasReadBeforeASuspensionIsDecidedAfterIt(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	account, err := w.store.Record(t.Context(), w.people["raúl"].ID)
	w.must(err)
	raul, err := w.desk.Actor(t.Context(), account)
	w.must(err)
	w.by("sofía", account.ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	out, err := w.desk.Do(t.Context(), raul, r.ID, core.Command{Verb: core.VerbRelease, Where: "telegram", Once: "tg:late"})
	w.must(err)
	if out.Refusal == nil || out.Refusal.Reason != core.Suspended {
		t.Fatalf("decided with %+v", out.Refusal)
	}
	w.refusedLast(r.ID, "raúl", core.Suspended)
}

func TestAFormThatWasOpenWhenItsChatWasUnlinkedDecidesNothing(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	form := w.button("raúl", r.ID, "Devolver")
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
	w.wants(w.in("raúl", bot.Input{Private: true, Form: &bot.Submission{Token: form, Values: fields(core.FieldReason, "No procede por ahora")}}), "Este chat todavía no está vinculado")
	if now, err := w.store.Record(t.Context(), r.ID); err != nil || now.State != core.StateFiled {
		t.Errorf("it is %s (%v)", now.State, err)
	}
}

// colleague enrols another requester of Lucía's agency.
func (w *world) colleague() string {
	w.enrol("ana", "Ana Peña Soto", "requester", "IE")
	w.link("ana", "telegram")
	w.settle()
	return "ana"
}

func TestWhatFallsToTheRequesterIsTheFilersTurn(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.issued("Adquisición de impresoras láser")
	w.wants(w.say("lucía", "/pendientes"), r.Number)
	if said := text(w.say(ana, "/pendientes")); strings.Contains(said, r.Number) {
		t.Errorf("a colleague has it among what waits for them:\n%s", said)
	}
	s, err := w.desk.Scene(t.Context(), r.ID, w.people[ana].ID)
	w.must(err)
	if _, mine := s.Mine(); mine {
		t.Error("it is a colleague's turn")
	}
	if n, err := w.desk.CountOwed(t.Context(), s.Actor); err != nil || n != 0 {
		t.Errorf("a colleague owes %d (%v)", n, err)
	}
	if s, err = w.desk.Scene(t.Context(), r.ID, w.people["lucía"].ID); err != nil {
		t.Fatal(err)
	}
	if n, err := w.desk.CountOwed(t.Context(), s.Actor); err != nil || n != 1 {
		t.Errorf("who filed owes %d (%v)", n, err)
	}
}

func TestAColleagueMayDoWhatIsTheFilersTurn(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide")})
	w.by(ana, r.ID, core.Command{Verb: core.VerbCorrect, Fields: fields(core.FieldNote, "Se corrigió el monto")})
}

func TestTheTurnPassesToTheAgencysRequestersWhenTheFilerIsSuspended(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.issued("Adquisición de impresoras láser")
	w.settle()
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	if owed := w.recasts(); !slices.Contains(owed, "card "+ana) {
		t.Errorf("nobody is shown that it has become their turn: %q", owed)
	}
	w.wants(w.say(ana, "/pendientes"), r.Number)
	s, err := w.desk.Scene(t.Context(), r.ID, w.people[ana].ID)
	w.must(err)
	if duty, mine := s.Mine(); !mine || duty.Name != core.DutyPickup {
		t.Errorf("their turn is %+v", duty)
	}
	if diego, err := w.desk.Scene(t.Context(), r.ID, w.people["diego"].ID); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("another agency sees %+v", diego.Record)
	}
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbReinstate})
	if said := text(w.say(ana, "/pendientes")); strings.Contains(said, r.Number) {
		t.Errorf("it is still theirs, and the filer is back:\n%s", said)
	}
}

func TestTheTurnIsASubstitutesToo(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.issued("Adquisición de impresoras láser")
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSubstitute, Fields: fields(
		core.FieldSubstitute, w.people[ana].ID, core.FieldFromDate, "2026-11-23", core.FieldToDate, "2026-11-27")})
	if said := text(w.say(ana, "/pendientes")); strings.Contains(said, r.Number) {
		t.Errorf("who has not accepted has it:\n%s", said)
	}
	w.by(ana, w.people["lucía"].ID, core.Command{Verb: core.VerbStandIn})
	w.wants(w.say(ana, "/pendientes"), r.Number)
}

func TestWhatIsSaidOfAnAbsentFilerIsSaidToTheAgencysOthers(t *testing.T) {
	w := newWorld(t)
	ana := w.colleague()
	r := w.received("lucía", "raúl", "Adquisición de impresoras láser")
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: leaves})
	w.settle()
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	if got := w.owedTo(ana); len(got) != 1 {
		t.Errorf("a colleague is owed %q, want the mail to the requester", got)
	}
}

func TestWhatASubstituteFiledIsTheTurnOfWhoseNameItWasFiledIn(t *testing.T) {
	w := newWorld(t)
	w.enrol("ana", "Ana Peña Soto", "executive", "IE") // no requester herself
	w.link("ana", "telegram")
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSubstitute, Fields: fields(
		core.FieldSubstitute, w.people["ana"].ID, core.FieldFromDate, "2026-11-23", core.FieldToDate, "2026-11-27")})
	w.by("ana", w.people["lucía"].ID, core.Command{Verb: core.VerbStandIn})
	r := w.filed("ana", "Adquisición de impresoras láser")
	w.by("lucía", w.people["lucía"].ID, core.Command{Verb: core.VerbComeBack})
	w.by("raúl", r.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "El monto no coincide")})
	w.wants(w.say("lucía", "/pendientes"), r.Number)
	if said := text(w.say("ana", "/pendientes")); strings.Contains(said, r.Number) {
		t.Errorf("who filed it in her name has it still:\n%s", said)
	}
}

// rectified has administration give an account another profile, or another agency.
func (w *world) rectified(first, profile, agency string) {
	w.t.Helper()
	r := w.people[first]
	of := fields(core.FieldName, r.Fields[core.FieldName], core.FieldPost, "Otro cargo", core.FieldEmail, r.Fields[core.FieldEmail],
		core.FieldPhone, "722 555 0100", core.FieldProfile, profile)
	if agency != "" {
		of[core.FieldAgency] = agency
	}
	w.by("sofía", r.ID, core.Command{Verb: core.VerbRectify, Fields: of})
}

// corrected is rectified, with nothing left to be sent.
func (w *world) corrected(first, profile, agency string) {
	w.t.Helper()
	w.rectified(first, profile, agency)
	w.settle()
}

func (w *world) hides(r bot.Reply, parts ...string) {
	w.t.Helper()
	for _, p := range parts {
		if strings.Contains(text(r), p) {
			w.t.Errorf("%q is in:\n%s", p, text(r))
		}
	}
}

func TestAFormOfWhoHasAnotherRoleIsClosedAtTheNextInput(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("raúl", r, "Devolver")
	w.wants(w.say("raúl", "El monto no coincide con los renglones."), "Revise antes de enviar")
	w.corrected("raúl", "requester", "")
	w.wants(w.say("raúl", "¿Sigue ahí?"), "Solo la Secretaría Técnica", "Motivo: El monto no coincide con los renglones.")
	w.wants(w.say("raúl", "/seguir"), "No tiene formularios sin terminar.")
}

func TestAFormOfWhoWasMovedIsClosedAtTheNextInputAndShowsNothingOfTheFormerAgency(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "Falta la cotización.")})
	w.on("lucía", r, "Corregir")
	w.corrected("lucía", "requester", "SO")
	reply := w.say("lucía", "Siguiente")
	w.wants(reply, "ya no está a su cargo", "no se registró nada")
	w.hides(reply, "impresoras", "000001", "“”")
	w.hides(w.say("lucía", "/pendientes"), "impresoras")
}

func TestARequestThatIsBegunForAnAgencyIsNotFiledForAnother(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de impresoras láser")
	w.corrected("lucía", "requester", "SO")
	w.wants(w.say("lucía", "Equipo"), "ya no está a su cargo", "Adquisición de impresoras láser")
	w.wants(w.say("lucía", "/nueva"), "¿")
}

func TestWhoseTheRequestIsNoMoreSeesNothingOfIt(t *testing.T) {
	w := newWorld(t)
	w.enrol("javier", "Javier Peña Soto", "executive", "")
	w.link("javier", "telegram")
	r := w.received("lucía", "raúl", "Adquisición de impresoras láser")
	w.by("tomás", r.ID, core.Command{Verb: core.VerbRefer, Fields: fields(core.FieldHead, w.people["héctor"].ID)})
	w.by("héctor", r.ID, core.Command{Verb: core.VerbAssign, Fields: fields(core.FieldExecutive, w.people["mariana"].ID)})
	sees := func(first string, want bool) {
		t.Helper()
		if _, err := w.desk.Scene(t.Context(), r.ID, w.people[first].ID); err != nil != !want {
			t.Errorf("%s sees it: %v, want %v", first, err, want)
		}
	}
	sees("mariana", true)
	w.by("héctor", r.ID, core.Command{Verb: core.VerbReassign, Fields: fields(core.FieldExecutive, w.people["javier"].ID)})
	sees("mariana", false)
	sees("javier", true)
	w.corrected("tomás", "executive", "")
	sees("tomás", false)
	w.corrected("raúl", "secretary", "SO")
	sees("raúl", false)
	sees("lucía", true)
}

func TestAButtonThatIsNoneOfOursPromisesNothing(t *testing.T) {
	w := newWorld(t)
	reply := w.tap("lucía", "release.r0001.3.forged", true)
	w.wants(reply, "Este botón ya no sirve")
	w.hides(reply, "Le envié")
}
