package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// Replay asks for dead items to be tried again: those with the ids, or all.
type Replay struct {
	IDs    []string
	Spread time.Duration
}

// On makes the items live again, due one after the other over the spread. The
// newest of a key goes first, since a key has one live item.
func (r Replay) On(ctx context.Context, s notifier.Outbox, now time.Time) (n int, err error) {
	var dead []string
	err = Each(ctx, s, outbox.Dead, func(it outbox.Item) error {
		if len(r.IDs) == 0 || slices.Contains(r.IDs, it.ID) {
			dead = append(dead, it.ID)
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("replay: %w", err)
	}
	for i, id := range slices.Backward(dead) { // i is from the oldest on: it is due first
		due := now.Add(r.Spread * time.Duration(i) / time.Duration(len(dead)))
		one, err := s.Replay(ctx, due, id)
		n += one
		if err != nil {
			return n, fmt.Errorf("replay %s: %w", id, err)
		}
	}
	return n, nil
}

// pageOfItems is how many items are read at once.
const pageOfItems = 200

// Each visits all items of a state, page by page.
func Each(ctx context.Context, s Lister, state outbox.State, visit func(outbox.Item) error) error {
	for after := ""; ; {
		items, err := s.Items(ctx, state, after, pageOfItems)
		if err != nil {
			return err
		}
		for _, it := range items {
			after = it.ID
			if err := visit(it); err != nil {
				return err
			}
		}
		if len(items) < pageOfItems {
			return nil
		}
	}
}

// Lister lists items (notifier.Outbox).
type Lister interface {
	Items(ctx context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error)
}
