package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

var bookTests = []test{
	{"the entries of a store are those that follow from its trail", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{
			Kind: core.KindAccount, Record: "a1", Agency: "IE", To: core.StateActive, Once: "tg:1", Fields: user("ana"),
		}))
		commit(t, s, next(r, core.Event{At: at(5), To: core.StateSuspended, Once: "tg:2", Fields: user("luis")}))
		commit(t, s, next(core.Record{}, core.Event{Record: "r1", Agency: "IE", Number: "000001/2026", Fields: map[core.Field]string{core.FieldSubject: "Cable"}}))
		_, err := s.Reserve(t.Context(), "number:2026", "r1")
		must(t, err)
		a, err := (&desk.Desk{Ledger: s}).Audit(t.Context())
		must(t, err)
		same(t, "faults", a.Faults, nil)
		want := []core.IndexEntry{
			{Family: core.EntryEvent, Record: "a1", N: 1},
			{Family: core.EntryEvent, Record: "a1", N: 2},
			{Family: core.EntryEvent, Record: "r1", N: 3},
			{Family: core.EntryNumber, Key: "number:2026", Record: "r1", N: 1},
			{Family: core.EntryPress, Key: "tg:1", N: 1},
			{Family: core.EntryPress, Key: "tg:2", N: 2},
			{Family: core.EntryRecord, Record: "a1"},
			{Family: core.EntryRecord, Record: "r1"},
			{Family: core.EntryUnique, Key: "number:000001/2026", Record: "r1"},
			{Family: core.EntryUnique, Key: "user:luis", Record: "a1"},
		}
		got := slices.DeleteFunc(entries(t, s), func(e core.IndexEntry) bool { return e.Family == core.EntryTerm })
		same(t, "entries", got, want)
	}},
	{"a number beyond those that there can be is given to nobody", func(t *testing.T, s Store) {
		w := newWorkday(t, s)
		Workday(t, s)
		w.ids, w.n = 1000, 1000
		series := core.NumberSeries(core.Season(w.now))
		for i := range 2 {
			_, err := s.Reserve(t.Context(), series, fmt.Sprint("planted", i))
			must(t, err)
		}
		draft := w.draft(3)
		lucia, err := w.desk.Actor(t.Context(), found(t, s, "lucia"))
		must(t, err)
		file := core.Command{Verb: core.VerbFile, Where: "telegram", Once: "tg:9999"}
		if out, err := w.desk.Do(t.Context(), lucia, draft.ID, file); err == nil || found(t, s, draft.ID).State != core.StateDraft {
			t.Errorf("it was filed as %s, %v", out.Record.Number, err)
		}
	}},
	{"an observation after a restore has the number of none that may be lost", observeAfterRestore},
	{"a refusal of who reads the entries ends the reading", func(t *testing.T, s Store) {
		commit(t, s, named("r1"))
		n := 0
		err := s.Entries(t.Context(), func(core.IndexEntry) error { n++; return context.Canceled })
		if err == nil || n != 1 {
			t.Errorf("%d entries were given, and then %v", n, err)
		}
	}},
	{"a store that is written to meanwhile is found as sound as it is", func(t *testing.T, s Store) {
		Workday(t, s)
		stop := make(chan struct{})
		var writing sync.WaitGroup
		writing.Go(func() { bustle(t, s, stop) })
		for range 4 {
			a, err := (&desk.Desk{Ledger: s}).Audit(t.Context())
			if err != nil || len(a.Faults) > 0 {
				t.Errorf("%v, faults: %v", err, a.Faults)
			}
		}
		close(stop)
		writing.Wait()
	}},
	{"what is owed, held, sent, dead and replayed hangs together at every step", func(t *testing.T, s Store) {
		step := func(what string) {
			t.Helper()
			torn, err := s.Inspect(t.Context())
			must(t, err)
			if len(torn) > 0 {
				t.Errorf("%s: %v", what, torn)
			}
		}
		step("an empty store")
		c := named("r1")
		c.Items = []outbox.Item{mail("m1"), card("c1", "a"), digest("d1", "a")}
		commit(t, s, c)
		add(t, s, noon, card("c1", "b"), mail("m1"), mail("m2"))
		step("owed")
		held := claim(t, s, noon, 4)
		step("held")
		settle(t, s, noon, result(held[0], outbox.WasSent), result(held[1], outbox.Buried), result(held[2], outbox.Deferred))
		step("settled")
		claim(t, s, noon.Add(2*lease), 4)
		step("held for a second time")
		_, err := s.Replay(t.Context(), noon)
		must(t, err)
		add(t, s, noon, card("c1", "c"))
		step("replayed")
	}},
}

// failer is a test, or a check of rapid's.
type failer interface {
	Helper()
	Context() context.Context
	Fatalf(format string, args ...any)
}

// entries are those of a store, each once, in order.
func entries(t failer, s desk.Books) []core.IndexEntry {
	t.Helper()
	var out []core.IndexEntry
	err := s.Entries(t.Context(), func(e core.IndexEntry) error { out = append(out, e); return nil })
	if err != nil {
		t.Fatalf("Entries: %v", err)
	}
	slices.SortFunc(out, func(a, b core.IndexEntry) int {
		return cmp.Or(cmp.Compare(a.Family, b.Family), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Record, b.Record), cmp.Compare(a.N, b.N))
	})
	return slices.Compact(out)
}
