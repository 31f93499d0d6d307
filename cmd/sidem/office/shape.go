package office

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// setting is one of Config by the name of its variable: what it must look like, whatever
// it is used for.
type setting struct {
	name   string
	text   func(Config) string
	unused func(Config) bool // nil: it counts always
	shape  func(text string) error
}

func noTelegram(c Config) bool { return c.TelegramToken == "" }
func noSlack(c Config) bool    { return c.SlackBotToken == "" }
func noMail(c Config) bool     { return c.SMTPAddr == "" }

// selector is what DKIM calls so (RFC 6376 §3.1).
const selector = `[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?`

// settings are those that have a shape. One that is a secret never repeats what was written.
var settings = []setting{
	{"SIDEM_STORE", func(c Config) string { return c.Store.Reveal() }, nil, storeAddress},
	{"SIDEM_HTTP_ADDR", func(c Config) string { return c.HTTPAddr }, nil, listener},
	{"SIDEM_ADMIN_ADDR", func(c Config) string { return c.AdminAddr }, func(c Config) bool { return c.AdminAddr == "off" }, listener},
	{"SIDEM_PUBLIC_URL", func(c Config) string { return c.PublicURL }, nil, webAddress},
	{"SIDEM_TELEGRAM_TOKEN", func(c Config) string { return c.TelegramToken.Reveal() }, nil, like(`[0-9]+:[A-Za-z0-9_-]+`, "a bot token, digits:letters, as @BotFather gives it")},
	{"SIDEM_TELEGRAM_API", func(c Config) string { return c.TelegramAPI }, noTelegram, webAddress},
	{"SIDEM_TELEGRAM_SECRET", func(c Config) string { return c.TelegramSecret.Reveal() }, noTelegram, like(`[A-Za-z0-9_-]{1,256}`, "1 to 256 of A-Z, a-z, 0-9, _ and -")},
	{"SIDEM_TELEGRAM_NAME", func(c Config) string { return c.TelegramName }, noTelegram, like(`[A-Za-z0-9_]{5,32}`, "the bot's user name without @, like sidem_bot")},
	{"SIDEM_SLACK_BOT_TOKEN", func(c Config) string { return c.SlackBotToken.Reveal() }, nil, like(`xoxb-\S+`, "a bot token, xoxb-…")},
	{"SIDEM_SLACK_APP_TOKEN", func(c Config) string { return c.SlackAppToken.Reveal() }, noSlack, like(`xapp-\S+`, "an app-level token, xapp-…")},
	{"SIDEM_SLACK_API", func(c Config) string { return c.SlackAPI }, noSlack, slackAddress},
	{"SIDEM_SLACK_SIGNING_SECRET", func(c Config) string { return c.SlackSigning.Reveal() }, noSlack, like(`[!-~]+`, "the signing secret as Slack shows it: letters and digits, without blanks")},
	{"SIDEM_SMTP_ADDR", func(c Config) string { return c.SMTPAddr }, nil, server},
	{"SIDEM_OTLP_ENDPOINT", func(c Config) string { return c.OTLPEndpoint }, nil, webAddress},
	{"SIDEM_DKIM_SELECTOR", func(c Config) string { return c.DKIMSelector }, noMail, like(selector+"(,"+selector+")*", "a name in the DNS, like sidem; for several keys as many, with commas")},
}

// shapes are the faults of what is there and looks like none.
func (c Config) shapes() (f Faults) {
	for _, s := range settings {
		text := s.text(c)
		if text == "" || s.unused != nil && s.unused(c) {
			continue
		}
		f = f.Add(s.name, s.shape(text))
	}
	return f
}

// like refuses what a pattern does not describe as a whole. It may be a secret: it is
// not repeated.
func like(pattern, want string) func(string) error {
	whole := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(text string) error {
		if whole.MatchString(text) {
			return nil
		}
		if strings.TrimSpace(text) != text {
			return fmt.Errorf("there are blanks or line breaks around it: write %s", want)
		}
		return fmt.Errorf("write %s", want)
	}
}

// storeAddress may hold a password.
func storeAddress(text string) error {
	kind, rest, _ := strings.Cut(text, ":")
	switch {
	case !slices.Contains([]string{"sqlite", "redis", "rediss"}, kind) || rest == "":
		return errors.New("write sqlite:PATH, redis://USER:PASSWORD@HOST:PORT/DB, or rediss://…")
	case kind == "sqlite":
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" {
		return errors.New("write redis://USER:PASSWORD@HOST:PORT/DB: what is special in a password is written as %40 is for @")
	}
	return nil
}

// webAddress is one that begins with http(s):// and has a host.
func webAddress(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%q is no address: write https://HOST, or http://HOST", text)
	case notASCII(u.Hostname()) != "":
		return fmt.Errorf("%q: write %s", text, strings.Replace(text, u.Hostname(), notASCII(u.Hostname()), 1))
	case strings.ContainsAny(u.Host, " \t"):
		return fmt.Errorf("%q is no address: write https://HOST, or http://HOST", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the address has a user, a question or a mark in it: write https://HOST and a path alone, or http://")
	}
	return nil
}

// slackAddress is a web address that methods are put behind.
func slackAddress(text string) error {
	if err := webAddress(text); err != nil {
		return err
	}
	if !strings.HasSuffix(text, "/") {
		return fmt.Errorf("%q: write %s/", text, text)
	}
	return nil
}

// notASCII is the name of a host in ASCII, as it is asked for in the DNS, where it is
// written otherwise; "" where it is fine or is none.
func notASCII(host string) string {
	if !strings.ContainsFunc(host, func(r rune) bool { return r > 127 }) {
		return ""
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil {
		return "a name of letters, digits, points and hyphens"
	}
	return ascii
}

// listener is [HOST]:PORT on this machine.
func listener(text string) error { return hostPort(text, 0) }

// server is HOST:PORT of another.
func server(text string) error {
	if err := hostPort(text, 1); err != nil {
		return err
	}
	if host, _, _ := net.SplitHostPort(text); host == "" {
		return fmt.Errorf("%q has no host: write HOST:PORT", text)
	}
	return nil
}

func hostPort(text string, least int) error {
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " \t/@") {
		return fmt.Errorf("%q is no address: write HOST:PORT", text)
	}
	if ascii := notASCII(host); ascii != "" {
		return fmt.Errorf("%q: write %s", text, net.JoinHostPort(ascii, port))
	}
	if n, err := strconv.Atoi(port); err != nil || n < least || n > 65535 {
		return fmt.Errorf("%q has no port from %d to 65535: write HOST:PORT", text, least)
	}
	return nil
}
