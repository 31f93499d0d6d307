package ops

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
)

// Ask is what an examination of the trail covers beside the trail itself.
type Ask struct {
	// Attachments also asks SIDEM_FILES for each attachment that the trail names.
	Attachments bool
	// Checkpoints is a file of them that was kept elsewhere; "" is the one of the configuration.
	Checkpoints string
}

// Verdict is what an examination of the trail found.
type Verdict struct {
	core.Audit
	Kept        []app.Checkpoint // those that the trail was compared with, in order
	Attachments Absence
}

// Verify checks every chain, the index, that each record is the fold of its trail, that
// the trail is the one of the checkpoints and, if asked, that its attachments are there.
// It works beside a running SIDEM. What is wrong is in the Verdict; an error says that
// it could not be known.
func Verify(ctx context.Context, cfg *office.Config, log *slog.Logger, ask Ask) (a Verdict, err error) {
	if file := cmp.Or(ask.Checkpoints, cfg.Checkpoints); file != "" {
		if a.Kept, err = readCheckpoints(file); err != nil {
			return a, office.Misconfigured(err)
		}
	}
	ledger, _, err := openReader(ctx, cfg, log)
	if err != nil {
		return a, err
	}
	a.Audit, err = (&desk.Desk{Ledger: ledger}).Audit(ctx)
	if err == nil && len(a.Kept) > 0 {
		var faults []string
		faults, err = compareTrail(ctx, ledger, a.Kept)
		a.Faults = append(a.Faults, faults...)
	}
	if err == nil && ask.Attachments {
		a.Attachments, err = absentFiles(ctx, cfg, log, ledger)
	}
	return a, errors.Join(err, ledger.Close())
}
