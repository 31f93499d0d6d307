package storagetest

import (
	"errors"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/value"
)

var commitTests = []test{
	{"a record is filed anew as it is given, and its trail stays", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Agency: "IE", Number: "000001/2026"}))
		commit(t, s, named("r2"))
		trail := whole(t, s)
		now := r
		now.Number, now.State = "000009/2026", core.StateFiled
		commit(t, s, desk.Commit{Expect: r.Seq, Record: now, Now: noon})
		same(t, "record", found(t, s, "r1"), now)
		if holder(t, s, core.UniqueNumber("000009/2026")) != "r1" || holder(t, s, core.UniqueNumber("000001/2026")) != "" {
			t.Error("it is not found by its keys of now, or still by those it had")
		}
		if got := count(t, s, core.TermState(core.KindRequest, core.StateFiled)); got != 1 {
			t.Errorf("%d are listed by their state of now", got)
		}
		if got := ids(t, s, desk.Query{Terms: []string{core.TermState(core.KindRequest, core.StateDraft)}, Limit: 10}); got != "r2" {
			t.Errorf("by the state that it had, %s are listed", got)
		}
		same(t, "trail", whole(t, s), trail)
		r = commit(t, s, next(now, core.Event{At: at(1)}))
		refuse(t, s, desk.Commit{Expect: r.Seq - 1, Record: now, Now: noon}, desk.ErrConflict)
		same(t, "record", found(t, s, "r1"), r)
	}},
	{"a record reads back as it was committed", func(t *testing.T, s Store) {
		metres, err := value.ParseQuantity("2.5")
		if err != nil {
			t.Fatal(err)
		}
		c := next(core.Record{}, core.Event{
			Record: "r1", Agency: "IE", Number: "000147/2026", At: at(1), By: "lucía",
			Fields: map[core.Field]string{core.FieldSubject: "Mantenimiento <b> & \u2028 'ñandú'"},
			Items:  []core.Item{{Description: "Cable", Quantity: metres, Unit: "m", Price: value.Centavos(1010)}},
		})
		commit(t, s, c)
		same(t, "record", found(t, s, "r1"), c.Record)
	}},
	{"an unknown record and an unknown unique key are not found", func(t *testing.T, s Store) {
		if _, err := s.Record(t.Context(), "none"); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("Record = %v, want ErrNotFound", err)
		}
		if _, err := s.Find(t.Context(), "number:none"); !errors.Is(err, desk.ErrNotFound) {
			t.Errorf("Find = %v, want ErrNotFound", err)
		}
		if got := trail(t, s, "none"); len(got) != 0 {
			t.Errorf("the trail of nothing has %d events", len(got))
		}
	}},
	{"events read back as they were sealed, with their place in the whole", func(t *testing.T, s Store) {
		first := named("r1")
		commit(t, s, named("other"))
		after := commit(t, s, first)
		second := next(after, core.Event{At: at(3), Refusal: &core.Refusal{
			Reason: core.Already, Act: core.Act{By: "raúl", At: at(2)},
		}})
		commit(t, s, second)
		want := []core.Event{first.Events[0], second.Events[0]}
		want[0].Index, want[1].Index = 2, 3
		got := trail(t, s, "r1")
		same(t, "trail", got, want)
		if bad := core.Verify(got); bad != 0 {
			t.Errorf("the chain breaks at %d", bad)
		}
	}},
	{"a commit of several events writes them all, in order", func(t *testing.T, s Store) {
		c := named("r1")
		more := next(c.Record, core.Event{To: core.StateFiled})
		c.Events, c.Record = append(c.Events, more.Events...), more.Record
		commit(t, s, c)
		log := whole(t, s)
		if len(log) != 2 || log[0].Seq != 1 || log[1].Seq != 2 || core.Verify(log) != 0 {
			t.Errorf("log = %+v", log)
		}
		same(t, "fold", core.Fold(log), found(t, s, "r1"))
	}},
	{"a part of a trail and of the log can be asked for", func(t *testing.T, s Store) {
		r := commit(t, s, named("r1"))
		for range 4 {
			r = commit(t, s, next(r, core.Event{}))
		}
		part, err := s.Trail(t.Context(), "r1", 1, 2)
		must(t, err)
		if len(part) != 2 || part[0].Seq != 2 || part[1].Seq != 3 {
			t.Errorf("trail after 1, 2 events = %+v", part)
		}
		part, err = s.Log(t.Context(), 3, 10)
		must(t, err)
		if len(part) != 2 || part[0].Index != 4 || part[1].Index != 5 {
			t.Errorf("log after 3 = %+v", part)
		}
	}},
	{"to create what exists is a conflict", func(t *testing.T, s Store) {
		commit(t, s, named("r1"))
		refuse(t, s, named("r1"), desk.ErrConflict)
	}},
	{"to change what does not exist is a conflict", func(t *testing.T, s Store) {
		refuse(t, s, next(named("r1").Record, core.Event{}), desk.ErrConflict)
	}},
	{"a commit on an old version is a conflict", func(t *testing.T, s Store) {
		first := commit(t, s, named("r1"))
		commit(t, s, next(first, core.Event{}))
		refuse(t, s, next(first, core.Event{}), desk.ErrConflict)
	}},
	{"a refused press moves Seq, so that it conflicts like any other", func(t *testing.T, s Store) {
		first := commit(t, s, named("r1"))
		after := commit(t, s, next(first, core.Event{Refusal: &core.Refusal{Reason: core.NotNow}}))
		if after.Version != first.Version {
			t.Fatalf("version moved from %d to %d", first.Version, after.Version)
		}
		refuse(t, s, next(first, core.Event{}), desk.ErrConflict)
	}},
	{"a commit is a conflict when a record that guards it has moved", func(t *testing.T, s Store) {
		who := commit(t, s, named("account"))
		first := commit(t, s, named("r1"))
		c := next(first, core.Event{})
		c.Guards = []desk.Expectation{{Record: who.ID, Seq: who.Seq}}
		commit(t, s, next(who, core.Event{}))
		refuse(t, s, c, desk.ErrConflict)
		if got := found(t, s, "r1"); got.Seq != first.Seq || len(trail(t, s, "r1")) != 1 {
			t.Errorf("it left %+v behind", got)
		}
		c.Guards[0].Seq++
		commit(t, s, c)
	}},
	{"each of several guards counts, and one that is not there stands at none", func(t *testing.T, s Store) {
		who := commit(t, s, named("account"))
		c := named("r1")
		c.Guards = []desk.Expectation{{Record: who.ID, Seq: who.Seq}, {Record: "nobody", Seq: 1}}
		refuse(t, s, c, desk.ErrConflict)
		c.Guards[1].Seq = 0
		commit(t, s, c)
	}},
	{"a refused press moves a guard like any other", func(t *testing.T, s Store) {
		who := commit(t, s, named("account"))
		commit(t, s, next(who, core.Event{Refusal: &core.Refusal{Reason: core.NotNow}}))
		c := named("r1")
		c.Guards = []desk.Expectation{{Record: who.ID, Seq: who.Seq}}
		refuse(t, s, c, desk.ErrConflict)
	}},
	{"seen is judged before a guard, and a guard before taken", func(t *testing.T, s Store) {
		guard := []desk.Expectation{{Record: "nobody", Seq: 1}}
		first := commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía"), Once: "tg:1"}))
		again := next(first, core.Event{Once: "tg:1"})
		again.Guards = guard
		refuse(t, s, again, desk.ErrSeen)
		taken := next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("lucía")})
		taken.Guards = guard
		refuse(t, s, taken, desk.ErrConflict)
	}},
	{"a press that was committed before is seen, and the first verdict comes back", func(t *testing.T, s Store) {
		c := next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"})
		r := commit(t, s, c)
		err := s.Commit(t.Context(), next(r, core.Event{Once: "tg:1"}))
		seen, ok := errors.AsType[*desk.SeenError](err)
		if !ok {
			t.Fatalf("Commit = %v, want a *SeenError", err)
		}
		want := c.Events[0]
		want.Index = 1
		same(t, "first", seen.First, want)
	}},
	{"of a press with several events the first comes back", func(t *testing.T, s Store) {
		c := named("r1")
		more := next(c.Record, core.Event{})
		c.Events, c.Record, c.Once = append(c.Events, more.Events...), more.Record, "tg:1"
		commit(t, s, c)
		err := s.Commit(t.Context(), next(c.Record, core.Event{Once: "tg:1"}))
		seen, ok := errors.AsType[*desk.SeenError](err)
		if !ok || seen.First.Seq != 1 {
			t.Fatalf("Commit = %v, want a *SeenError with event 1", err)
		}
	}},
	{"a press is seen on whichever record it was", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"}))
		refuse(t, s, next(core.Record{}, core.Event{Record: "r2", Once: "tg:1"}), desk.ErrSeen)
	}},
	{"presses without an identity are never seen", func(t *testing.T, s Store) {
		r := commit(t, s, named("r1"))
		r = commit(t, s, next(r, core.Event{}))
		commit(t, s, next(r, core.Event{}))
	}},
	{"seen is judged before conflict", func(t *testing.T, s Store) {
		first := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"}))
		commit(t, s, next(first, core.Event{}))
		refuse(t, s, next(first, core.Event{Once: "tg:1"}), desk.ErrSeen)
	}},
	{"conflict is judged before taken", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía")}))
		old := commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2"}))
		commit(t, s, next(old, core.Event{}))
		refuse(t, s, next(old, core.Event{Fields: user("lucía")}), desk.ErrConflict)
	}},
	{"seen is judged before taken", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía"), Once: "tg:1"}))
		refuse(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("lucía"), Once: "tg:1"}), desk.ErrSeen)
	}},
	{"a unique key belongs to one record", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía")}))
		refuse(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("Lucía")}), desk.ErrTaken)
		if got := holder(t, s, core.UniqueUser("lucía")); got != "a1" {
			t.Errorf("holder = %q, want a1", got)
		}
	}},
	{"a record keeps its own unique key", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía")}))
		commit(t, s, next(r, core.Event{}))
		if got := holder(t, s, core.UniqueUser("lucía")); got != "a1" {
			t.Errorf("holder = %q, want a1", got)
		}
	}},
	{"a unique key that a record gives up is free for another", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía")}))
		commit(t, s, next(r, core.Event{Fields: user("luz")}))
		if got := holder(t, s, core.UniqueUser("lucía")); got != "" {
			t.Errorf("holder of what was given up = %q", got)
		}
		if got := holder(t, s, core.UniqueUser("luz")); got != "a1" {
			t.Errorf("holder = %q, want a1", got)
		}
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("lucía")}))
	}},
	{"a commit that is refused leaves nothing behind", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", Fields: user("lucía")}))
		c := next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("lucía"), Once: "tg:1"})
		c.Items = []outbox.Item{mail("m")}
		refuse(t, s, c, desk.ErrTaken)
		if found(t, s, "a2").State != core.None || len(trail(t, s, "a2")) != 0 || len(all(t, s)) != 0 {
			t.Error("a part of it is there")
		}
		if got := count(t, s, core.TermKind(core.KindAccount)); got != 1 {
			t.Errorf("%d accounts are listed, want 1", got)
		}
		// Nor is the press known, nor a place in the log burnt.
		commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a2", Fields: user("luz"), Once: "tg:1"}))
		if got := len(whole(t, s)); got != 2 {
			t.Errorf("the log has %d events, want 2", got)
		}
	}},
	{"the items of a commit are owed with it", func(t *testing.T, s Store) {
		c := named("r1")
		c.Items = []outbox.Item{mail("m"), card("c", "one"), card("c", "two")}
		commit(t, s, c)
		if got := keys(all(t, s)); got != "m c" {
			t.Errorf("items = %s, want m c", got)
		}
	}},
	{"an item of a commit without a Due is due at the commit's Now", func(t *testing.T, s Store) {
		c := next(core.Record{}, core.Event{Record: "r1", At: at(5)})
		c.Items = []outbox.Item{{Key: "k", Merge: outbox.Once, What: "tick"}}
		commit(t, s, c)
		if got := only(t, s).Due; !got.Equal(at(5)) {
			t.Errorf("due %s, want %s", got, at(5))
		}
	}},
	{"a store keeps what it was given, not the caller's memory", func(t *testing.T, s Store) {
		c := named("r1")
		c.Items = []outbox.Item{card("c", "one")}
		commit(t, s, c)
		c.Record.Fields[core.FieldSubject] = "changed"
		c.Items[0].Data["text"] = "changed"
		found(t, s, "r1").Acts["touch"] = core.Act{By: "changed"}
		if r := found(t, s, "r1"); r.Fields[core.FieldSubject] != "" || r.Acts["touch"].By != "" {
			t.Error("the record was changed from outside")
		}
		if only(t, s).Data["text"] != "one" {
			t.Error("the item was changed from outside")
		}
	}},
}

var seriesTests = []test{
	{"a series counts from one, each for itself", func(t *testing.T, s Store) {
		for i, want := range []struct {
			series, record string
			value          int
		}{{"2026", "r1", 1}, {"2026", "r2", 2}, {"2027", "r3", 1}, {"2026", "r4", 3}, {"2027", "r1", 2}} {
			if got := reserve(t, s, want.series, want.record); got != want.value {
				t.Errorf("%d: %s in %s has %d, want %d", i, want.record, want.series, got, want.value)
			}
		}
	}},
	{"a repeat gives the same value and burns none", func(t *testing.T, s Store) {
		reserve(t, s, "2026", "r1")
		for range 3 {
			if got := reserve(t, s, "2026", "r1"); got != 1 {
				t.Fatalf("repeat = %d, want 1", got)
			}
		}
		if got := reserve(t, s, "2026", "r2"); got != 2 {
			t.Errorf("next = %d, want 2", got)
		}
	}},
}

func reserve(t *testing.T, s Store, series, record string) int {
	t.Helper()
	n, err := s.Reserve(t.Context(), series, record)
	must(t, err)
	return n
}
