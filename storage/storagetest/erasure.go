package storagetest

import (
	"errors"
	"slices"
	"testing"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
)

// blackout is the commit that blacks out the subject of all events of a record.
func blackout(t *testing.T, s Store, id string) desk.Commit {
	t.Helper()
	trail, err := s.Trail(t.Context(), id, 0, 0)
	must(t, err)
	after, changed, erased := core.Erase(trail, func(e core.Event) (core.Event, bool) {
		if _, ok := e.Fields[core.FieldSubject]; !ok {
			return e, false
		}
		e.Fields = nil
		return e, true
	})
	before := core.Fold(after)
	c := next(before, core.Event{Verb: core.VerbRedact, By: "system", Erased: erased})
	c.Blacked = changed
	return c
}

var erasureTests = []test{
	{"what is blacked out is gone from trail and record, and the chain holds", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1", Fields: map[core.Field]string{core.FieldSubject: "Cable"}, Salt: "x"}))
		commit(t, s, named("r2"))
		r = commit(t, s, next(r, core.Event{Once: "tg:2", Fields: map[core.Field]string{core.FieldNote: "Nota"}}))
		commit(t, s, next(r, core.Event{Fields: map[core.Field]string{core.FieldSubject: "Pantallas"}}))
		before := whole(t, s)
		r = commit(t, s, blackout(t, s, "r1"))
		same(t, "record", found(t, s, "r1"), r)
		trail, err := s.Trail(t.Context(), "r1", 0, 0)
		must(t, err)
		same(t, "fold", core.Fold(trail), r)
		if at := core.Verify(trail); at != 0 || len(trail) != 4 || trail[0].Fields != nil || trail[2].Fields != nil || trail[1].Fields[core.FieldNote] != "Nota" {
			t.Errorf("the chain breaks at %d of %+v", at, trail)
		}
		for i, e := range whole(t, s)[:len(before)] {
			if e.Index != before[i].Index || e.Seq != before[i].Seq || e.Hash != before[i].Hash || e.Once != before[i].Once {
				t.Errorf("event %d stands elsewhere: %+v", before[i].Index, e)
			}
		}
		// A press that was committed before is known as before.
		refuse(t, s, next(r, core.Event{Once: "tg:1"}), desk.ErrSeen)
		audited(t, s, 2)
	}},
	{"a record that has moved is not blacked out", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Fields: map[core.Field]string{core.FieldSubject: "Cable"}}))
		c := blackout(t, s, "r1")
		commit(t, s, next(r, core.Event{}))
		refuse(t, s, c, desk.ErrConflict)
		if e := whole(t, s)[0]; e.Fields[core.FieldSubject] != "Cable" {
			t.Errorf("it was all the same: %+v", e)
		}
		audited(t, s, 0)
	}},
	{"no commit changes the events of another record", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Record: "r1", Fields: map[core.Field]string{core.FieldSubject: "Cable"}}))
		r := commit(t, s, named("r2"))
		c := next(r, core.Event{})
		c.Blacked = []core.Event{whole(t, s)[0]}
		c.Blacked[0].Record, c.Blacked[0].Fields = "r2", nil
		if err := s.Commit(t.Context(), c); err == nil {
			t.Error("it was taken")
		}
		audited(t, s, 0)
	}},
	{"what an item remembers can be cleaned, unless somebody holds it", func(t *testing.T, s Store) {
		clean := func(it outbox.Item) outbox.Item {
			it.Data, it.Attempts = map[string]string{"lost": "nobody"}, slices.Clone(it.Attempts)
			for i := range it.Attempts {
				it.Attempts[i].Note, it.Attempts[i].Receipt = "", ""
			}
			return it
		}
		add(t, s, noon, mail("m1"), mail("m2"))
		held := claim(t, s, noon, 2)
		if done, err := s.Rewrite(t.Context(), held[0].ID, clean); done || err != nil {
			t.Errorf("one that is held: %v, %v", done, err)
		}
		r := result(held[0], outbox.WasSent)
		r.Receipt, r.Note = "<1@example>", "550 lucia@example"
		settle(t, s, noon, r, result(held[1], outbox.Buried))
		for _, it := range held {
			if done, err := s.Rewrite(t.Context(), it.ID, clean); !done || err != nil {
				t.Errorf("one that is settled: %v, %v", done, err)
			}
		}
		items, err := s.Items(t.Context(), "", "", 10)
		must(t, err)
		if a := items[0].Attempts[0]; a.Receipt != "" || a.Note != "" || a.Outcome != outbox.WasSent || items[0].Data["lost"] != "nobody" || items[0].State != outbox.Sent || items[1].State != outbox.Dead {
			t.Errorf("%+v", items)
		}
		if done, err := s.Rewrite(t.Context(), held[0].ID+"9", clean); done || err != nil {
			t.Errorf("one that is not there: %v, %v", done, err)
		}
		if err := s.Compact(t.Context()); !errors.Is(err, desk.ErrByHand) {
			must(t, err)
		}
		audited(t, s, -1)
	}},
}

// audited wants the store to be sound, with so many events blacked out (-1: it is not
// asked, since its items were owed for nothing).
func audited(t *testing.T, s Store, erased int) {
	t.Helper()
	torn, err := s.Inspect(t.Context())
	must(t, err)
	same(t, "torn", torn, nil)
	if erased < 0 {
		return
	}
	a, err := (&desk.Desk{Ledger: s}).Audit(t.Context())
	must(t, err)
	same(t, "faults", a.Faults, nil)
	same(t, "erased", a.Erased, erased)
}
