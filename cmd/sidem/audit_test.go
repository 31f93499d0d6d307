package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
)

// kept is a store in a file, with the checkpoint of its trail in another.
func kept(t *testing.T) (store, checkpoints string) {
	t.Helper()
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), Checkpoints: filepath.Join(dir, "checkpoints")}
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	people, err := roster.Parse(world.Roster)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := people.Load(t.Context(), a.Hand()); err != nil {
		t.Fatal(err)
	}
	if err := a.TakeCheckpoint(t.Context(), a.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return cfg.Store.Reveal(), cfg.Checkpoints
}

func TestTheAuditIsToldInWordsAndByTheExitCode(t *testing.T) {
	store, checkpoints := kept(t)
	other := filepath.Join(t.TempDir(), "other") // of a trail that went on
	if err := os.WriteFile(other, []byte(`{"at":"2026-11-23T10:00:00Z","index":9000,"digest":"ab"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(t.TempDir(), "files")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"by itself", nil, exitFine, "No checkpoint was given"},
		{"with the checkpoint", []string{"--checkpoint", checkpoints}, exitFine, "It is the trail of 1 checkpoints, up to the checkpoint of 2026-11-23"},
		{"with one of a longer trail", []string{"--checkpoint", other}, exitCheck, "events were removed"},
		{"with its attachments", []string{"--attachments"}, exitFine, "All 0 attachments are in " + files},
		{"with its attachments, unasked", nil, exitFine, "All 0 attachments are in " + files},
		{"where they cannot be asked for", []string{"--files", "s3://sidem/anexos"}, exitConfig, "0 faults"},
		{"with a file that is none", []string{"--checkpoint", store}, exitUsage, "sidem: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"--store", store, "--files", files, "audit", "verify"}, tt.args...), &out, &out)
			if code != tt.code || !strings.Contains(out.String(), tt.says) {
				t.Errorf("exit %d, want %d and %q:\n%s", code, tt.code, tt.says, out.String())
			}
		})
	}
}

func TestAProofIsMadeByOneCommandAndCheckedByAnother(t *testing.T) {
	store, _ := kept(t)
	sidem := func(args ...string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), args, &out, &out)
		return code, out.String()
	}
	_, key := sidem("--store", store, "audit", "key")
	_, pair := sidem("audit", "key", "--new", "sidem.example.org/trail")
	_, other, _ := strings.Cut(strings.TrimSpace(pair), "\n")
	_, last := sidem("--store", store, "audit", "checkpoint")
	if !strings.HasPrefix(last, "sidem.invalid/trail/") || !strings.HasPrefix(pair, "SIDEM_CHECKPOINT_KEY=PRIVATE+KEY+sidem.example.org/trail+") {
		t.Errorf("the last checkpoint is\n%s\nand a new pair\n%s", last, pair)
	}
	code, proof := sidem("--store", store, "audit", "prove", "3")
	path := filepath.Join(t.TempDir(), "3.tlog-proof")
	if err := os.WriteFile(path, []byte(proof), 0o600); err != nil || code != exitFine {
		t.Fatalf("exit %d: %s %v", code, proof, err)
	}
	if code, said := sidem("audit", "check", path, "--key", strings.TrimSpace(key)); code != exitFine || !strings.HasPrefix(said, "Event 3 (") {
		t.Errorf("exit %d: %s", code, said)
	}
	if code, said := sidem("audit", "check", path, "--key", other); code != exitCheck {
		t.Errorf("by another key: exit %d: %s", code, said)
	}
}

func TestTheDoctorTellsEachCheckInALineAndFaultsByTheExitCode(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	args := []string{"--store", "sqlite:" + filepath.Join(dir, "sidem.db"), "--files", dir, "--admin-addr", "off", "doctor"}
	if code := run(t.Context(), args, &out, &errs); code != exitConfig {
		t.Errorf("without a platform: exit %d: %s", code, errs.String())
	}
	out.Reset()
	code := run(t.Context(), append([]string{"--telegram-token", "1:x", "--telegram-api", "http://127.0.0.1:1"}, args...), &out, &errs)
	if code != exitCheck || !strings.Contains(errs.String(), "checks failed") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{"OK     almacén: ", "falla  correo: SIDEM_SMTP_ADDR no está puesto", "\n       Ponga el servidor de correo"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
