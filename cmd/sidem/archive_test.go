package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestWhatWasArchivedIsListedProvedAndBroughtBack(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func() error{
		func() error { return w.Clock("2026-01-12 09:00") },
		func() error { return w.Given(t.Context(), "dictamen entregado") },
		func() error { e2etest.Rest(t, w); return w.Clock("2027-07-12 10:00") },
		func() error { return w.Given(t.Context(), "lo concluido, en el archivo") },
		w.Halt,
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SIDEM_STORE", w.Config.Store.Reveal())
	t.Setenv("SIDEM_FILES", w.Config.Files)
	sidem := func(want int, args ...string) string {
		t.Helper()
		var out strings.Builder
		if code := run(t.Context(), args, &out, &out); code != want {
			t.Errorf("sidem %s: exit %d, want %d: %s", strings.Join(args, " "), code, want, out.String())
		}
		return out.String()
	}
	says := func(got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("it says\n%s\nand not %q", got, want)
		}
	}
	list := sidem(exitFine, "archive", "list")
	says(list, "archive-2026-01-1 1 requests, ")
	_, hash, _ := strings.Cut(strings.TrimSpace(list), "bytes, ")
	file := filepath.Join(w.Config.Files, hash)
	says(sidem(exitFine, "audit", "verify"), ", 0 faults")

	if err := os.Rename(file, file+".aside"); err != nil {
		t.Fatal(err)
	}
	says(sidem(exitFine, "audit", "verify", "--no-archives", "--no-attachments"), ", 0 faults")
	says(sidem(exitCheck, "audit", "verify"), "the file of archive archive-2026-01-1: ")
	says(sidem(exitFailed, "archive", "restore", "000001/2026"), "archive restore: archive archive-2026-01-1: ")
	if err := os.WriteFile(file, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	says(sidem(exitCheck, "audit", "verify"), "the file of archive archive-2026-01-1: ")
	if err := os.Rename(file+".aside", file); err != nil {
		t.Fatal(err)
	}

	says(sidem(exitFailed, "archive", "restore", "000002/2026"), "no request with this number was archived")
	for range 2 { // twice is once
		says(sidem(exitFine, "archive", "restore", "000001/2026"), "000001/2026 is back, with the ")
	}
	says(sidem(exitFine, "audit", "verify"), ", 0 faults")
}

func TestWhereNothingWasArchivedTheListSaysSo(t *testing.T) {
	store, _ := kept(t)
	var out strings.Builder
	if code := run(t.Context(), []string{"--store", store, "archive", "list"}, &out, &out); code != exitFine || out.String() != "Nothing was archived.\n" {
		t.Errorf("exit %d: %s", code, out.String())
	}
}
