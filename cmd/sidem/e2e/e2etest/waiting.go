package e2etest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
)

// Written is a file that holds a text.
func Written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Await waits until f holds, of what tells nobody when it changes.
func Await(t *testing.T, what string, f func() bool) {
	t.Helper()
	testbed.Await(t, world.Patience, what, f)
}

// Rest waits until SIDEM owes nothing that is due soon. (A relay that refused a
// recipient is never idle: the mail stays half way until the next.)
func Rest(t *testing.T, w *world.World) {
	t.Helper()
	began := testbed.Start()
	for {
		idle, err := w.Service.Idle(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if idle {
			return
		}
		if began.Elapsed() > world.Patience {
			items, err := w.App().Store.Items(t.Context(), outbox.Live, "", 20)
			t.Fatalf("it does not come to rest: %+v, %v", items, err)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// FreePort is an address on loopback at which nobody listens.
func FreePort(t *testing.T) string {
	t.Helper()
	addr, err := testbed.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// At moves business time, and waits until what comes of it is over.
func At(t *testing.T, w *world.World, instant string) {
	t.Helper()
	if err := w.Clock(instant); err != nil {
		t.Fatal(err)
	}
	Rest(t, w)
}

// Ticked are the days on which a tick was done, in order.
func Ticked(t *testing.T, w *world.World, name string) (days []string) {
	t.Helper()
	err := app.Each(t.Context(), w.App().Store, outbox.Sent, func(it outbox.Item) error {
		if day, ok := strings.CutPrefix(it.Key, "tick:"+name+":"); ok {
			days = append(days, day)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return days
}
