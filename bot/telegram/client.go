package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	api "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
)

const (
	maxResponse = 32 << 20 // bytes of an answer: a hundred updates
	maxDownload = 20 << 20 // bytes of a file (Bot API, getFile)
)

// client makes the calls. The library builds requests and has the types;
// transport and errors are ours, since the library's lose what classify needs.
type client struct {
	wire.Client
	lib   *api.Bot
	base  string // without "/" at its end
	token string
}

func newClient(token, base string, given *http.Client, dial wire.Dial) (*client, error) {
	c := &client{base: strings.TrimRight(base, "/"), token: token}
	c.Client = wire.Client{Platform: name, HTTP: wire.Outgoing(given, dial), Secrets: []string{token}, MaxAnswer: maxResponse, Judge: c.judge}
	lib, err := api.New(token, api.WithSkipGetMe(), api.WithServerURL(c.base), api.WithHTTPClient(wire.CallTime, c))
	if err != nil {
		return nil, fmt.Errorf("telegram: %w", c.Mask(err))
	}
	c.lib = lib
	return c, nil
}

// self is the bot's id, which its token begins with.
func (c *client) self() string {
	id, _, _ := strings.Cut(c.token, ":")
	return id
}

func (c *client) me(ctx context.Context) (string, error) {
	u, err := c.lib.GetMe(ctx)
	if err != nil {
		return "", err
	}
	return u.Username, nil
}

// allowed are the kinds of updates that parse knows.
var allowed = []string{"message", "edited_message", "callback_query", "my_chat_member"}

// updates asks for the updates from offset on; asking is what confirms the ones before.
func (c *client) updates(ctx context.Context, offset int64, limit int, wait time.Duration) ([]json.RawMessage, error) {
	ctx = wire.Within(ctx, wire.CallTime+wait)
	params, err := json.Marshal(map[string]any{
		"offset": offset, "limit": limit, "timeout": int(wait / time.Second),
		"allowed_updates": allowed,
	})
	if err != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/getUpdates", bytes.NewReader(params))
	if err != nil {
		return nil, fmt.Errorf("telegram getUpdates: %w", c.Mask(err))
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

func (c *client) acknowledge(ctx context.Context, query, text string, alert bool) error {
	_, err := c.lib.AnswerCallbackQuery(ctx, &api.AnswerCallbackQueryParams{CallbackQueryID: query, Text: text, ShowAlert: alert && text != ""})
	return err
}

func (c *client) delete(ctx context.Context, chat int64, id int) error {
	_, err := c.lib.DeleteMessage(ctx, &api.DeleteMessageParams{ChatID: chat, MessageID: id})
	return err
}

// open downloads a file. It reads at most size bytes (negative: unknown) and
// never more than Telegram gives; ctx bounds the reading too.
func (c *client) open(ctx context.Context, id string, size int64) (io.ReadCloser, error) {
	if size > maxDownload {
		return nil, fmt.Errorf("telegram getFile: %d bytes are more than the %d that bots may get: %w", size, maxDownload, bot.ErrNotGiven)
	}
	f, err := c.lib.GetFile(ctx, &api.GetFileParams{FileID: id})
	if err != nil {
		return nil, notGiven(err)
	}
	if size < 0 {
		size = maxDownload
	}
	where := &url.URL{Path: path.Join("/file/bot"+c.token, path.Clean("/"+f.FilePath))}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+where.EscapedPath(), nil)
	if err != nil {
		return nil, fmt.Errorf("telegram file: %w", c.Mask(err))
	}
	resp, err := c.Stream("file", req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // nothing was read from it
		return nil, notGiven(&replyError{Method: "file", Status: resp.StatusCode, Description: http.StatusText(resp.StatusCode)})
	}
	return wire.Bounded("telegram file", resp.Body, size), nil
}

// notGiven marks the refusals that stay so: a file that is too big or expired, an id that
// is none. What Telegram says of the token or of its own state is not about the file.
func notGiven(err error) error {
	r, ok := errors.AsType[*replyError](err)
	gone := ok && (r.Status == http.StatusBadRequest || r.Method == "file" && (r.Status == http.StatusNotFound || r.Status == http.StatusGone))
	if !gone {
		return err
	}
	return fmt.Errorf("%w: %w", bot.ErrNotGiven, err)
}

// tell shows in a chat that the bot is at something, for five seconds at most.
func (c *client) tell(ctx context.Context, chat int64, thread int, doing models.ChatAction) error {
	_, err := c.lib.SendChatAction(ctx, &api.SendChatActionParams{ChatID: chat, MessageThreadID: thread, Action: doing})
	return err
}

// judge is nil where body is an answer of the Bot API that says ok.
func (c *client) judge(method string, resp *http.Response, body []byte) error {
	var answer struct {
		OK          bool   `json:"ok"`
		Code        int    `json:"error_code"`
		Description string `json:"description"`
		Parameters  struct {
			RetryAfter json.Number `json:"retry_after"`
			MoveTo     int64       `json:"migrate_to_chat_id"`
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
	e.Description = cut(line(c.Hide(answer.Description)), maxLine)
	e.RetryAfter = wire.Asked(answer.Parameters.RetryAfter.String())
	e.MoveTo = answer.Parameters.MoveTo
	return e
}
