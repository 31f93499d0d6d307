//go:build e2e

package kill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync/atomic"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// stride is how many calls apart one walk is killed: stride walks, each with
// another first call, kill at every call of the walk.
const stride = 24

// walkFrom plays the eight steps with a SIDEM that is killed at call number
// first and at each stride-th after it. aim says where the kills come from.
func walkFrom(t *testing.T, aim func(w *world.World, s *e2etest.Outside)) {
	t.Helper()
	lines := e2etest.Scenario(t, "ocho_pasos") // on Telegram and on Slack
	dir := t.TempDir()
	var s *e2etest.Outside
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &e2etest.Outside{World: w, Dir: dir, Hasty: true}
		return s
	})
	if err != nil {
		t.Fatal(err)
	}
	aim(w, s)
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return e2etest.Doubtful(t, w, s.Deaths(), surprises, stale)
	}}
	playErr := r.Play(t.Context(), lines)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if s.Deaths() == 0 {
		t.Error("nobody died: the test aims at nothing")
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.Deaths(), playErr)
	}
	t.Logf("%d deaths", s.Deaths())
	e2etest.Explained(t, w)
}

// firsts are the calls at which the walks begin to die: all of them with
// SIDEM_CRASH_ALL set (make crash); one, in the middle, otherwise.
func firsts() []int {
	if os.Getenv("SIDEM_CRASH_ALL") == "" {
		return []int{stride / 2}
	}
	var out []int
	for n := 1; n <= stride; n++ {
		out = append(out, n)
	}
	return out
}

func TestKilledAtAnyChangeOfTheStoreTheStoryEndsWell(t *testing.T) {
	for _, side := range []int{1, -1} { // before the change, and after it
		for _, n := range firsts() {
			t.Run(strconv.Itoa(side*n), func(t *testing.T) {
				t.Parallel()
				walkFrom(t, func(_ *world.World, s *e2etest.Outside) { s.Die = side * n; s.Again = side * stride })
			})
		}
	}
}

func TestKilledAtAnyCallToTelegramTheStoryEndsWell(t *testing.T) {
	for _, after := range []bool{false, true} { // before the platform does it, and after
		for _, n := range firsts() {
			t.Run(fmt.Sprintf("%d after=%v", n, after), func(t *testing.T) {
				t.Parallel()
				walkFrom(t, func(w *world.World, s *e2etest.Outside) {
					due := counter(n)
					w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
						if c.Method == "getUpdates" || !due() {
							return nil
						}
						s.Kill()
						return &telegramtest.Fault{Drop: true, After: after}
					})
				})
			})
		}
	}
}

func TestKilledAtAnyCallToSlackTheStoryEndsWell(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, n := range firsts() {
			t.Run(fmt.Sprintf("%d after=%v", n, after), func(t *testing.T) {
				t.Parallel()
				walkFrom(t, func(w *world.World, s *e2etest.Outside) {
					if n%2 == 0 { // by either way of delivery
						e2etest.SlackCalls(t, w)
					}
					due := counter(n)
					w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
						if c.Method == "auth.test" || c.Method == "apps.connections.open" || !due() {
							return nil
						}
						s.Kill()
						return &slacktest.Fault{Drop: true, After: after}
					})
				})
			})
		}
	}
}

func TestKilledAtAnyCallToTheRelayTheStoryEndsWell(t *testing.T) {
	for _, after := range []bool{false, true} {
		for _, n := range firsts() {
			t.Run(fmt.Sprintf("%d after=%v", n, after), func(t *testing.T) {
				t.Parallel()
				walkFrom(t, func(w *world.World, s *e2etest.Outside) {
					due := counter(n)
					w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
						if p.Name == emailtest.Quit || !due() {
							return nil
						}
						s.Kill()
						return &emailtest.Fault{Drop: true, After: after}
					})
				})
			})
		}
	}
}

// counter holds at call number first, and at each stride-th after it.
func counter(first int) func() bool {
	var n atomic.Int64
	return func() bool { return (n.Add(1)-int64(first))%stride == 0 }
}

func TestAKilledSIDEMIsNoticedByTheTest(t *testing.T) {
	// The planted fault: a store that dies and is not started again.
	w, err := world.New(t.TempDir(), func(*world.World) world.Service { return lifeless{} })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	r := bottest.Runner{World: w, Patience: world.Patience, Dying: true}
	lines := e2etest.Scenario(t, "ocho_pasos")
	if err := r.Play(t.Context(), lines); !errors.Is(err, errLifeless) {
		t.Errorf("the story came true without SIDEM: %v", err)
	}
}

var errLifeless = errors.New("it does not start")

type lifeless struct{}

func (lifeless) Start(context.Context) error { return errLifeless }

func (lifeless) Stop() error { return nil }

func (lifeless) Idle(context.Context) (bool, error) { return true, nil }

func TestTheEightStepsByWebhookOutliveKills(t *testing.T) {
	t.Parallel()
	walkFrom(t, func(w *world.World, s *e2etest.Outside) {
		e2etest.Webhooked(t, w)
		s.Die, s.Again = 20, 60
	})
}
