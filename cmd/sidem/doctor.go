package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// doctorCmd looks at everything that SIDEM needs, and changes nothing.
type doctorCmd struct{}

// Run prints a line for each part, OK or falla with what to do, and fails if one did: with the code
// of a configuration where that is at fault.
func (doctorCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	var misset error
	findings, faults := ops.Doctor{Config: *cfg, Log: log}.Examine(ctx), 0
	for _, f := range findings {
		if f.Fault == nil {
			_, _ = fmt.Fprintf(out, "OK     %s: %s\n", f.About, f.Says)
			continue
		}
		faults++
		for line := range strings.SplitSeq(f.Fault.Error(), "\n") {
			_, _ = fmt.Fprintf(out, "falla  %s: %s\n", f.About, line)
		}
		_, _ = fmt.Fprintf(out, "       %s\n", f.Do)
		if wrong, ok := errors.AsType[*office.ConfigError](f.Fault); ok && misset == nil {
			misset = wrong
		}
	}
	if misset != nil {
		return office.Misconfigured(fmt.Errorf("doctor: %d of %d checks failed", faults, len(findings)))
	}
	if faults > 0 {
		return &ops.CheckError{Err: fmt.Errorf("doctor: %d of %d checks failed", faults, len(findings))}
	}
	return nil
}
