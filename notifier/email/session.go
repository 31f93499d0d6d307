package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// chunk is how much of a message one deadline covers, in bytes.
const chunk = 64 << 10

var (
	errNoStartTLS = errors.New("relay does not offer STARTTLS, which is mandatory")
	errNoAuth     = errors.New("relay offers no AUTH mechanism that we know")
	errTLSMode    = errors.New("unknown TLS mode")
	errTooLarge   = errors.New("mail is larger than the relay accepts")
	errNo8Bit     = errors.New("mail is 8-bit and the relay does not offer 8BITMIME")
	errNoUTF8     = errors.New("address is not ASCII and the relay does not offer SMTPUTF8")
)

// session is one connection, used by one Send at a time.
type session struct {
	raw   net.Conn // below any TLS: closing it ends whatever waits
	smtp  *smtp.Client
	mails int         // transactions begun
	dirty bool        // a transaction was left half way: RSET before the next
	lost  bool        // it is closed, or about to be, or its state is unknown
	timer *time.Timer // ends it while it is idle
}

// dial opens a session up to where mails can be handed over.
func dial(ctx context.Context, cfg Config) (*session, *trouble) {
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, &trouble{at: stepConnect, err: err}
	}
	limited, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	raw, err := cfg.Dial(limited, "tcp", cfg.Addr)
	if err != nil {
		return nil, failed(ctx, stepConnect, err)
	}
	s := &session{raw: raw}
	defer s.until(ctx)()
	tr := s.open(cfg, host)
	if tr == nil {
		return s, nil
	}
	s.drop()
	return nil, failed(ctx, tr.at, tr.err)
}

func (s *session) open(cfg Config, host string) *trouble {
	conn, secure := s.raw, &tls.Config{ServerName: host, RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12}
	switch cfg.TLS {
	case TLSImplicit:
		conn = tls.Client(s.raw, secure)
	case TLSStart, TLSNone:
	default:
		return &trouble{at: stepTLS, err: fmt.Errorf("%w %q", errTLSMode, cfg.TLS)}
	}
	err := conn.SetDeadline(time.Now().Add(cfg.Timeout))
	if err == nil {
		s.smtp, err = smtp.NewClient(conn, host)
	}
	if err != nil {
		return &trouble{at: stepConnect, err: err}
	}
	return s.through(
		phase{stepHello, cfg.Timeout, func() error { return s.smtp.Hello(cfg.HELO) }},
		phase{stepTLS, cfg.Timeout, func() error { return s.startTLS(cfg, secure) }},
		phase{stepAuth, cfg.Timeout, func() error { return s.login(cfg, host) }},
	)
}

// phase is one exchange with a deadline of its own.
type phase struct {
	at    step
	limit time.Duration
	do    func() error
}

// through runs phases up to the first that fails.
func (s *session) through(phases ...phase) *trouble {
	for _, p := range phases {
		err := s.smtp.UpdateDeadline(p.limit)
		if err == nil {
			err = p.do()
		}
		if err != nil {
			return &trouble{at: p.at, err: err}
		}
	}
	return nil
}

func (s *session) startTLS(cfg Config, secure *tls.Config) error {
	if cfg.TLS != TLSStart {
		return nil
	}
	if ok, _ := s.smtp.Extension("STARTTLS"); !ok {
		return errNoStartTLS
	}
	return s.smtp.StartTLS(secure)
}

func (s *session) login(cfg Config, host string) error {
	if cfg.User == "" {
		return nil
	}
	_, offered := s.smtp.Extension("AUTH")
	mechanisms := []struct {
		name string
		auth smtp.Auth // PLAIN and LOGIN refuse to go in clear but to loopback
	}{
		{"PLAIN", smtp.PlainAuth("", cfg.User, cfg.Password, host, false)},
		{"LOGIN", smtp.LoginAuth(cfg.User, cfg.Password, host, false)},
		{"SCRAM-SHA-256", smtp.ScramSHA256Auth(cfg.User, cfg.Password)},
		{"CRAM-MD5", smtp.CRAMMD5Auth(cfg.User, cfg.Password)},
	}
	for _, m := range mechanisms {
		if slices.Contains(strings.Fields(offered), m.name) {
			return s.smtp.Auth(m.auth)
		}
	}
	return errNoAuth
}

// deliver hands over one mail. A nil trouble is the relay's acceptance.
func (s *session) deliver(ctx context.Context, cfg Config, l letter) (receipt string, tr *trouble) {
	defer s.until(ctx)()
	if err := s.fits(l); err != nil {
		return "", &trouble{at: stepFit, err: err}
	}
	s.mails++
	tr = s.envelope(cfg, l)
	var body io.WriteCloser
	if tr == nil {
		body = s.smtp.Text.DotWriter()
	}
	whole := time.Now().Add(bodyPhases * cfg.Timeout)
	for part := range slices.Chunk(l.data, chunk) {
		if tr == nil {
			tr = s.through(phase{stepBody, min(cfg.Timeout, time.Until(whole)), func() error { _, err := body.Write(part); return err }})
		}
	}
	if tr == nil {
		tr = s.through(phase{stepDot, cfg.DotTimeout, func() (err error) { receipt, err = s.end(body); return err }})
	}
	if tr != nil {
		s.dirty = tr.at == stepRcpt || tr.at == stepData
		return "", failed(ctx, tr.at, tr.err)
	}
	return receipt, nil
}

// end sends the final dot and reads the verdict: any 2xx is an acceptance.
func (s *session) end(body io.WriteCloser) (receipt string, err error) {
	if err := body.Close(); err != nil {
		return "", err
	}
	_, receipt, err = s.smtp.Text.ReadResponse(2)
	return tidy(receipt, "250"), err
}

// fits asks before anything is sent whether the relay can take the mail at all.
func (s *session) fits(l letter) error {
	if ok, _ := s.smtp.Extension("8BITMIME"); l.eightBit && !ok {
		return errNo8Bit
	}
	if ok, _ := s.smtp.Extension("SMTPUTF8"); l.utf8 && !ok {
		return errNoUTF8
	}
	_, limit := s.smtp.Extension("SIZE") // RFC 1870: none or 0 is no limit
	if n, err := strconv.Atoi(strings.TrimSpace(limit)); err == nil && n > 0 && len(l.data) > n {
		return fmt.Errorf("%w: %d bytes, at most %d", errTooLarge, len(l.data), n)
	}
	return nil
}

// until closes the connection when ctx ends before the returned function is
// called, which notes whether that came to pass.
func (s *session) until(ctx context.Context) (done func()) {
	stop := context.AfterFunc(ctx, s.drop)
	return func() {
		if !stop() {
			s.lost = true
		}
	}
}

// drop ends a session of which nothing good is to be expected.
func (s *session) drop() { _ = s.raw.Close() }

// quit ends a session politely; what the relay makes of it does not matter.
func (s *session) quit() {
	if s.smtp.UpdateDeadline(goodbye) == nil {
		_ = s.smtp.Quit()
	}
	s.drop()
}
