package emailtest

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAMailIsKeptDecodedForItsRecipient(t *testing.T) {
	at := time.Date(2026, 11, 23, 16, 42, 0, 0, time.UTC)
	s := start(t, Options{Now: func() time.Time { return at }})
	changed := s.Changed()
	c := greeted(t, s)
	c.mail("lucia@ejemplo.gob.mx", plain, "250 2.0.0 OK: queued as 1")
	<-changed
	inbox := s.Inbox("Lucia@Ejemplo.gob.mx")
	if len(inbox) != 1 || len(s.Inbox("raul@ejemplo.gob.mx")) != 0 {
		t.Fatalf("inboxes hold %d mails of %d", len(inbox), len(s.All()))
	}
	got := inbox[0]
	if !strings.HasPrefix(string(got.Raw), "From: SIDEM") || got.Size != len(got.Raw) {
		t.Errorf("size %d of raw:\n%s", got.Size, got.Raw)
	}
	got.Raw, got.Header, got.Parts, got.Size = nil, nil, nil, 0
	want := Mail{
		From: "sidem@ejemplo.gob.mx", To: []string{"lucia@ejemplo.gob.mx"}, Subject: "Liberación",
		MessageID: "<1@ejemplo.gob.mx>", InReplyTo: "<0@ejemplo.gob.mx>", References: "<0@ejemplo.gob.mx> <00@ejemplo.gob.mx>",
		Text: "Por liberar: 20 computadoras. Acción.\n.una línea con punto\n", At: at, Seq: 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPartsOfAMultipartAreTakenApart(t *testing.T) {
	s := start(t, Options{})
	greeted(t, s).mail("lucia@ejemplo.gob.mx", header+`MIME-Version: 1.0
Content-Type: multipart/related; boundary=r

--r
Content-Type: multipart/alternative; boundary=a

--a
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

Añada
--a
Content-Type: text/html; charset=ISO-8859-1
Content-Transfer-Encoding: quoted-printable

<p>A=F1ada</p>
--a--
--r
Content-Type: image/png; name="=?UTF-8?Q?c=C3=B3digo.png?="
Content-Transfer-Encoding: base64
Content-ID: <qr>
Content-Disposition: inline; filename="=?UTF-8?Q?c=C3=B3digo.png?="

iVBORw0=
--r--
`, "250")
	got := s.All()[0]
	if got.Text != "Añada" || got.HTML != "<p>Añada</p>" {
		t.Errorf("text %q, html %q", got.Text, got.HTML)
	}
	want := []Part{{Name: "código.png", ContentID: "qr", ContentType: "image/png", Data: []byte("\x89PNG\r")}}
	if diff := cmp.Diff(want, got.Attachments); diff != "" {
		t.Error(diff)
	}
	if len(got.Parts) != 3 {
		t.Errorf("%d parts", len(got.Parts))
	}
}

func TestOneConnectionTakesManyMailsUpToItsLimit(t *testing.T) {
	s := start(t, Options{MaxMessages: 2})
	c := greeted(t, s)
	c.mail("a@ejemplo.gob.mx", plain, "250")
	c.mail("b@ejemplo.gob.mx", plain, "250")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "452 4.5.3")
	c.cmd("QUIT", "221")
	c.gone()
	if s.Connections() != 1 || len(s.All()) != 2 {
		t.Errorf("%d connections, %d mails", s.Connections(), len(s.All()))
	}
}

func TestUnknownRecipientsAreRefused(t *testing.T) {
	s := start(t, Options{Known: []string{"lucia@ejemplo.gob.mx"}})
	c := greeted(t, s)
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "250")
	c.cmd("RCPT TO:<nadie@ejemplo.gob.mx>", "550 5.1.1")
	c.cmd("RCPT TO:<LUCIA@ejemplo.gob.mx>", "250")
}

func TestAMessageOverTheLimitIsRefusedAfterItsDot(t *testing.T) {
	s := start(t, Options{MaxSize: 2000})
	c := greeted(t, s)
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx> SIZE=2001", "552")
	c.mail("lucia@ejemplo.gob.mx", header+"\n"+strings.Repeat("Texto de relleno.\n", 500), "552 5.3.4")
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
}

func TestTheOrderOfCommandsIsKept(t *testing.T) {
	s := start(t, Options{})
	c := dial(t, s)
	c.expect("220")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "503")
	c.cmd("EHLO me.test", "250")
	c.cmd("STARTTLS", "502")
	c.cmd("BDAT 3 LAST", "502")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "250")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "503")
	c.cmd("RSET", "250")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "250")
	c.cmd("DATA", "502")
	c.cmd("RCPT TO:<lucia@ejemplo.gob.mx>", "250")
	c.cmd("DATA\r\nFrom: early", "503")
}

func TestAPasswordIsAskedForAndNotLogged(t *testing.T) {
	s := start(t, Options{User: "sidem", Password: "secreto-7"})
	c := greeted(t, s)
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "530 5.7.0")
	b64 := base64.StdEncoding.EncodeToString
	c.cmd("AUTH PLAIN "+b64([]byte("\x00sidem\x00otro")), "535")
	c.cmd("AUTH LOGIN", "334 VXNlcm5hbWU6")
	c.cmd(b64([]byte("sidem")), "334 UGFzc3dvcmQ6")
	c.cmd(b64([]byte("secreto-7")), "235")
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
	want := []string{"EHLO me.test", "MAIL FROM:<sidem@ejemplo.gob.mx>", "AUTH PLAIN ***", "AUTH LOGIN", "***", "***"}
	if diff := cmp.Diff(want, s.Commands()[:len(want)]); diff != "" {
		t.Error(diff)
	}
	d := greeted(t, s)
	d.cmd("AUTH PLAIN "+b64([]byte("\x00sidem\x00secreto-7")), "235")
}

func TestWithStartTLSNothingGoesInClear(t *testing.T) {
	s := start(t, Options{TLS: TLSStart, User: "sidem", Password: "secreto-7"})
	c := dial(t, s)
	c.expect("220")
	if caps := c.cmd("EHLO me.test", "250"); !strings.Contains(caps, "\n250-STARTTLS\n") || strings.Contains(caps, "AUTH") {
		t.Errorf("in clear it offers %q", caps)
	}
	c.cmd("AUTH PLAIN AHNpZGVtAHNlY3JldG8tNw==", "530")
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "530")
	c.startTLS(s)
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx>", "503")
	if caps := c.cmd("EHLO me.test", "250"); strings.Contains(caps, "STARTTLS") || !strings.Contains(caps, "AUTH PLAIN LOGIN") {
		t.Errorf("under TLS it offers %q", caps)
	}
	c.cmd("AUTH PLAIN AHNpZGVtAHNlY3JldG8tNw==", "235")
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
}

func TestACommandInjectedAheadOfTLSIsRefused(t *testing.T) {
	s := start(t, Options{TLS: TLSStart})
	c := greeted(t, s)
	c.cmd("STARTTLS\r\nMAIL FROM:<mallory@ejemplo.gob.mx>", "503 5.5.1 Error: improper pipelining")
}

func TestHangingUpSaysGoodbye(t *testing.T) {
	s := start(t, Options{})
	c := greeted(t, s)
	s.HangUp("421 4.4.2 Idle timeout")
	c.expect("421 4.4.2")
	c.gone()
	if s.Open() != 0 {
		t.Errorf("%d open", s.Open())
	}
}

func TestIdleMeansThatNothingIsHalfWay(t *testing.T) {
	s := start(t, Options{})
	c := greeted(t, s)
	if !s.Idle() {
		t.Error("not idle after EHLO")
	}
	c.envelope("lucia@ejemplo.gob.mx")
	if s.Idle() {
		t.Error("idle within a mail")
	}
	c.cmd(crlf(plain)+".", "250")
	if !s.Idle() {
		t.Error("not idle after a mail")
	}
}

func TestCommandsAreLoggedInOrder(t *testing.T) {
	s := start(t, Options{})
	c := greeted(t, s)
	c.mail("lucia@ejemplo.gob.mx", plain, "250")
	c.cmd("QUIT", "221")
	want := []string{
		"EHLO me.test", "MAIL FROM:<sidem@ejemplo.gob.mx> BODY=8BITMIME", "RCPT TO:<lucia@ejemplo.gob.mx>", "DATA", ".", "QUIT",
	}
	if got := s.Commands(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
