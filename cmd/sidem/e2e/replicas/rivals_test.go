//go:build e2e

package replicas

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// presses is how many requests are raced for; SIDEM_TWINS sets it (make twins: 10,000).
func presses() int {
	if n, err := strconv.Atoi(os.Getenv("SIDEM_TWINS")); err == nil {
		return n
	}
	return 150
}

func newRivals(t *testing.T, server *redistest.Server, tag string) *e2etest.Rivals {
	t.Helper()
	w, s, err := e2etest.NewTwins(t.TempDir(), server.DSN(tag))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Front.Close)
	s.Both[0].Hasty, s.Both[1].Hasty = true, true
	r := e2etest.NewRivals(t, w, s)
	r.Begin()
	s.Front.Twice = true
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "answerCallbackQuery" {
			r.Hear("raúl", c.Params["text"])
		}
		return nil
	})
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postEphemeral" {
			r.Hear("elena", c.Params["text"])
		}
		return nil
	})
	return r
}

// finish ends the world, and checks the accounts and the trail.
func finish(t *testing.T, w *world.World) {
	t.Helper()
	e2etest.Rest(t, w)
	e2etest.Explained(t, w)
	for _, f := range w.SlackPerson(w.People["elena"]).Failures() {
		t.Error(f)
	}
	if n := w.Telegram.Person(w.People["raúl"].TelegramID, "", "").Waiting(); n > 0 {
		t.Errorf("%d presses of Raúl's were not answered", n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

func TestThePressGivenToBothReplicasAtOnceIsAppliedOnceAndEverybodyIsTold(t *testing.T) {
	const each = 1000 // a world of so many requests at most
	server := redistest.Start(t, redistest.Options{ACL: e2etest.AnyTag})
	races := [][]string{{"raúl"}, {"elena"}, {"raúl", "elena"}}
	won := map[string]int{}
	for from := 0; from < presses(); from += each {
		r := newRivals(t, server, fmt.Sprint("sidem-", from))
		for i := range min(each, presses()-from) {
			who := races[i%len(races)]
			request := r.Filed()
			r.Race(request, who...)
			if winner := r.Judge(request, who...); len(who) > 1 {
				won[winner]++
			}
		}
		finish(t, r.World)
	}
	t.Logf("%d requests; of those two pressed for, %v were first", presses(), won)
	if won["raúl"] == 0 || won["elena"] == 0 {
		t.Errorf("one was always first: %v; nothing was raced", won)
	}
}
