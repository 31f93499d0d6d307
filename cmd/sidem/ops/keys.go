package ops

import (
	"context"
	"errors"
	"log/slog"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// RotateKeys gives the store another sealing key, by the hand of the SIDEM that has it
// open if there is one.
func RotateKeys(ctx context.Context, cfg *office.Config, log *slog.Logger, how app.Rotate) (done app.Rotation, err error) {
	if err := mustExist(cfg); err != nil {
		return done, err
	}
	s, locked, err := openOrAsk(ctx, cfg, log)
	if locked != nil {
		return ask(ctx, cfg, log, app.DoRotate, how, locked)
	}
	if err != nil {
		return done, err
	}
	c, err := app.ClockOf(cfg, log)
	if err == nil {
		done, err = app.RotateKeys(ctx, s, c.Now(), how.AtOnce)
	}
	return done, errors.Join(err, s.Close())
}
