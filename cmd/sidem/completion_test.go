package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core/testbed"
)

func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs); code != exitFine {
		t.Fatalf("%v: exit %d: %s", args, code, errs.String())
	}
	return out.String()
}

func TestBashCompletesCommandsFlagsAndValues(t *testing.T) {
	bash := testbed.Need(t, testbed.Bash)
	script := filepath.Join(t.TempDir(), "sidem")
	if err := os.WriteFile(script, []byte(printed(t, "completion", "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"sidem conf":                            "config",
		"sidem config ":                         "check",
		"sidem --store x config ch":             "check",
		"sidem completion ":                     "bash zsh fish",
		"sidem export --format ":                "jsonl xlsx ocel",
		"sidem outbox replay --sp":              "--spread",
		"sidem serve --log-le":                  "--log-level",
		"sidem export --output x --log-level w": "warn",
		"sidem demo-s":                          "", // hidden
	} {
		words := strings.Split(typed, " ")
		cmd := exec.CommandContext(t.Context(), bash, append([]string{"-c", `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _sidem; echo "${COMPREPLY[*]}"`, "bash", script}, words...)...) //nolint:gosec // our own script
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, want %q (%v)", typed, got, want, err)
		}
	}
}

func TestEveryShellAndTheManualNameEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"completion", "bash"}, {"completion", "zsh"}, {"completion", "fish"}, {"man"}} {
		text := printed(t, args...)
		for _, want := range []string{"serve", "import", "dry-run", "checkpoint", "spread", "smtp-tls", "healthcheck"} {
			if !strings.Contains(strings.ReplaceAll(text, `\-`, "-"), want) {
				t.Errorf("%v does not name %s", args, want)
			}
		}
		if strings.Contains(text, "demo-service") {
			t.Errorf("%v names what is hidden", args)
		}
	}
}

func TestTheManualIsReadWithoutAWarning(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), testbed.Need(t, testbed.Groff), "-man", "-Tutf8", "-ww", "-z") //nolint:gosec // found in the PATH
	cmd.Stdin = strings.NewReader(printed(t, "man"))
	if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
		t.Errorf("%v: %s", err, said)
	}
}
