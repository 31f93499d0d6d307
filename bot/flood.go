package bot

import (
	"sync"
	"time"
)

// Pace is how fast one person may write and press: Burst inputs at once, then
// one Every.
type Pace struct {
	Burst int
	Every time.Duration
}

// DefaultPace is faster than anybody reads and types.
var DefaultPace = Pace{Burst: 20, Every: time.Second}

// verdict is what a bucket says of one more input.
type verdict int

const (
	pass verdict = iota
	warn         // too much, and the person has not been told yet
	drop         // too much, and told
)

// bucket is one person's: how much they may still do, as of an instant.
type bucket struct {
	left float64
	at   time.Time
	told bool
}

// take judges one more input at the instant now, which may lie before the last
// (clocks go back): nothing is given for that.
func (b bucket) take(p Pace, now time.Time) (bucket, verdict) {
	if b.at.IsZero() {
		b.left = float64(p.Burst)
	} else if passed := now.Sub(b.at); passed > 0 {
		b.left = min(float64(p.Burst), b.left+float64(passed)/float64(p.Every))
	}
	b.at = now
	switch {
	case b.left >= 1:
		b.left--
		b.told = false
		return b, pass
	case b.told:
		return b, drop
	default:
		b.told = true
		return b, warn
	}
}

// Flood keeps the buckets of all persons, in this process alone: it protects the
// process, and decides nothing. A nil Flood lets everything pass.
type Flood struct {
	pace      Pace
	rations   Rations
	mu        sync.Mutex
	people    map[string]bucket
	strangers map[string]stranger // by person
	shared    map[string]ration   // by platform
}

// NewFlood makes a Flood of a pace; strangers get the DefaultRations.
func NewFlood(p Pace) *Flood {
	return &Flood{
		pace: p, rations: DefaultRations,
		people: map[string]bucket{}, strangers: map[string]stranger{}, shared: map[string]ration{},
	}
}

// crowd is of how many persons buckets are kept before the full ones are let go.
const crowd = 10_000

func (f *Flood) take(who string, now time.Time) verdict {
	if f == nil {
		return pass
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.people) >= crowd {
		f.forget(now)
	}
	b, v := f.people[who].take(f.pace, now)
	f.people[who] = b
	return v
}

// forget lets go of the buckets that have filled up; of all, if none has: to begin
// anew costs nobody anything but patience.
func (f *Flood) forget(now time.Time) {
	full := time.Duration(f.pace.Burst) * f.pace.Every
	for who, b := range f.people {
		if now.Sub(b.at) >= full {
			delete(f.people, who)
		}
	}
	if len(f.people) >= crowd {
		clear(f.people)
	}
}
