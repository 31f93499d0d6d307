package office

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"sidem/storage/files"
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
	TelegramName   string `help:"The bot's user name, for deep links." default:"sidem_bot" env:"SIDEM_TELEGRAM_NAME"`

	SlackBotToken Secret `help:"Bot token (xoxb-); Slack is off without it." env:"SIDEM_SLACK_BOT_TOKEN"`
	SlackAppToken Secret `help:"App token (xapp-) of Socket Mode." env:"SIDEM_SLACK_APP_TOKEN"`
	SlackSigning  Secret `help:"Signing secret (mode http)." name:"slack-signing-secret" env:"SIDEM_SLACK_SIGNING_SECRET"`
	SlackAPI      string `help:"Base URL of the Web API, ending in /api/." default:"https://slack.com/api/" env:"SIDEM_SLACK_API"`
	SlackMode     string `help:"How events come: over a socket, or by signed requests to the public listener." enum:"socket,http" default:"socket" env:"SIDEM_SLACK_MODE"`

	SMTPAddr     string `help:"HOST:PORT of the relay; mail is off without it." env:"SIDEM_SMTP_ADDR"`
	SMTPUser     string `help:"User at the relay." env:"SIDEM_SMTP_USER"`
	SMTPPassword Secret `help:"Password at the relay." env:"SIDEM_SMTP_PASSWORD"`
	SMTPTLS      string `name:"smtp-tls" help:"How the connection is protected." enum:"starttls,tls,none" default:"starttls" env:"SIDEM_SMTP_TLS"`
	SMTPConns    int    `name:"smtp-conns" help:"Connections to the relay at once, of this process; replicas divide among them what the relay allows." default:"2" env:"SIDEM_SMTP_CONNS"`
	// SMTPVerdict zero is the default.
	SMTPVerdict  time.Duration `name:"smtp-verdict" help:"How long the relay may take to say whether it has a mail: from 1m to 20m. One that is given up too early gets a copy at each try." default:"10m" env:"SIDEM_SMTP_VERDICT"`
	MailFrom     string        `help:"Sender of mails: an address, or NAME <ADDRESS>." default:"sidem@ejemplo.gob.mx" env:"SIDEM_MAIL_FROM"`
	MailReplyTo  string        `help:"Mailbox that reads answers: an address, or NAME <ADDRESS>." env:"SIDEM_MAIL_REPLY_TO"`
	DKIMKey      Secret        `name:"dkim-key" help:"Private keys that sign mails, in PEM, one or RSA and Ed25519; SIDEM_DKIM_KEY_FILE names their file. Unsigned without them." env:"SIDEM_DKIM_KEY"`
	DKIMSelector string        `name:"dkim-selector" help:"Selectors under which the sender's DNS has the public keys, in the same order, with commas." default:"sidem" env:"SIDEM_DKIM_SELECTOR"`

	Office      string `help:"YAML of the institution, its calendar and targets; an example without it." env:"SIDEM_OFFICE"`
	Checkpoints string `help:"File to which the head of the trail is appended each day; better on another machine." env:"SIDEM_CHECKPOINTS"`
	// CheckpointKey keeps what signs them from whoever can read the store.
	CheckpointKey Secret `help:"Private key that signs checkpoints (sidem audit key --new makes one); without it one is kept in the store." env:"SIDEM_CHECKPOINT_KEY"`
	ClockFile     string `help:"Tests only: a file with one RFC 3339 instant that is taken for now." env:"SIDEM_CLOCK_FILE"`
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

// Check refuses what cannot work before anything is opened.
func (c Config) Check() error {
	errs := []error{c.checkShapes()}
	if c.SlackBotToken != "" && c.SlackMode == SlackHTTP && c.SlackSigning == "" {
		errs = append(errs, errors.New("SIDEM_SLACK_SIGNING_SECRET is missing: without it nobody knows whether a request is Slack's"))
	}
	if c.SlackBotToken != "" && c.SlackMode != SlackHTTP && c.SlackAppToken == "" {
		errs = append(errs, errors.New("SIDEM_SLACK_APP_TOKEN is missing: Socket Mode needs it beside SIDEM_SLACK_BOT_TOKEN"))
	}
	if c.SlackBotToken != "" && !strings.HasSuffix(c.SlackAPI, "/") {
		errs = append(errs, fmt.Errorf("SIDEM_SLACK_API %q must end in /", c.SlackAPI))
	}
	if c.SMTPAddr != "" && c.SMTPConns < 1 {
		errs = append(errs, fmt.Errorf("SIDEM_SMTP_CONNS %d: at least one connection", c.SMTPConns))
	}
	if c.SMTPAddr != "" {
		errs = append(errs, c.checkMail())
	}
	if c.TelegramToken != "" && c.TelegramMode == TelegramWebhook {
		errs = append(errs, c.checkWebhook())
	}
	if c.TelegramToken == "" && c.SlackBotToken == "" {
		errs = append(errs, errors.New("no platform: set SIDEM_TELEGRAM_TOKEN, or SIDEM_SLACK_BOT_TOKEN and SIDEM_SLACK_APP_TOKEN"))
	}
	if c.ClockFile != "" && (c.TelegramToken != "" && strings.HasPrefix(c.TelegramAPI, "https://api.telegram.org") ||
		c.SlackBotToken != "" && strings.HasPrefix(c.SlackAPI, "https://slack.com/")) {
		errs = append(errs, errors.New("SIDEM_CLOCK_FILE is for tests: it is refused with the platforms' real addresses"))
	}
	return errors.Join(errs...)
}

// checkWebhook refuses an address that Telegram would not call (Bot API,
// setWebhook); a Bot API of one's own may call any.
func (c Config) checkWebhook() error {
	var errs []error
	if c.TelegramSecret == "" {
		errs = append(errs, errors.New("SIDEM_TELEGRAM_SECRET is missing: with SIDEM_TELEGRAM_MODE=webhook it is how requests are known to be Telegram's"))
	}
	u, err := url.Parse(c.PublicURL)
	switch {
	case err != nil || u.Host == "":
		errs = append(errs, errors.New("SIDEM_PUBLIC_URL is missing, or no address like https://sidem.ejemplo.gob.mx: with SIDEM_TELEGRAM_MODE=webhook Telegram calls it"))
	case !strings.HasPrefix(c.TelegramAPI, "https://api.telegram.org"):
	case u.Scheme != "https" || !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()):
		errs = append(errs, fmt.Errorf("SIDEM_PUBLIC_URL %q: Telegram calls https on port 443, 80, 88 or 8443 only", c.PublicURL))
	}
	return errors.Join(errs...)
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
