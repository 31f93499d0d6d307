package notifier

import (
	"maps"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
)

// Waiting are the items of one channel that this hub has had in hand and that are
// owed still: they failed, or wait for their turn.
type Waiting struct {
	Items  int
	Oldest time.Time // when the first of them was first tried
}

// waitlist is what a hub remembers of them, by item id.
type waitlist struct {
	mu    sync.Mutex
	items map[string]waiter
}

type waiter struct {
	channel string
	since   time.Time
	until   time.Time // if nothing is heard of it by then, another hub has it
}

// Waiting counts them by channel. What quiet hours hold back does not count.
func (h *Hub) Waiting() map[string]Waiting {
	out := make(map[string]Waiting, len(h.cfg.Senders))
	for name := range h.cfg.Senders {
		out[name] = Waiting{}
	}
	h.waiting.mu.Lock()
	defer h.waiting.mu.Unlock()
	now := h.cfg.Now()
	maps.DeleteFunc(h.waiting.items, func(_ string, w waiter) bool { return w.until.Before(now) })
	for _, w := range h.waiting.items {
		c := out[w.channel]
		if c.Items++; c.Oldest.IsZero() || w.since.Before(c.Oldest) {
			c.Oldest = w.since
		}
		out[w.channel] = c
	}
	return out
}

// note keeps what became of an item: it waits from its first attempt until it is
// settled for good. It is heard of again when it is due, and a lease later at most.
func (l *waitlist) note(it outbox.Item, r outbox.Result, now time.Time, lease time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !unsent(r) {
		delete(l.items, it.ID)
		return
	}
	if l.items == nil {
		l.items = make(map[string]waiter)
	}
	w, ok := l.items[it.ID]
	if !ok {
		w = waiter{channel: it.Channel, since: now}
		if past := recent(it); len(past) > 0 {
			w.since = past[0].At
		}
	}
	w.until = r.At.Add(2 * lease)
	l.items[it.ID] = w
}

// unsent reports whether a result leaves its item owed though its time had come.
func unsent(r outbox.Result) bool {
	return r.Outcome == outbox.WillRetry || r.Outcome == outbox.Deferred && (r.Wait.IsTurn() || r.Wait.IsTrouble())
}
