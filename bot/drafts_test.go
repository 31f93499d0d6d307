package bot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
)

// onSlack opens a form in Slack by the button on a record's card, or by a word.
func (w *world) onSlack(who string, r core.Record, label string) *card.Form {
	w.t.Helper()
	in := bot.Input{Platform: "slack", Private: true, Text: label}
	if r.ID != "" {
		in.Text, in.Tap = "", w.buttonOf(who, r, label)
	}
	reply := w.in(who, in)
	if reply.Form == nil {
		w.t.Fatalf("no form: %+v", reply)
	}
	return reply.Form
}

// buttonOf is the token of a button on the card of a record.
func (w *world) buttonOf(who string, r core.Record, label string) string {
	w.t.Helper()
	s, err := w.desk.Scene(w.t.Context(), r.ID, w.people[who].ID)
	w.must(err)
	c := card.Of(s, w.seal)
	if c.Menu != nil {
		c.Rows = append(c.Rows, c.Menu.Actions)
	}
	for _, a := range actions(c) {
		if a.Label == label {
			return a.Token
		}
	}
	w.t.Fatalf("%s has no button %q on the card", who, label)
	return ""
}

// submit sends a form in Slack as it stands, but for the values that are changed.
func (w *world) submit(who string, f *card.Form, changed map[core.Field]string, files map[core.Field][]bot.Upload) bot.Reply {
	w.t.Helper()
	values := map[core.Field]string{}
	for _, q := range f.Questions {
		if q.Value != "" {
			values[q.Field] = q.Value
		}
	}
	maps.Copy(values, changed)
	return w.in(who, bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{Token: f.Token, Values: values, Files: files}})
}

func valueOf(f *card.Form, field core.Field) string {
	for _, q := range f.Questions {
		if q.Field == field {
			return q.Value
		}
	}
	return ""
}

func (w *world) put(key, value string) {
	w.t.Helper()
	_, err := w.store.Put(w.t.Context(), key, []byte(value), 0, w.clock(), w.clock().Add(time.Hour))
	w.must(err)
}

func TestAFormThatWasKeptForAChatGoesOn(t *testing.T) {
	w := newWorld(t)
	w.put("talk:telegram:lucía", `{"id":"x1","verb":"draft","kind":"request","values":{"subject":"Adquisición de impresoras láser"},"at":1,"last":"tg:9"}`)
	w.wants(w.say("lucía", "Adquisición"), "Nueva solicitud · 3 de 11")
	w.press("lucía", "Equipo")
	w.press("lucía", "Guardar y seguir después")
	if got := w.drawn("lucía"); len(got) != 1 {
		t.Errorf("no draft came of it: %v", got)
	}
}

func TestTheFormsOfTwoChatsAreBothKept(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	w.put("talk:telegram:lucía", `{"id":"x1","verb":"draft","kind":"request","values":{"subject":"Adquisición de impresoras láser"},"at":1}`)
	w.put("talk:slack:lucía", `{"id":"x2","verb":"draft","kind":"request","values":{"subject":"Adquisición de escáneres"},"at":1,"preset":{"unit":"Otra"}}`)
	w.wants(w.say("lucía", "/mis"), "nueva solicitud, pregunta 2 de 11", "Sin terminar · Nueva solicitud · 1 de 11")
}

func TestAFormBelongsToTheAccountAndNotToTheChat(t *testing.T) {
	w := newWorld(t, "raúl")
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de impresoras láser")
	w.say("lucía", "/desvincular")
	w.do(clerk, w.people["raúl"].ID, core.Command{Verb: core.VerbLink, Fields: fields(core.FieldPlatform, "telegram", core.FieldChat, "lucía")})
	for _, words := range []string{"/seguir", "/pendientes", "Adquisición"} {
		if got := text(w.say("lucía", words)); strings.Contains(got, "impresoras") || strings.Contains(got, "Nueva solicitud ·") {
			t.Errorf("%s: another person is shown the form:\n%s", words, got)
		}
	}
}

// rival changes a form once, from elsewhere, before it is kept.
type rival struct {
	desk.Sessions
	key   string
	again func()
}

func (r *rival) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if again := r.again; again != nil && strings.HasPrefix(key, r.key) {
		r.again = nil
		again()
	}
	return r.Sessions.Put(ctx, key, value, rev, now, expires)
}

func TestAnAnswerThatMeetsAnotherOneIsHandledAnew(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	w.say("lucía", "Adquisición de impresoras láser")
	adquisición := w.token("lucía", "Adquisición")
	r := &rival{Sessions: w.store, key: "form:"}
	r.again = func() { w.in("lucía", bot.Input{Tap: adquisición, Private: true, Message: "m"}) }
	w.engine.Sessions = r
	w.wants(w.say("lucía", "Equipo"), "Nueva solicitud · 4 de 11", "¿Qué bienes o servicios")
}

// failing is a store that keeps nothing more once something was decided.
type failing struct {
	desk.Sessions
	after func() bool
}

var errFull = errors.New("full")

func (s failing) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if s.after() {
		return 0, errFull
	}
	return s.Sessions.Put(ctx, key, value, rev, now, expires)
}

func TestWhatWasCommittedIsToldThoughNothingCanBeNotedAfterIt(t *testing.T) {
	for _, platform := range []string{"telegram", "slack"} {
		t.Run(platform, func(t *testing.T) {
			w := newWorld(t)
			w.link("lucía", "slack")
			r := w.filed("lucía", "Adquisición de impresoras láser")
			cancelled := func() bool {
				now, err := w.store.Record(t.Context(), r.ID)
				w.must(err)
				return now.State == core.StateCancelled
			}
			w.engine.Sessions = failing{w.store, cancelled}
			reason := map[core.Field]string{core.FieldReason: "Ya no se requiere el equipo."}
			var reply bot.Reply
			if platform == "slack" {
				f := w.onSlack("lucía", r, "Cancelar")
				reply = w.submit("lucía", f, reason, nil)
			} else {
				w.on("lucía", r, "Cancelar")
				w.say("lucía", reason[core.FieldReason])
				reply = w.press("lucía", "Sí, cancelarla")
			}
			w.wants(reply, "La solicitud quedó cancelada.")
			w.engine.Sessions = w.store
			w.wants(w.say("lucía", "/seguir"), "No tiene formularios sin terminar.")
		})
	}
}

// broken is a ledger that takes no commit while on is true.
type broken struct {
	desk.Ledger
	on *bool
}

func (b broken) Commit(ctx context.Context, c desk.Commit) error {
	if *b.on {
		return errFull
	}
	return b.Ledger.Commit(ctx, c)
}

func TestAFormInSlackThatComesToGriefStandsThereWithItsAnswers(t *testing.T) {
	w := newWorld(t)
	w.link("raúl", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	f := w.onSlack("raúl", r, "Devolver")
	on := true
	w.desk.Ledger = broken{w.store, &on}
	in := bot.Input{Platform: "slack", Private: true, Form: &bot.Submission{
		Token: f.Token, Values: map[core.Field]string{core.FieldReason: "El monto no coincide con los renglones."},
	}}
	in.Who, in.Chat, in.Once, in.CanOpen = "raúl", "raúl", "sl:1", true
	reply := w.engine.Handle(t.Context(), in)
	if reply.Form == nil || valueOf(reply.Form, core.FieldReason) != "El monto no coincide con los renglones." || !strings.HasPrefix(reply.Form.Intro[0], "No pude completar la acción y no se cambió nada.") {
		t.Fatalf("%+v", reply)
	}
	on = false
	w.wants(w.submit("raúl", reply.Form, nil, nil), "Quedó registrada la devolución.")
	if got := text(w.say("raúl", "/pendientes")); strings.Contains(got, "Sin terminar") {
		t.Errorf("what was sent is unfinished:\n%s", got)
	}
}

func TestAFileThatCannotBeFetchedIsSaidUnderItsQuestionAndTheRestStays(t *testing.T) {
	w := withFiles(newWorld(t))
	w.link("raúl", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	f := w.onSlack("raúl", r, "Registrar oficio")
	answers := map[core.Field]string{core.FieldLetterNumber: "IE/ST/0412/2026", core.FieldLetterDate: "2026-11-23"}
	for name, open := range map[string]func(context.Context) (io.ReadCloser, error){
		"not given": func(context.Context) (io.ReadCloser, error) { return nil, fmt.Errorf("drive: %w", bot.ErrNotGiven) },
		"broken":    func(context.Context) (io.ReadCloser, error) { return nil, errors.New("reset by peer") },
	} {
		t.Run(name, func(t *testing.T) {
			reply := w.submit("raúl", f, answers, map[core.Field][]bot.Upload{core.FieldFiles: {{Name: "oficio.pdf", Size: 3, Open: open}}})
			if !strings.HasPrefix(reply.Errors[core.FieldFiles], "No pude") || reply.Form == nil || valueOf(reply.Form, core.FieldLetterNumber) != "IE/ST/0412/2026" {
				t.Fatalf("%+v", reply)
			}
			f = reply.Form
		})
	}
	again := w.onSlack("raúl", r, "Registrar oficio")
	if valueOf(again, core.FieldLetterNumber) != "IE/ST/0412/2026" {
		t.Error("opened again it has lost what was typed")
	}
	w.wants(w.submit("raúl", again, nil, map[core.Field][]bot.Upload{core.FieldFiles: {upload("oficio.pdf", []byte("%PDF"))}}), "Quedó registrado el oficio.")
}

func TestAnAnswerThatComesAgainLateIsFiledUnderNothing(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	late := bot.Input{Text: "Adquisición de impresoras láser", Private: true, Once: "tg:late"}
	w.in("lucía", late)
	w.press("lucía", "Adquisición")
	w.wants(w.in("lucía", late), "Nueva solicitud · 3 de 11")
	w.press("lucía", "Descartar")
	w.press("lucía", "Sí, descartar")
	w.wants(w.in("lucía", late), "Se descartó lo capturado.")
	w.on("lucía", w.filed("lucía", "Adquisición de escáneres"), "Cancelar")
	w.wants(w.in("lucía", late), "Cancelar la solicitud · 1 de 1", "¿Cuál es el motivo?")
}

func TestAWordInADirectMessageOfSlackGivesAButtonThatOpensTheForm(t *testing.T) {
	w := newWorld(t)
	w.link("lucía", "slack")
	in := bot.Input{Platform: "slack", Text: "nueva", Private: true, Who: "lucía", Chat: "lucía", Once: "sl:dm"}
	reply := w.engine.Handle(t.Context(), in)
	if reply.Form != nil || reply.Card == nil {
		t.Fatalf("%+v", reply)
	}
	w.last["lucía"] = reply
	form := w.in("lucía", bot.Input{Platform: "slack", Tap: w.token("lucía", "Abrir el formulario"), Private: true}).Form
	if form == nil || form.Title != "Nueva solicitud" {
		t.Errorf("%+v", form)
	}
}

func TestWhatIsNeitherWordsNorAFileLeavesTheQuestionOpen(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	w.on("raúl", r, "Registrar oficio")
	w.say("raúl", "IE/ST/0412/2026")
	w.say("raúl", "hoy")
	for _, what := range []bot.Unreadable{bot.UnreadableSticker, bot.UnreadableContact, bot.UnreadableLocation, bot.UnreadableVoice, bot.UnreadableOther} {
		w.wants(w.in("raúl", bot.Input{Unreadable: what, Private: true}), "No pude leer", "Registrar oficio · 3 de 3")
	}
	w.press("raúl", "Descartar")
	w.press("raúl", "Sí, descartar")
	w.wants(w.in("raúl", bot.Input{Unreadable: bot.UnreadableSticker, Private: true}), "No pude leer")
}

func TestAnEditIsTakenWhileTheFormIsOpenAndOtherwiseSaidNotToBe(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/nueva")
	w.in("lucía", bot.Input{Text: "Adquisición de impresoras láser", Message: "7", Private: true})
	w.wants(w.in("lucía", bot.Input{Text: "Adquisición de impresoras a color", Message: "7", Edited: true, Private: true}), "Se tomó el cambio. Asunto: Adquisición de impresoras a color", "2 de 11")
	w.press("lucía", "Descartar")
	w.press("lucía", "Sí, descartar")
	w.wants(w.in("lucía", bot.Input{Text: "Adquisición de otra cosa", Message: "7", Edited: true, Private: true}), es.Say(es.EditNotTaken))
}

func TestFilesThatNobodyAskedForAreKeptWhereTheyAreSaidToBelong(t *testing.T) {
	w := withFiles(newWorld(t))
	w.link("lucía", "slack")
	r := w.filed("lucía", "Adquisición de impresoras láser")
	files := []bot.Upload{upload("carta.pdf", []byte("%PDF")), upload("cotizacion.pdf", []byte("%PDF 2"))}
	w.wants(w.in("lucía", bot.Input{Files: files, Text: "lo que faltaba", Private: true, Parts: 2}), "¿A qué corresponde?", "Recibí 2 archivos.")
	label := es.FileFor(r, core.VerbAttach, "")
	w.wants(w.press("lucía", label), "Anexar", "carta.pdf y cotizacion.pdf", es.Say(es.CaptionNotKept))
	w.press("lucía", "Continuar")
	w.wants(w.press("lucía", "Enviar"), "Quedaron registrados sus archivos.")
	now, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	if len(now.Files) != 2 {
		t.Errorf("%+v", now.Files)
	}
	w.wants(w.in("inés", bot.Input{Files: files, Private: true}), "no tiene una solicitud que espere archivos")

	w.last["lucía"] = w.in("lucía", bot.Input{Platform: "slack", Files: files[:1], Text: "la que faltaba", Private: true})
	reply := w.in("lucía", bot.Input{Platform: "slack", Tap: w.token("lucía", label), CanOpen: true, Private: true})
	if reply.Form == nil || !slices.Contains(reply.Form.Intro, es.Say(es.CaptionNotKept)) || !strings.Contains(reply.Form.Questions[0].Hint, "carta.pdf") || reply.Form.Questions[0].Required {
		t.Fatalf("%+v", reply.Form)
	}
	w.wants(w.submit("lucía", reply.Form, nil, nil), "Quedaron registrados sus archivos.")
}

func TestFilesOfTwoMessagesAreEachWhereTheyAreSaidToBelong(t *testing.T) {
	w := withFiles(newWorld(t))
	r := w.filed("lucía", "Adquisición de impresoras láser")
	label := es.FileFor(r, core.VerbAttach, "")
	send := func(name, caption string) string {
		w.wants(w.in("lucía", bot.Input{Files: []bot.Upload{upload(name, []byte(name))}, Text: caption, Private: true}), "¿A qué corresponde?", name)
		return w.token("lucía", label)
	}
	first, second := send("carta.pdf", "La carta que faltaba."), send("cotizacion.pdf", "Y la cotización.")
	reply := w.tap("lucía", first, true)
	w.wants(reply, "Anexar", "carta.pdf")
	if strings.Contains(text(reply), "cotizacion.pdf") {
		t.Errorf("the button under the first file brings the second:\n%s", text(reply))
	}
	w.wants(w.tap("lucía", second, true), "carta.pdf y cotizacion.pdf")
	w.wants(w.tap("lucía", second, true), es.Say(es.FilesGone))
	w.say("lucía", "/seguir")
	w.press("lucía", "Continuar")
	w.press("lucía", "Enviar")
	now, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	if len(now.Files) != 2 {
		t.Errorf("%+v", now.Files)
	}
}

func TestFilesThatDoNotFitInTheirFormWaitStill(t *testing.T) {
	w := withFiles(newWorld(t))
	r := w.filed("lucía", "Adquisición de impresoras láser")
	label := es.FileFor(r, core.VerbAttach, "")
	w.send(pages(8, "uno")...)
	first := w.token("lucía", label)
	w.send(pages(3, "dos")...)
	second := w.token("lucía", label)
	w.tap("lucía", first, true)
	w.wants(w.tap("lucía", second, true), "Caben 10 archivos: ya hay 8 archivos y llegaron 3 más.")
	w.say("lucía", "/seguir")
	w.press("lucía", "Descartar")
	w.press("lucía", "Sí, descartar")
	w.wants(w.tap("lucía", second, true), "dos-0.pdf")
}

func TestAFormSentFromTwoScreensSaysWhichTextWasTaken(t *testing.T) {
	uno, dos := "Motivo UNO", "Motivo DOS, otro y muy largo"
	for name, c := range map[string]struct{ begun, resumed, aside bool }{
		"a form begun in Telegram":                  {true, false, false},
		"a form begun in Telegram and gone on with": {true, true, false},
		"a form set aside":                          {true, true, true},
		"a form of Slack alone":                     {false, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.link("raúl", "slack")
			r := w.filed("lucía", "Adquisición de impresoras láser")
			if c.begun {
				w.on("raúl", r, "Devolver")
				w.say("raúl", "No.")
			}
			begun := w.last["raúl"]
			of, opens := r, "Devolver"
			if c.resumed {
				of, opens = core.Record{}, "/seguir"
			}
			one, two := w.onSlack("raúl", of, opens), w.onSlack("raúl", of, opens)
			if c.aside {
				w.last["raúl"] = begun
				w.press("raúl", "Guardar y seguir después")
			}
			first := w.submit("raúl", one, fields(core.FieldReason, uno), nil)
			if again := w.submit("raúl", one, fields(core.FieldReason, uno), nil); text(again) != text(first) {
				t.Errorf("the same again: %s", text(again))
			}
			w.wants(w.submit("raúl", two, fields(core.FieldReason, dos), nil), es.Say(es.NotTaken), "Motivo: "+dos)
			if c.begun { // otherwise they are two forms, and it is the core that answers
				w.wants(w.last["raúl"], "Ese formulario ya se había enviado. "+text(first))
			}
			now, err := w.store.Record(t.Context(), r.ID)
			w.must(err)
			if got := now.Fields[core.FieldReason]; got != uno {
				t.Errorf("the reason is %q", got)
			}
		})
	}
}

func TestAForwardedTextIsContentWhereContentIsAskedForAndNothingElse(t *testing.T) {
	w := newWorld(t)
	forward := func(text string) bot.Reply { return w.in("lucía", bot.Input{Quoted: text, Private: true}) }
	for _, text := range []string{"/desvincular", "147", "ayuda", "Adquisición de impresoras láser"} {
		w.wants(forward(text), "Recibí un mensaje reenviado y no se tomó")
	}
	w.say("lucía", "/nueva")
	w.wants(forward("Adquisición de impresoras láser"), "Nueva solicitud · 2 de 11")
	w.wants(forward("Adquisición"), "Recibí un mensaje reenviado y no se tomó", "Nueva solicitud · 2 de 11")
	r := w.filed("lucía", "Adquisición de escáneres de mesa")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
	w.on("raúl", r, "Registrar oficio")
	w.wants(w.in("raúl", bot.Input{Quoted: "/cancelar", Private: true}), "Registrar oficio · 2 de 3")
}

func TestWhoHasNoFileSaysSoAndGoesOn(t *testing.T) {
	for _, text := range []string{"no tengo más", "Ninguno.", "no", "N/A", "listo"} {
		w := newWorld(t)
		r := w.filed("lucía", "Adquisición de impresoras láser")
		w.by("raúl", r.ID, core.Command{Verb: core.VerbRelease})
		w.on("raúl", r, "Registrar oficio")
		w.say("raúl", "IE/ST/0412/2026")
		w.say("raúl", "hoy")
		w.wants(w.say("raúl", "luego lo mando"), "Lo que escribió no se guardó: aquí se envían archivos.", "Registrar oficio · 3 de 3")
		w.wants(w.say("raúl", text), "Revise antes de enviar")
	}
}
