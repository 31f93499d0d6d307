package storagetest

import (
	"testing"

	"sidem.gob.mx/sidem/core/outbox"
)

var statsTests = []test{
	{"nothing is counted where nothing is", func(t *testing.T, s Store) {
		same(t, "stats", stats(t, s, noon), outbox.Stats{})
	}},
	{"items are counted by state", func(t *testing.T, s Store) {
		add(t, s, noon, mail("sent"), mail("moot"), mail("dead"), mail("held"), mail("due"))
		got := claim(t, s, noon, 4)
		settle(t, s, noon, result(got[0], outbox.WasSent), result(got[1], outbox.WasMoot), result(got[2], outbox.Buried))
		add(t, s, noon, due("later", outbox.Bulk, 60))
		same(t, "stats", stats(t, s, noon), outbox.Stats{
			Created: 6, Live: 3, Sent: 1, Moot: 1, Dead: 1, Due: 1, Leased: 1, Oldest: noon,
		})
	}},
	{"a duplicate and a merge count as nothing created", func(t *testing.T, s Store) {
		add(t, s, noon, mail("a"), mail("a"), card("b", "one"), card("b", "two"))
		if st := stats(t, s, noon); st.Created != 2 || st.Live != 2 {
			t.Errorf("stats = %+v", st)
		}
	}},
	{"the oldest is the earliest due that nobody holds", func(t *testing.T, s Store) {
		add(t, s, noon, due("a", outbox.Press, 1), due("b", outbox.Bulk, 60))
		claimOne(t, s, at(1))
		if st := stats(t, s, at(1)); !st.Oldest.Equal(at(60)) {
			t.Errorf("oldest = %s, want %s", st.Oldest, at(60))
		}
	}},
	{"an item whose lease has ended is due, not leased", func(t *testing.T, s Store) {
		held(t, s, mail("k"))
		same(t, "stats", stats(t, s, noon.Add(lease)), outbox.Stats{
			Created: 1, Live: 1, Due: 1, Oldest: noon.Add(lease),
		})
	}},
	{"a replayed item is live again, and was created once", func(t *testing.T, s Store) {
		settle(t, s, noon, result(held(t, s, mail("k")), outbox.Buried))
		_, err := s.Replay(t.Context(), noon)
		must(t, err)
		same(t, "stats", stats(t, s, noon), outbox.Stats{Created: 1, Live: 1, Due: 1, Oldest: noon})
	}},
}
