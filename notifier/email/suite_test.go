package email_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/notifier/channeltest"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

func TestMailKeepsThePromisesOfAChannel(t *testing.T) {
	channeltest.Run(t, channeltest.Channel{
		Secrets:   []string{password, base64.StdEncoding.EncodeToString([]byte(password))},
		TellsTime: true,
		Open: func(t *testing.T, f channeltest.Fault) (func(context.Context) error, func() string) {
			tr := faulty(t, f)
			t.Cleanup(func() { _ = tr.Close() })
			return func(ctx context.Context) error {
				_, err := tr.Send(ctx, message(t, lucia))
				return err
			}, func() string { return "" } // the transport logs nothing
		},
	})
}

// faulty is a transport to a relay that behaves as told.
func faulty(t *testing.T, f channeltest.Fault) *email.Transport {
	t.Helper()
	cfg := email.Config{TLS: email.TLSNone, User: "sidem", Password: password, HELO: "sidem.test", Timeout: 10 * time.Second}
	replies := map[channeltest.Fault]struct {
		at    emailtest.PhaseName
		fault emailtest.Fault
	}{
		channeltest.Silence:   {emailtest.RcptTo, emailtest.Fault{Delay: time.Hour}},
		channeltest.Cut:       {emailtest.Dot, emailtest.Fault{Drop: true}},
		channeltest.Garbage:   {emailtest.RcptTo, emailtest.Fault{Reply: "<html>garabatos</html>"}},
		channeltest.Echo:      {emailtest.RcptTo, emailtest.Fault{Reply: "550 5.7.1 no, " + password}},
		channeltest.Wait:      {emailtest.RcptTo, emailtest.Fault{Reply: "451 4.7.1 Greylisted, try again in 60 seconds"}},
		channeltest.WaitSome:  {emailtest.RcptTo, emailtest.Fault{Reply: "450 4.7.1 try again later"}},
		channeltest.Trouble:   {emailtest.Dot, emailtest.Fault{Reply: "451 4.3.0 disk full"}},
		channeltest.NoAddress: {emailtest.RcptTo, emailtest.Fault{Reply: "550 5.1.1 no such mailbox"}},
		channeltest.NoLogin:   {emailtest.Auth, emailtest.Fault{Reply: "535 5.7.8 no"}},
	}
	switch f { //nolint:exhaustive // the others are of the relay below
	case channeltest.Drip, channeltest.Flood:
		cfg.Addr = raw(t, f)
		return email.NewTransport(cfg)
	case channeltest.Elsewhere:
		cfg.Addr = "127.0.0.1:1" // a low port, which nobody is given
		return email.NewTransport(cfg)
	}
	s := emailtest.New(emailtest.Options{User: "sidem", Password: password})
	t.Cleanup(s.Close)
	cfg.Addr = s.Addr()
	if r, ok := replies[f]; ok {
		s.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
			if p.Name == r.at {
				return &r.fault
			}
			return nil
		})
	} else if f != channeltest.None {
		t.Fatalf("no relay behaves like this: %s", f)
	}
	return email.NewTransport(cfg)
}

// raw is a relay that answers by bytes: slowly, or without an end.
func raw(t *testing.T, f channeltest.Fault) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				_, _ = io.WriteString(conn, "220 relay.test\r\n")
				if _, err := bufio.NewReader(conn).ReadString('\n'); err != nil {
					return
				}
				for { // the answer to EHLO
					piece := "2"
					if f == channeltest.Flood {
						piece = strings.Repeat("250-WORD\r\n", 1000)
					}
					if _, err := io.WriteString(conn, piece); err != nil {
						return
					}
					if f == channeltest.Drip {
						time.Sleep(10 * time.Millisecond)
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}
