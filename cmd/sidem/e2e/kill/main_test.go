//go:build e2e

package kill

import (
	"os"
	"strconv"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// TestMain also is the program that is killed: at a change of its store, at a point
// of a delivery, or on a disk without room.
func TestMain(m *testing.M) {
	e2etest.Main(m, func() func(app.Store) app.Store {
		if os.Getenv(roomEnv) != "" {
			limitDisk()
		}
		if n, err := strconv.Atoi(os.Getenv(e2etest.DieEnv)); err == nil && n != 0 {
			return func(s app.Store) app.Store { return &mortal{Store: s, at: int64(n)} }
		}
		return doom()
	})
}
