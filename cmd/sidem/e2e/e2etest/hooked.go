package e2etest

import (
	"sync"

	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

// Hooked counts the calls of Telegram's, and does something at some of them: a
// replica that is killed then has something under way, or has just had.
type Hooked struct {
	At map[int]func()

	mu sync.Mutex
	n  int
}

// Calls is how many there were.
func (h *Hooked) Calls() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.n
}

// Telegram does what is to be done at a call; it spoils none.
func (h *Hooked) Telegram(*telegramtest.Call) *telegramtest.Fault {
	h.mu.Lock()
	h.n++
	do := h.At[h.n]
	h.mu.Unlock()
	if do != nil {
		do()
	}
	return nil
}
