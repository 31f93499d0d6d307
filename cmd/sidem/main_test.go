package main

import (
	"os"
	"testing"

	"sidem/cmd/sidem/demo/world"
)

// serveEnv makes the test binary the program: sidem with its arguments.
const serveEnv = "SIDEM_TEST_SERVE"

func TestMain(m *testing.M) {
	world.ChildEnv = []string{serveEnv + "=1"}
	if os.Getenv(serveEnv) != "" {
		os.Exit(untilTold(os.Args[1:]))
	}
	os.Exit(m.Run())
}
