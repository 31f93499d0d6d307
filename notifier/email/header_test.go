package email_test

import (
	"bytes"
	"context"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/wneessen/go-mail"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// The relay of the tests refuses a field that begins with an empty line.
func TestNoFieldBeginsWithAnEmptyLineAndEverythingIsReadBack(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	words := rapid.StringOfN(rapid.RuneFrom([]rune("aáéíñÑüO¿“”()=?_,.;:@<>\"\\ 0147/[]—…漢")), 1, 80, -1)
	rapid.Check(t, func(rt *rapid.T) {
		name, subject := strings.Join(strings.Fields(words.Draw(rt, "name")), " "), strings.Join(strings.Fields(words.Draw(rt, "subject")), " ")
		if name == "" || subject == "" {
			rt.Skip("nothing to say")
		}
		m := mail.NewMsg(mail.WithEncoding(mail.EncodingQP))
		from, to := netmail.Address{Name: name, Address: "sidem@ejemplo.gob.mx"}, netmail.Address{Name: name, Address: lucia}
		if m.From(from.String()) != nil || m.AddTo(to.String()) != nil || m.ReplyTo(from.String()) != nil {
			rt.Skip("no name")
		}
		m.Subject(subject)
		m.SetDateWithValue(scenes()["request/filed/lucia.herrera"].Now)
		m.SetMessageIDWithValue("147.1@un-dominio-tan-largo-que-no-cabe-junto-al-nombre-de-su-campo.ejemplo.gob.mx")
		m.SetBodyString(mail.TypeTextPlain, "x")
		before := len(s.All())
		if _, err := tr.Send(rt.Context(), m); err != nil {
			rt.Fatalf("%v\n%s", err, s.Commands())
		}
		got := s.All()[before]
		if got.Subject != subject {
			rt.Errorf("subject %q became %q", subject, got.Subject)
		}
		for field, want := range map[string]netmail.Address{"From": from, "To": to, "Reply-To": from} {
			if a, err := got.Header.AddressList(field); err != nil || len(a) != 1 || *a[0] != want {
				rt.Errorf("%s %v became %v, %v", field, want, a, err)
			}
		}
		header, _, _ := bytes.Cut(got.Raw, []byte("\r\n\r\n"))
		for line := range bytes.SplitSeq(header, []byte("\r\n")) {
			if bytes.Contains(line, []byte("=?")) && len(line) > 76 {
				rt.Errorf("a line of %d bytes has an encoded word: %s", len(line), line)
			}
		}
	})
}

// morningChannel sends what tells of no record.
func morningChannel(relay email.Relay) *email.Channel {
	scene := scenes()["request/filed/lucia.herrera"]
	ch := channel(scene, relay)
	ch.Morning = func(_ context.Context, it outbox.Item) (core.Record, es.Letter, bool, error) {
		title := "Tiene 3 pendientes"
		if it.What == desk.WhatWeekly {
			title = "Tablero semanal de dictámenes"
		}
		return scene.Viewer, es.Letter{Subject: title, Story: es.Story{Title: title}}, true, nil
	}
	return ch
}

func TestADigestAndABoardAreListsAndThreadsOfTheirOwn(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	for what, want := range map[string][2]string{
		desk.WhatDigest: {"<digest.sidem.digital.ejemplo.gob.mx>", "<mailto:dictamenes@digital.ejemplo.gob.mx?subject=No%20deseo%20recibir%20el%20resumen%20diario>"},
		desk.WhatWeekly: {"<weekly.sidem.digital.ejemplo.gob.mx>", "<mailto:dictamenes@digital.ejemplo.gob.mx?subject=No%20deseo%20recibir%20el%20tablero%20semanal>"},
	} {
		before := len(s.All())
		if _, err := morningChannel(tr).Send(t.Context(), outbox.Item{ID: "7", Key: what, What: what, Account: "lucia.herrera"}); err != nil {
			t.Fatal(err)
		}
		m := s.All()[before]
		if m.InReplyTo != "" || m.References != "" {
			t.Errorf("%s is in reply to %q, %q", what, m.InReplyTo, m.References)
		}
		if id, out := m.Header.Get("List-Id"), m.Header.Get("List-Unsubscribe"); id != want[0] || out != want[1] {
			t.Errorf("%s: List-Id %s, List-Unsubscribe %s", what, id, out)
		}
	}
	if _, err := channel(scenes()["request/filed/lucia.herrera"], tr).Send(t.Context(), item(scenes()["request/filed/lucia.herrera"], core.MailFiled)); err != nil {
		t.Fatal(err)
	}
	if m := s.All()[2]; m.Header.Get("List-Id") != "" || m.Header.Get("List-Unsubscribe") != "" || m.InReplyTo == "" {
		t.Errorf("a mail about a request is a list's: %v", m.Header)
	}
}

func TestAFieldThatIsPutBeforeOursBreaksTheSignature(t *testing.T) {
	for _, kind := range []string{"rsa", "ed25519"} {
		private, record := keys(t, kind)
		dns := map[string]string{"sidem": record}
		signing, err := email.ParseKeys(private, []string{"sidem"})
		if err != nil {
			t.Fatal(err)
		}
		s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSStart}, func(c *email.Config) {
			c.DKIM = email.DKIM{Domain: "digital.ejemplo.gob.mx", Keys: signing}
		})
		scene := scenes()["request/filed/lucia.herrera"]
		ch := channel(scene, tr)
		ch.ReplyTo = netmail.Address{} // one that is put where there is none breaks it too
		if _, err := ch.Send(t.Context(), item(scene, core.MailFiled)); err != nil {
			t.Fatal(err)
		}
		raw := s.All()[0].Raw
		if got := verify(t, raw, dns); len(got) != 1 || got[0].Err != nil {
			t.Fatalf("%s: %+v", kind, got)
		}
		for _, field := range []string{"From: SIDEM <sidem@otro.example>", "Subject: Pague hoy", "Reply-To: otro@otro.example"} {
			if got := verify(t, append([]byte(field+"\r\n"), raw...), dns); len(got) != 1 || got[0].Err == nil {
				t.Errorf("%s: with %q before it, it passes", kind, field)
			}
		}
	}
}

func TestNothingInAMailIsInvisible(t *testing.T) {
	eachLetter(t, asItIs, func(t *testing.T, name string, m emailtest.Mail) {
		for _, hidden := range []string{"display:none", "font-size:1px", "font-size:0", "opacity:0", "max-height:0", "visibility:hidden", "&#847;", "\u034f", "\u200b", "\u200c"} {
			if strings.Contains(m.HTML, hidden) {
				t.Errorf("%s holds %s", name, hidden)
			}
		}
	})
}
