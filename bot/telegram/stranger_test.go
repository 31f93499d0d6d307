package telegram

import (
	"context"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

// doorkeeper is a handler that lets only one word in.
type doorkeeper struct{ handler }

func (doorkeeper) Admits(in *bot.Input) bool { return in.Text == "ábrete" }

func TestWhatGetsNoAnswerIsConfirmedAndNeitherKeptNorHandled(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	ana := srv.Person(7001, "Ana", "")
	for range 5 {
		ana.Say("hola")
	}
	ana.Say("ábrete")
	var seen book
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- tg.Run(ctx, doorkeeper{func(_ context.Context, in bot.Input) bot.Reply { seen.add(in); return bot.Reply{} }})
	}()
	rest(t, srv)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if got := seen.inputs(); len(got) != 1 || got[0].Text != "ábrete" {
		t.Errorf("handled: %+v", got)
	}
	keys, err := tg.sessions.Keys(t.Context(), "seen:", "", 100, tg.now())
	if err != nil || len(keys) != 1 {
		t.Errorf("kept: %s (%v)", strings.Join(keys, " "), err)
	}
}

func TestOfAStrangerWhoGetsNoAnswerNothingIsKeptAndOfOneWhoDoesNotForLong(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	ana := srv.Person(7001, "Ana", "")
	ana.Say("hola")
	ana.Say("buenas")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- tg.Run(ctx, handler(func(_ context.Context, in bot.Input) bot.Reply {
			if in.Text == "hola" {
				return bot.Reply{Stranger: true}
			}
			return bot.Reply{Stranger: true, Toast: "No sé quién es usted."}
		}))
	}()
	rest(t, srv)
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]int{0: 1, time.Hour: 0} {
		keys, err := tg.sessions.Keys(t.Context(), "seen:", "", 100, tg.now().Add(after))
		if err != nil || len(keys) != want {
			t.Errorf("kept after %v: %s (%v)", after, strings.Join(keys, " "), err)
		}
	}
}
