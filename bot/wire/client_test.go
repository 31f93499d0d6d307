package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
)

const secret = "canary-SECRET"

// client makes calls to a server that answers with h.
func client(t *testing.T, h http.HandlerFunc) (*wire.Client, string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return &wire.Client{
		Platform: "chat", HTTP: wire.Outgoing(nil, nil), Secrets: []string{"", secret}, MaxAnswer: 8,
		Judge: func(method string, resp *http.Response, body []byte) error {
			if resp.StatusCode != http.StatusOK {
				return errors.New(method + " said " + string(body))
			}
			return nil
		},
	}, srv.URL
}

func request(t *testing.T, ctx context.Context, url string, body io.Reader) *http.Request { //nolint:revive // t comes first in tests
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestAnAnswerIsReadUpToItsBoundAndJudged(t *testing.T) {
	c, url := client(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "no") {
			w.WriteHeader(http.StatusTeapot)
		}
		_, _ = io.WriteString(w, "0123456789")
	})
	resp, err := c.Do(request(t, t.Context(), url+"/bot"+secret+"/send", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if closing := resp.Body.Close(); err != nil || closing != nil || string(body) != "01234567" {
		t.Errorf("%q, %v, %v", body, err, closing)
	}
	_, err = c.Do(request(t, t.Context(), url+"/say/no", nil)) //nolint:bodyclose // there is none
	if err == nil || err.Error() != "no said 01234567" {
		t.Errorf("judged: %v", err)
	}
}

func TestNoErrorOfACallHoldsItsAddressOrASecret(t *testing.T) {
	c, url := client(t, nil)
	address := strings.Replace(url, "127.0.0.1", "localhost.invalid", 1) + "/bot" + secret + "/send"
	_, err := c.Do(request(t, t.Context(), address, nil)) //nolint:bodyclose // there is none
	link, ok := errors.AsType[*wire.LinkError](err)
	if !ok || link.Connected || link.Written || link.Method != "send" {
		t.Fatalf("%#v", err)
	}
	if strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), secret) || !strings.HasPrefix(err.Error(), "chat send: ") {
		t.Error(err)
	}
	if !outbox.IsConfig(link.Meaning(err, true)) {
		t.Error("no connection is not taken for a fault of the channel")
	}
	if got := c.Mask(errors.New("dial " + secret)).Error(); got != "dial ***" {
		t.Error(got)
	}
}

func TestACallEndsAfterItsTimeAndSaysWhetherItLeft(t *testing.T) {
	release := make(chan struct{})
	c, url := client(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	})
	defer close(release)
	ctx := wire.Within(t.Context(), 20*time.Millisecond)
	_, err := c.Do(request(t, ctx, url+"/send", strings.NewReader("x"))) //nolint:bodyclose // there is none
	link, ok := errors.AsType[*wire.LinkError](err)
	if !ok || !link.Connected || !link.Written || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("%#v", err)
	}
	if !outbox.IsUncertain(link.Meaning(err, true)) || outbox.IsUncertain(link.Meaning(err, false)) {
		t.Error("only what would be seen twice is uncertain")
	}
}

func TestAPipedBodyIsSentWithItsLengthAndBounded(t *testing.T) {
	var length int64
	c, url := client(t, func(_ http.ResponseWriter, r *http.Request) { length = r.ContentLength })
	piped := func(n int) io.Reader { return struct{ io.Reader }{bytes.NewReader(make([]byte, n))} }
	resp, err := c.Do(request(t, t.Context(), url, piped(1000)))
	if err != nil || length != 1000 {
		t.Fatalf("%d bytes announced: %v", length, err)
	}
	_ = resp.Body.Close()
	if _, err := c.Do(request(t, t.Context(), url, piped(1<<20+1))); err == nil { //nolint:bodyclose // there is none
		t.Error("more than a request may have was sent")
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	c, url := client(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) })
	if _, err := c.Do(request(t, t.Context(), url+"/send", nil)); err == nil || !strings.HasPrefix(err.Error(), "send said ") { //nolint:bodyclose // there is none
		t.Error(err)
	}
}

func TestAFileIsNoLongerThanAnnounced(t *testing.T) {
	for size, fails := range map[int64]bool{9: true, 10: false, 11: false} {
		body, err := io.ReadAll(wire.Bounded("a file", io.NopCloser(strings.NewReader("0123456789")), size))
		if (err != nil) != fails || int64(len(body)) != min(size, 10) {
			t.Errorf("%d announced: %q, %v", size, body, err)
		}
	}
}

func TestAWaitThatAPlatformNamesIsReadWithinBounds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-3": 0, "0": 0, "3.5": 0, " 7 ": 7 * time.Second, "99999999": 24 * time.Hour,
	} {
		if got := wire.Asked(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
