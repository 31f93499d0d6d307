package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core/desk"
	"sidem/storage"
)

type auditCmd struct {
	What       string `arg:"" enum:"verify" help:"verify"`
	Files      bool   `name:"attachments" help:"Also ask SIDEM_FILES for each attachment that the trail names."`
	Checkpoint string `help:"File of checkpoints that was kept elsewhere: the trail must be the one that they were taken of. By default the one of --checkpoints." type:"existingfile"`
}

// Run checks every chain, the index, that each record is the fold of its trail, that
// the trail is the one of the checkpoints and, if asked, that its attachments are there. It works beside a running SIDEM.
func (c auditCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	var kept []app.Checkpoint
	if file := cmp.Or(c.Checkpoint, cfg.Checkpoints); file != "" {
		var err error
		if kept, err = app.ReadCheckpoints(file); err != nil {
			return office.Misconfigured(err)
		}
	}
	ledger, _, err := openReader(ctx, cfg, log)
	if err != nil {
		return err
	}
	report, err := (&desk.Desk{Ledger: ledger}).Audit(ctx)
	if err == nil && len(kept) > 0 {
		var faults []string
		faults, err = app.CompareTrail(ctx, ledger, kept)
		report.Faults = append(report.Faults, faults...)
	}
	var gone absence
	if err == nil && c.Files {
		gone, err = absentFiles(ctx, cfg, log, ledger)
	}
	if err := errors.Join(err, ledger.Close()); err != nil {
		return err
	}
	for _, f := range report.Faults {
		_, _ = fmt.Fprintln(out, f)
	}
	_, _ = fmt.Fprintf(out, "%d events of %d records, %d faults\n", report.Events, report.Records, len(report.Faults))
	if c.Files {
		gone.tell(out, cfg.Files)
	}
	if len(report.Faults) > 0 {
		return checkError{fmt.Errorf("audit: %d faults", len(report.Faults))}
	}
	if gone.absent > 0 {
		return checkError{fmt.Errorf("audit: %d attachments are absent", gone.absent)}
	}
	if len(kept) == 0 {
		_, _ = fmt.Fprintln(out, "No checkpoint was given: whoever can write to the store could have rewritten the whole trail.")
	} else {
		_, _ = fmt.Fprintf(out, "It is the trail of %d checkpoints, up to %s.\n", len(kept), kept[len(kept)-1])
	}
	return nil
}

// openReader opens the store to read; of a SQLite file that a running SIDEM has,
// its state at this moment. now is the business time.
func openReader(ctx context.Context, cfg *office.Config, log *slog.Logger) (s storage.Store, now time.Time, err error) {
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return nil, time.Time{}, err
	}
	opts := storage.Options{Now: c.Now, Log: log}
	s, err = storage.Open(ctx, cfg.Store.Reveal(), opts)
	if errors.Is(err, storage.ErrLocked) {
		opts.ReadOnly = true
		s, err = storage.Open(ctx, cfg.Store.Reveal(), opts)
	}
	if errors.Is(err, storage.ErrAddress) {
		err = office.Misconfigured(err)
	}
	return s, c.Now(), err
}
