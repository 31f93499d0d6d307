package slack

import (
	"context"
	"testing"

	"sidem.gob.mx/sidem/bot"
)

// doorkeeper lets nobody in.
type doorkeeper struct{ bot.Handler }

func (doorkeeper) Admits(*bot.Input) bool { return false }

func TestWhatGetsNoAnswerIsAcknowledgedAndNeitherKeptNorHandled(t *testing.T) {
	st := perform(t, "http", func(context.Context, bot.Input) bot.Reply {
		t.Error("it was handled")
		return bot.Reply{}
	})
	st.slack.receiver.Load().door = doorkeeper{}
	if status, _ := st.answer(asked{path: "/slack/events", body: event("a")}); status != 200 {
		t.Errorf("answered with %d", status)
	}
	keys, err := st.slack.sessions.Keys(t.Context(), "in:", "", 10, st.slack.now())
	if err != nil || len(keys) > 0 {
		t.Errorf("kept: %q (%v)", keys, err)
	}
	if keys, err := st.slack.sessions.Keys(t.Context(), "seen:", "", 10, st.slack.now()); err != nil || len(keys) > 0 {
		t.Errorf("kept: %q (%v)", keys, err)
	}
}
