package notifier

import (
	"context"
	"fmt"
	"time"

	"sidem/core/outbox"
)

// Work is the Sender of items that speak to nobody (Channel ""), by Item.What.
type Work map[string]Sender

// Send hands the item to who does such work; an unknown kind is Permanent.
func (w Work) Send(ctx context.Context, it outbox.Item) (string, error) {
	s, ok := w[it.What]
	if !ok {
		return "", outbox.Permanent(fmt.Errorf("no work is called %q", it.What))
	}
	return s.Send(ctx, it)
}

// Reminders is the Sender of reminders: remind decides on one (desk.Desk.Remind).
// It is put off until again, and moot when nobody needs it any more.
func Reminders(remind func(ctx context.Context, it outbox.Item) (again time.Time, done bool, err error), now func() time.Time) Sender {
	return sendFunc(func(ctx context.Context, it outbox.Item) (string, error) {
		again, done, err := remind(ctx, it)
		switch {
		case err != nil:
			return "", err
		case !again.IsZero():
			return "", outbox.Later(fmt.Errorf("%s: not its time yet", it.Key), again.Sub(now()))
		case !done:
			return "", fmt.Errorf("%s: %w", it.Key, ErrMoot)
		}
		return it.Key, nil
	})
}

type sendFunc func(ctx context.Context, it outbox.Item) (string, error)

func (f sendFunc) Send(ctx context.Context, it outbox.Item) (string, error) { return f(ctx, it) }

// Quiet is a Sender that keeps what it is given until its account may be sent a
// message: outside of the sending window items are deferred, never dropped.
type Quiet struct {
	Sender
	// Wait is how long the item must wait; 0: it may go.
	Wait func(ctx context.Context, it outbox.Item) (time.Duration, error)
	// Own are the kinds (Item.What) that know by themselves when to be quiet.
	Own map[string]bool
}

// Unwrap is the channel behind it.
func (q Quiet) Unwrap() Sender { return q.Sender }

// Send sends the item, or defers it.
func (q Quiet) Send(ctx context.Context, it outbox.Item) (string, error) {
	if !q.Own[it.What] {
		wait, err := q.Wait(ctx, it)
		if err != nil {
			return "", fmt.Errorf("quiet hours of %s: %w", it.Key, err)
		}
		if wait > 0 {
			return "", outbox.Later(fmt.Errorf("%s: quiet hours", it.Key), wait)
		}
	}
	return q.Sender.Send(ctx, it)
}
