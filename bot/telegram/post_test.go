package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// canary is the token of all tests: it must not be in any error nor log line.
const canary = "424242:CANARYcanaryCANARYcanaryCANARYcanary"

// journal is a log that a test can read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// open makes an emulator and a Telegram that speaks with it, its waits recorded but not waited.
func open(t *testing.T, opts telegramtest.Options) (*telegramtest.Server, *Telegram, *journal) {
	t.Helper()
	opts.NoRateLimits = true
	srv := telegramtest.New(canary, opts)
	t.Cleanup(srv.Close)
	tg, log := connect(t, srv.URL())
	return srv, tg, log
}

// stores are what SIDEM keeps, by the emulator that it speaks with.
var stores sync.Map

func storeOf(t *testing.T, api string) *shelf {
	t.Helper()
	s, known := stores.LoadOrStore(api, newShelf())
	if !known {
		t.Cleanup(func() { stores.Delete(api) })
	}
	return s.(*shelf)
}

// rest waits until nothing is under way: nothing is unconfirmed, nothing is kept that
// is not worked, nobody is being called.
func rest(t *testing.T, srv *telegramtest.Server) {
	t.Helper()
	testbed.Await(t, time.Minute, "rest", func() bool {
		idle := srv.Idle()
		busy, err := wire.Busy(t.Context(), storeOf(t, srv.URL()))
		return idle && err == nil && !busy && srv.Idle()
	})
}

// connect makes a Telegram; all that speak with one emulator have one store.
func connect(t *testing.T, api string) (*Telegram, *journal) {
	t.Helper()
	log := &journal{}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	tg, err := New(Config{
		Token: canary, API: api, HTTP: &http.Client{Transport: transport}, PollTimeout: time.Second,
		Log: slog.New(slog.NewTextHandler(log, nil)), Sessions: storeOf(t, api), Now: testbed.Clock(),
	})
	if err != nil {
		t.Fatal(err)
	}
	tg.sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	t.Cleanup(func() {
		if strings.Contains(log.String(), "CANARY") {
			t.Errorf("the token is in the log:\n%s", log)
		}
	})
	return tg, log
}

func simple(title string) card.Card {
	return card.Card{Story: es.Story{Title: title}, Rows: [][]card.Action{{{Label: "Liberar", Token: "t1", Style: card.Primary}}}}
}

// kind names what the outbox would do with err.
func kind(err error) string {
	wait, limited := outbox.Wait(err)
	switch {
	case err == nil:
		return "sent"
	case limited:
		return "after " + wait.String()
	case outbox.IsPermanent(err):
		return "permanent"
	case outbox.IsUncertain(err) && outbox.IsUnanswered(err):
		return "uncertain, no answer"
	case outbox.IsUnanswered(err):
		return "no answer"
	case outbox.IsUncertain(err):
		return "uncertain"
	case outbox.IsConfig(err):
		return "config"
	case outbox.IsGone(err):
		return "gone"
	default:
		return "retry"
	}
}

func refusal(code int, description, parameters string) *telegramtest.Fault {
	return &telegramtest.Fault{Status: code, Body: fmt.Sprintf(`{"ok":false,"error_code":%d,"description":%q%s}`, code, description, parameters)}
}

func TestEveryOutcomeOfACallMeansOneThing(t *testing.T) {
	cases := []struct {
		name       string
		fault      *telegramtest.Fault
		post, edit string
	}{
		{"flood with a time", refusal(429, "Too Many Requests: retry after 7", `,"parameters":{"retry_after":7}`), "after 7s", "after 7s"},
		{"flood without a time", refusal(429, "Too Many Requests", ""), "after 5s", "after 5s"},
		{"flood, negative", refusal(429, "Too Many Requests", `,"parameters":{"retry_after":-7}`), "after 5s", "after 5s"},
		{"flood, no JSON", &telegramtest.Fault{Status: 429, Body: "slow down"}, "after 5s", "after 5s"},
		{"500", refusal(500, "Internal Server Error", ""), "retry", "retry"},
		{"502 in HTML", &telegramtest.Fault{Status: 502, Body: "<html><body>Bad Gateway</body></html>"}, "retry", "retry"},
		{"blocked", refusal(403, "Forbidden: bot was blocked by the user", ""), "permanent", "permanent"},
		{"never started", refusal(403, "Forbidden: bot can't initiate conversation with a user", ""), "permanent", "permanent"},
		{"deactivated", refusal(403, "Forbidden: user is deactivated", ""), "permanent", "permanent"},
		{"no chat", refusal(400, "Bad Request: chat not found", ""), "permanent", "permanent"},
		{"refused for what it is", refusal(400, "Bad Request: BUTTON_DATA_INVALID", ""), "permanent", "permanent"},
		{"token revoked", refusal(401, "Unauthorized", ""), "config", "config"},
		{"token that is none", refusal(404, "Not Found", ""), "config", "config"},
		{"not modified", refusal(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same", ""), "permanent", "sent"},
		{"edit lost", refusal(400, "Bad Request: message to edit not found", ""), "permanent", "gone"},
		{"edit refused", refusal(400, "Bad Request: message can't be edited", ""), "permanent", "gone"},
		{"edit of no message", refusal(400, "Bad Request: MESSAGE_ID_INVALID", ""), "permanent", "gone"},
		{"cut before", &telegramtest.Fault{Drop: true}, "uncertain, no answer", "no answer"},
		{"cut after", &telegramtest.Fault{Drop: true, After: true}, "uncertain, no answer", "no answer"},
		{"garbage with 200", &telegramtest.Fault{Status: 200, Body: "<html>"}, "uncertain", "retry"},
		{"a portal", &telegramtest.Fault{Status: 302, Body: ""}, "config", "config"},
		{"the token told back", refusal(400, "Bad Request: "+canary, ""), "permanent", "permanent"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			srv, tg, _ := open(t, telegramtest.Options{})
			srv.Person(7001, "Lucía", "Herrera").Start("")
			ref, err := tg.Post(t.Context(), "7001", simple("uno"), card.Ref{})
			if err != nil {
				t.Fatal(err)
			}
			srv.Intercept(func(*telegramtest.Call) *telegramtest.Fault { return c.fault })
			_, posted := tg.Post(t.Context(), "7001", simple("dos"), card.Ref{})
			edited := tg.Edit(t.Context(), ref, simple("tres"))
			if kind(posted) != c.post || kind(edited) != c.edit {
				t.Errorf("post is %s (%v), want %s; edit is %s (%v), want %s", kind(posted), posted, c.post, kind(edited), edited, c.edit)
			}
			if text := fmt.Sprint(posted, edited); strings.Contains(text, "CANARY") {
				t.Errorf("the token is in %s", text)
			}
		})
	}
}

func TestACardIsPostedAndRedrawnInPlace(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	srv.Person(7001, "Lucía", "Herrera").Start("")
	ref, err := tg.Post(t.Context(), "7001", simple("uno"), card.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	if ref.Chat != "7001" || ref.Message == "" {
		t.Errorf("ref %+v", ref)
	}
	for range 2 { // the second changes nothing, and is no error
		if err := tg.Edit(t.Context(), ref, simple("dos")); err != nil {
			t.Error(err)
		}
	}
	if err := tg.Edit(t.Context(), card.Ref{Chat: "7001", Message: "999999"}, simple("dos")); !outbox.IsGone(err) {
		t.Errorf("edit of no message: %v", err)
	}
	if err := tg.Edit(t.Context(), card.Ref{Chat: "x", Message: "y"}, simple("dos")); !outbox.IsGone(err) {
		t.Errorf("edit of no reference: %v", err)
	}
}

func TestStrangersCannotBeWrittenTo(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	srv.Person(7002, "Raúl", "Ortega") // never pressed Start
	for _, who := range []string{"7002", "9999", "raúl", ""} {
		if _, err := tg.Post(t.Context(), who, simple("uno"), card.Ref{}); !outbox.IsPermanent(err) {
			t.Errorf("post to %q: %v", who, err)
		}
	}
}

func TestMarkupThatIsRefusedIsSentAsPlainTextOnce(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	srv.Person(7001, "Lucía", "Herrera").Start("")
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Params["parse_mode"] == "" {
			return nil
		}
		return refusal(400, "Bad Request: can't parse entities: Unsupported start tag", "")
	})
	ref, err := tg.Post(t.Context(), "7001", simple("<uno>"), card.Ref{})
	if err != nil {
		t.Fatal(err)
	}
	if err := tg.Edit(t.Context(), ref, simple("<dos>")); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 2 {
		t.Errorf("%d alarms:\n%s", n, log)
	}
	srv.Intercept(func(*telegramtest.Call) *telegramtest.Fault {
		return refusal(400, "Bad Request: can't parse entities", "")
	})
	before := len(srv.Calls())
	if _, err := tg.Post(t.Context(), "7001", simple("tres"), card.Ref{}); err == nil {
		t.Error("refused twice, and no error")
	}
	if n := len(srv.Calls()) - before; n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

func TestNobodyThereIsAFaultOfTheChannel(t *testing.T) {
	const address = "127.0.0.1:1" // a low port, which nobody is given
	for _, api := range []string{"http://" + address, "http://sidem.invalid", "https://" + address} {
		tg, _ := connect(t, api)
		_, err := tg.Post(t.Context(), "7001", simple("uno"), card.Ref{})
		if !outbox.IsConfig(err) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: %v", api, err)
		}
		if err := tg.Edit(t.Context(), card.Ref{Chat: "1", Message: "1"}, simple("uno")); !outbox.IsConfig(err) {
			t.Errorf("%s: %v", api, err)
		}
	}
}

func TestAnAnswerThatDoesNotComeIsUncertain(t *testing.T) {
	asked := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(asked)
		<-r.Context().Done()
	}))
	t.Cleanup(srv.Close)
	tg, _ := connect(t, srv.URL)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := tg.Post(ctx, "7001", simple("uno"), card.Ref{})
	if kind(err) != "uncertain" || !errors.Is(err, context.Canceled) { // that we gave up says nothing of Telegram
		t.Errorf("%v", err)
	}
}

func TestAnEarlyCancelSendsNothing(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tg.Post(ctx, "7001", simple("uno"), card.Ref{}); kind(err) != "retry" || strings.Contains(err.Error(), "CANARY") {
		t.Errorf("%s: %v", kind(err), err)
	}
	if n := len(srv.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func TestTheTokenIsInNoErrorOfNew(t *testing.T) {
	for _, cfg := range []Config{
		{Token: ""},
		{Token: canary + "\n"},
		{Token: canary, API: "http://[::1"},
		{Token: canary, API: "ftp://x"},
		{Token: canary, API: "http://"},
		{Token: canary, Menus: Menus{Strangers: []Command{{"Start", "x"}}}},
		{Token: canary, Menus: Menus{Group: []Command{{"start", ""}}}},
		{Token: canary, Shared: true},
		{Token: canary, Webhook: &Webhook{URL: "https://sidem.example/telegram/webhook"}},
		{Token: canary, Webhook: &Webhook{URL: "sidem.example", Secret: "s"}},
		{Token: canary, Webhook: &Webhook{URL: "https://sidem.example", Secret: "s", Connections: 101}},
		{Token: canary, Menus: Menus{Strangers: make([]Command, 101)}},
	} {
		if _, err := New(cfg); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%+v: %v", cfg.API, err)
		}
	}
}

func TestRequestsCarryOnlyWhatWeMean(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	srv.Person(7001, "Lucía", "Herrera").Start("")
	if _, err := tg.Post(t.Context(), "7001", simple("uno & dos"), card.Ref{}); err != nil {
		t.Fatal(err)
	}
	calls := srv.Calls()
	got := calls[len(calls)-1].Params
	want := map[string]string{
		"chat_id": "7001", "text": "<b>uno &amp; dos</b>", "parse_mode": "HTML", "link_preview_options": `{"is_disabled":true}`,
		"reply_markup": `{"inline_keyboard":[[{"text":"Liberar","style":"primary","callback_data":"t1"}]]}`,
	}
	if len(got) != len(want) {
		t.Errorf("params %v", got)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %q, want %q", k, got[k], v)
		}
	}
}
