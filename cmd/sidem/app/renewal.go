package app

import (
	"bytes"
	"context"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// recheck is how often a server looks whether a calendar was imported, or the keys were
// rotated, elsewhere.
const recheck = 30 * time.Second

// changes returns true once the imported years, or the keys, are others than those
// that were there at the opening; false when ctx ends first.
func (a *App) changes(ctx context.Context) bool {
	tick := time.NewTicker(recheck)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		case <-a.look:
		}
		years, err := office.ImportedYears(ctx, a.Store, a.Clock.Now())
		if err == nil && years != a.calendars { // a store in trouble is told of elsewhere
			return true
		}
		body, _, err := a.Store.Get(ctx, keysName, a.Clock.Now())
		if err == nil && !bytes.Equal(body, a.ringBody) {
			return true
		}
	}
}
