package storagetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/storage/archive"
)

// Archived is a Store that can be written to a file and read back.
type Archived interface {
	Store
	archive.Source
	archive.Target
}

// RunArchive holds two backends, or twice the same, to what an archive promises:
// what is moved from one to the other is there whole. Each gives an empty store each time.
func RunArchive(t *testing.T, source, target func(t *testing.T) Archived) {
	t.Helper()
	t.Run("what was archived is there again, whole", func(t *testing.T) {
		from, to := source(t), target(t)
		furnish(t, from)
		var file bytes.Buffer
		wrote, err := archive.Write(t.Context(), &file, from, noon)
		must(t, err)
		read, err := archive.Read(t.Context(), &file, to)
		must(t, err)
		there, err := archive.Inspect(t.Context(), to)
		must(t, err)
		same(t, "read", read, wrote)
		same(t, "kept", there, wrote)
		if len(wrote.Faults) > 0 || wrote.Events.Count != 5 || wrote.Items.Count != 9 || wrote.Numbers.Count != 3 || wrote.Sessions.Count != 3 {
			t.Errorf("it was %s %v", wrote, wrote.Faults)
		}
		alike(t, from, to)
	})
	t.Run("an extract has the sessions of one prefix, and all else", func(t *testing.T) {
		from := source(t)
		furnish(t, from)
		for _, key := range []string{"card:r1:a:telegram", "card:r2:a:slack", "cards"} {
			put(t, from, key, "v", 0, noon, time.Time{})
		}
		var all, part []string
		name := func(l archive.Line) string {
			if l.Session != nil {
				return l.Session.Key
			}
			body, err := json.Marshal(l)
			must(t, err)
			return string(body)
		}
		must(t, from.Dump(t.Context(), func(l archive.Line) error {
			if l.Session == nil || strings.HasPrefix(l.Session.Key, "card:") {
				all = append(all, name(l))
			}
			return nil
		}))
		must(t, from.Extract(t.Context(), "card:", func(l archive.Line) error { part = append(part, name(l)); return nil }))
		same(t, "extract", part, all)
		if n := len(part); n < 2 || part[n-2] != "card:r1:a:telegram" || part[n-1] != "card:r2:a:slack" {
			t.Errorf("it ends with %q", part[max(0, n-3):])
		}
	})
	t.Run("a press that was committed before the move is known after it", func(t *testing.T) {
		from, to := source(t), target(t)
		first := next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"})
		commit(t, from, first)
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		must(t, err)
		seen, ok := errors.AsType[*desk.SeenError](to.Commit(t.Context(), first))
		if !ok || seen.First.Record != "r1" || seen.First.Index != 1 {
			t.Errorf("the press is new: %+v", seen)
		}
	})
	t.Run("what was purged is counted there, and no id is given twice", func(t *testing.T) {
		from, to := source(t), target(t)
		for _, key := range []string{"a", "b", "c"} {
			settledAs(t, from, mail(key), outbox.WasSent)
		}
		items, err := from.Items(t.Context(), "", "", 9)
		must(t, err)
		purge(t, from, items[0].ID, items[1].ID)
		_, err = archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		must(t, err)
		for _, s := range []Store{from, to} {
			same(t, "stats", stats(t, s, noon), outbox.Stats{Created: 3, Sent: 1, Purged: 2})
			sound(t, s)
			if next := held(t, s, mail("next")); next.ID <= items[2].ID {
				t.Errorf("the id %s comes after %s", next.ID, items[2].ID)
			}
		}
	})
	t.Run("what was taken leaves the same gap there, and comes back there too", func(t *testing.T) {
		from, to := source(t), target(t)
		one := numberedOne(t, from, "r1")
		numberedOne(t, from, "r2")
		before, f := whole(t, from), filedOne(t, from, "r1")
		if n := take(t, from, one); n != 1 {
			t.Fatalf("%d were taken", n)
		}
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		must(t, err)
		for _, s := range []Store{from, to} {
			sound(t, s)
			if n := putBack(t, s, f); n != 1 {
				t.Errorf("%d came back", n)
			}
			same(t, "the trail", whole(t, s), before)
			sound(t, s)
		}
	})
	t.Run("the store goes on where the other ended", func(t *testing.T) {
		from, to := source(t), target(t)
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
			for i := range 5 { // all that is due, also what was held
				claimed, err := s.Claim(t.Context(), at(100), 1, lease)
				must(t, err)
				for _, it := range claimed {
					end := result(it, outbox.WasSent)
					end.Receipt = fmt.Sprint(i)
					settle(t, s, at(101), end)
				}
			}
			if n, err := s.Replay(t.Context(), at(102)); n != 2 || err != nil { // of two dead ones with one key, one
				t.Errorf("Replay = %d, %v", n, err)
			}
		}
		alike(t, from, to)
	})
	t.Run("numbers that nobody can have been given are found", func(t *testing.T) { plantNumbers(t, source(t), target) })
	t.Run("items that are gone, or are others, are found", func(t *testing.T) { plantItems(t, source(t), target) })
	t.Run("only an empty store is filled", func(t *testing.T) {
		from, to := source(t), target(t)
		furnish(t, from)
		commit(t, to, named("r7"))
		_, err := archive.Read(t.Context(), bytes.NewReader(archived(t, from)), to)
		if !errors.Is(err, archive.ErrNotEmpty) {
			t.Errorf("it was filled: %v", err)
		}
	})
	t.Run("a file that was cut short is refused", func(t *testing.T) {
		from := source(t)
		furnish(t, from)
		file := archived(t, from)
		for _, n := range []int{0, 5, len(file) / 2, len(file) - 1} {
			if _, err := archive.Read(t.Context(), bytes.NewReader(file[:n]), target(t)); !errors.Is(err, archive.ErrTorn) {
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
	first := next(core.Record{}, core.Event{Record: "r1", Once: "tg:1", Fields: map[core.Field]string{core.FieldSubject: "ñandú\n\"uno\""}})
	second := next(first.Record, core.Event{Once: "tg:1"}) // of the same press
	first.Record, first.Events = second.Record, append(first.Events, second.Events...)
	r := commit(t, s, first)
	commit(t, s, next(core.Record{}, core.Event{Kind: core.KindAccount, Record: "a1", To: core.StateActive, Fields: user("ana")}))
	c := next(r, core.Event{Once: "tg:2"})
	c.Items = []outbox.Item{
		{Key: "sent", Merge: outbox.Once, Due: noon},
		{Key: "dead", Merge: outbox.Append, Due: noon},
		{Key: "dead and live", Merge: outbox.Append, Due: noon, Lane: outbox.Press},
		{Key: "moot", Merge: outbox.Once, Due: noon, Expires: at(90)},
		{Key: "held", Merge: outbox.Latest, Due: noon, Lane: outbox.Bulk},
		{Key: "waits", Merge: outbox.Latest, Due: at(60), Data: map[string]string{"a": "b"}},
		{Key: "waits long", Merge: outbox.Once, Due: noon.AddDate(0, 3, 0), Expires: noon.AddDate(1, 0, 0)},
	}
	r = commit(t, s, c)
	end := func(now time.Time, outcomes map[string]outbox.Outcome) {
		for _, it := range claim(t, s, now, 10) {
			if o, ok := outcomes[it.Key]; ok { // others stay held
				r := result(it, o)
				r.At, r.Note = at(70), "fin"
				settle(t, s, now, r)
			}
		}
	}
	end(noon, map[string]outbox.Outcome{
		"sent": outbox.WasSent, "dead": outbox.Buried, "dead and live": outbox.Buried, "moot": outbox.WasMoot, "held": outbox.WillRetry,
	})
	add(t, s, at(1), digest("dead and live", "two"), digest("dead", "two"))
	end(at(2), map[string]outbox.Outcome{"dead": outbox.Buried, "dead and live": outbox.Deferred}) // and "held" is
	commit(t, s, next(r, core.Event{Once: "tg:3"}))
	for _, n := range []struct{ series, record string }{{"number:2026", "r1"}, {"number:2026", "r2"}, {"number:2025", "r2"}} {
		_, err := s.Reserve(t.Context(), n.series, n.record)
		must(t, err)
	}
	_, err := s.Put(t.Context(), "card:r1", []byte{0, 1, 255, '\n', 10}, 0, noon, noon.AddDate(1, 0, 0))
	must(t, err)
	_, err = s.Put(t.Context(), "secret", nil, 0, noon, time.Time{})
	must(t, err)
	_, err = s.Put(t.Context(), "past", []byte("p"), 0, noon, at(1))
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
