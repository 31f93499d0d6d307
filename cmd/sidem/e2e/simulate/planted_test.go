//go:build e2e

package simulate

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// plant is a fault of ours that stands between SIDEM and its store, a platform or its
// institution, from the moment that a story has begun: what the simulation has to find.
type plant struct {
	name     string
	commit   func(*desk.Commit)
	forget   func(key string) bool // a value that is confirmed and not kept
	settle   func(outbox.Result) (kept outbox.Result, ok bool)
	loses    func(desk.Commit) bool // a commit that is confirmed and not kept
	claims   time.Duration          // that a claim stands; 0 is what is asked for
	swallows []string               // calls to Telegram that it confirms, and of which nothing comes
	office   func(*desk.Desk)       // of the first life
}

var plants = []plant{
	{name: "a mail is forgotten", commit: func(c *desk.Commit) { c.Items = without(c.Items, "mail:") }},
	{name: "a card is not drawn again", commit: func(c *desk.Commit) { c.Items = without(c.Items, "card:") }},
	{name: "a press is not known again", commit: func(c *desk.Commit) { c.Once = "" }},
	{name: "a press is taken for another", commit: func(c *desk.Commit) {
		if i := strings.LastIndex(c.Once, ":"); i > 0 {
			c.Once = c.Once[:i]
		}
	}},
	{name: "a record is kept otherwise than its trail folds", commit: func(c *desk.Commit) { c.Record.Version++ }},
	{name: "a decision is told before it is kept", loses: func(c desk.Commit) bool {
		return strings.HasPrefix(c.Once, "tg:") && c.Record.Kind == core.KindRequest
	}},
	{name: "a refusal is not kept", loses: func(c desk.Commit) bool { return len(c.Events) > 0 && c.Events[0].Refusal != nil }},
	{name: "an input is confirmed before it is kept", forget: begins("in:")},
	{name: "an input that was worked is not known again", forget: begins("seen:")},
	{name: "where a card is is not noted", forget: begins("card:")},
	{name: "what was sent is not noted", settle: func(r outbox.Result) (outbox.Result, bool) { return r, r.Outcome != outbox.WasSent }},
	{name: "what was not sent is kept as sent", settle: func(r outbox.Result) (outbox.Result, bool) {
		if r.Outcome == outbox.WillRetry && !r.Uncertain {
			r.Outcome, r.Receipt = outbox.WasSent, "none"
		}
		return r, true
	}},
	{name: "a lease is too short", claims: 20 * time.Millisecond},
	{name: "an answer is swallowed", swallows: []string{"sendMessage"}},
	{name: "a press is never answered", swallows: []string{"answerCallbackQuery", "sendMessage", "editMessageText"}},
	{name: "a card claims for ever what was so", swallows: []string{"editMessageText", "editMessageReplyMarkup", "deleteMessage"}},
	{name: "a holiday is a day like another", office: func(d *desk.Desk) {
		d.Office.Calendar = core.CalendarOf(world.Mexico(), core.Year{Year: 2026}, core.Year{Year: 2027})
	}},
}

// without are items less those with a prefix.
func without(items []outbox.Item, prefix string) []outbox.Item {
	return slices.DeleteFunc(slices.Clone(items), func(it outbox.Item) bool { return strings.HasPrefix(it.Key, prefix) })
}

func begins(prefix string) func(string) bool {
	return func(key string) bool { return strings.HasPrefix(key, prefix) }
}

// in is the store with the fault in it.
func (p *plant) in(s app.Store, begun *atomic.Bool) app.Store { return &faulty{s, p, begun} }

// telegram is what Telegram does with the fault in it.
func (p *plant) telegram(c *telegramtest.Call) *telegramtest.Fault {
	if p == nil || !slices.Contains(p.swallows, c.Method) {
		return nil
	}
	body := fmt.Sprintf(`{"ok":true,"result":{"message_id":900000,"date":1,"chat":{"id":%s,"type":"private"}}}`, cmp.Or(c.Params["chat_id"], "1"))
	if c.Method == "answerCallbackQuery" || c.Method == "deleteMessage" {
		body = `{"ok":true,"result":true}`
	}
	return &telegramtest.Fault{Status: http.StatusOK, Body: body}
}

type faulty struct {
	app.Store
	*plant
	begun *atomic.Bool
}

func (f *faulty) Commit(ctx context.Context, c desk.Commit) error {
	if f.commit != nil && f.begun.Load() {
		f.commit(&c)
	}
	if f.loses != nil && f.begun.Load() && f.loses(c) {
		return nil
	}
	return f.Store.Commit(ctx, c)
}

func (f *faulty) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if f.forget != nil && f.begun.Load() && f.forget(key) {
		return rev + 1, nil
	}
	return f.Store.Put(ctx, key, value, rev, now, expires)
}

func (f *faulty) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	if f.settle == nil || !f.begun.Load() {
		return f.Store.Settle(ctx, now, results)
	}
	var kept []outbox.Result
	for _, r := range results {
		if r, ok := f.settle(r); ok {
			kept = append(kept, r)
		}
	}
	n, err := f.Store.Settle(ctx, now, kept)
	return n + len(results) - len(kept), err
}

func (f *faulty) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	if f.claims > 0 && f.begun.Load() {
		lease = f.claims
	}
	return f.Store.Claim(ctx, now, n, lease)
}

// within are the seeds among which each fault that is planted is found, and longest is
// how many steps the story has at most by which it is shown.
const (
	within  = 60
	longest = 14
)

func TestAFaultThatIsPlantedIsFoundAndMadeSmall(t *testing.T) {
	for _, fault := range plants {
		t.Run(fault.name, func(t *testing.T) {
			began := testbed.Start()
			for seed := uint64(1); seed <= within; seed++ {
				v := seeded(t, seed, &fault)
				if len(v.Faults) == 0 {
					continue
				}
				found := began.Elapsed()
				fails := func(less script) bool { return len(replayed(t, fault.name, less, &fault).Faults) > 0 }
				small := smaller(v.Script, fails)
				t.Logf("seed %d in %v, %d of %d steps in %v: %.200s\n%v", seed, found.Round(time.Second), len(small.body), len(v.Script.body), began.Elapsed().Round(time.Second), v.Faults[0], small)
				if len(small.body) > longest {
					t.Errorf("it has still %d steps:\n%v", len(small.body), small)
				}
				printed, err := scriptOf(small.String())
				shown := false
				for range repeats {
					shown = shown || err == nil && fails(printed)
				}
				if !shown {
					t.Errorf("the story that is printed does not show it: %v\n%v", err, small)
				}
				return
			}
			t.Errorf("not found among %d seeds", within)
		})
	}
}

// TestAStoryThatIsPrintedIsPlayedAndShowsTheFault plays one as it was printed: with the
// fault under which it was found, and without.
func TestAStoryThatIsPrintedIsPlayedAndShowsTheFault(t *testing.T) {
	told, err := scriptOf(`hoy: 2026-11-23 09:00
vinculados: raúl@telegram, tomás@slack
hay: solicitud por liberar
falla: la llamada 2 a Telegram se pierde antes de su efecto
falla: lo que sigue, a la vez
raúl@telegram: pulsa "Liberar"
tomás@slack> /pendientes
falla: SIDEM desaparece y vuelve
raúl@telegram: pulsa "Sí, liberar"
raúl@telegram: lo mismo otra vez
reloj: +1 día hábil`)
	if err != nil {
		t.Fatal(err)
	}
	if v := replayed(t, "as it was printed", told, nil); len(v.Faults) > 0 || v.Impossible > 0 {
		t.Errorf("%d lines cannot be played, and it breaks a promise: %v", v.Impossible, v.Faults)
	}
	i := slices.IndexFunc(plants, func(p plant) bool { return p.name == "a press is not known again" })
	if v := replayed(t, "as it was printed", told, &plants[i]); len(v.Faults) == 0 {
		t.Error("the fault does not show")
	}
}
