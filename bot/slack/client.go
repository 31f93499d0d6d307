package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/slack-go/slack"
)

const (
	callTime    = 15 * time.Second // for one call
	maxResponse = 8 << 20          // bytes of an answer
)

// client makes the calls. The library builds requests and reads answers; what
// lies between is ours (Do), since the library's errors lose what classify needs.
type client struct {
	lib    *api.Client
	http   *http.Client
	base   *url.URL
	bot    string
	hidden []string // what no error may hold
}

func newClient(cfg Config, base *url.URL) *client {
	c := &client{http: outgoing(cfg.HTTP), base: base, bot: cfg.BotToken, hidden: []string{cfg.BotToken}}
	for _, secret := range []string{cfg.AppToken, cfg.SigningSecret} {
		if secret != "" {
			c.hidden = append(c.hidden, secret)
		}
	}
	c.lib = api.New(cfg.BotToken,
		api.OptionAppLevelToken(cfg.AppToken), api.OptionAPIURL(base.String()),
		api.OptionHTTPClient(c), api.OptionLog(log.New(io.Discard, "", 0)))
	return c
}

// outgoing is given, or a client with limits for all but the wait for an answer,
// which calls limit themselves. It follows no redirect: requests carry a token.
func outgoing(given *http.Client) *http.Client {
	c := http.Client{}
	if given != nil {
		c = *given
	} else {
		c.Transport = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
		}
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

// identity is who the bot token belongs to.
type identity struct{ Team, Self string }

func (c *client) auth(ctx context.Context) (identity, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	a, err := c.lib.AuthTestContext(ctx)
	if err != nil {
		return identity{}, err
	}
	return identity{Team: a.TeamID, Self: a.UserID}, nil
}

// open is the DM with person; it exists from the first call on.
func (c *client) open(ctx context.Context, person string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	channel, _, _, err := c.lib.OpenConversationContext(ctx, &api.OpenConversationParameters{Users: []string{person}})
	if err != nil {
		return "", err
	}
	if channel == nil || channel.ID == "" {
		return "", errors.New("slack conversations.open: an answer without a channel")
	}
	return channel.ID, nil
}

func (c *client) post(ctx context.Context, channel string, m message) (chat, ts string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	options := []api.MsgOption{
		api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
	}
	if m.Under != "" {
		options = append(options, api.MsgOptionTS(m.Under))
	}
	return c.lib.PostMessageContext(ctx, channel, options...)
}

func (c *client) delete(ctx context.Context, channel, ts string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, _, err := c.lib.DeleteMessageContext(ctx, channel, ts)
	return err
}

func (c *client) update(ctx context.Context, channel, ts string, m message) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, _, _, err := c.lib.UpdateMessageContext(ctx, channel, ts, api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...))
	return err
}

// whisper says m to person alone, in a channel where both are.
func (c *client) whisper(ctx context.Context, channel, person string, m message) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	options := []api.MsgOption{api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...)}
	if m.Under != "" {
		options = append(options, api.MsgOptionTS(m.Under))
	}
	_, err := c.lib.PostEphemeralContext(ctx, channel, person, options...)
	return err
}

// modal opens v, once for each trigger, and returns its id.
func (c *client) modal(ctx context.Context, trigger string, v api.ModalViewRequest) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	answer, err := c.lib.OpenViewContext(ctx, trigger, v)
	if err = echoed(err); err != nil || answer == nil {
		return "", err
	}
	return answer.ID, nil
}

// refill replaces the modal with the id, or where that is "" the one with the
// external id.
func (c *client) refill(ctx context.Context, id, external string, v api.ModalViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	if id != "" {
		external = ""
	}
	_, err := c.lib.UpdateViewContext(ctx, v, external, "", id)
	return echoed(err)
}

func (c *client) publish(ctx context.Context, person string, v api.HomeTabViewRequest) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := c.lib.PublishViewContext(ctx, api.PublishViewContextRequest{UserID: person, View: v})
	return echoed(err)
}

// echoed is err, unless all it says is that the library does not know the shape of
// what Slack repeats: Slack has said ok by then.
func echoed(err error) error {
	if _, misread := errors.AsType[*json.UnmarshalTypeError](err); misread {
		return nil
	}
	return err
}

// replyError is a refusal of the Web API, or an answer that is not the API's (a
// proxy's page). It never holds a token.
type replyError struct {
	Method     string
	Status     int           // of HTTP
	Code       string        // the API's own word, "" where the answer is not the API's
	Detail     string        // what the API adds, shortened
	RetryAfter time.Duration // 0: not named
}

func (e *replyError) Error() string {
	text := e.Code
	if text == "" {
		text = fmt.Sprintf("status %d, not an answer of the Web API", e.Status)
	}
	if e.Detail != "" {
		text += " (" + e.Detail + ")"
	}
	return "slack " + e.Method + ": " + text
}

// Unwrap tells the library's socket how long to wait before it connects again.
func (e *replyError) Unwrap() error {
	if e.Status == http.StatusTooManyRequests {
		return &api.RateLimitedError{RetryAfter: e.RetryAfter}
	}
	return nil
}

// linkError is a call without an answer. It never holds a token.
type linkError struct {
	Method    string
	Connected bool // a connection was had
	Written   bool // the request left us whole, and may have been carried out
	Err       error
}

func (e *linkError) Error() string { return fmt.Sprintf("slack %s: %v", e.Method, e.Err) }
func (e *linkError) Unwrap() error { return e.Err }

// Do carries out one call for the library. It returns an answer that says ok, its
// body in memory, or a *replyError or *linkError.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	var connected, written atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	}))
	resp, err := c.http.Do(req) //nolint:gosec // the address is the configured API's
	if err != nil {
		return nil, &linkError{Method: method, Connected: connected.Load(), Written: written.Load(), Err: c.mask(err)}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if closing := resp.Body.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return nil, &linkError{Method: method, Connected: true, Written: true, Err: c.mask(err)}
	}
	if err := c.check(method, resp, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// check is nil where body is an answer of the Web API that says ok.
func (c *client) check(method string, resp *http.Response, body []byte) error {
	var answer struct {
		OK       bool   `json:"ok"`
		Code     string `json:"error"`
		Needed   string `json:"needed"`
		Metadata struct {
			Messages []string `json:"messages"`
		} `json:"response_metadata"`
	}
	err := json.Unmarshal(body, &answer)
	if err == nil && answer.OK && resp.StatusCode == http.StatusOK {
		return nil
	}
	e := &replyError{Method: method, Status: resp.StatusCode, RetryAfter: wait(resp.Header.Get("Retry-After"))}
	if err == nil {
		e.Code = cut(line(c.hide(answer.Code)), maxLine)
		e.Detail = strings.Join(answer.Metadata.Messages, "; ")
		if answer.Needed != "" {
			e.Detail = "needed: " + answer.Needed
		}
		e.Detail = cut(line(c.hide(e.Detail)), maxLine)
	}
	return e
}

// wait reads a Retry-After: whole seconds (Slack), or 0 where it names none.
func wait(header string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil {
		return 0
	}
	return time.Duration(min(max(n, 0), 24*60*60)) * time.Second
}

// mask is err without address and token.
func (c *client) mask(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if text := err.Error(); c.hide(text) != text {
		return errors.New(c.hide(text))
	}
	return err
}

func (c *client) hide(text string) string {
	for _, secret := range c.hidden {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}
