package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"sidem/core/desk"
	"sidem/storage"
	"sidem/storage/sqlite"
)

type auditCmd struct {
	What       string `arg:"" enum:"verify" help:"verify"`
	Checkpoint string `help:"File of checkpoints that was kept elsewhere: the trail must be the one that they were taken of. By default the one of --checkpoints." type:"existingfile"`
}

// Run checks every chain, the index, that each record is the fold of its trail, and
// that the trail is the one of the checkpoints. It works beside a running SIDEM.
func (c auditCmd) Run(ctx context.Context, cfg *Config, log *slog.Logger, out io.Writer) error {
	var kept []checkpoint
	if file := cmp.Or(c.Checkpoint, cfg.Checkpoints); file != "" {
		var err error
		if kept, err = readCheckpoints(file); err != nil {
			return configError{err}
		}
	}
	ledger, _, err := openReader(ctx, cfg, log)
	if err != nil {
		return err
	}
	report, err := (&desk.Desk{Ledger: ledger}).Audit(ctx)
	if err == nil && len(kept) > 0 {
		var faults []string
		faults, err = compare(ctx, ledger, kept)
		report.Faults = append(report.Faults, faults...)
	}
	if err := errors.Join(err, ledger.Close()); err != nil {
		return err
	}
	for _, f := range report.Faults {
		_, _ = fmt.Fprintln(out, f)
	}
	_, _ = fmt.Fprintf(out, "%d events of %d records, %d faults\n", report.Events, report.Records, len(report.Faults))
	if len(report.Faults) > 0 {
		return checkError{fmt.Errorf("audit: %d faults", len(report.Faults))}
	}
	if len(kept) == 0 {
		_, _ = fmt.Fprintln(out, "No checkpoint was given: whoever can write to the store could have rewritten the whole trail.")
	} else {
		_, _ = fmt.Fprintf(out, "It is the trail of %d checkpoints, up to %s.\n", len(kept), kept[len(kept)-1])
	}
	return nil
}

// reader is what a command reads that changes nothing.
type reader interface {
	desk.Ledger
	desk.Sessions
	Close() error
}

// openReader opens the store to read; of a SQLite file that a running SIDEM has,
// its state at this moment. now is the business time.
func openReader(ctx context.Context, cfg *Config, log *slog.Logger) (s reader, now time.Time, err error) {
	c, err := clockOf(cfg, log)
	if err != nil {
		return nil, time.Time{}, err
	}
	now = c.Now()
	s, err = storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Now: c.Now, Log: log})
	if errors.Is(err, storage.ErrAddress) {
		return nil, now, configError{err}
	}
	path, isFile := strings.CutPrefix(cfg.Store.Reveal(), "sqlite:")
	if errors.Is(err, storage.ErrLocked) && isFile {
		s, err = sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true})
	}
	if err != nil {
		return nil, now, err
	}
	return s, now, nil
}
