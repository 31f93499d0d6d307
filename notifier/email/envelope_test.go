package email_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// turns counts how often a connection waits for the other side after having spoken.
type turns struct {
	net.Conn
	spoke bool
	n     *int
}

func (c *turns) Write(b []byte) (int, error) {
	c.spoke = true
	return c.Conn.Write(b)
}

func (c *turns) Read(b []byte) (int, error) {
	if c.spoke {
		c.spoke = false
		*c.n++
	}
	return c.Conn.Read(b)
}

func TestAMailTakesTwoRoundTripsWhereTheRelayLetsIt(t *testing.T) {
	for oneByOne, want := range map[bool]int{false: 2, true: 4} {
		n := 0
		s, tr := relay(t, emailtest.Options{OneByOne: oneByOne}, func(cfg *email.Config) {
			cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, addr)
				return &turns{Conn: conn, n: &n}, err
			}
		})
		send(t, tr) // with the greeting
		n = 0
		for range 5 {
			send(t, tr)
		}
		if n != 5*want || s.Connections() != 1 {
			t.Errorf("one by one %v: %d round trips for 5 mails, want %d; %d connections", oneByOne, n, 5*want, s.Connections())
		}
	}
}

// Some relays ask for the text though they refused its only recipient.
func TestATextThatIsAskedForAfterARefusalIsEmpty(t *testing.T) {
	addr, heard := lenient(t)
	tr := email.NewTransport(email.Config{Addr: addr, TLS: email.TLSNone, HELO: "sidem.test"})
	t.Cleanup(func() { _ = tr.Close() })
	if _, err := tr.Send(t.Context(), message(t, "nadie@ejemplo.gob.mx")); kind(err) != "permanent" || !strings.Contains(err.Error(), "RCPT") {
		t.Errorf("refused: %v", err)
	}
	send(t, tr)
	if err := tr.Close(); err != nil {
		t.Fatal(err)
	}
	said := heard()
	verbs := make([]string, 0, len(said))
	for _, line := range said {
		verb, _, _ := strings.Cut(line, " ")
		verbs = append(verbs, verb)
	}
	want := "EHLO MAIL RCPT DATA . RSET MAIL RCPT DATA text . QUIT"
	if got := strings.Join(verbs, " "); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}

// lenient is a relay of one connection that knows lucia alone and answers DATA with 354
// whatever came before. When the connection has ended, heard gives the commands, and "text"
// for lines of a message.
func lenient(t *testing.T) (addr string, heard func() []string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		answer := func(format string, args ...any) { _, _ = fmt.Fprintf(conn, format+"\r\n", args...) }
		answer("220 relay.test")
		lines := bufio.NewScanner(conn)
		for text := false; lines.Scan(); {
			line := lines.Text()
			switch {
			case line == "." && said[len(said)-1] == "text":
				answer("250 2.0.0 queued")
			case line == ".":
				answer("554 5.5.1 no valid recipients")
			case text:
				if line != "" && said[len(said)-1] != "text" {
					said = append(said, "text")
				}
				continue
			case strings.HasPrefix(line, "EHLO"):
				answer("250-relay.test\r\n250-8BITMIME\r\n250 PIPELINING")
			case strings.HasPrefix(line, "RCPT") && !strings.Contains(line, lucia):
				answer("550 5.1.1 no such mailbox")
			case line == "DATA":
				answer("354 go ahead")
			case line == "QUIT":
				answer("221 bye")
			default:
				answer("250 2.0.0 ok")
			}
			said = append(said, line)
			text = line == "DATA"
		}
	}()
	return l.Addr().String(), func() []string {
		<-done
		return said
	}
}
