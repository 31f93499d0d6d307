package notifier

import (
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// Meter is told what a hub does. Its methods return at once and are called
// concurrently.
type Meter interface {
	// Ended tells of an attempt and how it is going to be settled; took is how long it
	// lasted, and since how long before its end the item was due.
	Ended(it outbox.Item, r outbox.Result, took, since time.Duration)
	// Settled tells of an item that the store has as sent, moot or dead.
	Settled(channel string, o outbox.Outcome)
	// Waits tells of an item that was deferred to its turn.
	Waits(channel string, wait time.Duration)
}

// silent is the Meter of those who have none.
type silent struct{}

func (silent) Ended(outbox.Item, outbox.Result, time.Duration, time.Duration) {}
func (silent) Settled(string, outbox.Outcome)                                 {}
func (silent) Waits(string, time.Duration)                                    {}
