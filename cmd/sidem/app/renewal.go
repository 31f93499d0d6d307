package app

import (
	"context"
	"time"

	"sidem/cmd/sidem/office"
)

// recheck is how often a server looks whether a calendar was imported elsewhere.
const recheck = 30 * time.Second

// calendarChanges returns true once the imported years are others than those
// that were there at the opening; false when ctx ends first.
func (a *App) calendarChanges(ctx context.Context) bool {
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
	}
}
