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

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// verdict is what came of a plan.
type verdict struct {
	Faults  []string      // what is not as promised; none: all is
	Lines   []string      // the story, as a scenario would tell it
	Struck  int           // calls that went wrong
	Lives   int           // of SIDEM
	Virtual time.Duration // that it took in its own time
}

// story is a plan that is being told.
type story struct {
	w       *world.World
	service *mortal
	audited int // the life whose rows were read last
	risks   *risks
	begun   atomic.Bool // what was there before it is
	reading e2etest.Reading
	ctx     context.Context
	verdict verdict
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

// tell tells a plan in a bubble of its own, with a fault that is planted; nil is none.
func tell(t *testing.T, p plan, fault *plant) verdict {
	t.Helper()
	dir, err := os.MkdirTemp("", "sidem-simulate-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if _, err := prepared(); err != nil { // outside of any bubble
		t.Fatal(err)
	}
	s := &story{risks: &risks{}}
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
		s.open(dir, fault)
		s.begin(p)
		for _, one := range p.Steps {
			s.take(one)
		}
		s.end()
	})
	_, s.verdict.Struck = s.risks.state()
	s.verdict.Lives = s.service.lives
	return s.verdict
}

func (s *story) open(dir string, fault *plant) {
	net := e2etest.InMemory()
	wrap := func(below app.Store) app.Store { return below }
	if fault != nil {
		wrap = func(below app.Store) app.Store { return fault.in(below, &s.begun) }
	}
	people, err := prepared()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "sidem.db"), people, 0o600)
	}
	if err != nil {
		s.Fatal(err)
	}
	w, err := world.NewOn(net, dir, func(w *world.World) world.Service {
		s.service = &mortal{world: w, dial: net.Dial, wrap: wrap, risks: s.risks}
		return s.service
	})
	if err != nil {
		s.Fatal(err)
	}
	s.w = w
}

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

// begin has everybody linked, and a request on its way; nothing goes wrong yet.
func (s *story) begin(p plan) {
	if err := s.service.Start(s.ctx); err != nil {
		s.Fatal(err)
	}
	on := map[string]string{}
	for _, a := range cast {
		on[a.name] = a.on
	}
	e2etest.Link(s, s.w, on)
	if err := s.w.Given(s.ctx, p.Given); err != nil {
		s.Fatal(err)
	}
	s.tells("vinculados: " + strings.Join(linked(), ", "))
	s.tells("hay: " + p.Given)
	s.rest()
	s.w.Telegram.Intercept(s.risks.telegram)
	s.w.Slack.Intercept(s.risks.slack)
	s.w.Mail.Intercept(s.risks.relay)
	s.begun.Store(true)
}

func linked() (out []string) {
	for _, a := range cast {
		out = append(out, a.name+"@"+a.on)
	}
	return out
}

func (s *story) tells(line string) {
	if line != "" {
		s.verdict.Lines = append(s.verdict.Lines, line)
	}
}

// take takes one step, and waits until nothing is under way.
func (s *story) take(one step) {
	r := one.rand()
	a := cast[one.Who]
	switch one.Kind {
	case acts:
		s.act(a, s.move(a, r), 1)
	case twice:
		s.act(a, s.move(a, r), 2)
	case together:
		b := cast[one.Other]
		mine, theirs := s.move(a, r), s.move(b, r)
		s.tells(mine.says)
		s.tells("# al mismo tiempo:")
		s.tells(theirs.says)
		var both sync.WaitGroup
		for _, m := range []move{mine, theirs} {
			both.Go(func() { _ = m.do() }) // of an app that is away the person is told
		}
		both.Wait()
	case again:
		s.tells("# la plataforma lo entrega otra vez: " + a.name)
		p := s.w.People[a.name]
		if a.on == "telegram" {
			s.w.Telegram.Person(p.TelegramID, "", "").Redeliver()
		} else {
			_ = s.w.SlackPerson(p).Redeliver() // there may be nothing yet
		}
	case breaks:
		risk := riskOf(r)
		s.tells(risk.String())
		s.risks.arm(risk)
		return
	case vanishes:
		s.tells("# SIDEM desaparece y vuelve")
		s.service.life.vanish()
	case jumps:
		to := []string{"+1 h", "+5 h", "+1 día hábil", "+3 días hábiles"}[r.IntN(4)]
		s.tells("reloj: " + to)
		if err := s.w.Clock(to); err != nil {
			s.Fatal(err)
		}
	}
	s.rest()
	s.judge()
}

// act has a person do something. Unless something went wrong meanwhile they see an answer.
func (s *story) act(a actor, m move, times int) {
	before, lives := s.sees(a), s.service.lives
	armed, struck := s.risks.state()
	for range times {
		s.tells(m.says)
		_ = m.do() // see above
	}
	s.rest()
	if _, now := s.risks.state(); m.says != "" && armed == 0 && now == struck && s.service.lives == lives && s.sees(a) == before {
		s.Errorf("nobody answers %s:\n%s", m.says, before)
	}
}

// restless is how long something may be under way, in virtual time: longer than the
// longest wait between two attempts, and than a relay's verdict.
const restless = 2 * time.Hour

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
	if len(s.verdict.Faults) > 0 {
		panic(givenUp{})
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
		if began.Elapsed() > restless {
			s.Fatal("it is owed for ever:", s.owed())
		}
	}
	s.rest()
	e2etest.Invariants(s, s.w, s.w.App())
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
	if allowed := s.service.lives - 1 + e2etest.UnknownAttempts(s, s.w.App()); len(copies) > allowed {
		slices.Sort(stale)
		s.Errorf("buttons of a state that was left, on %d copies where %d may be: %v", len(copies), allowed, stale)
	}
}
