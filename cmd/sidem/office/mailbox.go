package office

import (
	"errors"
	"fmt"
	"mime"
	"net"
	"net/mail"
	"strings"

	"sidem.gob.mx/sidem/core/value"
)

// Mailbox is who sends mails, or reads the answers.
type Mailbox struct {
	Name    string // as mail programs show it; "" for none
	Address value.Mail
}

// ParseMailbox reads an address, or a name and an address in angle brackets as people
// write them: SIDEM <sidem@ejemplo.gob.mx>. Commas and points in the name need no
// quotes. One mailbox it is: several are refused.
func ParseMailbox(text string) (Mailbox, error) {
	text = value.Line(text)
	name, address := "", text
	if open := strings.LastIndexByte(text, '<'); open >= 0 && strings.HasSuffix(text, ">") {
		name, address = text[:open], text[open+1:len(text)-1]
	} else if open >= 0 {
		return Mailbox{}, mailboxError{text, nil}
	}
	name = strings.TrimSpace(name)
	if strings.ContainsAny(name, "<>@") {
		return Mailbox{}, mailboxError{text, errSeveral}
	}
	m, err := value.ParseMail(address)
	if err != nil {
		return Mailbox{}, mailboxError{text, err}
	}
	return Mailbox{unquoted(name), m}, nil
}

// unquoted is a name without the quotes or the encoding that headers need.
func unquoted(name string) string {
	if inside, ok := strings.CutPrefix(name, `"`); ok {
		name = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(strings.TrimSuffix(inside, `"`))
	}
	if plain, err := new(mime.WordDecoder).DecodeHeader(name); err == nil {
		name = plain
	}
	return value.Line(name)
}

// Header is the mailbox as a header has it: the domain in ASCII.
func (m Mailbox) Header() mail.Address {
	return mail.Address{Name: m.Name, Address: m.Address.ASCII()}
}

// Domain is the right side of the address, in ASCII.
func (m Mailbox) Domain() string {
	_, domain, _ := strings.Cut(m.Address.ASCII(), "@")
	return domain
}

var errSeveral = errors.New("one mailbox, not several")

// mailboxError is a text that names no mailbox.
type mailboxError struct {
	text string
	why  error
}

func (e mailboxError) Error() string {
	said := fmt.Sprintf("%q is no mailbox: write an address, or a name and an address, like SIDEM <sidem@ejemplo.gob.mx>", e.text)
	if errors.Is(e.why, errSeveral) {
		return said + "; only one"
	}
	if no, ok := errors.AsType[*value.Invalid](e.why); ok && no.Suggest != "" {
		return said + fmt.Sprintf("; perhaps %s", no.Suggest)
	}
	return said
}

func (e mailboxError) Unwrap() error { return e.why }

// Sender is who sends mails. One without a name is shown as SIDEM.
func (c Config) Sender() (Mailbox, error) {
	m, err := ParseMailbox(c.MailFrom)
	if err != nil {
		return Mailbox{}, err
	}
	if m.Name == "" {
		m.Name = "SIDEM"
	}
	return m, nil
}

// Answers is the mailbox that reads answers; ok says that there is one.
func (c Config) Answers() (m Mailbox, ok bool, err error) {
	if strings.TrimSpace(c.MailReplyTo) == "" {
		return Mailbox{}, false, nil
	}
	m, err = ParseMailbox(c.MailReplyTo)
	return m, err == nil, err
}

// mailFaults are what no mail could be sent with.
func (c Config) mailFaults() (f Faults) {
	if strings.TrimSpace(c.MailFrom) == "" {
		f = f.say("SIDEM_MAIL_FROM", "missing: write the address that the relay lets SIDEM send from, like SIDEM <sidem@ejemplo.gob.mx>")
	} else if _, err := c.Sender(); err != nil {
		f = f.Add("SIDEM_MAIL_FROM", err)
	}
	if _, _, err := c.Answers(); err != nil {
		f = f.Add("SIDEM_MAIL_REPLY_TO", err)
	}
	if c.SMTPConns < 1 || c.SMTPConns > maxConns {
		f = f.Add("SIDEM_SMTP_CONNS", fmt.Errorf("%d: write 1 to %d connections", c.SMTPConns, maxConns))
	}
	if c.SMTPVerdict != 0 && (c.SMTPVerdict < minVerdict || c.SMTPVerdict > maxVerdict) {
		f = f.Add("SIDEM_SMTP_VERDICT", fmt.Errorf("%s: write %s, since a relay that filters mails takes its time and would get a copy at each try, to %s, for as long as a mail is held by who sends it",
			c.SMTPVerdict, minVerdict, maxVerdict))
	}
	switch host, _, err := net.SplitHostPort(c.SMTPAddr); {
	case c.SMTPUser != "" && c.SMTPPassword == "":
		f = f.say("SIDEM_SMTP_PASSWORD", "missing: set it beside SIDEM_SMTP_USER, or neither of them")
	case c.SMTPUser == "" && c.SMTPPassword != "":
		f = f.say("SIDEM_SMTP_USER", "missing: set it beside SIDEM_SMTP_PASSWORD, or neither of them")
	case err == nil && c.SMTPPassword != "" && c.SMTPTLS == "none" && host != "localhost" && !net.ParseIP(host).IsLoopback():
		f = f.say("SIDEM_SMTP_TLS", "none would show the password to everybody on the way: write starttls or tls")
	}
	return f
}

// maxConns is more than any relay allows one client.
const maxConns = 50
