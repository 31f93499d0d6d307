package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
)

// codeFor has a person ask for a code that links another chat.
func (w *world) codeFor(who string) string {
	w.t.Helper()
	r := w.say(who, "/vincular")
	w.wants(r, "Clave para vincular otro chat", "10 minutos")
	return r.Card.Head
}

// slack is something that a person writes in Slack.
func (w *world) slack(who, text string) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Platform: "slack", Text: text, Private: true})
}

func (w *world) slackPress(who, label string) bot.Reply {
	w.t.Helper()
	return w.in(who, bot.Input{Platform: "slack", Tap: w.token(who, label), Private: true, Message: "m"})
}

func (w *world) linked(first, platform string) bool {
	w.t.Helper()
	r, err := w.store.Record(w.t.Context(), w.people[first].ID)
	w.must(err)
	_, ok := r.LinkOn(platform)
	return ok
}

func TestTheInitialPasswordLinksOnceAndItsMessageIsForgotten(t *testing.T) {
	w := newWorld(t, "lucía")
	password := w.keeper.Password(w.people["lucía"])
	if r := w.say("nueva", "lucia.herrera "+password); !r.Forget {
		t.Error("the message with the password is kept")
	} else {
		w.wants(r, "Cuenta vinculada", "Lucía Herrera Campos")
	}
	again := w.say("otra", "lucia.herrera "+password)
	w.wants(again, "no coinciden")
	if !again.Forget {
		t.Error("the message with the password is kept")
	}
}

func TestADeepLinkLinks(t *testing.T) {
	w := newWorld(t, "lucía")
	w.wants(w.say("nueva", "/start "+w.keeper.Link(w.people["lucía"])), "Cuenta vinculada")
}

func TestAnUnknownUserIsAnsweredLikeAWrongPasswordUntilTriesAreSpent(t *testing.T) {
	var answers [2][]bot.Reply
	for i, user := range []string{"lucia.herrera", "nadie.existe"} {
		w := newWorld(t, "lucía")
		for range 7 {
			answers[i] = append(answers[i], w.say("intruso", user+" abcdefghjk"))
		}
		w.wants(answers[i][6], "demasiados intentos")
	}
	if diff := cmp.Diff(answers[0], answers[1]); diff != "" {
		t.Errorf("known and unknown users are told apart (-known +unknown):\n%s", diff)
	}
}

func TestWrongTriesTireWhoeverMakesThemAndNeverTheRightfulPerson(t *testing.T) {
	w := newWorld(t, "lucía")
	password := w.keeper.Password(w.people["lucía"])
	for _, who := range []string{"uno", "dos", "tres"} {
		for range 6 {
			w.say(who, "lucia.herrera abcdefghjk")
		}
		w.wants(w.say(who, "lucia.herrera "+password), "demasiados intentos desde este chat")
	}
	w.wants(w.say("seis", "lucia.herrera "+password), "Cuenta vinculada")
}

func TestWhatIsKeptOfAStrangerNamesNobody(t *testing.T) {
	w := newWorld(t, "lucía")
	w.say("700000123", "lucia.herrera abcdefghjk")
	keys, err := w.store.Keys(t.Context(), "", "", 1000, w.clock())
	w.must(err)
	if i := slices.IndexFunc(keys, func(k string) bool { return strings.HasPrefix(k, "tries:") }); i < 0 {
		t.Fatalf("no try was counted: %q", keys)
	}
	for _, k := range keys {
		if strings.Contains(k, "700000123") {
			t.Errorf("a session is kept under %q", k)
		}
	}
	w.pass(time.Hour)
	if keys, err := w.store.Keys(t.Context(), "tries:", "", 1000, w.clock()); err != nil || len(keys) > 0 {
		t.Errorf("after an hour %q are left (%v)", keys, err)
	}
}

func TestACodeDiesWithAnyLinkOfItsAccountAndWithItsSuspension(t *testing.T) {
	for name, end := range map[string]func(w *world){
		"the chat it was asked from is unlinked by administration": func(w *world) {
			w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
		},
		"its person says that it was not them": func(w *world) {
			w.say("lucía", "/quien")
			w.press("lucía", "No soy yo")
		},
		"the account is suspended, and reinstated": func(w *world) {
			w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Cambio de adscripción")})
			w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbReinstate})
		},
		"the account is suspended": func(w *world) {
			w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Cambio de adscripción")})
		},
	} {
		w := newWorld(t)
		code, early := w.codeFor("lucía"), ""
		end(w)
		if r := w.slack("U1", "vincular "+code); strings.Contains(text(r), "Lucía") {
			t.Errorf("%s: the code still tells whose it is", name)
		} else {
			w.wants(r, "La clave para vincular no corresponde")
		}
		// The same, for who had given the code before.
		w = newWorld(t)
		w.slack("U1", "vincular "+w.codeFor("lucía"))
		early = w.token("U1", "Sí, vincular")
		end(w)
		w.in("U1", bot.Input{Platform: "slack", Tap: early, Private: true, Message: "m"})
		if w.linked("lucía", "slack") {
			t.Errorf("%s: the code still links", name)
		}
	}
}

func TestAPasswordThatWasNotUsedDiesWithASuspension(t *testing.T) {
	w := newWorld(t, "lucía")
	password := w.keeper.Password(w.people["lucía"])
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Cambio de adscripción")})
	w.say("nueva", "lucia.herrera "+password)
	w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbReinstate})
	w.wants(w.say("nueva", "lucia.herrera "+password), "no coinciden")
	renewed := w.by("sofía", w.people["lucía"].ID, core.Command{Verb: core.VerbRenew})
	w.wants(w.say("nueva", "lucia.herrera "+w.keeper.Password(renewed)), "Cuenta vinculada")
}

func TestWhatPeopleSayIsNoTry(t *testing.T) {
	w := newWorld(t, "lucía")
	for _, said := range []string{
		"buenos días", "Hola, buenas", "lucia respuestas", "muchas gracias", "Buenas tardes", "muchas respuestas", "bastante", "gran casa", "hola", "gracias licenciado", "no puedo entrar",
	} {
		r := w.say("nueva", said)
		w.wants(r, "Este chat todavía no está vinculado a una cuenta de SIDEM.", "Escriba su usuario y la contraseña inicial que le dio SIDEM")
		if r.Forget {
			t.Errorf("%q is deleted", said)
		}
	}
	for range 6 { // of another length than a password has
		w.wants(w.say("nueva", "lucia.herrera 12345"), "no coinciden")
		w.wants(w.say("nueva", "/vincular lucia.herrera 12345"), "no coinciden")
	}
	w.wants(w.say("nueva", "lucia.herrera "+w.keeper.Password(w.people["lucía"])), "Cuenta vinculada")
}

func TestTriesAreLimitedForAPersonWhicheverAccountTheyTry(t *testing.T) {
	w := newWorld(t, "lucía")
	for _, user := range []string{"raul.ortega", "diego.vega", "sofia.lara", "tomas.aguilar", "nadie.nunca"} {
		w.say("intruso", user+" abcdefghjk")
	}
	w.wants(w.say("intruso", "lucia.herrera "+w.keeper.Password(w.people["lucía"])), "demasiados intentos desde este chat")
}

func TestACodeLinksASecondChatAfterAYesToTheName(t *testing.T) {
	w := newWorld(t)
	code := w.codeFor("lucía")
	w.settle()
	w.wants(w.slack("U1", "vincular "+strings.ToLower(code)), "¿Es usted Lucía Herrera Campos?")
	if w.linked("lucía", "slack") {
		t.Fatal("it was linked before the yes")
	}
	r := w.slackPress("U1", "Sí, vincular")
	w.wants(r, "Cuenta vinculada")
	if !w.linked("lucía", "slack") || !r.Redraw {
		t.Error("it was not linked in place of the question")
	}
	mailed := false
	for _, it := range w.owed() {
		mailed = mailed || it.What == desk.WhatMail && it.Data["mail"] == string(core.MailLinked) && it.Account == w.people["lucía"].ID
	}
	if !mailed {
		t.Error("the registered e-mail is not told")
	}
}

func TestACodeAloneIsUnderstood(t *testing.T) {
	w := newWorld(t)
	w.wants(w.slack("U1", w.codeFor("lucía")), "¿Es usted Lucía Herrera Campos?")
}

func TestACodeServesOnePersonOnce(t *testing.T) {
	w := newWorld(t)
	code := w.codeFor("lucía")
	w.slack("U1", "vincular "+code)
	w.wants(w.slack("U2", "vincular "+code), "La clave para vincular no corresponde")
	w.slackPress("U1", "Sí, vincular")
	w.wants(w.slack("U3", "vincular "+code), "La clave para vincular no corresponde")
}

func TestANoToTheNameLinksNothingAndSpendsTheCode(t *testing.T) {
	w := newWorld(t)
	code := w.codeFor("lucía")
	w.slack("U1", "vincular "+code)
	yes := w.token("U1", "Sí, vincular")
	w.wants(w.slackPress("U1", "No soy yo"), "No se vinculó nada")
	w.wants(w.in("U1", bot.Input{Platform: "slack", Tap: yes, Private: true}), "La clave para vincular no corresponde")
	if w.linked("lucía", "slack") {
		t.Error("it was linked")
	}
}

func TestACodeExpiresAndANewOneVoidsTheOneBefore(t *testing.T) {
	w := newWorld(t)
	first := w.codeFor("lucía")
	second := w.codeFor("lucía")
	w.wants(w.slack("U1", "vincular "+first), "La clave para vincular no corresponde")
	w.pass(10 * time.Minute)
	w.wants(w.slack("U1", "vincular "+second), "La clave para vincular no corresponde")
}

func TestGuessesOfCodesAreFew(t *testing.T) {
	w := newWorld(t)
	code := w.codeFor("lucía")
	for range 5 {
		w.slack("U1", "vincular 2345-6789")
	}
	w.wants(w.slack("U1", "vincular "+code), "demasiados intentos desde este chat")
}

func TestTheQuestionByNameIsAskedAgainOfARedelivery(t *testing.T) {
	w := newWorld(t)
	in := bot.Input{Platform: "slack", Text: "vincular " + w.codeFor("lucía"), Private: true, Once: "sl:1"}
	if diff := cmp.Diff(w.in("U1", in), w.in("U1", in)); diff != "" {
		t.Errorf("a redelivery is answered otherwise:\n%s", diff)
	}
	press := bot.Input{Platform: "slack", Tap: w.token("U1", "Sí, vincular"), Private: true, Once: "sl:2"}
	w.in("U1", press)
	w.wants(w.in("U1", press), "Cuenta vinculada")
}

func TestALinkIsNeverReplacedSilently(t *testing.T) {
	w := newWorld(t)
	code := w.codeFor("lucía")
	w.wants(w.say("U1", "vincular "+code), "ya tiene vinculado otro chat") // on telegram, where Lucía has a chat
	w.wants(w.say("lucía", "/quien"), "Lucía Herrera Campos")
	w.wants(w.say("raúl", "/vincular "+w.keeper.Link(w.people["lucía"])), "Este chat ya está vinculado", "Raúl Ortega Díaz")
}

func TestNoSoyYoUnlinksAtOnceAndTellsAdministrationAndTheMailbox(t *testing.T) {
	w := newWorld(t)
	w.say("lucía", "/quien")
	w.wants(w.press("lucía", "No soy yo"), "Este chat ya no está vinculado")
	var note, mail bool
	for _, it := range w.owed() {
		note = note || it.Account == w.people["sofía"].ID && it.What == desk.WhatNote && it.Data["note"] == string(core.NoteUnlinked)
		mail = mail || it.Account == w.people["lucía"].ID && it.What == desk.WhatMail && it.Data["mail"] == string(core.MailLinked)
	}
	if !note || !mail {
		t.Errorf("told: administration %v, registered e-mail %v", note, mail)
	}
	w.wants(w.say("lucía", "/pendientes"), "Este chat todavía no está vinculado a una cuenta de SIDEM")
}

func TestAdministrationUnlinksAndSuspendsWithEffectOnTheNextPress(t *testing.T) {
	w := newWorld(t)
	w.say("raúl", "/quien")
	duties := w.token("raúl", "Mis pendientes")
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbSuspend, Fields: fields(core.FieldReason, "Cambio de adscripción")})
	w.wants(w.tap("raúl", duties, true), "Su cuenta está suspendida")
	w.wants(w.in("raúl", bot.Input{Home: true, Private: true}), "Su cuenta está suspendida")
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbReinstate})
	w.by("sofía", w.people["raúl"].ID, core.Command{Verb: core.VerbUnlink, Fields: fields(core.FieldPlatform, "telegram")})
	w.wants(w.tap("raúl", duties, true), "Este chat todavía no está vinculado a una cuenta de SIDEM")
}
