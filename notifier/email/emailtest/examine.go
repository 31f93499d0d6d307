package emailtest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Limits of RFC 5322 §2.1.1 and RFC 2045 §6.7, §6.8, in bytes without CRLF.
const (
	maxLine    = 998
	maxEncoded = 76
	maxDepth   = 10
)

var (
	errBareLF  = errors.New("message contains bare <LF>")
	errBareCR  = errors.New("message contains bare <CR>")
	errLine    = fmt.Errorf("line longer than %d bytes", maxLine)
	errNUL     = errors.New("message contains NUL")
	errHeader8 = errors.New("8-bit characters in a header")
	errNoMIME  = errors.New("Content-Type without MIME-Version: 1.0")
	errEmpty   = errors.New("folded line of a header is empty")
	errFirst   = errors.New("field begins with an empty line")

	messageID  = regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>$`)
	messageIDs = regexp.MustCompile(`^<[^<>@\s]+@[^<>@\s]+>(\s*<[^<>@\s]+@[^<>@\s]+>)*$`)
)

// promise is what MAIL said of the message to come.
type promise struct {
	eightBit bool // BODY=8BITMIME
	utf8     bool // SMTPUTF8
}

// examine parses a message and says what a careful relay has against it.
// Whatever the error, the Mail has what could be read so far.
func examine(raw []byte, p promise) (Mail, error) {
	var m Mail
	if err := lines(raw); err != nil {
		return m, err
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	if err := headerBytes(head, p); err != nil {
		return m, err
	}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, fmt.Errorf("unreadable header: %w", err)
	}
	m.Header = msg.Header
	if err := fields(&m); err != nil {
		return m, err
	}
	if m.Header.Get("Content-Type") != "" && m.Header.Get("MIME-Version") != "1.0" {
		return m, errNoMIME
	}
	body, err := io.ReadAll(msg.Body)
	if err != nil {
		return m, fmt.Errorf("read the body: %w", err)
	}
	err = (&reader{m: &m, promised: p}).entity(textproto.MIMEHeader(m.Header), body, 0)
	return m, err
}

// lines checks what holds for every line of a message.
func lines(raw []byte) error {
	if bytes.IndexByte(raw, 0) >= 0 {
		return errNUL
	}
	for line := range bytes.Lines(raw) {
		text, ok := bytes.CutSuffix(line, []byte("\r\n"))
		switch {
		case !ok:
			return errBareLF
		case bytes.IndexByte(text, '\r') >= 0:
			return errBareCR
		case len(text) > maxLine:
			return errLine
		}
	}
	return nil
}

func headerBytes(head []byte, p promise) error {
	for line := range bytes.Lines(head) {
		if !isASCII(line) && (!p.utf8 || !utf8.Valid(line)) {
			return errHeader8
		}
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') && len(bytes.TrimSpace(line)) == 0 {
			return errEmpty
		}
		if text := bytes.TrimRight(line, " \t\r\n"); line[0] != ' ' && line[0] != '\t' && bytes.HasSuffix(text, []byte(":")) && bytes.IndexByte(text, ':') == len(text)-1 {
			return errFirst
		}
	}
	return nil
}

// fields checks and decodes the fields of RFC 5322 §3.6.
func fields(m *Mail) error {
	for _, name := range []string{"From", "Date", "Message-ID"} {
		if strings.TrimSpace(m.Header.Get(name)) == "" {
			return fmt.Errorf("header %s is missing", name)
		}
	}
	for _, name := range []string{
		"From", "Date", "Message-ID", "To", "Cc", "Reply-To", "Sender", "Subject", "In-Reply-To", "References",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	} {
		if n := len(m.Header[textproto.CanonicalMIMEHeaderKey(name)]); n > 1 {
			return fmt.Errorf("header %s occurs %d times", name, n)
		}
	}
	if _, err := m.Header.Date(); err != nil {
		return fmt.Errorf("header Date: %w", err)
	}
	for _, name := range []string{"From", "To", "Cc", "Reply-To", "Sender"} {
		if m.Header.Get(name) == "" {
			continue
		}
		if _, err := m.Header.AddressList(name); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	m.MessageID, m.InReplyTo, m.References = m.Header.Get("Message-ID"), m.Header.Get("In-Reply-To"), m.Header.Get("References")
	if !messageID.MatchString(m.MessageID) {
		return errors.New("header Message-ID is malformed")
	}
	for name, value := range map[string]string{"In-Reply-To": m.InReplyTo, "References": m.References} {
		if value != "" && !messageIDs.MatchString(value) {
			return fmt.Errorf("header %s is malformed", name)
		}
	}
	var err error
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return fmt.Errorf("header Subject: %w", err)
	}
	return nil
}
