package main

import (
	"testing"

	"sidem/storage/redis/redistest"
)

// Both replicas plan every tick and both work it off; what has a key comes once.
func TestTwoReplicasTellTheMorningOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	w, s, err := newTwins(t.TempDir(), server.DSN("sidem"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.front.Close()
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	rest(t, w)
	before := len(mails(w, "héctor", "Tablero semanal"))
	at(t, w, "2026-11-24 08:50") // a Tuesday
	if got := mails(w, "raúl", "Lo que le toca hoy"); len(got) != 1 {
		t.Errorf("%d digests on Tuesday: %s", len(got), texts(got))
	}
	at(t, w, "2026-11-30 09:30") // the Monday after
	if got := mails(w, "raúl", "Lo que le toca hoy"); len(got) != 2 {
		t.Errorf("%d digests by Monday: %s", len(got), texts(got))
	}
	if got := mails(w, "héctor", "Tablero semanal"); len(got) != before+1 {
		t.Errorf("%d boards on Monday, %d before: %s", len(got), before, texts(got))
	}
	for _, name := range []string{"digest", "weekly", "purge", "checkpoint"} {
		days := map[string]int{}
		for _, day := range ticked(t, w, name) {
			days[day]++
		}
		for day, n := range days {
			if n != 1 {
				t.Errorf("%s of %s came %d times", name, day, n)
			}
		}
		if days["2026-11-30"] != 1 {
			t.Errorf("%s came on %v", name, days)
		}
	}
}
