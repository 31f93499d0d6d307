package slacktest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
)

// workspace is an emulator with one person, and a real client of it.
type workspace struct {
	*slacktest.Server
	t      *testing.T
	lucia  *slacktest.Person
	client *slack.Client
}

func open(t *testing.T, opts slacktest.Options) *workspace {
	t.Helper()
	w := &workspace{Server: slacktest.New(opts), t: t}
	t.Cleanup(w.Close)
	w.lucia = w.Person("U00000001", "Lucía", "lucia@ejemplo.gob.mx")
	w.client = slack.New(w.BotToken(), slack.OptionAppLevelToken(w.AppToken()), slack.OptionAPIURL(w.URL()))
	return w
}

func quick(t *testing.T) *workspace {
	t.Helper()
	return open(t, slacktest.Options{NoRateLimits: true})
}

// raw is a call as no library would make it.
func (w *workspace) raw(method, kind, token, body string) map[string]any {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.URL()+method, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(all, &out); err != nil {
		w.t.Fatalf("%s: %v: %s", method, err, all)
	}
	return out
}

// call is a call with JSON, and the word that refused it; "" for none.
func (w *workspace) call(method string, params map[string]any) string {
	w.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		w.t.Fatal(err)
	}
	return word(w.raw(method, "application/json", w.BotToken(), string(body)))
}

func word(answer map[string]any) string {
	if answer["ok"] == true {
		return ""
	}
	return fmt.Sprint(answer["error"])
}

// blocks posts blocks to the person and returns the word that refused them.
func (w *workspace) blocks(blocks ...map[string]any) string {
	w.t.Helper()
	return w.call("chat.postMessage", map[string]any{"channel": w.lucia.DM(), "text": "x", "blocks": blocks})
}

func plain(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }

func section(s string) map[string]any { return map[string]any{"type": "section", "text": plain(s)} }

func actions(elements ...map[string]any) map[string]any {
	return map[string]any{"type": "actions", "elements": elements}
}

func button(id, label, value string) map[string]any {
	return map[string]any{"type": "button", "action_id": id, "text": plain(label), "value": value}
}

// x is a text of n characters, each of which is two bytes.
func x(n int) string { return strings.Repeat("ñ", n) }

func many[T any](n int, f func(i int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

// post posts a text and returns its ts.
func (w *workspace) post(text string) string {
	w.t.Helper()
	_, ts, err := w.client.PostMessageContext(w.t.Context(), w.lucia.DM(), slack.MsgOptionText(text, false))
	if err != nil {
		w.t.Fatal(err)
	}
	return ts
}

// says is the word of an error of the library.
func says(err error) string {
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok {
		return e.Err
	}
	if _, ok := errors.AsType[*slack.RateLimitedError](err); ok {
		return "ratelimited"
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// until waits for a change after which f holds.
func (w *workspace) until(f func() bool) {
	w.t.Helper()
	limit := time.After(time.Minute)
	for {
		changed := w.Changed()
		if f() {
			return
		}
		select {
		case <-changed:
		case <-limit:
			w.t.Fatal("it does not come true")
		}
	}
}
