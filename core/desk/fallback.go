package desk

import (
	"context"
	"errors"
	"fmt"

	"sidem/core"
	"sidem/core/outbox"
)

// Fallback is what is owed instead of an item that no repetition will deliver:
// a card whose chat is closed becomes a mail, if it was the person's turn. A
// mail has nothing after it.
func (d *Desk) Fallback(ctx context.Context, it outbox.Item, _ error) ([]outbox.Item, error) {
	if it.What != WhatCard {
		return nil, nil
	}
	s, err := d.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fallback of %s: %w", it.ID, err)
	}
	if _, mine := s.Mine(); !mine || s.Viewer.Fields[core.FieldEmail] == "" {
		return nil, nil
	}
	return []outbox.Item{mailItem(s.Record, it.Account, core.MailTurn, d.now())}, nil
}
