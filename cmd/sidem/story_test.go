package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
)

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
