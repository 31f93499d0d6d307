package main

import (
	"bytes"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

func TestSlackByHTTPWithoutASecretIsRefusedAtTheStart(t *testing.T) {
	for name, test := range map[string]struct{ mode, key, want string }{
		"no secret":    {"http", "SIDEM_SLACK_APP_TOKEN", "SIDEM_SLACK_SIGNING_SECRET: missing"},
		"no app token": {"socket", "SIDEM_SLACK_SIGNING_SECRET", "SIDEM_SLACK_APP_TOKEN: missing"},
		"another mode": {"fax", "SIDEM_SLACK_SIGNING_SECRET", "write socket or http"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SIDEM_SLACK_BOT_TOKEN", "xoxb-x")
			t.Setenv("SIDEM_SLACK_MODE", test.mode)
			t.Setenv(test.key, "xapp-x")
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"serve"}, &out, &errs)
			if code != exitConfig || !strings.Contains(errs.String(), test.want) {
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

func TestAWebhookThatTelegramWouldNotCallIsRefusedAtTheStart(t *testing.T) {
	fine := map[string]string{
		"SIDEM_TELEGRAM_TOKEN": "1:t", "SIDEM_TELEGRAM_MODE": "webhook", "SIDEM_TELEGRAM_SECRET": "s", "SIDEM_PUBLIC_URL": "https://sidem.ejemplo.gob.mx",
	}
	for _, c := range []struct{ name, key, value, want string }{
		{"no secret", "SIDEM_TELEGRAM_SECRET", "", "SIDEM_TELEGRAM_SECRET: missing"},
		{"no address", "SIDEM_PUBLIC_URL", "", "SIDEM_PUBLIC_URL: missing"},
		{"plain http", "SIDEM_PUBLIC_URL", "http://sidem.ejemplo.gob.mx", "https on port"},
		{"a port of its own", "SIDEM_PUBLIC_URL", "https://sidem.ejemplo.gob.mx:9000", "https on port"},
		{"another mode", "SIDEM_TELEGRAM_MODE", "push", "write poll or webhook"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range fine {
				t.Setenv(k, v)
			}
			t.Setenv(c.key, c.value)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"serve"}, &out, &errs)
			if code != exitConfig || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
		})
	}
}
