// Package memnet is a network in memory: what listens at an address of it is reached
// by dialing that address, and no other program takes part.
//
// Whoever waits in it waits in a way that a bubble of testing/synctest can see, so
// that a client, a server and their time limits can live in one: time passes there
// as soon as everybody waits.
package memnet

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// Network is a network of its own. Its zero value is ready; its methods are safe
// for concurrent use, and have the signatures of net.ListenConfig and net.Dialer.
type Network struct {
	mu        sync.Mutex
	listeners map[netip.AddrPort]*listener
	port      uint16 // the last that was given
}

const (
	firstPort = 1024
	backlog   = 128 // connections that nobody has accepted yet
)

// Listen listens at an address, an IP with a port; port 0 is one that is free.
// Errors: *net.OpError with syscall.EADDRINUSE, or of an address that is none.
func (n *Network) Listen(_ context.Context, network, address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if at.Port() == 0 {
		at = netip.AddrPortFrom(at.Addr(), n.free())
	}
	if n.listeners[at] != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: net.TCPAddrFromAddrPort(at), Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	l := &listener{network: n, at: at, waiting: make(chan net.Conn, backlog), done: make(chan struct{})}
	if n.listeners == nil {
		n.listeners = map[netip.AddrPort]*listener{}
	}
	n.listeners[at] = l
	return l, nil
}

// free is a port that was not given before; n.mu is held.
func (n *Network) free() uint16 {
	n.port = max(n.port, firstPort) + 1
	return n.port
}

// DialContext connects to whatever listens at address. Errors: *net.OpError with
// syscall.ECONNREFUSED where nothing does.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	failed := func(err error) (net.Conn, error) { return nil, &net.OpError{Op: "dial", Net: network, Err: err} }
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return failed(err)
	}
	if ctx.Err() != nil {
		return failed(context.Cause(ctx))
	}
	n.mu.Lock()
	l, from := n.listeners[at], netip.AddrPortFrom(at.Addr(), n.free())
	n.mu.Unlock()
	if l == nil {
		return failed(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	client, server := Pipe(from, at)
	if !l.take(server) {
		return failed(os.NewSyscallError("connect", syscall.ECONNREFUSED))
	}
	return client, nil
}

// listener is what listens at one address.
type listener struct {
	network *Network
	at      netip.AddrPort
	waiting chan net.Conn
	done    chan struct{}

	mu     sync.Mutex
	closed bool
}

// take has a connection wait to be accepted; false: nobody will.
func (l *listener) take(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	select {
	case l.waiting <- c:
		return true
	default:
		return false
	}
}

// Accept is the next connection. Its error is *net.OpError with net.ErrClosed.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.waiting:
		return c, nil
	case <-l.done:
		return nil, l.failed("accept")
	}
}

func (l *listener) failed(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

// Close frees the address, and hangs up on those that nobody has accepted.
func (l *listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.failed("close")
	}
	l.closed = true
	close(l.done)
	l.network.mu.Lock()
	delete(l.network.listeners, l.at)
	l.network.mu.Unlock()
	for {
		select {
		case c := <-l.waiting:
			_ = c.Close()
		default:
			return nil
		}
	}
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }
