package app

import (
	"errors"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/checkpoint"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/storage/files"
)

// Check tells everything that is wrong with a configuration before anything is opened:
// what is set, and the files and folders that it names. It is office.Faults as an
// office.ConfigError, a line for each; serving also wants a platform to serve.
func Check(cfg *office.Config, serving bool) error {
	look := cfg.Check
	if serving {
		look = cfg.CheckServing
	}
	var f office.Faults
	err := look()
	if !errors.As(err, &f) && err != nil {
		return err
	}
	for _, c := range naming {
		if !f.About(c.setting) {
			f = f.Add(c.setting, c.look(cfg))
		}
	}
	return f.Err()
}

// naming are the settings that name something on this machine, or hold what must be
// understood, and what is wrong with that.
var naming = []struct {
	setting string
	look    func(cfg *office.Config) error
}{
	{"SIDEM_STORE", func(c *office.Config) error {
		if path, isFile := strings.CutPrefix(c.Store.Reveal(), "sqlite:"); isFile {
			return office.Appendable(path)
		}
		return nil
	}},
	{"SIDEM_FILES", func(c *office.Config) error {
		if c.Files == "" || files.IsBucket(c.Files) {
			return nil
		}
		return office.Writable(c.Files)
	}},
	{"SIDEM_OFFICE", func(c *office.Config) error {
		_, err := office.Read(c.Office)
		return err
	}},
	{"SIDEM_CHECKPOINTS", func(c *office.Config) error {
		if c.Checkpoints == "" {
			return nil
		}
		return office.Appendable(c.Checkpoints)
	}},
	{"SIDEM_CHECKPOINT_KEY", func(c *office.Config) error {
		if c.CheckpointKey == "" {
			return nil
		}
		_, err := checkpoint.ParseKey(strings.TrimSpace(c.CheckpointKey.Reveal()))
		return err
	}},
	{"SIDEM_DKIM_KEY", func(c *office.Config) error {
		_, err := SigningKeys(c)
		return err
	}},
	{"SIDEM_SMTP_CA", func(c *office.Config) error {
		_, err := authorities(c.SMTPCA)
		return err
	}},
	{"SIDEM_CLOCK_FILE", func(c *office.Config) error {
		if c.ClockFile == "" {
			return nil
		}
		return NewClock().ReadFile(c.ClockFile)
	}},
}

// SigningKeys are the keys that sign mails; none where mails are not signed.
func SigningKeys(c *office.Config) ([]email.Key, error) {
	if c.DKIMKey == "" {
		return nil, nil
	}
	return email.ParseKeys([]byte(c.DKIMKey.Reveal()), strings.Split(c.DKIMSelector, ","))
}
