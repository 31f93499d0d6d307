package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sidem/core"
	"sidem/core/es"
	"sidem/core/outbox"
)

// Fallback is what is owed instead of an item that no repetition will deliver:
// a card whose chat is closed becomes a mail, if it was the person's turn;
// otherwise administration is told, in one mail a day. An alert has nothing after it.
func (d *Desk) Fallback(ctx context.Context, it outbox.Item, _ error) ([]outbox.Item, error) {
	if it.Data["mail"] == string(core.MailAlert) {
		return nil, nil
	}
	s, err := d.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fallback of %s: %w", it.ID, err)
	}
	_, mine := s.Mine()
	if it.What == WhatCard && !mine {
		return nil, nil // a redraw that nobody waits for
	}
	if it.What == WhatCard && s.Viewer.Fields[core.FieldEmail] != "" {
		return []outbox.Item{mailItem(s.Record, it.Account, core.MailTurn, d.now())}, nil
	}
	return d.alert(ctx, s, it)
}

// alert tells every administrator of a notice that reached nobody.
func (d *Desk) alert(ctx context.Context, s core.Scene, it outbox.Item) ([]outbox.Item, error) {
	admins, err := d.holders(ctx, core.RoleAdmin, "")
	if err != nil {
		return nil, err
	}
	var out []outbox.Item
	for _, a := range admins {
		out = append(out, outbox.Item{
			Key:   "alert:" + core.DateOf(s.Now).String() + ":" + a.ID,
			Merge: outbox.Append, Lane: outbox.Bulk, Due: s.Now.Add(AlertDelay),
			Account: a.ID, Channel: "email", Record: a.ID, What: WhatMail,
			Data: map[string]string{"mail": string(core.MailAlert), "lost": es.Lost(s, it.Channel)},
		})
	}
	return out, nil
}

// AlertDelay is how long an alert waits for others of the same trouble.
const AlertDelay = 5 * time.Minute
