package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core"
)

// passOf is the picture of the pass of a request, as a file that a person sends.
func (w *world) passOf(r core.Record) bot.Upload {
	w.t.Helper()
	picture, err := paper.QR(core.Pass(r.Number, r.Fields[core.FieldPickupCode]))
	w.must(err)
	return upload("pase.png", picture)
}

func (w *world) show(who, words string, files ...bot.Upload) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Text: words, Files: files, Private: true})
}

func TestAtTheCounterAPictureOfAPassIsWorthItsCode(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	other := upload("foto.jpg", []byte("no picture"))
	for _, words := range []string{"", "/entrega"} {
		w.wants(w.show("tomás", words, w.passOf(r)), "Entrega en ventanilla", r.Number, "Código de entrega correcto.", "[Registrar la entrega del dictamen]")
	}
	w.wants(w.show("mariana", "", other, w.passOf(r)), "Código de entrega correcto.")
	w.wants(w.show("tomás", "", other), "No encontré el pase en esa imagen.", "seis dígitos")
}

func TestAPictureOfAnotherCodeIsNoPass(t *testing.T) {
	w := newWorld(t)
	w.issued("Adquisición de impresoras láser")
	picture, err := paper.QR("https://ejemplo.gob.mx/1")
	w.must(err)
	w.wants(w.show("tomás", "", upload("qr.png", picture)), "No encontré el pase en esa imagen.")
}

func TestAPassOfNobodyIsToldAsATypedOne(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	r.Number = "000999/2026"
	w.wants(w.show("tomás", "", w.passOf(r)), "No encontré un dictamen por entregar")
}

func TestThePassOfTheQuestionIsPhotographed(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	w.on("tomás", r, "Registrar la entrega del dictamen")
	w.say("tomás", "Lucía Herrera Campos")
	w.wants(w.show("tomás", "", upload("foto.jpg", []byte("no picture"))), "No encontré el pase en esa imagen.", "¿Qué código de entrega")
	w.wants(w.show("tomás", "", w.passOf(r)), "¿Qué identificación oficial")
	w.press("tomás", "Continuar")
	w.wants(w.press("tomás", "Enviar"), "Quedó registrada la entrega.")
}

func TestWhoIsNotAtTheCounterHasNoPassesRead(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	up := w.passOf(r)
	up.Open = func(context.Context) (io.ReadCloser, error) {
		t.Error("it was fetched")
		return nil, io.EOF
	}
	w.wants(w.show("inés", "", up), "no tiene una solicitud que espere archivos")
	up.Size = paper.MaxPhoto + 1
	w.wants(w.show("tomás", "", up), "No encontré el pase en esa imagen.")
}

func TestAPictureThatCannotBeFetchedIsOurTroubleNotThePersons(t *testing.T) {
	w := newWorld(t)
	up := upload("pase.png", nil)
	up.Open = func(context.Context) (io.ReadCloser, error) { return nil, errors.New("the platform is down") }
	reply := w.engine.Handle(t.Context(), bot.Input{Platform: "telegram", Who: "tomás", Once: "tg:x", Private: true, Files: []bot.Upload{up}})
	w.wants(reply, "No pude completar la acción")
}

// refusedCodes are the tries of codes in the trail of a record.
func (w *world) refusedCodes(record string) (n int) {
	w.t.Helper()
	trail, err := w.desk.Ledger.Trail(w.t.Context(), record, 0, 0)
	w.must(err)
	for _, e := range trail {
		if e.Verb == core.VerbHandOver && e.Refusal != nil && e.Refusal.Reason == core.WrongCode {
			n++
		}
	}
	return n
}

func TestCodesThatAreTriedAtTheCounterAreFewAndOnRecord(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	right := r.Fields[core.FieldPickupCode]
	for n := range core.WrongCodesAnywhere {
		w.wants(w.say("tomás", fmt.Sprintf("/entrega %06d", 900000+n)), "No encontré un dictamen por entregar")
		w.pass(time.Second)
	}
	account, err := w.desk.Account(t.Context(), "telegram", "tomás")
	w.must(err)
	if n := w.refusedCodes(account.ID); n != core.WrongCodesAnywhere {
		t.Errorf("%d tries are in the trail of who made them", n)
	}
	for _, words := range []string{"/entrega " + right, "/entrega " + right[:3] + " " + right[3:], "/entrega " + core.Pass(r.Number, r.Fields[core.FieldPickupCode]), "/entrega +" + core.Pass(r.Number, r.Fields[core.FieldPickupCode])} {
		w.pass(time.Minute)
		w.wants(w.say("tomás", words), "Se agotaron los intentos con código")
	}
	w.wants(w.say("tomás", "/entrega 1"), "Entrega en ventanilla", "[Registrar la entrega del dictamen]")
	w.wants(w.say("mariana", "/entrega "+right), "Código de entrega correcto.")
	w.pass(core.WrongCodesIn)
	w.wants(w.say("tomás", "/entrega "+right), "Código de entrega correcto.")
}

func TestACodeBesideANumberIsATryForThatRequest(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	for range core.WrongCodesOfOne {
		w.wants(w.say("tomás", "/entrega "+r.Number+" 900000"), "El código no corresponde a esta solicitud.")
		w.pass(time.Second)
	}
	w.wants(w.say("tomás", "/entrega "+core.Pass(r.Number, r.Fields[core.FieldPickupCode])), "Se agotaron los intentos con código para esta solicitud.")
	if n := w.refusedCodes(r.ID); n != core.WrongCodesOfOne+1 {
		t.Errorf("%d tries are in the trail of the request", n)
	}
	w.wants(w.say("mariana", "/entrega "+core.Pass(r.Number, r.Fields[core.FieldPickupCode])), "Código de entrega correcto.")
}

func TestACodeBesideAShortNumberIsATryForThatRequestToo(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	for _, words := range []string{"/entrega 1 900000", "/entrega #1 900 001", "/entrega 000001 900002", "/entrega 900003 1", "/entrega folio 1, código 900-004"} {
		w.wants(w.say("tomás", words), "El código no corresponde a esta solicitud.")
		w.pass(time.Second)
	}
	w.wants(w.say("tomás", "/entrega 1 "+r.Fields[core.FieldPickupCode]), "Se agotaron los intentos con código para esta solicitud.")
	w.wants(w.say("mariana", "/entrega 1 "+r.Fields[core.FieldPickupCode]), "Código de entrega correcto.")
}

func TestABareCodeIsNoWayAroundARequestsExhaustedTries(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	right := r.Fields[core.FieldPickupCode]
	for range core.WrongCodesOfOne {
		w.wants(w.say("tomás", "/entrega 1 900000"), "El código no corresponde a esta solicitud.")
		w.pass(time.Second)
	}
	w.wants(w.say("tomás", "/entrega "+right), "No encontré un dictamen por entregar")
	if n := w.refusedCodes(r.ID); n != core.WrongCodesOfOne+1 {
		t.Errorf("%d tries are in the trail of the request", n)
	}
	w.wants(w.say("mariana", "/entrega "+right), "Código de entrega correcto.")
	w.pass(core.WrongCodesIn)
	w.wants(w.say("tomás", "/entrega "+right), "Código de entrega correcto.")
}

func TestRightCodesTireNobody(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	for range 2 * core.WrongCodesAnywhere {
		w.wants(w.say("tomás", "/entrega "+r.Fields[core.FieldPickupCode]), "Código de entrega correcto.")
		w.pass(2 * time.Second)
	}
}
