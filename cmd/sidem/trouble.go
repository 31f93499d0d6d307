package main

import (
	"context"
	"errors"
	"fmt"

	"sidem/cmd/sidem/sandbox"
	"sidem/core/desk"
)

// What can go wrong in a story beside the faults of the page.
const (
	troubleStore         = "almacén"              // what is decided cannot be kept
	troubleRelay         = "correo"               // the mail relay serves nobody
	troubleTelegramCards = "tarjetas de telegram" // cards are not redrawn, and so keep their buttons
	troubleSlackCards    = "tarjetas de slack"
)

var troubles = []string{
	sandbox.FaultSlow, sandbox.FaultLimit, sandbox.FaultBroken, sandbox.FaultOutage, sandbox.FaultMail4, sandbox.FaultMail5,
	troubleStore, troubleRelay, troubleTelegramCards, troubleSlackCards,
}

// Trouble makes something go wrong in a story: the name of a trouble, or "ninguna".
func (w *world) Trouble(_ context.Context, what string) error {
	if w.faults == nil {
		w.faults = newFaults(w, func() {})
	}
	known := false
	for _, name := range troubles {
		if what == "ninguna" || what == name {
			w.faults.set(name, what == name)
			known = true
		}
	}
	if !known {
		return fmt.Errorf("falla %q: unknown", what)
	}
	return nil
}

// troubled reports whether something goes wrong now, so that what is tried again
// in a moment is not waited for.
func (w *world) troubled() bool {
	if w.faults == nil {
		return false
	}
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	for _, name := range troubles {
		if w.faults.on[name] {
			return true
		}
	}
	return false
}

// wrap stands between SIDEM and its store, and has other stand before it.
func (w *world) wrap(other func(store) store) func(store) store {
	return func(s store) store {
		s = troubledStore{s, w}
		if other != nil {
			s = other(s)
		}
		return s
	}
}

// troubledStore keeps nothing while the story says so.
type troubledStore struct {
	store
	w *world
}

var errTroubledStore = errors.New("the story has the store fail")

// Commit fails while the trouble of the store lasts.
func (s troubledStore) Commit(ctx context.Context, c desk.Commit) error {
	if s.w.faults != nil && s.w.faults.struck(troubleStore) {
		return errTroubledStore
	}
	return s.store.Commit(ctx, c)
}
