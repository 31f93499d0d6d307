package emailtest

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"

	"sidem.gob.mx/sidem/core/testbed"
)

// What Options.TLS may say.
const (
	TLSNone     = "none"
	TLSStart    = "starttls"
	TLSImplicit = "tls"
)

// DefaultMaxSize is the largest message in bytes, as Postfix has it.
const DefaultMaxSize = 10_240_000

// Options are the relay's habits. The zero value accepts anything well formed, in clear.
type Options struct {
	// TLS is "none" (the default), "starttls" (mandatory before AUTH and MAIL)
	// or "tls" (from the first byte), with a certificate made at the start.
	TLS string
	// User and Password must be given by AUTH PLAIN or LOGIN, when User is set.
	User, Password string
	// Now stamps what arrives; the clock of tests by default.
	Now func() time.Time
	// MaxMessages per connection; beyond them MAIL is answered 452, as OpenSMTPD does. 0 is no limit.
	MaxMessages int
	// MaxSize of a message in bytes, DefaultMaxSize by default.
	MaxSize int
	// UTF8 offers SMTPUTF8.
	UTF8 bool
	// Known are the addresses that exist here; others are answered 550. Empty: all exist.
	Known []string
	// Host is the address to listen at, on a free port; 127.0.0.1 if empty.
	Host string
	// OneByOne offers no PIPELINING: a command waits for the answer to the one before it.
	OneByOne bool
	// Listen opens the listener; nil is the machine's, of net.ListenConfig.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

// Server is a running relay. Its methods are safe for concurrent use.
type Server struct {
	opts     Options
	listener net.Listener
	smtp     *smtp.Server
	tls      *tls.Config
	pool     *x509.CertPool
	done     chan struct{} // closed by Close
	served   chan struct{} // closed when accepting has ended
	closing  sync.Once

	scriptMu sync.Mutex // makes calls of script one at a time
	script   func(*Phase) *Fault

	mu       sync.Mutex
	conns    map[*conn]struct{}
	accepted int
	commands []string
	mails    []Mail
	changed  chan struct{}
	shut     bool
}

// New starts a relay, listening at its host. It panics when that fails, as
// httptest does. The caller owns it and must Close it.
func New(opts Options) *Server {
	if opts.TLS == "" {
		opts.TLS = TLSNone
	}
	if !slices.Contains([]string{TLSNone, TLSStart, TLSImplicit}, opts.TLS) {
		panic(fmt.Sprintf("emailtest: unknown TLS mode %q", opts.TLS))
	}
	if opts.Now == nil {
		opts.Now = testbed.Clock()
	}
	if opts.MaxSize == 0 {
		opts.MaxSize = DefaultMaxSize
	}
	if opts.Listen == nil {
		opts.Listen = new(net.ListenConfig).Listen
	}
	l, err := opts.Listen(context.Background(), "tcp", net.JoinHostPort(cmp.Or(opts.Host, "127.0.0.1"), "0"))
	if err != nil {
		panic(fmt.Sprintf("emailtest: listen: %v", err))
	}
	s := &Server{
		opts: opts, listener: l,
		done: make(chan struct{}), served: make(chan struct{}), changed: make(chan struct{}),
		conns: make(map[*conn]struct{}),
	}
	if opts.TLS != TLSNone {
		s.tls, s.pool = certificate()
	}
	s.smtp = smtp.NewServer(backend{s})
	s.smtp.Domain = "relay.test"
	s.smtp.AllowInsecureAuth = true // the conn between decides, since it has the TLS
	s.smtp.EnableSMTPUTF8 = opts.UTF8
	s.smtp.MaxMessageBytes = int64(opts.MaxSize)
	s.smtp.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(s.served)
		_ = s.smtp.Serve(acceptor{l, s}) // ends when Close closes the listener
	}()
	return s
}

// Addr is the relay's host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// CertPool holds the relay's certificate; nil without TLS.
func (s *Server) CertPool() *x509.CertPool { return s.pool }

// Close hangs up on everybody and returns when nothing of the relay runs any
// more. Mailboxes and logs can still be read. Later calls do nothing.
func (s *Server) Close() {
	s.closing.Do(func() {
		close(s.done)
		_ = s.listener.Close() // ends Serve, which returns the error
		<-s.served
		s.mu.Lock()
		s.shut = true
		s.mu.Unlock()
		for _, c := range s.open() {
			_ = c.Close() // a connection that is gone already is as good
		}
		_ = s.smtp.Shutdown(context.Background()) // waits; complains of the listener, closed above
	})
}

// HangUp closes every open connection, after a last line such as
// "421 4.4.2 Idle timeout" unless reply is empty: what relays do to the idle.
func (s *Server) HangUp(reply string) {
	for _, c := range s.open() {
		c.hangUp(reply)
	}
}

// Connections is how many were accepted since the start.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// Open is how many connections are open now.
func (s *Server) Open() int { return len(s.open()) }

// Idle reports whether no command waits for its reply and no mail is half way.
func (s *Server) Idle() bool {
	return !slices.ContainsFunc(s.open(), func(c *conn) bool { return c.busy.Load() })
}

// Commands are the lines that clients sent, in order of arrival over all
// connections; "." stands for a message's end and passwords are "***".
func (s *Server) Commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// Intercept has f asked at every phase of every connection, one call at a time;
// nil restores good behaviour. f must not call Intercept nor Close.
func (s *Server) Intercept(f func(*Phase) *Fault) {
	s.scriptMu.Lock()
	defer s.scriptMu.Unlock()
	s.script = f
}

// Changed is closed at the next delivery. Fetch it before looking at the
// mailboxes, and anew after each time.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Inbox is what an address received, oldest first. Case does not matter.
func (s *Server) Inbox(address string) []Mail {
	return slices.DeleteFunc(s.All(), func(m Mail) bool {
		return !slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, address) })
	})
}

// All is every mail accepted, oldest first. The contents are shared: do not change them.
func (s *Server) All() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// deliver keeps a mail and returns its number.
func (s *Server) deliver(m Mail) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Seq, m.At = int64(len(s.mails))+1, s.opts.Now()
	s.mails = append(s.mails, m)
	close(s.changed)
	s.changed = make(chan struct{})
	return m.Seq
}

func (s *Server) record(command string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commands = append(s.commands, command)
}

func (s *Server) ask(p *Phase) *Fault {
	s.scriptMu.Lock()
	defer s.scriptMu.Unlock()
	if s.script == nil {
		return nil
	}
	return s.script(p)
}

func (s *Server) open() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// enter counts a connection in; it reports false when the relay is closing.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return false
	}
	s.accepted++
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// acceptor hands connections to go-smtp with a conn around each.
type acceptor struct {
	net.Listener
	s *Server
}

func (a acceptor) Accept() (net.Conn, error) {
	raw, err := a.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := newConn(a.s, raw)
	if !a.s.enter(c) {
		_ = c.Close()
	}
	return c, nil
}
