package app

import (
	"context"
	"errors"

	"sidem.gob.mx/sidem/core/desk"
)

// WarnOfRestore tells in the log that days are missing, until somebody has confirmed it.
func (a *App) WarnOfRestore(ctx context.Context) {
	r, err := desk.LastRestored(ctx, a.Store, a.Clock.Now())
	if errors.Is(err, desk.ErrNotFound) || err == nil && !r.Confirmed.IsZero() {
		return
	}
	if err != nil { // the hub tells of a store in trouble
		a.log.Warn("whether days are missing is not known", "err", err)
		return
	}
	from, to := r.Days()
	a.log.Error("the store was restored from a backup, and days are missing", "from", from, "to", to, "events", r.Missing(),
		"do", "look for a newer backup; or have the people concerned file again what was lost, and then: sidem restore --confirm")
}
