package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// privacyCmd is what persons may ask for of their data.
type privacyCmd struct {
	Export privacyExportCmd `cmd:"" help:"Print everything that is kept of one person, as JSON: also beside a running SIDEM."`
	Erase  privacyEraseCmd  `cmd:"" help:"Take a person's data out of the store: the account ends, and an alias stands where the name stood. It cannot be undone; export first what must be kept."`
}

type privacyExportCmd struct {
	Account string `arg:"" help:"User name or id of the account."`
}

// Run prints the dossier.
func (c privacyExportCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	all, err := ops.Personal(ctx, cfg, log, c.Account)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

type privacyEraseCmd struct {
	Account string `arg:"" help:"User name or id of the account."`
}

// Run erases, and says what is left to be done by hand.
func (c privacyEraseCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	e, err := ops.Erase(ctx, cfg, log, c.Account)
	if err != nil {
		return err
	}
	if e.ByHand != nil {
		_, _ = fmt.Fprintln(out, "The file of the store may still hold what it said,", e.ByHand)
	}
	_, err = fmt.Fprintf(out, `%s is called %s from now on: %d events of %d records were blacked out, %d items and %d sessions cleaned.
The trail holds as before: sidem audit verify tells how many events were blacked out.
Left to you: backups and proofs that were made until now, the logs, what is in the attachments themselves, and the chats and mailboxes.
`, e.Account, e.Alias, e.Events, e.Records, e.Items, e.Sessions)
	return err
}
