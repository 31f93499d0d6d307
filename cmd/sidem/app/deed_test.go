package app_test

import (
	"net/http"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

func TestNothingIsDoneForWhoeverCannotReadTheStore(t *testing.T) {
	cfg, _ := e2etest.Graveyard(t, 1)
	e2etest.Running(t, cfg)
	for _, path := range []string{"/outbox/replay", "/calendar", "/keys", "/reindex", "/import"} {
		for _, given := range []string{"", strings.Repeat("0", 64)} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+cfg.AdminAddr+path, strings.NewReader(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Sidem-Proof", given)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if _ = res.Body.Close(); res.StatusCode != http.StatusForbidden {
				t.Errorf("%s with the proof %q: %s", path, given, res.Status)
			}
		}
	}
}
