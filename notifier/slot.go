package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

const (
	// lapse is how long after its time a reserved turn still stands. Later the
	// others of the same scope may have caught up with it.
	lapse = 5 * time.Second
	// nap is the longest wait for a turn that an item spends claimed: a shorter one
	// than a deferral is worth.
	nap = 2 * time.Second
	// maxAhead is how far ahead a turn may be; farther, the clock went back since.
	maxAhead = 48 * time.Hour
)

// slots has items wait for their turns: in the line of their recipient, at the
// recipient, and at the channel as a whole.
//
// What nobody is waiting for (any lane but Press) reserves its turn in a line of
// its own, which moves a tenth slower than the recipient's rate: so the recipient
// itself is never reserved far ahead, and a card that somebody has just asked for
// goes before all that stand in line, whichever hub put them there. Likewise the
// channel is reserved only when the recipient lets pass, since a turn far ahead
// would hold up everybody else.
//
// A turn that was reserved at an earlier claim is not reserved again, so that a
// message to a slow recipient costs two claims, however many are before it.
type slots struct {
	*Config
	flights *flights
	turns   *turns
}

// gates are those at which an item has a turn, in order.
var gates = []outbox.WaitFor{outbox.ForLine, outbox.ForRecipient, outbox.ForChannel}

// take is nil when the item may go now.
func (s *slots) take(ctx context.Context, f *flight) *outbox.Result {
	held, at := s.held(f.item)
	if wait := at.Sub(s.Now()); held != "" && wait > 0 {
		// A merge made it due before its turn (outbox.Join): the turn stands.
		return new(inTurn(held, at))
	}
	return s.through(ctx, f, held)
}

// recheck is nil unless a gate was shut since the item had its turns.
func (s *slots) recheck(ctx context.Context, f *flight) *outbox.Result {
	return s.through(ctx, f, gates[len(gates)-1])
}

// through has an item through all gates. Up to the one that is held it has its
// turns, and they are asked only whether they were shut since; as are all of them
// once it had to wait.
func (s *slots) through(ctx context.Context, f *flight, held outbox.WaitFor) *outbox.Result {
	for slept := true; slept; {
		slept = false
		for _, gate := range gates {
			dozed, result := s.pass(ctx, f, gate, held != "")
			if result != nil {
				return result
			}
			slept = slept || dozed
			if gate == held {
				held = ""
			}
		}
		held = gates[len(gates)-1]
	}
	return nil
}

// pass has an item through the rates of one gate, or defers it to its turn.
func (s *slots) pass(ctx context.Context, f *flight, gate outbox.WaitFor, held bool) (dozed bool, _ *outbox.Result) {
	it, now := f.item, s.Now()
	rates := s.Limits[it.Channel].rates(gate, it)
	if len(rates) == 0 {
		return false, nil
	}
	if held {
		at, err := s.Throttle.Admit(ctx, now, onlyShut(rates)...)
		if err != nil {
			return false, new(s.noThrottle(ctx, it, err))
		}
		if !at.After(now) {
			return false, nil
		}
		// It was shut since: the turn is lost.
	}
	at, err := s.Throttle.Admit(ctx, now, rates...)
	if err != nil {
		return false, new(s.noThrottle(ctx, it, err))
	}
	wait := at.Sub(now)
	if wait <= 0 {
		return false, nil
	}
	s.Meter.Waits(it.Channel, wait)
	if wait <= nap && gate != outbox.ForLine {
		if !s.flights.doze(ctx, f, wait, nil) {
			return true, new(outbox.Result{Outcome: outbox.Released})
		}
		return true, nil
	}
	s.log(ctx, slog.LevelDebug, "waits for its turn", it, nil, slog.Duration("wait", wait))
	return false, new(inTurn(gate, at))
}

func (s *slots) noThrottle(ctx context.Context, it outbox.Item, err error) outbox.Result {
	s.log(ctx, slog.LevelError, "throttle does not answer", it, err)
	return s.later(s.Now(), storeTrouble, outbox.ForThrottle, note(err))
}

// held is the gate at which the item's last claim reserved a turn, and for when;
// "" for none, or one that has lapsed, or is of a clock that went back.
func (s *slots) held(it outbox.Item) (gate outbox.WaitFor, at time.Time) {
	if len(it.Attempts) == 0 {
		return "", time.Time{}
	}
	w := it.Attempts[len(it.Attempts)-1].Waits()
	if late := s.Now().Sub(w.Until); w.IsTurn() && late < lapse && late > -maxAhead {
		return w.For, w.Until
	}
	return "", time.Time{}
}

// inTurn defers an item to a turn that was reserved.
func inTurn(gate outbox.WaitFor, at time.Time) outbox.Result {
	return outbox.Result{Outcome: outbox.Deferred, At: at, Wait: outbox.Deferral{For: gate, Until: at.UTC()}}
}

// shut closes the scope of an item that the platform asked to wait until an
// instant, and gives the item a turn behind it. What had its turn in that time,
// and this hub remembers, moves with it and is not claimed for that.
//
// Telegram does not say whom a 429 means, and Slack not always. It is the
// recipient's until another recipient is refused while it lasts: then all are
// meant. Where recipients have no rates it is nobody's.
func (s *slots) shut(ctx context.Context, it outbox.Item, until time.Time, cause error) outbox.Result {
	result := outbox.Result{Outcome: outbox.Deferred, At: until, Note: note(cause), Wait: outbox.Deferral{For: outbox.ForPlatform}}
	l := s.Limits[it.Channel]
	wide := s.turns.allRefused(it, until) || outbox.IsWide(cause)
	closed := []outbox.WaitFor{outbox.ForLine, outbox.ForRecipient}
	if wide || len(l.To) == 0 {
		closed = []outbox.WaitFor{outbox.ForChannel}
	}
	var last outbox.WaitFor
	for _, gate := range closed {
		rates := l.rates(gate, it)
		if len(rates) == 0 {
			continue
		}
		last = gate
		for _, rate := range rates {
			if err := s.Throttle.Shut(ctx, rate.Scope, until); err != nil {
				s.log(ctx, slog.LevelError, "throttle does not answer", it, fmt.Errorf("shut %s: %w", rate.Scope, err))
				return result
			}
		}
	}
	if last == "" {
		return result
	}
	at, err := s.Throttle.Admit(ctx, s.Now(), l.rates(last, it)...)
	if err != nil {
		s.log(ctx, slog.LevelError, "throttle does not answer", it, err)
		return result
	}
	result.At, result.Wait = at, outbox.Deferral{For: last, Until: at.UTC()}
	for _, rate := range l.rates(last, it) { // a platform that has just refused takes no burst
		for range rate.Burst - 1 {
			_, _ = s.Throttle.Admit(ctx, s.Now(), rate) // at worst the burst is refused
		}
	}
	for _, gate := range closed {
		s.turns.move(ctx, it, gate, until)
	}
	return result
}

// rates are those of a gate for an item, with their whole scopes.
func (l Limits) rates(gate outbox.WaitFor, it outbox.Item) []outbox.Rate {
	switch {
	case gate == outbox.ForChannel:
		return scoped(l.All, it.Channel+":", "")
	case gate == outbox.ForRecipient:
		return scoped(l.To, it.Channel+":", ":"+it.Account)
	case it.Lane <= outbox.Press:
		return nil
	}
	out := scoped(l.To, it.Channel+":", ":"+it.Account+":line")
	for i := range out {
		out[i].Every += out[i].Every / 10
	}
	return out
}

func scoped(rates []outbox.Rate, before, behind string) []outbox.Rate {
	out := make([]outbox.Rate, len(rates))
	for i, rate := range rates {
		rate.Scope = before + rate.Scope + behind
		out[i] = rate
	}
	return out
}

func onlyShut(rates []outbox.Rate) []outbox.Rate {
	out := make([]outbox.Rate, len(rates))
	for i, rate := range rates {
		out[i] = outbox.Rate{Scope: rate.Scope}
	}
	return out
}
