package bot_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/filetype"
	"sidem.gob.mx/sidem/core/outbox"
)

// shelf keeps files in memory; what is called .exe it does not take.
type shelf map[string][]byte

var errProgram = errors.New("a program")

func (s shelf) Check(name string, _ int64) error {
	if strings.HasSuffix(name, ".exe") {
		return errProgram
	}
	return nil
}

func (s shelf) Put(_ context.Context, name string, r io.Reader) (core.Attachment, error) {
	body, err := io.ReadAll(r)
	if err != nil {
		return core.Attachment{}, err
	}
	s[name] = body
	return core.Attachment{Name: name, MIME: "application/pdf", Size: int64(len(body)), Hash: name}, nil
}

func (s shelf) Get(_ context.Context, hash string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(s[hash])), nil
}

func (s shelf) Whole(_ context.Context, hash string) (bool, error) {
	body, is := s[hash]
	return is && !bytes.Equal(body, otherContent), nil
}

// otherContent is not what was attached, whatever that was.
var otherContent = []byte("other")

func withFiles(w *world) *world {
	w.engine.Files = shelf{}
	w.engine.Explain = func(err error) string {
		if errors.Is(err, errProgram) {
			return es.FileRefused("a.exe", filetype.Unknown)
		}
		return ""
	}
	return w
}

func upload(name string, body []byte) bot.Upload {
	return bot.Upload{Name: name, Size: int64(len(body)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(body)), nil
	}}
}

// on presses the button with the label on the card that the notifier would draw.
func (w *world) on(who string, r core.Record, label string) bot.Reply {
	w.t.Helper()
	s, err := w.desk.Scene(w.t.Context(), r.ID, w.people[who].ID)
	w.must(err)
	c := card.Of(s, w.seal)
	acts := slices.Concat(c.Rows...)
	if c.Menu != nil {
		acts = append(acts, c.Menu.Actions...)
	}
	for _, a := range acts {
		if a.Label == label {
			return w.tap(who, a.Token, true)
		}
	}
	w.t.Fatalf("%s has no button %q on the card", who, label)
	return bot.Reply{}
}

func TestASecondFormAsksWhatBecomesOfTheFirst(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("lucía", r, "Cancelar")
	w.say("lucía", "Ya no se requiere el equipo.")
	w.wants(w.say("lucía", "/nueva"), "Tiene un formulario sin terminar", "Motivo: Ya no se requiere el equipo.")
	w.wants(w.press("lucía", "Seguir con el que tenía"), "Cancelar la solicitud · Revise antes de enviar", "Motivo: Ya no se requiere el equipo.")
	w.say("lucía", "/nueva")
	w.wants(w.press("lucía", "Descartarlo y abrir el nuevo"), "Nueva solicitud · 1 de 11")
	w.wants(w.say("lucía", "/mis"), "pregunta 1 de 11")
	if strings.Contains(text(w.last["lucía"]), "Continuar: cancelar la solicitud") {
		t.Error("what was discarded is kept")
	}
}

func TestSeveralFormsAreSetAsideAndGoneOnWith(t *testing.T) {
	w := newWorld(t)
	first, second := w.filed("lucía", "Adquisición de impresoras láser"), w.filed("lucía", "Adquisición de escáneres de mesa")
	for _, r := range []core.Record{first, second} {
		w.on("lucía", r, "Cancelar")
		w.say("lucía", "Motivo de "+r.Number+".")
		w.wants(w.press("lucía", "Guardar y seguir después"), "Quedó guardado lo que escribió.")
	}
	w.wants(w.say("lucía", "/mis"), "Sin terminar · Cancelar la solicitud · Solicitud número "+first.Number, "Sin terminar · Cancelar la solicitud · Solicitud número "+second.Number)
	w.press("lucía", "Continuar: cancelar la solicitud")
	w.wants(w.last["lucía"], "Motivo: Motivo de 00000")
	w.press("lucía", "Sí, cancelarla")
	w.wants(w.last["lucía"], "La solicitud quedó cancelada.")
	if n := strings.Count(text(w.say("lucía", "/mis")), "Sin terminar"); n != 1 {
		t.Errorf("%d forms are left of two", n)
	}
}

func TestAFormSetAsideIsNotLostWhenTheOpenOneGoesOn(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("lucía", r, "Cancelar")
	w.say("lucía", "Ya no se requiere el equipo.")
	w.press("lucía", "Guardar y seguir después")
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de escáneres de mesa")
	w.say("lucía", "/mis")
	w.wants(w.press("lucía", "Continuar: cancelar la solicitud"), "Tiene un formulario sin terminar")
	w.press("lucía", "Seguir con el que tenía")
	w.wants(w.say("lucía", "/mis"), "Sin terminar · Cancelar")
}

func TestAFormSetAsideOpensAsAModalWithWhatWasAnswered(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("lucía", r, "Cancelar")
	w.say("lucía", "Ya no se requiere el equipo.")
	w.press("lucía", "Guardar y seguir después")
	w.say("lucía", "/mis")
	reply := w.in("lucía", bot.Input{Platform: "slack", Tap: w.token("lucía", "Continuar: cancelar la solicitud"), Private: true})
	if reply.Form == nil || reply.Form.Questions[0].Value != "Ya no se requiere el equipo." {
		t.Fatalf("%+v", reply)
	}
	reply = w.in("lucía", bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{
		Token: reply.Form.Token, Values: map[core.Field]string{core.FieldReason: "Ya no se requiere el equipo este año."},
	}})
	w.wants(reply, "La solicitud quedó cancelada.")
	if strings.Contains(text(w.say("lucía", "/mis")), "Sin terminar") {
		t.Error("what was sent is kept as unfinished")
	}
}

func TestAModalOfAnOlderVersionGivesBackWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.link("raúl", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID)
	w.must(err)
	form := ""
	for _, a := range slices.Concat(card.Of(s, w.seal).Rows...) {
		if a.Label == "Devolver" {
			form = w.in("raúl", bot.Input{Platform: "slack", Tap: a.Token, Private: true}).Form.Token
		}
	}
	w.by("lucía", r.ID, core.Command{Verb: core.VerbCancel, Fields: fields(core.FieldReason, "Ya no se requiere el equipo.")})
	reply := w.in("raúl", bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{
		Token: form, Values: map[core.Field]string{core.FieldReason: "El monto no coincide con los renglones."},
	}})
	w.wants(reply, "Ya la canceló Lucía Herrera Campos", "Motivo: El monto no coincide con los renglones.")
}

func TestAFormThatWasRefusedIsOpenedAgainByItsButtonWithWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	w.link("raúl", "slack")
	w.link("lucía", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID)
	w.must(err)
	acts := slices.Concat(card.Of(s, w.seal).Rows...)
	i := slices.IndexFunc(acts, func(a card.Action) bool { return a.Label == "Devolver" })
	for name, c := range map[string]struct {
		who   string
		opens bot.Input
		field core.Field
		typed string
	}{
		"of a card":    {"raúl", bot.Input{Platform: "slack", Tap: acts[i].Token, Private: true}, core.FieldReason, "No."},
		"of a command": {"lucía", bot.Input{Platform: "slack", Text: "/nueva", Private: true}, core.FieldSubject, "Im"},
	} {
		t.Run(name, func(t *testing.T) {
			form := w.in(c.who, c.opens).Form
			reply := w.in(c.who, bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{
				Token: form.Token, Values: map[core.Field]string{c.field: c.typed},
			}})
			if reply.Errors[c.field] == "" || reply.Form == nil || len(reply.Form.Opener.Token) > card.MaxToken || !reply.Form.Opener.Opens {
				t.Fatalf("%+v", reply)
			}
			again := w.in(c.who, bot.Input{Platform: "slack", Tap: reply.Form.Opener.Token, Private: true}).Form
			if again == nil || !slices.ContainsFunc(again.Questions, func(q card.Question) bool { return q.Field == c.field && q.Value == c.typed }) {
				t.Errorf("%+v", again)
			}
		})
	}
}

func TestAWholeFormThatTheDeskRefusedIsDecidedAgainWhenItIsSentAgainAndNotWhenItComesAgain(t *testing.T) {
	w := newWorld(t)
	w.link("tomás", "slack")
	r := w.issued("veinte computadoras")
	form := w.onSlack("tomás", r, "Registrar la entrega del dictamen")
	wrong := map[core.Field]string{core.FieldReceivedBy: "Lucía Herrera Campos", core.FieldShown: "111 111"}
	send := func(once string) bot.Reply {
		return w.in("tomás", bot.Input{Platform: "slack", Private: true, Once: once, Form: &bot.Submission{Token: form.Token, Values: wrong}})
	}
	tries := func() (n int) {
		now, err := w.store.Record(t.Context(), r.ID)
		w.must(err)
		return now.Seq
	}
	for _, c := range []struct {
		once    string
		decides bool
	}{{"sl:1", true}, {"sl:1", false}, {"sl:2", true}, {"sl:2", false}, {"sl:1", false}} {
		before := tries()
		reply := send(c.once)
		if !strings.Contains(reply.Errors[core.FieldShown], "no corresponde a esta solicitud") {
			t.Errorf("%s is told %+v", c.once, reply.Errors)
		}
		if decided := tries() > before; decided != c.decides {
			t.Errorf("%s: decided %t, want %t", c.once, decided, c.decides)
		}
	}
}

func TestRenglonesComeFromASpreadsheetOnEitherPlatform(t *testing.T) {
	w := withFiles(newWorld(t))
	w.link("lucía", "slack")
	good, err := paper.Sheet(es.SheetExample())
	w.must(err)
	bad, err := paper.Sheet([5]any{"Monitor", "", "pieza", 1, ""})
	w.must(err)
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de impresoras láser")
	w.press("lucía", "Adquisición")
	w.press("lucía", "Equipo")
	w.press("lucía", "Continuar")
	if got := w.press("lucía", "Descargar plantilla").Documents; len(got) != 1 || got[0].Name != "renglones.xlsx" {
		t.Errorf("the template: %+v", got)
	}
	w.wants(w.in("lucía", bot.Input{Private: true, Files: []bot.Upload{upload("r.xlsx", bad)}}), "Renglón 1 (fila 2, columna B): falta la cantidad.")
	w.wants(w.in("lucía", bot.Input{Private: true, Files: []bot.Upload{upload("r.exe", good)}}), "Recibí un archivo .exe.")
	w.wants(w.in("lucía", bot.Input{Private: true, Files: []bot.Upload{upload("r.xlsx", good)}}), "¿Cuál es la justificación?")

	token := w.in("lucía", bot.Input{Platform: "slack", Text: "/nueva", Private: true}).Form.Token
	reply := w.in("lucía", bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{
		Token: token, Files: map[core.Field][]bot.Upload{core.FieldItems: {upload("r.xlsx", bad)}},
	}})
	if got := reply.Errors[core.FieldItems]; !strings.Contains(got, "Renglón 1 (fila 2, columna B): falta la cantidad.") {
		t.Errorf("the error is %q", got)
	}
}

func TestTheMenuUnfoldsInPlaceAndFoldsAgain(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["lucía"].ID)
	w.must(err)
	reply := w.tap("lucía", card.Of(s, w.seal).Menu.Token, true)
	if !reply.Redraw || !slices.Contains(labels(reply), "Comentar") {
		t.Fatalf("redraw %v, %v", reply.Redraw, labels(reply))
	}
	w.settle()
	w.press("lucía", "Regresar")
	if got := w.drawn("lucía"); !slices.Contains(got, r.ID) {
		t.Errorf("the card is not drawn again: %v", got)
	}
}

func TestAFileIsGivenToWhoeverMaySeeTheRequestOnly(t *testing.T) {
	w := withFiles(newWorld(t))
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.engine.Files.(shelf)["cotizacion.pdf"] = []byte("%PDF")
	w.by("lucía", r.ID, core.Command{Verb: core.VerbAttach, Files: []core.Attachment{{Name: "cotizacion.pdf", Hash: "cotizacion.pdf", Size: 4}}})
	w.on("raúl", r, "Ver anexos")
	reply := w.press("raúl", "1. cotizacion.pdf")
	if len(reply.Documents) != 1 || reply.Documents[0].Name != "cotizacion.pdf" {
		t.Fatalf("%+v", reply)
	}
	body, err := reply.Documents[0].Open(t.Context())
	w.must(err)
	if got, err := io.ReadAll(body); err != nil || string(got) != "%PDF" {
		t.Errorf("%q, %v", got, err)
	}
	foreign := w.seal.Seal(w.people["diego"].ID, card.Token{Word: card.WordFile, Record: r.ID, Arg: "0"})
	if reply := w.tap("diego", foreign, true); len(reply.Documents) > 0 {
		t.Error("another agency's person is given the file")
	}
}

func TestAFileThatIsLostIsGivenToNobodyAndAdministrationIsToldOnce(t *testing.T) {
	for name, lose := range map[string]func(shelf){
		"it is gone":    func(s shelf) { delete(s, "oficio de Lucía.pdf") },
		"it is another": func(s shelf) { s["oficio de Lucía.pdf"] = otherContent },
	} {
		t.Run(name, func(t *testing.T) {
			w := withFiles(newWorld(t))
			r := w.filed("lucía", "Adquisición de impresoras láser")
			w.by("lucía", r.ID, core.Command{Verb: core.VerbAttach, Files: []core.Attachment{{Name: "oficio de Lucía.pdf", Hash: "oficio de Lucía.pdf", Size: 4}}})
			lose(w.engine.Files.(shelf))
			w.settle()
			var alerts []outbox.Item
			for range 3 {
				w.on("raúl", r, "Ver anexos")
				_, err := w.press("raúl", "1. oficio de Lucía.pdf").Documents[0].Open(t.Context())
				if !errors.Is(err, bot.ErrLost) || !outbox.IsPermanent(err) {
					t.Errorf("it is opened: %v", err)
				}
				w.pass(time.Hour)
				for _, it := range w.owed() {
					if it.Payload().Mail == string(core.MailAlert) {
						alerts = append(alerts, it)
					}
				}
			}
			if len(alerts) != 1 || alerts[0].Account != w.people["sofía"].ID || len(alerts[0].Payload().Lost) != 1 || !strings.HasPrefix(alerts[0].Payload().Lost[0], r.Number+". ") {
				t.Errorf("administration is told: %+v", alerts)
			}
		})
	}
}

func TestThePassIsTheFilersAlone(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	reply := w.on("lucía", r, "Mostrar pase con QR")
	if len(reply.Documents) != 1 || reply.Documents[0].MIME != "image/png" {
		t.Fatalf("%+v", reply)
	}
	w.wants(reply, "código de entrega")
	for _, who := range []string{"raúl", "tomás", "mariana", "sofía"} {
		token := w.seal.Seal(w.people[who].ID, card.Token{Word: card.WordPass, Record: r.ID})
		if reply := w.tap(who, token, true); len(reply.Documents) > 0 || reply.Card != nil {
			t.Errorf("%s is given the pass", who)
		}
	}
}

func TestANoticeThatCannotLeaveNowIsSaidToBeLate(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.engine.Late = func(channel string, _ time.Time) bool { return channel == "email" }
	s, err := w.desk.Scene(t.Context(), r.ID, w.people["raúl"].ID)
	w.must(err)
	for _, a := range slices.Concat(card.Of(s, w.seal).Rows...) {
		if a.Label == "Liberar" {
			w.wants(w.tap("raúl", a.Token, true),
				"Su decisión quedó registrada. El aviso a Lucía Herrera Campos saldrá más tarde; usted no necesita hacer nada.")
		}
	}
}

func TestNoWordOfTheBotIsAVerbOfTheCore(t *testing.T) {
	words := []string{card.WordShow, card.WordMenu, card.WordDetail, card.WordFiles, card.WordFile, card.WordTrail, card.WordLetter, card.WordDraft, card.WordPass, "open", "how", "page", "list", "for"}
	for _, lc := range core.Lifecycles {
		for _, row := range lc.Rows {
			if slices.Contains(words, string(row.Verb)) {
				t.Errorf("%s is both", row.Verb)
			}
		}
	}
}

func TestEveryButtonOfEveryCardIsAnswered(t *testing.T) {
	w := newWorld(t)
	r := w.issued("Adquisición de impresoras láser")
	for who := range w.people {
		s, err := w.desk.Scene(t.Context(), r.ID, w.people[who].ID)
		if err != nil {
			continue
		}
		c := card.Unfolded(s, w.seal)
		for _, a := range append(slices.Concat(c.Rows...), slices.Concat(card.Of(s, w.seal).Rows...)...) {
			if strings.HasPrefix(a.Token, "!") {
				if reply := w.tap(who, a.Token, true); reply.Card == nil && reply.Toast == "" && len(reply.Documents) == 0 {
					t.Errorf("%s presses %q and nothing is said", who, a.Label)
				}
			}
		}
	}
}

func TestOnlyARequestOfOnesOwnAgencyIsABase(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.say("lucía", "/nueva "+r.ID)
	if got := w.last["lucía"].Card; got == nil || got.Title != "Nueva solicitud · Revise antes de enviar" {
		t.Fatalf("of one's own agency: %+v", got)
	}
	w.say("raúl", "/nueva "+r.ID)
	if got := w.last["raúl"].Card; got != nil && strings.Contains(got.Title, "Nueva solicitud") {
		t.Errorf("who files nothing: %+v", got)
	}
	for _, id := range []string{"no-such-request", "a"} {
		other := newWorld(t)
		other.filed("lucía", "Adquisición de impresoras láser")
		other.wants(other.say("lucía", "/nueva "+id), "Nueva solicitud · 1 de 11")
	}
}

func TestABaseThatIsGoneIsSaidToBeGone(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "veinte computadoras")
	w.settle()
	w.say("lucía", "/mis")
	w.wants(w.press("lucía", "Usar una como base"), "¿Cuál usa como base?", "Los archivos no pasan.", r.Number)
	press := w.token("lucía", r.Number)
	w.wants(w.tap("lucía", press, true), "veinte computadoras", "Revise antes de enviar")
	w.press("lucía", "Descartar")
	w.press("lucía", "Sí, descartar")

	for why, id := range map[string]string{"of another agency": w.filed("diego", "cincuenta licencias").ID, "that is none": "ninguna"} {
		gone := w.tap("lucía", w.seal.Seal(w.people["lucía"].ID, card.Token{Word: word.File, Arg: id}), true)
		w.wants(gone, "Esa solicitud ya no puede usarse como base", "Puede empezar una nueva sin ella.")
		if got := labels(gone); len(got) != 1 || got[0] != "Nueva solicitud" {
			t.Errorf("%s: %v", why, got)
		}
	}
	w.wants(w.press("lucía", "Nueva solicitud"), "¿Cuál es el asunto")
}
