package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
	"sidem/storage"
	"sidem/storage/files"
)

// named is the most absent attachments that are told one by one.
const named = 10

// Absence is what the trail names and SIDEM_FILES has not.
type Absence struct {
	Asked, Absent int
	Lines         []string // the first of them: of which record, by which name
}

// absentFiles asks SIDEM_FILES for each attachment that the trail names, once for
// each content.
func absentFiles(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store) (out Absence, err error) {
	opts := cfg.FilesOptions(log)
	opts.ReadOnly = true
	kept, err := files.Open(ctx, cfg.Files, opts)
	if errors.Is(err, files.ErrAddress) {
		return out, office.Misconfigured(err)
	}
	if err != nil {
		return out, fmt.Errorf("SIDEM_FILES: %w", err)
	}
	asked := map[string]bool{}
	for e, err := range desk.Events(ctx, s, 0) {
		if err != nil {
			return out, err
		}
		if e.Refusal != nil {
			continue
		}
		for _, file := range e.Files {
			if asked[file.Hash] {
				continue
			}
			asked[file.Hash] = true
			there, err := kept.Has(ctx, file.Hash)
			if err != nil {
				return out, err
			}
			if there {
				continue
			}
			if out.Absent++; out.Absent <= named {
				out.Lines = append(out.Lines, whose(ctx, s, e)+": "+file.Name)
			}
		}
	}
	out.Asked = len(asked)
	return out, nil
}

// whose is the number of the record of an event, or its id where it has none.
func whose(ctx context.Context, s desk.Ledger, e core.Event) string {
	if r, err := s.Record(ctx, e.Record); err == nil && r.Number != "" {
		return r.Number
	}
	return e.Record
}
