//go:build e2e

// Package process tells the stories with sidem itself, built as it is shipped, in a process of its own.
package process

import (
	"os"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// TestEveryStoryComesTrueWithSidemInAProcessOfItsOwn watches for races too, where e2etest.RaceEnv asks for it: a race
// ends the process, and the story with it. Stories in which something goes wrong on purpose
// are told elsewhere, by a SIDEM that can be looked into.
func TestEveryStoryComesTrueWithSidemInAProcessOfItsOwn(t *testing.T) {
	program := e2etest.Sidem(t)
	patience := world.Patience
	if os.Getenv(e2etest.RaceEnv) != "" {
		world.ChildEnv = append(world.ChildEnv, "GORACE=halt_on_error=1")
		patience *= 3
	}
	for _, name := range bottest.Names() {
		lines := e2etest.Scenario(t, name)
		if slices.ContainsFunc(lines, func(l bottest.Line) bool { return l.Kind == bottest.Trouble }) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := e2etest.OpenWorld(t, t.TempDir(), world.Elsewhere(program))
			r := bottest.Runner{World: w, Patience: patience}
			if err := r.Play(t.Context(), lines); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWithSlackByHTTPEveryScenarioComesTrueToo(t *testing.T) {
	for _, name := range bottest.Names() {
		lines := e2etest.Scenario(t, name)
		if !slices.ContainsFunc(lines, func(l bottest.Line) bool { return l.On == "slack" || strings.Contains(l.Arg, "@slack") }) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
			w.Config.SlackMode, w.Config.SlackAppToken = office.SlackHTTP, ""
			r := bottest.Runner{World: w, Patience: world.Patience}
			if err := r.Play(t.Context(), lines); err != nil {
				t.Error(err)
			}
			if w.Slack.Connected() > 0 {
				t.Error("a socket is open")
			}
		})
	}
}

func TestServeByEnvironmentAlonePlaysTheEightSteps(t *testing.T) {
	t.Parallel()
	lines := e2etest.Scenario(t, "ocho_pasos")
	dir := t.TempDir()
	w := e2etest.OpenWorld(t, dir, func(w *world.World) world.Service {
		return &e2etest.Outside{World: w, Dir: dir, Program: e2etest.Sidem(t)}
	})
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
