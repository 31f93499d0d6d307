// Package storagetest holds what every backend must do: one suite, and the plain model in memory that passes it.
//
// Where an interface leaves room, the suite settles it for all backends alike:
//
//   - times come back in UTC, cut to milliseconds;
//   - an item is new when it is added, whatever its caller wrote in it: live,
//     Version 1, unclaimed, without attempts; without a Due it is due now;
//   - ids of items grow in the order of creation;
//   - a lease that has ended leaves an item due: Stats counts it so;
//   - a dead item whose key is live anew is not replayed, since a key has one
//     live item; of several dead with one key the newest is;
//   - a session has expired when now reaches its expires, and begins again at
//     revision 1.
package storagetest

import (
	"testing"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// Store is all that a backend does.
type Store interface {
	desk.Ledger
	desk.Books
	desk.Sessions
	notifier.Outbox
	desk.Eraser
	maintenance.History
	maintenance.Vault
}

// Durable is a Store that can be closed, and opened again where it was.
type Durable interface {
	Store
	Close() error
}

// test is one behaviour: a sentence, and what shows it on an empty store.
type test struct {
	name string
	run  func(t *testing.T, s Store)
}

// Run holds a backend to the suite. open gives an empty store each time, and
// sees to its end by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	for _, part := range []struct {
		name  string
		tests []test
	}{
		{"commit", commitTests},
		{"lists", listTests},
		{"gathering", gatherTests},
		{"series", seriesTests},
		{"races", raceTests},
		{"presses", pressTests},
		{"refused", refusedTests},
		{"merge", mergeTests},
		{"claim", claimTests},
		{"settle", settleTests},
		{"stats", statsTests},
		{"retention", retentionTests},
		{"vault", vaultTests},
		{"sessions", sessionTests},
		{"books", bookTests},
		{"erasure", erasureTests},
	} {
		t.Run(part.name, func(t *testing.T) {
			for _, tt := range part.tests {
				t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
			}
		})
	}
	t.Run("authority", func(t *testing.T) {
		for _, c := range authorityTests {
			t.Run(c.name, func(t *testing.T) { c.runIn(t, open) })
		}
	})
	t.Run("any sequence of operations gives what the model gives", func(t *testing.T) {
		againstModel(t, open)
	})
}

// RunDurable holds a backend to what must outlive it. place is a folder that
// is the store's own; opening it again finds what was there.
func RunDurable(t *testing.T, open func(t *testing.T, place string) Durable) {
	t.Helper()
	for _, tt := range durableTests {
		t.Run(tt.name, func(t *testing.T) {
			place := t.TempDir()
			s := open(t, place)
			check := tt.before(t, s)
			if err := s.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
			s = open(t, place)
			check(t, s)
			if err := s.Close(); err != nil {
				t.Fatalf("Close: %v", err)
			}
		})
	}
}
