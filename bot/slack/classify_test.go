package slack

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/storagetest"
)

const (
	botToken = "xoxb-canary-bot-token" //nolint:gosec // to be grepped for
	appToken = "xapp-canary-app-token" //nolint:gosec // to be grepped for
)

// scripted is a Web API that answers well, but for the methods that a test scripts.
type scripted struct {
	*httptest.Server
	mu    sync.Mutex
	on    map[string]http.HandlerFunc
	calls []string
}

func script(t *testing.T, on map[string]http.HandlerFunc) *scripted {
	t.Helper()
	s := &scripted{on: on}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method := path.Base(r.URL.Path)
		s.mu.Lock()
		s.calls = append(s.calls, method)
		h := s.on[method]
		s.mu.Unlock()
		if h != nil {
			h(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"ok":true,"team_id":"T1","user_id":"UBOT","channel":` + channelOf(method) + `,"ts":"1.2"}`))
	}))
	t.Cleanup(s.Close)
	return s
}

func channelOf(method string) string {
	if method == "conversations.open" {
		return `{"id":"D1"}`
	}
	return `"D1"`
}

func (s *scripted) count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if c == method {
			n++
		}
	}
	return n
}

func says(body string) http.HandlerFunc { return answers(http.StatusOK, "application/json", body) }

func fails(code string) http.HandlerFunc { return says(`{"ok":false,"error":"` + code + `"}`) }

func answers(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func limits(status int, after, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// hangsUp reads the request and closes the connection without an answer.
func hangsUp(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
}

// breaksOff announces more than it answers.
func breaksOff(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"ok":true,`))
	_ = http.NewResponseController(w).Flush()
	hangsUp(w, r)
}

func newTest(t *testing.T, api string) (*Slack, *syncBuffer) {
	t.Helper()
	return withLog(t, Config{BotToken: botToken, AppToken: appToken, API: api})
}

// stores are what SIDEM keeps, by the emulator that it speaks with.
var stores sync.Map

func storeOf(t *testing.T, api string) *storagetest.Model {
	t.Helper()
	s, known := stores.LoadOrStore(api, storagetest.NewModel())
	if !known {
		t.Cleanup(func() { stores.Delete(api) })
	}
	return s.(*storagetest.Model)
}

func withLog(t *testing.T, cfg Config) (*Slack, *syncBuffer) {
	t.Helper()
	logged := &syncBuffer{}
	if cfg.Sessions == nil {
		cfg.Sessions = storeOf(t, cfg.API)
	}
	cfg.Now = testbed.Clock()
	cfg.Log = slog.New(slog.NewJSONHandler(logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, logged
}

// syncBuffer is a log that tests may read while it is written.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// outcome names what an error means to the outbox.
func outcome(err error) string {
	after, asked := outbox.Wait(err)
	switch {
	case err == nil:
		return "sent"
	case asked:
		if outbox.IsWide(err) {
			return "all after " + after.String()
		}
		return "after " + after.String()
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
		return "again"
	}
}

var simple = card.Card{Story: es.Story{Title: "Por liberar", Head: "Solicitud número 000147/2026"}}

func TestPostAndEditSayWhatAFailureMeans(t *testing.T) {
	const page = "<html>502</html>"
	tests := map[string]struct {
		answer     http.HandlerFunc
		post, edit string
	}{
		"accepted":                        {nil, "sent", "sent"},
		"429 that names a time":           {limits(429, "30", ""), "after 30s", "all after 30s"},
		"429 with an answer":              {limits(429, "7", `{"ok":false,"error":"ratelimited"}`), "after 7s", "all after 7s"},
		"429 without a time":              {limits(429, "", ""), "after 5s", "all after 5s"},
		"429 with a date":                 {limits(429, "Wed, 21 Oct 2026 07:28:00 GMT", ""), "after 5s", "all after 5s"},
		"429 with nonsense":               {limits(429, "-3", ""), "after 5s", "all after 5s"},
		"ratelimited with 200":            {fails("ratelimited"), "after 5s", "all after 5s"},
		"ratelimited with 200 and a time": {limits(200, "9", `{"ok":false,"error":"ratelimited"}`), "after 9s", "all after 9s"},
		"message_limit_exceeded":          {fails("message_limit_exceeded"), "all after 5s", "all after 5s"},
		"message_not_found":               {fails("message_not_found"), "gone", "gone"},
		"cant_update_message":             {fails("cant_update_message"), "gone", "gone"},
		"edit_window_closed":              {fails("edit_window_closed"), "gone", "gone"},
		"channel_not_found":               {fails("channel_not_found"), "permanent", "permanent"},
		"user_not_found":                  {fails("user_not_found"), "permanent", "permanent"},
		"is_archived":                     {fails("is_archived"), "permanent", "permanent"},
		"cannot_dm_bot":                   {fails("cannot_dm_bot"), "permanent", "permanent"},
		"invalid_blocks":                  {fails("invalid_blocks"), "permanent", "permanent"},
		"msg_too_long":                    {fails("msg_too_long"), "permanent", "permanent"},
		"account_inactive of another":     {fails("account_inactive"), "permanent", "permanent"},
		"invalid_auth":                    {fails("invalid_auth"), "config", "config"},
		"not_authed":                      {fails("not_authed"), "config", "config"},
		"token_revoked":                   {fails("token_revoked"), "config", "config"},
		"missing_scope":                   {fails("missing_scope"), "config", "config"},
		"a word that is new":              {fails("something_new"), "again", "again"},
		"internal_error":                  {fails("internal_error"), "uncertain", "again"},
		"500":                             {answers(500, "text/html", page), "again", "again"},
		"503 with JSON":                   {answers(503, "application/json", `{"ok":false,"error":"service_unavailable"}`), "again", "again"},
		"a page instead of an answer":     {answers(200, "text/html", page), "again", "again"},
		"a redirect":                      {answers(302, "text/html", ""), "config", "config"},
		"a proxy that wants to know us":   {answers(407, "text/html", ""), "config", "config"},
		"another server":                  {answers(404, "text/html", ""), "config", "config"},
		"hung up after the request":       {hangsUp, "uncertain, no answer", "no answer"},
		"an answer that broke off":        {breaksOff, "uncertain, no answer", "no answer"},
		"an answer of another shape":      {says(`{"ok":true,"channel":{"x":1},"ts":"1.2"}`), "uncertain", "again"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := script(t, map[string]http.HandlerFunc{"chat.postMessage": test.answer, "chat.update": test.answer})
			s, _ := newTest(t, server.URL+"/api/")
			_, err := s.Post(t.Context(), "U1", simple, card.Ref{})
			if got := outcome(err); got != test.post {
				t.Errorf("Post: %s, want %s: %v", got, test.post, err)
			}
			noSecret(t, err)
			err = s.Edit(t.Context(), card.Ref{Chat: "D1", Message: "1.2"}, simple)
			if got := outcome(err); got != test.edit {
				t.Errorf("Edit: %s, want %s: %v", got, test.edit, err)
			}
			noSecret(t, err)
			if n := server.count("chat.postMessage"); n != 1 {
				t.Errorf("posted %d times", n)
			}
		})
	}
}

func noSecret(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "canary") {
		t.Errorf("a token in an error: %v", err)
	}
}

func TestADirectMessageThatCannotBeOpenedIsJudgedTheSame(t *testing.T) {
	for code, want := range map[string]string{
		"user_not_found": "permanent", "user_disabled": "permanent", "cannot_dm_bot": "permanent", "missing_scope": "config",
		"ratelimited": "all after 5s", "internal_error": "again",
	} {
		server := script(t, map[string]http.HandlerFunc{"conversations.open": fails(code)})
		s, _ := newTest(t, server.URL+"/api/")
		if _, err := s.Post(t.Context(), "U1", simple, card.Ref{}); outcome(err) != want {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
	server := script(t, map[string]http.HandlerFunc{"conversations.open": hangsUp})
	s, _ := newTest(t, server.URL+"/api/")
	if _, err := s.Post(t.Context(), "U1", simple, card.Ref{}); outcome(err) != "no answer" {
		t.Errorf("nothing was posted yet, but: %v", err)
	}
}

func TestAnInactiveAccountOfOurOwnHoldsEverythingUp(t *testing.T) {
	server := script(t, map[string]http.HandlerFunc{"chat.postMessage": fails("account_inactive"), "auth.test": fails("account_inactive")})
	s, _ := newTest(t, server.URL+"/api/")
	if _, err := s.Post(t.Context(), "U1", simple, card.Ref{}); outcome(err) != "config" {
		t.Error(err)
	}
}

func TestANetworkThatIsNotThereIsAMatterOfConfiguration(t *testing.T) {
	s, _ := newTest(t, "http://127.0.0.1:1/api/") // a low port, which nobody is given
	if _, err := s.Post(t.Context(), "U1", simple, card.Ref{}); outcome(err) != "config" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Post(ctx, "U1", simple, card.Ref{}); outcome(err) != "again" || !errors.Is(err, context.Canceled) {
		t.Errorf("our own end is not the network's: %v", err)
	}
}

func TestADirectMessageIsOpenedOnceForEachPerson(t *testing.T) {
	server := script(t, nil)
	s, _ := newTest(t, server.URL+"/api/")
	for range 3 {
		ref, err := s.Post(t.Context(), "U1", simple, card.Ref{})
		if err != nil || ref != (card.Ref{Chat: "D1", Message: "1.2"}) {
			t.Fatal(ref, err)
		}
	}
	if n := server.count("conversations.open"); n != 1 {
		t.Errorf("opened %d times", n)
	}
}

func TestADirectMessageThatIsGoneIsAskedForAnew(t *testing.T) {
	server := script(t, map[string]http.HandlerFunc{"chat.postMessage": fails("channel_not_found")})
	s, _ := newTest(t, server.URL+"/api/")
	for range 2 {
		if _, err := s.Post(t.Context(), "U1", simple, card.Ref{}); err == nil {
			t.Fatal("no error")
		}
	}
	if n := server.count("conversations.open"); n != 2 {
		t.Errorf("opened %d times", n)
	}
}

func TestAnAddressThatIsNoneIsNotTried(t *testing.T) {
	server := script(t, nil)
	s, _ := newTest(t, server.URL+"/api/")
	for _, person := range []string{"", "D1", "u1", "U1 ", "U1,U2", "raul"} {
		if _, err := s.Post(t.Context(), person, simple, card.Ref{}); outcome(err) != "permanent" {
			t.Errorf("%q: %v", person, err)
		}
	}
	if err := s.Edit(t.Context(), card.Ref{Chat: "D1"}, simple); outcome(err) != "gone" {
		t.Error(err)
	}
	if len(server.calls) > 0 {
		t.Error(server.calls)
	}
}

func TestATokenThatSlackEchoesIsNotPassedOn(t *testing.T) {
	server := script(t, map[string]http.HandlerFunc{
		"chat.postMessage": says(`{"ok":false,"error":"` + botToken + `","response_metadata":{"messages":["` + appToken + `"]}}`),
	})
	s, _ := newTest(t, server.URL+"/api/")
	_, err := s.Post(t.Context(), "U1", simple, card.Ref{})
	if err == nil {
		t.Fatal("no error")
	}
	noSecret(t, err)
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := Config{BotToken: botToken, AppToken: appToken, API: "https://slack.com/api/"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no bot token":       func(c *Config) { c.BotToken = "" },
		"tokens swapped":     func(c *Config) { c.BotToken, c.AppToken = c.AppToken, c.BotToken },
		"a token with blank": func(c *Config) { c.BotToken += "\n" },
		"no app token":       func(c *Config) { c.AppToken = "" },
		"API without slash":  func(c *Config) { c.API = "https://slack.com/api" },
		"API without host":   func(c *Config) { c.API = "/api/" },
		"API of a file":      func(c *Config) { c.API = "file:///api/" },
	} {
		cfg := good
		change(&cfg)
		_, err := New(cfg)
		if err == nil {
			t.Error(name)
		}
		noSecret(t, err)
	}
}
