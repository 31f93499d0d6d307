package storagetest

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"sidem/core"
	"sidem/core/desk"
	"sidem/core/outbox"
	"sidem/storage/archive"
)

// Archived is a Store that can be written to a file and read back.
type Archived interface {
	Store
	archive.Source
	archive.Target
}

// RunArchive holds a backend to what an archive promises. open gives an empty
// store each time. Two backends that pass can be exchanged one for the other.
func RunArchive(t *testing.T, open func(t *testing.T) Archived) {
	t.Helper()
	t.Run("what was archived is there again, whole", func(t *testing.T) {
		from, to := open(t), open(t)
		furnish(t, from)
		file := archived(t, from)
		if _, err := archive.Read(t.Context(), bytes.NewReader(file), to); err != nil {
			t.Fatal(err)
		}
		alike(t, from, to)
	})
	t.Run("a press that was committed before the move is known after it", func(t *testing.T) {
		from, to := open(t), open(t)
		first := next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"})
		commit(t, from, first)
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		must(t, err)
		seen, ok := errors.AsType[*desk.SeenError](to.Commit(t.Context(), first))
		if !ok || seen.First.Record != "r1" || seen.First.Index != 1 {
			t.Errorf("the press is new: %+v", seen)
		}
	})
	t.Run("the store goes on where the other ended", func(t *testing.T) {
		from, to := open(t), open(t)
		furnish(t, from)
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		must(t, err)
		for _, s := range []Store{from, to} {
			r := found(t, s, "r1")
			commit(t, s, next(r, core.Event{Once: "tg:9"}))
			_, err := s.Add(t.Context(), at(9), outbox.Item{Key: "late", Merge: outbox.Once})
			must(t, err)
			if n, err := s.Reserve(t.Context(), "number:2026", "r9"); n != 3 || err != nil {
				t.Errorf("the next number is %d, %v; want 3", n, err)
			}
		}
		alike(t, from, to)
	})
	t.Run("only an empty store is filled", func(t *testing.T) {
		from, to := open(t), open(t)
		furnish(t, from)
		commit(t, to, named("r7"))
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		if !errors.Is(err, archive.ErrNotEmpty) {
			t.Errorf("it was filled: %v", err)
		}
	})
	t.Run("a file that was cut short is refused", func(t *testing.T) {
		from := open(t)
		furnish(t, from)
		file := archived(t, from)
		for _, n := range []int{0, 5, len(file) / 2, len(file) - 1} {
			if _, err := archive.Read(t.Context(), bytes.NewReader(file[:n]), open(t)); !errors.Is(err, archive.ErrTorn) {
				t.Errorf("%d of %d bytes: %v", n, len(file), err)
			}
		}
	})
}

func archived(t *testing.T, s archive.Source) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := archive.Write(t.Context(), &file, s, noon); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// furnish puts one of everything into a store.
func furnish(t *testing.T, s Store) {
	t.Helper()
	r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1", Fields: map[core.Field]string{core.FieldSubject: "ñandú"}}))
	commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", To: core.StateActive, Fields: user("ana")}))
	c := next(r, core.Event{Once: "tg:2"})
	c.Items = []outbox.Item{
		{Key: "sent", Merge: outbox.Once, Due: noon},
		{Key: "dead", Merge: outbox.Once, Due: noon},
		{Key: "waits", Merge: outbox.Latest, Due: at(60), Data: map[string]string{"a": "b"}},
	}
	commit(t, s, c)
	claimed, err := s.Claim(t.Context(), noon, 2, lease)
	must(t, err)
	for i, end := range []outbox.Outcome{outbox.WasSent, outbox.Buried} {
		_, err := s.Settle(t.Context(), at(1), []outbox.Result{{
			ID: claimed[i].ID, Epoch: claimed[i].Epoch, Version: 1, Outcome: end, Receipt: "m1", Note: "fin",
		}})
		must(t, err)
	}
	for _, record := range []string{"r1", "r2"} {
		_, err := s.Reserve(t.Context(), "number:2026", record)
		must(t, err)
	}
	_, err = s.Put(t.Context(), "card:r1", []byte{0, 1, 255}, 0, noon, noon.AddDate(1, 0, 0))
	must(t, err)
	_, err = s.Put(t.Context(), "secret", nil, 0, noon, time.Time{})
	must(t, err)
}

// alike compares all that two stores answer.
func alike(t *testing.T, want, got Archived) {
	t.Helper()
	type answers struct {
		Log      []core.Event
		Records  []core.Record
		Holder   string
		Count    int
		Items    []outbox.Item
		Stats    outbox.Stats
		Sessions map[string]string
	}
	ask := func(s Store) answers {
		var a answers
		var err error
		a.Log, err = s.Log(t.Context(), 0, 1000)
		must(t, err)
		for _, id := range []string{"r1", "a1"} {
			a.Records = append(a.Records, found(t, s, id))
		}
		a.Holder = holder(t, s, core.UniqueUser("ana"))
		a.Count, err = s.Count(t.Context(), core.TermKind(core.KindRequest))
		must(t, err)
		a.Items, err = s.Items(t.Context(), "", "", 1000)
		must(t, err)
		a.Stats, err = s.Stats(t.Context(), at(2))
		must(t, err)
		a.Sessions = map[string]string{}
		keys, err := s.Keys(t.Context(), "", "", 100, noon)
		must(t, err)
		for _, k := range keys {
			v, rev, err := s.Get(t.Context(), k, noon)
			must(t, err)
			a.Sessions[k] = string(rune('0'+rev)) + string(v)
		}
		return a
	}
	same(t, "archived", ask(got), ask(want))
}
