package slack

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/filetype"
)

// filesHost is the one host of Slack's that private files come from.
const filesHost = "files.slack.com"

// download opens a file that a person sent. The address comes from outside, and
// the request carries the token: it goes to Slack's files or to the API's own
// host and nowhere else, and follows no redirect. It reads at most size bytes;
// a negative size is unknown. The error is bot.ErrNotGiven where the file lies
// elsewhere, is gone, or may not be read: then Slack answers with a page to sign in,
// and says that all is well.
func (c *client) download(ctx context.Context, address string, size int64) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil || !c.trusted(u) {
		return nil, fmt.Errorf("slack file: its address is not one of Slack's files: %w", bot.ErrNotGiven)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("slack file: %w", c.Mask(err))
	}
	req.Header.Set("Authorization", "Bearer "+c.bot)
	resp, err := c.Stream("file", req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close() // nothing was read from it
		no := &replyError{Method: "file", Status: resp.StatusCode, Detail: http.StatusText(resp.StatusCode)}
		if resp.StatusCode < http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout {
			return nil, fmt.Errorf("%w: %w", bot.ErrNotGiven, no)
		}
		return nil, no
	}
	if isPage(resp) && filetype.OfName(u.Path) != filetype.Page {
		_ = resp.Body.Close() // nothing was read from it
		return nil, errSignIn
	}
	if size < 0 {
		return resp.Body, nil
	}
	return wire.Bounded("slack file", resp.Body, size), nil
}

// errSignIn says that Slack gave a page to sign in for a file.
var errSignIn = fmt.Errorf("%w: a page to sign in came in its place: the app lacks the scope files:read, or was not installed anew since it has it", bot.ErrNotGiven)

func isPage(resp *http.Response) bool {
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return err == nil && kind == "text/html"
}

func (c *client) trusted(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	own := u.Scheme == c.base.Scheme && strings.EqualFold(u.Host, c.base.Host)
	return own || (u.Scheme == "https" && strings.EqualFold(u.Host, filesHost))
}
