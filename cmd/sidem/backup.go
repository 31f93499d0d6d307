package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/archive"
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
	tellFaults(out, r.Faults)
	_, _ = fmt.Fprintln(out, r)
	if len(r.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("%s: all of it is there, and it has %d faults: %s", what, len(r.Faults), r.Faults[0])}
	}
	return nil
}

type restoreCmd struct {
	File    string `arg:"" optional:"" help:"What sidem backup wrote, or - for the standard input."`
	Confirm bool   `help:"Say that you know which days are missing of a store that was restored: serve and doctor tell of them until then."`
}

// Validate wants one of both.
func (c restoreCmd) Validate() error {
	if (c.File == "") != c.Confirm {
		return errors.New("name the file to restore, or --confirm what was restored")
	}
	return nil
}

// Run fills an empty store, and says what it holds by then.
func (c restoreCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	if c.Confirm {
		r, err := ops.ConfirmRestore(ctx, cfg, log)
		if errors.Is(err, desk.ErrNotFound) {
			_, _ = fmt.Fprintln(out, "Nothing is known to be missing: there is nothing to confirm.")
			return nil
		}
		if err != nil {
			return err
		}
		from, to := r.Days()
		_, _ = fmt.Fprintf(out, "Confirmed: what came from %s to %s is missing. Begin a new file of checkpoints (SIDEM_CHECKPOINTS), and keep the former one.\n", from, to)
		return nil
	}
	r, err := ops.Restore(ctx, cfg, log, c.File)
	if err != nil {
		return err
	}
	held := stated("restore", r.Report, out)
	missing := toldMissing(out, r.Compared)
	// The store is whole; its attachments lie elsewhere, and may be brought later.
	if r.Unasked != nil {
		_, _ = fmt.Fprintf(out, "Whether its attachments are there is not known: %v. Ask again with sidem audit verify.\n", r.Unasked)
	} else if r.Attachments.Asked > 0 {
		tellAttachments(out, r.Attachments, cfg.Files)
	}
	return errors.Join(held, missing)
}

// toldMissing prints what the checkpoints say of a store that was restored; where days are
// missing that is a check that failed.
func toldMissing(out io.Writer, c ops.Comparison) error {
	if c.Kept == 0 {
		_, _ = fmt.Fprintln(out, "It was compared with no checkpoint (SIDEM_CHECKPOINTS): whether anything came after this backup is not known.")
		return nil
	}
	for _, f := range c.Faults {
		_, _ = fmt.Fprintln(out, f)
	}
	if c.Lost != nil {
		from, to := c.Lost.Days()
		_, _ = fmt.Fprintf(out, "DAYS ARE MISSING: this backup ends at event %d of %s, and a checkpoint of %s knows %d: at least %d events are gone.\n", c.Lost.Index, from, to, c.Lost.Known, c.Lost.Missing())
		for _, series := range slices.Sorted(maps.Keys(c.Lost.Skipped)) {
			_, _ = fmt.Fprintf(out, "%d numbers of the series %s are passed over, since they may have been given.\n", c.Lost.Skipped[series], series)
		}
		_, _ = fmt.Fprintf(out, "Observations of requests that there were go on in the next hundred (O-%d).\n", core.Record{}.BeyondLost(c.Lost.Times))
		_, _ = fmt.Fprintln(out, "Look for a newer backup. If there is none, have what was lost filed again; serve and doctor tell of it until: sidem restore --confirm")
		return &ops.CheckError{Err: fmt.Errorf("restore: what came from %s to %s is missing", from, to)}
	}
	if len(c.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("restore: the trail is not the one of the checkpoints: %s", c.Faults[0])}
	}
	return nil
}
