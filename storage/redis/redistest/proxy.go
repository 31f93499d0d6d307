package redistest

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy stands between a client and a server and loses answers: the server has
// done what it was asked, and the client never learns.
type Proxy struct {
	listener net.Listener
	server   string
	wg       sync.WaitGroup
	// loss is how many of a million answers are lost; with each the connection breaks.
	loss atomic.Int64
	lost atomic.Int64

	mu    sync.Mutex
	cut   bool
	rand  *rand.Rand
	conns map[net.Conn]bool
}

// NewProxy makes a proxy before s that ends with the test. It lets all pass until told otherwise.
func NewProxy(t testing.TB, s *Server, seed uint64) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, at once
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, server: s.addr, rand: rand.New(rand.NewPCG(seed, 0)), conns: map[net.Conn]bool{}} //nolint:gosec // a test that can be repeated
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.Cut()
		p.wg.Wait()
	})
	return p
}

// Addr is where the proxy listens.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Lose sets the share of answers that are lost, from 0 to 1.
func (p *Proxy) Lose(share float64) { p.loss.Store(int64(share * 1e6)) }

// Lost is how many answers were lost so far.
func (p *Proxy) Lost() int { return int(p.lost.Load()) }

// Cut breaks every connection and refuses new ones until Mend.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for c := range p.conns {
		_ = c.Close()
	}
}

// Mend ends a Cut.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = false
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server) //nolint:noctx // loopback, at once
		if err != nil || !p.enter(client, server) {
			_ = client.Close()
			if err == nil {
				_ = server.Close()
			}
			continue
		}
		p.wg.Go(func() {
			_, _ = io.Copy(server, client)
			p.leave(client, server)
		})
		p.wg.Go(func() {
			p.answers(client, server)
			p.leave(client, server)
		})
	}
}

func (p *Proxy) enter(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	return !p.cut
}

func (p *Proxy) leave(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(p.conns, c)
	}
}

// answers passes on what the server says, and sometimes does not.
func (p *Proxy) answers(client, server net.Conn) {
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if err != nil || p.loses() {
			return
		}
		if _, err := client.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (p *Proxy) loses() bool {
	loss := p.loss.Load()
	if loss == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rand.Int64N(1e6) >= loss {
		return false
	}
	p.lost.Add(1)
	return true
}
