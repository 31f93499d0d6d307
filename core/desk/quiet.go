package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
)

// window is the first instant not before t at which p may be sent a notice.
func (d *Desk) window(p core.Record, t time.Time) time.Time {
	return d.Office.Leaves(p.Agency, t)
}

// Wait is how long an item must wait until a message may be sent for it to its
// account; 0: it may go. It is asked immediately before sending, since a calendar
// may have changed since the item was owed.
func (d *Desk) Wait(ctx context.Context, it outbox.Item) (time.Duration, error) {
	if isAnswer(it) || it.What == WhatDigest || it.Account == "" {
		return 0, nil // a digest has an hour of its own
	}
	p, err := d.Ledger.Record(ctx, it.Account)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("load account %s: %w", it.Account, err)
	}
	now := d.now()
	return d.window(p, now).Sub(now), nil
}

// WaitFor is Wait for the holder of a scene's card.
func (d *Desk) WaitFor(s core.Scene, it outbox.Item) time.Duration {
	if isAnswer(it) {
		return 0
	}
	now := d.now()
	return d.window(s.Viewer, now).Sub(now)
}

// isAnswer reports whether the item answers what its account itself has done:
// that is immediate at any hour.
func isAnswer(it outbox.Item) bool {
	p := it.Payload()
	return p.Own || p.Anew != "" || p.Force
}
