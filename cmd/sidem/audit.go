package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem/cmd/sidem/office"
	"sidem/cmd/sidem/ops"
)

// auditCmd checks the trail.
type auditCmd struct {
	What       string `arg:"" enum:"verify" help:"verify"`
	Files      bool   `name:"attachments" help:"Also ask SIDEM_FILES for each attachment that the trail names."`
	Checkpoint string `help:"File of checkpoints that was kept elsewhere: the trail must be the one that they were taken of. By default the one of --checkpoints." type:"existingfile"`
}

// maxFaults is how many faults are printed: one event that was changed has everything
// that follows from it differ.
const maxFaults = 200

// Run prints what is wrong with the trail, and fails if anything is. It works beside a running SIDEM.
func (c auditCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	a, err := ops.Verify(ctx, cfg, log, ops.Ask{Attachments: c.Files, Checkpoints: c.Checkpoint})
	if err != nil {
		return err
	}
	for _, f := range a.Faults[:min(len(a.Faults), maxFaults)] {
		_, _ = fmt.Fprintln(out, f)
	}
	if more := len(a.Faults) - maxFaults; more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
	_, _ = fmt.Fprintf(out, "%d events of %d records, %d faults\n", a.Events, a.Records, len(a.Faults))
	if c.Files {
		tellAbsent(out, a.Attachments, cfg.Files)
	}
	if len(a.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("audit: %d faults", len(a.Faults))}
	}
	if a.Attachments.Absent > 0 {
		return &ops.CheckError{Err: fmt.Errorf("audit: %d attachments are absent", a.Attachments.Absent)}
	}
	if len(a.Kept) == 0 {
		_, _ = fmt.Fprintln(out, "No checkpoint was given: whoever can write to the store could have rewritten the whole trail.")
	} else {
		_, _ = fmt.Fprintf(out, "It is the trail of %d checkpoints, up to %s.\n", len(a.Kept), a.Kept[len(a.Kept)-1])
	}
	return nil
}

// tellAbsent prints which attachments are absent, and what to do about it.
func tellAbsent(out io.Writer, a ops.Absence, where string) {
	for _, line := range a.Lines {
		_, _ = fmt.Fprintln(out, line)
	}
	if more := a.Absent - len(a.Lines); more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
	if a.Absent > 0 {
		_, _ = fmt.Fprintf(out, "%d of %d attachments are not in %s: copy there the folder or the bucket that SIDEM_FILES named before.\n", a.Absent, a.Asked, where)
		return
	}
	_, _ = fmt.Fprintf(out, "All %d attachments are in %s.\n", a.Asked, where)
}
