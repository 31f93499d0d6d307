package slack

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

func TestAnAttemptOfUnknownOutcomeIsLookedUpBeforeItIsPostedAgain(t *testing.T) {
	for _, threaded := range []bool{false, true} {
		for name, c := range map[string]struct {
			after bool // the message got through, and its answer did not
			fault func(*slacktest.Call) *slacktest.Fault
			want  int // messages in the end
			fails bool
		}{
			"it had got through":      {after: true, want: 1},
			"it had not":              {want: 1},
			"it may not be looked up": {after: true, want: 2, fault: historyAnswers(http.StatusOK, `{"ok":false,"error":"missing_scope","needed":"im:history"}`)},
			"Slack has trouble":       {after: true, want: 1, fails: true, fault: historyAnswers(http.StatusBadGateway, "no")},
			"asked too often":         {after: true, want: 1, fails: true, fault: historyAnswers(http.StatusTooManyRequests, "no")},
		} {
			t.Run(name, func(t *testing.T) {
				st := perform(t, "socket", nothing)
				var under card.Ref
				base := 0
				if threaded {
					under, base = st.post(titled("Por liberar")), 1
				}
				post := func(m outbox.Mark, title string) (card.Ref, error) {
					return st.slack.Post(outbox.WithMark(t.Context(), m), "U00000001", titled(title), under)
				}
				if _, err := post(outbox.Mark{Item: "i1", Epoch: 1}, "otra"); err != nil { // settled, and its item has moved on
					t.Fatal(err)
				}
				base++
				st.Intercept(func(call *slacktest.Call) *slacktest.Fault {
					if call.Method == "chat.postMessage" {
						return &slacktest.Fault{Drop: true, After: c.after}
					}
					return nil
				})
				if _, err := post(outbox.Mark{Item: "i1", Epoch: 2}, "Por turnar"); !outbox.IsUncertain(err) {
					t.Fatal(err)
				}
				st.Intercept(c.fault)
				ref, err := post(outbox.Mark{Item: "i1", Epoch: 3, Doubtful: []int{2}}, "Turnada")
				if (err != nil) != c.fails || outbox.IsPermanent(err) {
					t.Fatal(err)
				}
				screen := st.lucia.Screen()[base:]
				if len(screen) != c.want {
					t.Fatalf("%d messages", len(screen))
				}
				if last := screen[len(screen)-1]; !c.fails && (last.TS != ref.Message || last.Shown != "Turnada") {
					t.Errorf("%+v at %+v", last, ref)
				}
				if told := strings.Contains(st.log.String(), "it may come twice"); told != (c.want == 2) {
					t.Errorf("the operator is told: %v", told)
				}
			})
		}
	}
}

// historyAnswers has whoever looks for messages answered so.
func historyAnswers(status int, body string) func(*slacktest.Call) *slacktest.Fault {
	return func(call *slacktest.Call) *slacktest.Fault {
		if !strings.HasPrefix(call.Method, "conversations.") || call.Method == "conversations.open" {
			return nil
		}
		return &slacktest.Fault{Status: status, Body: body}
	}
}

func TestAnAppWithoutTheScopePostsAsEver(t *testing.T) {
	srv := slacktest.New(slacktest.Options{NoRateLimits: true, Scopes: []string{"chat:write", "im:write"}, Real: func() time.Time { return testbed.Monday }})
	t.Cleanup(srv.Close)
	lucia := srv.Person("U00000001", "lucia", "")
	s, log := withLog(t, Config{BotToken: srv.BotToken(), AppToken: srv.AppToken(), API: srv.URL()})
	ctx := outbox.WithMark(context.Background(), outbox.Mark{Item: "i1", Epoch: 2, Doubtful: []int{1}})
	if _, err := s.Post(ctx, "U00000001", titled("Por liberar"), card.Ref{}); err != nil || len(lucia.Screen()) != 1 {
		t.Errorf("%v, %d messages", err, len(lucia.Screen()))
	}
	if !strings.Contains(log.String(), "needed: im:history") {
		t.Error(log.String())
	}
}
