package slack

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/testbed"
)

// stage is a Slack among people, on the emulator.
type stage struct {
	*slacktest.Server
	t     *testing.T
	slack *Slack
	lucia *slacktest.Person
	log   *syncBuffer
	end   func() // ends Run, and waits for it
	web   *httptest.Server
}

// modes are the ways by which Slack delivers.
var modes = []string{"socket", "http"}

// perform runs a Slack with h until the test ends.
func perform(t *testing.T, mode string, h handler) *stage {
	t.Helper()
	st := &stage{Server: slacktest.New(slacktest.Options{
		NoRateLimits: true, AckTime: time.Minute,
		Real: func() time.Time { return testbed.Monday }, // how long a loaded machine takes is no test of triggers
	}), t: t}
	t.Cleanup(st.Close)
	st.lucia = st.Person("U00000001", "lucia", "")
	cfg := Config{BotToken: st.BotToken(), AppToken: st.AppToken(), API: st.URL()}
	if mode == "http" {
		cfg.AppToken, cfg.SigningSecret, cfg.Shared = "", st.SigningSecret(), true
	}
	st.slack, st.log, st.web, st.end = run(t, cfg, h)
	st.until(func() bool {
		if mode == "http" {
			return st.Deliver(t.Context(), st.web.URL) == nil
		}
		return st.Connected() > 0
	})
	return st
}

// run runs one SIDEM.
func run(t *testing.T, cfg Config, h handler) (*Slack, *syncBuffer, *httptest.Server, func()) {
	t.Helper()
	s, logged := withLog(t, cfg)
	s.linger = time.Millisecond
	s.sleep = func(ctx context.Context, d time.Duration) error { return wire.Sleep(ctx, min(d, s.linger)) }
	mux := http.NewServeMux()
	for pattern, route := range s.Routes() {
		mux.Handle(pattern, route)
	}
	web := httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, h) }()
	end := sync.OnceFunc(func() {
		cancel()
		if err := receive(t, ended); err != nil {
			t.Error(err)
		}
		web.Close()
	})
	t.Cleanup(end)
	return s, logged, web, end
}

// until waits for a change, or a moment, after which f holds.
func (st *stage) until(f func() bool) {
	st.t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		changed := st.Changed()
		if f() {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-limit:
			st.t.Fatalf("it does not come true; the screen shows %+v, the modal %+v\n%s", st.lucia.Screen(), st.lucia.Modal(), st.log)
		}
	}
}

// rest waits until nothing is under way.
func (st *stage) rest() {
	st.t.Helper()
	st.until(func() bool {
		idle := st.Idle()
		busy, err := wire.Busy(st.t.Context(), storeOf(st.t, st.URL()))
		return idle && err == nil && !busy && st.Idle()
	})
}

// post posts a card with these actions to Lucía.
func (st *stage) post(c card.Card) card.Ref {
	st.t.Helper()
	ref, err := st.slack.Post(st.t.Context(), "U00000001", c, card.Ref{})
	if err != nil {
		st.t.Fatal(err)
	}
	return ref
}

func titled(title string, actions ...card.Action) card.Card {
	c := card.Card{Story: es.Story{Title: title}}
	if len(actions) > 0 {
		c.Rows = [][]card.Action{actions}
	}
	return c
}

// last is the newest message that Lucía sees.
func (st *stage) last() slacktest.Message {
	st.t.Helper()
	screen := st.lucia.Screen()
	if len(screen) == 0 {
		st.t.Fatal("the screen is empty")
	}
	return screen[len(screen)-1]
}

// press presses the first button of a message.
func (st *stage) press(ref card.Ref) {
	st.t.Helper()
	for _, m := range st.lucia.Screen() {
		if m.TS == ref.Message {
			if err := st.lucia.PressValue(m.TS, m.Buttons[0].ActionID, m.Buttons[0].Value); err != nil {
				st.t.Fatal(err)
			}
			return
		}
	}
	st.t.Fatal("no such message")
}

// texts are what Lucía sees of the app in her direct messages.
func (st *stage) texts() []string {
	var out []string
	for _, m := range st.lucia.Screen() {
		if m.FromBot {
			out = append(out, m.Shown)
		}
	}
	return out
}

func nothing(context.Context, bot.Input) bot.Reply { return bot.Reply{} }
