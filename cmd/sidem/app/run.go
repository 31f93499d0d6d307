package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Run serves until ctx ends. It begins with what works and ends with it: whoever is called
// by the platforms is there before the public listener takes the first press, and still
// there when it has answered the last. Readiness goes down before that listener closes, and
// a proxy that watches it has time to see that.
func (a *App) Run(ctx context.Context) error {
	admin, stopAdmin, err := a.admin(ctx)
	if err != nil {
		return err
	}
	defer stopAdmin()
	partners := a.partners()
	if err := a.greet(ctx, partners); err != nil {
		return err
	}
	if err := a.Ticks.Plan(ctx); err != nil {
		return err
	}
	// What works outlives ctx by as long as it takes to answer what the listener took.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	crew := a.begin(work, cancel, partners)
	a.untilReceived(ctx, work)
	public, stopPublic, err := a.public(ctx)
	if err != nil {
		cancel()
		return errors.Join(err, crew.wait())
	}
	a.address.Store(&public)
	a.ready.Store(true)
	a.log.Info("ready", "telegram", a.cfg.TelegramToken != "", "slack", a.cfg.SlackBotToken != "", "mail", a.cfg.SMTPAddr != "", "admin", admin, "public", public)
	select {
	case <-ctx.Done():
	case <-work.Done():
	}
	a.ready.Store(false)
	a.untilPassedOver()
	stopPublic()
	cancel()
	return crew.wait()
}

// crew are the goroutines of one Run, and what they ended with.
type crew struct {
	sync.WaitGroup
	mu   sync.Mutex
	errs []error
}

func (c *crew) wait() error {
	c.Wait()
	return errors.Join(c.errs...)
}

// begin has everything work until ctx ends; whoever ends by itself ends it for all by cancel.
func (a *App) begin(ctx context.Context, cancel func(), partners []partner) *crew {
	c := &crew{}
	start := func(name string, f func() error) {
		c.Go(func() {
			if err := f(); err != nil {
				c.mu.Lock()
				c.errs = append(c.errs, fmt.Errorf("%s: %w", name, err))
				c.mu.Unlock()
				cancel()
			}
		})
	}
	start("hub", func() error { return a.Hub.Run(ctx) })
	start("sweep of cards", func() error { return a.sweeper.Run(ctx) })
	for _, platform := range a.chats {
		start(platform.Name(), func() error {
			return platform.Run(ctx, timed{a.Engine, a.trace, a.answers.WithLabelValues(platform.Name())})
		})
	}
	for _, p := range a.greetings.waiting(partners) {
		c.Go(func() { a.greetAgain(ctx, p) })
	}
	c.Go(func() {
		if a.changes(ctx) {
			a.renewed.Store(true)
			cancel()
		}
	})
	if a.cfg.ClockFile != "" {
		c.Go(func() { a.Clock.follow(ctx, a.cfg.ClockFile, a.log) })
	}
	return c
}

// untilReceived waits until the platforms that answered us take what they bring to the
// public listener; one that is away keeps nobody waiting, nor does one that is slow for long.
func (a *App) untilReceived(ctx, work context.Context) {
	deadline := time.NewTimer(greetingTime)
	defer deadline.Stop()
	for _, platform := range a.chats {
		r, ok := platform.(routed)
		if !ok || len(r.Routes()) == 0 || a.greetings.isAway(platform.Name()) {
			continue
		}
		select {
		case <-r.Receiving():
		case <-deadline.C:
			return
		case <-ctx.Done():
			return
		case <-work.Done():
			return
		}
	}
}
