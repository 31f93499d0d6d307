package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestAWebhookThatTelegramWouldNotCallIsRefusedAtTheStart(t *testing.T) {
	fine := map[string]string{
		"SIDEM_TELEGRAM_TOKEN": "1:t", "SIDEM_TELEGRAM_MODE": "webhook", "SIDEM_TELEGRAM_SECRET": "s", "SIDEM_PUBLIC_URL": "https://sidem.ejemplo.gob.mx",
	}
	for _, c := range []struct{ name, key, value, want string }{
		{"no secret", "SIDEM_TELEGRAM_SECRET", "", "SIDEM_TELEGRAM_SECRET is missing"},
		{"no address", "SIDEM_PUBLIC_URL", "", "SIDEM_PUBLIC_URL is missing"},
		{"plain http", "SIDEM_PUBLIC_URL", "http://sidem.ejemplo.gob.mx", "https on port"},
		{"a port of its own", "SIDEM_PUBLIC_URL", "https://sidem.ejemplo.gob.mx:9000", "https on port"},
		{"another mode", "SIDEM_TELEGRAM_MODE", "push", "must be one of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for k, v := range fine {
				t.Setenv(k, v)
			}
			t.Setenv(c.key, c.value)
			var out, errs bytes.Buffer
			code := run(t.Context(), []string{"serve"}, &out, &errs)
			if (code != exitConfig && code != exitUsage) || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit %d: %s", code, errs.String())
			}
		})
	}
}
