package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
	"sidem/storage"
	"sidem/storage/files"
)

// named is the most absent attachments that are told one by one.
const named = 10

// absence is what the trail names and SIDEM_FILES has not.
type absence struct {
	asked, absent int
	lines         []string // the first of them: of which record, by which name
}

// absentFiles asks SIDEM_FILES for each attachment that the trail names, once for
// each content.
func absentFiles(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store) (out absence, err error) {
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
			if out.absent++; out.absent <= named {
				out.lines = append(out.lines, whose(ctx, s, e)+": "+file.Name)
			}
		}
	}
	out.asked = len(asked)
	return out, nil
}

// whose is the number of the record of an event, or its id where it has none.
func whose(ctx context.Context, s desk.Ledger, e core.Event) string {
	if r, err := s.Record(ctx, e.Record); err == nil && r.Number != "" {
		return r.Number
	}
	return e.Record
}

// tell prints what is absent, and what to do about it.
func (a absence) tell(out io.Writer, where string) {
	for _, line := range a.lines {
		_, _ = fmt.Fprintln(out, line)
	}
	if more := a.absent - len(a.lines); more > 0 {
		_, _ = fmt.Fprintf(out, "and %d more\n", more)
	}
	if a.absent > 0 {
		_, _ = fmt.Fprintf(out, "%d of %d attachments are not in %s: copy there the folder or the bucket that SIDEM_FILES named before.\n", a.absent, a.asked, where)
		return
	}
	_, _ = fmt.Fprintf(out, "All %d attachments are in %s.\n", a.asked, where)
}
