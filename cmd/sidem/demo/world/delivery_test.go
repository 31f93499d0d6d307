package world_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestTheEightStepsComeTrueByWebhook(t *testing.T) {
	t.Parallel()
	lines := e2etest.Scenario(t, "ocho_pasos_en_telegram")
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	e2etest.Webhooked(t, w)
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	for _, c := range w.Telegram.Calls() {
		if c.Method == "getUpdates" {
			t.Fatal("it polled")
		}
	}
	menus(t, w)
	res, err := http.Post("http://"+w.Config.HTTPAddr+telegram.WebhookPath, "application/json", strings.NewReader(`{"update_id":1}`)) //nolint:noctx // loopback
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the secret: %s", res.Status)
	}
}

// menus judges the menu of commands on the phones of the people of the story.
func menus(t *testing.T, w *world.World) {
	t.Helper()
	sees := func(person string) []string {
		var out []string
		for _, c := range w.Telegram.Person(w.People[person].TelegramID, "", "").Menu() {
			out = append(out, c.Command)
		}
		return out
	}
	for person, want := range map[string]struct{ has, not string }{
		"lucía": {"nueva", "cuenta"}, "raúl": {"suplencia", "nueva"}, "tomás": {"entrega", "suplencia"},
	} {
		if got := sees(person); !slices.Contains(got, want.has) || slices.Contains(got, want.not) {
			t.Errorf("%s sees %q, want %s and not %s", person, got, want.has, want.not)
		}
	}
	if got := w.Telegram.Person(9999, "Nadie", "").Menu(); len(got) != 2 || got[0].Command != "start" {
		t.Errorf("a stranger sees %v", got)
	}
	w.Telegram.Person(w.People["lucía"].TelegramID, "", "").Block()
	if err := w.Telegram.Await(t.Context(), w.Telegram.Idle); err != nil { // it is kept
		t.Fatal(err)
	}
	e2etest.Rest(t, w) // and worked
	families, err := w.App().Gauges.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "sidem_chat_blocks_total" {
				counted += m.GetCounter().GetValue()
			}
		}
	}
	if counted != 1 {
		t.Errorf("%v blocks were counted", counted)
	}
}
