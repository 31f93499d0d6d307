package notifier

import (
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// The wait of an open breaker doubles from one to the other with each probe that fails.
const (
	breakerBase = time.Second
	breakerCap  = time.Minute
)

// unanswered is how many sends in a row may get no answer before a channel counts
// as down, and the last of them opens the breaker. One is chance: a kept connection
// that the platform gave up just then.
const unanswered = 2

// breaker keeps items away from a channel that is down as a whole, by its own word
// (ConfigError) or because nobody answers (UnansweredError, as often as that takes):
// closed lets all pass; open lets none until its time; then one probes at a time.
type breaker struct {
	lease   time.Duration // what a probe gets
	mu      sync.Mutex
	fails   int       // in a row; 0 is closed
	since   time.Time // when open: when it was first found so
	mute    int       // sends without an answer since the last that had one, while closed
	until   time.Time // when open: the time of the next probe, in business time
	probing bool
	change  ticket // counts changes: reports from before the last one are late
	cause   error
}

// ticket is what a send that was let pass reports with.
type ticket int

// refusal is what the others are told: how long to wait, and why.
type refusal struct {
	wait    time.Duration
	probing bool // a probe is under way: the channel may be back
	cause   error
}

// admit lets one pass, and makes it the probe if one is due.
func (b *breaker) admit(now time.Time) (ticket, refusal, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.ask(now)
	if ok && b.fails > 0 {
		// A probe that does not come back within its lease makes room for the next.
		b.until, b.probing = now.Add(b.lease), true
		b.change++
	}
	return b.change, r, ok
}

// look says what admit would, and changes nothing.
func (b *breaker) look(now time.Time) (refusal, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ask(now)
}

func (b *breaker) ask(now time.Time) (refusal, bool) {
	wait := b.until.Sub(now)
	if b.fails == 0 || wait <= 0 || wait > max(breakerCap, b.lease) { // a longer one is of a clock that went back
		return refusal{}, true
	}
	if b.probing {
		wait = breakerBase
	}
	return refusal{wait: wait, probing: b.probing, cause: b.cause}, false
}

// outage is when and why the channel was found down; zero when it was not.
func (b *breaker) outage() Outage {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails == 0 {
		return Outage{}
	}
	return Outage{b.since, b.cause}
}

// report tells how a send that was let pass has ended. It returns how long the
// channel is to be left alone, and whether this is what was found now: that it is
// down, with a wait, or back, with none.
func (b *breaker) report(t ticket, now time.Time, err error) (after time.Duration, found bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t != b.change {
		// Many sends fail at once when a channel goes down: one of them counts.
		return max(b.until.Sub(now), breakerBase), false
	}
	_, throttled := outbox.Wait(err)
	answered := err == nil || throttled || outbox.IsPermanent(err)
	mute := outbox.IsUnanswered(err)
	if answered {
		b.mute = 0
	} else if mute {
		b.mute++
	}
	switch {
	case outbox.IsConfig(err), mute && (b.probing || b.mute >= unanswered):
		if b.fails++; b.fails == 1 {
			b.since = now
		}
		wait := growing(breakerBase, breakerCap, b.fails-1)
		b.until, b.probing, b.mute, b.cause = now.Add(wait), false, 0, err
		b.change++
		return wait, true
	case !b.probing:
	case answered:
		b.fails, b.probing, b.cause = 0, false, nil
		b.change++
		return 0, true
	default:
		// Nothing was learnt: the next one probes.
		b.until, b.probing = now, false
	}
	return 0, false
}
