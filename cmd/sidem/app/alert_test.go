package app_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// unreachable is a world where Raúl has Telegram and Slack, and has blocked the
// bot on Telegram. His chain is Telegram, mail, Slack.
func unreachable(t *testing.T) *world.World {
	t.Helper()
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	a, raul := w.App(), w.People["raúl"]
	account, err := a.Store.Find(t.Context(), core.UniqueUser(raul.Account.User))
	if err != nil {
		t.Fatal(err)
	}
	chat := w.Telegram.Person(raul.TelegramID, "", "")
	chat.Start("")
	for platform, id := range map[string]string{"telegram": "1002", "slack": raul.SlackID} {
		c := core.Command{Verb: core.VerbLink, Where: "cli", Fields: map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: id}}
		if out, err := a.Desk.Do(t.Context(), core.SystemActor, account.ID, c); err != nil || out.Refusal != nil {
			t.Fatal(out.Refusal, err)
		}
	}
	e2etest.Rest(t, w)
	chat.Block()
	return w
}

// slackCards are a person's messages in Slack that hold a text.
func slackCards(w *world.World, person, text string) (out []slacktest.Message) {
	for _, m := range w.SlackPerson(w.People[person]).Screen() {
		if m.FromBot && strings.Contains(m.Shown+m.Text, text) {
			out = append(out, m)
		}
	}
	return out
}

func TestATurnThatABlockedChatDoesNotTakeGoesOnByMailAndAdministrationLearnsOfIt(t *testing.T) {
	w := unreachable(t)
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	if got := e2etest.Mails(w, "raúl", "Por liberar"); len(got) != 1 {
		t.Errorf("%d mails tell Raúl of his turn", len(got))
	}
	if got := slackCards(w, "raúl", "Por liberar"); len(got) != 0 {
		t.Errorf("Slack comes after the mail, which was taken: %v", got)
	}
	if got := e2etest.Mails(w, "sofía", "Avisos"); len(got) != 0 {
		t.Errorf("administration is told of what was delivered, at once: %s", e2etest.Texts(got))
	}
	w.Time.Set(time.Date(2026, 11, 24, 9, 1, 0, 0, world.Mexico()))
	e2etest.Rest(t, w)
	got := e2etest.Mails(w, "sofía", "Avisos que no llegaron (1)")
	const line = "A Raúl Ortega Díaz, sobre la solicitud 000001/2026: no se entregó por Telegram y se envía por correo. Motivo: el chat ya no recibe mensajes de SIDEM."
	if len(got) != 1 || !strings.Contains(oneLine(got[0].Text), line) {
		t.Errorf("administration reads %d mails: %s", len(got), e2etest.Texts(got))
	}
}

func TestANoticeThatReachesNobodyGoesThroughTheWholeChainAndIsTold(t *testing.T) {
	w := unreachable(t)
	raul := w.People["raúl"]
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.RcptTo && p.To == raul.Account.Email {
			return &emailtest.Fault{Reply: "550 5.1.1 no such mailbox"}
		}
		return nil
	})
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	if got := slackCards(w, "raúl", "Por liberar"); len(got) != 1 {
		t.Fatalf("%d cards in Slack, the last of the chain", len(got))
	}
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postMessage" && c.Params["channel"] != "" {
			return &slacktest.Fault{Status: 200, Body: `{"ok":false,"error":"is_archived"}`}
		}
		return nil
	})
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil { // a second request
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	w.Time.Set(w.Time.Now().Add(6 * time.Minute))
	e2etest.Rest(t, w)
	got := e2etest.Mails(w, "sofía", "Avisos que no llegaron (1)")
	if len(got) != 1 || !strings.Contains(oneLine(got[0].Text), "A Raúl Ortega Díaz, sobre la solicitud 000002/2026: ") ||
		!strings.Contains(oneLine(got[0].Text), "no se entregó por ningún medio (Telegram, correo y Slack). Motivo: el chat ya no recibe mensajes de SIDEM.") {
		t.Errorf("administration reads %d mails: %s", len(got), e2etest.Texts(got))
	}
	stats, err := w.App().Store.Stats(t.Context(), w.Time.Now())
	if err != nil || stats.Missing() != 0 || stats.Dead < 5 {
		t.Errorf("accounts: %+v, %v", stats, err)
	}
}

// oneLine is a text with its line ends and runs of blanks made one.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestAnAlertThatNobodyTakesIsOwedAgainTheNextMorning(t *testing.T) {
	w := unreachable(t)
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.RcptTo && (p.To == w.People["raúl"].Account.Email || p.To == w.People["sofía"].Account.Email) {
			return &emailtest.Fault{Reply: "550 5.1.1 no such mailbox"}
		}
		return nil
	})
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postMessage" {
			return &slacktest.Fault{Status: 200, Body: `{"ok":false,"error":"is_archived"}`}
		}
		return nil
	})
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	w.Time.Set(w.Time.Now().Add(6 * time.Minute))
	e2etest.Rest(t, w)
	w.Mail.Intercept(nil)
	if got := e2etest.Mails(w, "sofía", "Avisos"); len(got) != 0 {
		t.Fatalf("the fault does not strike: %s", e2etest.Texts(got))
	}
	w.Time.Set(time.Date(2026, 11, 24, 9, 1, 0, 0, world.Mexico()))
	e2etest.Rest(t, w)
	// What died yesterday, and what was for this morning, in one mail.
	got := e2etest.Mails(w, "sofía", "Avisos que no llegaron")
	if len(got) != 1 || !strings.Contains(got[0].Text, "por ningún medio (") {
		t.Errorf("administration reads %d mails: %s", len(got), e2etest.Texts(got))
	}
}

func TestAdministrationGetsOneMailADayHoweverOftenANoticeIsLost(t *testing.T) {
	w := unreachable(t)
	raul := w.People["raúl"]
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.RcptTo && p.To == raul.Account.Email {
			return &emailtest.Fault{Reply: "550 5.1.1 no such mailbox"}
		}
		return nil
	})
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postMessage" {
			return &slacktest.Fault{Status: 200, Body: `{"ok":false,"error":"is_archived"}`}
		}
		return nil
	})
	lose := func(day, hour int) {
		t.Helper()
		w.Time.Set(time.Date(2026, 11, day, hour, 0, 0, 0, world.Mexico()))
		e2etest.Rest(t, w)
		if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
			t.Fatal(err)
		}
		e2etest.Rest(t, w)
		w.Time.Set(time.Date(2026, 11, day, hour, 6, 0, 0, world.Mexico())) // past AlertDelay
		e2etest.Rest(t, w)
	}
	lost := func() []emailtest.Mail { return e2etest.Mails(w, "sofía", "Avisos que no llegaron") }
	lose(23, 10)
	lose(23, 11)
	lose(23, 12)
	if got := lost(); len(got) != 1 {
		t.Fatalf("on Monday: %s", e2etest.Texts(got))
	}
	lose(24, 10) // after Tuesday's mail, which tells of Monday's other two
	if got := lost(); len(got) != 2 || !strings.Contains(got[1].Text, "000002/2026") || !strings.Contains(got[1].Text, "000003/2026") {
		t.Fatalf("on Tuesday: %s", e2etest.Texts(got))
	}
	w.Time.Set(time.Date(2026, 11, 25, 10, 0, 0, 0, world.Mexico()))
	e2etest.Rest(t, w)
	if got := lost(); len(got) != 3 || !strings.Contains(got[2].Text, "000004/2026") {
		t.Errorf("on Wednesday: %s", e2etest.Texts(got))
	}
}

func TestWhateverDiesOwesAnAlertThatSaysWhy(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	a := w.App()
	request, err := a.Store.Find(t.Context(), core.UniqueNumber("000001/2026"))
	if err != nil {
		t.Fatal(err)
	}
	account := func(person string) string {
		r, err := a.Store.Find(t.Context(), core.UniqueUser(w.People[person].Account.User))
		if err != nil {
			t.Fatal(err)
		}
		return r.ID
	}
	lucia := account("lucía")
	mail := outbox.Item{ID: "9", Key: "k", Channel: "email", Account: lucia, Record: request.ID, What: desk.WhatMail, Data: map[string]string{"mail": string(core.MailFiled), "tried": "telegram,slack"}}
	refused := errors.New("smtp RCPT: 550 no")
	for name, c := range map[string]struct {
		it    outbox.Item
		cause error
		want  string
	}{
		"a mailbox that does not exist": {mail, outbox.PermanentBecause(outbox.NoRecipient, refused), "Motivo: el servidor de correo dice que ese buzón no existe o no recibe."},
		"a mail that is not taken":      {mail, outbox.Permanent(refused), "Motivo: el mensaje no se aceptó; el registro de SIDEM dice por qué."},
		"a relay that is down":          {mail, outbox.Config(refused), "Motivo: el servicio no funcionó durante un día."},
		"an answer that is lost":        {mail, outbox.Uncertain(refused), "Motivo: no se sabe si llegó: el servidor no contestó."},
		"too many tries":                {mail, refused, "Motivo: no se logró después de muchos intentos; el registro de SIDEM dice por qué."},
		"a redraw that nobody waits for": {
			desk.CardItem(request.ID, lucia, "telegram", w.Time.Now(), outbox.Payload{}), outbox.Permanent(errors.New("telegram: Forbidden")),
			"Lucía Herrera Campos. Lo que ve en Telegram ya no se actualiza. Motivo: el chat ya no recibe mensajes de SIDEM.",
		},
		"a screen that follows no more": {
			desk.ScreenItem(request.ID, lucia, "telegram", w.Time.Now()), errors.New("telegram: no answer"),
			"Lucía Herrera Campos. Lo que ve en Telegram ya no se actualiza. Motivo: no se logró",
		},
		"a card that stays though it is theirs no more": {
			desk.CardItem("none", lucia, "slack", w.Time.Now(), outbox.Payload{}), errors.New("slack: no answer"),
			"Lucía Herrera Campos. Lo que ve en Slack ya no se actualiza. Motivo: no se logró",
		},
		"cards of an account that changed": {
			outbox.Item{ID: "9", Key: "recast:" + lucia + ":3:now", Merge: outbox.Once, Record: lucia, What: desk.WhatRecast, Data: map[string]string{"deputy": ""}},
			refused,
			"Tarea interna “actualización de mensajes por el cambio de una cuenta”. No se completó; se intenta de nuevo a su hora. Motivo: no se logró",
		},
		"a tick": {
			outbox.Item{ID: "9", Key: "tick:digest:2026-11-23", What: notifier.WhatTick, Data: map[string]string{"tick": "digest", "day": "2026-11-23"}},
			refused,
			"Tarea interna “resumen diario”. No se completó; se intenta de nuevo a su hora. Motivo: no se logró",
		},
	} {
		then, err := a.Desk.Fallback(t.Context(), c.it, c.cause)
		if err != nil || len(then) == 0 {
			t.Errorf("%s: %d items, %v", name, len(then), err)
			continue
		}
		alert := then[0]
		if alert.Account != account("sofía") || alert.Data["mail"] != string(core.MailAlert) || !strings.Contains(alert.Data["lost"], c.want) {
			t.Errorf("%s: %+v", name, alert)
		}
	}
}
