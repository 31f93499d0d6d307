package slacktest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
)

func hasty(t *testing.T) *workspace {
	t.Helper()
	return open(t, slacktest.Options{NoRateLimits: true, AckTime: 50 * time.Millisecond})
}

func TestAnEventComesAgainUpToThreeTimesUnlessItIsAcknowledged(t *testing.T) {
	w := hasty(t)
	a := w.connect(&app{silent: true})
	w.lucia.Say("hola")
	var ids []string
	for range 4 {
		var body struct {
			ID string `json:"event_id"`
		}
		if err := json.Unmarshal(a.event(t).Request.Payload, &body); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, body.ID)
	}
	w.until(func() bool { return len(w.lucia.Failures()) == 1 && w.Idle() })
	if len(slices.Compact(ids)) != 1 || len(a.events) > 0 {
		t.Error(ids, len(a.events))
	}
}

func TestAPressThatIsNotAcknowledgedHasFailedAndIsNotSentAgain(t *testing.T) {
	w := hasty(t)
	a := w.connect(&app{silent: true})
	if err := w.lucia.PressValue(w.post("x"), "tap", "tok"); err != nil {
		t.Fatal(err)
	}
	a.event(t)
	w.until(func() bool { return len(w.lucia.Failures()) == 1 })
	if !w.Idle() || len(a.events) > 0 {
		t.Error("it is sent again")
	}
}

func TestWithoutAConnectionAnEventWaitsAndAPressFails(t *testing.T) {
	w := quick(t)
	w.lucia.Say("hola")
	if err := w.lucia.Slash("/sidem", "mis"); err == nil || len(w.lucia.Failures()) != 1 {
		t.Error(err, w.lucia.Failures())
	}
	if w.Idle() {
		t.Error("nothing waits")
	}
	if got := w.listen().event(t); !strings.Contains(string(got.Request.Payload), "hola") {
		t.Errorf("%s", got.Request.Payload)
	}
}

func TestADisconnectIsFollowedByANewConnection(t *testing.T) {
	w := quick(t)
	a := w.listen()
	w.Disconnect()
	w.until(func() bool { return w.Greeted() == 2 && w.Connected() == 1 }) // that none is open in between nobody may see
	w.lucia.Say("hola")
	a.event(t)
}

func TestAnAppWithoutTheScopeIsNotTold(t *testing.T) {
	w := open(t, slacktest.Options{Scopes: []string{"chat:write"}, NoRateLimits: true})
	a := w.listen()
	w.lucia.Say("hola")
	if err := w.lucia.OpenHome(); err != nil { // needs none
		t.Fatal(err)
	}
	if got := a.event(t); !strings.Contains(string(got.Request.Payload), "app_home_opened") {
		t.Errorf("%s", got.Request.Payload)
	}
	if got := w.Delivered(); !slices.Equal(got, []string{"app_home_opened"}) {
		t.Error(got)
	}
}

func TestAFormStaysClosesOrChangesAsTheAppAnswers(t *testing.T) {
	const next = `{"type":"modal","title":{"type":"plain_text","text":"Otra"},"blocks":[{"type":"section","text":{"type":"plain_text","text":"y"}}]}`
	for name, test := range map[string]struct {
		answer string
		title  string // "": closed
		wrong  bool
	}{
		"nothing":        {"null", "", false},
		"clear":          {`{"response_action":"clear"}`, "", false},
		"errors":         {`{"response_action":"errors","errors":{"folio":"Falta."}}`, "Registrar", false},
		"update":         {`{"response_action":"update","view":` + next + `}`, "Otra", false},
		"push":           {`{"response_action":"push","view":` + next + `}`, "Otra", false},
		"a broken view":  {`{"response_action":"update","view":{"type":"modal"}}`, "Registrar", true},
		"errors of none": {`{"response_action":"errors","errors":{"other":"Falta."}}`, "Registrar", true},
		"nonsense":       {`{"response_action":"dance"}`, "Registrar", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := quick(t)
			a := w.connect(&app{})
			trigger := w.trigger(a)
			if got := w.call("views.open", map[string]any{"trigger_id": trigger, "view": modal(func(map[string]any) {})}); got != "" {
				t.Fatal(got)
			}
			if err := w.lucia.Submit(); err == nil {
				t.Error("Slack sends a form without what it asks for")
			}
			if err := w.lucia.Fill("¿Cuál?", "OP-1"); err != nil {
				t.Fatal(err)
			}
			if test.answer != "null" {
				a.answer = json.RawMessage(test.answer)
			}
			if err := w.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			got := a.next(t).(slack.InteractionCallback)
			if v := got.View.State.Values["folio"]["value"].Value; v != "OP-1" || got.View.PrivateMetadata != "tok" {
				t.Errorf("%+v", got.View)
			}
			w.until(w.Idle)
			title := ""
			if m := w.lucia.Modal(); m != nil {
				title = m.Title
			}
			if title != test.title || (len(w.lucia.Failures()) > 0) != test.wrong {
				t.Errorf("%q, %v", title, w.lucia.Failures())
			}
			if name == "errors" && w.lucia.Modal().Errors["¿Cuál?"] != "Falta." {
				t.Errorf("%+v", w.lucia.Modal())
			}
		})
	}
}

// web is an app that is reached by HTTP.
type web struct {
	*httptest.Server
	mu     sync.Mutex
	got    []*http.Request
	bodies []string
	status func(n int) int // of the nth request, from 1; challenges are answered
	answer string
}

func (w *workspace) serve(a *web) *web {
	w.t.Helper()
	a.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		judge, err := slack.NewSecretsVerifier(r.Header, w.SigningSecret())
		if err == nil {
			_, _ = judge.Write(body)
			err = judge.Ensure()
		}
		if err != nil {
			w.t.Errorf("not signed as Slack signs: %v", err)
		}
		var c struct{ Challenge string }
		if json.Unmarshal(body, &c) == nil && c.Challenge != "" {
			_, _ = io.WriteString(rw, c.Challenge)
			return
		}
		a.mu.Lock()
		a.got, a.bodies = append(a.got, r), append(a.bodies, string(body))
		n := len(a.got)
		a.mu.Unlock()
		if a.status != nil {
			rw.WriteHeader(a.status(n))
		}
		_, _ = io.WriteString(rw, a.answer)
	}))
	w.t.Cleanup(a.Close)
	return a
}

func (a *web) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.got)
}

func TestRequestsAreSignedAndInTurnsToEachReplica(t *testing.T) {
	w := quick(t)
	one, two := w.serve(&web{}), w.serve(&web{})
	if err := w.Deliver(t.Context(), one.URL, two.URL); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		w.lucia.Say("hola")
		w.until(w.Idle)
	}
	if one.count() == 0 || two.count() == 0 || one.count()+two.count() != 4 {
		t.Error(one.count(), two.count())
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if err := w.Deliver(t.Context(), other.URL); err == nil {
		t.Error("an address that does not know the challenge was taken")
	}
}

func TestWhatComesByHTTPIsWhatThePersonDid(t *testing.T) {
	w := quick(t)
	a := w.serve(&web{answer: `{"response_type":"ephemeral","text":"Le respondí."}`})
	if err := w.Deliver(t.Context(), a.URL); err != nil {
		t.Fatal(err)
	}
	if err := w.lucia.Slash("/sidem", "mis & más"); err != nil {
		t.Fatal(err)
	}
	w.until(w.Idle)
	form, err := url.ParseQuery(a.bodies[0])
	if err != nil || form.Get("text") != "mis & más" || a.got[0].URL.Path != "/slack/commands" || form.Get("trigger_id") == "" {
		t.Error(a.bodies[0], err)
	}
	if s := w.lucia.Screen(); len(s) != 1 || !s[0].Ephemeral || s[0].Shown != "Le respondí." {
		t.Errorf("%+v", s)
	}
	if err := w.lucia.PressValue(w.post("x"), "tap", "tok"); err != nil {
		t.Fatal(err)
	}
	w.until(w.Idle)
	form, err = url.ParseQuery(a.bodies[1])
	if err != nil {
		t.Fatal(err)
	}
	var press slack.InteractionCallback
	err = json.Unmarshal([]byte(form.Get("payload")), &press)
	if err != nil || press.ActionCallback.BlockActions[0].Value != "tok" || a.got[1].URL.Path != "/slack/interactions" {
		t.Error(a.bodies[1], err)
	}
}

func TestByHTTPAnEventComesAgainUpToThreeTimesAndAPressDoesNot(t *testing.T) {
	w := quick(t)
	a := w.serve(&web{status: func(int) int { return http.StatusServiceUnavailable }})
	if err := w.Deliver(t.Context(), a.URL); err != nil {
		t.Fatal(err)
	}
	w.lucia.Say("hola")
	w.until(func() bool { return w.Idle() && a.count() > 0 })
	if n := a.count(); n != 4 || a.got[3].Header.Get("X-Slack-Retry-Num") != "3" || a.got[0].Header.Get("X-Slack-Retry-Num") != "" {
		t.Errorf("%d requests", n)
	}
	if len(slices.Compact(slices.Clone(a.bodies))) != 1 {
		t.Error("a retry is another event")
	}
	if err := w.lucia.Slash("/sidem", "mis"); err != nil {
		t.Fatal(err)
	}
	w.until(w.Idle)
	if n := a.count(); n != 5 || len(w.lucia.Failures()) != 2 {
		t.Errorf("%d requests, %v", n, w.lucia.Failures())
	}
}

func TestByHTTPAnAnswerHasToComeInTime(t *testing.T) {
	w := hasty(t)
	goOn := make(chan struct{})
	a := w.serve(&web{status: func(n int) int {
		if n == 1 {
			<-goOn
		}
		return http.StatusOK
	}})
	defer close(goOn)
	if err := w.Deliver(t.Context(), a.URL); err != nil {
		t.Fatal(err)
	}
	w.lucia.Say("hola")
	w.until(func() bool { return a.count() == 2 && w.Idle() })
	if len(w.lucia.Failures()) > 0 {
		t.Error(w.lucia.Failures())
	}
}
