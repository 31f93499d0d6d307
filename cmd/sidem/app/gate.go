package app

import (
	"context"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// gate is the hub's throttle as the answers of a platform see it: what the platform
// asks for after one of them holds the notices up too, and the reverse.
type gate struct {
	app      *App
	platform string
}

// gateTime bounds what an answer waits to know whether it may go.
const gateTime = 500 * time.Millisecond

// Wait is how long a person is to be left alone. What is not known holds nobody up:
// the platform says it again.
func (g gate) Wait(ctx context.Context, person string) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, gateTime)
	defer cancel()
	rates := append(g.own(ctx, person), g.all()...)
	if len(rates) == 0 {
		return 0
	}
	now := g.app.Clock.Now()
	at, err := g.app.throttle.Admit(ctx, now, rates...)
	if err != nil {
		return 0
	}
	return at.Sub(now)
}

// Shut closes the scopes of a person, or of the whole platform.
func (g gate) Shut(ctx context.Context, person string, wide bool, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), gateTime)
	defer cancel()
	scopes := g.all()
	if !wide {
		scopes = g.own(ctx, person)
	}
	for _, s := range scopes {
		if err := g.app.throttle.Shut(ctx, s.Scope, g.app.Clock.Now().Add(d)); err != nil {
			g.app.log.WarnContext(ctx, "what a platform asks to be left alone was not kept", "scope", s.Scope, "err", err)
		}
	}
}

// own are the scopes of a person, as the hub names them; none of a stranger, to whom
// nothing is owed.
func (g gate) own(ctx context.Context, person string) (out []outbox.Rate) {
	account, err := g.app.Desk.Account(ctx, g.platform, person)
	if err != nil {
		return nil
	}
	for _, r := range g.app.limits[g.platform].To {
		out = append(out, outbox.Rate{Scope: g.platform + ":" + r.Scope + ":" + account.ID})
	}
	return out
}

// all are those of the whole platform.
func (g gate) all() (out []outbox.Rate) {
	for _, r := range g.app.limits[g.platform].All {
		out = append(out, outbox.Rate{Scope: g.platform + ":" + r.Scope})
	}
	return out
}
