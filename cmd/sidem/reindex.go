package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core/desk"
)

type reindexCmd struct{}

// Run folds all records from the trail once more. It fails with a CheckError where some were left as they are.
func (reindexCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	r, err := ops.Reindex(ctx, cfg, log, func(r desk.Reindexing) {
		log.InfoContext(ctx, "reindex", "event", r.Index, "records", r.Records, "changed", r.Changed)
	})
	if err != nil {
		return fmt.Errorf("reindex: %w", err)
	}
	_, _ = fmt.Fprintf(out, "%d records folded from the trail and filed anew, of which %d read otherwise than they did.\n", r.Records, r.Changed)
	for _, fault := range r.Faults {
		_, _ = fmt.Fprintln(out, fault)
	}
	if len(r.Faults) > 0 {
		return &ops.CheckError{Err: fmt.Errorf("%d records were left as they are", len(r.Faults))}
	}
	return nil
}
