// Package wire is what the adapters of chat platforms have in common: the HTTP call
// that is bounded, masked and repeated, and the texts that are cleaned for a screen.
//
// The platforms' libraries build requests and read answers; a Client stands below
// them in place of an http.Client.
package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// ErrRefused says that a platform does not take our token: another try changes nothing.
var ErrRefused = errors.New("the platform refuses the token")

// CallTime is what one call may take, from the dial to the last byte of its answer,
// unless its context was made by Within.
const CallTime = 15 * time.Second

const (
	maxRequest = 1 << 20        // bytes of a request without files
	maxWait    = 24 * time.Hour // that a platform may ask for
)

// Client makes the calls to one platform. Its errors hold no address and no secret.
type Client struct {
	// Platform begins every error.
	Platform string
	HTTP     *http.Client
	// Secrets are what no error may hold.
	Secrets []string
	// MaxAnswer bounds the body of an answer, in bytes: what is beyond is cut off.
	MaxAnswer int64
	// Judge is nil where body is an answer of the platform that says yes.
	Judge func(method string, resp *http.Response, body []byte) error
	// Span begins with a call, for whoever follows what comes of an act; end is told how it
	// ended. Nil: nobody does.
	Span Span
}

// Span begins with a call of a method to a platform.
type Span func(ctx context.Context, platform, method string) (_ context.Context, end func(error))

// Dial opens a connection, as net.Dialer's DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// Outgoing is given, or a client with time limits for everything but the wait for an
// answer, which calls limit themselves. dial opens its connections; nil is the
// machine's. It follows no redirect: requests carry a token.
func Outgoing(given *http.Client, dial Dial) *http.Client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	c := http.Client{}
	if given != nil {
		c = *given
	} else {
		c.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dial,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	c.Timeout = 0
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// timeKey is where a context has what its calls may take.
type timeKey struct{}

// Within has calls under ctx take up to d instead of CallTime.
func Within(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, timeKey{}, d)
}

func timeOf(ctx context.Context) time.Duration {
	if d, ok := ctx.Value(timeKey{}).(time.Duration); ok {
		return d
	}
	return CallTime
}

// LinkError is a call without an answer.
type LinkError struct {
	Platform, Method string
	Connected        bool // a connection was had
	Written          bool // the request left us whole, and may have been carried out
	Err              error
}

func (e *LinkError) Error() string { return fmt.Sprintf("%s %s: %v", e.Platform, e.Method, e.Err) }
func (e *LinkError) Unwrap() error { return e.Err }

// Meaning is what err, which wraps e, says to the outbox. once says that to carry
// the call out twice would be seen: a second message.
func (e *LinkError) Meaning(err error, once bool) error {
	return outbox.NoAnswer(err, e.Connected, e.Written && once)
}

// Do carries out one call. It returns an answer that says yes, its body in memory,
// or the error of Judge, or a *LinkError.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if c.Span == nil {
		return c.do(req)
	}
	ctx, end := c.Span(req.Context(), c.Platform, path.Base(req.URL.Path))
	resp, err := c.do(req.WithContext(ctx))
	end(err)
	return resp, err
}

func (c *Client) do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	if err := settle(req); err != nil {
		return nil, fmt.Errorf("%s %s: %w", c.Platform, method, c.Mask(err))
	}
	ctx, cancel := context.WithTimeout(req.Context(), timeOf(req.Context()))
	defer cancel()
	var connected, written atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	}))
	resp, err := c.HTTP.Do(req) //nolint:gosec // the address is the configured API's
	if err != nil {
		return nil, c.lost(method, connected.Load(), written.Load(), err)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.MaxAnswer))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, c.lost(method, true, true, err)
	}
	if err := c.Judge(method, resp, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (c *Client) lost(method string, connected, written bool, err error) error {
	return &LinkError{Platform: c.Platform, Method: method, Connected: connected, Written: written, Err: c.Mask(err)}
}

// settle reads a library's piped body into memory: a request of known length can be
// sent again by net/http on a fresh connection when the idle one was dead.
func settle(req *http.Request) error {
	if req.Body == nil || req.GetBody != nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, maxRequest+1))
	if closing := req.Body.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if len(body) > maxRequest {
		return errors.New("request too large")
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, _ = req.GetBody()
	req.ContentLength = int64(len(body))
	return nil
}

// Stream carries out a call whose answer is read by the caller, under the request's
// own context alone, and judged by its status. Errors: a *LinkError.
func (c *Client) Stream(method string, req *http.Request) (*http.Response, error) {
	resp, err := c.HTTP.Do(req) //nolint:gosec // whoever calls has judged the address
	if err != nil {
		return nil, c.lost(method, true, false, err)
	}
	return resp, nil
}

// Mask is err without address and secrets.
func (c *Client) Mask(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if text := err.Error(); c.Hide(text) != text {
		return errors.New(c.Hide(text))
	}
	return err
}

// Hide is text without secrets.
func (c *Client) Hide(text string) string {
	for _, secret := range c.Secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return text
}

// Asked is the wait that a platform names in whole seconds, within bounds; 0 where
// it names none.
func Asked(seconds string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(seconds))
	if err != nil || n <= 0 {
		return 0
	}
	if n > int(maxWait/time.Second) {
		return maxWait
	}
	return time.Duration(n) * time.Second
}

// Bounded reads body up to size bytes, and fails beyond: a file is no longer than
// was announced. what begins the error.
func Bounded(what string, body io.ReadCloser, size int64) io.ReadCloser {
	return &bounded{what: what, body: body, left: size}
}

type bounded struct {
	what string
	body io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if int64(n) > b.left {
		return int(b.left), fmt.Errorf("%s: longer than announced", b.what)
	}
	b.left -= int64(n)
	return n, err
}

func (b *bounded) Close() error { return b.body.Close() }
