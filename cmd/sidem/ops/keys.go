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
	"sidem.gob.mx/sidem/storage"
)

// RotateKeys gives the store another sealing key, by the hand of the SIDEM that has it
// open if there is one.
func RotateKeys(ctx context.Context, cfg *office.Config, log *slog.Logger, ask app.Rotate) (done app.Rotation, err error) {
	if err := mustExist(cfg); err != nil {
		return done, err
	}
	s, err := openStore(ctx, cfg, log, false)
	if errors.Is(err, storage.ErrLocked) {
		if cfg.AdminAddr == "off" {
			return done, fmt.Errorf("%w, and it has no admin listener to ask: stop it first", err)
		}
		body, err := json.Marshal(ask)
		if err != nil {
			return done, err
		}
		err = remote{"http://" + cfg.AdminAddr}.call(ctx, http.MethodPost, "/keys", body, &done)
		return done, err
	}
	if err != nil {
		return done, err
	}
	c, err := app.ClockOf(cfg, log)
	if err == nil {
		done, err = app.RotateKeys(ctx, s, c.Now(), ask.AtOnce)
	}
	return done, errors.Join(err, s.Close())
}
