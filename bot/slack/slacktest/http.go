package slacktest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// retryPause is how long an event waits before it comes again, times the number of
// the retry. Slack's own are at once, a minute, five minutes.
const retryPause = 100 * time.Millisecond

// Deliver has everything delivered by signed requests to apps at these addresses,
// in turns, as to replicas behind a load balancer; none is Socket Mode again. It
// asks each first whether it is SIDEM's, as Slack does when an address is set.
func (s *Server) Deliver(ctx context.Context, addresses ...string) error {
	for _, a := range addresses {
		if err := s.challenge(ctx, a); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addresses = addresses
	return nil
}

func (s *Server) challenge(ctx context.Context, address string) error {
	const word = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
	body := fmt.Appendf(nil, `{"token":"x","challenge":%q,"type":"url_verification"}`, word)
	answer, status, err := s.Request(ctx, address+"/slack/events", "application/json", body, nil)
	if err != nil || status != http.StatusOK || !strings.Contains(string(answer), word) {
		return fmt.Errorf("slack: the address did not respond with the value of the challenge: status %d, %q, %w", status, answer, err)
	}
	return nil
}

// Request sends one signed request, as Slack would.
func (s *Server) Request(ctx context.Context, address, kind string, body []byte, header http.Header) (answer []byte, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, 0, err
	}
	stamp := Stamp(0)
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("X-Slack-Request-Timestamp", stamp)
	req.Header.Set("X-Slack-Signature", Sign(s.opts.SigningSecret, stamp, body))
	res, err := s.opts.Client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return answer, res.StatusCode, err
}

// Stamp is the X-Slack-Request-Timestamp of a request that was signed so long ago:
// seconds since 1970. SIDEM holds it against the time of the machine.
func Stamp(ago time.Duration) string {
	return strconv.FormatInt(time.Now().Add(-ago).Unix(), 10) //nolint:forbidigo // whoever verifies it has no other clock
}

// Sign is the signature of a body sent at stamp, in seconds since 1970
// (docs.slack.dev, "Verifying requests from Slack").
func Sign(secret, stamp string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte("v0:" + stamp + ":"))
	_, _ = h.Write(body)
	return "v0=" + hex.EncodeToString(h.Sum(nil))
}

// request makes one attempt by HTTP.
func (s *Server) request(id, address string, d *delivery) {
	header := http.Header{}
	if d.n > 1 {
		pause := time.NewTimer(time.Duration(d.n-1) * retryPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-s.closed:
		}
		header.Set("X-Slack-Retry-Num", strconv.Itoa(d.n-1))
		header.Set("X-Slack-Retry-Reason", "http_error")
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.opts.AckTime)
	defer cancel()
	go func() {
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	path, kind, body := d.request()
	answer, status, err := s.Request(ctx, address+path, kind, body, header)
	if err == nil && status/100 == 2 {
		s.acknowledged(id, answer)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(ctx.Err(), context.Canceled) { // the workspace is closed
		delete(s.waiting, id)
		return
	}
	s.unanswered(id)
}

// request is d as its request has it.
func (d *delivery) request() (path, kind string, body []byte) {
	const form = "application/x-www-form-urlencoded"
	raw, err := json.Marshal(d.payload)
	if err != nil { // of strings and numbers: cannot be
		panic(fmt.Sprintf("slacktest: %v", err))
	}
	switch d.kind {
	case kindEvents:
		return "/slack/events", "application/json", raw
	case kindInteractive:
		return "/slack/interactions", form, []byte(url.Values{"payload": {string(raw)}}.Encode())
	default:
		v := url.Values{}
		for key, value := range d.payload {
			v.Set(key, fmt.Sprint(value))
		}
		return "/slack/commands", form, []byte(v.Encode())
	}
}
