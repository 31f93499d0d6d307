package notifier

import (
	"sync"

	"sidem.gob.mx/sidem/core/outbox"
)

// recipients keeps who is with whom: one item at a time is with a recipient.
type recipients struct {
	mu   sync.Mutex
	with map[string]chan struct{} // closed when the one that is there has left
}

// recipientOf names to whom an item goes, and by what.
func recipientOf(it outbox.Item) string { return it.Channel + "\x00" + it.Account }

// approach takes an item to its recipient, until leave; before is closed when the one
// that is there has left, nil if there is none.
func (r *recipients) approach(it outbox.Item) (leave func(), before <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := recipientOf(it)
	if there, ok := r.with[to]; ok {
		return nil, there
	}
	mine := make(chan struct{})
	r.with[to] = mine
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.with, to)
		close(mine)
	}, nil
}
