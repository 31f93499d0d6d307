package storagetest

import (
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

var mergeTests = []test{
	{"an item reads back as it was added, new", func(t *testing.T, s Store) {
		it := outbox.Item{
			Key: "k", Merge: outbox.Once, Lane: outbox.Bulk, Due: at(1), Expires: at(9), Account: "lucía",
			Channel: "email", Record: "r1", What: "mail", Data: map[string]string{"mail": "<b> & 'ñ'"},
		}
		dirty := it // a copy of another item, not cleaned
		dirty.ID, dirty.State, dirty.Version, dirty.Epoch = "x", outbox.Dead, 7, 3
		dirty.Tries, dirty.Leased, dirty.Attempts = 2, true, []outbox.Attempt{{Epoch: 1}}
		add(t, s, noon, dirty)
		got := only(t, s)
		it.ID, it.State, it.Version = got.ID, outbox.Live, 1
		same(t, "item", got, it)
	}},
	{"an item without a Due is due now", func(t *testing.T, s Store) {
		add(t, s, at(3), outbox.Item{Key: "k", Merge: outbox.Once})
		if got := only(t, s).Due; !got.Equal(at(3)) {
			t.Errorf("due %s, want %s", got, at(3))
		}
	}},
	{"times come back in UTC, cut to milliseconds", func(t *testing.T, s Store) {
		it := mail("k")
		it.Due = noon.In(time.FixedZone("", -6*3600)).Add(1234567 * time.Nanosecond)
		it.Expires = it.Due
		add(t, s, noon, it)
		want := noon.Add(time.Millisecond)
		if got := only(t, s); got.Due != want || got.Expires != want {
			t.Errorf("due %s, expires %s, want %s", got.Due, got.Expires, want)
		}
	}},
	{"once: a repeat is a duplicate of a live item", func(t *testing.T, s Store) {
		again := mail("k")
		again.What = "another"
		if n := add(t, s, noon, mail("k"), again); n != 1 {
			t.Errorf("%d were new, want 1", n)
		}
		if got := only(t, s); got.What != "mail" || got.Version != 1 {
			t.Errorf("the item changed: %+v", got)
		}
	}},
	{"once: a repeat is a duplicate of a settled item too", func(t *testing.T, s Store) {
		for i, o := range []outbox.Outcome{outbox.WasSent, outbox.WasMoot, outbox.Buried} {
			key := string(o)
			add(t, s, noon, mail(key))
			settle(t, s, noon, result(claimOne(t, s, noon), o))
			if n := add(t, s, noon, mail(key)); n != 0 || len(all(t, s)) != i+1 {
				t.Errorf("after %s a repeat was taken", o)
			}
		}
	}},
	{"latest: a live item takes the new payload and its version moves", func(t *testing.T, s Store) {
		if n := add(t, s, noon, card("k", "one"), card("k", "two")); n != 2 {
			t.Errorf("%d were new or changed, want 2", n)
		}
		if got := only(t, s); got.Data["text"] != "two" || got.Version != 2 {
			t.Errorf("text %q at version %d", got.Data["text"], got.Version)
		}
	}},
	{"latest: after a settled item a new one is made", func(t *testing.T, s Store) {
		add(t, s, noon, card("k", "one"))
		settle(t, s, noon, result(claimOne(t, s, noon), outbox.WasSent))
		add(t, s, noon, card("k", "two"))
		items := all(t, s)
		if len(items) != 2 || items[0].State != outbox.Sent || items[1].State != outbox.Live || items[1].Version != 1 {
			t.Errorf("items = %+v", items)
		}
	}},
	{"append: lines are joined while the item is live", func(t *testing.T, s Store) {
		add(t, s, noon, digest("k", "one"), digest("k", "two"))
		if got := only(t, s).Data["lines"]; got != "one\ntwo" {
			t.Errorf("lines = %q", got)
		}
		settle(t, s, noon, result(claimOne(t, s, noon), outbox.WasSent))
		add(t, s, noon, digest("k", "three"))
		if got := claimOne(t, s, noon).Data["lines"]; got != "three" {
			t.Errorf("lines = %q", got)
		}
	}},
	{"a merge hastens an item and brings it to the lower lane", func(t *testing.T, s Store) {
		slow := card("k", "one")
		slow.Due, slow.Lane = at(60), outbox.Bulk
		add(t, s, noon, slow, card("k", "two"))
		if got := claimOne(t, s, noon); got.Lane != outbox.Press {
			t.Errorf("lane = %d", got.Lane)
		}
	}},
	{"a merge does not take an item from who holds it", func(t *testing.T, s Store) {
		add(t, s, noon, card("k", "one"))
		claimOne(t, s, noon)
		add(t, s, noon, card("k", "two"))
		if got := claim(t, s, noon, 9); len(got) != 0 {
			t.Errorf("claimed again: %s", keys(got))
		}
		if got := only(t, s); !got.Leased || got.Version != 2 {
			t.Errorf("item = %+v", got)
		}
	}},
	{"what somebody waits for is not held long by a worker that says nothing", func(t *testing.T, s Store) {
		slow := card("n", "one")
		slow.Lane = outbox.Normal
		add(t, s, noon, card("k", "one"), slow)
		dead := claim(t, s, noon, 2)
		slow = card("n", "two")
		slow.Lane = outbox.Normal
		add(t, s, noon, card("k", "two"), slow)
		if next, ok, err := s.NextDue(t.Context()); err != nil || !ok || !next.Equal(noon.Add(outbox.Patience)) {
			t.Errorf("next due at %s (%t, %v), want when patience ends", next, ok, err)
		}
		if got := claim(t, s, noon.Add(outbox.Patience-time.Millisecond), 9); len(got) != 0 {
			t.Errorf("claimed before patience ended: %s", keys(got))
		}
		it := claimOne(t, s, noon.Add(outbox.Patience)) // nobody waits for the other one
		if it.Key != "k" || it.Data["text"] != "two" || outcomes(it) != "1:unknown" {
			t.Errorf("claimed %s with %q after %s", it.Key, it.Data["text"], outcomes(it))
		}
		for _, old := range dead {
			if old.Key == "k" && settle(t, s, noon.Add(outbox.Patience), result(old, outbox.WasSent)) != 0 {
				t.Error("the worker that said nothing settled it after all")
			}
		}
	}},
	{"a worker that renews its claim keeps it, whoever waits", func(t *testing.T, s Store) {
		add(t, s, noon, card("k", "one"))
		it := claimOne(t, s, noon)
		for i := range 5 {
			add(t, s, noon.Add(time.Duration(i)*time.Second), card("k", fmt.Sprint(i)))
			held := outbox.Result{ID: it.ID, Epoch: it.Epoch, At: noon.Add(time.Duration(i)*time.Second + lease), Holds: true}
			if n := settle(t, s, noon.Add(time.Duration(i)*time.Second), held); n != 1 {
				t.Error("it could not be renewed")
			}
		}
		if got := claim(t, s, noon.Add(time.Minute), 9); len(got) != 0 {
			t.Errorf("claimed again: %s", keys(got))
		}
	}},
	{"an item without a key, or that merges in no known way, is refused whole", func(t *testing.T, s Store) {
		for _, bad := range []outbox.Item{{Merge: outbox.Once}, {Key: "k"}, {Key: "k", Merge: "some"}} {
			if _, err := s.Add(t.Context(), noon, mail("good"), bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
			c := named("r1")
			c.Items = []outbox.Item{mail("good"), bad}
			if err := s.Commit(t.Context(), c); err == nil {
				t.Errorf("a commit with %+v was taken", bad)
			}
		}
		if n := len(all(t, s)); n != 0 {
			t.Errorf("%d items are there", n)
		}
	}},
	{"items come by state, in the order of their making, part by part", func(t *testing.T, s Store) {
		add(t, s, noon, mail("a"), mail("b"), mail("c"), mail("d"), mail("e"))
		held := claim(t, s, noon, 3)
		settle(t, s, noon, result(held[0], outbox.WasSent), result(held[1], outbox.Buried), result(held[2], outbox.WasMoot))
		for state, want := range map[outbox.State]string{
			"": "a b c d e", outbox.Sent: "a", outbox.Dead: "b", outbox.Moot: "c", outbox.Live: "d e",
		} {
			got, err := s.Items(t.Context(), state, "", 10)
			must(t, err)
			if keys(got) != want {
				t.Errorf("%q = %s, want %s", state, keys(got), want)
			}
		}
		items := all(t, s)
		got, err := s.Items(t.Context(), "", items[1].ID, 2)
		must(t, err)
		if keys(got) != "c d" {
			t.Errorf("two after b = %s", keys(got))
		}
	}},
	{"who waits is woken when an item is added", func(t *testing.T, s Store) {
		add(t, s, noon, mail("a"))
		woken(t, s)
		c := named("r1")
		c.Items = []outbox.Item{mail("b")}
		commit(t, s, c)
		woken(t, s)
		later := mail("c") // a hub sleeps no longer than outbox.Sight: it need not be told, and may be
		later.Due = noon.Add(time.Hour)
		add(t, s, noon, later)
		now := mail("d")
		now.Due = noon.Add(outbox.Sight)
		add(t, s, noon, now)
		woken(t, s)
	}},
}

// woken waits for the hint to look again.
func woken(t *testing.T, s Store) {
	t.Helper()
	select {
	case <-s.Wake():
	case <-t.Context().Done():
		t.Fatal("nobody was woken")
	case <-time.After(time.Minute):
		t.Fatal("nobody was woken in time")
	}
}
