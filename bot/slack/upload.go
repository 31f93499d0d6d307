package slack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// maxDocument bounds what is given, in bytes.
const maxDocument = 64 << 20

// give sends a document to the DM, where nobody else reads; in the thread, if the
// person acted in one. A person whose file did not come is told.
func (s *Slack) give(ctx context.Context, in incoming, d bot.Document) {
	up := &upload{name: first(line(d.Name), wordApp)}
	err := s.sleep.Answer(ctx, func() error {
		channel, err := s.private(ctx, in)
		if err != nil {
			return err
		}
		up.channel, up.under = channel, ""
		if channel == in.Input.Chat {
			up.under = in.Thread
		}
		return s.send(ctx, up, d)
	})
	if err != nil {
		s.report(ctx, in, "document", err)
		text := unsent(up.name)
		if errors.Is(err, bot.ErrLost) {
			text = es.FileLost(up.name)
		}
		s.report(ctx, in, "hint", s.say(ctx, in, wire.Sentence(text)))
	}
}

// upload is a document on its way. Until it is completed nobody sees it, and an
// attempt that failed is made anew; from then on only the completing is repeated.
type upload struct {
	name, channel, under string
	id                   string // of the file, when all of it is there
	doubtful             bool   // a completing that was not answered may have been carried out
}

// send carries up one attempt further. Its errors are classified.
func (s *Slack) send(ctx context.Context, up *upload, d bot.Document) error {
	if up.id == "" {
		id, err := s.client.upload(ctx, up.name, d)
		if err != nil {
			return classify(attempt{Call: editing}, err)
		}
		up.id = id
	}
	err := s.client.complete(ctx, up.id, up.name, up.channel, up.under)
	if up.doubtful && refused(err, "file_not_found", "file_update_failed") {
		return nil // by the attempt before
	}
	if refused(err, threadless...) {
		err = s.client.complete(ctx, up.id, up.name, up.channel, "")
	}
	up.doubtful = up.doubtful || outbox.IsUncertain(classify(attempt{Call: posting}, err))
	return classify(attempt{Call: editing}, err)
}

// upload takes d to where Slack wants it and returns the file's id. The address
// comes from Slack and needs no token: it gets none.
func (c *client) upload(ctx context.Context, name string, d bot.Document) (id string, err error) {
	body, size, err := content(ctx, d)
	if err != nil {
		return "", fmt.Errorf("document: %w", err)
	}
	defer func() { _ = body.Close() }() // it was only read
	ctx, cancel := context.WithTimeout(ctx, 4*wire.CallTime)
	defer cancel()
	place, err := c.lib.GetUploadURLExternalContext(ctx, api.GetUploadURLExternalParameters{FileName: name, FileSize: int(size)})
	if err != nil {
		return "", err
	}
	u, err := url.Parse(place.UploadURL)
	if err != nil || !c.trusted(u) {
		return "", errors.New("slack upload: the address is not one of Slack's files")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), body)
	if err != nil {
		return "", fmt.Errorf("slack upload: %w", c.Mask(err))
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.Stream("upload", req) // the address is Slack's, as trusted has seen
	if err != nil {
		return "", err
	}
	_ = resp.Body.Close() // its status says all
	if resp.StatusCode != http.StatusOK {
		return "", &replyError{Method: "upload", Status: resp.StatusCode, RetryAfter: wire.Asked(resp.Header.Get("Retry-After"))}
	}
	return place.FileID, nil
}

// content opens d; where its size is not known, it is read first.
func content(ctx context.Context, d bot.Document) (io.ReadCloser, int64, error) {
	r, err := d.Open(ctx)
	if err != nil {
		return nil, 0, err
	}
	if d.Size > 0 {
		return r, d.Size, nil
	}
	defer func() { _ = r.Close() }()
	all, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	switch {
	case err != nil:
		return nil, 0, err
	case len(all) == 0 || len(all) > maxDocument:
		return nil, 0, outbox.Permanent(fmt.Errorf("%d bytes can not be given", len(all)))
	}
	return io.NopCloser(bytes.NewReader(all)), int64(len(all)), nil
}

// complete shows the file in the channel.
func (c *client) complete(ctx context.Context, id, title, channel, under string) error {
	_, err := c.lib.CompleteUploadExternalContext(ctx, api.CompleteUploadExternalParameters{
		Files: []api.FileSummary{{ID: id, Title: title}}, Channel: channel, ThreadTimestamp: under,
	})
	return echoed(err)
}
