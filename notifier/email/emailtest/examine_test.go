package emailtest

import (
	"strings"
	"testing"
)

const header = `From: sidem@ejemplo.gob.mx
To: lucia@ejemplo.gob.mx
Date: Mon, 23 Nov 2026 10:42:00 -0600
Message-ID: <1@ejemplo.gob.mx>
Subject: Prueba
`

const mimed = header + "MIME-Version: 1.0\n"

func TestACarefulRelayRefuses(t *testing.T) {
	without := func(name string) string {
		var kept []string
		for line := range strings.Lines(header) {
			if !strings.HasPrefix(line, name) {
				kept = append(kept, line)
			}
		}
		return crlf(strings.Join(kept, "") + "\nx\n")
	}
	b64 := "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n"
	qp := "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
	for name, raw := range map[string]string{
		"a bare LF in the body":          crlf(header+"\n") + "a\nb\r\n",
		"a bare CR in the body":          crlf(header+"\n") + "a\rb\r\n",
		"a bare LF in the header":        "X-A: b\n" + crlf(header+"\nx\n"),
		"a dot that hides after an LF":   crlf(header+"\n") + "a\n.\r\nMAIL FROM:<b@c>\r\n",
		"a NUL":                          crlf(header + "\n\x00\n"),
		"a line of 999 bytes":            crlf(header + "\n" + strings.Repeat("a", 999) + "\n"),
		"no From":                        without("From"),
		"no Date":                        without("Date"),
		"no Message-ID":                  without("Message-ID"),
		"two Subjects":                   crlf("Subject: otro\n" + header + "\nx\n"),
		"a malformed Message-ID":         strings.Replace(crlf(header+"\nx\n"), "<1@ejemplo.gob.mx>", "1", 1),
		"a malformed Reference":          crlf("References: uno\n" + header + "\nx\n"),
		"a malformed From":               strings.Replace(crlf(header+"\nx\n"), "From: sidem@", "From: sidem@@", 1),
		"a Date of nonsense":             strings.Replace(crlf(header+"\nx\n"), "Mon, 23", "ayer", 1),
		"8-bit in a header":              strings.Replace(crlf(header+"\nx\n"), "Prueba", "Liberación", 1),
		"8-bit in a part's header":       crlf(mimed + "Content-Type: multipart/mixed; boundary=b\n\n--b\nX-A: ñ\n\nx\n--b--\n"),
		"a folded line of blanks":        strings.Replace(crlf(header+"\nx\n"), "Prueba", "Prueba\r\n ", 1),
		"a header without colon":         crlf("basura\n" + header + "\nx\n"),
		"an unknown charset in Subject":  strings.Replace(crlf(header+"\nx\n"), "Prueba", "=?klingon?Q?x?=", 1),
		"a Content-Type without version": crlf(header + "Content-Type: text/plain\n\nx\n"),
		"a Content-Type of nonsense":     crlf(mimed + "Content-Type: text/;;\n\nx\n"),
		"an unclosed multipart":          crlf(mimed + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n"),
		"a multipart without boundary":   crlf(mimed + "Content-Type: multipart/mixed\n\nx\n"),
		"a multipart without parts":      crlf(mimed + "Content-Type: multipart/mixed; boundary=b\n\n--b--\n"),
		"base64 that is not":             crlf(mimed + b64 + "%%%%\n"),
		"base64 cut short":               crlf(mimed + b64 + "QUJ\n"),
		"base64 lines over 76":           crlf(mimed + b64 + strings.Repeat("QUJD", 20) + "\n"),
		"quoted-printable lines over 76": crlf(mimed + qp + strings.Repeat("a", 77) + "\n"),
		"quoted-printable that is not":   crlf(mimed + qp + "a=zz\n"),
		"invalid UTF-8":                  crlf(mimed + qp + "=C3=28\n"),
		"8-bit said to be 7-bit":         crlf(mimed + "Content-Type: text/plain; charset=utf-8\n\nñ\n"),
		"an unknown charset":             crlf(mimed + "Content-Type: text/plain; charset=klingon\n\nx\n"),
		"binary encoding":                crlf(mimed + "Content-Type: text/plain\nContent-Transfer-Encoding: binary\n\nx\n"),
		"nothing at all":                 "",
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{})
			c := greeted(t, s)
			c.envelope("lucia@ejemplo.gob.mx")
			c.cmd(raw+".", "554 5.6.0 ")
			if n := len(s.All()); n != 0 {
				t.Errorf("kept %d", n)
			}
			c.mail("lucia@ejemplo.gob.mx", plain, "250") // and the connection is in step
		})
	}
}

func Test8BitNeedsItsPromise(t *testing.T) {
	raw := []byte(crlf(mimed + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nñ\n"))
	if _, err := examine(raw, promise{eightBit: true}); err != nil {
		t.Error(err)
	}
	if _, err := examine(raw, promise{}); err == nil {
		t.Error("taken without BODY=8BITMIME")
	}
}

func FuzzNoMessageBreaksTheExamination(f *testing.F) {
	f.Add([]byte(crlf(plain)))
	f.Add([]byte(crlf(mimed + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := examine(raw, promise{eightBit: true})
		if err == nil && m.MessageID == "" {
			t.Error("a mail without Message-ID was let pass")
		}
	})
}
