package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"

	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/telegram"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/files"
)

// partner is whom SIDEM asks who it is: a platform, or the relay.
type partner struct {
	name string
	// ask returns office.Faults where the answer is that our configuration is at fault.
	ask func(context.Context) error
	// blame names the setting that an error which is none of those is about, and what to do.
	blame func(error) (setting, do string)
}

// away is an error of ask as the fault of a setting; nil where there is none.
func (p partner) away(err error) error {
	if _, ours := errors.AsType[office.Faults](err); err == nil || ours || p.blame == nil {
		return err
	}
	setting, do := p.blame(err)
	return office.Fault{Setting: setting, Why: fmt.Errorf("%w: %s", err, do)}
}

// refused is err as the fault of a setting, where it says that a token is refused.
func refused(err error, setting, write string) error {
	if errors.Is(err, wire.ErrRefused) {
		return office.Faults{}.Add(setting, fmt.Errorf("%w: %s", err, write)).Err()
	}
	return err
}

func always(setting, do string) func(error) (string, string) {
	return func(error) (string, string) { return setting, do }
}

// ofTelegram hears what the bot is called, which links are made of.
func ofTelegram(cfg *office.Config, t *telegram.Telegram, hear func(ctx context.Context, name string) error) partner {
	ask := func(ctx context.Context) error {
		name, err := t.Check(ctx)
		if err != nil {
			return refused(err, "SIDEM_TELEGRAM_TOKEN", "write the one that @BotFather shows under API Token")
		}
		if want := cfg.TelegramName; want != "" && !strings.EqualFold(want, name) {
			return office.Faults{}.Add("SIDEM_TELEGRAM_NAME", fmt.Errorf("the token is of the bot %s, not of %s: write %s, or take the variable out", name, want, name)).Err()
		}
		return hear(ctx, name)
	}
	return partner{"telegram", ask, always("SIDEM_TELEGRAM_API", "see that this machine reaches it")}
}

func ofSlack(s *slack.Slack) partner {
	ask := func(ctx context.Context) error {
		if _, err := s.Check(ctx); err != nil {
			return refused(err, "SIDEM_SLACK_BOT_TOKEN", "write the Bot User OAuth Token of the app's page, and install the app in the workspace")
		}
		return refused(s.CheckSocket(ctx), "SIDEM_SLACK_APP_TOKEN", "write an App-Level Token with connections:write, of the app's page")
	}
	return partner{"slack", ask, always("SIDEM_SLACK_API", "see that this machine reaches it")}
}

// ofStore is the store, of which nothing is changed. A file that is not there yet is none to ask.
func ofStore(cfg *office.Config) partner {
	ask := func(ctx context.Context) error {
		if path, isFile := strings.CutPrefix(cfg.Store.Reveal(), "sqlite:"); isFile {
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				return nil
			}
		}
		s, err := storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Log: slog.New(slog.DiscardHandler), ReadOnly: true})
		if errors.Is(err, storage.ErrAddress) {
			return office.Faults{}.Add("SIDEM_STORE", err).Err()
		}
		if err != nil {
			return err
		}
		return s.Close()
	}
	return partner{"store", ask, always("SIDEM_STORE", "see that the store is there and that this machine reaches it")}
}

func ofBucket(cfg *office.Config) partner {
	ask := func(ctx context.Context) error {
		err := files.Ask(ctx, cfg.Files, cfg.FilesOptions(slog.New(slog.DiscardHandler)))
		if errors.Is(err, files.ErrAddress) {
			return office.Faults{}.Add("SIDEM_FILES", err).Err()
		}
		return err
	}
	return partner{"files", ask, always("SIDEM_FILES", "see that the bucket's endpoint is there and that this machine reaches it")}
}

// ofMail is the relay. One that refuses the login holds up nobody's chat: it is no fault
// that keeps SIDEM from starting, and mails wait.
func ofMail(cfg email.Config) partner {
	return partner{"mail", func(ctx context.Context) error { return email.Greet(ctx, cfg) }, blameForMail}
}

func blameForMail(err error) (setting, do string) {
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); unknown {
		return "SIDEM_SMTP_CA", "name the file with the certificate of the authority of the relay, in PEM"
	}
	if outbox.Reason(err) == string(email.Login) {
		return "SIDEM_SMTP_PASSWORD", "write the one of SIDEM_SMTP_USER, and see SIDEM_SMTP_TLS"
	}
	return "SIDEM_SMTP_ADDR", "see that the relay is there, that this machine reaches it, and that it takes SIDEM_SMTP_TLS and SIDEM_SMTP_USER as they are"
}

// ofTraces is who collects the traces. Nobody's chat waits for them.
func ofTraces(cfg *office.Config, dial wire.Dial) partner {
	return partner{
		"traces", func(ctx context.Context) error { return tracing.Ask(ctx, cfg.OTLPEndpoint, dial) },
		always("SIDEM_OTLP_ENDPOINT", "see that the collector is there, that this machine reaches it, and that it takes OTLP over HTTP"),
	}
}

// Ask asks the store, the platforms and the relay of a sound configuration who we are. faults are what
// they have against it; away are those who were not reached, or take nothing of ours now.
func Ask(ctx context.Context, cfg *office.Config) (faults, away office.Faults) {
	ctx, cancel := context.WithTimeout(ctx, wire.CallTime)
	defer cancel()
	partners := []partner{ofStore(cfg)}
	if files.IsBucket(cfg.Files) {
		partners = append(partners, ofBucket(cfg))
	}
	if cfg.TelegramToken != "" {
		t, err := telegram.New(telegram.Config{Token: cfg.TelegramToken.Reveal(), API: cfg.TelegramAPI})
		if faults = faults.Add("SIDEM_TELEGRAM_TOKEN", err); err == nil {
			partners = append(partners, ofTelegram(cfg, t, func(context.Context, string) error { return nil }))
		}
	}
	if cfg.SlackBotToken != "" {
		s, err := slack.New(slack.Config{
			BotToken: cfg.SlackBotToken.Reveal(), AppToken: cfg.SlackAppToken.Reveal(), SigningSecret: cfg.SlackSecret(), API: cfg.SlackAPI,
		})
		if faults = faults.Add("SIDEM_SLACK_BOT_TOKEN", err); err == nil {
			partners = append(partners, ofSlack(s))
		}
	}
	if cfg.SMTPAddr != "" {
		relay, err := Relay(cfg)
		if faults = faults.Add("SIDEM_SMTP_CA", err); err == nil {
			partners = append(partners, ofMail(relay))
		}
	}
	if cfg.OTLPEndpoint != "" {
		partners = append(partners, ofTraces(cfg, nil))
	}
	said := make([]error, len(partners))
	var wg sync.WaitGroup
	for i, p := range partners {
		wg.Go(func() { said[i] = p.ask(ctx) })
	}
	wg.Wait()
	for i, p := range partners {
		if own, ours := errors.AsType[office.Faults](said[i]); ours {
			faults = append(faults, own...)
		} else if f, not := errors.AsType[office.Fault](p.away(said[i])); not {
			away = append(away, f)
		}
	}
	return faults, away
}

// Relay is how the relay is reached, of a configuration with a sender.
func Relay(cfg *office.Config) (email.Config, error) {
	from, err := cfg.Sender()
	if err != nil {
		return email.Config{}, office.Misconfigured(office.Fault{Setting: "SIDEM_MAIL_FROM", Why: err})
	}
	roots, err := authorities(cfg.SMTPCA)
	if err != nil {
		return email.Config{}, office.Misconfigured(office.Fault{Setting: "SIDEM_SMTP_CA", Why: err})
	}
	return email.Config{
		Addr: cfg.SMTPAddr, User: cfg.SMTPUser, Password: cfg.SMTPPassword.Reveal(), TLS: cfg.SMTPTLS, RootCAs: roots, HELO: from.Domain(),
		Connections: cfg.SMTPConns, DotTimeout: cfg.SMTPVerdict,
	}, nil
}

// authorities are those whom this machine trusts, and those of a file; nil is the former alone.
func authorities(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // as crypto/tls has it
	}
	body, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: name a file that this user can read", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(body) {
		return nil, fmt.Errorf("%s holds no certificate: name one in PEM, -----BEGIN CERTIFICATE-----", path)
	}
	return pool, nil
}
