package office_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// works is a configuration that nothing stands against.
func works() office.Config {
	return office.Config{TelegramToken: "1:x", TelegramAPI: "https://api.telegram.org", SMTPAddr: "smtp.ejemplo.gob.mx:587", SMTPConns: 2, MailFrom: "sidem@ejemplo.gob.mx"}
}

func TestAVerdictThatMakesDuplicatesIsRefusedWithWhatToSet(t *testing.T) {
	for verdict, good := range map[time.Duration]bool{
		0: true, time.Minute: true, 10 * time.Minute: true, 20 * time.Minute: true,
		time.Second: false, 59 * time.Second: false, 21 * time.Minute: false, -time.Minute: false,
	} {
		cfg := works()
		cfg.SMTPVerdict = verdict
		err := cfg.Check()
		if (err == nil) != good {
			t.Errorf("%v: %v", verdict, err)
		}
		if err != nil && !strings.Contains(err.Error(), "SIDEM_SMTP_VERDICT") {
			t.Errorf("%v: %v does not say what to set", verdict, err)
		}
	}
}

func TestASettingThatLooksLikeNoneIsRefusedByItsNameAndASecretIsNotRepeated(t *testing.T) {
	for name, c := range map[string]struct {
		set    func(c *office.Config, text string)
		secret bool
		good   []string
		wrong  []string
	}{
		"SIDEM_STORE":           {func(c *office.Config, s string) { c.Store = office.Secret(s) }, true, []string{"sqlite:a b/sidem.db", "redis://u:p%40@h:6379/1", "rediss://h:6380"}, []string{"canary", "sqlite:", "postgres://canary", "redis://u:can/ary@h"}},
		"SIDEM_HTTP_ADDR":       {func(c *office.Config, s string) { c.HTTPAddr = s }, false, []string{":8080", "127.0.0.1:0", "[::1]:80"}, []string{"8080", ":http", ":70000", "a b:80", "http://x:80"}},
		"SIDEM_ADMIN_ADDR":      {func(c *office.Config, s string) { c.AdminAddr = s }, false, []string{"off", "127.0.0.1:9090"}, []string{"no", "9090"}},
		"SIDEM_PUBLIC_URL":      {func(c *office.Config, s string) { c.PublicURL = s }, false, []string{"https://sidem.ejemplo.gob.mx", "http://127.0.0.1:8080"}, []string{"sidem.ejemplo.gob.mx", "ftp://x", "https://", "https://u:p@x", "https://x/?a=b"}},
		"SIDEM_TELEGRAM_TOKEN":  {func(c *office.Config, s string) { c.TelegramToken = office.Secret(s) }, true, []string{"7000000001:AA-b_c"}, []string{"canary", "7000000001:canary ", "1:", "\u201c1:canary\u201d"}},
		"SIDEM_TELEGRAM_API":    {func(c *office.Config, s string) { c.TelegramAPI = s }, false, []string{"http://127.0.0.1:8081"}, []string{"api.telegram.org"}},
		"SIDEM_TELEGRAM_SECRET": {func(c *office.Config, s string) { c.TelegramSecret = office.Secret(s) }, true, []string{"a-b_1"}, []string{"canary!", "canary canary", strings.Repeat("a", 257)}},
		"SIDEM_TELEGRAM_NAME":   {func(c *office.Config, s string) { c.TelegramName = s }, false, []string{"sidem_bot"}, []string{"@sidem_bot", "t.me/sidem_bot", "bot"}},
		"SIDEM_SLACK_BOT_TOKEN": {func(c *office.Config, s string) {
			c.SlackBotToken = office.Secret(s)
			c.SlackAppToken, c.SlackAPI = "xapp-1", "https://slack.com/api/"
		}, true, []string{"xoxb-1-a"}, []string{"canary", "xoxp-canary", "xoxb-1 canary"}},
		"SIDEM_SLACK_APP_TOKEN": {func(c *office.Config, s string) {
			c.SlackAppToken = office.Secret(s)
			c.SlackBotToken, c.SlackAPI = "xoxb-1", "https://slack.com/api/"
		}, true, []string{"xapp-1-a"}, []string{"canary", "xoxb-canary"}},
		"SIDEM_SLACK_API": {func(c *office.Config, s string) {
			c.SlackAPI = s
			c.SlackBotToken, c.SlackAppToken = "xoxb-1", "xapp-1"
		}, false, []string{"http://127.0.0.1:1/api/"}, []string{"slack.com/api/", "https://slack.com/api"}},
		"SIDEM_SMTP_ADDR":     {func(c *office.Config, s string) { c.SMTPAddr = s }, false, []string{"smtp.ejemplo.gob.mx:587", "[::1]:25"}, []string{"smtp.ejemplo.gob.mx", ":25", "smtp://x:25", "smtp.ejemplo.gob.mx:smtp", "x:0"}},
		"SIDEM_DKIM_SELECTOR": {func(c *office.Config, s string) { c.DKIMSelector = s }, false, []string{"sidem", "2026.sidem", "sidem,ed.sidem"}, []string{"sidem._domainkey.", "a b", "a,", "a, b"}},
	} {
		for _, text := range append(c.good, c.wrong...) {
			cfg := works()
			c.set(&cfg, text)
			err := cfg.Check()
			if good := slices.Contains(c.good, text); (err == nil) != good {
				t.Errorf("%s=%q: %v", name, text, err)
			}
			if err != nil && (!strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "\n") || c.secret && strings.Contains(err.Error(), "canary")) {
				t.Errorf("%s=%q: %v", name, text, err)
			}
		}
	}
}
