package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strings"
	"sync/atomic"
	"time"

	api "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

const (
	callTime    = 15 * time.Second // for one call; a poll has its own time on top
	maxRequest  = 1 << 20          // bytes of a request: texts and keyboards, no files
	maxResponse = 32 << 20         // bytes of an answer: a hundred updates
	maxDownload = 20 << 20         // bytes of a file (Bot API, getFile)
)

// client makes the calls. The library builds requests and has the types;
// transport and errors are ours, since the library's lose what classify needs.
type client struct {
	lib   *api.Bot
	http  *http.Client
	base  string // without "/" at its end
	token string
}

func newClient(token, base string, given *http.Client) (*client, error) {
	c := &client{base: strings.TrimRight(base, "/"), token: token}
	c.http = outgoing(given)
	lib, err := api.New(token, api.WithSkipGetMe(), api.WithServerURL(c.base), api.WithHTTPClient(callTime, c))
	if err != nil {
		return nil, fmt.Errorf("telegram: %w", c.mask(err))
	}
	c.lib = lib
	return c, nil
}

// outgoing is given, or a client with time limits for everything but the wait for an
// answer, which calls limit themselves. It follows no redirect: the address has the token.
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
	c.Timeout = 0
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &c
}

func (c *client) me(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	u, err := c.lib.GetMe(ctx)
	if err != nil {
		return "", err
	}
	return u.Username, nil
}

// allowed are the kinds of updates that parse knows.
var allowed = []string{"message", "callback_query", "my_chat_member"}

// updates asks for the updates from offset on; asking is what confirms the ones before.
func (c *client) updates(ctx context.Context, offset int64, limit int, wait time.Duration) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime+wait)
	defer cancel()
	params, err := json.Marshal(map[string]any{
		"offset": offset, "limit": limit, "timeout": int(wait / time.Second),
		"allowed_updates": allowed,
	})
	if err != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/getUpdates", bytes.NewReader(params))
	if err != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", c.mask(err))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is in memory
	var answer struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", err)
	}
	return answer.Result, nil
}

// send posts m to chat as HTML, or as plain text, and says where it landed.
func (c *client) send(ctx context.Context, chat int64, m message, html bool) (*models.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	p := &api.SendMessageParams{ChatID: chat, MessageThreadID: m.Thread, Text: m.Plain, LinkPreviewOptions: noPreview()}
	if html {
		p.Text, p.ParseMode = m.HTML, models.ParseModeHTML
	}
	if m.Keyboard != nil { // a nil *keyboard in the interface would be sent as null
		p.ReplyMarkup = m.Keyboard
	}
	if m.Under != 0 {
		p.ReplyParameters = &models.ReplyParameters{MessageID: m.Under, AllowSendingWithoutReply: true}
	}
	return c.lib.SendMessage(ctx, p)
}

// edit redraws a message; without a keyboard its buttons go.
func (c *client) edit(ctx context.Context, chat int64, id int, m message, html bool) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	p := &api.EditMessageTextParams{ChatID: chat, MessageID: id, Text: m.Plain, LinkPreviewOptions: noPreview()}
	if html {
		p.Text, p.ParseMode = m.HTML, models.ParseModeHTML
	}
	if m.Keyboard != nil {
		p.ReplyMarkup = m.Keyboard
	}
	_, err := c.lib.EditMessageText(ctx, p)
	return err
}

func noPreview() *models.LinkPreviewOptions { return &models.LinkPreviewOptions{IsDisabled: new(true)} }

func (c *client) acknowledge(ctx context.Context, query, text string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := c.lib.AnswerCallbackQuery(ctx, &api.AnswerCallbackQueryParams{CallbackQueryID: query, Text: text})
	return err
}

func (c *client) delete(ctx context.Context, chat int64, id int) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := c.lib.DeleteMessage(ctx, &api.DeleteMessageParams{ChatID: chat, MessageID: id})
	return err
}

// open downloads a file. It reads at most size bytes (negative: unknown) and
// never more than Telegram gives; ctx bounds the reading too.
func (c *client) open(ctx context.Context, id string, size int64) (io.ReadCloser, error) {
	if size > maxDownload {
		return nil, fmt.Errorf("telegram getFile: %d bytes are more than the %d that bots may get", size, maxDownload)
	}
	asking, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	f, err := c.lib.GetFile(asking, &api.GetFileParams{FileID: id})
	if err != nil {
		return nil, err
	}
	if size < 0 {
		size = maxDownload
	}
	where := &url.URL{Path: path.Join("/file/bot"+c.token, path.Clean("/"+f.FilePath))}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+where.EscapedPath(), nil)
	if err != nil {
		return nil, fmt.Errorf("telegram file: %w", c.mask(err))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &linkError{Method: "file", Err: c.mask(err)}
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // nothing was read from it
		return nil, &replyError{Method: "file", Status: resp.StatusCode, Description: http.StatusText(resp.StatusCode)}
	}
	return &bounded{body: resp.Body, left: size}, nil
}

// bounded reads a file up to the size that was told, and fails beyond it.
type bounded struct {
	body io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if int64(n) > b.left {
		return int(b.left), errors.New("telegram file: longer than announced")
	}
	b.left -= int64(n)
	return n, err
}

func (b *bounded) Close() error { return b.body.Close() }

// Do carries out one call for the library and for updates. It returns an answer
// that says ok, its body in memory, or a *replyError or *linkError.
func (c *client) Do(req *http.Request) (*http.Response, error) {
	method := path.Base(req.URL.Path)
	if err := settle(req); err != nil {
		return nil, fmt.Errorf("telegram %s: %w", method, c.mask(err))
	}
	var connected, written atomic.Bool
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { connected.Store(true) },
		WroteRequest: func(i httptrace.WroteRequestInfo) { written.Store(i.Err == nil) },
	}))
	resp, err := c.http.Do(req)
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
	if err := c.judge(method, resp, body); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// settle reads the library's piped body into memory: a request of known length can
// be sent again by net/http on a fresh connection when the idle one was dead.
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

// judge is nil where body is an answer of the Bot API that says ok.
func (c *client) judge(method string, resp *http.Response, body []byte) error {
	var answer struct {
		OK          bool   `json:"ok"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter int   `json:"retry_after"`
			MoveTo     int64 `json:"migrate_to_chat_id"`
		} `json:"parameters"`
	}
	e := &replyError{Method: method, Status: resp.StatusCode}
	if err := json.Unmarshal(body, &answer); err != nil {
		e.Description = "not an answer of the Bot API"
		return e
	}
	if answer.OK && resp.StatusCode == http.StatusOK {
		return nil
	}
	if answer.Code >= http.StatusBadRequest {
		e.Status = answer.Code
	}
	e.Description = cut(line(strings.ReplaceAll(answer.Description, c.token, "***")), maxLine)
	e.RetryAfter = time.Duration(min(max(answer.Parameters.RetryAfter, 0), 24*60*60)) * time.Second
	e.MoveTo = answer.Parameters.MoveTo
	return e
}

// mask is err without the address, which has the token in it.
func (c *client) mask(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if strings.Contains(err.Error(), c.token) {
		return errors.New(strings.ReplaceAll(err.Error(), c.token, "***"))
	}
	return err
}
