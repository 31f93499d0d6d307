package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/core"
)

// account is that of a person, as the store has it now.
func (w *world) account(first string) core.Record {
	w.t.Helper()
	r, err := w.store.Record(w.t.Context(), w.people[first].ID)
	w.must(err)
	return r
}

func TestAPasswordThatWasWrittenInAGroupIsDeletedThereAndSpent(t *testing.T) {
	const digits = "0123456789"
	for name, write := range map[string]func(w *world) string{
		"the deep link": func(w *world) string { return "/start " + w.keeper.Link(w.account("lucía")) },
		"user and password": func(w *world) string {
			return "/vincular " + w.account("lucía").Fields[core.FieldUser] + " " + w.keeper.Password(w.account("lucía"))
		},
		"asked of Slack's bot by name": func(w *world) string {
			return "/" + w.account("lucía").Fields[core.FieldUser] + " " + w.keeper.Password(w.account("lucía"))
		},
		"in a sentence": func(w *world) string {
			return "/mi usuario es " + w.account("lucía").Fields[core.FieldUser] + " y la contraseña " + w.keeper.Password(w.account("lucía")) + ", gracias"
		},
		"the bot named before": func(w *world) string {
			return "@sidem_bot " + w.account("lucía").Fields[core.FieldUser] + " " + w.keeper.Password(w.account("lucía"))
		},
		"the bot named after, the password first": func(w *world) string {
			return w.keeper.Password(w.account("lucía")) + " es de @" + w.account("lucía").Fields[core.FieldUser] + " @sidem_bot"
		},
		"after another command, with a space in it": func(w *world) string {
			password := w.keeper.Password(w.account("lucía"))
			return "/pendientes usuario:" + w.account("lucía").Fields[core.FieldUser] + " contraseña:" + password[:5] + " " + password[5:]
		},
		"the link of the mail":   func(w *world) string { return "https://t.me/sidem_bot?start=" + w.keeper.Link(w.account("lucía")) },
		"joined to another word": func(w *world) string { return "/solicitud clave_" + w.keeper.Password(w.account("lucía")) },
		"the password alone":     func(w *world) string { return w.keeper.Password(w.account("lucía")) },
		"the password alone, in words": func(w *world) string {
			return "mi clave es " + w.keeper.Password(w.account("lucía")) + ", ¿dónde va?"
		},
		"without a command, in capitals": func(w *world) string {
			return w.account("lucía").Fields[core.FieldUser] + " " + strings.ToUpper(w.keeper.Password(w.account("lucía")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "lucía")
			for !strings.ContainsAny(w.keeper.Password(w.account("lucía")), digits) { // one in thirty has none
				w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbRenew})
			}
			before := w.account("lucía")
			password := w.keeper.Password(before)
			said := write(w)
			if !bot.MayExpose(said) {
				t.Errorf("%q is not seen as a secret", said)
			}
			r := w.inGroup("lucía", said)
			if !r.Forget || r.Open || r.Card != nil || !strings.Contains(r.Toast, "ya no sirve") || !strings.Contains(r.Shut, "ya no sirve") {
				t.Errorf("the answer is %+v", r)
			}
			after := w.account("lucía")
			if len(after.Links) > 0 {
				t.Error("the chat was linked")
			}
			if err := w.keeper.Check(after, password, w.clock()); !errors.Is(err, identity.ErrWrong) {
				t.Errorf("the password still opens: %v", err)
			}
			if !after.Did(core.VerbRenew) || after.Acts[core.VerbRenew].By != core.SystemActor.Account || after.Version != before.Version+1 {
				t.Error("no other password was sent")
			}
			// By the new one, in private, the person is linked.
			w.say("lucía", "/start "+w.keeper.Link(after))
			if len(w.account("lucía").Links) != 1 {
				t.Error("the new password does not link")
			}
		})
	}
}

func TestAWrongPasswordInAGroupIsDeletedAndTellsNothing(t *testing.T) {
	w := newWorld(t, "lucía")
	right := w.inGroup("desconocida", "/start "+w.keeper.Link(w.account("lucía")))
	for _, said := range []string{"/start lucia.herrera aaaaabbbbb", "/vincular nadie.nunca aaaaabbbbb", "nadie.nunca aaaaabbbb2"} {
		if r := w.inGroup("desconocida", said); r.Toast != right.Toast || !r.Forget {
			t.Errorf("%q is answered %+v", said, r)
		}
	}
	if w.account("lucía").Acts[core.VerbRenew].Version != w.account("lucía").Version {
		t.Error("something else was changed")
	}
}

func TestACodeThatWasWrittenInAGroupLinksNobody(t *testing.T) {
	w := newWorld(t)
	for _, written := range []string{"/vincular %s", "%s", "mi código es %s.", "/%s", "/mi código para vincular es %s", "@sidem_bot %s", "/solicitud %s", "¿me ayudan? (%s) gracias"} {
		code := w.say("lucía", "/vincular").Card.Head
		said := fmt.Sprintf(written, code)
		if !bot.MayExpose(said) {
			t.Errorf("%q is not seen as a secret", said)
		}
		if r := w.inGroup("lucía", said); !r.Forget {
			t.Errorf("%q: %+v", said, r)
		}
		w.wants(w.in("U1", bot.Input{Platform: "slack", Private: true, Text: "/vincular " + code}), "clave para vincular")
		if r := w.last["U1"]; r.Card != nil {
			t.Errorf("the code still asks by name: %+v", r)
		}
		w.pass(2 * time.Hour) // whoever tries codes tires
	}
}

func TestASuspendedPersonsSecretInAGroupIsDeletedInSilence(t *testing.T) {
	w := newWorld(t)
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Dejó el cargo el viernes.")})
	for _, said := range []string{"/pendientes", "/solicitud 1", "buenos días", "/start"} {
		if r := w.inGroup("raúl", said); text(r) != "" || r.Forget {
			t.Errorf("%q is answered %+v", said, r)
		}
	}
	if r := w.inGroup("raúl", "/vincular raul.ortega aaaaabbbbb"); text(r) != "" || !r.Forget {
		t.Errorf("a secret: %+v", r)
	}
}

// Whoever tells a right one spends it, also after they were wrong more often than is answered in
// private, and in the middle of a flood.
func TestASecretInAGroupIsSpentHoweverManyWereWrong(t *testing.T) {
	w, _ := flooded(t)
	for range 8 {
		w.inGroup("desconocida", "lucia.herrera aaaaabbbb2")
	}
	for n := range 100 {
		w.inGroup(fmt.Sprint("stranger", n), "lucia.herrera aaaaabbbb2")
	}
	w.wants(w.inGroup("desconocida", "lucia.herrera "+w.keeper.Password(w.account("lucía"))), "ya no sirve")
	if !w.account("lucía").Did(core.VerbRenew) {
		t.Error("the password is still good")
	}
}

func TestAPasswordThatIsPassedOnToAGroupOrComesWithAChangeIsSpent(t *testing.T) {
	for name, in := range map[string]func(said string) bot.Input{
		"passed on": func(said string) bot.Input { return bot.Input{Quoted: said} },
		"changed":   func(said string) bot.Input { return bot.Input{Text: said, Edited: true} },
	} {
		w := newWorld(t, "lucía")
		w.wants(w.in("desconocida", in("usuario lucia.herrera, contraseña "+w.keeper.Password(w.account("lucía")))), "ya no sirve")
		if !w.account("lucía").Did(core.VerbRenew) {
			t.Errorf("%s: the password is still good", name)
		}
	}
	w := newWorld(t)
	if r := w.in("lucía", bot.Input{Text: "/solicitud 1", Edited: true}); text(r) != "" {
		t.Errorf("a command that was changed is answered %+v", r)
	}
}

func TestWhatPeopleSayInAGroupIsNoSecret(t *testing.T) {
	w := newWorld(t)
	for _, who := range []string{"lucía", "desconocida"} {
		for _, said := range []string{"buenos días", "hola presidente", "la solicitud 000147/2026 ya salió", "gracias licenciado", "muchas respuestas", "embargar", "gran casa", "OP-2231", "folio 2024-2345", "la contraseña es 7f3k9qhd2x, creo.", "escriba a lucia.herrera@finanzas.gob.mx por el equipo 5CD234HJK2"} {
			if r := w.inGroup(who, said); text(r) != "" || r.Forget {
				t.Errorf("%q is answered %+v", said, r)
			}
		}
		for _, said := range []string{"/solicitud 147", "/start ver-147-2026", "/start", "/vincular"} {
			if r := w.inGroup(who, said); r.Forget {
				t.Errorf("%q would be deleted", said)
			}
		}
	}
}
