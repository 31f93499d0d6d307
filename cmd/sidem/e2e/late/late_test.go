//go:build e2e

// Package late tells every story while each call is held back for as long as chance has it.
//
// Whatever rests on the order in which two things usually come about fails here.
package late

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// A third of the calls are held back, each for up to so long. All that a press needs must
// fit in the three seconds that Slack waits for its answer.
const (
	byPlatform = 300 * time.Millisecond
	byStore    = 60 * time.Millisecond
)

// seedEnv names the seed of the chance; unset, it is 2026.
const seedEnv = "SIDEM_LATE_SEED"

// chance holds calls back.
type chance struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newChance(t *testing.T, name string) *chance {
	t.Helper()
	seed := uint64(2026)
	if s := os.Getenv(seedEnv); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return &chance{r: rand.New(rand.NewPCG(seed, h.Sum64()))}
}

func (c *chance) hold(most time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.r.IntN(3) > 0 {
		return 0
	}
	return time.Duration(c.r.Int64N(int64(most)))
}

func (c *chance) telegram(call *telegramtest.Call) *telegramtest.Fault {
	if call.Method == "getUpdates" {
		return nil
	}
	return &telegramtest.Fault{Delay: c.hold(byPlatform)}
}

func (c *chance) slack(*slacktest.Call) *slacktest.Fault {
	time.Sleep(c.hold(byPlatform))
	return nil
}

// late is a store whose calls are held back, before they are made or when they were.
type late struct {
	app.Store
	*chance
}

func (l late) around(call func() error) error {
	time.Sleep(l.hold(byStore))
	err := call()
	time.Sleep(l.hold(byStore))
	return err
}

func (l late) Commit(ctx context.Context, c desk.Commit) error {
	return l.around(func() error { return l.Store.Commit(ctx, c) })
}

func (l late) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (next int, err error) {
	err = l.around(func() error {
		next, err = l.Store.Put(ctx, key, value, rev, now, expires)
		return err
	})
	return next, err
}

func (l late) Enter(ctx context.Context, e desk.Entry, now time.Time) (out desk.Entered, err error) {
	err = l.around(func() error {
		out, err = l.Store.Enter(ctx, e, now)
		return err
	})
	return out, err
}

func (l late) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	return l.around(func() error { return l.Store.Leave(ctx, key, mark, value, now, expires) })
}

func (l late) Add(ctx context.Context, now time.Time, items ...outbox.Item) (n int, err error) {
	err = l.around(func() error {
		n, err = l.Store.Add(ctx, now, items...)
		return err
	})
	return n, err
}

func (l late) Settle(ctx context.Context, now time.Time, results []outbox.Result) (n int, err error) {
	err = l.around(func() error {
		n, err = l.Store.Settle(ctx, now, results)
		return err
	})
	return n, err
}

func TestHoweverLateEachCallIsEveryStoryIsAsEver(t *testing.T) {
	e2etest.Crowded(t, 24, bottest.Names(), func(t *testing.T, name string) {
		lines := e2etest.Scenario(t, name)
		c := newChance(t, name)
		w := e2etest.OpenWorld(t, t.TempDir(), func(w *world.World) world.Service {
			return &world.Inside{World: w, Hasty: true, Wrap: func(s app.Store) app.Store { return late{s, c} }}
		})
		w.Telegram.Intercept(c.telegram)
		w.Slack.Intercept(c.slack)
		r := bottest.Runner{World: w, Patience: world.Patience}
		if err := r.Play(t.Context(), lines); err != nil {
			t.Error(err)
		}
		e2etest.Settled(t, w, w.Service.(*world.Inside).Inner())
	})
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
