package chat

import (
	"context"
	"errors"
	"fmt"

	"sidem/bot/card"
	"sidem/notifier"
)

// errOutdated says that time passed before the slot was had: what was to be shown
// may not be so any more, and is drawn again.
var errOutdated = errors.New("drawn before the wait for its slot")

// slotted takes the item's slot before the first call to the platform: a card that
// shows all that it should makes none, and takes none.
type slotted struct{ Poster }

func (p slotted) Post(ctx context.Context, person string, c card.Card, under card.Ref) (card.Ref, error) {
	if err := slot(ctx); err != nil {
		return card.Ref{}, err
	}
	return p.Poster.Post(ctx, person, c, under)
}

func (p slotted) Edit(ctx context.Context, ref card.Ref, c card.Card) error {
	if err := slot(ctx); err != nil {
		return err
	}
	return p.Poster.Edit(ctx, ref, c)
}

func (p slotted) Remove(ctx context.Context, ref card.Ref) error {
	if err := slot(ctx); err != nil {
		return err
	}
	return p.Poster.Remove(ctx, ref)
}

func slot(ctx context.Context) error {
	waited, err := notifier.Slot(ctx)
	if err != nil {
		return fmt.Errorf("take a slot: %w", err)
	}
	if waited {
		return errOutdated
	}
	return nil
}

// TakesSlot marks a channel that asks for its slots itself.
func (*Channel) TakesSlot() {}
