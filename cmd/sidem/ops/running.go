package ops

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/storage"
)

// ask has the SIDEM that runs on cfg's store carry out a deed; locked is what the store said.
func ask[Q, A any](ctx context.Context, cfg *office.Config, log *slog.Logger, d app.Deed[Q, A], what Q, locked error) (done A, err error) {
	if cfg.AdminAddr == "off" {
		return done, fmt.Errorf("%w, and it has no admin listener to ask: stop it first", locked)
	}
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return done, err
	}
	s, err := openStore(ctx, cfg, log, true)
	if err != nil {
		return done, err
	}
	done, err = d.Ask(ctx, cfg.AdminAddr, s, c.Now(), what)
	return done, errors.Join(err, s.Close())
}

// openOrAsk opens cfg's store for a change. Where a running SIDEM has its file, locked says
// so, and that is to be asked.
func openOrAsk(ctx context.Context, cfg *office.Config, log *slog.Logger) (s storage.Store, locked, err error) {
	s, err = openStore(ctx, cfg, log, false)
	if errors.Is(err, storage.ErrLocked) {
		return nil, err, nil
	}
	return s, nil, err
}
