//go:build e2e

package replicas

import (
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// Both replicas plan every tick and both work it off; what has a key comes once.
func TestTwoReplicasTellTheMorningOnce(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	w, s, err := e2etest.NewTwins(t.TempDir(), server.DSN("sidem"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Front.Close()
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
	e2etest.Rest(t, w)
	before := len(e2etest.Mails(w, "héctor", "Tablero semanal"))
	e2etest.At(t, w, "2026-11-24 08:50") // a Tuesday
	if got := e2etest.Mails(w, "raúl", "Tiene "); len(got) != 1 {
		t.Errorf("%d digests on Tuesday: %s", len(got), e2etest.Texts(got))
	}
	e2etest.At(t, w, "2026-11-30 09:30") // the Monday after
	if got := e2etest.Mails(w, "raúl", "Tiene "); len(got) != 1 {
		t.Errorf("%d digests by Monday, when all there is to tell is a reminder: %s", len(got), e2etest.Texts(got))
	}
	if got := e2etest.Mails(w, "raúl", "Recordatorio"); len(got) != 1 {
		t.Errorf("%d reminders by Monday: %s", len(got), e2etest.Texts(got))
	}
	if got := e2etest.Mails(w, "héctor", "Tablero semanal"); len(got) != before+1 {
		t.Errorf("%d boards on Monday, %d before: %s", len(got), before, e2etest.Texts(got))
	}
	for _, name := range []string{"digest", "weekly", "purge", "checkpoint", "attachments"} {
		days := map[string]int{}
		for _, day := range e2etest.Ticked(t, w, name) {
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

func TestTwoReplicasTellWhatIsStuckOnceAMorning(t *testing.T) {
	t.Parallel()
	for _, platform := range []string{"telegram", "slack"} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			w, s, err := e2etest.NewTwins(t.TempDir(), redistest.Start(t, redistest.Options{}).DSN("sidem"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Front.Close()
			defer func() {
				if err := w.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := w.Begin(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			came := e2etest.Stall(t, w, platform, 3, func() {
				if err := w.Restart(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			e2etest.OneAMorning(t, came, e2etest.StallDays, "Tiene 3 pendientes", "000001/2026 000002/2026 000003/2026")
		})
	}
}
