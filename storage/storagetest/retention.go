package storagetest

import (
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// settledAs adds an item and settles it.
func settledAs(t *testing.T, s Store, it outbox.Item, o outbox.Outcome) outbox.Item {
	t.Helper()
	got := held(t, s, it)
	settle(t, s, noon, result(got, o))
	return got
}

func purge(t *testing.T, s Store, ids ...string) int {
	t.Helper()
	n, err := s.Purge(t.Context(), ids...)
	must(t, err)
	return n
}

var retentionTests = []test{
	{"created is live, sent, moot, dead and purged at every step", func(t *testing.T, s Store) {
		sent, moot := settledAs(t, s, mail("sent"), outbox.WasSent), settledAs(t, s, mail("moot"), outbox.WasMoot)
		dead := settledAs(t, s, mail("dead"), outbox.Buried)
		add(t, s, noon, mail("live"))
		want := outbox.Stats{Created: 4, Live: 1, Sent: 1, Moot: 1, Dead: 1, Due: 1, Oldest: noon}
		same(t, "stats", stats(t, s, noon), want)
		for i, it := range []outbox.Item{sent, moot, dead} {
			if n := purge(t, s, it.ID); n != 1 {
				t.Errorf("%d were purged", n)
			}
			st := stats(t, s, noon)
			if st.Purged != i+1 || st.Missing() != 0 || st.Created != 4 {
				t.Errorf("stats = %+v", st)
			}
			sound(t, s)
		}
		if n := purge(t, s, sent.ID, moot.ID, dead.ID); n != 0 {
			t.Errorf("what is gone was purged once more: %d", n)
		}
		items, err := s.Items(t.Context(), "", "", 9)
		must(t, err)
		if len(items) != 1 || items[0].Key != "live" {
			t.Errorf("left is %+v", items)
		}
		if n, err := s.Replay(t.Context(), noon); n != 0 || err != nil {
			t.Errorf("what is gone was revived: %d, %v", n, err)
		}
	}},
	{"what is live, held or the newest of all is not purged", func(t *testing.T, s Store) {
		waits := held(t, s, mail("held"))
		last := settledAs(t, s, mail("last"), outbox.WasSent)
		if n := purge(t, s, waits.ID, last.ID); n != 0 {
			t.Errorf("%d were purged", n)
		}
		settle(t, s, noon, result(waits, outbox.WasSent))
		if n := purge(t, s, waits.ID, last.ID); n != 1 {
			t.Errorf("settled: %d were purged, want the one that is not the newest", n)
		}
		next := held(t, s, mail("next"))
		if next.ID <= last.ID {
			t.Errorf("the id %s comes after %s", next.ID, last.ID)
		}
		sound(t, s)
	}},
	{"a card whose item was purged is owed anew, and joined", func(t *testing.T, s Store) {
		one, two := settledAs(t, s, card("c", "a"), outbox.WasSent), settledAs(t, s, card("c", "b"), outbox.WasSent)
		add(t, s, noon, mail("m"))
		purge(t, s, one.ID)
		sound(t, s)
		add(t, s, noon, card("c", "c"))
		add(t, s, noon, card("c", "d"))
		sound(t, s)
		purge(t, s, two.ID)
		st := stats(t, s, noon)
		if st.Created != 4 || st.Live != 2 || st.Purged != 2 || st.Missing() != 0 {
			t.Errorf("stats = %+v", st)
		}
		sound(t, s)
	}},
	{"items are listed past those that are gone", func(t *testing.T, s Store) {
		var gone []string
		for i := range 40 {
			it := settledAs(t, s, mail(string(rune('A'+i))), outbox.WasSent)
			if i%8 != 3 {
				gone = append(gone, it.ID)
			}
		}
		settledAs(t, s, mail("last"), outbox.WasSent)
		if n := purge(t, s, gone...); n != len(gone) {
			t.Fatalf("%d were purged, want %d", n, len(gone))
		}
		var keys []string
		for after := ""; ; {
			items, err := s.Items(t.Context(), outbox.Sent, after, 2)
			must(t, err)
			for _, it := range items {
				after, keys = it.ID, append(keys, it.Key)
			}
			if len(items) < 2 {
				break
			}
		}
		same(t, "keys", keys, []string{"D", "L", "T", "\\", "d", "last"})
		sound(t, s)
	}},
	{"a press that was forgotten is another press", func(t *testing.T, s Store) {
		r := commit(t, s, next(core.Record{}, core.Event{Record: "r1", Once: "tg:1"}))
		refuse(t, s, next(r, core.Event{Once: "tg:1"}), desk.ErrSeen)
		for _, p := range []maintenance.Press{{Once: "tg:1", Index: 7}, {Once: "tg:2", Index: 1}} {
			if n, err := s.Forget(t.Context(), p); n != 0 || err != nil {
				t.Errorf("%v was forgotten: %d, %v", p, n, err)
			}
		}
		if n, err := s.Forget(t.Context(), maintenance.Press{Once: "tg:1", Index: 1}); n != 1 || err != nil {
			t.Fatalf("forgotten are %d, %v", n, err)
		}
		commit(t, s, next(r, core.Event{Once: "tg:1"}))
		if n, err := s.Forget(t.Context(), maintenance.Press{Once: "tg:1", Index: 1}); n != 0 || err != nil {
			t.Errorf("the press that came after was forgotten for the first: %d, %v", n, err)
		}
	}},
	{"a press that is too old to be repeated may be forgotten, and no other", func(t *testing.T, s Store) {
		commit(t, s, next(core.Record{}, core.Event{Record: "old", Once: "tg:1", At: noon.Add(-desk.RepeatLife - 1e9)}))
		commit(t, s, next(core.Record{}, core.Event{Record: "young", Once: "tg:2"}))
		d := &desk.Desk{Ledger: s, Now: func() time.Time { return noon }}
		for _, c := range []struct {
			press  maintenance.Press
			faults int
		}{{maintenance.Press{Once: "tg:1", Index: 1}, 0}, {maintenance.Press{Once: "tg:2", Index: 2}, 1}} {
			_, err := s.Forget(t.Context(), c.press)
			must(t, err)
			a, err := d.Audit(t.Context())
			must(t, err)
			if len(a.Faults) != c.faults {
				t.Errorf("without %v there are the faults %v", c.press, a.Faults)
			}
		}
	}},
}

// sound wants the rows of a store to hang together.
func sound(t *testing.T, s Store) {
	t.Helper()
	torn, err := s.Inspect(t.Context())
	must(t, err)
	if len(torn) > 0 {
		t.Errorf("the rows do not hang together: %v", torn)
	}
}
