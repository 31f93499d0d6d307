package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/storage/redis/redistest"
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
	held, compared, _ := strings.Cut(read.String(), "\n")
	if !strings.Contains(held, "0 faults") || !strings.Contains(said.String(), held) || !strings.Contains(compared, "no checkpoint") {
		t.Errorf("restore said %q, backup %q", read.String(), said.String())
	}
}
