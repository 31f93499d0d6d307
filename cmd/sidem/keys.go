package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

// keysCmd looks after the keys that SIDEM keeps in its store.
type keysCmd struct {
	Rotate keysRotateCmd `cmd:"" help:"Seal buttons, and make passwords and codes, with another key: what was made before is good for a day."`
}

type keysRotateCmd struct {
	AtOnce bool `help:"What was made before is good no more, from now on: after a theft."`
}

// Run rotates, and says until when what was made before is good.
func (c keysRotateCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	done, err := ops.RotateKeys(ctx, cfg, log, app.Rotate{AtOnce: c.AtOnce})
	if err != nil {
		return err
	}
	if c.AtOnce {
		_, err = fmt.Fprintln(out, "Buttons, passwords and codes of before are good no more. Cards are drawn anew; renew the passwords of accounts that are not linked yet.")
		return err
	}
	_, err = fmt.Fprintf(out, "The new key seals from %s on; what was made before is good until %s. Cards are drawn anew by then.\nInitial passwords that are not used by then have to be renewed.\n",
		done.From.Format(time.RFC3339), done.Until.Format(time.RFC3339))
	return err
}
