package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

// Add is as notifier.Outbox says.
func (m *Model) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	items, err := fresh(ctx, cut(now), items)
	return m.put(items), err
}

// fresh are items as they are added: all, or none.
func fresh(ctx context.Context, now time.Time, items []outbox.Item) ([]outbox.Item, error) {
	var out []outbox.Item
	for _, it := range copied(items) {
		it, err := outbox.Fresh(it, now)
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, ctx.Err()
}

func (m *Model) put(items []outbox.Item) (changed int) {
	for _, next := range items {
		if m.putOne(next) {
			changed++
			m.signal()
		}
	}
	return changed
}

func (m *Model) putOne(next outbox.Item) bool {
	for i, it := range m.items {
		if it.Key != next.Key {
			continue
		}
		if next.Merge == outbox.Once {
			return false
		}
		if it.State == outbox.Live {
			joined, changed := outbox.Join(it, next)
			m.items[i] = joined
			return changed
		}
	}
	m.created++
	next.ID = fmt.Sprintf("%06d", m.created)
	m.items = append(m.items, next)
	return true
}

// Claim is as notifier.Outbox says.
func (m *Model) Claim(_ context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now = cut(now)
	due := m.live(func(it outbox.Item) bool { return !it.Due.After(now) })
	slices.SortStableFunc(due, func(a, b int) int {
		x, y := m.items[a], m.items[b]
		return cmp.Or(cmp.Compare(x.Lane, y.Lane), x.Due.Compare(y.Due))
	})
	var out []outbox.Item
	for _, i := range due {
		if len(out) == n {
			break
		}
		it := outbox.Claimed(m.items[i], now, lease)
		if !it.Expires.IsZero() && now.After(it.Expires) {
			m.items[i], _ = outbox.Settled(it, outbox.Result{Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasMoot}, now)
			continue
		}
		m.items[i] = it
		m.items[i].Late = 0
		out = append(out, it)
	}
	claimed := copied(out)
	for i, it := range out {
		claimed[i].Late = it.Late // who claims it is told, and it is not kept
	}
	return claimed, nil
}

// live are the places of the live items that are so, in order of creation.
func (m *Model) live(so func(outbox.Item) bool) []int {
	var out []int
	for i, it := range m.items {
		if it.State == outbox.Live && so(it) {
			out = append(out, i)
		}
	}
	return out
}

// Settle is as notifier.Outbox says.
func (m *Model) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	then := make([][]outbox.Item, len(results))
	for i, r := range results {
		var err error
		if then[i], err = fresh(ctx, cut(now), r.Then); err != nil {
			return 0, err
		}
	}
	accepted := 0
	for n, r := range results {
		i := slices.IndexFunc(m.items, func(it outbox.Item) bool { return it.ID == r.ID })
		if i < 0 {
			continue
		}
		r.At = cut(r.At)
		it, ok := outbox.Settled(m.items[i], r, cut(now))
		if !ok {
			continue
		}
		if it.State == outbox.Live && it.Due.Before(m.items[i].Due) {
			m.signal()
		}
		m.items[i] = it
		m.put(then[n])
		accepted++
	}
	return accepted, nil
}

// NextDue is as notifier.Outbox says.
func (m *Model) NextDue(context.Context) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first := m.earliest(m.live(func(outbox.Item) bool { return true }))
	return first, !first.IsZero(), nil
}

func (m *Model) earliest(places []int) (first time.Time) {
	for _, i := range places {
		if due := m.items[i].Due; first.IsZero() || due.Before(first) {
			first = due
		}
	}
	return first
}

// Replay is as notifier.Outbox says.
func (m *Model) Replay(_ context.Context, now time.Time, ids ...string) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, it := range slices.Backward(m.items) {
		sameKey := m.live(func(o outbox.Item) bool { return o.Key == it.Key })
		if len(ids) > 0 && !slices.Contains(ids, it.ID) || len(sameKey) > 0 {
			continue
		}
		if again, ok := outbox.Replayed(it, cut(now)); ok {
			m.items[i] = again
			n++
			m.signal()
		}
	}
	return n, nil
}

// Rewrite is as desk.Eraser says.
func (m *Model) Rewrite(_ context.Context, id string, clean func(outbox.Item) outbox.Item) (done bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, it := range m.items {
		if it.ID == id {
			m.items[i], done = outbox.Rewritten(it, clean)
		}
	}
	return done, nil
}

// Purge is as maintenance.History says.
func (m *Model) Purge(_ context.Context, ids ...string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, newest := len(m.items), fmt.Sprintf("%06d", m.created)
	m.items = slices.DeleteFunc(m.items, func(it outbox.Item) bool {
		return slices.Contains(ids, it.ID) && it.State != outbox.Live && it.ID != newest
	})
	n := before - len(m.items)
	m.purged += n
	return n, nil
}

// Forget is as maintenance.History says.
func (m *Model) Forget(_ context.Context, presses ...maintenance.Press) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range presses {
		if m.onces[p.Once] == p.Index && p.Index > 0 {
			delete(m.onces, p.Once)
			n++
		}
	}
	return n, nil
}

// Compact has nothing to do: there is no file.
func (m *Model) Compact(context.Context) error { return nil }

// Items is as notifier.Outbox says.
func (m *Model) Items(_ context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []outbox.Item
	for _, it := range m.items {
		if it.ID > after && (state == "" || it.State == state) && len(out) < limit {
			out = append(out, it)
		}
	}
	return copied(out), nil
}

// Stats is as notifier.Outbox says.
func (m *Model) Stats(_ context.Context, now time.Time) (outbox.Stats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now = cut(now)
	st := outbox.Stats{Created: m.created, Purged: m.purged}
	for _, it := range m.items {
		switch it.State {
		case outbox.Live:
			st.Live++
		case outbox.Sent:
			st.Sent++
		case outbox.Moot:
			st.Moot++
		case outbox.Dead:
			st.Dead++
		}
	}
	held := func(it outbox.Item) bool { return it.Leased && it.Due.After(now) }
	st.Leased = len(m.live(held))
	st.Due = len(m.live(func(it outbox.Item) bool { return !it.Due.After(now) }))
	st.Oldest = m.earliest(m.live(func(it outbox.Item) bool { return !held(it) }))
	return st, nil
}

// Wake is as notifier.Outbox says.
func (m *Model) Wake() <-chan struct{} { return m.wake }

func (m *Model) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}
