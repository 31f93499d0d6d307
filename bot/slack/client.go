package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/wire"
)

// maxResponse bounds an answer, in bytes.
const maxResponse = 8 << 20

// client makes the calls. The library builds requests and reads answers; what
// lies between is ours, since the library's errors lose what classify needs.
type client struct {
	wire.Client
	lib     *api.Client
	base    *url.URL
	bot     string
	dial    wire.Dial
	granted atomic.Pointer[[]string] // the scopes of the token; nil: not known
}

func newClient(cfg Config, base *url.URL) *client {
	c := &client{base: base, bot: cfg.BotToken, dial: cfg.Dial}
	c.Client = wire.Client{
		Platform: name, HTTP: wire.Outgoing(cfg.HTTP, cfg.Dial), Secrets: []string{cfg.BotToken, cfg.AppToken, cfg.SigningSecret},
		MaxAnswer: maxResponse, Judge: c.check, Span: cfg.Span,
	}
	c.lib = api.New(cfg.BotToken,
		api.OptionAppLevelToken(cfg.AppToken), api.OptionAPIURL(base.String()),
		api.OptionHTTPClient(c), api.OptionLog(log.New(io.Discard, "", 0)))
	return c
}

// identity is who the bot token belongs to.
type identity struct{ Team, Self string }

func (c *client) auth(ctx context.Context) (identity, error) {
	a, err := c.lib.AuthTestContext(ctx)
	if err != nil {
		return identity{}, err
	}
	return identity{Team: a.TeamID, Self: a.UserID}, nil
}

// open is the DM with person; it exists from the first call on.
func (c *client) open(ctx context.Context, person string) (string, error) {
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
	options := []api.MsgOption{
		api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...),
		api.MsgOptionDisableLinkUnfurl(), api.MsgOptionDisableMediaUnfurl(),
	}
	if m.Under != "" {
		options = append(options, api.MsgOptionTS(m.Under))
	}
	if m.Mark != nil {
		options = append(options, api.MsgOptionMetadata(metadata(*m.Mark)))
	}
	return c.lib.PostMessageContext(ctx, channel, options...)
}

func (c *client) delete(ctx context.Context, channel, ts string) error {
	_, _, err := c.lib.DeleteMessageContext(ctx, channel, ts)
	return err
}

func (c *client) update(ctx context.Context, channel, ts string, m message) error {
	_, _, _, err := c.lib.UpdateMessageContext(ctx, channel, ts, api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...))
	return err
}

// whisper says m to person alone, in a channel where both are.
func (c *client) whisper(ctx context.Context, channel, person string, m message) error {
	options := []api.MsgOption{api.MsgOptionText(m.Text, false), api.MsgOptionBlocks(m.Blocks...)}
	if m.Under != "" {
		options = append(options, api.MsgOptionTS(m.Under))
	}
	_, err := c.lib.PostEphemeralContext(ctx, channel, person, options...)
	return err
}

// modal opens v, once for each trigger, and returns its id.
func (c *client) modal(ctx context.Context, trigger string, v api.ModalViewRequest) (id string, err error) {
	answer, err := c.lib.OpenViewContext(ctx, trigger, v)
	if err = echoed(err); err != nil || answer == nil {
		return "", err
	}
	return answer.ID, nil
}

// refill replaces the modal with the id, or where that is "" the one with the
// external id.
func (c *client) refill(ctx context.Context, id, external string, v api.ModalViewRequest) error {
	if id != "" {
		external = ""
	}
	_, err := c.lib.UpdateViewContext(ctx, v, external, "", id)
	return echoed(err)
}

func (c *client) publish(ctx context.Context, person string, v api.HomeTabViewRequest) error {
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
	if method == "auth.test" {
		c.keepGranted(resp.Header.Get(grantedHeader))
	}
	err := json.Unmarshal(body, &answer)
	if err == nil && answer.OK && resp.StatusCode == http.StatusOK {
		return nil
	}
	e := &replyError{Method: method, Status: resp.StatusCode, RetryAfter: wire.Asked(resp.Header.Get("Retry-After"))}
	if err == nil {
		e.Code = cut(line(c.Hide(answer.Code)), maxLine)
		e.Detail = strings.Join(answer.Metadata.Messages, "; ")
		if answer.Needed != "" {
			e.Detail = "needed: " + answer.Needed
		}
		e.Detail = cut(line(c.Hide(e.Detail)), maxLine)
	}
	return e
}
