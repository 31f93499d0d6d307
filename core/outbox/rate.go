package outbox

import "time"

// Rate is a platform's patience with one scope (a chat, a bot, a relay): Burst
// sends at once, and then one every Every. A Rate without Every has no limit of
// its own: it only asks whether the scope is shut.
type Rate struct {
	Scope string
	Every time.Duration
	Burst int // less than one counts as one
}

// Gate is what is kept of a scope. The zero Gate is open, with its burst whole.
// By the generic cell rate algorithm one instant says everything of the past.
type Gate struct {
	// Whole is when the burst will be whole again: each send moves it by Every.
	Whole time.Time
	// Shut is the instant until which nobody sends: a 429 named it.
	Shut time.Time
}

// ahead is the farthest that a gate can be reserved or shut. One that is farther
// is of a clock that went back, and counts as open.
const ahead = 48 * time.Hour

// From is the first instant, at or after now, at which one more may go.
func (r Rate) From(g Gate, now time.Time) time.Time {
	from := now
	if g.Shut.After(from) && g.Shut.Sub(now) <= ahead {
		from = g.Shut
	}
	if r.Every <= 0 || g.Whole.Sub(now) > ahead {
		return from
	}
	if next := g.Whole.Add(-time.Duration(max(r.Burst, 1)-1) * r.Every); next.After(from) {
		from = next
	}
	return from
}

// Take is g after one send at the instant at, which may lie ahead: a reservation.
func (r Rate) Take(g Gate, at time.Time) Gate {
	if r.Every <= 0 {
		return g
	}
	if g.Whole.Before(at) || g.Whole.Sub(at) > ahead {
		g.Whole = at
	}
	g.Whole = g.Whole.Add(r.Every)
	return g
}

// Reserve takes one send in all rates at once, each with the gate of its scope,
// and returns the instant from which it may go and the gates as they are then.
// Whoever reserves far ahead in a narrow scope takes that instant in a wide one
// too: reserve the wide one when the time has come.
func Reserve(now time.Time, rates []Rate, gates []Gate) (at time.Time, after []Gate) {
	at = now
	for i, r := range rates {
		if from := r.From(gates[i], now); from.After(at) {
			at = from
		}
	}
	after = make([]Gate, len(gates))
	for i, r := range rates {
		after[i] = r.Take(gates[i], at)
	}
	return at, after
}
