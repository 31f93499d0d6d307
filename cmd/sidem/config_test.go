package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// away is where nobody listens.
const away = "127.0.0.1:1"

// misset is a setting that is set wrong in some way, and what is to be told of it.
type misset struct {
	kind string
	set  map[string]string
	// want are the setting and the repair, which stand in one line.
	want [2]string
	// serve, doctor and check are the exit codes; 0 of serve: it runs, and tells it in its log.
	serve, doctor, check int
}

// wrong is a fault of the configuration itself.
func wrong(kind, setting, value, repair string, more ...string) misset {
	set := map[string]string{setting: value}
	for i := 0; i+1 < len(more); i += 2 {
		set[more[i]] = more[i+1]
	}
	return misset{kind, set, [2]string{setting, repair}, exitConfig, exitConfig, exitConfig}
}

// of says that the fault is told of another setting than the first.
func (m misset) of(setting string) misset { m.want[0] = setting; return m }

// lasting says that SIDEM runs nevertheless: it may be better in a moment.
func (m misset) lasting() misset {
	m.serve, m.doctor, m.check = exitFine, exitCheck, exitCheck
	return m
}

// missets are all settings by what may be wrong with each. What is set to nothing is as if
// it were not set, so that "empty" stands only where something else needs it.
func missets(t *testing.T) []misset {
	lost := e2etest.Written(t, "zone: America/Mexico_City\ndirector: Luc\uFFFDa N\uFFFD\uFFFDez\n")
	ansi := e2etest.Written(t, "zone: America/Mexico_City\ndirector: Luc\xeda\n")
	relay, sealed := emailtest.New(emailtest.Options{User: "x", Password: "y"}), emailtest.New(emailtest.Options{TLS: "starttls"})
	t.Cleanup(relay.Close)
	t.Cleanup(sealed.Close)
	nothing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nothing.Close)
	folder, empty := t.TempDir(), e2etest.Written(t, "\n")
	nope := filepath.Join(folder, "nope")
	webhook := []string{"SIDEM_TELEGRAM_MODE", "webhook", "SIDEM_TELEGRAM_SECRET", "s", "SIDEM_PUBLIC_URL", "https://sidem.ejemplo.gob.mx"}
	byHTTP := []string{"SIDEM_SLACK_MODE", "http"}
	bucket := "s3://sidem/a?endpoint=http://" + away
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return []misset{
		wrong("wrong shape", "SIDEM_STORE", "postgres://canary", "sqlite:PATH"),
		wrong("a folder", "SIDEM_STORE", "sqlite:"+folder, "name a file"),
		wrong("unreadable", "SIDEM_STORE", "", "name a file that this user can read", "SIDEM_STORE_FILE", nope).of("SIDEM_STORE_FILE"),
		wrong("empty file", "SIDEM_STORE", "", "write the value there", "SIDEM_STORE_FILE", empty).of("SIDEM_STORE_FILE"),
		wrong("wrong encoding", "SIDEM_STORE", "", "UTF-8", "SIDEM_STORE_FILE", ansi).of("SIDEM_STORE_FILE"),
		wrong("twice", "SIDEM_STORE", "sqlite:x", "keep the one", "SIDEM_STORE_FILE", empty),
		wrong("wrong shape", "SIDEM_FILES", "ftp://x", "want a folder"),
		wrong("unwritable", "SIDEM_FILES", empty, "name one"),
		wrong("wrong shape", "SIDEM_FILES", "s3://?x", "s3://BUCKET/PREFIX", "SIDEM_FILES_KEY", "k", "SIDEM_FILES_SECRET", "s"),
		wrong("missing", "SIDEM_FILES", bucket, "set the access key", "SIDEM_FILES_SECRET", "s").of("SIDEM_FILES_KEY"),
		wrong("missing", "SIDEM_FILES", bucket, "set the secret key", "SIDEM_FILES_KEY", "k").of("SIDEM_FILES_SECRET"),
		wrong("wrong shape", "SIDEM_HTTP_ADDR", "8080", "write HOST:PORT"),
		wrong("wrong shape", "SIDEM_ADMIN_ADDR", "on", "write HOST:PORT"),
		wrong("wrong shape", "SIDEM_PUBLIC_URL", "sidem.ejemplo.gob.mx", "write https://HOST"),
		wrong("another alphabet", "SIDEM_PUBLIC_URL", "https://educación.gob.mx", "write https://xn--educacin-13a.gob.mx"),
		wrong("empty", "SIDEM_PUBLIC_URL", "", "set it to an address", webhook[:4]...),
		wrong("wrong shape", "SIDEM_TELEGRAM_TOKEN", "canary", "digits:letters"),
		wrong("refused", "SIDEM_TELEGRAM_TOKEN", "1:canary", "@BotFather"),
		wrong("missing", "SIDEM_TELEGRAM_TOKEN", "", "set it, or SIDEM_SLACK_BOT_TOKEN", "SIDEM_SLACK_BOT_TOKEN", "", "SIDEM_SLACK_APP_TOKEN", ""),
		wrong("wrong shape", "SIDEM_TELEGRAM_API", "api.telegram.org", "write https://HOST"),
		wrong("unreachable", "SIDEM_TELEGRAM_API", "http://"+away, "SIDEM_TELEGRAM_API").lasting(),
		wrong("wrong shape", "SIDEM_TELEGRAM_MODE", "push", "write poll or webhook"),
		wrong("wrong shape", "SIDEM_TELEGRAM_SECRET", "canary canary", "A-Z, a-z"),
		wrong("empty", "SIDEM_TELEGRAM_SECRET", "", "openssl rand", "SIDEM_TELEGRAM_MODE", "webhook", "SIDEM_PUBLIC_URL", "https://x.mx"),
		wrong("wrong shape", "SIDEM_TELEGRAM_NAME", "@sidem_bot", "without @"),
		wrong("another", "SIDEM_TELEGRAM_NAME", "otro_bot", "SIDEM_TELEGRAM_NAME"),
		wrong("wrong shape", "SIDEM_SLACK_BOT_TOKEN", "xoxp-canary", "xoxb-"),
		wrong("refused", "SIDEM_SLACK_BOT_TOKEN", "xoxb-canary", "SIDEM_SLACK_BOT_TOKEN"),
		wrong("missing", "SIDEM_SLACK_BOT_TOKEN", "", "set it (xoxb-"),
		wrong("wrong shape", "SIDEM_SLACK_APP_TOKEN", "xoxb-canary", "xapp-"),
		wrong("refused", "SIDEM_SLACK_APP_TOKEN", "xapp-canary", "SIDEM_SLACK_APP_TOKEN"),
		wrong("missing", "SIDEM_SLACK_APP_TOKEN", "", "set it (xapp-"),
		wrong("empty", "SIDEM_SLACK_SIGNING_SECRET", "", "set it", byHTTP...),
		wrong("wrong shape", "SIDEM_SLACK_SIGNING_SECRET", "canary canary", "without blanks", byHTTP...),
		wrong("wrong shape", "SIDEM_SLACK_API", "https://slack.com/api", "https://slack.com/api/"),
		wrong("unreachable", "SIDEM_SLACK_API", "http://"+away+"/api/", "SIDEM_SLACK_API").lasting(),
		wrong("wrong shape", "SIDEM_SLACK_MODE", "fax", "write socket or http"),
		wrong("wrong shape", "SIDEM_SMTP_ADDR", "smtp.ejemplo.gob.mx", "write HOST:PORT"),
		wrong("unreachable", "SIDEM_SMTP_ADDR", away, "SIDEM_SMTP_ADDR").lasting(),
		wrong("missing", "SIDEM_SMTP_USER", "", "set it beside SIDEM_SMTP_PASSWORD", "SIDEM_SMTP_PASSWORD", "canary"),
		wrong("missing", "SIDEM_SMTP_PASSWORD", "", "set it beside SIDEM_SMTP_USER", "SIDEM_SMTP_USER", "x"),
		wrong("refused", "SIDEM_SMTP_PASSWORD", "canary", "SIDEM_SMTP_PASSWORD", "SIDEM_SMTP_USER", "x", "SIDEM_SMTP_ADDR", relay.Addr()).lasting(),
		wrong("of its own authority", "SIDEM_SMTP_CA", "", "SIDEM_SMTP_CA", "SIDEM_SMTP_ADDR", sealed.Addr(), "SIDEM_SMTP_TLS", "starttls").lasting(),
		wrong("wrong shape", "SIDEM_SMTP_TLS", "ssl", "starttls or tls or none"),
		wrong("in clear", "SIDEM_SMTP_TLS", "none", "write starttls or tls", "SIDEM_SMTP_ADDR", "smtp.ejemplo.gob.mx:25", "SIDEM_SMTP_USER", "u", "SIDEM_SMTP_PASSWORD", "p"),
		wrong("unreadable", "SIDEM_SMTP_CA", nope, "name a file"),
		wrong("wrong shape", "SIDEM_SMTP_CA", empty, "BEGIN CERTIFICATE"),
		wrong("wrong shape", "SIDEM_SMTP_CONNS", "two", "whole number"),
		wrong("out of bounds", "SIDEM_SMTP_CONNS", "0", "write 1 to"),
		wrong("wrong shape", "SIDEM_SMTP_VERDICT", "10", "like 90s or 10m"),
		wrong("out of bounds", "SIDEM_SMTP_VERDICT", "1s", "write 1m0s"),
		wrong("empty", "SIDEM_MAIL_FROM", "", "write the address"),
		wrong("wrong shape", "SIDEM_MAIL_FROM", "raul@ejemplo,gob.mx", "perhaps raul@ejemplo.gob.mx"),
		wrong("wrong shape", "SIDEM_MAIL_REPLY_TO", "a@x.mx, b@x.mx", "write an address"),
		wrong("wrong shape", "SIDEM_DKIM_KEY", "canary", "want a private key in PEM"),
		wrong("wrong shape", "SIDEM_DKIM_SELECTOR", "a b", "a name in the DNS"),
		wrong("too many", "SIDEM_DKIM_SELECTOR", "a,b", "as many selectors", "SIDEM_DKIM_KEY", key).of("SIDEM_DKIM_KEY"),
		wrong("unreadable", "SIDEM_OFFICE", nope, "name a file"),
		wrong("wrong encoding", "SIDEM_OFFICE", ansi, "UTF-8"),
		wrong("lost letters", "SIDEM_OFFICE", lost, "write the letter"),
		wrong("no zone", "SIDEM_OFFICE", e2etest.Written(t, "gate: warn"), "America/Mexico_City"),
		wrong("wrong shape", "SIDEM_OFFICE", e2etest.Written(t, "zona: x"), `unknown field "zona"`),
		wrong("unwritable", "SIDEM_CHECKPOINTS", folder, "name a file"),
		wrong("wrong shape", "SIDEM_CHECKPOINT_KEY", "canary", "SIDEM_CHECKPOINT_KEY"),
		wrong("unreadable", "SIDEM_CLOCK_FILE", nope, "SIDEM_CLOCK_FILE"),
		wrong("wrong shape", "SIDEM_CLOCK_FILE", empty, "RFC 3339"),
		wrong("wrong shape", "SIDEM_OTLP_ENDPOINT", "127.0.0.1:4318", "write https://HOST, or http://HOST"),
		wrong("unreachable", "SIDEM_OTLP_ENDPOINT", "http://"+away, "SIDEM_OTLP_ENDPOINT").lasting(),
		wrong("refused", "SIDEM_OTLP_ENDPOINT", nothing.URL, "SIDEM_OTLP_ENDPOINT").lasting(),
		wrong("wrong shape", "SIDEM_LOG_FORMAT", "xml", "json or text"),
		wrong("wrong shape", "SIDEM_LOG_LEVEL", "loud", "debug or info or warn or error"),
		wrong("unreadable", "SIDEM_CONFIG", nope, "name a file"),
		wrong("wrong encoding", "SIDEM_CONFIG", ansi, "UTF-8"),
		wrong("wrong shape", "SIDEM_CONFIG", e2etest.Written(t, "telegram-tokn: canary"), "sidem help config"),
	}
}

// Three commands for each way of being wrong, two hundred runs in all.
func TestEverySettingThatIsWrongIsToldInOneLineWithWhatToDoByWhoeverReadsIt(t *testing.T) {
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	sound := map[string]string{"SIDEM_ADMIN_ADDR": "off", "SIDEM_OFFICE": e2etest.Written(t, string(office.Example))}
	for _, line := range w.Environment(t.TempDir(), "") {
		if name, value, _ := strings.Cut(line, "="); strings.HasPrefix(name, "SIDEM_") && sound[name] == "" {
			sound[name] = value
		}
	}
	told := map[string]bool{}
	for _, m := range missets(t) {
		for setting := range m.set {
			told[setting] = true
		}
		for _, c := range []struct {
			args []string
			code int
		}{{[]string{"serve"}, m.serve}, {[]string{"doctor"}, m.doctor}, {[]string{"config", "check"}, m.check}} {
			t.Run(fmt.Sprintf("%s %s/%s", m.want[0], m.kind, c.args[0]), func(t *testing.T) {
				for name, value := range sound {
					t.Setenv(name, value)
				}
				for name, value := range m.set {
					t.Setenv(name, value)
				}
				code, said := ran(t, c.args)
				if code != c.code {
					t.Errorf("exit %d, want %d", code, c.code)
				}
				if !slices.ContainsFunc(strings.Split(said, "\n"), func(line string) bool {
					return strings.Contains(line, m.want[0]) && strings.Contains(line, m.want[1])
				}) {
					t.Errorf("no line has %q in\n%s", m.want, said)
				}
				if strings.Contains(said, "canary") {
					t.Errorf("it tells what is secret:\n%s", said)
				}
			})
		}
	}
	for _, setting := range slices.Sorted(maps.Keys(variables())) {
		if !told[setting] && !told[setting+"_FILE"] {
			t.Errorf("nothing is known of what may be wrong with %s", setting)
		}
	}
}

// ran is how a command ends, or serve that was told to when it was ready, and what it says.
func ran(t *testing.T, args []string) (code int, said string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, writer(func(p []byte) (int, error) {
		if bytes.Contains(p, []byte(`"msg":"ready"`)) {
			stop()
		}
		return errs.Write(p)
	}))
	if args[0] == "config" { // the settings above are its own
		return code, errs.String()
	}
	return code, out.String() + errs.String()
}

func TestTheConfigurationIsPrintedWithItsOriginsAndWithoutSecrets(t *testing.T) {
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	t.Setenv("SIDEM_TELEGRAM_TOKEN_FILE", e2etest.Written(t, w.Config.TelegramToken.Reveal()+"\n"))
	t.Setenv("SIDEM_TELEGRAM_API", w.Config.TelegramAPI)
	t.Setenv("SIDEM_SMTP_PASSWORD", "https://canary/")
	t.Setenv("SIDEM_CONFIG", e2etest.Written(t, "admin-addr: 127.0.0.1:9191\n"))
	var out, errs bytes.Buffer
	dir := t.TempDir()
	args := []string{"--store", "sqlite:" + filepath.Join(dir, "sidem.db"), "--files", dir, "config", "check"}
	if code := run(t.Context(), args, &out, &errs); code != exitFine {
		t.Errorf("exit %d: %s", code, errs.String())
	}
	said := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"SIDEM_STORE sqlite:" + filepath.Join(dir, "sidem.db") + " command line", "SIDEM_TELEGRAM_TOKEN *** /", "SIDEM_TELEGRAM_API " + w.Config.TelegramAPI + " environment",
		"SIDEM_ADMIN_ADDR 127.0.0.1:9191 /", "SIDEM_SMTP_CONNS 2 default", "SIDEM_SMTP_ADDR - not set",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, out.String())
		}
	}
	if strings.Contains(said, w.Config.TelegramToken.Reveal()) || strings.Contains(said, "canary") {
		t.Error("it tells the token")
	}
}
