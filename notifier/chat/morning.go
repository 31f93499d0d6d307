package chat

import (
	"context"
	"errors"
	"fmt"

	"sidem/bot/card"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/notifier"
)

// sendMorning posts what tells of no record: a digest, the week's board.
func (c *Channel) sendMorning(ctx context.Context, it outbox.Item) (string, error) {
	if c.cfg.Morning == nil {
		return "", outbox.Permanent(fmt.Errorf("%s: cannot draw %q", c.cfg.Platform, it.What))
	}
	account, drawn, needed, err := c.cfg.Morning(ctx, it)
	if errors.Is(err, desk.ErrNotFound) {
		return "", fmt.Errorf("the account is gone: %w", notifier.ErrMoot)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", it.Key, err)
	}
	if !needed {
		return "", fmt.Errorf("nothing to tell: %w", notifier.ErrMoot)
	}
	link, ok := account.LinkOn(c.cfg.Platform)
	if !ok {
		return "", outbox.Permanent(fmt.Errorf("%s: the chat is not linked any more", it.Key))
	}
	ref, err := c.cfg.Poster.Post(ctx, link.ID, drawn, card.Ref{})
	if err != nil {
		return "", fmt.Errorf("%s: %w", it.Key, err)
	}
	return receipt(ref), nil
}
