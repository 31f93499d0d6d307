package slack

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/wire"
)

// asked is a request as a test sends it.
type asked struct {
	path, kind, body, secret string
	age                      time.Duration
	unsigned                 bool
}

// answer is what came of it.
func (st *stage) answer(a asked) (status int, body string) {
	st.t.Helper()
	if a.secret == "" {
		a.secret = st.SigningSecret()
	}
	req, err := http.NewRequestWithContext(st.t.Context(), http.MethodPost, st.web.URL+a.path, strings.NewReader(a.body))
	if err != nil {
		st.t.Fatal(err)
	}
	if !a.unsigned {
		stamp := slacktest.Stamp(a.age)
		req.Header.Set("X-Slack-Request-Timestamp", stamp)
		req.Header.Set("X-Slack-Signature", slacktest.Sign(a.secret, stamp, []byte(a.body)))
	}
	req.Header.Set("Content-Type", a.kind)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		st.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		st.t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

func event(id string) string {
	return `{"type":"event_callback","team_id":"T00000001","event_id":"` + id + `","event":{"type":"message","user":"U00000001","text":"hola","ts":"1.2","channel":"D00000001","channel_type":"im"}}`
}

func payloadForm(payload string) string { return url.Values{"payload": {payload}}.Encode() }

func TestARequestIsHeardWhenItIsSlacksAndFresh(t *testing.T) {
	heard := make(chan bot.Input, 100)
	st := perform(t, "http", func(_ context.Context, in bot.Input) bot.Reply {
		heard <- in
		return bot.Reply{}
	})
	const events = "/slack/events"
	for name, test := range map[string]struct {
		asked
		status int
		heard  bool
		body   string
	}{
		"signed":                   {asked{path: events, body: event("a")}, 200, true, ""},
		"almost five minutes old":  {asked{path: events, body: event("b"), age: 295 * time.Second}, 200, true, ""},
		"a little from the future": {asked{path: events, body: event("c"), age: -295 * time.Second}, 200, true, ""},
		"too old":                  {asked{path: events, body: event("d"), age: 305 * time.Second}, 401, false, ""},
		"from the future":          {asked{path: events, body: event("e"), age: -305 * time.Second}, 401, false, ""},
		"another's secret":         {asked{path: events, body: event("f"), secret: "other"}, 401, false, ""},
		"not signed":               {asked{path: events, body: event("g"), unsigned: true}, 401, false, ""},
		"of the size allowed":      {asked{path: events, body: event("h") + strings.Repeat(" ", maxRequest-len(event("h")))}, 200, true, ""},
		"one byte more":            {asked{path: events, body: event("i") + strings.Repeat(" ", maxRequest+1-len(event("i")))}, 413, false, ""},
		"far more":                 {asked{path: events, body: strings.Repeat(" ", 5*maxRequest)}, 413, false, ""},
		"whether it is ours":       {asked{path: events, body: `{"type":"url_verification","challenge":"abc"}`}, 200, false, "abc"},
		"whether it is another's":  {asked{path: events, body: `{"type":"url_verification","challenge":"abc"}`, secret: "other"}, 401, false, ""},
		"a rate limit":             {asked{path: events, body: `{"type":"app_rate_limited"}`}, 200, false, ""},
		"an unknown event":         {asked{path: events, body: `{"type":"event_callback","team_id":"T00000001","event_id":"x","event":{"type":"new"}}`}, 200, false, ""},
		"no JSON":                  {asked{path: events, body: `{`}, 200, false, ""},
		"no form":                  {asked{path: "/slack/interactions", body: `%zz`}, 200, false, ""},
		"an interaction of no use": {asked{path: "/slack/interactions", body: payloadForm(`{"type":"shortcut"}`)}, 200, false, ""},
		"an interaction of none":   {asked{path: "/slack/interactions", body: ``}, 200, false, ""},
		"a check of TLS":           {asked{path: "/slack/commands", body: `ssl_check=1`}, 200, false, ""},
		"a command":                {asked{path: "/slack/commands", body: "team_id=T00000001&user_id=U00000001&trigger_id=1&text=mis"}, 200, true, ""},
		"elsewhere":                {asked{path: "/slack/else", body: event("j")}, 404, false, "404 page not found\n"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := st.answer(test.asked)
			if status != test.status || body != test.body {
				t.Errorf("%d %q, want %d %q", status, body, test.status, test.body)
			}
			st.until(func() bool { busy, err := wire.Busy(t.Context(), storeOf(t, st.URL())); return err == nil && !busy })
			if got := len(heard) > 0; got != test.heard {
				t.Errorf("heard: %v", got)
			}
			for len(heard) > 0 {
				<-heard
			}
		})
	}
	res, err := http.Get(st.web.URL + events)
	if err != nil || res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v %v", res, err)
	}
	_ = res.Body.Close()
	if strings.Contains(st.log.String(), st.SigningSecret()) {
		t.Error("the secret is in the log")
	}
}

func TestARequestIsAnsweredWhenItIsKeptAndAFormAfterTheCommitOrWhenPatienceEnds(t *testing.T) {
	commit, second := make(chan struct{}), make(chan struct{})
	commits := make(chan chan struct{}, 3)
	commits <- commit
	commits <- commit
	commits <- second
	began := make(chan struct{}, 10)
	h := func(context.Context, bot.Input) bot.Reply {
		mine := <-commits
		began <- struct{}{}
		<-mine
		return bot.Reply{}
	}
	st := perform(t, "http", h)
	st.slack.patience = time.Minute
	if status, _ := st.answer(asked{path: "/slack/events", body: event("a")}); status != 200 {
		t.Error(status)
	}
	receive(t, began)
	answered := make(chan string, 1)
	form := strings.NewReplacer("T1", "T00000001", "U1", "U00000002").Replace(submission)
	go func() {
		_, body := st.answer(asked{path: "/slack/interactions", body: payloadForm(form)})
		answered <- body
	}()
	receive(t, began)
	select {
	case <-answered:
		t.Error("answered before the commit")
	default:
	}
	close(commit)
	if got := receive(t, answered); !strings.Contains(got, "clear") {
		t.Error(got)
	}
	st.slack.patience = 10 * time.Millisecond
	form = strings.Replace(form, "V1", "V2", 1)
	if _, body := st.answer(asked{path: "/slack/interactions", body: payloadForm(form)}); !strings.Contains(body, wordWorking) {
		t.Error(body)
	}
	receive(t, began)
	close(second)
}

func TestAReplicaThatDoesNotRunAsksSlackToComeAgain(t *testing.T) {
	st := perform(t, "http", nothing)
	st.slack.receiver.Store(nil)
	for _, body := range []string{event("a"), `{"type":"url_verification","challenge":"abc"}`} {
		if status, _ := st.answer(asked{path: "/slack/events", body: body}); status != http.StatusServiceUnavailable {
			t.Error(status)
		}
	}
}

func TestWhatIsCutShortAtTheEndIsHandledByAnotherReplica(t *testing.T) {
	began := make(chan struct{}, 1)
	st := perform(t, "http", func(ctx context.Context, _ bot.Input) bot.Reply {
		began <- struct{}{}
		<-ctx.Done()
		return bot.Reply{}
	})
	heard := make(chan string, 1)
	_, _, other, _ := run(t, Config{BotToken: st.BotToken(), API: st.URL(), SigningSecret: st.SigningSecret(), Shared: true}, func(_ context.Context, in bot.Input) bot.Reply {
		heard <- in.Text
		return bot.Reply{}
	})
	st.slack.patience, st.slack.grace = time.Minute, time.Millisecond
	st.lucia.Say("hola")
	receive(t, began)
	st.until(func() bool { return st.Deliver(t.Context(), other.URL) == nil })
	st.end()
	if got := receive(t, heard); got != "hola" {
		t.Error(got)
	}
	st.rest()
	if len(st.lucia.Failures()) > 0 {
		t.Error(st.lucia.Failures())
	}
}

func TestTheSamePressAtTwoReplicasIsHandledOnce(t *testing.T) {
	var handled atomic.Int64
	h := func(context.Context, bot.Input) bot.Reply {
		handled.Add(1)
		return bot.Reply{}
	}
	st := perform(t, "http", h)
	_, _, other, _ := run(t, Config{BotToken: st.BotToken(), API: st.URL(), SigningSecret: st.SigningSecret(), Shared: true}, h)
	st.until(func() bool { return st.Deliver(t.Context(), st.web.URL, other.URL) == nil })
	st.press(st.post(titled("x", opens)))
	for range 9 {
		if err := st.lucia.Redeliver(); err != nil {
			t.Fatal(err)
		}
	}
	st.rest()
	if n := handled.Load(); n != 1 {
		t.Errorf("handled %d times", n)
	}
}

func TestWithoutASigningSecretThereAreNoRoutes(t *testing.T) {
	s, err := New(Config{BotToken: botToken, AppToken: appToken})
	if err != nil || len(s.Routes()) != 0 {
		t.Error(err, s.Routes())
	}
	if _, err := New(Config{BotToken: botToken}); err == nil {
		t.Error("neither a token for the socket nor a secret for requests")
	}
}

func FuzzARequestIsJudgedBeforeItIsRead(f *testing.F) {
	f.Add([]byte(event("a")), "v0=00", "1795000000")
	f.Add([]byte("payload={}"), "", "x")
	s, err := New(Config{BotToken: botToken, SigningSecret: "secret"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, signature, stamp string) {
		for pattern, h := range s.Routes() {
			req := httptest.NewRequest(http.MethodPost, strings.TrimPrefix(pattern, "POST "), strings.NewReader(string(body)))
			req.Header.Set("X-Slack-Signature", signature)
			req.Header.Set("X-Slack-Request-Timestamp", stamp)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			if rec.Code != http.StatusUnauthorized {
				t.Errorf("%s: %d", pattern, rec.Code)
			}
		}
		for name, read := range map[string]func([]byte) (delivery, error){"events": eventsRequest, "interactions": interactionRequest, "commands": commandRequest} {
			if d, err := read(body); err == nil && d.kind != "" && d.challenge != "" {
				t.Error(fmt.Sprint(name, d))
			}
		}
	})
}
