package email

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// morning writes what tells of no record: a digest, the week's board.
func (c *Channel) morning(ctx context.Context, it outbox.Item) (notifier.Parcel, error) {
	if c.Morning == nil {
		return notifier.Parcel{}, outbox.Permanent(fmt.Errorf("mail: cannot write %q", it.What))
	}
	account, letter, needed, err := c.Morning(ctx, it)
	if errors.Is(err, desk.ErrNotFound) {
		return notifier.Parcel{}, notifier.ErrMoot
	}
	if err != nil {
		return notifier.Parcel{}, fmt.Errorf("mail %s: %w", it.ID, err)
	}
	if !needed {
		return notifier.Parcel{}, notifier.ErrMoot
	}
	msg, err := c.write(it, account, letter)
	if err != nil {
		return notifier.Parcel{}, outbox.Permanent(err)
	}
	return notifier.Parcel{Send: func(ctx context.Context) (string, error) { return c.handOver(ctx, it, msg) }}, nil
}

// write makes the mail of a letter to an account.
func (c *Channel) write(it outbox.Item, to core.Record, letter es.Letter) (*mail.Msg, error) {
	msg, err := c.envelope(to)
	if err != nil {
		return nil, err
	}
	if c.Ways != nil {
		letter.Ways = c.Ways(to, "")
	}
	p := page{Letter: cleaned(letter), Institution: c.Office.Institution, Area: c.Office.Area}
	c.list(msg, it)
	return msg, c.fill(msg, it, p)
}

// list says what a mail that comes again and again is one of (RFC 2919), and how to
// have no more of it (RFC 2369): by a word to whoever reads the answers.
func (c *Channel) list(msg *mail.Msg, it outbox.Item) {
	msg.SetGenHeader("List-Id", "<"+it.What+".sidem."+c.Domain+">")
	to := c.ReplyTo.Address
	if to == "" {
		to = c.From.Address
	}
	msg.SetGenHeader("List-Unsubscribe", "<mailto:"+to+"?subject="+url.PathEscape(es.NoMoreOf(it.What == desk.WhatWeekly))+">")
}
