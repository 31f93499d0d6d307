package chat

import (
	"context"
	"errors"
	"fmt"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// morning posts what tells of no record: a digest, the week's board.
func (c *Channel) morning(ctx context.Context, it outbox.Item) (deed, error) {
	if c.cfg.Morning == nil {
		return deed{}, outbox.Permanent(fmt.Errorf("%s: cannot draw %q", c.cfg.Platform, it.What))
	}
	account, drawn, needed, err := c.cfg.Morning(ctx, it)
	if errors.Is(err, desk.ErrNotFound) {
		return deed{}, fmt.Errorf("the account is gone: %w", notifier.ErrMoot)
	}
	if err != nil {
		return deed{}, fmt.Errorf("%s: %w", it.Key, err)
	}
	if !needed {
		return deed{}, fmt.Errorf("nothing to tell: %w", notifier.ErrMoot)
	}
	link, ok := account.LinkOn(c.cfg.Platform)
	if !ok {
		return deed{}, outbox.Permanent(fmt.Errorf("%s: the chat is not linked any more", it.Key))
	}
	return calling(func(ctx context.Context) (string, error) {
		ref, err := c.cfg.Poster.Post(ctx, link.ID, drawn, card.Ref{})
		if err != nil {
			return "", fmt.Errorf("%s: %w", it.Key, err)
		}
		return receipt(ref), nil
	}), nil
}
