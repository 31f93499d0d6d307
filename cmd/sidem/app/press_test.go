package app_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

// meteredStore counts the calls of a store, by kind.
type meteredStore struct {
	app.Store
	mu    sync.Mutex
	calls calls
}

// calls are how many there were of each kind.
type calls map[string]int

// total is how many they are.
func (c calls) total() (n int) {
	for _, m := range c {
		n += m
	}
	return n
}

// String is "Commit 1, Record 12" and so on, the most frequent first.
func (c calls) String() string {
	kinds := make([]string, 0, len(c))
	for kind := range c {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if c[a] != c[b] {
			return c[b] - c[a]
		}
		return strings.Compare(a, b)
	})
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%s %d", kind, c[kind])
	}
	return strings.Join(kinds, ", ")
}

func (c calls) plus(o calls) calls {
	sum := calls{}
	for _, part := range []calls{c, o} {
		for kind, n := range part {
			sum[kind] += n
		}
	}
	return sum
}

// since are the calls after the last time that it was asked.
func (m *meteredStore) since() calls {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.calls
	m.calls = calls{}
	return out
}

func (m *meteredStore) count(kind string) app.Store {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.calls == nil {
		m.calls = calls{}
	}
	m.calls[kind]++
	return m.Store
}

func (m *meteredStore) Gather(ctx context.Context, w desk.Wanted) (desk.Gathered, error) {
	return m.count("Gather").Gather(ctx, w)
}

func (m *meteredStore) Record(ctx context.Context, id string) (core.Record, error) {
	return m.count("Record").Record(ctx, id)
}

func (m *meteredStore) Find(ctx context.Context, unique string) (core.Record, error) {
	return m.count("Find").Find(ctx, unique)
}

func (m *meteredStore) List(ctx context.Context, q desk.Query) (desk.Page, error) {
	return m.count("List").List(ctx, q)
}

func (m *meteredStore) Count(ctx context.Context, term string) (int, error) {
	return m.count("Count").Count(ctx, term)
}

func (m *meteredStore) Trail(ctx context.Context, record string, after, limit int) ([]core.Event, error) {
	return m.count("Trail").Trail(ctx, record, after, limit)
}

func (m *meteredStore) Applied(ctx context.Context, record string, limit int) ([]core.Event, error) {
	return m.count("Applied").Applied(ctx, record, limit)
}

func (m *meteredStore) Refused(ctx context.Context, record, by string, since time.Time, limit int) ([]core.Event, error) {
	return m.count("Refused").Refused(ctx, record, by, since, limit)
}

func (m *meteredStore) Log(ctx context.Context, after, limit int) ([]core.Event, error) {
	return m.count("Log").Log(ctx, after, limit)
}

func (m *meteredStore) Reserve(ctx context.Context, series, record string) (int, error) {
	return m.count("Reserve").Reserve(ctx, series, record)
}

func (m *meteredStore) Commit(ctx context.Context, c desk.Commit) error {
	return m.count("Commit").Commit(ctx, c)
}

func (m *meteredStore) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	return m.count("Get").Get(ctx, key, now)
}

func (m *meteredStore) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	return m.count("Put").Put(ctx, key, value, rev, now, expires)
}

func (m *meteredStore) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	return m.count("Enter").Enter(ctx, e, now)
}

func (m *meteredStore) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	return m.count("Leave").Leave(ctx, key, mark, value, now, expires)
}

func (m *meteredStore) Delete(ctx context.Context, key string) error {
	return m.count("Delete").Delete(ctx, key)
}

func (m *meteredStore) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error) {
	return m.count("Keys").Keys(ctx, prefix, after, limit, now)
}

func (m *meteredStore) Values(ctx context.Context, prefixes []string, now time.Time) (map[string][]byte, error) {
	return m.count("Values").Values(ctx, prefixes, now)
}

func (m *meteredStore) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	return m.count("Add").Add(ctx, now, items...)
}

func (m *meteredStore) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	return m.count("Claim").Claim(ctx, now, n, lease)
}

func (m *meteredStore) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	return m.count("Settle").Settle(ctx, now, results)
}

// counter is a SIDEM that nothing runs: what a press asks of its store is asked by the press alone.
type counter struct {
	t       *testing.T
	app     *app.App
	store   *meteredStore
	now     func() time.Time
	acts    int
	request core.Record
	raul    core.Record
}

// openCounter has Lucía's request wait for Raúl, for whom Elena stands in. What comes
// of it is told to four: to her, to both of them, and to Tomás.
func openCounter(t *testing.T) *counter {
	t.Helper()
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Begin(t.Context(), nil))
	people := map[string]core.Record{}
	for _, name := range []string{"lucía", "raúl", "elena", "tomás"} {
		p := w.People[name]
		account, err := w.App().Store.Find(t.Context(), core.UniqueUser(p.Account.User))
		must(err)
		chat := map[core.Field]string{core.FieldPlatform: "telegram", core.FieldChat: fmt.Sprint(p.TelegramID)}
		if name == "tomás" {
			chat = map[core.Field]string{core.FieldPlatform: "slack", core.FieldChat: p.SlackID}
		} else {
			w.Telegram.Person(p.TelegramID, "", "").Start("")
		}
		out, err := w.App().Desk.Do(t.Context(), core.SystemActor, account.ID, core.Command{Verb: core.VerbLink, Where: "cli", Fields: chat})
		must(err)
		people[name] = out.Record
	}
	must(w.Given(t.Context(), "suplencia de raúl por elena del 2026-11-23 al 2026-11-30"))
	must(w.Given(t.Context(), "solicitud por liberar"))
	e2etest.Rest(t, w)
	must(w.Halt())

	c := &counter{t: t, now: w.Time.Now}
	a, err := app.Open(t.Context(), w.Config, app.Options{Clock: w.Time, Log: world.Quiet(), Hasty: true, Wrap: func(s app.Store) app.Store {
		c.store = &meteredStore{Store: s}
		return c.store
	}})
	must(err)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	c.app = a
	page, err := a.Store.List(t.Context(), desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateFiled)}})
	must(err)
	c.request, c.raul = page.Records[0], people["raúl"]
	c.store.since()
	return c
}

// press has Raúl press a button of his card. It returns the calls before he is
// answered, and those after it until all who are owed something have it.
func (c *counter) press(word string) (before, after calls) {
	c.t.Helper()
	ctx := context.WithoutCancel(c.t.Context())
	at, err := screen.CardAt(ctx, c.app.Store, c.request.ID, c.raul.ID, "telegram", c.now())
	if err != nil {
		c.t.Fatal(err)
	}
	c.acts++
	in := bot.Input{
		Platform: "telegram", Who: at.Chat, Chat: at.Chat, Message: at.Message, Private: true, Once: fmt.Sprint("tg:", c.acts), At: c.now(),
		Tap: c.app.Seal.Seal(c.raul.ID, card.Token{Word: word, Record: c.request.ID, Version: c.request.Version}),
	}
	c.store.since()
	var reply bot.Reply
	intake := wire.NewIntake(wire.Config[bot.Input]{
		Sessions: c.app.Store, Space: "telegram", Now: c.now, Log: world.Quiet(),
		Work: func(ctx context.Context, act wire.Act[bot.Input]) wire.Outcome {
			reply = c.app.Engine.Handle(ctx, act.Parts[0])
			before = c.store.since()
			if reply.Posted != nil {
				reply.Posted(ctx, at, nil)
			}
			return wire.Outcome{}
		},
	})
	if _, err := intake.Offer(ctx, wire.Kept{ID: fmt.Sprint(c.acts), Lane: at.Chat, At: c.now()}, in); err != nil {
		c.t.Fatal(err)
	}
	e2etest.Await(c.t, "the mark of a press", func() bool { busy, err := wire.Busy(ctx, c.store.Store); return err == nil && !busy })
	intake.Close(world.Patience)
	if reply.Alert || reply.Toast == "" && reply.Card == nil {
		c.t.Fatalf("%s: %q", word, reply.Toast)
	}
	c.rest(ctx)
	return before, c.store.since()
}

// rest does what the hub would: it sends what is owed at once, and settles it.
func (c *counter) rest(ctx context.Context) {
	c.t.Helper()
	for {
		items, err := c.app.Store.Claim(ctx, c.now(), 100, time.Minute)
		if err != nil {
			c.t.Fatal(err)
		}
		if len(items) == 0 {
			return
		}
		results := make([]outbox.Result, len(items))
		var sends sync.WaitGroup
		for i, it := range items {
			results[i] = outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent}
			sends.Go(func() {
				switch _, err := c.app.Sender[it.Channel].Send(ctx, it); {
				case errors.Is(err, notifier.ErrMoot):
					results[i].Outcome = outbox.WasMoot
				case err != nil:
					c.t.Errorf("%s: %v", it.Key, err)
				}
			})
		}
		sends.Wait()
		if _, err := c.app.Store.Settle(ctx, c.now(), results); err != nil {
			c.t.Fatal(err)
		}
	}
}

// The most calls that a release may make of its store, told to four: by the question and
// by the decision, each before whoever pressed is answered and after it. The cards of one
// change are read for together where they are drawn together (19 calls after the
// decision, mostly); the bound is for when each is drawn alone.
const (
	maxQuestion, maxAfterQuestion = 3, 6
	maxDecision, maxAfterDecision = 5, 33
)

func TestAPressAsksItsStoreForLittle(t *testing.T) {
	c := openCounter(t)
	asked, afterQuestion := c.press(card.WordAsk + string(core.VerbRelease))
	decided, afterDecision := c.press(string(core.VerbRelease))
	all := calls{}
	for _, part := range []struct {
		what  string
		calls calls
		most  int
	}{
		{"the question, before its answer", asked, maxQuestion},
		{"the question, after it", afterQuestion, maxAfterQuestion},
		{"the decision, before its answer", decided, maxDecision},
		{"the decision, after it", afterDecision, maxAfterDecision},
	} {
		t.Logf("%s: %d: %s", part.what, part.calls.total(), part.calls)
		if part.calls.total() > part.most {
			t.Errorf("%s: %d calls, and there may be %d: %s", part.what, part.calls.total(), part.most, part.calls)
		}
		all = all.plus(part.calls)
	}
	t.Logf("in all: %d: %s", all.total(), all)
}
