package ops_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// begun is a world with people and a request, and nobody running.
func begun(t *testing.T) *world.World {
	t.Helper()
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	return w
}

// backup writes the store of cfg to a file.
func backup(t *testing.T, cfg office.Config, file string, running bool) error {
	t.Helper()
	_, err := ops.Backup(t.Context(), &cfg, world.Quiet(), ops.Backing{File: file, Running: running})
	return err
}

func TestBesideARunningSIDEMAStoreIsCopiedOnlyWhenAskedTo(t *testing.T) {
	cfg := begun(t).Config
	file := filepath.Join(t.TempDir(), "sidem.backup")
	if err := backup(t, cfg, file, false); !errors.Is(err, storage.ErrLocked) || !strings.Contains(err.Error(), "stop it first") || !strings.Contains(err.Error(), "--running") {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := backup(t, cfg, file, true); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file, which holds a key: %v, %v", info.Mode(), err)
	}
	cfg.Store, cfg.Files = office.Secret("sqlite:"+filepath.Join(t.TempDir(), "sidem.db")), t.TempDir()
	if _, err := ops.Restore(t.Context(), &cfg, world.Quiet(), file); err != nil {
		t.Error(err)
	}
	// A second time it is not empty.
	if _, err := ops.Restore(t.Context(), &cfg, world.Quiet(), file); err == nil || !strings.Contains(err.Error(), "the store is not empty") {
		t.Error(err)
	}
}

func TestTheArchiveOfNothingIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sidem.backup")
	err := backup(t, office.Config{Store: office.Secret("sqlite:" + filepath.Join(t.TempDir(), "other.db"))}, file, false)
	if _, statErr := os.Stat(file); err == nil || !strings.Contains(err.Error(), "SIDEM_STORE") || statErr == nil {
		t.Errorf("%v, %v", err, statErr)
	}
}

func TestNothingRunsOnHalfAStore(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	cfg, file := w.Config, filepath.Join(t.TempDir(), "sidem.backup")
	if err := backup(t, cfg, file, false); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Store = office.Secret(server.DSN("sidem"))
	restore := func() error {
		_, err := ops.Restore(t.Context(), &cfg, world.Quiet(), file)
		return err
	}
	for _, do := range []struct {
		name string
		err  error
	}{
		{"restore", restore()},
		{"serve", app.Serve(t.Context(), cfg, app.Options{Log: world.Quiet()})},
		{"audit verify", func() error {
			_, err := ops.Verify(t.Context(), &cfg, world.Quiet(), ops.Ask{})
			return err
		}()},
		{"restore again", restore()},
	} {
		if do.err == nil || !strings.Contains(do.err.Error(), "half way") || !strings.Contains(do.err.Error(), "UNLINK {sidem}:rows") {
			t.Errorf("%s: %v", do.name, do.err)
		}
	}
}
