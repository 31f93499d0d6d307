package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sidem/bot/bottest"
	"sidem/bot/telegram"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/storage/redis/redistest"
)

// webhooked has Telegram deliver to a port of this machine.
func webhooked(t *testing.T, w *world.World) {
	t.Helper()
	w.Config.HTTPAddr = freePort(t)
	w.Config.PublicURL, w.Config.TelegramMode, w.Config.TelegramSecret = "http://"+w.Config.HTTPAddr, office.TelegramWebhook, "a-secret_of-the-webhook"
}

func TestTheEightStepsComeTrueByWebhook(t *testing.T) {
	t.Parallel()
	lines := scenario(t, "ocho_pasos_en_telegram")
	w := openWorld(t, t.TempDir(), world.InProcess)
	webhooked(t, w)
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

func TestTheEightStepsByWebhookOutliveKills(t *testing.T) {
	t.Parallel()
	walkFrom(t, func(w *world.World, s *outside) {
		webhooked(t, w)
		s.die, s.again = 20, 60
	})
}

func TestAWebhookThatTelegramWouldNotCallIsRefusedAtTheStart(t *testing.T) {
	fine := map[string]string{
		"SIDEM_TELEGRAM_TOKEN": "1:t", "SIDEM_TELEGRAM_MODE": "webhook", "SIDEM_TELEGRAM_SECRET": "s", "SIDEM_PUBLIC_URL": "https://sidem.ejemplo.gob.mx",
	}
	for _, c := range []struct{ name, key, value, want string }{
		{"no secret", "SIDEM_TELEGRAM_SECRET", "", "SIDEM_TELEGRAM_SECRET is missing"},
		{"no address", "SIDEM_PUBLIC_URL", "", "SIDEM_PUBLIC_URL is missing"},
		{"plain http", "SIDEM_PUBLIC_URL", "http://sidem.ejemplo.gob.mx", "https on port"},
		{"a port of its own", "SIDEM_PUBLIC_URL", "https://sidem.ejemplo.gob.mx:9000", "https on port"},
		{"another mode", "SIDEM_TELEGRAM_MODE", "push", "must be one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range fine {
				t.Setenv(k, v)
			}
			t.Setenv(c.key, c.value)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"serve"}, &out, &errs)
			if (code != exitConfig && code != exitUsage) || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
		})
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
	if err := w.Telegram.Await(t.Context(), w.Telegram.Idle); err != nil {
		t.Fatal(err)
	}
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

// replicas are several SIDEMs on one store.
type replicas []*world.Inside

func (r replicas) Start(ctx context.Context) error {
	for _, s := range r {
		if err := s.Start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r replicas) Stop() error {
	var errs []error
	for _, s := range r {
		errs = append(errs, s.Stop())
	}
	return errors.Join(errs...)
}

func (r replicas) Idle(ctx context.Context) (bool, error) {
	for _, s := range r {
		if idle, err := s.Idle(ctx); err != nil || !idle {
			return false, err
		}
	}
	return true, nil
}

func TestTheEightStepsComeTrueWithTwoReplicasOnRedisOfWhichOnePolls(t *testing.T) {
	t.Parallel()
	lines := scenario(t, "ocho_pasos_en_telegram")
	server := redistest.Start(t, redistest.Options{})
	w := openWorld(t, t.TempDir(), func(w *world.World) world.Service { return replicas{{World: w}, {World: w}} })
	w.Config.Store = office.Secret(server.DSN("sidem"))
	conflicts := 0 // when the last line is played; at the end each leaves a poll that Telegram has yet to see abandoned
	r := bottest.Runner{World: w, Patience: world.Patience, On: func(bottest.Line) {
		conflicts = 0
		for _, c := range w.Telegram.Calls() {
			if c.Method == "getUpdates" && c.Status == http.StatusConflict {
				conflicts++
			}
		}
	}}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	if conflicts > 0 {
		t.Errorf("two polled at once: %d conflicts", conflicts)
	}
}
