package storagetest

import (
	"fmt"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// numberedOne commits a record with a number, an event that was refused and presses.
func numberedOne(t *testing.T, s Store, id string) core.Record {
	t.Helper()
	n, err := s.Reserve(t.Context(), "number:2026", id)
	must(t, err)
	r := commit(t, s, next(core.Record{}, core.Event{
		Record: id, Number: core.NumberOf("number:2026", n), By: "lucia", Once: "tg:" + id, Agency: "IE", Fields: map[core.Field]string{core.FieldSubject: "Licencias"},
	}))
	r = commit(t, s, next(r, core.Event{By: "pedro", Refusal: &core.Refusal{Reason: core.NotNow}, Once: "sl:" + id}))
	return commit(t, s, next(r, core.Event{By: "lucia", To: core.StateCollected}))
}

// filedOne is a record with its trail.
func filedOne(t *testing.T, s Store, id string) maintenance.Filed {
	t.Helper()
	return maintenance.Filed{Record: found(t, s, id), Events: trail(t, s, id)}
}

func take(t *testing.T, s Store, records ...core.Record) int {
	t.Helper()
	var all []desk.Expectation
	for _, r := range records {
		all = append(all, desk.Expectation{Record: r.ID, Seq: r.Seq})
	}
	n, err := s.Take(t.Context(), all...)
	must(t, err)
	return n
}

func putBack(t *testing.T, s Store, records ...maintenance.Filed) int {
	t.Helper()
	n, err := s.Return(t.Context(), records...)
	must(t, err)
	return n
}

// entriesOf is how many index entries name a record, or one of its presses.
func entriesOf(t *testing.T, s Store, id string) (n int) {
	t.Helper()
	must(t, s.Entries(t.Context(), func(e core.IndexEntry) error {
		if e.Record == id || e.Key == "tg:"+id || e.Key == "sl:"+id {
			n++
		}
		return nil
	}))
	return n
}

var vaultTests = []test{
	{"what is taken is gone with all that finds it, and the rest of the trail stays where it is", func(t *testing.T, s Store) {
		one, two := numberedOne(t, s, "r1"), numberedOne(t, s, "r2")
		commit(t, s, named("r3"))
		before := whole(t, s)
		if n := take(t, s, one); n != 1 {
			t.Fatalf("%d were taken", n)
		}
		sound(t, s)
		if found(t, s, "r1").ID != "" || holder(t, s, core.UniqueNumber(one.Number)) != "" || len(trail(t, s, "r1")) > 0 {
			t.Error("it is found still")
		}
		if n := entriesOf(t, s, "r1"); n > 0 {
			t.Errorf("%d entries are of it", n)
		}
		same(t, "the list", ids(t, s, desk.Query{Terms: []string{core.TermKind(core.KindRequest)}}), "r2 r3")
		same(t, "its length", count(t, s, core.TermKind(core.KindRequest)), 2)
		log, err := s.Log(t.Context(), 0, 100)
		must(t, err)
		same(t, "the log", log, before[3:])
		for after, want := range map[int]int{0: 4, 1: 4, 3: 4, 4: 5, 6: 7} {
			part, err := s.Log(t.Context(), after, 1)
			must(t, err)
			if len(part) != 1 || part[0].Index != want {
				t.Errorf("after %d comes %+v", after, part)
			}
		}
		next := commit(t, s, named("r4"))
		same(t, "the index goes on", trail(t, s, next.ID)[0].Index, len(before)+1)
		same(t, "another", found(t, s, "r2"), two)
	}},
	{"what comes back is as it was, and is not known by its presses", func(t *testing.T, s Store) {
		one := numberedOne(t, s, "r1")
		numberedOne(t, s, "r2")
		before, f, entries := whole(t, s), filedOne(t, s, "r1"), entriesOf(t, s, "r1")
		applied, err := s.Applied(t.Context(), "r1", 0)
		must(t, err)
		for range 2 {
			take(t, s, one)
		}
		if n := putBack(t, s, f); n != 1 {
			t.Fatalf("%d came back", n)
		}
		if n := putBack(t, s, f); n != 0 {
			t.Errorf("it came back once more")
		}
		sound(t, s)
		same(t, "the trail", whole(t, s), before)
		same(t, "its own", filedOne(t, s, "r1"), f)
		same(t, "entries", entriesOf(t, s, "r1"), entries-2)
		again, err := s.Applied(t.Context(), "r1", 0)
		must(t, err)
		same(t, "applied", again, applied)
		refused, err := s.Refused(t.Context(), "r1", "pedro", noon, 9)
		must(t, err)
		same(t, "refused", refused, before[1:2])
		same(t, "the holder", holder(t, s, core.UniqueNumber(one.Number)), "r1")
		same(t, "the number", must1(s.Reserve(t.Context(), "number:2026", "r1"))(t), 1)
		commit(t, s, next(one, core.Event{By: "lucia"}))
		sound(t, s)
	}},
	{"one that has moved stays, and so does one that has the last event of all", func(t *testing.T, s Store) {
		old := numberedOne(t, s, "r1")
		commit(t, s, next(old, core.Event{By: "lucia"}))
		last := numberedOne(t, s, "r2")
		if n := take(t, s, old, last, core.Record{ID: "nobody", Seq: 3}); n != 0 {
			t.Errorf("%d were taken", n)
		}
		sound(t, s)
		if len(whole(t, s)) != 7 {
			t.Error("the trail has changed")
		}
	}},
	{"no number is given twice, however many were taken", func(t *testing.T, s Store) {
		var all []core.Record
		for i := range 5 {
			all = append(all, numberedOne(t, s, fmt.Sprintf("r%d", i)))
		}
		commit(t, s, named("last"))
		if n := take(t, s, all...); n != 5 {
			t.Fatalf("%d were taken", n)
		}
		same(t, "the next", must1(s.Reserve(t.Context(), "number:2026", "new"))(t), 6)
		sound(t, s)
	}},
	{"many are taken and come back at once", func(t *testing.T, s Store) {
		var all []core.Record
		var filed []maintenance.Filed
		for i := range 60 {
			all = append(all, numberedOne(t, s, fmt.Sprintf("r%02d", i)))
			filed = append(filed, filedOne(t, s, all[i].ID))
		}
		commit(t, s, named("last"))
		before := whole(t, s)
		if n := take(t, s, all...); n != 60 {
			t.Fatalf("%d were taken", n)
		}
		log, err := s.Log(t.Context(), 0, 10)
		must(t, err)
		same(t, "what is left", log, before[180:])
		sound(t, s)
		if n := putBack(t, s, filed...); n != 60 {
			t.Fatalf("%d came back", n)
		}
		same(t, "the trail", whole(t, s), before)
		sound(t, s)
	}},
}

// must1 is a value that must be there.
func must1[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}
