package memnet_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/testbed/memnet"
)

func TestAConnectionKeepsWhatNetConnPromises(t *testing.T) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		var n memnet.Network
		l, err := n.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, nil, err
		}
		client, err := n.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			return nil, nil, nil, err
		}
		server, err := l.Accept()
		return client, server, func() { _, _, _ = client.Close(), server.Close(), l.Close() }, err
	})
}

func TestNobodyIsReachedWhereNothingListens(t *testing.T) {
	var n memnet.Network
	if _, err := n.DialContext(t.Context(), "tcp", "127.0.0.1:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("before: %v", err)
	}
	l, err := n.Listen(t.Context(), "tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Listen(t.Context(), "tcp", "127.0.0.1:80"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("twice: %v", err)
	}
	waits, err := n.DialContext(t.Context(), "tcp", "127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(waits); err != nil {
		t.Errorf("who was not accepted is not hung up on: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept: %v", err)
	}
	if _, err := n.DialContext(t.Context(), "tcp", "127.0.0.1:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after: %v", err)
	}
}

func TestWhatWasWrittenIsReadBeforeTheEnd(t *testing.T) {
	a, b := memnet.Pipe(netip.AddrPort{}, netip.AddrPort{})
	if _, err := io.WriteString(a, "adiós"); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(b); err != nil || string(got) != "adiós" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := io.WriteString(b, "?"); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("to nobody: %v", err)
	}
}

func TestInABubbleADayOfSilenceTakesNoTime(t *testing.T) {
	took := testbed.Start()
	synctest.Test(t, func(t *testing.T) {
		a, b := memnet.Pipe(netip.AddrPort{}, netip.AddrPort{})
		began := testbed.Now()
		if err := a.SetReadDeadline(began.Add(24 * time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if got := testbed.Now().Sub(began); got != 24*time.Hour {
			t.Errorf("it gave up after %v", got)
		}
		_, _ = a.Close(), b.Close()
	})
	if took.Elapsed() > time.Minute {
		t.Errorf("it took %v", took.Elapsed())
	}
}

func TestAServerAndAClientOfHTTPLiveInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n memnet.Network
		l, err := n.Listen(t.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, "por fin\n")
		})}
		go func() { _ = server.Serve(l) }()
		client := &http.Client{Transport: &http.Transport{DialContext: n.DialContext}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(res.Body).ReadString('\n')
		if err != nil || strings.TrimSpace(line) != "por fin" {
			t.Errorf("%q, %v", line, err)
		}
		_ = res.Body.Close()
		client.CloseIdleConnections()
		if err := server.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
}
