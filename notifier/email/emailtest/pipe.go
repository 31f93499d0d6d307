package emailtest

import (
	"context"
	"net"
	"sync"
)

// pipes is a listener without a network: its connections are in memory, so that
// relay and client can live in a testing/synctest bubble, where hours of silence
// take no time.
type pipes struct {
	waiting chan net.Conn
	done    chan struct{}
	closing sync.Once
}

func newPipes() *pipes { return &pipes{waiting: make(chan net.Conn), done: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.waiting:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.closing.Do(func() { close(p.done) })
	return nil
}

// Addr is of the form host:port, and nobody's.
func (p *pipes) Addr() net.Addr { return address("relay.test:25") }

type address string

func (address) Network() string  { return "pipe" }
func (a address) String() string { return string(a) }

// Dial connects to the relay, whatever the network and the address say: it is
// email.Config's Dial for a relay with Options.InMemory.
func (s *Server) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	p, ok := s.listener.(*pipes)
	if !ok {
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	client, server := net.Pipe()
	select {
	case p.waiting <- server:
		return client, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
