package bot_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidem/bot"
	"sidem/bot/identity"
	"sidem/core"
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
			if !bot.Exposes(said) {
				t.Errorf("%q is not seen as a secret", said)
			}
			for _, who := range []string{"lucía", "desconocida"} {
				r := w.inGroup(who, said)
				if !r.Forget || r.Open || r.Card != nil || !strings.Contains(r.Toast, "ya no sirve") {
					t.Errorf("%s is answered %+v", who, r)
				}
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
	for _, written := range []string{"/vincular %s", "%s", "mi código es %s.", "¿me ayudan? (%s) gracias"} {
		code := w.say("lucía", "/vincular").Card.Head
		said := fmt.Sprintf(written, code)
		if !bot.Exposes(said) {
			t.Errorf("%q is not seen as a secret", said)
		}
		if r := w.inGroup("lucía", said); !r.Forget {
			t.Errorf("%q: %+v", said, r)
		}
		w.wants(w.in("U1", bot.Input{Platform: "slack", Private: true, Text: "/vincular " + code}), "código")
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

func TestWhatPeopleSayInAGroupIsNoSecret(t *testing.T) {
	for _, said := range []string{"buenos días", "/solicitud 147", "hola presidente", "/start ver-147-2026", "/start", "/vincular", "la solicitud 000147/2026 ya salió", "gracias licenciado", "muchas respuestas", "embargar", "gran casa", "OP-2231", "folio 2024-2345"} {
		if bot.Exposes(said) {
			t.Errorf("%q would be deleted", said)
		}
	}
}
