package storagetest

import (
	"errors"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// durableTests do something, and return what must hold after the store was opened again.
var durableTests = []struct {
	name   string
	before func(t *testing.T, s Store) func(t *testing.T, s Store)
}{
	{"records, trails and lists outlive the store", func(t *testing.T, s Store) func(*testing.T, Store) {
		r := commit(t, s, named("r1"))
		r = commit(t, s, next(r, core.Event{To: core.StateFiled, Number: "000001/2026"}))
		return func(t *testing.T, s Store) {
			same(t, "record", found(t, s, "r1"), r)
			if got := holder(t, s, core.UniqueNumber("000001/2026")); got != "r1" {
				t.Errorf("holder = %q", got)
			}
			if got := ids(t, s, desk.Query{Terms: []string{filed}}); got != "r1" {
				t.Errorf("filed = %q", got)
			}
			commit(t, s, next(r, core.Event{}))
			if log := whole(t, s); len(log) != 3 || core.Verify(log) != 0 {
				t.Errorf("%d events, chain broken at %d", len(log), core.Verify(log))
			}
		}
	}},
	{"a press that was committed is seen after the store was opened again", func(t *testing.T, s Store) func(*testing.T, Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"}))
		return func(t *testing.T, s Store) {
			refuse(t, s, next(r, core.Event{Once: "tg:1"}), desk.ErrSeen)
		}
	}},
	{"a series goes on where it was", func(t *testing.T, s Store) func(*testing.T, Store) {
		reserve(t, s, "2026", "r1")
		return func(t *testing.T, s Store) {
			if a, b := reserve(t, s, "2026", "r1"), reserve(t, s, "2026", "r2"); a != 1 || b != 2 {
				t.Errorf("values = %d, %d", a, b)
			}
		}
	}},
	{"items, outcomes and counts outlive the store", func(t *testing.T, s Store) func(*testing.T, Store) {
		settle(t, s, noon, result(held(t, s, mail("a")), outbox.WasSent))
		settle(t, s, noon, result(held(t, s, mail("b")), outbox.Buried))
		add(t, s, noon, card("c", "one"))
		items, st := all(t, s), stats(t, s, noon)
		return func(t *testing.T, s Store) {
			same(t, "items", all(t, s), items)
			same(t, "stats", stats(t, s, noon), st)
			if n := add(t, s, noon, mail("a")); n != 0 {
				t.Error("a duplicate was taken")
			}
		}
	}},
	{"a claim that was never settled is owed again", func(t *testing.T, s Store) func(*testing.T, Store) {
		old := held(t, s, mail("k"))
		return func(t *testing.T, s Store) {
			it := claimOne(t, s, noon.Add(lease))
			if outcomes(it) != "1:unknown" || it.Tries != 1 || it.Epoch <= old.Epoch {
				t.Errorf("item = %+v", it)
			}
			if n := settle(t, s, noon.Add(lease), result(old, outbox.WasSent)); n != 0 {
				t.Error("the old claim was settled")
			}
		}
	}},
	{"sessions outlive the store", func(t *testing.T, s Store) func(*testing.T, Store) {
		put(t, s, "k", "v", 0, noon, at(10))
		return func(t *testing.T, s Store) {
			if got := valueOf(t, s, "k", noon); got != "v" {
				t.Errorf("value = %q", got)
			}
		}
	}},
	{"a closed store refuses", func(_ *testing.T, s Store) func(*testing.T, Store) {
		closed := s
		return func(t *testing.T, _ Store) {
			if err := closed.Commit(t.Context(), named("r1")); err == nil || errors.Is(err, desk.ErrConflict) {
				t.Errorf("Commit = %v", err)
			}
			if _, err := closed.Record(t.Context(), "r1"); err == nil || errors.Is(err, desk.ErrNotFound) {
				t.Errorf("Record = %v", err)
			}
		}
	}},
}
