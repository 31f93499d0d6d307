package office

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/storage/files"
)

// Config is everything that can be set: by flag, by environment, by file
// (--config), in that order. Each secret may also come from the file that
// NAME_FILE names.
type Config struct {
	Store Secret `help:"Where records live: sqlite:PATH, redis://USER:PASSWORD@HOST:PORT/DB, or rediss://… for TLS." default:"sqlite:data/sidem.db" env:"SIDEM_STORE"`
	Files string `help:"Where attachments are kept: a folder, or s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION." default:"data/files" env:"SIDEM_FILES"`

	FilesKey    Secret `help:"Access key of the bucket." env:"SIDEM_FILES_KEY"`
	FilesSecret Secret `help:"Secret key of the bucket." env:"SIDEM_FILES_SECRET"`

	HTTPAddr  string `help:"Public listener; used where a platform delivers by HTTP." default:":8080" env:"SIDEM_HTTP_ADDR"`
	PublicURL string `help:"Address of the public listener as seen from outside, https://…" env:"SIDEM_PUBLIC_URL"`
	AdminAddr string `help:"Loopback listener with /livez and /readyz; 'off' for none." default:"127.0.0.1:9090" env:"SIDEM_ADMIN_ADDR"`

	TelegramToken  Secret `help:"Bot token; Telegram is off without it." env:"SIDEM_TELEGRAM_TOKEN"`
	TelegramAPI    string `help:"Base URL of the Bot API." default:"https://api.telegram.org" env:"SIDEM_TELEGRAM_API"`
	TelegramMode   string `help:"How updates come: poll, or webhook at SIDEM_PUBLIC_URL." enum:"poll,webhook" default:"poll" env:"SIDEM_TELEGRAM_MODE"`
	TelegramSecret Secret `help:"What the webhook's requests must carry: 1 to 256 of A-Z, a-z, 0-9, _ and -." env:"SIDEM_TELEGRAM_SECRET"`
	TelegramName   string `help:"The bot's user name, if it is to be compared with what Telegram says." env:"SIDEM_TELEGRAM_NAME"`

	SlackBotToken Secret `help:"Bot token (xoxb-); Slack is off without it." env:"SIDEM_SLACK_BOT_TOKEN"`
	SlackAppToken Secret `help:"App token (xapp-) of Socket Mode." env:"SIDEM_SLACK_APP_TOKEN"`
	SlackSigning  Secret `help:"Signing secret (mode http)." name:"slack-signing-secret" env:"SIDEM_SLACK_SIGNING_SECRET"`
	SlackAPI      string `help:"Base URL of the Web API, ending in /api/." default:"https://slack.com/api/" env:"SIDEM_SLACK_API"`
	SlackMode     string `help:"How events come: over a socket, or by signed requests to the public listener." enum:"socket,http" default:"socket" env:"SIDEM_SLACK_MODE"`

	SMTPAddr     string `help:"HOST:PORT of the relay; mail is off without it." env:"SIDEM_SMTP_ADDR"`
	SMTPUser     string `help:"User at the relay." env:"SIDEM_SMTP_USER"`
	SMTPPassword Secret `help:"Password at the relay." env:"SIDEM_SMTP_PASSWORD"`
	SMTPTLS      string `name:"smtp-tls" help:"How the connection is protected." enum:"starttls,tls,none" default:"starttls" env:"SIDEM_SMTP_TLS"`
	SMTPCA       string `name:"smtp-ca" help:"File with the certificates, in PEM, of an authority of the institution's own that vouches for the relay." env:"SIDEM_SMTP_CA"`
	SMTPConns    int    `name:"smtp-conns" help:"Connections to the relay at once, of this process; replicas divide among them what the relay allows." default:"2" env:"SIDEM_SMTP_CONNS"`
	// SMTPVerdict zero is the default.
	SMTPVerdict  time.Duration `name:"smtp-verdict" help:"How long the relay may take to say whether it has a mail: from 1m to 20m. One that is given up too early gets a copy at each try." default:"10m" env:"SIDEM_SMTP_VERDICT"`
	MailFrom     string        `help:"Sender of mails: an address, or NAME <ADDRESS>." env:"SIDEM_MAIL_FROM"`
	MailReplyTo  string        `help:"Mailbox that reads answers: an address, or NAME <ADDRESS>." env:"SIDEM_MAIL_REPLY_TO"`
	DKIMKey      Secret        `name:"dkim-key" help:"Private keys that sign mails, in PEM, one or RSA and Ed25519; SIDEM_DKIM_KEY_FILE names their file. Unsigned without them." env:"SIDEM_DKIM_KEY"`
	DKIMSelector string        `name:"dkim-selector" help:"Selectors under which the sender's DNS has the public keys, in the same order, with commas." default:"sidem" env:"SIDEM_DKIM_SELECTOR"`

	Office      string `help:"YAML of the institution, its calendar and targets; an example without it." env:"SIDEM_OFFICE"`
	Checkpoints string `help:"File to which the head of the trail is appended each day; better on another machine." env:"SIDEM_CHECKPOINTS"`
	// CheckpointKey keeps what signs them from whoever can read the store.
	CheckpointKey Secret `help:"Private key that signs checkpoints (sidem audit key --new makes one); without it one is kept in the store." env:"SIDEM_CHECKPOINT_KEY"`
	OTLPEndpoint  string `name:"otlp-endpoint" help:"Address of a collector that takes traces by OTLP over HTTP, like http://127.0.0.1:4318; none are made without it." env:"SIDEM_OTLP_ENDPOINT"`
	LogFormat     string `help:"How the log is written: a line of JSON each, or text for people." enum:"json,text" default:"json" env:"SIDEM_LOG_FORMAT"`
	LogLevel      string `help:"From which level on: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"SIDEM_LOG_LEVEL"`
	ClockFile     string `help:"Tests only: a file with one RFC 3339 instant that is taken for now." env:"SIDEM_CLOCK_FILE"`

	// Unread are the settings that could not be read; they have their defaults.
	Unread Faults `kong:"-"`
}

// Secret is a text that never prints itself.
type Secret string

func (Secret) String() string { return "***" }

// GoString keeps %#v from telling it.
func (Secret) GoString() string { return "***" }

// MarshalText keeps encoders and loggers from telling it.
func (Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

// UnmarshalText reads the secret as it is.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = Secret(b)
	return nil
}

// Reveal is the secret itself, for whoever must send it.
func (s Secret) Reveal() string { return string(s) }

// How updates of Telegram come (SIDEM_TELEGRAM_MODE).
const (
	TelegramPolls   = "poll"
	TelegramWebhook = "webhook"
)

// SlackHTTP is the mode in which Slack calls the public listener.
const SlackHTTP = "http"

// The bounds of SIDEM_SMTP_VERDICT.
const (
	minVerdict = time.Minute
	maxVerdict = 20 * time.Minute
)

// SlackSecret is what Slack's requests are signed with, where they come by HTTP.
func (c Config) SlackSecret() string {
	if c.SlackMode != SlackHTTP {
		return ""
	}
	return c.SlackSigning.Reveal()
}

// Check tells everything that is wrong with what is set, before anything is opened: Faults
// as a ConfigError. What is not set is missing only where something that is set needs it.
func (c Config) Check() error { return c.faults().Err() }

// CheckServing is Check for whoever is to serve: without a platform there is nobody to.
func (c Config) CheckServing() error {
	f := c.faults()
	if c.TelegramToken == "" && c.SlackBotToken == "" && !f.About("SIDEM_TELEGRAM_TOKEN", "SIDEM_SLACK_BOT_TOKEN") {
		f = f.say("SIDEM_TELEGRAM_TOKEN", "no platform: set it, or SIDEM_SLACK_BOT_TOKEN and SIDEM_SLACK_APP_TOKEN")
	}
	return f.Err()
}

// About reports whether there is a fault of one of the settings, or of the file that holds it.
func (f Faults) About(settings ...string) bool {
	return slices.ContainsFunc(f, func(one Fault) bool { return slices.Contains(settings, strings.TrimSuffix(one.Setting, "_FILE")) })
}

func (c Config) faults() Faults {
	f := append(slices.Clone(c.Unread), c.shapes()...)
	missing := func(setting, text, why string) {
		if text == "" && !f.About(setting) {
			f = f.say(setting, "missing: "+why)
		}
	}
	if c.SlackBotToken != "" && c.SlackMode == SlackHTTP {
		missing("SIDEM_SLACK_SIGNING_SECRET", c.SlackSigning.Reveal(), "set it, as Slack's page of the app shows it: without it nobody knows whether a request is Slack's")
	}
	if c.SlackBotToken != "" && c.SlackMode != SlackHTTP {
		missing("SIDEM_SLACK_APP_TOKEN", c.SlackAppToken.Reveal(), "set it (xapp-…): Socket Mode needs it beside SIDEM_SLACK_BOT_TOKEN")
	}
	if c.SlackBotToken == "" && c.SlackAppToken != "" {
		missing("SIDEM_SLACK_BOT_TOKEN", "", "set it (xoxb-…) beside SIDEM_SLACK_APP_TOKEN")
	}
	if c.SMTPAddr != "" {
		f = append(f, c.mailFaults()...)
	}
	if c.TelegramToken != "" && c.TelegramMode == TelegramWebhook {
		missing("SIDEM_TELEGRAM_SECRET", c.TelegramSecret.Reveal(), "set it, for example what openssl rand -hex 32 prints: with SIDEM_TELEGRAM_MODE=webhook it is how requests are known to be Telegram's")
		missing("SIDEM_PUBLIC_URL", c.PublicURL, "set it to an address like https://sidem.ejemplo.gob.mx: with SIDEM_TELEGRAM_MODE=webhook Telegram calls it")
		f = f.Add("SIDEM_PUBLIC_URL", c.checkWebhook())
	}
	if files.IsBucket(c.Files) {
		missing("SIDEM_FILES_KEY", c.FilesKey.Reveal(), "set the access key of the bucket in SIDEM_FILES")
		missing("SIDEM_FILES_SECRET", c.FilesSecret.Reveal(), "set the secret key of the bucket in SIDEM_FILES")
	}
	if !files.IsBucket(c.Files) || c.FilesKey != "" && c.FilesSecret != "" {
		f = f.Add("SIDEM_FILES", files.Check(c.Files, c.FilesOptions(nil)))
	}
	if c.ClockFile != "" && (c.TelegramToken != "" && strings.HasPrefix(c.TelegramAPI, "https://api.telegram.org") ||
		c.SlackBotToken != "" && strings.HasPrefix(c.SlackAPI, "https://slack.com/")) {
		f = f.say("SIDEM_CLOCK_FILE", "it is for tests, and refused with the platforms' real addresses: take it out")
	}
	return f
}

// checkWebhook refuses an address that Telegram would not call (Bot API,
// setWebhook); a Bot API of one's own may call any.
func (c Config) checkWebhook() error {
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || !strings.HasPrefix(c.TelegramAPI, "https://api.telegram.org") {
		return nil //nolint:nilerr // its shape is told as such
	}
	if u.Scheme != "https" || !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
		return fmt.Errorf("%q: Telegram calls https on port 443, 80, 88 or 8443 only: write one of those", c.PublicURL)
	}
	return nil
}

// FilesOptions are how the attachments are opened.
func (c Config) FilesOptions(log *slog.Logger) files.Options {
	return files.Options{Key: c.FilesKey.Reveal(), Secret: c.FilesSecret.Reveal(), Log: log}
}

// Shared reports whether several processes may have the store open at once.
func (c Config) Shared() bool { return !strings.HasPrefix(c.Store.Reveal(), "sqlite:") }

// ConfigError says that the configuration is at fault.
type ConfigError struct{ err error }

func (e *ConfigError) Error() string { return e.err.Error() }

func (e *ConfigError) Unwrap() error { return e.err }

// Misconfigured is err as a ConfigError.
func Misconfigured(err error) error { return &ConfigError{err} }
