package slack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sidem/bot/wire"
)

// filesHost is the one host of Slack's that private files come from.
const filesHost = "files.slack.com"

// download opens a file that a person sent. The address comes from outside, and
// the request carries the token: it goes to Slack's files or to the API's own
// host and nowhere else, and follows no redirect. It reads at most size bytes;
// a negative size is unknown.
func (c *client) download(ctx context.Context, address string, size int64) (io.ReadCloser, error) {
	u, err := url.Parse(address)
	if err != nil || !c.trusted(u) {
		return nil, errors.New("slack file: its address is not one of Slack's files")
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
		return nil, &replyError{Method: "file", Status: resp.StatusCode, Detail: http.StatusText(resp.StatusCode)}
	}
	if size < 0 {
		return resp.Body, nil
	}
	return wire.Bounded("slack file", resp.Body, size), nil
}

func (c *client) trusted(u *url.URL) bool {
	if u.User != nil {
		return false
	}
	own := u.Scheme == c.base.Scheme && strings.EqualFold(u.Host, c.base.Host)
	return own || (u.Scheme == "https" && strings.EqualFold(u.Host, filesHost))
}
