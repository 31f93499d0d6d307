package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
)

const (
	maxUpload    = 50 << 20 // bytes of a file that a bot sends (Bot API, sendDocument)
	maxFileName  = 100      // characters; ours
	maxExtension = 10
	sendTime     = time.Minute // for one document
)

// deliver sends a file to where only the person reads it, and says in words when
// it cannot.
func (a *answering) deliver(work context.Context, d bot.Document) {
	t := a.t
	ctx, cancel := context.WithTimeout(work, t.sending)
	defer cancel()
	chat := a.private()
	if a.shut {
		return // they were told to open the chat
	}
	if d.Size > maxUpload {
		a.say(ctx, "document", wire.Sentence(es.FileNotSent(fileName(d.Name), d.Size, maxUpload)), false)
		return
	}
	err := t.sleep.Answer(ctx, func() error { return classify(posting, t.client.document(ctx, chat, d)) })
	if unopened(err) && !a.in.Input.Private {
		a.invite(ctx)
		return
	}
	if err == nil {
		return
	}
	t.report(ctx, a.in, "document", err)
	telling, stop := context.WithTimeout(work, t.replying) // ctx may be used up
	defer stop()
	text := es.FileNotRead(fileName(d.Name))
	if errors.Is(err, bot.ErrLost) {
		text = es.FileLost(fileName(d.Name))
	}
	a.say(telling, "document", wire.Sentence(text), false)
}

// document sends d to chat. The request is made anew each time, also by net/http
// when a connection that was kept turns out to be dead.
func (c *client) document(ctx context.Context, chat int64, d bot.Document) error {
	head, tail, kind, err := envelope(chat, d)
	if err != nil {
		return fmt.Errorf("telegram sendDocument: %w", err)
	}
	build := func() (io.ReadCloser, error) {
		file, err := d.Open(ctx)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", fileName(d.Name), err)
		}
		body := io.MultiReader(bytes.NewReader(head), wire.Bounded("telegram sendDocument", file, maxUpload), bytes.NewReader(tail))
		return struct {
			io.Reader
			io.Closer
		}{body, file}, nil
	}
	body, err := build()
	if err != nil {
		return err
	}
	ctx = wire.Within(ctx, sendTime) // and no longer than its own deadline
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/sendDocument", body)
	if err != nil {
		_ = body.Close() // nothing was read from it
		return fmt.Errorf("telegram sendDocument: %w", c.Mask(err))
	}
	req.GetBody, req.ContentLength = build, -1
	if d.Size > 0 {
		req.ContentLength = int64(len(head)) + d.Size + int64(len(tail))
	}
	req.Header.Set("Content-Type", kind)
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// envelope is what stands before and after the file in the body of the request.
func envelope(chat int64, d bot.Document) (head, tail []byte, kind string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("chat_id", decimal(chat)); err != nil {
		return nil, nil, "", err
	}
	part := textproto.MIMEHeader{}
	part.Set("Content-Disposition", fmt.Sprintf(`form-data; name="document"; filename="%s"`, fileName(d.Name)))
	part.Set("Content-Type", mediaType(d.MIME))
	if _, err := w.CreatePart(part); err != nil {
		return nil, nil, "", err
	}
	before := b.Len()
	if err := w.Close(); err != nil {
		return nil, nil, "", err
	}
	return b.Bytes()[:before:before], b.Bytes()[before:], w.FormDataContentType(), nil
}

// fileName is name without what would be a path, a header or a trick.
func fileName(name string) string {
	name = line(strings.NewReplacer("/", "-", `\`, "-", `"`, "'").Replace(name))
	extension := path.Ext(name)
	if units(extension) > maxExtension {
		extension = ""
	}
	name = cut(strings.TrimSuffix(name, extension), maxFileName-units(extension)) + extension
	if strings.Trim(name, ". ") == "" {
		return "archivo"
	}
	return name
}

func mediaType(said string) string {
	kind, _, err := mime.ParseMediaType(said)
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}
