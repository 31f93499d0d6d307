package ops

import (
	"context"
	"errors"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/desk"
)

// Reindex has all records folded from the trail once more and filed as this program files
// them, part by part; each hears how far it has come. Where a running SIDEM has the file open,
// that carries out the parts. One that was ended in the middle goes on where it was.
func Reindex(ctx context.Context, cfg *office.Config, log *slog.Logger, each func(desk.Reindexing)) (r desk.Reindexing, err error) {
	if err := mustExist(cfg); err != nil {
		return r, err
	}
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return r, err
	}
	s, locked, err := openOrAsk(ctx, cfg, log)
	if err != nil {
		return r, err
	}
	part := func(ctx context.Context, anew bool) (desk.Reindexing, error) {
		return ask(ctx, cfg, log, app.DoReindex, app.Reindex{Anew: anew}, locked)
	}
	if locked == nil {
		defer func() { err = errors.Join(err, s.Close()) }()
		part = (&desk.Desk{Ledger: s, Sessions: s, Now: c.Now}).Reindex
	}
	for anew := true; ; anew = false {
		if r, err = part(ctx, anew); err != nil {
			return r, err
		}
		if each(r); !r.Done.IsZero() {
			return r, nil
		}
	}
}
