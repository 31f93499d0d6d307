package redis

import (
	"sync"

	"sidem.gob.mx/sidem/core/outbox"
)

// held remembers what this process has claimed, as it was then, so that a settlement need
// not read it again: what has changed since, the script tells.
type held struct {
	mu    sync.Mutex
	items map[string]storedItem // by id
}

// mostHeld bounds how many are remembered. What was claimed and never settled here would
// stay otherwise.
const mostHeld = 8192

// keep remembers an item that was claimed.
func (h *held) keep(it storedItem) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.items == nil || len(h.items) >= mostHeld {
		h.items = make(map[string]storedItem)
	}
	h.items[it.ID] = it
}

// take forgets the item of a claim, and returns it where the result is about that claim:
// then it is accepted on what is remembered, and whether that is so still is judged by
// the script. Any other result may be refused, which only what is so now can say.
func (h *held) take(r outbox.Result) (storedItem, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	it, ok := h.items[r.ID]
	delete(h.items, r.ID)
	return it, ok && it.Epoch == r.Epoch && !r.Moves
}
