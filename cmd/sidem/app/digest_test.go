package app_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/outbox"
)

func TestADigestThatABlockedChatDoesNotTakeComesByMailOnce(t *testing.T) {
	w := unreachable(t) // Raúl's chain: Telegram, which is blocked, mail, Slack
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	for range 2 {
		e2etest.At(t, w, "2026-11-24 08:50")
	}
	if got := e2etest.Mails(w, "raúl", "Tiene 1 pendiente"); len(got) != 1 || !strings.Contains(oneLine(got[0].Text), "000001/2026 · Liberar") {
		t.Errorf("%d digests by mail: %s", len(got), e2etest.Texts(got))
	}
	if got := slackCards(w, "raúl", "Tiene "); len(got) != 0 {
		t.Errorf("and in Slack: %v", got)
	}
}

func TestAnEmptyDigestIsNotSent(t *testing.T) {
	w, _ := ticking(t)
	e2etest.At(t, w, "2026-11-24 08:50")
	moot := 0
	for _, state := range []outbox.State{outbox.Sent, outbox.Moot} {
		err := app.Each(t.Context(), w.App().Store, state, func(it outbox.Item) error {
			if !strings.HasPrefix(it.Key, "digest:") || !strings.HasSuffix(it.Key, ":2026-11-24") {
				return nil
			}
			if moot++; state == outbox.Sent {
				t.Errorf("%s was sent", it.Key)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if moot < 5 {
		t.Errorf("only %d people were asked for", moot)
	}
	for _, m := range w.Mail.All() {
		if strings.Contains(m.Subject, "pendiente") {
			t.Errorf("somebody got %s", m.Subject)
		}
	}
}
