package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem/cmd/sidem/office"
	"sidem/cmd/sidem/ops"
)

// doctorCmd looks at everything that SIDEM needs, and changes nothing.
type doctorCmd struct{}

// Run prints a line for each part, OK or falla with what to do, and fails if one did.
func (doctorCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	findings, faults := ops.Doctor{Config: *cfg, Log: log}.Examine(ctx), 0
	for _, f := range findings {
		if f.Fault == nil {
			_, _ = fmt.Fprintf(out, "OK     %s: %s\n", f.About, f.Says)
			continue
		}
		faults++
		_, _ = fmt.Fprintf(out, "falla  %s: %v\n       %s\n", f.About, f.Fault, f.Do)
	}
	if faults > 0 {
		return &ops.CheckError{Err: fmt.Errorf("doctor: %d of %d checks failed", faults, len(findings))}
	}
	return nil
}
