package notifier

import (
	"context"
	"errors"

	"sidem.gob.mx/sidem/core/outbox"
)

// ErrMoot is what a Sender returns, bare or wrapped, for an item that is no
// longer needed: nothing was sent and nothing is owed.
var ErrMoot = errors.New("no longer needed")

// Sender is one channel.
type Sender interface {
	// Send asks whether the item is still needed (ErrMoot: it is not), renders it
	// from present state and delivers it. The receipt is the provider's name for
	// what it took. Errors are those of core/outbox: Permanent, RetryAfter,
	// Uncertain, Unanswered, Config; any other is worth another try. Send returns
	// soon after ctx ends, and its errors hold no secret: they are kept and logged.
	Send(ctx context.Context, it outbox.Item) (receipt string, err error)
}

// Preparer is a Sender in two steps: between them the hub waits for all that a
// message must wait for. So what sends nothing costs its recipient nothing, however
// much of it there is. Of any other the hub takes it that each item is a message.
type Preparer interface {
	Sender
	// Prepare asks whether the item is still needed (ErrMoot: it is not) and makes it
	// ready; to nobody does it send anything. Its errors are those of Send. It is called
	// again where time has passed before the parcel could be sent.
	Prepare(ctx context.Context, it outbox.Item) (Parcel, error)
}

// Parcel is an item that was made ready.
type Parcel struct {
	// Send delivers it; nil where there is nothing to send: all is there already.
	Send func(ctx context.Context) (receipt string, err error)
	// Receipt is that of a parcel with nothing to send.
	Receipt string
}

// prepare makes an item ready for its channel.
func prepare(ctx context.Context, s Sender, it outbox.Item) (Parcel, error) {
	if p, ok := s.(Preparer); ok {
		return p.Prepare(ctx, it)
	}
	return Parcel{Send: func(ctx context.Context) (string, error) { return s.Send(ctx, it) }}, nil
}

// SendNow is Send of a Preparer, outside of a hub: it waits for nothing.
func SendNow(ctx context.Context, p Preparer, it outbox.Item) (string, error) {
	parcel, err := p.Prepare(ctx, it)
	if err != nil || parcel.Send == nil {
		return parcel.Receipt, err
	}
	return parcel.Send(ctx)
}
