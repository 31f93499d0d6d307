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
		func() error { e2etest.Rest(t, w); return nil },
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
	says(sidem(exitConfig, "doctor"), "archivo: completos: 1 de 1")
	opinion := filepath.Join(w.Config.Files, theOther(t, w.Config.Files, hash)) // which an archived request names
	if err := os.Rename(opinion, opinion+".aside"); err != nil {
		t.Fatal(err)
	}
	says(sidem(exitCheck, "audit", "verify"), "000001/2026")
	if err := os.Rename(opinion+".aside", opinion); err != nil {
		t.Fatal(err)
	}

	if err := os.Rename(file, file+".aside"); err != nil {
		t.Fatal(err)
	}
	says(sidem(exitFine, "audit", "verify", "--no-archives", "--no-attachments"), ", 0 faults")
	says(sidem(exitCheck, "audit", "verify"), "the file of archive archive-2026-01-1: ")
	says(sidem(exitConfig, "doctor"), "archivo: 1 de 1: archive-2026-01-1 no está")
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

// theOther is the one file of a folder beside one.
func theOther(t *testing.T, folder, one string) (name string) {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.Type().IsRegular() && f.Name() != one {
			if name != "" {
				t.Fatalf("there are %s and %s", name, f.Name())
			}
			name = f.Name()
		}
	}
	return name
}

func TestWhereNothingWasArchivedTheListSaysSo(t *testing.T) {
	store, _ := kept(t)
	var out strings.Builder
	if code := run(t.Context(), []string{"--store", store, "archive", "list"}, &out, &out); code != exitFine || out.String() != "Nothing was archived.\n" {
		t.Errorf("exit %d: %s", code, out.String())
	}
}

func TestWhatIsNoNumberOfARequestIsAMistakeInTheUsage(t *testing.T) {
	for _, number := range []string{"xx", "147/2025", "000147", ""} {
		var out, errs strings.Builder
		if code := run(t.Context(), []string{"archive", "restore", number}, &out, &errs); code != exitUsage || !strings.Contains(errs.String(), "000147/2025") {
			t.Errorf("%q: exit %d: %s", number, code, errs.String())
		}
	}
}
