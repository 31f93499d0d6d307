package telegramtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var secret = strings.Repeat("aA9_-", 3)

// receiver is a bot's webhook that answers with the statuses it is given, then 200.
type receiver struct {
	mu       sync.Mutex
	statuses []int
	got      []event
	secrets  []string
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var e event
	if err := json.NewDecoder(req.Body).Decode(&e); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.got = append(r.got, e)
	r.secrets = append(r.secrets, req.Header.Get("X-Telegram-Bot-Api-Secret-Token"))
	if len(r.statuses) > 0 {
		w.WriteHeader(r.statuses[0])
		r.statuses = r.statuses[1:]
	}
}

func (r *receiver) texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return texts(r.got)
}

func hooked(t *testing.T, s *Server, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{statuses: statuses}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	must(t, s, "setWebhook", params{"url": srv.URL, "secret_token": secret})
	return r
}

func TestTheWebhookGetsUpdatesInOrderUntilItSays2xx(t *testing.T) {
	s := start(t, Options{NoRateLimits: true, WebhookBackoff: time.Millisecond})
	p := lucía(t, s)
	p.Say("antes")
	r := hooked(t, s, 500, 404, 302, 204)
	p.Say("b")
	p.Say("c")
	await(t, s, s.Idle)
	if diff := cmp.Diff([]string{"antes", "antes", "antes", "antes", "b", "c"}, r.texts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, got := range r.secrets {
		if got != secret {
			t.Errorf("secret %q", got)
		}
	}
	p.Redeliver()
	await(t, s, s.Idle)
	if got := r.texts(); len(got) != 7 || got[6] != "c" || r.got[6].ID != r.got[5].ID {
		t.Errorf("no duplicate: %v", got)
	}
}

func TestAStubbornChatDoesNotHoldUpTheOthers(t *testing.T) {
	s := start(t, Options{NoRateLimits: true, WebhookBackoff: time.Hour})
	p := lucía(t, s)
	r := hooked(t, s, 500, 500)
	p.Say("no pasa")
	await(t, s, func() bool { return len(r.texts()) == 2 })
	s.Person(2, "Raúl", "").Say("pasa")
	await(t, s, func() bool { return s.Pending() == 1 })
	info := decode[map[string]any](t, must(t, s, "getWebhookInfo", nil))
	if info["last_error_message"] != "Wrong response from the webhook: 500 Internal Server Error" || info["pending_update_count"] != 1.0 {
		t.Errorf("got %v", info)
	}
	must(t, s, "deleteWebhook", nil)
	if diff := cmp.Diff([]string{"no pasa"}, texts(updatesOf(t, s, params{}))); diff != "" {
		t.Errorf("what was not delivered is there for polling (-want +got):\n%s", diff)
	}
	must(t, s, "deleteWebhook", params{"drop_pending_updates": true})
	if n := s.Pending(); n != 0 {
		t.Errorf("%d pending updates were not dropped", n)
	}
}

func TestWebhooksThatThePlatformRefuses(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ url, secret, want string }{
		{"http://bot.ejemplo.mx/hook", "", "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"},
		{"https://bot.ejemplo.mx:8080/hook", "", "Bad Request: bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"},
		{"://", "", "Bad Request: invalid webhook URL specified"},
		{"https://127.0.0.1/", strings.Repeat("x", 257), "Bad Request: secret token is too long"},
		{"https://127.0.0.1/", "á", "Bad Request: secret token contains unallowed characters"},
	} {
		refused(t, s, "setWebhook", params{"url": c.url, "secret_token": c.secret}, c.want)
	}
	must(t, s, "setWebhook", params{"url": "http://127.0.0.1:9/", "secret_token": strings.Repeat("x", 256)})
	if info := decode[map[string]any](t, must(t, s, "getWebhookInfo", nil)); info["url"] != "http://127.0.0.1:9/" {
		t.Errorf("got %v", info)
	}
	must(t, s, "setWebhook", params{"url": ""})
	if info := decode[map[string]any](t, must(t, s, "getWebhookInfo", nil)); info["url"] != "" {
		t.Errorf("got %v", info)
	}
}

func TestWebhooksAreSetOnceASecond(t *testing.T) {
	s := start(t, Options{})
	must(t, s, "setWebhook", params{"url": "http://127.0.0.1:9/"})
	if r := ask(t, s, "setWebhook", params{"url": "http://127.0.0.1:9/"}); !r.OK && r.Parameters.RetryAfter != 1 {
		t.Errorf("got %+v", r)
	}
}
