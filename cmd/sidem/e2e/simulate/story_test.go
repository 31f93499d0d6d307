//go:build e2e

package simulate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// verdict is what came of a story.
type verdict struct {
	Faults     []string      // what is not as promised; none: all is
	Script     script        // the story, as it was told
	Impossible int           // lines that could not be played
	Struck     int           // calls that went wrong
	Lives      int           // of SIDEM
	Others     int           // what came twice or again, and jumps of the clock
	Virtual    time.Duration // that it took in its own time
}

// story is one that is being told.
type story struct {
	w       *world.World
	service *mortal
	risks   *risks
	begun   atomic.Bool // what was there before it is
	ctx     context.Context
	runner  bottest.Runner
	verdict verdict

	reading e2etest.Reading
	audited int             // the life whose rows were read last
	words   []string        // what people typed, squeezed
	known   map[string]bool // what stands in the trail

	beside        int  // acts that were under way beside another when a life ended
	held, crowded bool // the next line, the one before did not wait for what comes of it
	// The rest is what was so before the line that is being played.
	saw           map[actor]string
	recent        map[actor]bool // who has acted since the clock jumped
	lives, struck int
}

// givenUp ends a story in which something is wrong already.
type givenUp struct{}

// Helper makes story an e2etest.TB: what the invariants say is its verdict.
func (s *story) Helper() {}

// Context is the bubble's.
func (s *story) Context() context.Context { return s.ctx }

func (s *story) Error(args ...any) {
	s.verdict.Faults = append(s.verdict.Faults, strings.TrimSpace(fmt.Sprintln(args...)))
}

func (s *story) Errorf(format string, args ...any) {
	s.verdict.Faults = append(s.verdict.Faults, fmt.Sprintf(format, args...))
}

// Fatal tells no more of the story.
func (s *story) Fatal(args ...any) {
	s.Error(args...)
	panic(givenUp{})
}

// tell tells a story in a bubble of its own: what it begins with, and then what next gives
// until it gives nothing, with a fault that is planted; nil is none.
func tell(t *testing.T, head []string, next func(*story) []string, fault *plant) verdict {
	t.Helper()
	if _, err := prepared(); err != nil { // outside of any bubble
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "sidem-simulate-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s := &story{risks: &risks{}, known: map[string]bool{}, recent: map[actor]bool{}}
	synctest.Test(t, func(t *testing.T) {
		began := testbed.Now()
		s.ctx = t.Context()
		defer func() {
			if s.w != nil {
				s.risks.disarm()
				if err := s.w.Close(); err != nil {
					s.Errorf("it does not end in peace: %v", err)
				}
			}
			s.verdict.Virtual = testbed.Now().Sub(began)
		}()
		defer func() {
			if r := recover(); r != nil && r != (givenUp{}) {
				panic(r)
			}
		}()
		s.open(dir, head, fault)
		for lines := next(s); len(lines) > 0; lines = next(s) {
			s.verdict.Script.body = append(s.verdict.Script.body, lines...)
			s.play(lines)
		}
		s.end()
	})
	_, s.verdict.Struck = s.risks.state()
	s.verdict.Lives = s.service.lives
	return s.verdict
}

// replayed tells a story that was written.
func replayed(t *testing.T, name string, p script, fault *plant) verdict {
	t.Helper()
	body := p.body
	return watched(t, name, p.head, func(*story) (next []string) {
		if len(body) > 0 {
			next, body = body[:1], body[1:]
		}
		return next
	}, fault)
}

func (s *story) open(dir string, head []string, fault *plant) {
	s.verdict.Script.head = head
	people, err := prepared()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "sidem.db"), people, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
	net := e2etest.InMemory()
	dial := net.Dial
	net.Dial = s.risks.delivering(dial)
	wrap := func(below app.Store) app.Store { return below }
	if fault != nil {
		wrap = func(below app.Store) app.Store { return fault.in(below, &s.begun) }
	}
	hooks := slices.Contains(head, mishap+byWebhook)
	institution, err := office.Read("")
	if err != nil {
		s.Fatal(err)
	}
	s.reading.Calendar = &institution.Calendar
	w, err := world.NewOn(net, dir, func(w *world.World) world.Service {
		s.service = &mortal{world: w, dial: dial, wrap: wrap, risks: s.risks, hooks: hooks}
		return s.service
	})
	if err != nil {
		s.Fatal(err)
	}
	s.w = w
	if hooks {
		w.Config.TelegramMode, w.Config.TelegramSecret = office.TelegramWebhook, "a-secret_of-the-webhook"
		w.Config.SlackMode, w.Config.SlackAppToken = office.SlackHTTP, ""
	}
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if f := fault.telegram(c); f != nil && s.begun.Load() {
			return f
		}
		return s.risks.telegram(c)
	})
	w.Slack.Intercept(s.risks.slack)
	w.Mail.Intercept(s.risks.relay)
	lines, err := parsed(head...)
	if err != nil {
		s.Fatal(err)
	}
	s.runner = bottest.Runner{World: stage{w, s}, Patience: time.Second, On: s.before, After: s.after}
	if err := s.runner.Begin(s.ctx, lines); err != nil {
		s.Fatal(err)
	}
	s.play(head)
	s.begun.Store(true)
	if fault != nil && fault.office != nil {
		fault.office(s.w.App().Desk)
	}
}

// play plays lines of a scenario.
func (s *story) play(text []string) {
	lines, err := parsed(text...)
	if err == nil {
		err = s.runner.Part(s.ctx, lines)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// acting reports whether a line has people do something that is answered.
func acting(l bottest.Line) bool {
	if l.Kind == bottest.Say {
		return true
	}
	does, _, _ := strings.Cut(l.Arg, " ")
	inForm := strings.HasPrefix(does, "llena") || strings.Contains(l.Arg, `" en "`)
	return l.Kind == bottest.Do && !inForm && l.Arg != oncemore
}

// before notes what is so before a line is played.
func (s *story) before(l bottest.Line) {
	s.words = append(s.words, squeezed(l.Text))
	if s.crowded {
		return
	}
	s.saw, s.lives = map[actor]string{}, s.service.lives
	_, s.struck = s.risks.state()
	if acting(l) || l.Arg == oncemore {
		for _, who := range l.Who {
			s.saw[actor{who, l.On}] = s.seen(actor{who, l.On}, l)
		}
	}
}

// seen is all that somebody sees, and of a form that they send how many answers there were: the
// same may be wrong with it as before.
func (s *story) seen(a actor, l bottest.Line) string {
	if l.Arg == "envía" {
		return fmt.Sprint(s.sees(a), len(s.w.Slack.Answers()))
	}
	return s.sees(a)
}

// after waits for what comes of a line, and judges it. What cannot be done is not done: of an
// app that is away a person is told, and of a story that was made smaller a button may be gone.
func (s *story) after(_ context.Context, l bottest.Line, err error) error {
	if err != nil {
		s.verdict.Impossible++
	}
	switch {
	case l.Kind == bottest.Trouble && l.Arg != vanished, l.Kind == bottest.Do && strings.HasPrefix(l.Arg, "llena"):
		return nil
	case s.held:
		s.held, s.crowded = false, true
		return nil
	case s.crowded, l.Arg == oncemore, strings.HasSuffix(l.Arg, "dos veces"), strings.HasPrefix(l.Arg, "pulsa otra vez"), l.Kind == bottest.Clock:
		s.verdict.Others++
	}
	s.rest()
	if _, struck := s.risks.state(); err == nil && struck == s.struck && s.service.lives == s.lives && !s.crowded {
		for a, saw := range s.saw {
			switch sees := s.seen(a, l); {
			case l.Arg == oncemore && sees != saw && s.recent[a]:
				s.Errorf("%s is answered twice:\n%s\nwas:\n%s", l.Text, sees, saw)
			case l.Arg != oncemore && sees == saw:
				s.Errorf("nobody answers %s:\n%s", l.Text, saw)
			}
		}
	}
	if l.Kind == bottest.Clock {
		clear(s.recent)
	}
	for _, who := range l.Who {
		s.recent[actor{who, l.On}] = true
	}
	if s.crowded && s.service.lives > s.lives { // it was not one act that was under way
		s.beside++
	}
	s.crowded = false
	s.judge()
	return nil
}

// oncemore has the platform bring again what somebody did last.
const oncemore = "lo mismo otra vez"

func squeezed(text string) string { return strings.Join(strings.Fields(text), " ") }

// prepared is a store with the people of the process, as every story finds it.
var prepared = sync.OnceValues(func() (_ []byte, err error) {
	dir, err := os.MkdirTemp("", "sidem-simulate-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	w, err := world.NewOn(e2etest.InMemory(), dir, func(*world.World) world.Service { return nobody{} })
	if err != nil {
		return nil, err
	}
	if err := errors.Join(w.Begin(context.Background(), nil), w.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "sidem.db"))
})

// nobody is a service that does not run.
type nobody struct{}

func (nobody) Start(context.Context) error        { return nil }
func (nobody) Stop() error                        { return nil }
func (nobody) Idle(context.Context) (bool, error) { return true, nil }

// restless is how long something may be under way, in virtual time: longer than the
// longest wait between two attempts, and than a relay's verdict.
const restless = 2 * time.Hour

// everOwed is how long something may be owed at the end: what was to be tried again by a clock
// that went back since waits as much longer.
const everOwed = 12 * time.Hour

// rest waits until nothing is under way, and has SIDEM come back that vanished.
func (s *story) rest() {
	began := testbed.Start()
	pause := 20 * time.Millisecond
	for quiet := 0; quiet < 2; {
		synctest.Wait()
		if s.service.life.dead.Load() {
			if err := s.service.bury(); err != nil {
				s.Fatal(err)
			}
			if err := s.service.Start(s.ctx); err != nil {
				s.Fatal("it does not come back:", err)
			}
		}
		idle, err := s.w.Idle(s.ctx)
		if err != nil {
			s.Fatal("it does not say whether it is idle:", err)
		}
		if quiet++; !idle {
			quiet = 0
		}
		if began.Elapsed() > restless {
			s.Fatal("it does not come to rest:", s.owed())
		}
		time.Sleep(pause)
		pause = min(pause*3/2, 20*time.Second)
	}
}

// owed are the items that are to be sent to somebody.
func (s *story) owed() (out []string) {
	items, err := s.w.App().Store.Items(s.ctx, outbox.Live, "", 200)
	if err != nil {
		s.Fatal(err)
	}
	for _, it := range items {
		if it.Channel != "" || !it.Due.After(s.w.Time.Now()) {
			out = append(out, fmt.Sprintf("%s, due in %v, after %d attempts", it.Key, it.Due.Sub(s.w.Time.Now()), len(it.Attempts)))
		}
	}
	return out
}

// judge asks what holds at any moment; the rows, and the index beside them, are read when
// SIDEM came back, and at the end.
func (s *story) judge() {
	if s.audited == s.service.lives {
		s.reading.Judge(s, s.w, s.w.App())
	} else {
		s.audited = s.service.lives
		e2etest.InvariantsUnderWay(s, s.w, s.w.App())
	}
	s.asTyped()
	if s.reading.Owed == 0 {
		s.agree()
	}
	if len(s.verdict.Faults) > 0 {
		panic(givenUp{})
	}
}

// asTyped checks that no word was changed between what was typed and what is kept: what an
// act of a person brought into the trail was typed in this story, or stood there before.
func (s *story) asTyped() {
	for _, e := range s.reading.Fresh {
		row, _ := core.LifecycleOf(e.Kind).Verb(e.Verb)
		for f, v := range e.Fields {
			spec := core.Specs[f]
			free := (spec.Type == core.TypeText || spec.Type == core.TypeLong) && (slices.Contains(row.Needs, f) || slices.Contains(row.Asks, f))
			typed := func(line string) bool { return strings.Contains(line, squeezed(v)) }
			if free && s.begun.Load() && (e.Where == "telegram" || e.Where == "slack") && !s.known[v] && !slices.ContainsFunc(s.words, typed) {
				s.Errorf("%s has %s as %q, which nobody typed", e.Verb, f, v)
			}
			s.known[v] = true
		}
	}
}

// allowed is how many copies of messages may have been left behind: by each life that ended,
// each attempt of unknown outcome, and each call of which only the answer was lost.
func (s *story) allowed() int {
	return s.service.lives - 1 + s.beside + s.reading.Unknown + s.risks.unheard()
}

// agree checks that no screen contradicts another, but for copies that may have been left behind.
func (s *story) agree() {
	faults, err := s.runner.Contradictions()
	if err != nil {
		s.Fatal(err)
	}
	if len(faults) > s.allowed() {
		s.Errorf("what is read is not so, on %d screens where %d may be left behind:\n%s", len(faults), s.allowed(), strings.Join(faults, "\n"))
	}
}

// end waits until everything has come to what it comes to, in the hours in which it
// may be sent, and asks what holds then.
func (s *story) end() {
	s.risks.disarm()
	s.rest()
	if err := s.w.Clock("+1 día hábil"); err != nil {
		s.Fatal(err)
	}
	if err := s.w.Clock("11:00"); err != nil {
		s.Fatal(err)
	}
	s.rest()
	for began := testbed.Start(); len(s.owed()) > 0; time.Sleep(time.Minute) {
		if began.Elapsed() > everOwed {
			s.Fatal("it is owed for ever:", s.owed())
		}
	}
	s.rest()
	e2etest.Invariants(s, s.w, s.w.App())
	s.judge()
	s.arrived()
	stale, err := s.w.Stale(s.ctx)
	if err != nil {
		s.Fatal(err)
	}
	copies := map[string]bool{}
	for _, b := range stale {
		message, _, _ := strings.Cut(b, " [")
		number, _, _ := strings.Cut(strings.TrimPrefix(b, message+" ["), " ")
		copies[message+number] = true
	}
	if len(copies) > s.allowed() {
		slices.Sort(stale)
		s.Errorf("buttons of a state that was left, on %d copies where %d may be: %v", len(copies), s.allowed(), stale)
	}
}

// arrived checks that the relay has each mail that is kept as sent.
func (s *story) arrived() {
	sent := 0
	e2etest.EveryItem(s, s.w.App(), func(it outbox.Item) {
		if it.Channel == "email" && it.State == outbox.Sent {
			sent++
		}
	})
	if got := len(s.w.Mail.All()); got < sent {
		s.Errorf("%d mails are kept as sent, and the relay has %d", sent, got)
	}
}
