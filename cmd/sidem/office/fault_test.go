package office_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileThatWasSavedInAnotherEncodingIsRefusedByItsLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"ANSI":             {"a: x\nname: Luc\xeda N\xfa\xf1ez\n", "line 2 is not UTF-8"},
		"a lost letter":    {"name: Luc\uFFFDa\n", "line 1 has the sign"},
		"UTF-16":           {"\xff\xfea\x00", "it is UTF-16"},
		"a zero byte":      {"a: \x00\n", "line 1 has a zero byte"},
		"UTF-8":            {"name: Lucía Núñez\n", ""},
		"what Notepad did": {"\uFEFFname: Lucía Núñez\r\n", ""},
	} {
		body, err := office.ReadText(written(t, c.text))
		switch {
		case c.want == "" && (err != nil || !strings.HasPrefix(string(body), "name: Lucía Núñez")):
			t.Errorf("%s: %q, %v", name, body, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "UTF-8") || strings.Contains(err.Error(), "Luc")):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEverythingThatIsWrongWithAnOfficeIsToldAtOnce(t *testing.T) {
	_, err := office.Read(written(t, `
institution: `+strings.Repeat("x", 201)+`
gate: maybe
chase: 2
targets: {release: 999, lunch: 1}
hours: {sending: "18:00-09:00", digest: noon}
retention: {notices: 1, presses: 99999}
calendar: {2026: [{day: 2026-02-30, name: X}, {day: 2026-05-01}], 1999: []}
agencies: {IE: {2031: [{day: 2031-01-01, name: X}]}}
`))
	for _, want := range []string{
		"zone: missing", "institution: it has more than 200", "gate: ", "chase: 2", "targets: release: 999", `targets: "lunch" is no duty`, "hours: sending", "hours: digest",
		"retention: notices: 1", "retention: presses: 99999", `date "2026-02-30"`, "2026-05-01 has no name", "calendar of 1999", "the year itself is missing",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in\n%v", want, err)
		}
	}
	if _, err := office.Read(""); err != nil {
		t.Errorf("the example: %v", err)
	}
	for _, zone := range []string{"Local", "Nowhere/Here", "CST-6 or so"} {
		if _, err := office.Read(written(t, "zone: "+zone)); err == nil || !strings.Contains(err.Error(), "write one like America/Mexico_City") {
			t.Errorf("%s: %v", zone, err)
		}
	}
}

func TestAFaultIsOneLineAndWhatIsJoinedAreSeveral(t *testing.T) {
	f := office.Faults{}.Add("SIDEM_X", errors.Join(errors.New("a\nb"), errors.Join(errors.New("c"))))
	if got := f.Error(); got != "SIDEM_X: a; b\nSIDEM_X: c" {
		t.Errorf("%q", got)
	}
	if _, ok := errors.AsType[*office.ConfigError](f.Err()); !ok || office.Faults(nil).Err() != nil {
		t.Error("faults are of the configuration, and none are none")
	}
}

func TestWhatCannotBeWrittenToIsToldWithWhatToDo(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(office.Writable(filepath.Join(dir, "a", "b")), office.Appendable(filepath.Join(dir, "a", "log"))); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	file := written(t, "")
	for what, err := range map[string]error{
		"a folder that is a file": office.Writable(file), "a folder below a file": office.Writable(filepath.Join(file, "a")),
		"a file that is a folder": office.Appendable(dir), "a file below a file": office.Appendable(filepath.Join(file, "a")),
	} {
		if err == nil || !strings.Contains(err.Error(), "name ") && !strings.Contains(err.Error(), "let this user") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
