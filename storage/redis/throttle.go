package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
)

var _ notifier.Throttle = (*Store)(nil)

// throttle keeps what this process last saw of each gate: mostly nobody else has
// been there since, and one round trip is enough. Its own callers go one after
// the other, so that only replicas can be in each other's way.
type throttle struct {
	turn chan struct{}     // holds one
	seen map[string]string // by scope, as the row is
}

// Admit reserves one send in all rates at once (outbox.Reserve), for all replicas.
func (s *Store) Admit(ctx context.Context, now time.Time, rates ...outbox.Rate) (at time.Time, err error) {
	scopes := make([]string, len(rates))
	for i, r := range rates {
		scopes[i] = r.Scope
	}
	err = s.gates(ctx, scopes, func(gates []outbox.Gate) []outbox.Gate {
		at, gates = outbox.Reserve(now, rates, gates)
		return gates
	})
	if err != nil {
		return time.Time{}, wrap(err, "throttle %s", strings.Join(scopes, "+"))
	}
	return at, nil
}

// Shut closes a scope until an instant, unless it is shut for longer already.
func (s *Store) Shut(ctx context.Context, scope string, until time.Time) error {
	err := s.gates(ctx, []string{scope}, func(gates []outbox.Gate) []outbox.Gate {
		g := gates[0]
		if until.After(g.Shut) {
			g.Shut = until
		}
		return []outbox.Gate{g}
	})
	return wrap(err, "shut %s", scope)
}

// gates changes the gates of scopes, until nobody has been there meanwhile.
func (s *Store) gates(ctx context.Context, scopes []string, change func([]outbox.Gate) []outbox.Gate) error {
	select {
	case s.throttle.turn <- struct{}{}:
		defer func() { <-s.throttle.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	op := newOp()
	for range maxRounds {
		before := make([]outbox.Gate, len(scopes))
		for i, scope := range scopes {
			var err error
			if before[i], err = decodeGate(s.throttle.seen[scope]); err != nil {
				return fmt.Errorf("gate of %s: %w", scope, err)
			}
		}
		args := []any{len(scopes)}
		becomes := make([]string, len(scopes))
		after := change(before)
		for i, scope := range scopes {
			becomes[i] = s.throttle.seen[scope]
			if after[i] != before[i] {
				becomes[i] = encodeGate(after[i], op)
			}
			args = append(args, scope, s.throttle.seen[scope], becomes[i])
		}
		if len(scopes) == 0 {
			return nil
		}
		out, err := s.texts(ctx, throttleScript, s.keys, args...)
		if err != nil {
			return err
		}
		now := out[1:]
		if out[0] == "done" {
			now = becomes
		}
		if len(now) != len(scopes) {
			return errReply
		}
		for i, scope := range scopes {
			s.throttle.seen[scope] = now[i]
		}
		if out[0] == "done" {
			return nil
		}
	}
	return errRounds
}

func encodeGate(g outbox.Gate, op string) string {
	return nanos(g.Whole) + " " + nanos(g.Shut) + " " + op
}

// nanos is an instant in Unix nanoseconds; 0 is the zero time.
func nanos(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixNano(), 10)
}

func decodeGate(row string) (g outbox.Gate, err error) {
	if row == "" {
		return g, nil
	}
	parts := strings.Split(row, " ")
	if len(parts) != 3 {
		return g, errReply
	}
	for i, into := range []*time.Time{&g.Whole, &g.Shut} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return g, err
		}
		if n != 0 {
			*into = time.Unix(0, n).UTC()
		}
	}
	return g, nil
}
