package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem/cmd/sidem/office"
	"sidem/cmd/sidem/ops"
	"sidem/storage/archive"
)

type backupCmd struct {
	File    string `arg:"" help:"The file to write, or - for the standard output."`
	Running bool   `help:"Beside a SIDEM that has the SQLite file open: its state at this moment."`
}

// Run writes the whole store to a file, and says what is in it and whether its trail holds.
func (c backupCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	report, err := ops.Backup(ctx, cfg, log, ops.Backing{File: c.File, Running: c.Running, Standard: out})
	if err != nil {
		return err
	}
	if c.File != ops.Standard {
		return stated("backup", report, out)
	}
	log.Info("backup", "holds", report.String()) // the standard output is the archive's
	return stated("backup", report, io.Discard)
}

// stated prints a report; a trail that does not hold is a check that failed.
func stated(what string, r archive.Report, out io.Writer) error {
	for _, f := range r.Faults {
		_, _ = fmt.Fprintln(out, f)
	}
	_, _ = fmt.Fprintln(out, r)
	if len(r.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("%s: all of it is there, and its trail has %d faults: %s", what, len(r.Faults), r.Faults[0])}
	}
	return nil
}

type restoreCmd struct {
	File string `arg:"" help:"What sidem backup wrote, or - for the standard input."`
}

// Run fills an empty store, and says what it holds by then.
func (c restoreCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	r, err := ops.Restore(ctx, cfg, log, c.File)
	if err != nil {
		return err
	}
	if err := stated("restore", r.Report, out); err != nil {
		return err
	}
	// The store is whole; its attachments lie elsewhere, and may be brought later.
	if r.Unasked != nil {
		_, _ = fmt.Fprintf(out, "Whether its attachments are there is not known: %v. Ask again with sidem audit verify --attachments.\n", r.Unasked)
	} else if r.Attachments.Asked > 0 {
		tellAbsent(out, r.Attachments, cfg.Files)
	}
	return nil
}
