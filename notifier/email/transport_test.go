package email_test

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

const (
	lucia    = "lucia.herrera@ejemplo.gob.mx"
	password = "canario-s3creto"
)

// relay starts a server, and a transport to it with settings changed by tune.
func relay(t *testing.T, opts emailtest.Options, tune func(*email.Config)) (*emailtest.Server, *email.Transport) {
	t.Helper()
	s := emailtest.New(opts)
	t.Cleanup(s.Close)
	cfg := email.Config{
		Addr: s.Addr(), TLS: opts.TLS, RootCAs: s.CertPool(), HELO: "sidem.test",
		User: opts.User, Password: opts.Password, Timeout: 5 * time.Second,
	}
	if cfg.TLS == "" {
		cfg.TLS = email.TLSNone
	}
	if tune != nil {
		tune(&cfg)
	}
	tr := email.NewTransport(cfg)
	t.Cleanup(func() {
		if err := tr.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, tr
}

func message(t *testing.T, to string) *mail.Msg {
	t.Helper()
	m := mail.NewMsg(mail.WithEncoding(mail.EncodingQP))
	if err := errors.Join(m.FromFormat("SIDEM", "sidem@ejemplo.gob.mx"), m.AddToFormat("Lucía Herrera", to)); err != nil {
		t.Fatal(err)
	}
	m.Subject("[000147/2026] Recibimos su solicitud de adquisición de 20 computadoras de escritorio")
	m.SetDateWithValue(time.Date(2026, 11, 23, 10, 42, 0, 0, time.UTC))
	m.SetMessageIDWithValue("147.1@ejemplo.gob.mx")
	m.SetBodyString(mail.TypeTextPlain, "Registrada, por liberar.\n.Una línea con punto.\n")
	m.AddAlternativeString(mail.TypeTextHTML, "<p>Registrada, por liberar.</p>")
	if err := m.EmbedReader("qr.png", strings.NewReader("\x89PNG"), mail.WithFileContentID("<qr>")); err != nil {
		t.Fatal(err)
	}
	return m
}

// send sends one mail and fails the test unless it was accepted.
func send(t *testing.T, tr *email.Transport) {
	t.Helper()
	if _, err := tr.Send(t.Context(), message(t, lucia)); err != nil {
		t.Fatal(err)
	}
}

// once strikes at the first occasion of a phase only.
func once(at emailtest.PhaseName, f emailtest.Fault) func(*emailtest.Phase) *emailtest.Fault {
	struck := false
	return func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != at || struck {
			return nil
		}
		struck = true
		return &f
	}
}

// kind names the kind of an error for tables.
func kind(err error) string {
	_, wait := outbox.Wait(err)
	_, unclear := outbox.Doubt(err)
	switch {
	case err == nil:
		return "sent"
	case outbox.IsPermanent(err):
		return "permanent"
	case outbox.IsConfig(err):
		return "config"
	case outbox.IsUncertain(err):
		return "uncertain"
	case wait:
		return "wait"
	case unclear:
		return "unclear"
	}
	return "retry"
}

func TestAMailArrivesWholeAndTheReceiptIsTheRelaysWord(t *testing.T) {
	s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSStart, User: "sidem", Password: password}, nil)
	receipt, err := tr.Send(t.Context(), message(t, lucia))
	if err != nil || !strings.HasSuffix(receipt, "OK: queued as 1") {
		t.Fatalf("receipt %q, %v", receipt, err)
	}
	inbox := s.Inbox(lucia)
	if len(inbox) != 1 {
		t.Fatalf("%d mails", len(inbox))
	}
	m := inbox[0]
	if m.From != "sidem@ejemplo.gob.mx" || m.MessageID != "<147.1@ejemplo.gob.mx>" ||
		!strings.HasSuffix(m.Subject, "escritorio") || m.HTML == "" || !strings.HasSuffix(m.Text, "\n.Una línea con punto.\n") {
		t.Errorf("got %+v", m)
	}
	want := []emailtest.Part{{Name: "qr.png", ContentID: "qr", ContentType: "image/png", Data: []byte("\x89PNG")}}
	if diff := cmp.Diff(want, m.Attachments); diff != "" {
		t.Error(diff)
	}
}

func TestManyMailsShareOneConnectionWithFourCommandsEach(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	for range 20 {
		send(t, tr)
	}
	if n := s.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	if got := s.Commands(); len(got) != 1+20*4 || slices.Contains(got, "NOOP") || slices.Contains(got, "RSET") {
		t.Errorf("%d commands: %q", len(got), got)
	}
}

func TestAConnectionIsLeftAfterItsShareOfMails(t *testing.T) {
	s, tr := relay(t, emailtest.Options{MaxMessages: 3}, func(c *email.Config) { c.MaxPerConn = 3 })
	for range 7 {
		send(t, tr)
	}
	if n := s.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func TestFiftyMailsGoThroughOneConnectionUnlessToldOtherwise(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	for range 51 {
		send(t, tr)
	}
	if u := tr.Usage(); s.Connections() != 2 || u.Opened != 2 || u.Idle != 1 {
		t.Errorf("%d connections, usage %+v", s.Connections(), u)
	}
}

func TestARelayThatWantsFewerMailsPerConnectionIsObeyed(t *testing.T) {
	s, tr := relay(t, emailtest.Options{MaxMessages: 3}, nil)
	for range 7 {
		send(t, tr)
	}
	if n := s.Connections(); n != 3 {
		t.Errorf("%d connections", n)
	}
}

func TestAConnectionThatTheRelayGaveUpIsReplacedUnnoticed(t *testing.T) {
	for name, farewell := range map[string]string{"with a word": "421 4.4.2 Idle timeout", "without a word": ""} {
		t.Run(name, func(t *testing.T) {
			s, tr := relay(t, emailtest.Options{}, nil)
			send(t, tr)
			s.HangUp(farewell)
			send(t, tr)
			if s.Connections() != 2 || len(s.All()) != 2 {
				t.Errorf("%d connections, %d mails", s.Connections(), len(s.All()))
			}
		})
	}
}

func TestAKeptConnectionThatHangsAtMailIsReplacedUnnoticed(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, func(c *email.Config) { c.Timeout = 50 * time.Millisecond })
	send(t, tr)
	s.Intercept(once(emailtest.MailFrom, emailtest.Fault{Delay: time.Hour}))
	send(t, tr)
	if s.Connections() != 2 {
		t.Errorf("%d connections", s.Connections())
	}
}

func TestAFreshConnectionIsNotTriedTwice(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	s.Intercept(once(emailtest.MailFrom, emailtest.Fault{Drop: true}))
	if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "retry" {
		t.Errorf("got %v", err)
	}
	if s.Connections() != 1 {
		t.Errorf("%d connections", s.Connections())
	}
}

func TestAnIdleConnectionIsTakenLeaveOf(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, func(c *email.Config) { c.MaxIdle = time.Millisecond })
	left := make(chan struct{})
	s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.Quit {
			close(left)
		}
		return nil
	})
	send(t, tr)
	<-left
}

func TestNoMoreConnectionsThanAllowed(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, func(c *email.Config) { c.Connections = 3; c.MaxPerConn = 1000 })
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			if _, err := tr.Send(t.Context(), message(t, lucia)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.Connections() > 3 || len(s.All()) != 40 {
		t.Errorf("%d connections, %d mails", s.Connections(), len(s.All()))
	}
}

func TestARefusedRecipientDoesNotCostTheConnection(t *testing.T) {
	s, tr := relay(t, emailtest.Options{Known: []string{lucia}}, nil)
	_, err := tr.Send(t.Context(), message(t, "nadie@ejemplo.gob.mx"))
	if kind(err) != "permanent" || !strings.Contains(err.Error(), "5.1.1 No such mailbox") {
		t.Errorf("got %v", err)
	}
	send(t, tr)
	if s.Connections() != 1 || len(s.All()) != 1 {
		t.Errorf("%d connections, %d mails", s.Connections(), len(s.All()))
	}
}

func TestADoubtfulConnectionIsThrownAway(t *testing.T) {
	for at, reply := range map[emailtest.PhaseName]string{
		emailtest.MailFrom: "451 4.3.0 later", emailtest.RcptTo: "¡garabatos!", emailtest.Data: "250 2.0.0 what?",
	} {
		s, tr := relay(t, emailtest.Options{}, nil)
		s.Intercept(once(at, emailtest.Fault{Reply: reply}))
		if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "retry" {
			t.Errorf("%s: %v", at, err)
		}
		send(t, tr)
		if n := s.Connections(); n != 2 {
			t.Errorf("%s: %d connections", at, n)
		}
	}
}

func TestSMTPUTF8IsAskedForOnlyByAddressesThatNeedIt(t *testing.T) {
	s, tr := relay(t, emailtest.Options{UTF8: true}, nil)
	send(t, tr)
	if got := s.Commands()[1]; strings.Contains(got, "SMTPUTF8") {
		t.Errorf("said %q", got)
	}
	const muñoz = "muñoz@ejemplo.gob.mx"
	if _, err := tr.Send(t.Context(), message(t, muñoz)); err != nil || len(s.Inbox(muñoz)) != 1 {
		t.Errorf("got %v", err)
	}
	s, tr = relay(t, emailtest.Options{}, nil)
	if _, err := tr.Send(t.Context(), message(t, muñoz)); kind(err) != "permanent" || len(s.Commands()) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestABodyThatFailsHalfWayIsNeverSent(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	broken := errors.New("disk on fire")
	for name, spoil := range map[string]func(*mail.Msg){
		"only body": func(m *mail.Msg) {
			m.UnsetAllEmbeds()
			m.UnsetAllParts()
			m.SetBodyWriter(mail.TypeTextPlain, func(w io.Writer) (int64, error) {
				n, _ := io.WriteString(w, "Su dictamen fue ")
				return int64(n), broken
			})
		},
		"first of many parts": func(m *mail.Msg) {
			m.SetBodyWriter(mail.TypeTextPlain, func(io.Writer) (int64, error) { return 0, broken })
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := message(t, lucia)
			spoil(m)
			if _, err := tr.Send(t.Context(), m); kind(err) != "retry" || !errors.Is(err, broken) {
				t.Errorf("got %v", err)
			}
		})
	}
	if n := s.Connections(); n != 0 {
		t.Errorf("%d connections", n)
	}
}

func TestAMailHasExactlyOneRecipient(t *testing.T) {
	_, tr := relay(t, emailtest.Options{}, nil)
	two := message(t, lucia)
	if err := two.AddBcc("raul@ejemplo.gob.mx"); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Send(t.Context(), two); kind(err) != "permanent" {
		t.Errorf("two: %v", err)
	}
	if _, err := tr.Send(t.Context(), mail.NewMsg()); kind(err) != "permanent" {
		t.Errorf("none: %v", err)
	}
}

func TestAMailBeyondTheRelaysSizeIsNotEvenBegun(t *testing.T) {
	s, tr := relay(t, emailtest.Options{MaxSize: 1000}, nil)
	m := message(t, lucia)
	m.SetBodyString(mail.TypeTextPlain, strings.Repeat("Texto. ", 1000))
	if _, err := tr.Send(t.Context(), m); kind(err) != "permanent" {
		t.Errorf("got %v", err)
	}
	if got := s.Commands(); len(got) != 1 {
		t.Errorf("said %q", got)
	}
}

func TestABigMailArrivesInChunks(t *testing.T) {
	s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSImplicit}, nil)
	m := message(t, lucia)
	file := strings.Repeat("0123456789abcdef", 40_000)
	if err := m.AttachReader("anexo.bin", strings.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := s.All()[0].Attachments; len(got) != 2 || string(got[1].Data) != file {
		t.Errorf("%d attachments, or another file", len(got))
	}
}

func TestBadMannersAfterTheVerdictChangeNothing(t *testing.T) {
	for name, f := range map[string]emailtest.Fault{
		"garbage": {Reply: "¡garabatos!"}, "drop": {Drop: true}, "refusal": {Reply: "500 5.5.1 no"},
	} {
		t.Run(name, func(t *testing.T) {
			s, tr := relay(t, emailtest.Options{}, func(c *email.Config) { c.MaxPerConn = 1 })
			s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
				if p.Name != emailtest.Quit {
					return nil
				}
				return &f
			})
			send(t, tr)
			send(t, tr)
			if s.Connections() != 2 || len(s.All()) != 2 {
				t.Errorf("%d connections, %d mails", s.Connections(), len(s.All()))
			}
		})
	}
}

func TestCloseSaysQuitAndRefusesFurtherMails(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	send(t, tr)
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	if got := s.Commands(); got[len(got)-1] != "QUIT" {
		t.Errorf("said %q", got)
	}
	if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "retry" {
		t.Errorf("got %v", err)
	}
}

func TestTLSIsNotForgone(t *testing.T) {
	another := emailtest.New(emailtest.Options{TLS: emailtest.TLSStart})
	defer another.Close()
	for name, c := range map[string]struct {
		server string
		tune   func(*email.Config)
	}{
		"STARTTLS is not offered":     {emailtest.TLSNone, func(c *email.Config) { c.TLS = "" }},
		"an unknown certificate":      {emailtest.TLSStart, func(c *email.Config) { c.RootCAs = x509.NewCertPool() }},
		"an unknown certificate, tls": {emailtest.TLSImplicit, func(c *email.Config) { c.RootCAs = x509.NewCertPool() }},
		"the certificate of another":  {emailtest.TLSStart, func(c *email.Config) { c.RootCAs = another.CertPool() }},
		"a mode that does not exist":  {emailtest.TLSNone, func(c *email.Config) { c.TLS = "perhaps" }},
	} {
		t.Run(name, func(t *testing.T) {
			s, tr := relay(t, emailtest.Options{TLS: c.server}, c.tune)
			if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "config" {
				t.Errorf("got %v", err)
			}
			if slices.ContainsFunc(s.Commands(), func(l string) bool { return strings.HasPrefix(l, "MAIL") }) {
				t.Errorf("said %q", s.Commands())
			}
		})
	}
}

func TestARelayThatIsNotThereIsAFaultOfTheChannel(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, nil)
	s.Close()
	if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "config" {
		t.Errorf("refused: %v", err)
	}
	for _, addr := range []string{"relay.invalid:25", "without-port"} {
		tr := email.NewTransport(email.Config{Addr: addr, TLS: email.TLSNone, Timeout: 2 * time.Second})
		if _, err := tr.Send(t.Context(), message(t, lucia)); kind(err) != "config" {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestTheCallersPatienceIsNoFaultOfTheRelay(t *testing.T) {
	for phase, want := range map[emailtest.PhaseName]string{
		emailtest.Connect: "retry", emailtest.RcptTo: "retry", emailtest.Dot: "uncertain",
	} {
		t.Run(string(phase), func(t *testing.T) {
			s, tr := relay(t, emailtest.Options{}, nil)
			ctx, cancel := context.WithCancelCause(t.Context())
			impatient := errors.New("shutting down")
			s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
				if p.Name != phase {
					return nil
				}
				cancel(impatient)
				return &emailtest.Fault{Delay: time.Hour}
			})
			if _, err := tr.Send(ctx, message(t, lucia)); kind(err) != want || !errors.Is(err, impatient) {
				t.Errorf("got %v", err)
			}
			if _, err := tr.Send(ctx, message(t, lucia)); !errors.Is(err, impatient) {
				t.Errorf("then %v", err)
			}
		})
	}
}

func TestASenderInTheQueueCanGiveUp(t *testing.T) {
	s, tr := relay(t, emailtest.Options{}, func(c *email.Config) { c.Connections = 1 })
	reached, first := make(chan struct{}), make(chan error, 1)
	s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.MailFrom {
			return nil
		}
		close(reached)
		return &emailtest.Fault{Delay: time.Hour}
	})
	go func() {
		_, err := tr.Send(t.Context(), message(t, lucia))
		first <- err
	}()
	<-reached
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := tr.Send(ctx, message(t, lucia)); kind(err) != "retry" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	s.Close()
	if err := <-first; kind(err) != "retry" {
		t.Errorf("first: %v", err)
	}
}

func TestNoErrorTellsThePassword(t *testing.T) {
	s, tr := relay(t, emailtest.Options{TLS: emailtest.TLSStart, User: "sidem", Password: password}, nil)
	echo := "535 5.7.8 no user with " + password + " or AHNpZGVtAGNhbmFyaW8tczNjcmV0bw=="
	s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.Auth {
			return nil
		}
		return &emailtest.Fault{Reply: echo}
	})
	_, err := tr.Send(t.Context(), message(t, lucia))
	if kind(err) != "config" || !strings.Contains(err.Error(), "no user with *** or ***") {
		t.Errorf("got %v", err)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), password) {
			t.Errorf("leak in %T: %v", e, e)
		}
	}
}

func TestAPasswordDoesNotGoInClearButToLoopback(t *testing.T) {
	s, tr := relay(t, emailtest.Options{User: "sidem", Password: password}, nil)
	send(t, tr)
	_, port, err := net.SplitHostPort(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	// The same relay under a name by which the library does not know loopback.
	named := email.NewTransport(email.Config{
		Addr: "[::ffff:127.0.0.1]:" + port, TLS: email.TLSNone, User: "sidem", Password: password,
	})
	defer func() { _ = named.Close() }()
	before := len(s.Commands())
	if _, err := named.Send(t.Context(), message(t, lucia)); kind(err) != "config" {
		t.Errorf("got %v", err)
	}
	said := s.Commands()[before:]
	if len(said) == 0 || slices.ContainsFunc(said, func(l string) bool { return strings.HasPrefix(l, "AUTH") }) {
		t.Errorf("said %q", said)
	}
}
