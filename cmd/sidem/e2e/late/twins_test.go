//go:build e2e

package late

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// stalled is longer than a claim of a card stands (core/outbox.LeaseOf).
const stalled = 5 * time.Second

// stall holds one in four of what is said, some for so long that another replica takes it up.
func (c *chance) stall(method string) time.Duration {
	says := strings.HasPrefix(method, "chat.") || strings.HasPrefix(method, "send") || strings.HasPrefix(method, "edit")
	c.mu.Lock()
	defer c.mu.Unlock()
	if !says || c.r.IntN(4) > 0 {
		return 0
	}
	return time.Duration(c.r.Int64N(int64(stalled)))
}

func TestWhileReplicasStallEveryCardIsWhereItIsSaidToBe(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	server := redistest.Start(t, redistest.Options{ACL: e2etest.AnyTag})
	e2etest.Crowded(t, 24, bottest.Names(), func(t *testing.T, name string) {
		lines := e2etest.Scenario(t, name)
		if slices.ContainsFunc(lines, func(l bottest.Line) bool { return strings.Contains(l.Text, "vincular") }) {
			return // an answer to a stranger is given up after 2 s (bot/flood.StrangerPatience)
		}
		c := newChance(t, name)
		w, s, err := e2etest.NewTwins(t.TempDir(), server.DSN("sidem-"+name))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Front.Close()
		w.Telegram.Intercept(func(call *telegramtest.Call) *telegramtest.Fault {
			return &telegramtest.Fault{Delay: c.stall(call.Method)}
		})
		w.Slack.Intercept(func(call *slacktest.Call) *slacktest.Fault {
			time.Sleep(c.stall(call.Method))
			return nil
		})
		r := bottest.Runner{World: w, Patience: world.Patience}
		if err := r.Play(t.Context(), lines); err != nil {
			t.Error(err)
		}
		e2etest.Settled(t, w, s.Inner())
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}
