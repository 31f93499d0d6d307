package email

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"sidem.gob.mx/sidem/core/outbox"
)

// What Config.TLS may say.
const (
	TLSStart    = "starttls" // mandatory; the default
	TLSImplicit = "tls"      // from the first byte, usually port 465
	TLSNone     = "none"     // in clear; passwords only to loopback
)

// DefaultDotTimeout is what RFC 5321 §4.5.3.2.6 asks for at least: relays filter
// before they answer, and who hangs up meanwhile gets a copy at each try.
const DefaultDotTimeout = 10 * time.Minute

// goodbye bounds the wait for the answer to QUIT, which changes nothing.
const goodbye = 2 * time.Second

var (
	errClosed = errors.New("mail transport is closed")
	errBusy   = errors.New("all connections to the relay wait for its answer")
)

// Config says how to reach the relay and how hard to use it.
type Config struct {
	// Addr is host:port; the host is also the name that the certificate must have.
	Addr           string
	User, Password string
	TLS            string
	// RootCAs to trust; the system's by default.
	RootCAs *x509.CertPool
	// DKIM signs what is sent; nothing is signed without a key.
	DKIM DKIM
	// HELO is our name; the machine's by default.
	HELO string
	// Timeout of each phase: 30 s by default.
	Timeout time.Duration
	// DotTimeout is for the verdict on a message, DefaultDotTimeout by default:
	// whoever gives up earlier makes duplicates.
	DotTimeout time.Duration
	// MaxPerConn messages go through one connection, 50 by default: OpenSMTPD refuses after 100.
	MaxPerConn int
	// MaxIdle is how long an unused connection is kept, 20 s by default.
	MaxIdle time.Duration
	// Connections at once, 2 by default.
	Connections int
	// Dial opens the connection to Addr; the network's by default.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Span begins with a dialogue, for whoever follows what comes of an act; end is told how it
	// ended. Nil: nobody does.
	Span func(ctx context.Context) (_ context.Context, end func(error))
}

// The phases of a dialogue, by what they may take in all: Timeout each but the
// verdict, which is DotTimeout's.
const (
	queuePhases = 1 // the wait for one of the connections
	stalePhases = 2 // RSET and MAIL on a kept connection that turns out dead
	dialPhases  = 5 // connect, greeting, EHLO, STARTTLS, AUTH
	mailPhases  = 4 // RSET, MAIL, RCPT, DATA
	bodyPhases  = 4 // the message, however long it is
)

// Longest is the most that Send takes.
func (t *Transport) Longest() time.Duration {
	return (queuePhases+stalePhases+dialPhases+mailPhases+bodyPhases)*t.cfg.Timeout + t.cfg.DotTimeout
}

// Transport hands mails to a relay over connections that it keeps. It is safe
// for concurrent use; its owner must Close it.
type Transport struct {
	cfg   Config
	slots chan struct{} // one for each connection in use
	heard hearsay

	mu     sync.Mutex
	idle   []*session // the latest used last
	closed bool
	opened int
	work   sync.WaitGroup // sends and farewells; grows under mu until closed
}

// NewTransport opens nothing yet: the first Send does.
func NewTransport(cfg Config) *Transport {
	cfg.TLS = cmp.Or(cfg.TLS, TLSStart)
	cfg.Timeout = cmp.Or(cfg.Timeout, 30*time.Second)
	cfg.DotTimeout = cmp.Or(cfg.DotTimeout, DefaultDotTimeout)
	cfg.MaxPerConn = cmp.Or(cfg.MaxPerConn, 50)
	cfg.MaxIdle = cmp.Or(cfg.MaxIdle, 20*time.Second)
	cfg.Connections = cmp.Or(cfg.Connections, 2)
	if cfg.Dial == nil {
		cfg.Dial = new(net.Dialer).DialContext
	}
	if cfg.HELO == "" {
		name, err := os.Hostname()
		if err != nil || name == "" {
			name = "localhost" // relays that check the name refuse it, and say so
		}
		cfg.HELO = name
	}
	return &Transport{cfg: cfg, slots: make(chan struct{}, cfg.Connections)}
}

// Config is what it was made of, with the defaults.
func (t *Transport) Config() Config { return t.cfg }

// Send hands msg, which must have exactly one recipient, to the relay. Nil means
// that the relay answered the final dot with 2xx; receipt is what it said, or "250".
//
// The error is outbox.Permanent when the relay refuses this mail or recipient,
// outbox.Config, with a Reason, when it takes no mail of ours, outbox.Unclear while
// it is open which of the two is meant, outbox.RetryAfter when it names a
// time, outbox.Later when no connection is free, outbox.Uncertain when the mail was handed over and the answer lost; after
// any other error the mail was not accepted and another attempt makes sense.
func (t *Transport) Send(ctx context.Context, msg *mail.Msg) (receipt string, err error) {
	l, err := render(msg, t.cfg.DKIM)
	if err != nil {
		return "", err
	}
	if err := t.enter(ctx); err != nil {
		return "", err
	}
	if t.cfg.Span != nil {
		var end func(error)
		ctx, end = t.cfg.Span(ctx)
		defer func() { end(err) }()
	}
	kept := t.take()
	receipt, tr := t.try(ctx, kept, l)
	if kept != nil && tr.stale() {
		receipt, tr = t.try(ctx, nil, l)
	}
	if tr == nil {
		t.heard.served()
	}
	return receipt, t.judge(l.to, tr)
}

// judge is the error that a trouble with a recipient means, in the light of what
// others were told.
func (t *Transport) judge(to string, tr *trouble) error {
	err := t.verdict(tr)
	if _, unclear := outbox.Doubt(err); !unclear {
		return err
	}
	refused := errors.Unwrap(err)
	reply, _ := tr.reply() // only a reply is unclear
	switch whose, wait := t.heard.hear(to, reply.Msg, time.Now()); whose {
	case ours:
		return outbox.ConfigBecause(string(Policy), fmt.Errorf("several recipients in a row were told the same: %w", refused))
	case theirs, itself:
		return outbox.PermanentBecause(outbox.NoRecipient, refused)
	default:
		return outbox.Unclear(refused, wait)
	}
}

// try hands over one mail by a kept session or, if there is none, a fresh one.
// Its slot is given back when stale does not call for another try.
func (t *Transport) try(ctx context.Context, s *session, l letter) (string, *trouble) {
	kept := s != nil
	if !kept {
		var tr *trouble
		if s, tr = dial(ctx, t.cfg); tr != nil {
			t.leave()
			return "", tr
		}
		t.mu.Lock()
		t.opened++
		t.mu.Unlock()
	}
	receipt, tr := s.deliver(ctx, t.cfg, l)
	if kept && tr.stale() {
		s.drop()
		return "", tr
	}
	t.give(s, tr)
	return receipt, tr
}

// Close refuses new mails, waits for those under way (each phase of which is
// bounded), and takes leave of the relay. It always returns nil; a relay's bad
// manners at QUIT are nobody's business.
func (t *Transport) Close() error {
	t.mu.Lock()
	t.closed = true
	idle := t.idle
	t.idle = nil
	t.mu.Unlock()
	for _, s := range idle {
		s.timer.Stop()
		s.quit()
	}
	t.work.Wait()
	return nil
}

// Usage is how a Transport uses the relay: connections opened since the start,
// those kept idle now, and mails (or farewells) under way.
type Usage struct{ Opened, Idle, Busy int }

// Usage counts connections.
func (t *Transport) Usage() Usage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Usage{Opened: t.opened, Idle: len(t.idle), Busy: len(t.slots)}
}

// enter takes a slot, or gives up with ctx. While all connections wait for a slow
// relay, the mail is put off: it was not tried.
func (t *Transport) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return fmt.Errorf("send mail: %w", context.Cause(ctx))
	}
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return errClosed
	}
	t.work.Add(1)
	t.mu.Unlock()
	timer := time.NewTimer(queuePhases * t.cfg.Timeout)
	defer timer.Stop()
	select {
	case t.slots <- struct{}{}:
		return nil
	case <-timer.C:
		t.work.Done()
		return outbox.Later(errBusy, queuePhases*t.cfg.Timeout)
	case <-ctx.Done():
		t.work.Done()
		return fmt.Errorf("wait for a connection to the relay: %w", context.Cause(ctx))
	}
}

func (t *Transport) leave() {
	<-t.slots
	t.work.Done()
}

// take is the session that was used last, so that those not needed grow old; nil if none is kept.
func (t *Transport) take() *session {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(t.idle)
	if n == 0 {
		return nil
	}
	s := t.idle[n-1]
	t.idle = t.idle[:n-1]
	s.timer.Stop() // if it fires all the same, it will not find the session
	return s
}

// give keeps a session for the next mail, or ends it, and gives the slot back.
func (t *Transport) give(s *session, tr *trouble) {
	switch {
	case s.lost || !tr.sound():
		s.drop()
	case s.mails >= t.cfg.MaxPerConn || !t.keep(s):
		go func() { // nobody waits for a farewell, but it holds the slot
			defer t.leave()
			s.quit()
		}()
		return
	}
	t.leave()
}

func (t *Transport) keep(s *session) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return false
	}
	s.timer = time.AfterFunc(t.cfg.MaxIdle, func() { t.expire(s) })
	t.idle = append(t.idle, s)
	return true
}

// expire ends a session that nobody has taken for MaxIdle.
func (t *Transport) expire(s *session) {
	t.mu.Lock()
	i := slices.Index(t.idle, s)
	if i < 0 {
		t.mu.Unlock()
		return
	}
	t.idle = slices.Delete(t.idle, i, i+1)
	t.work.Add(1)
	t.mu.Unlock()
	defer t.work.Done()
	s.quit()
}

// verdict is the error that a trouble means, without the password.
func (t *Transport) verdict(tr *trouble) error {
	if tr == nil {
		return nil
	}
	return tr.verdict(secrets(t.cfg.User, t.cfg.Password))
}
