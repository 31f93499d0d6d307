package office_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func TestARuleOfRetentionThatIsNotSafeIsRefused(t *testing.T) {
	for rule, good := range map[string]bool{
		"{}": true, "{notices: 400}": true, "{notices: 35, presses: 35, places: 14}": true,
		"{presses: 34}": false, "{notices: 20}": false, "{places: 1}": false, "{notices: -1}": false, "{places: 99999}": false, "{cards: 90}": false, "{archive: 400}": true, "{archive: 90}": false,
	} {
		lines := strings.Split(string(office.Example), "\n")
		for i, l := range lines {
			if strings.HasPrefix(l, "retention:") {
				lines[i] = "retention: " + rule
			}
		}
		path := filepath.Join(t.TempDir(), "office.yaml")
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := office.Read(path)
		if (err == nil) != good {
			t.Errorf("%s: %v", rule, err)
		}
		if want := map[bool]int{true: 400}[rule == "{archive: 400}"]; o.Retention.Archive() != want {
			t.Errorf("%s archives after %d days", rule, o.Retention.Archive())
		}
		if strings.Contains(rule, "notices: 400") && o.Retention.Notices() != 400*24*time.Hour {
			t.Errorf("%s keeps notices for %s", rule, o.Retention.Notices())
		}
	}
}
