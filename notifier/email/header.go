package email

import (
	"bytes"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"
)

// The lengths of a line that has encoded words, and of one such word (RFC 2047 §2).
const (
	maxFolded = 76
	maxWord   = 75
)

// refolded is a message of which no field begins with an empty line. go-mail folds a
// field before its first word when that does not fit beside the name: legal
// (RFC 5322 §2.2.3), and held against a mail by filters, since programs that forge
// mails do it.
func refolded(message []byte) []byte {
	header, body, ok := bytes.Cut(message, []byte("\r\n\r\n"))
	if !ok {
		return message
	}
	fields := strings.Split(strings.ReplaceAll(string(header), "\r\n ", "\n "), "\r\n")
	for i, field := range fields {
		name, value, _ := strings.Cut(field, ":")
		if strings.HasPrefix(value, "\n ") {
			field = refold(name, strings.ReplaceAll(strings.TrimSpace(value), "\n ", " "))
		}
		fields[i] = strings.ReplaceAll(field, "\n ", "\r\n ")
	}
	return append([]byte(strings.Join(fields, "\r\n")+"\r\n\r\n"), body...)
}

// refold is a field with a first line that says something.
func refold(name, value string) string {
	switch name {
	case "Subject":
		if text, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			return name + ": " + encoded(text, len(name)+2)
		}
	case "From", "To", "Reply-To":
		if a, err := netmail.ParseAddress(value); err == nil && a.Name != "" {
			return fmt.Sprintf("%s: %s\n <%s>", name, encoded(a.Name, len(name)+2), a.Address)
		}
	}
	return name + ": " + value // of one word that cannot be parted
}

// encoded is a text as encoded words (RFC 2047), one a line; the first has used
// columns before it.
func encoded(text string, used int) string {
	const before, behind = "=?utf-8?q?", "?="
	var words []string
	word := before
	for _, r := range text {
		next := quoted(r)
		room := maxWord
		if len(words) == 0 {
			room = maxFolded - used
		}
		if len(word)+len(next)+len(behind) > room {
			words, word = append(words, word+behind), before
		}
		word += next
	}
	return strings.Join(append(words, word+behind), "\n ")
}

// quoted is a character of an encoded word, as one may stand in a name too
// (RFC 2047 §5, rule 3).
func quoted(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r >= '0' && r <= '9', r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r == '!', r == '*', r == '+', r == '-', r == '/':
		return string(r)
	}
	var out strings.Builder
	for _, b := range []byte(string(r)) {
		_, _ = fmt.Fprintf(&out, "=%02X", b) // a builder takes anything
	}
	return out.String()
}
