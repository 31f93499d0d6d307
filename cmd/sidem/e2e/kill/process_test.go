//go:build e2e

package kill

import (
	"bufio"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// victim is a SIDEM in a process of its own, which is going to be killed.
type victim struct {
	cmd   *exec.Cmd
	ready chan struct{} // closed when it takes traffic
	ended chan struct{} // closed when it is dead
	// troubled is closed when it says that its store does not take what it does.
	troubled chan struct{}
	err      error            // of its end
	at       *e2etest.Outside // asks it what it owes
}

// inside its own process a victim dies at a point of its store: "after claim:2".
const deathEnv = "SIDEM_TEST_DEATH"

// hastyEnv plants a fault in the victim: it calls an item sent before it is.
const hastyEnv = "SIDEM_TEST_HASTY"

// doom is what a victim does to its store by its environment.
func doom() func(app.Store) app.Store {
	point, times, ok := strings.Cut(os.Getenv(deathEnv), ":")
	n, err := strconv.Atoi(times)
	if !ok || err != nil {
		return nil
	}
	l := newLife(point, n)
	l.kill = die
	return func(s app.Store) app.Store {
		if os.Getenv(hastyEnv) != "" {
			s = hasty{s}
		}
		return &doomed{s, l}
	}
}

// hasty is a store with a planted fault: what is claimed for a channel counts as sent.
type hasty struct{ app.Store }

func (h hasty) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	items, err := h.Store.Claim(ctx, now, n, lease)
	if err != nil {
		return nil, err
	}
	var sent []outbox.Result
	for _, it := range items {
		if it.Channel != "" {
			sent = append(sent, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent})
		}
	}
	_, err = h.Settle(ctx, now, sent)
	return items, err
}

// start begins the next life of SIDEM as a process of its own, on the time of the story.
func (m *morgue) start(env ...string) *victim {
	m.t.Helper()
	v := &victim{at: &e2etest.Outside{World: m.w, Dir: m.dir}, ready: make(chan struct{}), troubled: make(chan struct{}), ended: make(chan struct{})}
	if err := os.WriteFile(v.at.ClockFile(), []byte(m.w.Time.Now().Format(time.RFC3339Nano)), 0o600); err != nil {
		m.t.Fatal(err)
	}
	v.cmd = exec.Command(os.Args[0], "serve") //nolint:gosec // this very binary
	v.cmd.Env = append(append(v.at.Environment(), e2etest.HasteEnv+"=1"), env...)
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	logs, err := v.cmd.StderrPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	world.Forking.Lock()
	err = v.cmd.Start()
	world.Forking.Unlock()
	if err != nil {
		m.t.Fatal(err)
	}
	go func() {
		defer close(v.ended)
		lines := bufio.NewScanner(logs)
		lines.Buffer(nil, 1<<20)
		troubled := false
		for lines.Scan() {
			if !troubled && strings.Contains(lines.Text(), "outbox: cannot") {
				troubled = true
				close(v.troubled)
			}
			if strings.Contains(lines.Text(), `"msg":"ready"`) {
				v.at.Becomes(lines.Bytes())
				close(v.ready)
			}
		}
		v.err = v.cmd.Wait()
	}()
	return v
}

// kill ends it as the power would, and returns when it is dead.
func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	<-v.ended
}

// liveForReal is live in a process of its own. One whose store lies is never at
// rest: it dies.
func (m *morgue) liveForReal(l *life) (died bool) {
	m.t.Helper()
	m.life.Store(l)
	ready := make(chan struct{})
	var v *victim
	l.kill = func() { <-ready; v.kill() } // at the points that are outside of it
	var env []string
	if m.lies && l.point != "" {
		env = append(env, hastyEnv+"=1")
	}
	v = m.start(append(env, deathEnv+"="+l.point+":"+strconv.FormatInt(l.n.Load(), 10))...)
	close(ready)
	deadline := time.After(world.Patience)
	for {
		select {
		case <-v.ended:
			if !e2etest.Killed(v.err) {
				m.t.Fatalf("at %q it ended by itself: %v", l.point, v.err)
			}
			return true
		case <-deadline:
			v.kill()
			m.t.Fatalf("at %q it does not come to rest", l.point)
		case <-time.After(3 * time.Millisecond):
		}
		if len(env) > 0 || !m.w.Telegram.Idle() {
			continue
		}
		if idle, err := v.at.Idle(m.t.Context()); err == nil && idle { // what is confirmed is kept by then
			v.kill()
			return false
		}
	}
}

// work has Lucía file a request while SIDEM does not run, and Raúl release one
// that he has on his screen, step by step: what he presses is among the first
// things that the next life finds.
func (m *morgue) work() {
	m.t.Helper()
	if err := m.w.Visit(m.t.Context(), func(a *app.App) error { m.file(a); return nil }); err != nil {
		m.t.Fatal(err)
	}
	if number := m.press("Sí, liberar", m.pressed); number == "" {
		m.press("Liberar", map[string]bool{})
	}
}

// press has Raúl press a button on the newest message that has it, of a request
// that is not among those done, and returns its number.
func (m *morgue) press(label string, done map[string]bool) (number string) {
	raul := m.w.Telegram.Person(m.w.People["raúl"].TelegramID, "", "")
	for _, msg := range slices.Backward(raul.Screen()) {
		b, ok := msg.Button(label)
		_, rest, numbered := strings.Cut(msg.Text, "Solicitud número ")
		if ok && numbered && !done[rest[:11]] {
			raul.PressData(msg.ID, b.Data)
			done[rest[:11]] = true
			return rest[:11]
		}
	}
	return ""
}

// realKills is how many processes are killed; SIDEM_KILLS sets it (make crash: 1000).
func realKills() int {
	if n, err := strconv.Atoi(os.Getenv("SIDEM_KILLS")); err == nil {
		return n
	}
	return 2 * len(points)
}

func TestARealProcessKilledAtEveryPointOfADeliveryLosesNothingAndEveryDuplicateIsExplained(t *testing.T) {
	m := newMorgue(t)
	m.w.Config.SlackBotToken, m.w.Config.SlackAppToken = "", "" // the fewer to wait for
	chance := rand.New(rand.NewPCG(4, 2026))
	died := map[string]int{}
	for i := range realKills() {
		point := points[i%len(points)]
		m.work()
		for n, tries := 1+chance.IntN(3), 0; !m.liveForReal(newLife(point, n)); n, tries = 1, tries+1 {
			if m.work(); tries > 20 { // the point was not passed so often
				t.Fatalf("nobody passes %q", point)
			}
		}
		died[point]++
		if i%3 == 2 { // else an item that is killed again and again is poison, which has its own test
			m.liveForReal(newLife("", 0))
		}
	}
	m.liveForReal(newLife("", 0))
	t.Logf("%d kills: %v", realKills(), died)
	m.account()
	m.released()
}

// released checks that what Raúl pressed was done, and once.
func (m *morgue) released() {
	m.t.Helper()
	if err := m.w.Visit(m.t.Context(), func(a *app.App) error {
		for number := range m.pressed {
			r, err := a.Store.Find(m.t.Context(), core.UniqueNumber(number))
			if err != nil {
				return err
			}
			trail, err := a.Store.Trail(m.t.Context(), r.ID, 0, 1000)
			if err != nil {
				return err
			}
			// A press on another copy of the card is in the trail too, refused.
			applied, acts := 0, map[string]int{}
			for _, e := range trail {
				if e.Verb != core.VerbRelease {
					continue
				}
				if acts[e.Once]++; e.Refusal == nil {
					applied++
				}
			}
			for once, times := range acts {
				if times != 1 {
					m.t.Errorf("%s: the press %s is in the trail %d times", number, once, times)
				}
			}
			if applied != 1 {
				m.t.Errorf("%s was released %d times", number, applied)
			}
		}
		return nil
	}); err != nil {
		m.t.Error(err)
	}
}

// TestAKillTellsAStoreThatLies plants a fault: kills must bring it to light.
func TestAKillTellsAStoreThatLies(t *testing.T) {
	for _, point := range []string{"before Telegram's answer", "before the dot"} {
		t.Run(point, func(t *testing.T) {
			m := newMorgue(t)
			m.w.Config.SlackBotToken, m.w.Config.SlackAppToken = "", ""
			m.work()
			m.lies = true
			m.liveForReal(newLife(point, 1))
			m.liveForReal(newLife("", 0))
			if err := m.w.Visit(t.Context(), func(a *app.App) error {
				c, err := m.count(a)
				if len(c.complaints) == 0 {
					t.Error("a message was lost, and the accounts do not tell")
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}
