package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sidem/bot/bottest"
	"sidem/bot/bottest/judge"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
)

// scenario is a story that comes with SIDEM.
func scenario(t *testing.T, name string) []bottest.Line {
	t.Helper()
	lines, err := bottest.Scenario(name)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// openWorld is newWorld for as long as the test lasts.
func openWorld(t *testing.T, dir string, inside func(*world.World) world.Service) *world.World {
	t.Helper()
	w, err := world.New(dir, inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// spoken are the ways in which SIDEM says something to people.
var spoken = []string{
	"sendMessage", "sendDocument", "editMessageText", "deleteMessage", "answerCallbackQuery", "setMyCommands", "deleteMyCommands",
	"chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete", "views.open", "views.update", "views.publish",
	"files.getUploadURLExternal", "files.completeUploadExternal", "answer to view_submission", "answer to slash_commands",
}

func TestEveryScenarioComesTrue(t *testing.T) {
	var sent judge.Claims
	var played atomic.Int32
	t.Cleanup(func() { // when all are played
		sent.Judge(t)
		if int(played.Load()) < len(bottest.Names()) {
			return // some were asked for
		}
		for _, what := range spoken {
			if !slices.Contains(sent.About(), what) {
				t.Errorf("no scenario makes SIDEM say %s", what)
			}
		}
	})
	for _, name := range bottest.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lines := scenario(t, name)
			w := openWorld(t, t.TempDir(), world.InProcess)
			r := bottest.Runner{World: w, Patience: world.Patience}
			if dir := os.Getenv("SIDEM_TRANSCRIPTS"); dir != "" {
				transcribe(t, &r, filepath.Join(dir, name+".txt"))
			}
			if err := r.Play(t.Context(), lines); err != nil {
				t.Error(err)
			}
			played.Add(1)
			sent.Telegram(w.Telegram.Calls()...)
			sent.Slack(w.Slack.Calls(), w.Slack.Answers())
			if s := w.Service.(*world.Inside); s.App != nil {
				report, err := s.App.Desk.Audit(t.Context())
				if err != nil || len(report.Faults) > 0 || report.Events == 0 {
					t.Errorf("audit: %d events, %v, %v", report.Events, report.Faults, err)
				}
			}
		})
	}
}

// transcribe writes what each person of a story reads, line by line: to be read
// by somebody who judges the words.
func transcribe(t *testing.T, r *bottest.Runner, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r.On = func(l bottest.Line) {
		if err := r.Tell(f); err != nil {
			t.Error(err)
		}
		if _, err := fmt.Fprintf(f, "\n%d: %s\n", l.N, l.Text); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
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

func TestTheClockOfTheDemonstrationIsTheFileThatServeReads(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--auto", "--story", "viernes_a_lunes", "--data", dir}, &out, &errs); code != exitFine {
		t.Fatalf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
	c := app.NewClock()
	if err := c.ReadFile(filepath.Join(dir, "clock")); err != nil || c.Now().Before(world.Monday.AddDate(0, 0, 7)) {
		t.Errorf("it ends on %s, %v", c.Now(), err)
	}
}

func TestWithSlackByHTTPEveryScenarioComesTrueToo(t *testing.T) {
	for _, name := range bottest.Names() {
		lines := scenario(t, name)
		if !slices.ContainsFunc(lines, func(l bottest.Line) bool { return l.On == "slack" || strings.Contains(l.Arg, "@slack") }) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openWorld(t, t.TempDir(), world.InProcess)
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

// slackCalls has Slack deliver to a port of this machine.
func slackCalls(t *testing.T, w *world.World) {
	t.Helper()
	w.Config.HTTPAddr = freePort(t)
	w.Config.SlackMode, w.Config.SlackAppToken = office.SlackHTTP, ""
}

func TestServeByEnvironmentAlonePlaysTheEightSteps(t *testing.T) {
	t.Parallel()
	lines := scenario(t, "ocho_pasos")
	dir := t.TempDir()
	w := openWorld(t, dir, func(w *world.World) world.Service { return &outside{w: w, dir: dir} })
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
}

func TestSlackByHTTPWithoutASecretIsRefusedAtTheStart(t *testing.T) {
	for name, test := range map[string]struct{ mode, key, want string }{
		"no secret":    {"http", "SIDEM_SLACK_APP_TOKEN", "SIDEM_SLACK_SIGNING_SECRET is missing"},
		"no app token": {"socket", "SIDEM_SLACK_SIGNING_SECRET", "SIDEM_SLACK_APP_TOKEN is missing"},
		"another mode": {"fax", "SIDEM_SLACK_SIGNING_SECRET", "must be one of"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SIDEM_SLACK_BOT_TOKEN", "xoxb-x")
			t.Setenv("SIDEM_SLACK_MODE", test.mode)
			t.Setenv(test.key, "xapp-x")
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"serve"}, &out, &errs)
			if (code != exitConfig && code != exitUsage) || !strings.Contains(errs.String(), test.want) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
		})
	}
}

func TestTheManifestIsForTheModeThatIsConfigured(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"manifest", "slack"}, &out, &errs); code != exitFine || !strings.Contains(out.String(), `"socket_mode_enabled": true`) {
		t.Errorf("exit %d: %s %s", code, out.String(), errs.String())
	}
	t.Setenv("SIDEM_SLACK_MODE", office.SlackHTTP)
	if code := run(t.Context(), []string{"manifest", "slack"}, &out, &errs); code != exitConfig {
		t.Errorf("exit %d without an address", code)
	}
	t.Setenv("SIDEM_PUBLIC_URL", "https://sidem.ejemplo.gob.mx")
	out.Reset()
	if code := run(t.Context(), []string{"manifest", "slack"}, &out, &errs); code != exitFine || !strings.Contains(out.String(), "https://sidem.ejemplo.gob.mx/slack/events") {
		t.Errorf("exit %d: %s %s", code, out.String(), errs.String())
	}
}
