package app

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func asking(answers ...error) (partner, *int) {
	n := 0
	return partner{"telegram", func(context.Context) error {
		n++
		return answers[min(n, len(answers))-1]
	}, always("SIDEM_TELEGRAM_API", "look")}, &n
}

func TestWhoIsNotReachedAtTheStartIsToldAndAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &App{log: slog.New(slog.DiscardHandler)}
		away := errors.New("connection\nrefused")
		p, asked := asking(away, away, away, nil)
		if err := a.greet(t.Context(), []partner{p}); err != nil {
			t.Fatal(err)
		}
		if got := a.greetings.lines(); len(got) != 1 || got[0] != "telegram was not reached, and is tried again: SIDEM_TELEGRAM_API: connection; refused: look" {
			t.Errorf("%q", got)
		}
		again := a.greetings.waiting([]partner{p})
		if len(again) != 1 {
			t.Fatalf("%d are asked again", len(again))
		}
		began := time.Now() //nolint:forbidigo // the bubble's
		a.greetAgain(t.Context(), again[0])
		if took := time.Since(began); *asked != 4 || took != 35*time.Second || len(a.greetings.lines()) != 0 { //nolint:forbidigo // the bubble's
			t.Errorf("asked %d times in %v: %q", *asked, took, a.greetings.lines())
		}
	})
}

func TestWhoDoesNotAnswerHoldsUpTheStartForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &App{log: slog.New(slog.DiscardHandler)}
		silent := partner{"mail", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, blameForMail}
		began := time.Now()                                                                                                                   //nolint:forbidigo // the bubble's
		if err := a.greet(t.Context(), []partner{silent}); err != nil || time.Since(began) != greetingTime || len(a.greetings.lines()) != 1 { //nolint:forbidigo // the bubble's
			t.Errorf("%v: %v: %q", time.Since(began), err, a.greetings.lines()) //nolint:forbidigo // the bubble's
		}
	})
}

func TestEveryTokenThatIsRefusedIsAFaultOfTheConfiguration(t *testing.T) {
	a := &App{log: slog.New(slog.DiscardHandler)}
	one, _ := asking(office.Faults{}.Add("SIDEM_TELEGRAM_TOKEN", errors.New("refused")).Err())
	other, _ := asking(office.Faults{}.Add("SIDEM_SLACK_BOT_TOKEN", errors.New("refused")).Err())
	err := a.greet(t.Context(), []partner{one, other})
	if _, ok := errors.AsType[*office.ConfigError](err); !ok || strings.Count(err.Error(), "refused") != 2 {
		t.Errorf("%v", err)
	}
}

func TestNoLinkIsMadeOfANameThatTelegramDidNotSay(t *testing.T) {
	a := &App{cfg: office.Config{TelegramName: "sidem_bot"}}
	if got := a.invite("telegram", "code"); got != "" {
		t.Errorf("%q", got)
	}
	a.greetings.named("dictamenes_bot")
	if got := a.invite("telegram", "code"); got != "https://t.me/dictamenes_bot?start=code" {
		t.Errorf("%q", got)
	}
}
