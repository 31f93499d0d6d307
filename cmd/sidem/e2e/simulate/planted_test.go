//go:build e2e

package simulate

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// plant is a fault of ours in the store, from the moment that a story has begun: what
// the simulation has to find.
type plant struct {
	name   string
	commit func(*desk.Commit)
	forget func(key string) bool // a value that is confirmed and not kept
	settle func(outbox.Result) bool
	claims time.Duration // that a claim stands; 0 is what is asked for
}

var plants = []plant{
	{name: "a mail is forgotten", commit: func(c *desk.Commit) { c.Items = without(c.Items, "mail:") }},
	{name: "a card is not drawn again", commit: func(c *desk.Commit) { c.Items = without(c.Items, "card:") }},
	{name: "a press is not known again", commit: func(c *desk.Commit) { c.Once = "" }},
	{name: "where a card is is not noted", forget: func(key string) bool { return strings.HasPrefix(key, "card:") }},
	{name: "what was sent is not noted", settle: func(r outbox.Result) bool { return r.Outcome == outbox.WasSent }},
	{name: "a lease is too short", claims: 20 * time.Millisecond},
}

// without are items less those with a prefix.
func without(items []outbox.Item, prefix string) []outbox.Item {
	return slices.DeleteFunc(slices.Clone(items), func(it outbox.Item) bool { return strings.HasPrefix(it.Key, prefix) })
}

// in is the store with the fault in it.
func (p *plant) in(s app.Store, begun *atomic.Bool) app.Store { return &faulty{s, p, begun} }

type faulty struct {
	app.Store
	*plant
	begun *atomic.Bool
}

func (f *faulty) Commit(ctx context.Context, c desk.Commit) error {
	if f.commit != nil && f.begun.Load() {
		f.commit(&c)
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
	n := len(results)
	_, err := f.Store.Settle(ctx, now, slices.DeleteFunc(slices.Clone(results), f.settle))
	return n, err
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
			for seed := uint64(1); seed <= within; seed++ {
				p := planOf(seed)
				v := watched(t, fault.name, p, &fault)
				if len(v.Faults) == 0 {
					continue
				}
				small := smaller(p, func(less plan) bool { return len(watched(t, fault.name, less, &fault).Faults) > 0 })
				t.Logf("seed %d, %d of %d steps: %.200s", seed, len(small.Steps), len(p.Steps), v.Faults[0])
				if len(small.Steps) > longest {
					t.Errorf("it has still %d steps:\n%v", len(small.Steps), small)
				}
				return
			}
			t.Errorf("not found among %d seeds", within)
		})
	}
}
