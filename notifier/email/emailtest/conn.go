package emailtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// What is expected of the client next.
type mode int

const (
	command mode = iota
	credentials
	content
)

// conn stands between the wire and go-smtp. It passes on one line at a time,
// so that it knows what each reply answers; adds TLS; collects the message
// itself, byte for byte, and gives go-smtp an empty one; and applies faults.
// Everything but busy, raw and what mu guards belongs to go-smtp's goroutine.
type conn struct {
	net.Conn // the wire, in clear; of its methods only addresses, deadlines and Close are used
	s        *Server
	busy     atomic.Bool

	mu   sync.Mutex // serializes writers and guards wire
	wire net.Conn   // the same, or TLS over it

	in      *bufio.Reader // from the client
	out     []byte        // for go-smtp to read
	mode    mode
	saluted bool   // the greeting was said
	hello   bool   // EHLO was answered, in the present security
	secure  bool   // TLS is on
	verb    string // the command that awaits a reply; "." for a message
	path    string // its address
	after   *Fault // replaces the reply to it

	authenticated, open bool
	promised            promise
	from                string
	to                  []string
	messages            int
	letter              *Mail
	refusal             *smtp.SMTPError
}

func newConn(s *Server, raw net.Conn) *conn {
	c := &conn{Conn: raw, s: s, wire: raw}
	if s.opts.TLS == TLSImplicit {
		c.wire, c.secure = tls.Server(raw, s.tls), true
	}
	c.in = bufio.NewReader(c.wire)
	c.busy.Store(true)
	return c
}

// Close may be called at any time, by anyone, more than once.
func (c *conn) Close() error {
	c.s.leave(c)
	return c.Conn.Close()
}

// hangUp says reply, if any, and closes.
func (c *conn) hangUp(reply string) {
	if reply != "" {
		_ = c.send([]byte(reply)) // a client that is gone needs no farewell
	}
	_ = c.Close()
}

// Read gives go-smtp the next line that it is to see.
func (c *conn) Read(b []byte) (int, error) {
	for len(c.out) == 0 {
		if err := c.next(); err != nil {
			return 0, err
		}
	}
	n := copy(b, c.out)
	c.out = c.out[n:]
	return n, nil
}

func (c *conn) next() error {
	if c.mode == content {
		c.mode = command
		return c.message()
	}
	line, err := c.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		c.hangUp("500 5.5.2 Line too long")
		return io.EOF
	}
	if err != nil {
		return err
	}
	c.busy.Store(true)
	text := strings.TrimRight(string(line), "\r\n")
	if c.mode == credentials {
		c.mode = command
		c.s.record("***")
		c.out = []byte(text + "\r\n")
		return nil
	}
	c.verb, c.path = "", ""
	if !bytes.HasSuffix(line, []byte("\r\n")) {
		return c.say("500 5.5.2 Error: bare LF received")
	}
	return c.obey(text)
}

// obey passes a command on, unless a fault or a rule stands against it.
func (c *conn) obey(text string) error {
	verb, args, _ := strings.Cut(text, " ")
	c.verb = strings.ToUpper(verb)
	switch c.verb {
	case "MAIL", "RCPT":
		c.path = path(args)
	case "AUTH":
		mechanism, _, initial := strings.Cut(args, " ")
		if text = "AUTH " + mechanism; initial {
			text += " ***"
		}
	}
	c.s.record(text)
	if name, ok := verbs[c.verb]; ok {
		if spent, err := c.strike(c.s.ask(c.phase(name))); spent || err != nil {
			return err
		}
	}
	if refused := c.forbidden(); refused != "" {
		return c.say(refused)
	}
	if c.verb == "STARTTLS" && c.s.opts.TLS == TLSStart {
		return c.upgrade()
	}
	c.out = []byte(verb)
	if args != "" {
		c.out = append(c.out, " "+args...)
	}
	c.out = append(c.out, "\r\n"...)
	return nil
}

// path is the address in angle brackets.
func path(args string) string {
	_, rest, _ := strings.Cut(args, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

func (c *conn) phase(name PhaseName) *Phase {
	p := &Phase{Name: name, From: c.from}
	if n := len(c.to); n > 0 {
		p.To = c.to[n-1]
	}
	switch name {
	case MailFrom:
		p.From = c.path
	case RcptTo:
		p.To = c.path
	default:
	}
	return p
}

// forbidden is the reply to a command that go-smtp would let pass; empty if it may.
func (c *conn) forbidden() string {
	inClear := c.s.opts.TLS == TLSStart && !c.secure
	switch c.verb {
	case "MAIL", "RCPT", "RSET":
		if c.s.opts.OneByOne && c.in.Buffered() > 0 {
			return "503 5.5.1 Error: improper pipelining"
		}
	case "EHLO", "HELO", "STARTTLS", "DATA":
		if c.in.Buffered() > 0 { // RFC 2920 §3.1; after STARTTLS it would be an injection
			return "503 5.5.1 Error: improper pipelining"
		}
	case "BDAT":
		return "502 5.5.1 Error: not implemented"
	}
	switch c.verb {
	case "STARTTLS":
		if !c.hello {
			return "503 5.5.1 Error: EHLO first"
		}
		if c.secure {
			return "503 5.5.1 Error: TLS is on already"
		}
	case "AUTH", "MAIL", "RCPT", "DATA":
		if !c.hello {
			return "503 5.5.1 Error: EHLO first"
		}
		if inClear {
			return "530 5.7.0 Must issue a STARTTLS command first"
		}
	}
	return ""
}

func (c *conn) upgrade() error {
	if err := c.say("220 2.0.0 Ready to start TLS"); err != nil {
		return err
	}
	secure := tls.Server(c.Conn, c.s.tls)
	c.mu.Lock()
	c.wire = secure
	c.mu.Unlock()
	c.in = bufio.NewReader(secure)
	c.secure, c.hello, c.verb = true, false, ""
	c.forget()
	return nil
}

// strike applies a fault that comes in place of a command; spent says that the
// command has been answered.
func (c *conn) strike(f *Fault) (spent bool, err error) {
	if f == nil {
		return false, nil
	}
	if f.After && c.verb != "STARTTLS" && c.verb != "DATA" {
		c.after = f
		return false, nil
	}
	if err := c.wait(f.Delay); err != nil {
		return true, err
	}
	return f.Drop || f.Reply != "", c.fail(f)
}

// fail says and does what a fault asks for.
func (c *conn) fail(f *Fault) error {
	if f.Reply != "" {
		if err := c.say(f.Reply); err != nil {
			return err
		}
	}
	if f.Drop || strings.HasPrefix(f.Reply, "421") {
		_ = c.Close()
		return io.EOF
	}
	return nil
}

// wait passes d, or less when the client or the relay goes away: then an error.
func (c *conn) wait(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	var lost error
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		_, lost = c.in.Peek(1)
	}()
	select {
	case <-heard:
		if lost != nil {
			return lost
		}
		select { // the client talks on: it is still there
		case <-timer.C:
			return nil
		case <-c.s.done:
			return net.ErrClosed
		}
	case <-c.s.done:
		_ = c.Close()
		<-heard
		return net.ErrClosed
	case <-timer.C:
		_ = c.SetReadDeadline(time.Unix(1, 0)) // ends Peek; if that fails the connection is gone, which ends it too
		<-heard
		_ = c.SetReadDeadline(time.Time{})
		return nil
	}
}

// Write takes go-smtp's replies, one line at a time, to the client.
func (c *conn) Write(p []byte) (int, error) {
	if !c.saluted {
		c.saluted = true
		return len(p), c.greet(p)
	}
	last := len(p) > 3 && p[3] == ' '
	if last {
		c.heed(string(p[:3]))
	}
	if f := c.after; f != nil {
		if !last {
			return len(p), nil
		}
		c.after = nil
		return len(p), c.instead(f, p)
	}
	for _, line := range c.edit(p) {
		if err := c.reply(line); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (c *conn) greet(greeting []byte) error {
	f := c.s.ask(&Phase{Name: Connect})
	if f == nil {
		return c.reply(greeting)
	}
	if err := c.wait(f.Delay); err != nil {
		return err
	}
	if f.Reply == "" && !f.Drop {
		return c.reply(greeting)
	}
	if !strings.HasPrefix(f.Reply, "220") {
		f = &Fault{Reply: f.Reply, Drop: true}
	}
	return c.fail(f)
}

// instead replaces the reply p by a fault, the command being done.
func (c *conn) instead(f *Fault, p []byte) error {
	if err := c.wait(f.Delay); err != nil {
		return err
	}
	if f.Reply == "" && !f.Drop {
		return c.reply(p)
	}
	return c.fail(f)
}

// heed follows the state that go-smtp's reply makes.
func (c *conn) heed(code string) {
	switch c.verb + " " + code {
	case "EHLO 250", "HELO 250":
		c.hello = true
		c.forget()
	case "AUTH 334":
		c.mode = credentials
	case "MAIL 250":
		c.open, c.from = true, c.path
	case "RCPT 250":
		c.to = append(c.to, c.path)
	case "DATA 354":
		c.mode = content
	case "RSET 250":
		c.forget()
	}
	if c.verb == "." {
		c.forget()
	}
}

// forget ends the transaction.
func (c *conn) forget() {
	c.open, c.from, c.to, c.letter, c.refusal = false, "", nil, nil, nil
}

// edit makes the capabilities true: go-smtp knows nothing of our TLS, and we take no BDAT.
func (c *conn) edit(p []byte) [][]byte {
	inClear := c.s.opts.TLS == TLSStart && !c.secure
	switch line := string(p); {
	case c.verb != "EHLO":
	case line == "250-CHUNKING\r\n", c.s.opts.OneByOne && line == "250-PIPELINING\r\n", inClear && strings.HasPrefix(line, "250-AUTH "):
		return nil
	case inClear && strings.HasPrefix(line, "250-Hello "):
		return [][]byte{p, []byte("250-STARTTLS\r\n")}
	}
	return [][]byte{p}
}

// say answers a command in go-smtp's place.
func (c *conn) say(line string) error { return c.reply([]byte(line)) }

// reply sends a line. Before the client can know, the relay is idle if that was all.
func (c *conn) reply(line []byte) error {
	if !c.open && c.mode == command {
		c.busy.Store(false)
	}
	return c.send(line)
}

func (c *conn) send(line []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !bytes.HasSuffix(line, []byte("\r\n")) {
		line = append(bytes.Clone(line), "\r\n"...)
	}
	_, err := c.wire.Write(line)
	return err
}
