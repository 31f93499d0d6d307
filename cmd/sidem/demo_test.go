package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

func TestTheDemoNeverRunsBesideRealCredentials(t *testing.T) {
	for _, name := range []string{"SIDEM_TELEGRAM_TOKEN", "SIDEM_SLACK_BOT_TOKEN", "SIDEM_SLACK_APP_TOKEN", "SIDEM_SLACK_SIGNING_SECRET", "SIDEM_SMTP_PASSWORD"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "canary-4711")
			var out, errs bytes.Buffer
			ctx, cancel := context.WithTimeout(t.Context(), world.Patience) // a page is served for ever
			defer cancel()
			for _, how := range []string{"--no-open", "--auto"} {
				if code := run(ctx, []string{"demo", how}, &out, &errs); code != exitConfig {
					t.Errorf("%s: exit %d", how, code)
				}
			}
			if !strings.Contains(errs.String(), name) || strings.Contains(errs.String(), "canary") {
				t.Errorf("it says %q", errs.String())
			}
		})
	}
}

func TestAStoryIsToldALineAStepAndOneThatIsNoneIsRefused(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--auto", "--story", "doble_pulsacion"}, &out, &errs); code != exitFine || !strings.Contains(out.String(), "Listo: llegó cada mensaje esperado") {
		t.Errorf("exit %d\n%s\n%s", code, out.String(), errs.String())
	}
	if code := run(t.Context(), []string{"demo", "--auto", "--story", "no_existe"}, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "no_existe") {
		t.Errorf("exit %d\n%s", code, errs.String())
	}
}

func TestAStoryIsToldInAnEmptyFolderOnly(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sidem.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--auto", "--data", dir}, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "remove what is there, or name another with --data") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
