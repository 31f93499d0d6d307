package ops_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
)

func TestARestoreTellsWhichDaysAreMissingAndGivesNoNumberTwice(t *testing.T) {
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	cfg, file := w.Config, filepath.Join(t.TempDir(), "sidem.backup")
	cfg.Checkpoints = filepath.Join(t.TempDir(), "checkpoints")
	checkpointed := func(days int) {
		t.Helper()
		treatOn(t, cfg, world.Monday, func(a *app.App) error { return a.TakeCheckpoint(t.Context(), world.Monday.AddDate(0, 0, days)) })
	}
	checkpointed(1)
	if err := backup(t, cfg, file, false); err != nil {
		t.Fatal(err)
	}
	restored := func(name string) (office.Config, ops.Restored, error) {
		t.Helper()
		to := cfg
		to.Store, to.Files = office.Secret("sqlite:"+filepath.Join(t.TempDir(), name+".db")), t.TempDir()
		r, err := ops.Restore(t.Context(), &to, world.Quiet(), file)
		return to, r, err
	}
	if _, r, err := restored("soon"); err != nil || r.Compared.Kept != 1 || r.Compared.Lost != nil || len(r.Compared.Faults) > 0 {
		t.Errorf("nothing is missing: %+v, %v", r.Compared, err)
	}
	// After the backup a second request is given the number 000002.
	treatOn(t, cfg, world.Monday, func(a *app.App) error {
		r, err := w.File(t.Context(), a)
		if !strings.HasPrefix(r.Number, "000002/") {
			t.Errorf("the second request is %s", r.Number)
		}
		return err
	})
	checkpointed(2)
	to, r, err := restored("late")
	lost := r.Compared.Lost
	if err != nil || lost == nil || lost.Missing() < 2 || len(r.Compared.Faults) > 0 {
		t.Fatalf("a day is missing: %+v, %v", r.Compared, err)
	}
	if from, until := lost.Days(); from != world.Monday.Format(time.DateOnly) || until != world.Monday.AddDate(0, 0, 2).Format(time.DateOnly) {
		t.Errorf("missing are the days from %s to %s", from, until)
	}
	v, err := ops.Verify(t.Context(), &office.Config{Store: to.Store, Files: to.Files}, world.Quiet(), ops.Ask{})
	if err != nil || len(v.Faults) > 0 {
		t.Errorf("the restored store: %v, %v", v.Faults, err)
	}
	treatOn(t, to, world.Monday, func(a *app.App) error {
		n, err := a.Store.Reserve(t.Context(), core.NumberSeries(core.Season(world.Monday)), "next")
		if n <= 2+lost.Missing() {
			t.Errorf("the next number is %d, and %d events are missing", n, lost.Missing())
		}
		return err
	})
	to.AdminAddr = e2etest.FreePort(t)
	if _, text := examined(t, to, world.Monday); !strings.Contains(text, "falla restauración: ") || !strings.Contains(text, "sidem restore --confirm") {
		t.Errorf("the doctor says\n%s", text)
	}
	if _, err := ops.ConfirmRestore(t.Context(), &to, world.Quiet()); err != nil {
		t.Fatal(err)
	}
	if _, text := examined(t, to, world.Monday); !strings.Contains(text, "OK restauración: faltan los días del ") {
		t.Errorf("confirmed, the doctor says\n%s", text)
	}
}
