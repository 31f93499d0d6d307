package main

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core/testbed"
)

// dated is a store on a business day of its own, and the arguments that find it.
func dated(t *testing.T, day string) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{
		"--store", "sqlite:" + filepath.Join(dir, "sidem.db"), "--files", filepath.Join(dir, "files"), "--admin-addr", e2etest.FreePort(t),
		"--clock-file", e2etest.Written(t, day+"T15:00:00Z"),
	}
}

func with(args []string, more ...string) []string { return append(slices.Clip(args), more...) }

const nextYear = `
calendar:
  2027:
    - {day: 2027-01-01, name: Año Nuevo}
    - {from: 2027-03-22, to: 2027-03-26, name: Semana Santa}
agencies:
  IE: {2027: [{day: 2027-10-05, name: Aniversario del Instituto}]}
`

func TestAYearsDaysOffArePrintedByNameAndAMissingYearIsTold(t *testing.T) {
	args := dated(t, "2026-11-24")
	const missing = "Falta confirmar el calendario de días hábiles de 2027"
	got := sidem(t, with(args, "calendar", "show")...) // of this year
	for _, want := range []string{"2026-12-11  viernes 11 de diciembre de 2026", "Aniversario del Estado de Ejemplo", "lunes 28 de diciembre de 2026 a jueves 31 de diciembre de 2026"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "Falta confirmar") {
		t.Errorf("2026 is there:\n%s", got)
	}
	if got := sidem(t, with(args, "calendar", "show", "--year", "2027")...); !strings.Contains(got, missing) || !strings.Contains(got, "2027-02-01") {
		t.Errorf("a year that is missing is its federal draft, and that is told:\n%s", got)
	}
}

func TestAnImportedYearCountsAndDatesAreNoLongerProvisional(t *testing.T) {
	args := dated(t, "2026-11-24")
	due := func(from, days string, more ...string) string {
		return strings.TrimSpace(sidem(t, with(args, append([]string{"calendar", "due", "--from", from, "--days", days}, more...)...)...))
	}
	if got := due("2027-03-19", "1"); got != "2027-03-22 lunes 22 de marzo de 2027 (provisional)" {
		t.Error(got)
	}
	if got := sidem(t, with(args, "calendar", "import", e2etest.Written(t, nextYear))...); got != "2027: 2 days off or spans of them, and those of 1 agencies\n" {
		t.Error(got)
	}
	for _, c := range []struct{ got, want string }{
		{due("2027-03-19", "1"), "2027-03-29 lunes 29 de marzo de 2027"},
		{due("2027-10-04", "1"), "2027-10-05 martes 5 de octubre de 2027"},
		{due("2027-10-04", "1", "--agency", "IE"), "2027-10-06 miércoles 6 de octubre de 2027"},
		{due("2026-12-10", "1"), "2026-12-14 lunes 14 de diciembre de 2026"}, // the year of the office file stays
		{due("2026-12-10", "0"), "2026-12-10 jueves 10 de diciembre de 2026"},
		{due("2027-12-30", "3"), "2028-01-04 martes 4 de enero de 2028 (provisional)"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	if got := sidem(t, with(args, "calendar", "show", "--year", "2027", "--agency", "IE")...); !strings.Contains(got, "Aniversario del Instituto") || strings.Contains(got, "Falta confirmar") {
		t.Error(got)
	}
}

func TestACalendarWithAFaultIsRefusedInWordsAndChangesNothing(t *testing.T) {
	args := dated(t, "2026-11-24")
	for name, c := range map[string]struct{ file, want string }{
		"no YAML":             {"calendar: [", "calendar"},
		"an unknown word":     {"calender: {2027: []}", `unknown field "calender"`},
		"nothing":             {"agencies: {}", "there is no year in it"},
		"no date":             {"calendar: {2027: [{day: 2027-02-30, name: X}]}", `date "2027-02-30": want YYYY-MM-DD`},
		"another year's day":  {"calendar: {2027: [{day: 2026-12-25, name: Navidad}]}", "no day of 2027"},
		"an end before":       {"calendar: {2027: [{from: 2027-03-26, to: 2027-03-22, name: X}]}", "no span of days off"},
		"half a year":         {"calendar: {2027: [{from: 2027-01-01, to: 2027-06-30, name: X}]}", "no span of days off"},
		"no name":             {"calendar: {2027: [{day: 2027-01-01}]}", "2027-01-01 has no name"},
		"a year of long ago":  {"calendar: {27: [{day: 0027-01-01, name: X}]}", "want a year from 2000 to 2100"},
		"an agency by itself": {"calendar: {2027: []}\nagencies: {IE: {2028: [{day: 2028-01-03, name: X}]}}", "the year itself is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(t.Context(), with(args, "calendar", "import", e2etest.Written(t, c.file)), &out, &errs); code != exitConfig || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit %d, want %q in\n%s", code, c.want, errs.String())
			}
		})
	}
	for _, words := range [][]string{{"--from", "ayer", "--days", "3"}, {"--from", "2026-11-24", "--days=-3"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), with(args, append([]string{"calendar", "due"}, words...)...), &out, &errs); code != exitConfig {
			t.Errorf("due %v: exit %d, %s", words, code, errs.String())
		}
	}
	if got := sidem(t, with(args, "calendar", "show", "--year", "2027")...); !strings.Contains(got, "Falta confirmar") {
		t.Errorf("something was kept:\n%s", got)
	}
}

// journal keeps what a running SIDEM logs.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// wait returns the lines once there are n that hold a text.
func (j *journal) wait(t *testing.T, text string, n int) (lines []string) {
	t.Helper()
	began := testbed.Start()
	for {
		j.mu.Lock()
		lines = strings.Split(j.text.String(), "\n")
		j.mu.Unlock()
		found := 0
		for _, l := range lines {
			if strings.Contains(l, text) {
				found++
			}
		}
		if found >= n {
			return lines
		}
		if began.Elapsed() > world.Patience {
			t.Fatalf("%d times %q in the log:\n%s", found, text, strings.Join(lines, "\n"))
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestACalendarIsImportedBesideARunningSIDEMWhichCountsWithItAtOnce(t *testing.T) {
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	args := with(dated(t, "2026-11-24"), "--telegram-token", w.Config.TelegramToken.Reveal(), "--telegram-api", w.Config.TelegramAPI, "--http-addr", "127.0.0.1:0")
	ctx, stop := context.WithCancel(t.Context())
	var log journal
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, with(args, "serve"), &log, &log) }()
	const missing, ready = "no calendar is loaded for the year", `"msg":"ready"`
	log.wait(t, ready, 1)
	log.wait(t, missing, 1)

	if got := sidem(t, with(args, "calendar", "show", "--year", "2027")...); !strings.Contains(got, "Falta confirmar") {
		t.Errorf("beside the server, before:\n%s", got)
	}
	if got := sidem(t, with(args, "calendar", "import", e2etest.Written(t, nextYear))...); !strings.HasPrefix(got, "2027: 2 days off") {
		t.Error(got)
	}
	if lines := strings.Join(log.wait(t, ready, 2), "\n"); strings.Count(lines, missing) != 1 {
		t.Errorf("it still misses the year:\n%s", lines)
	}
	if got := sidem(t, with(args, "calendar", "due", "--from", "2027-03-19", "--days", "1")...); got != "2027-03-29 lunes 29 de marzo de 2027\n" {
		t.Error(got)
	}
	stop()
	if code := <-ended; code != exitFine {
		t.Errorf("the server ended with %d", code)
	}
}
