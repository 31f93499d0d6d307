package telegram

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

func TestUpdatesOfTwoBotsThatAreNumberedAlikeAreTwoActs(t *testing.T) {
	var u models.Update
	if err := json.Unmarshal([]byte(text(lucia, private, "hola")), &u); err != nil {
		t.Fatal(err)
	}
	one, other := parse(&u, "sidem_bot", "110"), parse(&u, "otra_bot", "220")
	if diff := cmp.Diff([]string{"tg:110:31", "tg:220:31"}, []string{one.Input.Once, other.Input.Once}); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAnEarlierVersionKeptIsWorkedByTheNameThatItHad(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	said := func(id, words string) string {
		return `{"update_id":` + id + `,"message":{"message_id":` + id + `,"date":1000,` + lucia + `,` + private + `,"text":"` + words + `"}}`
	}
	row := `{"keeper":"gone","order":31,"at":"2026-11-23T10:00:00Z"}` + "\n" + said("31", "hola")
	if _, err := tg.sessions.Put(t.Context(), "in:telegram:424242:7001:31", []byte(row), 0, time.Time{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	for _, body := range []string{said("31", "hola"), said("32", "adiós"), said("31", "hola")} { // the first comes again across the upgrade
		if status := deliver(t, tg, knock, "application/json", body); status != 200 {
			t.Errorf("status %d", status)
		}
	}
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		got = append(got, in.Once+" "+in.Text)
	}
	if diff := cmp.Diff([]string{"tg:31 hola", "tg:424242:32 adiós"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameNumberTenYearsLaterIsAnotherAct(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	start := tg.now()
	years := make(chan int, 1)
	years <- 0
	tg.now = func() time.Time {
		n := <-years
		years <- n
		return start.AddDate(n, 0, 0)
	}
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	for range 2 {
		deliver(t, tg, knock, "application/json", text(lucia, private, "hola"))
		rest(t, srv)
	}
	if n := len(seen.inputs()); n != 1 {
		t.Fatalf("%d acts, of one update that came twice", n)
	}
	<-years
	years <- 10
	deliver(t, tg, knock, "application/json", text(lucia, private, "hola"))
	rest(t, srv)
	if n := len(seen.inputs()); n != 2 {
		t.Errorf("%d acts, want another after ten years", n)
	}
}
