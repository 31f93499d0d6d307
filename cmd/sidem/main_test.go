package main

import (
	"os"
	"testing"

	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
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
