package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// againstModel draws sequences of operations, and gives each to the store and to
// the Model: every answer is the same, and so is all that they keep.
func againstModel(t *testing.T, open func(*testing.T) Store) {
	t.Helper()
	rapid.Check(t, func(rt *rapid.T) {
		p := &pair{T: rt, s: open(t), m: NewModel(), now: noon}
		rt.Repeat(map[string]func(*rapid.T){
			"commit":  p.commit,
			"add":     p.add,
			"claim":   p.claim,
			"settle":  p.settle,
			"replay":  p.replay,
			"purge":   p.purge,
			"forget":  p.forget,
			"reserve": p.reserve,
			"put":     p.put,
			"delete":  p.delete,
			"wait":    p.wait,
			"list":    p.list,
			"":        p.same,
		})
	})
}

// pair is a store and the model, given the same.
type pair struct {
	*rapid.T
	s    Store
	m    *Model
	now  time.Time
	held []outbox.Item // as the store claimed them, old claims too
	gone []string      // items of the store that were purged
}

// A few names of each kind, so that sequences meet.
var (
	someRecords = rapid.SampledFrom([]string{"r1", "r2", "r3"})
	someKeys    = rapid.SampledFrom([]string{"k1", "k2", "k3", "k4"})
	// Keys of which all items merge in one way, as those of the program do.
	someOwn    = rapid.SampledFrom([]string{"once", "latest", "append"})
	someUsers  = rapid.SampledFrom([]string{"", "ana", "luis"})
	someOnces  = rapid.SampledFrom([]string{"", "tg:1", "tg:2", "tg:3", "tg:4"})
	someStates = rapid.SampledFrom([]core.State{core.StateRequested, core.StateGranted, core.StateActive})
	someMerges = rapid.SampledFrom([]outbox.Merge{outbox.Once, outbox.Latest, outbox.Append})
	someLanes  = rapid.SampledFrom([]outbox.Lane{outbox.Press, outbox.Normal, outbox.Bulk})
	someEnds   = rapid.SampledFrom([]outbox.Outcome{
		outbox.WasSent, outbox.WasMoot, outbox.WillRetry, outbox.Deferred, outbox.Buried, outbox.Released,
	})
)

// verdict is an error as the interfaces name it; a SeenError with its event.
func verdict(err error) string {
	if seen, ok := errors.AsType[*desk.SeenError](err); ok {
		return fmt.Sprintf("seen %d %s", seen.First.Index, seen.First.Record)
	}
	for _, known := range []error{desk.ErrConflict, desk.ErrTaken, desk.ErrNotFound} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprint(err)
}

// equal compares what the store says with what the model says.
func (p *pair) equal(what string, store, model any) {
	p.Helper()
	if diff := gocmp.Diff(model, store, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(outbox.Attempt{}, "Note"), cmpopts.IgnoreFields(outbox.Item{}, "ID")); diff != "" {
		p.Fatalf("%s (-model +store):\n%s", what, diff)
	}
}

func (p *pair) commit(t *rapid.T) {
	id := someRecords.Draw(t, "record")
	before, _ := p.m.Record(t.Context(), id) // the zero record when there is none
	if rapid.IntRange(0, 9).Draw(t, "stale") == 0 && before.Seq > 0 {
		before.Seq--
	}
	e := core.Event{
		Kind: core.KindAccount, Record: id, Agency: "IE", To: someStates.Draw(t, "state"), Once: someOnces.Draw(t, "once"), At: p.now,
	}
	if u := someUsers.Draw(t, "user"); u != "" {
		e.Fields = user(u)
	}
	c := next(before, e)
	c.Items = p.items(t)
	if rapid.IntRange(0, 3).Draw(t, "guards") == 0 {
		guard := someRecords.Draw(t, "guard")
		now, _ := p.m.Record(t.Context(), guard)
		c.Guards = []desk.Expectation{{Record: guard, Seq: now.Seq + rapid.IntRange(-1, 1).Draw(t, "moved")}}
	}
	p.equal("Commit", verdict(p.s.Commit(t.Context(), c)), verdict(p.m.Commit(t.Context(), c)))
}

func (p *pair) items(t *rapid.T) []outbox.Item {
	var out []outbox.Item
	for range rapid.IntRange(0, 2).Draw(t, "items") {
		it := outbox.Item{
			Key: someKeys.Draw(t, "key"), Merge: someMerges.Draw(t, "merge"), Lane: someLanes.Draw(t, "lane"),
			Due: p.now.Add(time.Duration(rapid.IntRange(-2, 5).Draw(t, "due")) * time.Minute), What: "mail",
			Data: map[string]string{"line": rapid.SampledFrom([]string{"a", "b"}).Draw(t, "line")},
		}
		if rapid.IntRange(0, 3).Draw(t, "expires") == 0 {
			it.Expires = p.now.Add(time.Duration(rapid.IntRange(0, 8).Draw(t, "expiry")) * time.Minute)
		}
		if rapid.IntRange(0, 2).Draw(t, "own") == 0 {
			it.Key = someOwn.Draw(t, "own key")
			it.Merge = outbox.Merge(it.Key)
		}
		out = append(out, it)
	}
	return out
}

// purge removes some of the items whose key all merge in one way.
func (p *pair) purge(t *rapid.T) {
	key := someOwn.Draw(t, "key")
	var store, model []string
	for i, it := range p.kept(p.s) {
		if it.Key == key && rapid.Bool().Draw(t, "goes") {
			store, model = append(store, it.ID), append(model, p.kept(p.m)[i].ID)
		}
	}
	n, err := p.s.Purge(t.Context(), store...)
	want, _ := p.m.Purge(t.Context(), model...)
	p.equal("Purge", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
	p.gone = append(p.gone, store...)
}

func (p *pair) forget(t *rapid.T) {
	press := maintenance.Press{Once: rapid.SampledFrom([]string{"tg:1", "tg:2"}).Draw(t, "press"), Index: rapid.IntRange(1, 4).Draw(t, "index")}
	n, err := p.s.Forget(t.Context(), press)
	want, _ := p.m.Forget(t.Context(), press)
	p.equal("Forget", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
}

func (p *pair) add(t *rapid.T) {
	items := p.items(t)
	n, err := p.s.Add(t.Context(), p.now, items...)
	want, _ := p.m.Add(t.Context(), p.now, items...)
	p.equal("Add", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
}

func (p *pair) claim(t *rapid.T) {
	n := rapid.IntRange(1, 3).Draw(t, "n")
	got, err := p.s.Claim(t.Context(), p.now, n, lease)
	want, _ := p.m.Claim(t.Context(), p.now, n, lease)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	p.equal("Claim", got, want)
	p.held = append(p.held, got...)
}

// settle ends some claims: of now, of before, and with payloads of before.
func (p *pair) settle(t *rapid.T) {
	if len(p.held) == 0 {
		t.Skip("nothing was claimed")
	}
	var results, asModel []outbox.Result
	for _, it := range rapid.SliceOfNDistinct(rapid.SampledFrom(p.held), 1, 2, func(it outbox.Item) string { return it.ID }).Draw(t, "claims") {
		r := outbox.Result{
			ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: someEnds.Draw(t, "outcome"),
			At: p.now.Add(time.Minute), Receipt: "m1", Uncertain: rapid.Bool().Draw(t, "uncertain"), Then: p.items(t), Moves: rapid.IntRange(0, 3).Draw(t, "moves") == 0,
			Holds: rapid.IntRange(0, 3).Draw(t, "holds") == 0,
		}
		results = append(results, r)
		r.ID = p.modelID(it.ID)
		asModel = append(asModel, r)
	}
	n, err := p.s.Settle(t.Context(), p.now, results)
	want, _ := p.m.Settle(t.Context(), p.now, asModel)
	p.equal("Settle", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
}

// modelID is the model's name for a store's item: both number by creation. What was
// purged, and is still in somebody's hands, the model has as little.
func (p *pair) modelID(id string) string {
	for i, it := range p.kept(p.s) {
		if it.ID == id {
			return p.kept(p.m)[i].ID
		}
	}
	if !slices.Contains(p.gone, id) {
		p.Fatalf("the store has lost item %s", id)
	}
	return "purged"
}

func (p *pair) replay(t *rapid.T) {
	n, err := p.s.Replay(t.Context(), p.now)
	want, _ := p.m.Replay(t.Context(), p.now)
	p.equal("Replay", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
}

func (p *pair) reserve(t *rapid.T) {
	record := someRecords.Draw(t, "record")
	n, err := p.s.Reserve(t.Context(), "number:2026", record)
	want, _ := p.m.Reserve(t.Context(), "number:2026", record)
	p.equal("Reserve", fmt.Sprint(n, err), fmt.Sprint(want, error(nil)))
}

func (p *pair) put(t *rapid.T) {
	key, rev := someKeys.Draw(t, "key"), rapid.IntRange(0, 2).Draw(t, "rev")
	var expires time.Time
	if rapid.Bool().Draw(t, "expires") {
		expires = p.now.Add(time.Duration(rapid.IntRange(1, 5).Draw(t, "life")) * time.Minute)
	}
	n, err := p.s.Put(t.Context(), key, []byte("v"), rev, p.now, expires)
	want, wantErr := p.m.Put(t.Context(), key, []byte("v"), rev, p.now, expires)
	p.equal("Put", fmt.Sprint(n, verdict(err)), fmt.Sprint(want, verdict(wantErr)))
}

func (p *pair) delete(t *rapid.T) {
	key := someKeys.Draw(t, "key")
	p.equal("Delete", verdict(p.s.Delete(t.Context(), key)), verdict(p.m.Delete(t.Context(), key)))
}

func (p *pair) wait(t *rapid.T) {
	p.now = p.now.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "minutes")) * time.Minute)
}

func (p *pair) list(t *rapid.T) {
	q := desk.Query{
		Terms:  []string{core.TermKind(core.KindAccount), core.TermState(core.KindAccount, someStates.Draw(t, "state"))},
		Limit:  rapid.IntRange(1, 2).Draw(t, "limit"),
		Newest: rapid.Bool().Draw(t, "newest"),
	}
	for more := true; more; {
		got, err := p.s.List(t.Context(), q)
		want, wantErr := p.m.List(t.Context(), q)
		if err != nil || wantErr != nil {
			t.Fatalf("List: %v, %v", err, wantErr)
		}
		p.equal("List", got.Records, want.Records)
		p.equal("List: whether it goes on", got.Next != "", want.Next != "")
		// Each goes on from its own cursor: the records after it are the same.
		if more = got.Next != ""; more {
			if got.Next != want.Next {
				q.After = got.Next
				want.Next = place(got.Records[len(got.Records)-1])
				p.pageAfter(t, q, want.Next)
				return
			}
			q.After = got.Next
		}
	}
}

// pageAfter compares the next page where the store's cursors are its own.
func (p *pair) pageAfter(t *rapid.T, q desk.Query, model string) {
	got, err := p.s.List(t.Context(), q)
	if err != nil {
		t.Fatalf("List after %q: %v", q.After, err)
	}
	q.After = model
	want, _ := p.m.List(t.Context(), q)
	p.equal("List, next page", got.Records, want.Records)
}

// kept are all the items of a store.
func (p *pair) kept(s Store) []outbox.Item {
	items, err := s.Items(p.Context(), "", "", 10000)
	if err != nil {
		p.Fatalf("Items: %v", err)
	}
	return items
}

// same compares all that both keep. It runs after each operation.
func (p *pair) same(t *rapid.T) {
	p.equal("Items", p.kept(p.s), p.kept(p.m))
	stats, err := p.s.Stats(t.Context(), p.now)
	want, _ := p.m.Stats(t.Context(), p.now)
	p.equal("Stats", fmt.Sprint(stats, err), fmt.Sprint(want, error(nil)))
	due, any, err := p.s.NextDue(t.Context())
	wantDue, wantAny, _ := p.m.NextDue(t.Context())
	p.equal("NextDue", fmt.Sprint(due, any, err), fmt.Sprint(wantDue, wantAny, error(nil)))
	log, errLog := p.s.Log(t.Context(), 0, 10000)
	wantLog, _ := p.m.Log(t.Context(), 0, 10000)
	p.equal("Log", log, wantLog)
	p.equal("Entries", entries(p, p.s), entries(p, p.m))
	torn, err := p.s.Inspect(t.Context())
	p.equal("Inspect", fmt.Sprint(torn, err), fmt.Sprint([]string(nil), error(nil)))
	keys, errKeys := p.s.Keys(t.Context(), "k", "", 10, p.now)
	wantKeys, _ := p.m.Keys(t.Context(), "k", "", 10, p.now)
	p.equal("Keys", keys, wantKeys)
	if errLog != nil || errKeys != nil {
		t.Fatalf("Log: %v, Keys: %v", errLog, errKeys)
	}
	for _, id := range []string{"r1", "r2", "r3"} {
		got, err := p.s.Record(t.Context(), id)
		want, wantErr := p.m.Record(t.Context(), id)
		p.equal("Record "+id, got, want)
		p.equal("Record "+id, verdict(err), verdict(wantErr))
	}
	for _, u := range []string{"ana", "luis"} {
		got, err := p.s.Find(t.Context(), core.UniqueUser(u))
		want, wantErr := p.m.Find(t.Context(), core.UniqueUser(u))
		p.equal("Find "+u, got.ID+verdict(err), want.ID+verdict(wantErr))
	}
}
