package wire

import (
	"context"
	"errors"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// Gate is shut while a platform wants somebody to be left alone: for answers and
// notices alike, on all replicas.
type Gate interface {
	// Wait is how long a person is to be left alone; 0: not at all.
	Wait(ctx context.Context, person string) time.Duration
	// Shut has a person left alone for a time; wide: everybody.
	Shut(ctx context.Context, person string, wide bool, d time.Duration)
}

type gateKey struct{}

// passage is a gate, and who is behind it.
type passage struct {
	Gate
	person string
}

// Through has answers under ctx go through the gate of a person; a nil gate is open.
func Through(ctx context.Context, g Gate, person string) context.Context {
	if g == nil {
		return ctx
	}
	return context.WithValue(ctx, gateKey{}, passage{g, person})
}

var errShut = errors.New("the platform wants this chat to be left alone")

// pass waits until the gate is open; an error where it is shut for longer than there
// is time.
func (sleep Sleeper) pass(ctx context.Context) error {
	p, ok := ctx.Value(gateKey{}).(passage)
	if !ok {
		return nil
	}
	wait := p.Wait(ctx, p.person)
	if wait <= 0 {
		return nil
	}
	if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
		return outbox.RetryAfter(errShut, wait)
	}
	return sleep(ctx, wait)
}

// shut closes the gate where err, of a call, says so.
func shut(ctx context.Context, err error) {
	p, ok := ctx.Value(gateKey{}).(passage)
	if wait, asked := outbox.Wait(err); ok && asked && !errors.Is(err, errShut) {
		p.Shut(ctx, p.person, outbox.IsWide(err), wait)
	}
}
