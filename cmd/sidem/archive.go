package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
)

// archiveCmd is about requests that were closed long ago.
type archiveCmd struct {
	List    archiveListCmd    `cmd:"" help:"Print the archives: month, requests, the SHA-256 of the file in SIDEM_FILES: also beside a running SIDEM."`
	Restore archiveRestoreCmd `cmd:"" help:"Have an archived request come back, as it left; it stays for three months at the least."`
}

type archiveListCmd struct{}

// Run prints one line for each archive.
func (archiveListCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	all, err := ops.Archives(ctx, cfg, log)
	if err != nil {
		return err
	}
	for _, r := range all {
		file, _ := r.Sealed()
		state := ""
		if r.State == core.StateSealed {
			state = " (its requests are leaving the store still)"
		}
		if _, err := fmt.Fprintf(out, "%s %s requests, %d bytes, %s%s\n", r.ID, r.Fields[core.FieldCount], file.Size, file.Hash, state); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	if len(all) == 0 {
		if _, err := fmt.Fprintln(out, "Nothing was archived."); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

type archiveRestoreCmd struct {
	Number string `arg:"" help:"Number of the request, 000147/2025."`
}

// Validate refuses what is no number of a request.
func (c archiveRestoreCmd) Validate() error {
	if _, _, ok := core.ValueOf(c.Number); !ok {
		return fmt.Errorf("%q is no number of a request: write 000147/2025", c.Number)
	}
	return nil
}

// Run brings it back.
func (c archiveRestoreCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	r, err := ops.Bring(ctx, cfg, log, c.Number)
	if err != nil {
		return fmt.Errorf("archive restore: %w", err)
	}
	_, err = fmt.Fprintf(out, "%s is back, with the %d events of its trail.\n", r.Number, r.Seq)
	return err
}
