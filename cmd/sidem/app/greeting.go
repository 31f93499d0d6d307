package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/desk"
)

// Times of asking.
const (
	// greetingTime is what the start waits for answers. Whoever is not reached by then is
	// tried again while SIDEM runs without them.
	greetingTime = 3 * time.Second
	firstAgain   = 5 * time.Second
	lastAgain    = time.Minute
)

// greetings are how it stands with those who were asked.
type greetings struct {
	mu    sync.Mutex
	still map[string]error // who has not answered as they should, and what came instead
	bot   string           // the name that Telegram gave the bot
}

func (g *greetings) note(name string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.still == nil {
		g.still = map[string]error{}
	}
	if g.still[name] = err; err == nil {
		delete(g.still, name)
	}
}

// lines are what /readyz says of those who have not answered.
func (g *greetings) lines() (out []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(g.still)) {
		out = append(out, name+" was not reached, and is tried again: "+strings.Join(strings.Fields(g.still[name].Error()), " "))
	}
	return out
}

func (g *greetings) name() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.bot
}

func (g *greetings) named(bot string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bot = bot
}

// partners are those whom this configuration speaks to.
func (a *App) partners() (out []partner) {
	for _, platform := range a.chats {
		switch p := platform.(type) {
		case *telegram.Telegram:
			out = append(out, ofTelegram(&a.cfg, p, func(ctx context.Context, name string) error {
				a.greetings.named(name)
				return a.keepBot(ctx, name)
			}))
		case *slack.Slack:
			out = append(out, ofSlack(p))
		}
	}
	if a.relay != nil {
		out = append(out, ofMail(a.relay.Config()))
	}
	if a.cfg.OTLPEndpoint != "" {
		out = append(out, ofTraces(&a.cfg, a.dial))
	}
	return out
}

// greet asks everybody at once who we are, before SIDEM takes traffic. Faults of the
// configuration are the error, all of them; who was not reached is noted.
func (a *App) greet(ctx context.Context, partners []partner) error {
	ctx, cancel := context.WithTimeout(ctx, greetingTime)
	defer cancel()
	said := make([]error, len(partners))
	var wg sync.WaitGroup
	for i, p := range partners {
		wg.Go(func() { said[i] = p.ask(ctx) })
	}
	wg.Wait()
	var faults office.Faults
	for i, p := range partners {
		if own, ok := errors.AsType[office.Faults](said[i]); ok {
			faults = append(faults, own...)
			continue
		}
		a.greetings.note(p.name, p.away(said[i]))
		if said[i] != nil {
			a.log.Warn("was not reached at the start; it is tried again", "who", p.name, "err", p.away(said[i]))
		}
	}
	return faults.Err()
}

// greetAgain goes on asking one who was not reached, until they answer or ctx ends. What
// is at fault now was not at the start: it is told, and the others are served meanwhile.
func (a *App) greetAgain(ctx context.Context, p partner) {
	for pause := firstAgain; ; pause = min(2*pause, lastAgain) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		asking, cancel := context.WithTimeout(ctx, wire.CallTime)
		err := p.ask(asking)
		cancel()
		if ctx.Err() != nil {
			return
		}
		a.greetings.note(p.name, p.away(err))
		if err == nil {
			a.log.Info("was reached", "who", p.name)
			return
		}
		level := slog.LevelDebug
		if _, ours := errors.AsType[*office.ConfigError](err); ours {
			level = slog.LevelError
		}
		a.log.Log(ctx, level, "was not reached; it is tried again", "who", p.name, "err", err)
	}
}

// isAway reports whether one has not answered as they should.
func (g *greetings) isAway(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.still[name] != nil
}

// waiting are those of partners who have not answered yet.
func (g *greetings) waiting(partners []partner) (out []partner) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range partners {
		if g.still[p.name] != nil {
			out = append(out, p)
		}
	}
	return out
}

// botKey is where the name is kept that Telegram gave the bot of the token: it is known
// also while Telegram is not reached.
func (a *App) botKey() string {
	id, _, _ := strings.Cut(a.cfg.TelegramToken.Reveal(), ":")
	return "bot:telegram:" + id
}

func (a *App) keepBot(ctx context.Context, name string) error {
	now := a.Clock.Now()
	kept, rev, err := a.Store.Get(ctx, a.botKey(), now)
	if err != nil && !errors.Is(err, desk.ErrNotFound) {
		return fmt.Errorf("the bot's name: %w", err)
	}
	if string(kept) == name {
		return nil
	}
	_, err = a.Store.Put(ctx, a.botKey(), []byte(name), rev, now, time.Time{})
	if errors.Is(err, desk.ErrConflict) { // another replica has just kept it
		return nil
	}
	return err
}

// Confirm learns the bot's name for whoever makes links without running: as Telegram says
// it now, or else as it said it before. With neither there are no links: the error says why.
func (a *App) Confirm(ctx context.Context) error {
	for _, p := range a.partners() {
		if p.name != "telegram" {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, greetingTime)
		defer cancel()
		err := p.ask(ctx)
		if _, ours := errors.AsType[*office.ConfigError](err); err == nil || ours {
			return err
		}
		kept, _, lost := a.Store.Get(context.WithoutCancel(ctx), a.botKey(), a.Clock.Now())
		if lost != nil {
			return fmt.Errorf("telegram was not reached, and no links are made: %w", err)
		}
		a.greetings.named(string(kept))
	}
	return nil
}
