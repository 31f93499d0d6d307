package email

import (
	"context"

	"sidem.gob.mx/sidem/core/outbox"
)

// Check opens a session with the relay (greeting, TLS, login), asks it whether it
// would take a mail from one address to another, and ends the session without one:
// many relays say only then what they have against our machine, name or sender. What
// they have against the recipient is no fault. Its errors are those of
// Transport.Send.
func Check(ctx context.Context, cfg Config, from, to string) error {
	t := NewTransport(cfg)
	s, tr := dial(ctx, t.cfg)
	if tr != nil {
		return t.verdict(tr)
	}
	defer s.quit()
	tr = s.ask(t.cfg, letter{from: from, to: to})
	err := t.verdict(tr)
	if tr == nil || outbox.IsConfig(err) {
		return err
	}
	if _, unclear := outbox.Doubt(err); unclear {
		return err
	}
	if _, said := tr.reply(); said { // a mailbox that does not exist, greylisting
		return nil
	}
	return err
}

// Greet opens a session with the relay (greeting, TLS, login) and ends it. Its errors are
// those of Transport.Send.
func Greet(ctx context.Context, cfg Config) error {
	t := NewTransport(cfg)
	s, tr := dial(ctx, t.cfg)
	if tr != nil {
		return t.verdict(tr)
	}
	s.quit()
	return nil
}

// ask goes up to where a mail's content would follow, and takes it back.
func (s *session) ask(cfg Config, l letter) *trouble {
	s.smtp.SkipSMTPUTF8(true)
	return s.through(
		phase{stepMail, cfg.Timeout, func() error { return s.smtp.Mail(l.from) }},
		phase{stepRcpt, cfg.Timeout, func() error { return s.smtp.Rcpt(l.to) }},
		phase{stepReset, cfg.Timeout, func() error { return s.smtp.Reset() }},
	)
}
