// Package outbox holds the one row type for everything that must happen later: a card to draw, a mail, a reminder, a tick.
//
// It is pure: values and the rules by which they meet. A store keeps items (in
// the same commit as the decision that owes them), the notifier claims and
// settles them.
package outbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Merge says what happens when an item meets another with the same key.
type Merge string

const (
	// Once refuses a repeat: the new item is a duplicate of any item with its
	// key, live or settled. Mails, reminders and ticks use it.
	Once Merge = "once"
	// Latest replaces the payload of a live item and moves its version, so that
	// a flood of changes is one redraw of present state. Cards use it.
	Latest Merge = "latest"
	// Append joins the payload to that of a live item, one line each and none twice.
	// Alerts use it.
	Append Merge = "append"
)

// Lane orders items that are due at once: lower goes first.
type Lane int

const (
	// Press is for what a person who has just pressed is waiting to see.
	Press Lane = 0
	// Normal is for notices.
	Normal Lane = 1
	// Bulk is for digests, reminders and whatever may wait for the others.
	Bulk Lane = 2
)

// State is where an item stands. Live is the only one that is not final.
type State string

// The states of an item. created = live + sent + moot + dead + purged holds at all times,
// where the purged are those that were settled so long ago that their rows are gone.
const (
	Live State = "live" // owed
	Sent State = "sent" // the channel has it
	Moot State = "moot" // no longer needed when its time came
	Dead State = "dead" // given up, with an alert
)

// Item is one row of the outbox.
type Item struct {
	// ID is given by the store and names this row for ever.
	ID string `json:"id"`
	// Key identifies what is owed, e.g. "mail:<record>:<version>:<account>:<what>".
	Key   string `json:"key"`
	Merge Merge  `json:"merge"`
	Lane  Lane   `json:"lane"`
	// Due is the instant before which nobody claims the item. While it is
	// claimed, Due is the end of the lease.
	Due time.Time `json:"due"`
	// Expires, when set, is the instant after which the item is moot.
	Expires time.Time `json:"expires,omitzero"`
	// Account and Channel say to whom and by what ("telegram", "slack", "email",
	// "" for work that speaks to nobody).
	Account string `json:"account,omitempty"`
	Channel string `json:"channel,omitempty"`
	// Record is the record that it tells of, if any.
	Record string `json:"record,omitempty"`
	// What names the content; Data is what the renderer needs beyond the record (Payload).
	What string            `json:"what"`
	Data map[string]string `json:"data,omitempty"`
	// Version counts payloads: it moves when a live item is merged.
	Version int `json:"version"`
	// Epoch counts claims: it is the fencing token that a settlement must carry.
	Epoch int   `json:"epoch"`
	State State `json:"state"`
	// Tries counts attempts that burn patience; a deferral burns none.
	Tries int `json:"tries"`
	// Attempts is what came of each claim, oldest first, at most MaxAttempts.
	Attempts []Attempt `json:"attempts,omitempty"`
	// Leased is true between a claim and its settlement.
	Leased bool `json:"leased,omitempty"`
	// Late is how long it had been due when it was claimed; whoever claims it learns that, and
	// nothing else does.
	Late time.Duration `json:"-"`
}

// MaxAttempts bounds the attempts that an item remembers: the first, which tells
// its age, and the latest.
const MaxAttempts = 20

// Attempt is what came of one claim.
type Attempt struct {
	At      time.Time `json:"at"`
	Epoch   int       `json:"epoch"`
	Outcome Outcome   `json:"outcome"`
	Receipt string    `json:"receipt,omitempty"`
	Note    string    `json:"note,omitempty"`
	// Wait is what it was deferred for; read it by Waits, which knows what was stored
	// before there was one.
	Wait Deferral `json:"wait,omitzero"`
	// Uncertain marks one that may have delivered its message; read it by MayHaveArrived.
	Uncertain bool `json:"uncertain,omitempty"`
}

// Outcome is what a worker says of an item that it claimed.
type Outcome string

// The outcomes. Unknown is never said by a worker: the store writes it when a
// lease ends without settlement, so that a possible duplicate is on record.
const (
	WasSent   Outcome = "sent"
	WasMoot   Outcome = "moot"
	WillRetry Outcome = "retry" // burns an attempt
	Deferred  Outcome = "defer" // rate limit, quiet hours, breaker: burns none
	Buried    Outcome = "dead"
	Released  Outcome = "released" // claimed and not begun
	Unknown   Outcome = "unknown"
)

// Result settles one claimed item.
type Result struct {
	ID    string
	Epoch int
	// Version is that of the payload that was handled: if the item has moved on
	// meanwhile, a sent or moot one becomes due again.
	Version int
	Outcome Outcome
	// At is when to try again, for WillRetry and Deferred.
	At      time.Time
	Receipt string
	Note    string
	// Wait is what a Deferred waits for.
	Wait Deferral
	// Uncertain marks a retry whose attempt may have been delivered.
	Uncertain bool
	// Then are items put in the same step: the next channel of the chain, an alert.
	Then []Item
	// Holds keeps the claim until At and says nothing of an outcome: the work goes
	// on. It is refused once the lease has ended in another's claim.
	Holds bool
	// Moves marks a Deferred that changes an earlier one of the same claim: while
	// nobody has claimed the item since, it is due at At instead. It costs no claim.
	Moves bool
}

// Fresh is item it as a store adds it, whatever its caller wrote in it: live,
// unclaimed, at its first payload, due now if it has no Due; times in UTC, cut to
// milliseconds. It fails for an item without a key, or that merges in no known way.
func Fresh(it Item, now time.Time) (Item, error) {
	if it.Key == "" || !slices.Contains([]Merge{Once, Latest, Append}, it.Merge) {
		return Item{}, fmt.Errorf("item %q (%s) has no key, or merges in an unknown way (%q)", it.Key, it.What, it.Merge)
	}
	it.ID, it.State, it.Version = "", Live, 1
	it.Epoch, it.Tries, it.Attempts, it.Leased, it.Late = 0, 0, nil, false, 0
	if it.Due.IsZero() {
		it.Due = now
	}
	it.Due, it.Expires = cut(it.Due), cut(it.Expires)
	return it, nil
}

// cut is t as every store keeps it.
func cut(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Millisecond)
}

// notBefore is the first instant, as every store keeps it, that is not before t: what
// waits until t would be claimed too early otherwise, to be told to wait again.
func notBefore(t time.Time) time.Time {
	kept := cut(t)
	if kept.Before(t) {
		kept = kept.Add(time.Millisecond)
	}
	return kept
}

// Patience is how long a claim stands of what a person is waiting to see: of the lane
// Press, and of what such an item joined. A worker that is alive renews its claim more
// often than that; what one that died left behind is taken up by another, long before
// the lease of other items would have ended.
const Patience = 2 * time.Second

// LeaseOf is how long a claim of an item stands, or its renewal, where the lease of other
// items is lease.
func LeaseOf(it Item, lease time.Duration) time.Duration {
	if it.Lane <= Press {
		return min(lease, Patience)
	}
	return lease
}

// Join merges item next into live, which has the same key and is live. It
// returns the item to keep and whether anything changed.
func Join(live, next Item) (Item, bool) {
	switch live.Merge {
	case Latest:
		// What an earlier wish asked for ("post it anew") outlives a later redraw.
		live.Data, live.What, live.Version = over(live.Data, next.Data), next.What, live.Version+1
	case Append:
		joined := maps.Clone(next.Data)
		for k, v := range joined {
			if old, ok := live.Data[k]; ok {
				joined[k] = withLine(old, v)
			}
		}
		live.Data, live.Version = over(live.Data, joined), live.Version+1
	case Once:
		return live, false
	}
	live.Lane = min(live.Lane, next.Lane)
	if until := cut(next.Due.Add(Patience)); live.Leased && next.Lane == Press && until.Before(live.Due) {
		live.Due = until
	}
	if !live.Leased && next.Due.Before(live.Due) && live.Tries == 0 {
		live.Due = next.Due
	}
	if !live.Expires.IsZero() && (next.Expires.IsZero() || next.Expires.After(live.Expires)) {
		live.Expires = next.Expires
	}
	return live, true
}

// withLine is a text with one more line, unless it has it already.
func withLine(text, line string) string {
	for have := range strings.SplitSeq(text, "\n") {
		if have == line {
			return text
		}
	}
	return text + "\n" + line
}

// over is a with b laid over it.
func over(a, b map[string]string) map[string]string {
	if len(a) == 0 {
		return b
	}
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// Claimed is item it as taken by a worker until the end of its lease (LeaseOf). A lease
// that ended without settlement leaves an attempt of unknown outcome behind.
func Claimed(it Item, now time.Time, lease time.Duration) Item {
	if it.Leased {
		it = it.attempt(Attempt{At: now, Epoch: it.Epoch, Outcome: Unknown})
		it.Tries++
	}
	it.Epoch++
	it.Leased, it.Late = true, max(0, now.Sub(it.Due))
	it.Due = now.Add(LeaseOf(it, lease))
	return it
}

// Settled is item it after result r at the instant now. It reports false, and
// changes nothing, when r carries an old epoch: somebody else has the item.
func Settled(it Item, r Result, now time.Time) (Item, bool) {
	if r.Moves {
		return moved(it, r)
	}
	if r.Holds {
		return held(it, r)
	}
	if it.State != Live || !it.Leased || it.Epoch != r.Epoch {
		return it, false
	}
	it.Leased, it.Late = false, 0
	it = it.attempt(Attempt{At: now, Epoch: r.Epoch, Outcome: r.Outcome, Receipt: r.Receipt, Note: r.Note, Wait: r.Wait, Uncertain: r.Uncertain})
	switch r.Outcome {
	case WasSent, WasMoot:
		if it.Version != r.Version {
			it.Due, it.Tries = now, 0
			return it, true
		}
		it.State = Sent
		if r.Outcome == WasMoot {
			it.State = Moot
		}
	case WillRetry:
		it.Due = notBefore(r.At)
		it.Tries++
	case Deferred:
		it.Due = notBefore(r.At)
	case Released:
		it.Due = now
	case Buried:
		it.State = Dead
	case Unknown:
		it.Due = now
		it.Tries++
	}
	return it, true
}

// held is a claimed item whose lease ends at another time. Its version, attempts
// and tries stay.
func held(it Item, r Result) (Item, bool) {
	if it.State != Live || !it.Leased || it.Epoch != r.Epoch {
		return it, false
	}
	it.Due = r.At
	return it, true
}

// moved is a deferred item that nobody has claimed since, deferred to another time.
func moved(it Item, r Result) (Item, bool) {
	last := len(it.Attempts) - 1
	if it.State != Live || it.Leased || it.Epoch != r.Epoch || last < 0 || it.Attempts[last].Outcome != Deferred {
		return it, false
	}
	it.Attempts = slices.Clone(it.Attempts)
	it.Attempts[last].Note, it.Attempts[last].Wait = r.Note, r.Wait
	it.Due = r.At
	return it, true
}

func (it Item) attempt(a Attempt) Item {
	it.Attempts = append(slices.Clone(it.Attempts), a)
	if over := len(it.Attempts) - MaxAttempts; over > 0 {
		it.Attempts = slices.Delete(it.Attempts, 1, 1+over)
	}
	return it
}

// Replayed is a dead item, owed again from now on.
func Replayed(it Item, now time.Time) (Item, bool) {
	if it.State != Dead {
		return it, false
	}
	it.State, it.Due, it.Tries, it.Leased = Live, now, 0, false
	return it, true
}

// Rewritten is item it with the Data, the receipts and the notes that clean gives it;
// false for one that somebody holds, who has read them.
func Rewritten(it Item, clean func(Item) Item) (Item, bool) {
	if it.Leased {
		return it, false
	}
	c := clean(it)
	it.Data, it.Attempts = c.Data, c.Attempts
	return it, true
}

// Stats counts items by state. Due are the live ones whose time has come and
// that nobody holds; Leased those that a worker holds; Oldest is the earliest
// due of all live ones that nobody holds (zero: none). Purged are those whose rows
// are gone, whatever their state was.
type Stats struct {
	Created, Live, Sent, Moot, Dead, Purged int
	Due, Leased                             int
	Oldest                                  time.Time
}

// Missing is how many items the states do not account for: 0, or something has
// been lost or counted twice.
func (s Stats) Missing() int { return s.Created - s.Live - s.Sent - s.Moot - s.Dead - s.Purged }

// IsSettled reports whether the last attempt led an item to its state, in the claim that it is
// of; a live item may have any, or none.
func (it Item) IsSettled() bool {
	if it.State == Live {
		return true
	}
	last := len(it.Attempts) - 1
	return last >= 0 && it.Attempts[last].Epoch == it.Epoch && it.Attempts[last].Outcome == endings[it.State]
}

// endings are the outcomes that lead to a state.
var endings = map[State]Outcome{Sent: WasSent, Moot: WasMoot, Dead: Buried}

// Ended is when an item was settled for good; false while it is live.
func (it Item) Ended() (time.Time, bool) {
	if it.State == Live || len(it.Attempts) == 0 {
		return time.Time{}, false
	}
	return it.Attempts[len(it.Attempts)-1].At, true
}

// Sight is how long a hub sleeps at most: of what is due later it need not be told.
const Sight = time.Second

// IsInSight reports whether a hub that sleeps at now is to be told of the item.
func (it Item) IsInSight(now time.Time) bool { return it.Due.Sub(now) <= Sight }
