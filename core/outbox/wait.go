package outbox

import (
	"strings"
	"time"
)

// Deferral is what a deferred item waits for. The zero Deferral says nothing.
type Deferral struct {
	For WaitFor `json:"for,omitempty"`
	// Until is when the item has its turn, where it has reserved one.
	Until time.Time `json:"until,omitzero"`
}

// WaitFor names what an item waits for. Names are kept for ever.
type WaitFor string

// What an item may wait for.
const (
	ForLine      WaitFor = "line"      // its turn among all that nobody is waiting for, to its recipient
	ForRecipient WaitFor = "recipient" // its turn at the recipient
	ForChannel   WaitFor = "channel"   // its turn at the channel as a whole
	ForOutage    WaitFor = "outage"    // the channel's being up again
	ForDoubt     WaitFor = "doubt"     // what others are told: it was refused, and it is not clear on whose account
	ForAnswer    WaitFor = "answer"    // the recipient's answer to the item before
	ForPlatform  WaitFor = "platform"  // the time that the platform asked for, where no rate is kept
	ForHour      WaitFor = "hour"      // its time, by our own rules: quiet hours, a date that moved
	ForThrottle  WaitFor = "throttle"  // the keeper of the rates, which does not answer
	ForFallback  WaitFor = "fallback"  // what is to be put in its place
)

// IsTurn reports whether it is a turn that was reserved.
func (w Deferral) IsTurn() bool {
	return (w.For == ForLine || w.For == ForRecipient || w.For == ForChannel) && !w.Until.IsZero()
}

// IsTrouble reports whether something stands against the item: it grows old by such
// waits, and by no other.
func (w Deferral) IsTrouble() bool { return w.For == ForOutage || w.For == ForDoubt }

// Waits is what the item was deferred for by the attempt.
func (a Attempt) Waits() Deferral {
	switch {
	case a.Outcome != Deferred:
		return Deferral{}
	case a.Wait != (Deferral{}):
		return a.Wait
	}
	return waitInNote(a.Note)
}

// MayHaveArrived reports whether nobody knows if the attempt delivered its message.
func (a Attempt) MayHaveArrived() bool {
	return a.Outcome == Unknown || a.Uncertain || strings.HasPrefix(a.Note, uncertainNote)
}

// Attempts were once kept with their wait, and with their doubt, in front of the note
// alone; what was stored then is read here.
const uncertainNote = "uncertain: "

var waitNotes = []struct {
	prefix string
	wait   WaitFor
}{
	{"turn in line: ", ForLine},
	{"turn at the recipient: ", ForRecipient},
	{"turn at the channel: ", ForChannel},
	{"channel down: ", ForOutage},
	{"refused, and it is not clear on whose account: ", ForDoubt},
}

func waitInNote(note string) Deferral {
	for _, n := range waitNotes {
		text, ok := strings.CutPrefix(note, n.prefix)
		if !ok {
			continue
		}
		w := Deferral{For: n.wait}
		if w.IsTrouble() {
			return w
		}
		text, _, _ = strings.Cut(text, " ")
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return Deferral{}
		}
		w.Until = at
		return w
	}
	return Deferral{}
}
