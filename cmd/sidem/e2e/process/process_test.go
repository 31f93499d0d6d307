//go:build e2e

package process

import (
	"slices"
	"strings"
	"testing"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
	"sidem/cmd/sidem/office"
)

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
	w := e2etest.OpenWorld(t, dir, func(w *world.World) world.Service { return &e2etest.Outside{World: w, Dir: dir} })
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
