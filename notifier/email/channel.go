// Package email is the channel of mails: composed from templates, handed to a relay over kept connections.
package email

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"maps"
	netmail "net/mail"
	"slices"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/wneessen/go-mail"
	"rsc.io/qr"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/value"
	"sidem.gob.mx/sidem/notifier"
)

// Scenes tell what a mail says: desk.Desk has them.
type Scenes interface {
	// Scene is all that is said of a record to an account; desk.ErrNotFound.
	Scene(ctx context.Context, record, account string) (core.Scene, error)
}

// Relay hands one mail to one recipient (Transport).
type Relay interface {
	// Send returns the server's receipt, or an error of core/outbox's kinds.
	Send(ctx context.Context, msg *mail.Msg) (receipt string, err error)
	// Longest is the most that Send takes.
	Longest() time.Duration
}

// Channel sends the mails of the process.
type Channel struct {
	Scenes Scenes
	Relay  Relay
	// From and ReplyTo are mailboxes, in ASCII but for their names; ReplyTo, if there
	// is one, is read by somebody.
	From, ReplyTo netmail.Address
	// Domain is the right side of Message-IDs.
	Domain string
	// Credentials are what the welcome mail hands over.
	Credentials func(account core.Record) es.Credentials
	// Ways are what leads an account from a mail into its chats, to a record ("" for none);
	// nil knows none.
	Ways func(account core.Record, record string) []es.Way
	// Accepted is told of each mail that the server took.
	Accepted func(ctx context.Context, it outbox.Item) error
	Now      func() time.Time
	// Morning is the letter of an item that tells of no record (a digest, a board),
	// and whether there is anything to tell; nil knows none.
	Morning func(ctx context.Context, it outbox.Item) (account core.Record, letter es.Letter, needed bool, err error)
	// Office is who writes such letters.
	Office core.Office
}

var (
	_ Relay             = (*Transport)(nil)
	_ notifier.Lasting  = (*Channel)(nil)
	_ notifier.Preparer = (*Channel)(nil)
)

// Longest is the most that one mail takes.
func (c *Channel) Longest() time.Duration { return c.Relay.Longest() }

//go:embed templates
var templates embed.FS

var (
	htmlMail = template.Must(template.New("mail.html").Funcs(template.FuncMap{"br": broken}).ParseFS(templates, "templates/mail.html"))
	textMail = texttemplate.Must(texttemplate.New("mail.txt").Funcs(texttemplate.FuncMap{"below": below}).ParseFS(templates, "templates/mail.txt"))
)

// Send sends the mail that an item asks for, from present state. It is moot
// when the recipient may not know of the record any more, or when "it is your
// turn" no longer holds.
func (c *Channel) Send(ctx context.Context, it outbox.Item) (string, error) {
	return notifier.SendNow(ctx, c, it)
}

// Prepare writes the mail that Send sends.
func (c *Channel) Prepare(ctx context.Context, it outbox.Item) (notifier.Parcel, error) {
	if it.What == desk.WhatDigest || it.What == desk.WhatWeekly {
		return c.morning(ctx, it)
	}
	kind := core.Mail(it.Payload().Mail)
	s, err := c.Scenes.Scene(ctx, it.Record, it.Account)
	if errors.Is(err, desk.ErrNotFound) && kind == core.MailUndone { // they are told that it was, and no more
		s, err = c.Scenes.Scene(ctx, it.Account, it.Account)
	}
	if errors.Is(err, desk.ErrNotFound) {
		return notifier.Parcel{}, notifier.ErrMoot
	}
	if err != nil {
		return notifier.Parcel{}, fmt.Errorf("scene of mail %s: %w", it.ID, err)
	}
	if at := it.Payload().At; !needed(s, kind) || !at.IsZero() && !s.Record.DidAt(at) {
		return notifier.Parcel{}, notifier.ErrMoot
	}
	if receipt, taken := takenBefore(it); taken {
		receipt, err := c.recorded(ctx, it, receipt)
		return notifier.Parcel{Receipt: receipt}, err
	}
	msg, err := c.compose(s, it, kind)
	if err != nil {
		return notifier.Parcel{}, outbox.Permanent(err)
	}
	return notifier.Parcel{Send: func(ctx context.Context) (string, error) {
		receipt, err := c.handOver(ctx, it, msg)
		if err != nil {
			return receipt, err
		}
		return c.recorded(ctx, it, receipt)
	}}, nil
}

// recorded tells of a mail that the server took.
func (c *Channel) recorded(ctx context.Context, it outbox.Item, receipt string) (string, error) {
	if c.Accepted == nil {
		return receipt, nil
	}
	if err := c.Accepted(ctx, it); err != nil {
		return accepted + receipt, fmt.Errorf("record that mail %s was accepted: %w", it.ID, err)
	}
	return receipt, nil
}

// needed asks, immediately before sending, whether the mail still says what is so.
func needed(s core.Scene, m core.Mail) bool {
	switch m {
	case core.MailTurn, core.MailReminder:
		_, mine := s.Mine()
		return mine
	case core.MailIssued: // what it is collected by is of whoever collects
		return s.Asks()
	case core.MailPickup:
		return s.Record.State == core.StateIssued && s.Asks()
	case core.MailWelcome:
		return s.Record.State == core.StateGranted || s.Record.State == core.StateActive
	case core.MailObserved:
		return len(s.Record.Pending()) > 0
	case core.MailUndone:
		return s.Record.Kind == core.KindAccount || s.Record.WasUndone()
	default:
		return true
	}
}

// lines are the different lines of a text, in order.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// airy is a text with one empty line at most where there are many.
func airy(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}

// page is what the templates draw.
type page struct {
	es.Letter
	Institution, Area string
}

func (c *Channel) compose(s core.Scene, it outbox.Item, kind core.Mail) (*mail.Msg, error) {
	var cred es.Credentials
	if kind == core.MailWelcome {
		cred = c.Credentials(s.Record)
	}
	letter := es.Write(s, kind, cred, lines(strings.Join(it.Payload().Lost, "\n")))
	if c.Ways != nil && kind != core.MailWelcome && kind != core.MailMoved { // the first has its own, the other may be another's
		letter.Ways = c.Ways(s.Viewer, s.Record.ID)
	}
	p := page{Letter: cleaned(letter), Institution: s.Office.Institution, Area: s.Office.Area}
	to := s.Viewer
	if former := s.Record.Fields[core.FieldFormerEmail]; kind == core.MailMoved && former != "" {
		to.Fields = maps.Clone(to.Fields)
		to.Fields[core.FieldEmail] = former
	}
	msg, err := c.envelope(to)
	if err != nil {
		return nil, err
	}
	return msg, c.fill(msg, it, p)
}

// envelope is an empty mail to an account.
func (c *Channel) envelope(to core.Record) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	if err := msg.From(c.From.String()); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := msg.AddTo(address(to.Fields[core.FieldName], onTheWire(to.Fields[core.FieldEmail]))); err != nil {
		return nil, fmt.Errorf("to: %w", err)
	}
	if c.ReplyTo.Address != "" {
		if err := msg.ReplyTo(c.ReplyTo.String()); err != nil {
			return nil, fmt.Errorf("reply-to: %w", err)
		}
	}
	return msg, nil
}

// onTheWire is a stored address with its domain in ASCII; as it is where it is none
// that would be kept today.
func onTheWire(stored string) string {
	m, err := value.ParseMail(stored)
	if err != nil {
		return stored
	}
	return m.ASCII()
}

// fill makes a mail that threads, that no machine answers, and that is the same on
// every attempt: while its words are, so is its name, and another's is another.
func (c *Channel) fill(msg *mail.Msg, it outbox.Item, p page) error {
	text, html, err := drawn(p)
	if err != nil {
		return err
	}
	msg.Subject(p.Subject)
	to := msg.GetToString()
	id := c.nameOf(it, append(to, p.Subject, text, html)...)
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(c.date(it, id))
	if it.Record != "" {
		thread := "<" + c.id("thread:"+it.Record) + ">"
		msg.SetGenHeader(mail.HeaderInReplyTo, thread)
		msg.SetGenHeader(mail.HeaderReferences, thread)
	}
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	return c.body(msg, p, text, html)
}

func (c *Channel) id(key string) string { return digest(16, key) + "@" + c.Domain }

// nameOf is the Message-ID of an item's mail in these words: first the item's, then
// the words'.
func (c *Channel) nameOf(it outbox.Item, words ...string) string {
	return digest(16, it.Key) + "." + digest(8, words...) + "@" + c.Domain
}

// digest is a hash of texts, in n bytes of hexadecimal figures.
func digest(n int, texts ...string) string {
	h := sha256.New()
	for i, text := range texts {
		if i > 0 {
			_, _ = h.Write([]byte{0}) // a hash takes anything
		}
		_, _ = h.Write([]byte(text))
	}
	return hex.EncodeToString(h.Sum(nil)[:n])
}

// drawn are the two bodies of a page.
func drawn(p page) (text, html string, err error) {
	var t, h bytes.Buffer
	if err := textMail.Execute(&t, p); err != nil {
		return "", "", fmt.Errorf("text part: %w", err)
	}
	if err := htmlMail.Execute(&h, p); err != nil {
		return "", "", fmt.Errorf("html part: %w", err)
	}
	return strings.ReplaceAll(airy(t.String()), lineBreak, "\n"), h.String(), nil
}

func (c *Channel) body(msg *mail.Msg, p page, text, html string) error {
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	shown := cmp.Or(p.Link, p.Pass)
	if shown == "" {
		return nil
	}
	code, err := qr.Encode(shown, qr.M)
	if err != nil {
		return fmt.Errorf("qr: %w", err)
	}
	code.Scale = 4
	return msg.EmbedReader("qr.png", bytes.NewReader(code.PNG()), mail.WithFileContentID("<qr>"))
}
