package notifier

import (
	"context"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
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
