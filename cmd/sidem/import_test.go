package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
)

func TestPeopleAreImportedBesideARunningSidemAndWithoutOne(t *testing.T) {
	dir := t.TempDir()
	cfg := office.Config{Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: e2etest.FreePort(t)}
	e2etest.Running(t, cfg)
	file := filepath.Join(dir, "people.yaml")
	load := func(phone string, args ...string) (rows []roster.Row, code int, errs string) {
		t.Helper()
		text := `{agencies: [{id: IE, name: Instituto}], accounts: [{user: eva.sol, name: Eva Sol, post: Jefa, roles: [requester], agency: IE, email: eva@ejemplo.gob.mx, phone: "` + phone + `"}]}`
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, said strings.Builder
		code = run(t.Context(), append([]string{"--store", cfg.Store.Reveal(), "--files", cfg.Files, "--admin-addr", cfg.AdminAddr, "import", "--json", file}, args...), &out, &said)
		for line := range strings.Lines(out.String()) {
			var row roster.Row
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			rows = append(rows, row)
		}
		return rows, code, said.String()
	}
	if rows, code, _ := load("722 555 0100", "--dry-run"); code != exitFine || len(rows) != 1 || rows[0].Did != roster.Made || rows[0].Password != "" {
		t.Errorf("the rehearsal: %d, %+v", code, rows)
	}
	if rows, code, said := load("722 555 0100"); code != exitFine || len(rows) != 1 || rows[0].Did != roster.Made || rows[0].Code == "" {
		t.Errorf("a new account: %d, %+v\n%s", code, rows, said)
	}
	if rows, code, _ := load("722 555 0100"); code != exitFine || len(rows) != 0 {
		t.Errorf("once more: %d, %+v", code, rows)
	}
	if rows, code, _ := load("722 555 0199"); code != exitFine || len(rows) != 1 || rows[0].Did != roster.Corrected {
		t.Errorf("a correction: %d, %+v", code, rows)
	}
	if _, code, said := load("555"); code != exitFailed || !strings.Contains(said, "eva.sol") || !strings.Contains(said, "nothing was changed") {
		t.Errorf("a fault: %d, %s", code, said)
	}
}
