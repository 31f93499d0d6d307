package main

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"sidem/bot/bottest"
)

func TestEveryScenarioComesTrue(t *testing.T) {
	for _, name := range bottest.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines, err := bottest.Scenario(name)
			if err != nil {
				t.Fatal(err)
			}
			w, err := newWorld(t.TempDir(), inProcess)
			if err != nil {
				t.Fatal(err)
			}
			r := bottest.Runner{World: w, Patience: patience}
			if err := r.Play(t.Context(), lines); err != nil {
				t.Error(err)
			}
			if s := w.service.(*inside); s.app != nil {
				report, err := s.app.desk.Audit(t.Context())
				if err != nil || len(report.Faults) > 0 || report.Events == 0 {
					t.Errorf("audit: %d events, %v, %v", report.Events, report.Faults, err)
				}
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheDemoTellsTheEightStepsAndLeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--auto"}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
	if n := strings.Count(out.String(), "  paso "); n != 8 {
		t.Errorf("%d steps were told:\n%s", n, out.String())
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWithSlackByHTTPEveryScenarioComesTrueToo(t *testing.T) {
	for _, name := range bottest.Names() {
		lines, err := bottest.Scenario(name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(lines, func(l bottest.Line) bool { return l.On == "slack" || strings.Contains(l.Arg, "@slack") }) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, err := newWorld(t.TempDir(), inProcess)
			if err != nil {
				t.Fatal(err)
			}
			w.cfg.SlackMode, w.cfg.SlackAppToken = slackHTTP, ""
			r := bottest.Runner{World: w, Patience: patience}
			if err := r.Play(t.Context(), lines); err != nil {
				t.Error(err)
			}
			if w.slack.Connected() > 0 {
				t.Error("a socket is open")
			}
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestServeByEnvironmentAlonePlaysTheEightSteps(t *testing.T) {
	lines, err := bottest.Scenario("ocho_pasos")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w, err := newWorld(dir, func(w *world) service { return &outside{w: w, dir: dir} })
	if err != nil {
		t.Fatal(err)
	}
	r := bottest.Runner{World: w, Patience: patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
