package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
	"sidem/cmd/sidem/office"
	"sidem/storage/redis/redistest"
)

// command is sidem with arguments, in a process of its own.
func command(t *testing.T, store office.Secret, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // this very binary
	cmd.Env = []string{serveEnv + "=1", "SIDEM_STORE=" + store.Reveal(), "SIDEM_FILES=" + t.TempDir(), "SIDEM_ADMIN_ADDR=off"}
	return cmd
}

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

func TestOneCommandPipesAStoreIntoAnother(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	var said, errs, read bytes.Buffer
	from, to := command(t, w.Config.Store, "backup", "-"), command(t, office.Secret(server.DSN("sidem")), "restore", "-")
	pipe, err := from.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	to.Stdin, to.Stdout, to.Stderr, from.Stderr = pipe, &read, &errs, &said
	if err := from.Start(); err != nil {
		t.Fatal(err)
	}
	if err := to.Run(); err != nil {
		t.Errorf("restore: %v: %s", err, errs.String())
	}
	if err := from.Wait(); err != nil {
		t.Errorf("backup: %v", err)
	}
	if !strings.Contains(read.String(), "0 faults") || !strings.Contains(said.String(), strings.TrimSpace(read.String())) {
		t.Errorf("restore said %q, backup %q", read.String(), said.String())
	}
}

func TestBesideARunningSIDEMAStoreIsCopiedOnlyWhenAskedTo(t *testing.T) {
	w := begun(t)
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"backup", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFailed ||
		!strings.Contains(errs.String(), "stop it first") || !strings.Contains(errs.String(), "--running") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if code := run(t.Context(), []string{"backup", "--running", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file, which holds a key: %v, %v", info.Mode(), err)
	}
	to := "sqlite:" + filepath.Join(t.TempDir(), "sidem.db")
	if code := run(t.Context(), []string{"restore", file, "--store", to, "--files", t.TempDir()}, &out, &errs); code != exitFine {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	// A second time it is not empty.
	if code := run(t.Context(), []string{"restore", file, "--store", to, "--files", t.TempDir()}, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "the store is not empty") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}

func TestTheArchiveOfNothingIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"backup", file, "--store", "sqlite:" + filepath.Join(t.TempDir(), "other.db")}, &out, &errs)
	if _, err := os.Stat(file); code != exitFailed || !strings.Contains(errs.String(), "SIDEM_STORE") || err == nil {
		t.Errorf("exit %d: %s, %v", code, errs.String(), err)
	}
}

func TestNothingRunsOnHalfAStore(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	w := begun(t)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sidem.backup")
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"backup", file, "--store", w.Config.Store.Reveal()}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	to := server.DSN("sidem")
	for _, args := range [][]string{{"restore", file}, {"serve", "--telegram-token", "1:x"}, {"audit", "verify"}, {"restore", file}} {
		errs.Reset()
		code := run(t.Context(), append(args, "--store", to), &out, &errs)
		if code != exitFailed || !strings.Contains(errs.String(), "half way") || !strings.Contains(errs.String(), "UNLINK {sidem}:rows") {
			t.Errorf("%s: exit %d: %s", args[0], code, errs.String())
		}
	}
}
