// Package flood bounds how fast persons may write and press, so that nobody keeps the others waiting.
//
// It lives in one process and decides nothing: what it lets go of is answered by a
// short sentence or not at all.
package flood

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

// Verdict is what is said of one more input.
type Verdict int

// The verdicts.
const (
	Pass Verdict = iota
	Warn         // too much, and the person has not been told yet
	Drop         // too much, and told
)

// bucket is one person's: how much they may still do, as of an instant.
type bucket struct {
	left float64
	at   time.Time
	told bool
}

// spend judges one more input at the instant now, which may lie before the last
// (clocks go back): nothing is given for that.
func (b bucket) spend(p Pace, now time.Time) (bucket, Verdict) {
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
		return b, Pass
	case b.told:
		return b, Drop
	default:
		b.told = true
		return b, Warn
	}
}

// Limiter keeps the buckets of all persons. A nil one lets everything pass.
type Limiter struct {
	pace      Pace
	rations   Rations
	mu        sync.Mutex
	people    map[string]bucket
	strangers map[string]stranger // by person
	shared    map[string]ration   // by platform
}

// New makes a Limiter of a pace; strangers get the DefaultRations.
func New(p Pace) *Limiter {
	return &Limiter{
		pace: p, rations: DefaultRations,
		people: map[string]bucket{}, strangers: map[string]stranger{}, shared: map[string]ration{},
	}
}

// crowd is of how many persons buckets are kept before the full ones are let go.
const crowd = 10_000

// Judge counts one more input of a person.
func (l *Limiter) Judge(who string, now time.Time) Verdict {
	if l == nil {
		return Pass
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.people) >= crowd {
		l.forget(now)
	}
	b, v := l.people[who].spend(l.pace, now)
	l.people[who] = b
	return v
}

// forget lets go of the buckets that have filled up; of all, if none has: to begin
// anew costs nobody anything but patience.
func (l *Limiter) forget(now time.Time) {
	full := time.Duration(l.pace.Burst) * l.pace.Every
	for who, b := range l.people {
		if now.Sub(b.at) >= full {
			delete(l.people, who)
		}
	}
	if len(l.people) >= crowd {
		clear(l.people)
	}
}
