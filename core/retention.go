package core

import "time"

// Retention is how long what is over is kept beside the trail, in days; the zero value is
// the rule of the guide's office.
type Retention struct {
	// NoticeDays is how long a settled item stays in the outbox, PressDays how long the
	// name of a press is known, PlaceDays how long it is known where the cards and notes
	// of a closed request are.
	NoticeDays, PressDays, PlaceDays int
	// ArchiveDays is how long a closed request stays before it leaves for an archive; 0: for ever.
	ArchiveDays int
}

// The rule of the guide's office, and the shortest that is safe. A press is kept longer
// than any platform brings an update again (Telegram: 24 hours) and than a form waits to
// be sent; what it owed is kept as long, so that a repeat owes nothing twice; a closed
// request is corrected on the screens for some days, and is asked for by its number for some
// months; none is archived unless the office says so.
var (
	DefaultRetention  = Retention{NoticeDays: 90, PressDays: RepeatDays, PlaceDays: 90}
	ShortestRetention = Retention{NoticeDays: RepeatDays, PressDays: RepeatDays, PlaceDays: 14, ArchiveDays: 180}
)

// RepeatDays is how long a press may come again.
const RepeatDays = 35

// Notices is how long a settled item stays.
func (r Retention) Notices() time.Duration {
	return atLeast(r.NoticeDays, DefaultRetention.NoticeDays, ShortestRetention.NoticeDays)
}

// Presses is how long the name of a press is known.
func (r Retention) Presses() time.Duration {
	return atLeast(r.PressDays, DefaultRetention.PressDays, ShortestRetention.PressDays)
}

// Places is how long the places of a closed request are known.
func (r Retention) Places() time.Duration {
	return atLeast(r.PlaceDays, DefaultRetention.PlaceDays, ShortestRetention.PlaceDays)
}

// Archive is how many days a closed request stays; 0: for ever. It stays longer than whatever
// tells of it.
func (r Retention) Archive() int {
	if r.ArchiveDays == 0 {
		return 0
	}
	const day = 24 * time.Hour
	return max(r.ArchiveDays, ShortestRetention.ArchiveDays, int(max(r.Notices(), r.Places(), r.Presses())/day)+1)
}

func atLeast(days, usual, shortest int) time.Duration {
	if days == 0 {
		days = usual
	}
	return time.Duration(max(days, shortest)) * 24 * time.Hour
}
