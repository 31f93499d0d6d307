package email

import (
	"errors"
	"strings"
	"time"
)

var errLine = errors.New("an address with a line break")

// exchange is a command and the first figures of the reply that lets the next one count.
type exchange struct {
	at      step
	command string
	want    int
}

// envelope says from whom and to whom a mail is, up to where its text is awaited. A
// relay that offers PIPELINING (RFC 2920) is told all of it at once: one round trip
// in place of three.
func (s *session) envelope(cfg Config, l letter) *trouble {
	if strings.ContainsAny(l.from+l.to, "\r\n") {
		return &trouble{at: stepFit, err: errLine}
	}
	said := s.commands(l)
	s.dirty = false
	if ok, _ := s.smtp.Extension("PIPELINING"); ok {
		return s.exchange(cfg.Timeout, said)
	}
	for i := range said {
		if tr := s.exchange(cfg.Timeout, said[i:i+1]); tr != nil {
			return tr
		}
	}
	return nil
}

// commands are those of a mail's envelope, in order.
func (s *session) commands(l letter) []exchange {
	from := "MAIL FROM:" + l.from
	if ok, _ := s.smtp.Extension("8BITMIME"); ok {
		from += " BODY=8BITMIME"
	}
	if l.utf8 { // asked for needlessly it would bind every relay after this one
		from += " SMTPUTF8"
	}
	said := []exchange{{stepMail, from, 250}, {stepRcpt, "RCPT TO:" + l.to, 25}, {stepData, "DATA", 354}}
	if s.dirty {
		said = append([]exchange{{stepReset, "RSET", 250}}, said...)
	}
	return said
}

// exchange says commands at once and reads what is answered to each. The first refusal
// is the trouble; what was answered to the commands behind it says nothing new.
func (s *session) exchange(limit time.Duration, said []exchange) *trouble {
	text := s.smtp.Text
	first := said[0].at
	if tr := s.through(phase{first, limit, func() error {
		for _, e := range said {
			if _, err := text.W.WriteString(e.command + "\r\n"); err != nil {
				return err
			}
		}
		return text.W.Flush()
	}}); tr != nil {
		return tr
	}
	var refused *trouble
	for _, e := range said {
		tr := s.through(phase{e.at, limit, func() error { _, _, err := text.ReadResponse(e.want); return err }})
		switch {
		case refused == nil:
			refused = tr
		case tr == nil && e.at == stepData:
			s.lost = s.withdraw(limit) != nil
		}
		if tr.mute() {
			break
		}
	}
	return refused
}

// withdraw ends a text that was asked for though its recipient was refused: it is
// empty, and goes to nobody (RFC 2920 §3.1).
func (s *session) withdraw(limit time.Duration) *trouble {
	return s.through(phase{stepDot, limit, func() error {
		if err := s.smtp.Text.DotWriter().Close(); err != nil {
			return err
		}
		_, _, err := s.smtp.Text.ReadResponse(0)
		return err
	}})
}
