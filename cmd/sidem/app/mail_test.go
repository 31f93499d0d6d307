package app_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/e2e/e2etest"
	"sidem/cmd/sidem/office"
)

// openMail opens a SIDEM that has a relay, with its configuration changed by tune.
func openMail(t *testing.T, tune func(*office.Config)) error {
	t.Helper()
	dir := t.TempDir()
	cfg := office.Config{
		Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off",
		SMTPAddr: "127.0.0.1:1", SMTPTLS: "none", MailFrom: "sidem@ejemplo.gob.mx",
	}
	tune(&cfg)
	a, err := app.Open(t.Context(), cfg, app.Options{Clock: e2etest.ClockAt(world.Monday), Log: world.Quiet()})
	if err == nil {
		err = a.Close()
	}
	return err
}

func TestAVerdictThatOutlastsItsClaimIsRefusedAtTheStart(t *testing.T) {
	if err := openMail(t, func(c *office.Config) { c.SMTPVerdict = 20 * time.Minute }); err != nil {
		t.Errorf("the longest that the configuration allows: %v", err)
	}
	err := openMail(t, func(c *office.Config) { c.SMTPVerdict = time.Hour })
	if _, ok := errors.AsType[*office.ConfigError](err); !ok || !strings.Contains(err.Error(), "SIDEM_SMTP_VERDICT") {
		t.Errorf("an hour: %v", err)
	}
}
