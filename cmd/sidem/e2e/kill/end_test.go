//go:build e2e

package kill

import (
	"fmt"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// grace is what a SIDEM that is told to end may take: the hub's own and a little.
const grace = 8 * time.Second

// loaded is a world whose store owes notices by all three channels: n requests,
// filed while nobody was there to tell of them. Lucía has Slack, Raúl Telegram,
// and both are written to.
func loaded(t *testing.T, n int) (*world.World, string) {
	t.Helper()
	dir := t.TempDir()
	w := e2etest.OpenWorld(t, dir, world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	e2etest.Link(t, w, map[string]string{"lucía": "slack", "raúl": "telegram"})
	e2etest.Rest(t, w)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := w.Visit(t.Context(), func(a *app.App) error {
		for range n {
			if _, err := w.File(t.Context(), a); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return w, dir
}

// serve starts SIDEM in a process of its own, on the time of the story, and
// returns when it is ready. It waits for nobody's turn: a hundred cards in one
// chat would take two minutes.
func serve(t *testing.T, w *world.World, dir string) *victim {
	t.Helper()
	v := (&morgue{t: t, w: w, dir: dir}).start()
	deadline := time.After(world.Patience)
	for {
		select {
		case <-v.ready:
			return v
		case <-v.ended:
			t.Fatalf("it ended: %v", v.err)
		case <-deadline:
			t.Fatal("it is not ready")
		}
	}
}

// ends tells a process to end and returns how long it took; it must exit 0.
func ends(t *testing.T, v *victim) time.Duration {
	t.Helper()
	began := testbed.Start()
	if err := v.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if <-v.ended; v.err != nil {
		t.Errorf("it ended with %v", v.err)
	}
	return began.Elapsed()
}

// arrived waits until the relay has taken n mails.
func arrived(t *testing.T, w *world.World, n int) {
	t.Helper()
	deadline := time.After(world.Patience)
	for {
		changed := w.Mail.Changed()
		if len(w.Mail.All()) >= n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%d of %d mails arrived", len(w.Mail.All()), n)
		}
	}
}

func TestToldToEndUnderLoadSIDEMEndsInTimeAndSendsNothingTwice(t *testing.T) {
	const requests = 100 // a mail, a card in Slack and one in Telegram each
	w, dir := loaded(t, requests)
	before := len(w.Mail.All()) // of the linking
	const away = 10 * time.Millisecond
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.Dot {
			return &emailtest.Fault{Delay: away}
		}
		return nil
	})
	var cards atomic.Int64
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		cards.Add(1)
		return &telegramtest.Fault{Delay: away}
	})
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postMessage" {
			cards.Add(1)
		}
		return nil
	})
	until := func(n int) {
		for began := testbed.Start(); int(cards.Load()) < n; time.Sleep(time.Millisecond) {
			if began.Elapsed() > world.Patience {
				t.Fatalf("%d of %d cards", cards.Load(), n)
			}
		}
	}
	for _, n := range []int{10, 70, 130} { // it is told to end three times on the way
		v := serve(t, w, dir)
		until(n)
		if took := ends(t, v); took > grace {
			t.Errorf("it took %v to end", took)
		}
		if len(w.Mail.All()) >= before+requests || cards.Load() >= 2*requests {
			t.Fatalf("%d mails and %d cards are out already: the test ends nothing under load", len(w.Mail.All()), cards.Load())
		}
		unsure(t, w)
	}
	v := serve(t, w, dir)
	arrived(t, w, before+requests)
	until(2 * requests)
	ends(t, v)
	unsure(t, w)
	came := map[string]int{}
	for _, m := range w.Mail.All()[before:] {
		came["mail "+m.MessageID]++
	}
	for _, m := range w.Telegram.Person(w.People["raúl"].TelegramID, "", "").Screen() {
		if _, rest, ok := strings.Cut(m.Text, "Solicitud número "); ok {
			came["telegram "+rest[:11]]++
		}
	}
	for _, m := range w.SlackPerson(w.People["lucía"]).Screen() {
		if _, rest, ok := strings.Cut(m.Shown+m.Text, "olicitud número "); ok {
			came["slack "+rest[:11]]++
		}
	}
	for what, n := range came {
		if n > 1 {
			t.Errorf("%s came %d times", what, n)
		}
	}
	if len(came) != 3*requests {
		t.Errorf("%d different mails and cards, want %d", len(came), 3*requests)
	}
}

// unsure fails the test if an item is held by nobody's lease, or an attempt left doubt.
func unsure(t *testing.T, w *world.World) {
	t.Helper()
	cfg := w.Config
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: w.Time, Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	err = app.Each(t.Context(), a.Store, "", func(it outbox.Item) error {
		if it.Channel != "" && unknown(it) > 0 {
			return fmt.Errorf("%s: %+v", it.Key, it.Attempts)
		}
		return nil
	})
	if err != nil {
		t.Errorf("an attempt is in doubt: %v", err)
	}
}

func TestToldToEndWhileARelayHangsSIDEMEndsInTime(t *testing.T) {
	w, dir := loaded(t, 10)
	hung := make(chan struct{}, 100)
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.RcptTo {
			hung <- struct{}{}
			return &emailtest.Fault{Delay: time.Hour}
		}
		return nil
	})
	v := serve(t, w, dir)
	<-hung
	if took := ends(t, v); took > grace {
		t.Errorf("it took %v to end", took)
	}
	unsure(t, w)
}
