package memnet

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// window is how many bytes are under way in one direction before a writer waits.
const window = 256 << 10

// Pipe is a connection between two addresses, by its ends. Unlike net.Pipe it holds
// what was written until it is read, as a network does: a writer waits only for a
// reader that is far behind.
func Pipe(a, b netip.AddrPort) (net.Conn, net.Conn) {
	there, back := newStream(), newStream()
	return &conn{in: back, out: there, local: a, remote: b}, &conn{in: there, out: back, local: b, remote: a}
}

// conn is one end of a connection.
type conn struct {
	in, out       *stream
	local, remote netip.AddrPort
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.failed("read", err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, c.failed("write", err)
}

func (c *conn) failed(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

// Close hangs up: the other end reads what is under way, then io.EOF.
func (c *conn) Close() error {
	c.in.leave(&c.in.unread)
	c.out.leave(&c.out.unwritten)
	return nil
}

func (c *conn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error {
	return c.failed("set", c.in.until(&c.in.reading, &c.in.unread, t))
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	return c.failed("set", c.out.until(&c.out.writing, &c.out.unwritten, t))
}

// stream is one direction of a connection.
type stream struct {
	mu                sync.Mutex
	changed           *sync.Cond
	held              []byte
	unread, unwritten bool // its reader, its writer hung up
	reading, writing  limit
}

// limit is until when somebody waits.
type limit struct {
	timer *time.Timer
	past  bool
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.unread:
			return 0, net.ErrClosed
		case s.reading.past:
			return 0, os.ErrDeadlineExceeded
		case len(s.held) > 0 || len(p) == 0:
			n := copy(p, s.held)
			s.held = s.held[n:]
			s.changed.Broadcast()
			return n, nil
		case s.unwritten:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.unwritten:
			return n, net.ErrClosed
		case s.writing.past:
			return n, os.ErrDeadlineExceeded
		case s.unread:
			return n, os.NewSyscallError("write", syscall.EPIPE)
		}
		part := p[n:min(len(p), n+window-len(s.held))]
		s.held = append(s.held, part...)
		if n += len(part); len(part) > 0 {
			s.changed.Broadcast()
		}
		if n == len(p) {
			return n, nil
		}
		s.changed.Wait()
	}
}

// leave notes that one side hung up.
func (s *stream) leave(side *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*side = true
	for _, l := range []*limit{&s.reading, &s.writing} {
		if s.unread && s.unwritten && l.timer != nil {
			l.timer.Stop()
		}
	}
	s.changed.Broadcast()
}

// until sets l, of the side that left says whether it has hung up; no time is no limit.
func (s *stream) until(l *limit, left *bool, t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *left {
		return net.ErrClosed
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.timer, l.past = nil, !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !l.past {
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(t), func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if l.timer == timer { // it was not set anew meanwhile
				l.past = true
				s.changed.Broadcast()
			}
		})
		l.timer = timer
	}
	s.changed.Broadcast()
	return nil
}
