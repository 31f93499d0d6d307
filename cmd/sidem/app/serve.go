package app

import (
	"context"
	"errors"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// Serve runs SIDEM until ctx ends. A calendar that was imported meanwhile has it
// start anew, since dates are reckoned everywhere; so have keys that were rotated.
func Serve(ctx context.Context, cfg office.Config, p Options) error {
	if err := Check(&cfg, true); err != nil {
		return err
	}
	for {
		a, err := Open(ctx, cfg, p)
		if err != nil {
			return err
		}
		a.WarnOfCalendar()
		a.WarnOfRestore(ctx)
		if err := errors.Join(a.Run(ctx), a.Close()); err != nil || !a.Renewed() {
			return err
		}
		p.Log.Info("the calendar or the keys have changed: starting anew with them")
	}
}
