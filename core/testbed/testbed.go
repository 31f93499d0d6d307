// Package testbed is what a test may know of where and when it runs: the programs
// of the machine, how long something took, and the day on which a story is told.
//
// No test reads the machine's clock or zone. What a test measures, it measures with
// a Stopwatch; what is business time begins at Today; what waits runs in a bubble
// of testing/synctest, whose time is Now.
package testbed

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// Program is one that some tests need, and that a machine with only Go lacks.
type Program struct {
	Name    string
	Others  []string // further names that it goes by
	Untried string   // what nobody sees without it
	Get     string   // what brings it
}

// The programs that tests need. Whoever needs one more adds it to Programs.
var (
	Redis    = Program{Name: "redis-server", Untried: "no store is tried on a real Redis", Get: "apt-get install redis-server"}
	Node     = Program{Name: "node", Untried: "nobody else judges what is sent to Telegram and Slack", Get: "apt-get install nodejs npm; make judges"}
	Chromium = Program{
		Name: "chromium", Others: []string{"chromium-browser", "google-chrome"},
		Untried: "the page of the demonstration is not tried in a browser", Get: "apt-get install chromium",
	}
	Pdftotext      = Program{Name: "pdftotext", Untried: "the words of the oficio are not read back", Get: "apt-get install poppler-utils"}
	Caddy          = Program{Name: "caddy", Untried: "the proxy that is shipped is not tried", Get: "apt-get install caddy"}
	Postfix        = Program{Name: "postfix", Untried: "no relay that others wrote takes and refuses what is mailed", Get: "apt-get install postfix; and as root"}
	Dkimverify     = Program{Name: "dkimverify", Untried: "nobody else verifies how mails are signed", Get: "apt-get install python3-dkim python3-nacl"}
	Bash           = Program{Name: "bash", Untried: "what it completes of the command line is not tried", Get: "apt-get install bash"}
	Groff          = Program{Name: "groff", Untried: "the page of the manual is read by nobody else", Get: "apt-get install groff-base"}
	Promtool       = Program{Name: "promtool", Untried: "the alerts that are shipped are not tried by Prometheus", Get: "apt-get install prometheus"}
	SystemdAnalyze = Program{Name: "systemd-analyze", Untried: "the unit that is shipped is not read by systemd", Get: "apt-get install systemd"}
)

// Programs are all of them.
var Programs = []Program{Redis, Node, Chromium, Pdftotext, Caddy, Postfix, Dkimverify, SystemdAnalyze, Bash, Groff, Promtool}

// RequireEnv names what may not be missing: "all", or names of programs with
// commas between them. A test that needs one of these fails without it; any other
// is skipped, so that a machine with only Go passes.
const RequireEnv = "SIDEM_REQUIRE"

// TB is the part of testing.TB that says how a test ends early.
type TB interface {
	Helper()
	Skip(args ...any)
	Fatal(args ...any)
}

// Path is where the program is.
func (p Program) Path() (string, error) {
	for _, name := range append([]string{p.Name}, p.Others...) {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no %s in the PATH: %s (%s)", p.Name, p.Untried, p.Get)
}

// Required reports whether tests fail without the program.
func (p Program) Required() bool {
	list := strings.Split(os.Getenv(RequireEnv), ",")
	return slices.Contains(list, "all") || slices.Contains(list, p.Name)
}

// Need is where the program is. Without it the test is skipped with a sentence
// that names it, or fails where the program is required.
func Need(t TB, p Program) (path string) {
	t.Helper()
	path, err := p.Path()
	if err != nil {
		Lack(t, p, err)
	}
	return path
}

// Lack ends a test for want of a program, or of what comes with it: err says what
// is missing. The test is skipped, or fails where the program is required.
func Lack(t TB, p Program, err error) {
	t.Helper()
	if p.Required() {
		t.Fatal(err)
	} else {
		t.Skip(err)
	}
}
