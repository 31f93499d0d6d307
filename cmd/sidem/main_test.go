package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// serveEnv makes the test binary the program: sidem with its arguments.
const serveEnv = "SIDEM_TEST_SERVE"

func TestMain(m *testing.M) {
	world.ChildEnv = []string{serveEnv + "=1"}
	if os.Getenv(serveEnv) != "" {
		os.Exit(untilTold(os.Args[1:]))
	}
	e2etest.Deaf()
	os.Exit(m.Run())
}

func TestNoTestHearsHowTheShellConfiguresSidem(t *testing.T) {
	for _, name := range []string{"SIDEM_TELEGRAM_TOKEN", "SIDEM_SMTP_PASSWORD_FILE", "SIDEM_SLACK_MODE", "SIDEM_CHECKPOINTS", "SIDEM_CONFIG"} {
		t.Setenv(name, "/nope")
		e2etest.Deaf()
		if v, is := os.LookupEnv(name); is {
			t.Errorf("%s is %q still", name, v)
		}
	}
}

func TestAFaultInTheConfigurationIsToldWithoutWhatStandsThere(t *testing.T) {
	var out, errs bytes.Buffer
	file := e2etest.Written(t, "telegram-token: secreto-12345: x\n")
	if code := run(t.Context(), []string{"--config", file, "version"}, &out, &errs); code != exitConfig {
		t.Errorf("exit %d", code)
	}
	if said := errs.String(); !strings.HasPrefix(said, "sidem: SIDEM_CONFIG: ") || !strings.Contains(said, "[1:") || strings.Contains(said, "secreto") {
		t.Errorf("%q", said)
	}
}

func TestAStoryThatIsInterruptedIsNotCalledUntrue(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	code := run(ctx, []string{"demo", "--auto"}, writer(func(p []byte) (int, error) {
		if strings.Contains(string(p), "paso") {
			end()
		}
		return out.Write(p)
	}), &errs)
	if code != exitFailed || strings.Contains(out.String(), "falla") || !strings.Contains(errs.String(), "the story was interrupted") {
		t.Errorf("exit %d, %q, %q", code, out.String(), errs.String())
	}
}

// writer is an io.Writer that does as told.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

func TestPasswordsThatCouldNotBePrintedAreNotCalledDone(t *testing.T) {
	dir := t.TempDir()
	roster := e2etest.Written(t, `
agencies: [{id: IE, name: Instituto de Ejemplo}]
accounts: [{user: lucia.herrera, name: Lucía Herrera Campos, agency: IE, roles: [requester], email: lucia.herrera@ejemplo.gob.mx, post: Jefa, phone: "7225550100"}]
`)
	full := writer(func([]byte) (int, error) { return 0, syscall.ENOSPC })
	var errs bytes.Buffer
	code := run(t.Context(), []string{"--store", "sqlite:" + filepath.Join(dir, "sidem.db"), "--files", dir, "--admin-addr", "off", "import", roster}, full, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "the passwords could not be written") {
		t.Errorf("exit %d, %q", code, errs.String())
	}
}

func TestAStoreThatIsNotThereIsNeitherMadeNorCalledSound(t *testing.T) {
	store := filepath.Join(t.TempDir(), "mistyped.db")
	for _, command := range []string{
		"audit verify", "audit key", "backup " + filepath.Join(t.TempDir(), "copy"), "privacy export lucia.herrera", "privacy erase lucia.herrera", "keys rotate", "outbox list",
	} {
		var out, errs bytes.Buffer
		args := append([]string{"--store", "sqlite:" + store, "--admin-addr", "off"}, strings.Fields(command)...)
		if code := run(t.Context(), args, &out, &errs); code != exitConfig || !strings.Contains(errs.String(), "there is no store at "+store) {
			t.Errorf("%s: exit %d, %q%q", command, code, out.String(), errs.String())
		}
		if _, err := os.Stat(store); err == nil {
			t.Fatalf("%s made one", command)
		}
	}
}

func TestACommandLineIsOneOfUseAndAVariableOneOfConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		set  string // NAME=value
		code int
		want string
	}{
		"nothing":                 {nil, "", exitFine, "Usage: sidem <command>"},
		"help":                    {[]string{"help"}, "", exitFine, "Usage: sidem <command>"},
		"help of one":             {[]string{"help", "import"}, "", exitFine, "Usage: sidem import <file>"},
		"the version":             {[]string{"--version"}, "", exitFine, "sidem "},
		"no such command":         {[]string{"serf"}, "", exitUsage, "serf"},
		"no such flag":            {[]string{"serve", "--foo"}, "", exitUsage, "--foo"},
		"a flag with nonsense":    {[]string{"--smtp-tls=x", "serve"}, "", exitUsage, "--smtp-tls"},
		"a choice that is none":   {[]string{"serve"}, "SIDEM_SMTP_TLS=x", exitConfig, "SIDEM_SMTP_TLS"},
		"a number that is none":   {[]string{"serve"}, "SIDEM_SMTP_CONNS=dos", exitConfig, "SIDEM_SMTP_CONNS"},
		"a time that is none":     {[]string{"serve"}, "SIDEM_SMTP_VERDICT=10", exitConfig, "SIDEM_SMTP_VERDICT"},
		"an address that is none": {[]string{"serve"}, "SIDEM_SMTP_ADDR=nope", exitConfig, "SIDEM_SMTP_ADDR"},
	} {
		t.Run(name, func(t *testing.T) {
			if k, v, ok := strings.Cut(c.set, "="); ok {
				t.Setenv(k, v)
			}
			var out, errs bytes.Buffer
			if code := run(t.Context(), c.args, &out, &errs); code != c.code || !strings.Contains(out.String()+errs.String(), c.want) {
				t.Errorf("exit %d, want %d: %s%s", code, c.code, out.String(), errs.String())
			}
		})
	}
}

func TestTheSettingsStandOnceInTheHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"help", "serve"}, {"outbox", "list", "--help"}, {"help", "import"}} {
		if said := sidem(t, args...); strings.Contains(said, "--smtp-addr") {
			t.Errorf("%v has them all:\n%s", args, said)
		}
	}
	said := sidem(t, "help", "config")
	for variable := range variables() {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), "($"+variable+")") {
			t.Errorf("%s is not told of:\n%s", variable, said)
		}
	}
	if !strings.Contains(sidem(t, "help"), "sidem help config") {
		t.Error("nobody says where they are")
	}
}

func TestTheLogIsWrittenAsItIsAskedFor(t *testing.T) {
	var out bytes.Buffer
	log := logTo(&out, "text", "warn")
	log.Info("no")
	log.Warn("yes", "n", 1)
	if said := out.String(); strings.Contains(said, "no\n") || !strings.Contains(said, "level=WARN msg=yes n=1") {
		t.Error(said)
	}
	out.Reset()
	logTo(&out, "json", "info").Info("yes")
	if !strings.Contains(out.String(), `"msg":"yes"`) {
		t.Error(out.String())
	}
}
