// Package stage shows a world to the visitor of a page, and has its people act: the page.Stage of the demonstration.
package stage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
)

// Stage is a world for the visitors of the page.
type Stage struct {
	fresh func() (*world.World, func(), error) // a new world, and what removes it
	story string                               // the scenario
	pace  time.Duration                        // between the acts that are done for the visitor

	// mu is held for writing while the service or the world is exchanged.
	mu     sync.RWMutex
	w      *world.World
	remove func()
	lines  []bottest.Line
	runner *bottest.Runner
	begun  int // index in the trail at which the story begins
	faults *world.Faults
	store  storage.Store // read beside the SIDEM that writes it
	desk   *desk.Desk    // on store

	byHand atomic.Bool // the visitor had somebody act

	playMu  sync.Mutex // of what follows
	playing *playing
	ended   bool
	done    sync.WaitGroup
	stop    context.CancelFunc
	base    context.Context //nolint:containedctx // the lifetime of what is played, ended by Close

	changedMu sync.Mutex
	changed   chan struct{}
	unfollow  context.CancelFunc
	followed  sync.WaitGroup
}

var _ page.Stage = (*Stage)(nil)

// New opens the story: its people are there, and nothing has been done.
func New(ctx context.Context, fresh func() (*world.World, func(), error), story string, pace time.Duration) (*Stage, error) {
	s := &Stage{fresh: fresh, story: story, pace: pace, changed: make(chan struct{})}
	s.base, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// open makes a new world and plays what comes before the first step; the caller
// holds mu, or is the only one.
func (s *Stage) open(ctx context.Context) error {
	lines, err := bottest.Scenario(s.story)
	if err != nil {
		return err
	}
	w, remove, err := s.fresh()
	if err != nil {
		return err
	}
	s.w, s.remove, s.lines = w, remove, lines
	s.faults = w.Misbehave(s.touch, func() int {
		last, err := s.last(s.base)
		if err != nil { // the store is gone, and the page with it
			return 0
		}
		return last
	})
	s.runner = &bottest.Runner{World: w, Patience: world.Patience, On: s.onLine}
	if err := errors.Join(s.opening(ctx), s.w.Leave(ctx)); err != nil {
		return errors.Join(err, s.close())
	}
	follow, cancel := context.WithCancel(s.base)
	s.unfollow = cancel
	s.followed.Go(func() { s.follow(follow, w) })
	s.touch()
	return nil
}

// read opens the store for reading, once it is there.
func (s *Stage) read(ctx context.Context) error {
	store, err := storage.Open(ctx, s.w.Config.Store.Reveal(), storage.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	s.store = store
	institution, err := office.Load(ctx, s.w.Config.Office, store, s.w.Time.Now())
	s.desk = &desk.Desk{Ledger: store, Sessions: store, Office: institution, Now: s.w.Time.Now}
	return err
}

// opening plays the lines before the first step, links whom they left out, and
// takes note of where the story begins.
func (s *Stage) opening(ctx context.Context) error {
	if err := s.runner.Begin(ctx, s.lines); err != nil {
		return err
	}
	if err := s.read(ctx); err != nil {
		return err
	}
	if err := s.runner.Part(ctx, s.lines[:openingLines(s.lines)]); err != nil {
		return err
	}
	var rest []bottest.Line
	for _, key := range cast {
		on := firstChat(s.w.People[key])
		linked, err := s.linked(ctx, s.w.People[key])
		if err != nil {
			return err
		}
		if _, known := s.w.Issued[s.w.People[key].Account.User]; known && !linked {
			rest = append(rest, bottest.Line{Kind: bottest.Linked, Arg: key + "@" + on, Text: "vinculados: " + key})
		}
	}
	if err := s.runner.Part(ctx, rest); err != nil {
		return err
	}
	last, err := s.last(ctx)
	s.begun = last
	return err
}

// last is the index of the trail's last event.
func (s *Stage) last(ctx context.Context) (int, error) {
	last := 0
	for e, err := range desk.Events(ctx, s.desk.Ledger, 0) {
		if err != nil {
			return 0, err
		}
		last = e.Index
	}
	return last, nil
}

func (s *Stage) linked(ctx context.Context, p world.Person) (bool, error) {
	account, err := s.account(ctx, p)
	return len(account.Links) > 0, err
}

// account is a person's account; the zero Record while there is none.
func (s *Stage) account(ctx context.Context, p world.Person) (core.Record, error) {
	r, err := s.desk.Ledger.Find(ctx, core.UniqueUser(p.Account.User))
	if isNotFound(err) {
		return core.Record{}, nil
	}
	return r, err
}

// follow passes on what changes in the world.
func (s *Stage) follow(ctx context.Context, w *world.World) {
	for {
		changed := w.Changed()
		select {
		case <-changed:
			s.touch()
		case <-ctx.Done():
			return
		}
	}
}

func (s *Stage) touch() {
	s.changedMu.Lock()
	defer s.changedMu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

// World is where it plays.
func (s *Stage) World() *world.World { return s.w }

// Desk reads what is kept, beside the SIDEM that writes it.
func (s *Stage) Desk() *desk.Desk { return s.desk }

// Changed is closed at the next change of what can be seen.
func (s *Stage) Changed() <-chan struct{} {
	s.changedMu.Lock()
	defer s.changedMu.Unlock()
	return s.changed
}

// Close ends what is played, SIDEM, the emulators, and removes what they left.
func (s *Stage) Close() error {
	s.stop()
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.close()
}

func (s *Stage) close() error {
	if s.unfollow != nil {
		s.unfollow()
		s.followed.Wait()
	}
	err := s.w.Close()
	if s.store != nil {
		err = errors.Join(err, s.store.Close())
		s.store = nil
	}
	s.remove()
	return err
}

// Run does what a control of the page asks.
func (s *Stage) Run(ctx context.Context, c page.Control) error {
	switch c.What {
	case "step", "all":
		return s.play(c.What == "all")
	case "detour":
		return s.detour(ctx, c.Name)
	case "reset":
		return s.reset(ctx, s.story)
	case "next", "day", "goto", "off":
		return s.move(ctx, c)
	case "fault":
		return s.fault(ctx, c)
	}
	return fmt.Errorf("control %q: unknown", c.What)
}

// reset begins anew, with the story of the name.
func (s *Stage) reset(ctx context.Context, story string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy() {
		return page.Playing
	}
	if err := s.close(); err != nil {
		return err
	}
	s.story, s.begun = story, 0
	s.byHand.Store(false)
	s.playMu.Lock()
	s.playing, s.ended = nil, false
	s.playMu.Unlock()
	return s.open(context.WithoutCancel(ctx))
}

// Parts is all that can be seen now.
func (s *Stage) Parts(ctx context.Context) ([]page.Part, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	parts := []page.Part{
		{Name: page.PartClock, Data: v.clock()},
		{Name: page.PartStory, Data: s.checklist(v)},
		{Name: page.PartFaults, Data: s.list()},
		{Name: page.PartRequests, Data: v.requests()},
		{Name: page.PartBoard, Data: v.board()},
		{Name: page.PartCalls, Data: s.calls()},
	}
	people := map[string]page.Person{}
	idle := true
	for _, key := range cast {
		p, err := s.person(ctx, v, key)
		if err != nil {
			return nil, err
		}
		people[key], idle = p, idle && len(p.Turn) == 0
	}
	if who, step := s.firstUp(v); idle && step > 0 {
		p := people[who]
		p.Begins = page.FirstUp + fmt.Sprint(step)
		people[who] = p
	}
	for _, key := range cast {
		parts = append(parts, page.Part{Name: page.PartPerson + key, Data: people[key]})
	}
	return parts, nil
}
