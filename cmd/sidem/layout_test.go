package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
)

// TestTheUnitOfSystemdIsTaken has systemd itself read the unit that is shipped.
func TestTheUnitOfSystemdIsTaken(t *testing.T) {
	analyze := testbed.Need(t, testbed.SystemdAnalyze)
	// It asks for the program to be there.
	const program = "/usr/local/bin/sidem"
	body := e2etest.Shipped(t, "deploy/sidem.service")
	if !strings.Contains(body, "ExecStart="+program+" serve") {
		t.Fatal("the unit starts something else")
	}
	unit := filepath.Join(t.TempDir(), "sidem.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(body, "ExecStart="+program, "ExecStart="+strconv.Quote(os.Args[0]))), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(said) > 0 { //nolint:gosec // see above
		t.Errorf("verify: %v\n%s", err, said)
	}
	// Tenths of the exposure that it may have at most; 100 is a service that may do anything.
	if said, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", "--threshold=20", unit).CombinedOutput(); err != nil { //nolint:gosec // see above
		t.Errorf("security: %v\n%s", err, said)
	}
}
