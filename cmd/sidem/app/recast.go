package app

import (
	"context"
	"errors"
	"fmt"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// recaster is the work of a change in what somebody may do: the cards that show it
// are redrawn, and the platforms' menus follow.
type recaster struct{ a *App }

// Send owes the redraws; what they show is decided when each is drawn.
func (r recaster) Send(ctx context.Context, it outbox.Item) (string, error) {
	cards, accounts, err := r.a.Desk.Recast(ctx, it)
	if errors.Is(err, desk.ErrNotFound) { // the request left for an archive
		return "", fmt.Errorf("%w: %w", err, notifier.ErrMoot)
	}
	if err != nil {
		return "", err
	}
	if _, err := r.a.Store.Add(ctx, r.a.Desk.Clock(), cards...); err != nil {
		return "", fmt.Errorf("%s: %w", it.Key, err)
	}
	for _, platform := range r.a.chats {
		menus, has := platform.(interface {
			OfferMenu(ctx context.Context, who string)
		})
		for _, account := range accounts {
			if link, ok := account.LinkOn(platform.Name()); has && ok {
				menus.OfferMenu(ctx, link.ID)
			}
		}
	}
	return it.Key, nil
}
