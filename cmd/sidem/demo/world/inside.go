package world

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app"
)

// Inside runs SIDEM in this process.
type Inside struct {
	World  *World
	Hasty  bool                      // waits for nobody's turn
	Wrap   func(app.Store) app.Store // stands before the store; nil is nothing
	Flood  *flood.Limiter            // bounds what is answered; nil is nothing
	Dial   wire.Dial                 // its own way to the emulators; nil is the world's
	App    *app.App
	cancel context.CancelFunc
	done   chan error
}

// InProcess is a Service in this process.
func InProcess(w *World) Service { return &Inside{World: w} }

// Inner is the SIDEM that runs.
func (s *Inside) Inner() *app.App { return s.App }

// Start runs SIDEM, and returns when the platforms deliver to it.
func (s *Inside) Start(ctx context.Context) error {
	if err := s.Begin(ctx); err != nil {
		return err
	}
	return s.connected(ctx)
}

// connected waits until the platforms deliver to it.
func (s *Inside) connected(ctx context.Context) error {
	return s.Until(ctx, func() bool { return s.World.SlackReaches(ctx, s.Address()) && s.World.Telegram.Receiving() })
}

// Address is where its public listener listens; "" before it does.
func (s *Inside) Address() string {
	return s.App.Address()
}

// Until waits for a condition; it is an error if SIDEM ends before.
func (s *Inside) Until(ctx context.Context, holds func() bool) error {
	for !holds() {
		select {
		case <-time.After(2 * time.Millisecond):
		case err := <-s.done:
			s.done <- err
			return fmt.Errorf("SIDEM ended: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Stop ends it.
func (s *Inside) Stop() error {
	if s.App == nil {
		return nil
	}
	s.cancel()
	err := <-s.done
	s.App = nil
	return err
}

// Begin runs SIDEM; it may not take traffic yet.
func (s *Inside) Begin(ctx context.Context) error {
	o := app.Options{
		Clock: s.World.Time, Log: Quiet(), Hasty: s.Hasty, Wrap: s.World.wrap(s.Wrap), Flood: s.Flood,
		Dial: s.World.network.Dial, Listen: s.World.network.Listen,
	}
	if s.Dial != nil {
		o.Dial = s.Dial
	}
	a, err := app.Open(ctx, s.World.Config, o)
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.App, s.cancel, s.done = a, cancel, make(chan error, 1)
	go func() { s.done <- errors.Join(a.Run(run), a.Close()) }()
	return nil
}

// Idle also waits for the sweep at the start, and for what is tried again in a
// moment, unless something stands against it for as long as the story says.
func (s *Inside) Idle(ctx context.Context) (bool, error) {
	if !s.App.Swept() {
		return false, nil
	}
	if busy, err := wire.Busy(ctx, s.App.Store); busy || err != nil {
		return false, err
	}
	if s.World.troubled() {
		return s.App.Hub.Idle(ctx)
	}
	next, any, err := s.App.Store.NextDue(ctx)
	if err != nil || (any && next.Before(s.World.Time.Now().Add(Soon))) {
		return false, err
	}
	return s.App.Hub.Idle(ctx)
}
