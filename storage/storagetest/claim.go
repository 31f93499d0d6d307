package storagetest

import (
	"fmt"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// due is an item of a lane, due some minutes after noon.
func due(key string, lane outbox.Lane, minutes int) outbox.Item {
	it := mail(key)
	it.Lane, it.Due = lane, at(minutes)
	return it
}

var claimTests = []test{
	{"the lowest lane goes first, then the earliest due", func(t *testing.T, s Store) {
		add(t, s, noon,
			due("bulk", outbox.Bulk, 0), due("normal-2", outbox.Normal, 2), due("press-3", outbox.Press, 3),
			due("normal-1", outbox.Normal, 1), due("press-1", outbox.Press, 1), due("low", 9, 0))
		if got := keys(claim(t, s, at(5), 9)); got != "press-1 press-3 normal-1 normal-2 bulk low" {
			t.Errorf("order = %s", got)
		}
	}},
	{"a claim takes no more than it asks for", func(t *testing.T, s Store) {
		add(t, s, noon, due("b1", outbox.Bulk, 0), due("p1", outbox.Press, 0), due("p2", outbox.Press, 1), due("n1", outbox.Normal, 0))
		for _, want := range []string{"p1", "p2 n1", "b1", ""} {
			n := max(1, (len(want)+1)/3)
			if got := keys(claim(t, s, at(5), n)); got != want {
				t.Errorf("claim of %d = %q, want %q", n, got, want)
			}
		}
	}},
	{"nothing is claimed before its time", func(t *testing.T, s Store) {
		add(t, s, noon, due("k", outbox.Normal, 10))
		if got := claim(t, s, at(10).Add(-time.Millisecond), 9); len(got) != 0 {
			t.Error("it was claimed too early")
		}
		if got := claim(t, s, at(10), 9); len(got) != 1 {
			t.Error("it was not claimed at its time")
		}
	}},
	{"a claimed item is leased, and nobody else gets it until the lease ends", func(t *testing.T, s Store) {
		add(t, s, noon, mail("k"))
		it := claimOne(t, s, noon)
		if !it.Leased || it.Epoch != 1 || !it.Due.Equal(noon.Add(lease)) || it.State != outbox.Live {
			t.Errorf("item = %+v", it)
		}
		same(t, "item as kept", only(t, s), it)
		if got := claim(t, s, noon.Add(lease-time.Millisecond), 9); len(got) != 0 {
			t.Error("it was claimed again within the lease")
		}
	}},
	{"what a person is waiting to see is leased for no longer than their patience", func(t *testing.T, s Store) {
		slow := card("n", "one")
		slow.Lane = outbox.Normal
		add(t, s, noon, card("k", "one"), slow)
		for _, it := range claim(t, s, noon, 2) {
			want := noon.Add(lease)
			if it.Key == "k" {
				want = noon.Add(outbox.Patience)
			}
			if !it.Due.Equal(want) {
				t.Errorf("%s is leased until %s, want %s", it.Key, it.Due, want)
			}
		}
		if it := claimOne(t, s, noon.Add(outbox.Patience)); it.Key != "k" || it.Epoch != 2 || outcomes(it) != "1:unknown" {
			t.Errorf("claimed %s at epoch %d after %s", it.Key, it.Epoch, outcomes(it))
		}
	}},
	{"a lease that ends without settlement leaves an unknown attempt on record", func(t *testing.T, s Store) {
		add(t, s, noon, mail("k"))
		claimOne(t, s, noon)
		it := claimOne(t, s, noon.Add(lease))
		if it.Epoch != 2 || it.Tries != 1 || outcomes(it) != "1:unknown" {
			t.Errorf("epoch %d, tries %d, outcomes %s", it.Epoch, it.Tries, outcomes(it))
		}
	}},
	{"an item whose expires has passed is settled moot on the way", func(t *testing.T, s Store) {
		old := mail("old")
		old.Expires = at(10)
		add(t, s, noon, old, mail("good"))
		if got := keys(claim(t, s, at(10).Add(time.Millisecond), 1)); got != "good" {
			t.Errorf("claimed %q, want good", got)
		}
		if got := all(t, s)[0]; got.State != outbox.Moot || got.Leased || len(got.Attempts) != 1 || got.Attempts[0].Outcome != outbox.WasMoot {
			t.Errorf("item = %+v", got)
		}
	}},
	{"an item is claimed at the very instant of its expires", func(t *testing.T, s Store) {
		it := mail("k")
		it.Expires = at(10)
		add(t, s, noon, it)
		claimOne(t, s, at(10))
	}},
	{"many expired items do not stop a claim", func(t *testing.T, s Store) {
		for i := range 300 {
			it := mail(fmt.Sprintf("old-%d", i))
			it.Expires = at(1)
			add(t, s, noon, it)
		}
		add(t, s, noon, due("good", outbox.Bulk, 0))
		if got := keys(claim(t, s, at(5), 2)); got != "good" {
			t.Errorf("claimed %q, want good", got)
		}
		if st := stats(t, s, at(5)); st.Moot != 300 {
			t.Errorf("%d are moot, want 300", st.Moot)
		}
	}},
	{"the next due is the earliest of the live items, leases included", func(t *testing.T, s Store) {
		next := func() string {
			d, ok, err := s.NextDue(t.Context())
			must(t, err)
			if !ok {
				return "none"
			}
			return d.Sub(noon).String()
		}
		if got := next(); got != "none" {
			t.Errorf("of nothing: %s", got)
		}
		add(t, s, noon, due("a", outbox.Bulk, 1), due("b", outbox.Press, 30))
		if got := next(); got != "1m0s" {
			t.Errorf("next = %s, want 1m", got)
		}
		it := claimOne(t, s, at(1))
		if got := next(); got != "3m0s" {
			t.Errorf("next = %s, want the end of the lease at 3m", got)
		}
		settle(t, s, at(1), result(it, outbox.WasSent))
		if got := next(); got != "30m0s" {
			t.Errorf("next = %s, want 30m", got)
		}
	}},
}
