package redis

import (
	"context"
	"slices"
	"strconv"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

var _ maintenance.History = (*Store)(nil)

// Purge removes settled items, and counts them as purged. The newest of all stays, and
// so does one that has moved meanwhile.
func (s *Store) Purge(ctx context.Context, ids ...string) (int, error) {
	v := newView()
	if err := s.look(ctx, v, ids); err != nil {
		return 0, wrap(err, "purge items")
	}
	args, n := []any{seconds(markTTL), 0}, 0
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		it, ok := v.items[id]
		if !ok || it.State == outbox.Live {
			continue
		}
		args = append(args, it.ID, it.rev, it.size, it.Key, string(it.State))
		n++
	}
	if n == 0 {
		return 0, nil
	}
	args[1] = n
	out, err := s.texts(ctx, purgeScript, append(slices.Clone(s.keys), s.mark(newOp())), args...)
	if err != nil {
		return 0, wrap(err, "purge items")
	}
	removed, err := strconv.Atoi(out[0])
	return removed, wrap(err, "purge items")
}

// Forget forgets presses, each where its name leads to the event.
func (s *Store) Forget(ctx context.Context, presses ...maintenance.Press) (int, error) {
	if len(presses) == 0 {
		return 0, nil
	}
	args := append(make([]any, 0, 1+2*len(presses)), seconds(markTTL))
	for _, p := range presses {
		args = append(args, p.Once, p.Index)
	}
	out, err := s.texts(ctx, forgetScript, append(slices.Clone(s.keys), s.mark(newOp())), args...)
	if err != nil {
		return 0, wrap(err, "forget presses")
	}
	n, err := strconv.Atoi(out[0])
	return n, wrap(err, "forget presses")
}
