package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"sidem/bot/bottest"
	"sidem/bot/slack/slacktest"
	"sidem/bot/telegram/telegramtest"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/core/outbox"
	"sidem/notifier/email/emailtest"
)

// stride is how many calls apart one walk is killed: stride walks, each with
// another first call, kill at every call of the walk.
const stride = 24

// walkFrom plays the eight steps with a SIDEM that is killed at call number
// first and at each stride-th after it. aim says where the kills come from.
func walkFrom(t *testing.T, aim func(w *world.World, s *outside)) {
	t.Helper()
	lines := scenario(t, "ocho_pasos") // on Telegram and on Slack
	dir := t.TempDir()
	var s *outside
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &outside{w: w, dir: dir, hasty: true}
		return s
	})
	if err != nil {
		t.Fatal(err)
	}
	aim(w, s)
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return doubtful(t, w, s.deaths, surprises, stale)
	}}
	playErr := r.Play(t.Context(), lines)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if s.deaths == 0 {
		t.Error("nobody died: the test aims at nothing")
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.deaths, playErr)
	}
	t.Logf("%d deaths", s.deaths)
	explained(t, w)
}

// doubtful: a message may come twice, and a copy keep its buttons, only where an
// attempt ended in a death. Each death leaves its attempts on record, and may
// repeat the answer to what was pressed or written at that moment.
func doubtful(t *testing.T, w *world.World, deaths int, surprises, stale []string) error {
	t.Helper()
	allowed := deaths
	if err := w.Visit(t.Context(), func(a *app.App) error {
		allowed += unknownAttempts(t, a)
		return nil
	}); err != nil {
		return err
	}
	copies := map[string]bool{}
	for _, b := range stale {
		if strings.HasPrefix(b, "record ") || strings.HasPrefix(b, "event ") || strings.HasPrefix(b, "index ") {
			return errors.New(b) // the audit's
		}
		message, _, _ := strings.Cut(b, " [")
		number, _, _ := strings.Cut(strings.TrimPrefix(b, message+" ["), " ")
		copies[message+number] = true
	}
	if len(surprises) > allowed || len(copies) > allowed {
		return fmt.Errorf("%d deaths and unknown attempts do not explain %d messages and %d copies with buttons:\n%s\n%s",
			allowed, len(surprises), len(copies), strings.Join(surprises, "\n"), strings.Join(stale, "\n"))
	}
	return nil
}

// explained checks what every owed notice came to, on the store itself.
func explained(t *testing.T, w *world.World) {
	t.Helper()
	if err := w.Visit(t.Context(), func(a *app.App) error {
		invariants(t, w, a) // of copies with buttons doubtful has judged
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// accounted checks that every notice came to something: what is owed still is
// work of SIDEM's own whose time lies ahead, reminders and ticks.
func accounted(t *testing.T, w *world.World, a *app.App) {
	t.Helper()
	stats, err := a.Store.Stats(t.Context(), w.Time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if stats.Dead != 0 || stats.Missing() != 0 || stats.Created == 0 {
		t.Errorf("notices that came to nothing: %+v", stats)
	}
	owed := 0
	for after := ""; ; {
		items, err := a.Store.Items(t.Context(), outbox.Live, after, 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			after = it.ID
			if owed++; it.Channel != "" || !it.Due.After(w.Time.Now()) {
				t.Errorf("%s is owed at rest: %+v", it.Key, it)
			}
		}
		if len(items) < 200 {
			break
		}
	}
	if owed != stats.Live {
		t.Errorf("%d items are owed, and the accounts say %d", owed, stats.Live)
	}
}

func unknownAttempts(t *testing.T, a *app.App) int {
	t.Helper()
	n := 0
	everyItem(t, a, func(it outbox.Item) {
		for _, at := range it.Attempts {
			if at.Outcome == outbox.Unknown || strings.HasPrefix(at.Note, "uncertain") {
				n++
			}
		}
	})
	return n
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
				walkFrom(t, func(_ *world.World, s *outside) { s.die = side * n; s.again = side * stride })
			})
		}
	}
}

func TestKilledAtAnyCallToTelegramTheStoryEndsWell(t *testing.T) {
	for _, after := range []bool{false, true} { // before the platform does it, and after
		for _, n := range firsts() {
			t.Run(fmt.Sprintf("%d after=%v", n, after), func(t *testing.T) {
				t.Parallel()
				walkFrom(t, func(w *world.World, s *outside) {
					due := counter(n)
					w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
						if c.Method == "getUpdates" || !due() {
							return nil
						}
						s.kill()
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
				walkFrom(t, func(w *world.World, s *outside) {
					if n%2 == 0 { // by either way of delivery
						slackCalls(t, w)
					}
					due := counter(n)
					w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
						if c.Method == "auth.test" || c.Method == "apps.connections.open" || !due() {
							return nil
						}
						s.kill()
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
				walkFrom(t, func(w *world.World, s *outside) {
					due := counter(n)
					w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
						if p.Name == emailtest.Quit || !due() {
							return nil
						}
						s.kill()
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
	lines := scenario(t, "ocho_pasos")
	if err := r.Play(t.Context(), lines); !errors.Is(err, errLifeless) {
		t.Errorf("the story came true without SIDEM: %v", err)
	}
}

var errLifeless = errors.New("it does not start")

type lifeless struct{}

func (lifeless) Start(context.Context) error        { return errLifeless }
func (lifeless) Stop() error                        { return nil }
func (lifeless) Idle(context.Context) (bool, error) { return true, nil }
