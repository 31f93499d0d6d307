package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage"
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
	part := func(ctx context.Context, anew bool) (r desk.Reindexing, err error) {
		body, err := json.Marshal(app.Reindex{Anew: anew})
		if err != nil {
			return r, err
		}
		return r, remote{"http://" + cfg.AdminAddr}.call(ctx, http.MethodPost, "/reindex", body, &r)
	}
	s, err := openStore(ctx, cfg, log, false)
	switch {
	case errors.Is(err, storage.ErrLocked) && cfg.AdminAddr == "off":
		return r, fmt.Errorf("%w, and it has no admin listener to ask: stop it first", err)
	case errors.Is(err, storage.ErrLocked):
	case err != nil:
		return r, err
	default:
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
