package storagetest

import (
	"testing"

	"sidem.gob.mx/sidem/core/outbox"
)

// held adds one item and claims it.
func held(t *testing.T, s Store, it outbox.Item) outbox.Item {
	t.Helper()
	add(t, s, noon, it)
	return claimOne(t, s, noon)
}

var settleTests = []test{
	{"an outcome ends a claim, and says where the item stands", func(t *testing.T, s Store) {
		for _, want := range []struct {
			outcome outbox.Outcome
			state   outbox.State
		}{{outbox.WasSent, outbox.Sent}, {outbox.WasMoot, outbox.Moot}, {outbox.Buried, outbox.Dead}} {
			it := held(t, s, mail(string(want.outcome)))
			r := result(it, want.outcome)
			r.Receipt, r.Note = "receipt", "note"
			if n := settle(t, s, at(1), r); n != 1 {
				t.Errorf("%s was not accepted", want.outcome)
			}
			items := all(t, s)
			got := items[len(items)-1]
			if got.State != want.state || got.Leased || len(got.Attempts) != 1 {
				t.Fatalf("%s: %+v", want.outcome, got)
			}
			same(t, "attempt", got.Attempts[0], outbox.Attempt{
				At: at(1), Epoch: 1, Outcome: want.outcome, Receipt: "receipt", Note: "note",
			})
		}
		if got := claim(t, s, at(1000), 9); len(got) != 0 {
			t.Errorf("what is settled was claimed: %s", keys(got))
		}
	}},
	{"a retry is due at its time and burns an attempt", func(t *testing.T, s Store) {
		r := result(held(t, s, mail("k")), outbox.WillRetry)
		r.At, r.Uncertain = at(10), true
		settle(t, s, noon, r)
		if got := claim(t, s, at(9), 9); len(got) != 0 {
			t.Error("it was claimed before its time")
		}
		it := claimOne(t, s, at(10))
		if it.Tries != 1 || outcomes(it) != "1:retry" || !it.Attempts[0].Uncertain {
			t.Errorf("item = %+v", it)
		}
	}},
	{"a deferral is due at its time and burns none", func(t *testing.T, s Store) {
		r := result(held(t, s, mail("k")), outbox.Deferred)
		r.At = at(10)
		settle(t, s, noon, r)
		if it := claimOne(t, s, at(10)); it.Tries != 0 || outcomes(it) != "1:defer" {
			t.Errorf("item = %+v", it)
		}
	}},
	{"a deferral is moved while nobody has claimed the item since", func(t *testing.T, s Store) {
		r := result(held(t, s, mail("k")), outbox.Deferred)
		r.At, r.Note, r.Wait = at(10), "turn at ten", outbox.Deferral{For: outbox.ForLine, Until: at(10)}
		settle(t, s, noon, r)
		r.At, r.Note, r.Wait.Until, r.Moves = at(30), "turn at thirty", at(30), true
		if n := settle(t, s, at(1), r); n != 1 {
			t.Fatal("it was not moved")
		}
		if got := claim(t, s, at(29), 9); len(got) != 0 {
			t.Error("it was claimed at the time it had before")
		}
		it := claimOne(t, s, at(30))
		if it.Epoch != 2 || len(it.Attempts) != 1 || it.Attempts[0].Note != "turn at thirty" || it.Attempts[0].Waits() != r.Wait {
			t.Errorf("item = %+v", it)
		}
		own := r
		own.Epoch = it.Epoch
		if n := settle(t, s, at(31), r, own); n != 0 {
			t.Error("what somebody holds was moved")
		}
		if n := settle(t, s, at(31), result(it, outbox.WasSent)); n != 1 {
			t.Error("who holds it was refused")
		}
	}},
	{"only a deferral is moved", func(t *testing.T, s Store) {
		for _, o := range []outbox.Outcome{outbox.WasSent, outbox.WillRetry, outbox.Released, outbox.Buried} {
			r := result(held(t, s, mail(string(o))), o)
			r.At = at(3600)
			settle(t, s, noon, r)
			r.Outcome, r.Moves = outbox.Deferred, true
			if n := settle(t, s, noon, r); n != 0 {
				t.Errorf("after %s it was moved", o)
			}
			if o == outbox.Released {
				settle(t, s, noon, result(claimOne(t, s, noon), outbox.WasSent))
			}
		}
	}},
	{"a claim that is held lasts longer, and is the same claim", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		r := outbox.Result{ID: it.ID, Epoch: it.Epoch, At: at(600), Holds: true}
		if n := settle(t, s, at(10), r); n != 1 {
			t.Fatal("it was not held")
		}
		if got := claim(t, s, at(599), 9); len(got) != 0 {
			t.Error("it was claimed while it was held")
		}
		if n := settle(t, s, at(599), result(it, outbox.WasSent)); n != 1 {
			t.Error("who holds it was refused")
		}
		if n := settle(t, s, at(599), r); n != 0 {
			t.Error("what is settled was held")
		}
	}},
	{"a claim that has ended in another's is not held", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		r := outbox.Result{ID: it.ID, Epoch: it.Epoch, At: at(7200), Holds: true}
		again := claimOne(t, s, at(3600))
		if n := settle(t, s, at(3600), r); n != 0 {
			t.Error("the claim of another was held")
		}
		if again.Tries != 1 || outcomes(again) != "1:unknown" {
			t.Errorf("item = %+v", again)
		}
		r.Epoch = again.Epoch
		settle(t, s, at(3601), r)
		if got := claim(t, s, at(7199), 9); len(got) != 0 {
			t.Error("it was claimed while it was held")
		}
		if it := claimOne(t, s, at(7200)); it.Epoch != 3 || outcomes(it) != "1:unknown 2:unknown" {
			t.Errorf("after the lease: %+v", it)
		}
	}},
	{"what is released is due at once", func(t *testing.T, s Store) {
		settle(t, s, at(1), result(held(t, s, mail("k")), outbox.Released))
		if it := claimOne(t, s, at(1)); it.Tries != 0 || it.Epoch != 2 {
			t.Errorf("item = %+v", it)
		}
	}},
	{"an item whose version moved meanwhile is due again", func(t *testing.T, s Store) {
		for _, o := range []outbox.Outcome{outbox.WasSent, outbox.WasMoot} {
			it := held(t, s, card(string(o), "one"))
			add(t, s, noon, card(string(o), "two"))
			settle(t, s, at(1), result(it, o))
			again := claimOne(t, s, at(1))
			if again.Data["text"] != "two" || again.Version != 2 {
				t.Errorf("after %s: %+v", o, again)
			}
			settle(t, s, at(1), result(again, outbox.WasSent))
		}
	}},
	{"a result with an old epoch is dropped, with what it would put", func(t *testing.T, s Store) {
		old := held(t, s, mail("k"))
		now := noon.Add(lease)
		young := claimOne(t, s, now)
		r := result(old, outbox.Buried)
		r.Then = []outbox.Item{mail("alert")}
		if n := settle(t, s, now, r); n != 0 {
			t.Errorf("%d were accepted, want 0", n)
		}
		same(t, "item", only(t, s), young)
		if n := settle(t, s, now, result(young, outbox.WasSent)); n != 1 {
			t.Error("who holds it was refused")
		}
	}},
	{"a lease that has ended is still good while nobody else has claimed", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		if n := settle(t, s, at(60), result(it, outbox.WasSent)); n != 1 {
			t.Error("it was refused")
		}
	}},
	{"a result is accepted once", func(t *testing.T, s Store) {
		r := result(held(t, s, mail("k")), outbox.WasSent)
		r.Then = []outbox.Item{card("next", "x")}
		if n := settle(t, s, noon, r, r); n != 1 {
			t.Errorf("%d of two were accepted, want 1", n)
		}
		if n := settle(t, s, noon, r); n != 0 {
			t.Errorf("a repeat was accepted")
		}
		if got := all(t, s); len(got) != 2 || got[1].Version != 1 {
			t.Errorf("items = %+v", got)
		}
	}},
	{"a result for an unknown item is dropped", func(t *testing.T, s Store) {
		for _, id := range []string{"", "none", "000000000099"} {
			if n := settle(t, s, noon, outbox.Result{ID: id, Outcome: outbox.WasSent}); n != 0 {
				t.Errorf("%q was accepted", id)
			}
		}
	}},
	{"several results are settled together, each for itself", func(t *testing.T, s Store) {
		add(t, s, noon, mail("a"), mail("b"), mail("c"))
		got := claim(t, s, noon, 3)
		stale := result(got[1], outbox.WasSent)
		stale.Epoch--
		if n := settle(t, s, noon, result(got[0], outbox.WasSent), stale, result(got[2], outbox.WasSent)); n != 2 {
			t.Errorf("%d were accepted, want 2", n)
		}
		if st := stats(t, s, noon); st.Sent != 2 || st.Leased != 1 {
			t.Errorf("stats = %+v", st)
		}
	}},
	{"what follows is put in the same step, each by its merge", func(t *testing.T, s Store) {
		add(t, s, noon, mail("done"))
		settle(t, s, noon, result(claimOne(t, s, noon), outbox.WasSent))
		r := result(held(t, s, mail("k")), outbox.Buried)
		r.Then = []outbox.Item{mail("email"), card("alert", "one"), card("alert", "two"), mail("done"), {Key: "now", Merge: outbox.Once}}
		settle(t, s, at(5), r)
		items := all(t, s)
		if got := keys(items); got != "done k email alert now" {
			t.Errorf("items = %s", got)
		}
		if items[3].Data["text"] != "two" || !items[4].Due.Equal(at(5)) {
			t.Errorf("items = %+v", items[3:])
		}
	}},
	{"a settlement with a bad follow-up changes nothing", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		r := result(it, outbox.Buried)
		r.Then = []outbox.Item{mail("good"), {Merge: outbox.Once}}
		if _, err := s.Settle(t.Context(), noon, []outbox.Result{r}); err == nil {
			t.Error("it was taken")
		}
		same(t, "item", only(t, s), it)
	}},
	{"who waits is woken when a settlement makes an item due", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		woken(t, s) // by the adding
		settle(t, s, noon, result(it, outbox.Released))
		woken(t, s)
	}},
	{"a dead item is replayed: due now, with patience anew and its past kept", func(t *testing.T, s Store) {
		it := held(t, s, mail("k"))
		settle(t, s, noon, result(it, outbox.Buried))
		n, err := s.Replay(t.Context(), at(5))
		must(t, err)
		if got := claimOne(t, s, at(5)); n != 1 || got.ID != it.ID || got.Tries != 0 || outcomes(got) != "1:dead" {
			t.Errorf("%d replayed: %+v", n, got)
		}
	}},
	{"only the dead are replayed, and only those that are named", func(t *testing.T, s Store) {
		add(t, s, noon, mail("a"), mail("b"), mail("c"), mail("d"))
		got := claim(t, s, noon, 3)
		settle(t, s, noon, result(got[0], outbox.Buried), result(got[1], outbox.Buried), result(got[2], outbox.WasSent))
		n, err := s.Replay(t.Context(), noon, got[1].ID, got[2].ID, "none")
		must(t, err)
		live, err := s.Items(t.Context(), outbox.Live, "", 10)
		must(t, err)
		if n != 1 || keys(live) != "b d" {
			t.Errorf("%d replayed, live are %s", n, keys(live))
		}
	}},
	{"a dead item whose key is live anew stays dead", func(t *testing.T, s Store) {
		for _, text := range []string{"one", "two"} {
			settle(t, s, noon, result(held(t, s, card("k", text)), outbox.Buried))
		}
		n, err := s.Replay(t.Context(), noon)
		must(t, err)
		if it := claimOne(t, s, noon); n != 1 || it.Data["text"] != "two" {
			t.Errorf("%d replayed, %q is live", n, it.Data["text"])
		}
	}},
}
