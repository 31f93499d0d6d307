//go:build e2e

package kill

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// roomEnv is how many bytes a file may have in a process of a test: beyond them
// the disk is full.
const roomEnv = "SIDEM_TEST_ROOM"

// limitDisk obeys roomEnv. The runtime ignores SIGXFSZ, so that a write beyond the
// limit fails as one to a full disk does.
func limitDisk() {
	n, err := strconv.ParseUint(os.Getenv(roomEnv), 10, 64)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
	}
	if err != nil {
		panic(err)
	}
}

func TestAFullDiskStopsNobodyAndLosesNothing(t *testing.T) {
	m := newMorgue(t)
	m.w.Config.SlackBotToken, m.w.Config.SlackAppToken = "", ""
	if err := m.w.Visit(t.Context(), func(a *app.App) error {
		for range 30 {
			m.file(a)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(m.w.Config.Store.Reveal(), "sqlite:")
	size, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	// Room for the log of some commits, and for no more.
	v := m.start(roomEnv + "=" + strconv.FormatInt(min(size.Size(), 400_000), 10))
	select {
	case <-v.troubled:
	case <-v.ended:
		t.Fatalf("a full disk ended SIDEM: %v", v.err)
	case <-time.After(world.Patience):
		t.Fatal("the disk is not full: the test shows nothing")
	}
	v.kill()
	m.liveForReal(newLife("", 0)) // somebody has made room
	m.account()
}
