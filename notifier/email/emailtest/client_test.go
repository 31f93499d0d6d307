package emailtest

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

// client speaks SMTP by hand, so that the relay is judged without a library.
type client struct {
	t *testing.T
	net.Conn
	text *textproto.Conn
}

// start runs a relay for one test.
func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s := New(opts)
	t.Cleanup(s.Close)
	return s
}

// dial connects without waiting for the greeting.
func dial(t *testing.T, s *Server) *client {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(10*time.Second, func() { _ = conn.Close() })
	t.Cleanup(func() {
		late.Stop()
		_ = conn.Close()
	})
	return &client{t, conn, textproto.NewConn(conn)}
}

// greeted connects and says EHLO.
func greeted(t *testing.T, s *Server) *client {
	t.Helper()
	c := dial(t, s)
	c.expect("220")
	c.cmd("EHLO me.test", "250")
	return c
}

// expect reads a reply, all lines joined, and checks what it begins with.
func (c *client) expect(want string) string {
	c.t.Helper()
	var lines []string
	for {
		line, err := c.text.ReadLine()
		if err != nil {
			c.t.Fatalf("want reply %q: %v", want, err)
		}
		lines = append(lines, line)
		if len(line) < 4 || line[3] != '-' {
			break
		}
	}
	got := strings.Join(lines, "\n")
	if !strings.HasPrefix(got, want) {
		c.t.Fatalf("reply %q, want %q…", got, want)
	}
	return got
}

func (c *client) cmd(line, want string) string {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.Conn, "%s\r\n", line); err != nil {
		c.t.Fatal(err)
	}
	return c.expect(want)
}

// gone checks that the relay has hung up.
func (c *client) gone() {
	c.t.Helper()
	if line, err := c.text.ReadLine(); err == nil {
		c.t.Fatalf("still talking: %q", line)
	} else if ne, ok := err.(net.Error); ok && ne.Timeout() { //nolint:errorlint // textproto wraps nothing
		c.t.Fatal("still open")
	}
}

func (c *client) envelope(to string) {
	c.t.Helper()
	c.cmd("MAIL FROM:<sidem@ejemplo.gob.mx> BODY=8BITMIME", "250")
	c.cmd("RCPT TO:<"+to+">", "250")
	c.cmd("DATA", "354")
}

// mail sends one message, given with \n for line ends, and checks the verdict.
func (c *client) mail(to, message, want string) string {
	c.t.Helper()
	c.envelope(to)
	return c.cmd(crlf(message)+".", want)
}

func (c *client) startTLS(s *Server) {
	c.t.Helper()
	c.cmd("STARTTLS", "220")
	c.Conn = tls.Client(c.Conn, &tls.Config{RootCAs: s.CertPool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12})
	c.text = textproto.NewConn(c.Conn)
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

const plain = `From: SIDEM <sidem@ejemplo.gob.mx>
To: lucia@ejemplo.gob.mx
Date: Mon, 23 Nov 2026 10:42:00 -0600
Message-ID: <1@ejemplo.gob.mx>
Subject: =?UTF-8?Q?Liberaci=C3=B3n?=
In-Reply-To: <0@ejemplo.gob.mx>
References: <0@ejemplo.gob.mx> <00@ejemplo.gob.mx>
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

Por liberar: 20 computadoras. Acci=C3=B3n.
..una l=C3=ADnea con punto
`
