package app_test

import (
	"errors"
	"net/mail"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
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

// caused reports whether the metrics tell why a channel is down.
func caused(t *testing.T, a *app.App, channel, reason string) bool {
	t.Helper()
	families, err := a.Gauges.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			told := map[string]string{}
			for _, l := range m.GetLabel() {
				told[l.GetName()] = l.GetValue()
			}
			if f.GetName() == "sidem_channel_down_cause" && told["channel"] == channel && told["reason"] == reason {
				return true
			}
		}
	}
	return false
}

func TestARelayThatDoesNotRelayForUsKillsNoNoticeAndTheOperatorLearnsWhy(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	e2etest.Rest(t, w)
	before := len(w.Mail.All())
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.RcptTo {
			return nil
		}
		return &emailtest.Fault{Reply: "554 5.7.1 <" + p.To + ">: Relay access denied"}
	})
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Await(t, "the reason", func() bool { return caused(t, w.App(), "email", "relaying") })
	w.Mail.Intercept(nil)
	e2etest.Await(t, "a mail", func() bool { return len(w.Mail.All()) > before })
	e2etest.Rest(t, w)
	if stats, err := w.App().Store.Stats(t.Context(), w.Time.Now()); err != nil || stats.Dead != 0 || caused(t, w.App(), "email", "relaying") {
		t.Errorf("%+v, %v; held: %v", stats, err, caused(t, w.App(), "email", "relaying"))
	}
}

func TestTheSendersNameStandsInFromAndNowhereElse(t *testing.T) {
	w := e2etest.OpenWorld(t, t.TempDir(), world.InProcess)
	w.Config.MailFrom, w.Config.MailReplyTo = "Dictámenes, SIDEM <sidem@educación.gob.mx>", "Mesa de ayuda, TIC <ayuda@educación.gob.mx>"
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Given(t.Context(), "solicitud por liberar"); err != nil {
		t.Fatal(err)
	}
	e2etest.Await(t, "a mail", func() bool { return len(w.Mail.All()) > 0 })
	m := w.Mail.All()[0]
	for field, want := range map[string]*mail.Address{
		"From":     {Name: "Dictámenes, SIDEM", Address: "sidem@xn--educacin-13a.gob.mx"},
		"Reply-To": {Name: "Mesa de ayuda, TIC", Address: "ayuda@xn--educacin-13a.gob.mx"},
	} {
		got, err := m.Header.AddressList(field)
		if err != nil || len(got) != 1 || *got[0] != *want {
			t.Errorf("%s: %s is %v, %v", field, m.Header.Get(field), got, err)
		}
	}
	if m.From != "sidem@xn--educacin-13a.gob.mx" || !strings.HasSuffix(m.MessageID, "@xn--educacin-13a.gob.mx>") || w.Mail.Commands()[0] != "EHLO xn--educacin-13a.gob.mx" {
		t.Errorf("envelope %s, %s, %s", m.From, m.MessageID, w.Mail.Commands()[0])
	}
}
