package bot_test

import (
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
)

// returning is Raúl's form to return a request of Lucía's, with a reason, and the request
// cancelled meanwhile.
func returning(t *testing.T) (*world, core.Record) {
	t.Helper()
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.on("raúl", r, "Devolver")
	w.say("raúl", "El monto no es el de los renglones.")
	w.by("lucía", r.ID, core.Command{Verb: core.VerbCancel, Fields: fields(core.FieldReason, "Ya no se requiere el equipo.")})
	return w, r
}

func TestAFormThatCannotBeSentAnyMoreSaysSoAtTheNextInput(t *testing.T) {
	for name, next := range map[string]func(w *world) bot.Reply{
		"words":   func(w *world) bot.Reply { return w.say("raúl", "Falta el estudio de mercado.") },
		"a press": func(w *world) bot.Reply { return w.press("raúl", "Corregir") },
		"/seguir": func(w *world) bot.Reply { return w.say("raúl", "/seguir") },
		"its words": func(w *world) bot.Reply {
			return w.in("raúl", bot.Input{Text: "Falta el estudio.", Private: true, Edited: true, Message: "9"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := returning(t)
			w.wants(next(w), "Ya la canceló Lucía Herrera Campos", "Lo que escribió aquí no se registró:", "Motivo: El monto no es el de los renglones.")
			if name == "words" {
				w.wants(w.last["raúl"], "Lo último que escribió: Falta el estudio de mercado.")
			}
			w.wants(w.say("raúl", "/seguir"), "No tiene formularios sin terminar.")
		})
	}
}

func TestWhatIsSentOfAFormThatCannotBeSentAnyMoreIsRefusedInTheTrail(t *testing.T) {
	w, r := returning(t)
	w.wants(w.press("raúl", "Enviar"), "Ya la canceló Lucía Herrera Campos", "Motivo: El monto no es el de los renglones.")
	w.refusedLast(r.ID, "raúl", core.Already)
}

func TestAFormThatWasSetAsideAndCannotBeSentAnyMoreSaysSoWhenItIsOpened(t *testing.T) {
	for _, platform := range []string{"telegram", "slack"} {
		t.Run(platform, func(t *testing.T) {
			w := newWorld(t)
			r := w.filed("lucía", "Adquisición de impresoras láser")
			w.on("raúl", r, "Devolver")
			w.say("raúl", "El monto no es el de los renglones.")
			w.press("raúl", "Guardar y seguir después")
			w.by("lucía", r.ID, core.Command{Verb: core.VerbCancel, Fields: fields(core.FieldReason, "Ya no se requiere el equipo.")})
			if platform == "slack" {
				w.link("raúl", "slack")
			}
			w.in("raúl", bot.Input{Platform: platform, Text: "/pendientes", Private: true})
			reply := w.in("raúl", bot.Input{Platform: platform, Tap: w.token("raúl", "Continuar: devolver"), Private: true, Message: "m"})
			w.wants(reply, "Ya la canceló Lucía Herrera Campos", "Motivo: El monto no es el de los renglones.")
			if reply.Form != nil {
				t.Error("it is opened all the same")
			}
			w.wants(w.say("raúl", "/seguir"), "No tiene formularios sin terminar.")
		})
	}
}

func TestACorrectionOfADraftDoesNotOutliveItsPresentation(t *testing.T) {
	w := newWorld(t)
	r := w.filed("lucía", "Adquisición de impresoras láser")
	w.by("raúl", r.ID, core.Command{Verb: core.VerbReturn, Fields: fields(core.FieldReason, "Falta el estudio de mercado.")})
	now, err := w.store.Record(t.Context(), r.ID)
	w.must(err)
	w.on("lucía", now, "Corregir")
	w.press("lucía", "Asunto")
	w.by("lucía", r.ID, core.Command{Verb: core.VerbCorrect, Fields: fields(core.FieldNote, "Se adjuntó el estudio.")})
	w.wants(w.say("lucía", "Adquisición de impresoras"), "Lo último que escribió: Adquisición de impresoras")
	w.wants(w.say("lucía", "/seguir"), "No tiene formularios sin terminar.")
}
