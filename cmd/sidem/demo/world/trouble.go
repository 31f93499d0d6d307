package world

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/fault"
	"sidem.gob.mx/sidem/core/desk"
)

// Trouble makes something go wrong in a story: the name of a trouble, or "ninguna".
func (w *World) Trouble(_ context.Context, what string) error {
	if w.faults == nil {
		w.Misbehave(func() {}, nil)
	}
	known := false
	for _, name := range fault.Troubles {
		if what == "ninguna" || what == name {
			w.faults.Set(name, what == name)
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
func (w *World) troubled() bool {
	if w.faults == nil {
		return false
	}
	w.faults.mu.Lock()
	defer w.faults.mu.Unlock()
	for _, name := range fault.Troubles {
		if w.faults.on[name] {
			return true
		}
	}
	return false
}

// wrap stands between SIDEM and its store, and has other stand before it.
func (w *World) wrap(other func(app.Store) app.Store) func(app.Store) app.Store {
	return func(s app.Store) app.Store {
		s = troubledStore{s, w}
		if other != nil {
			s = other(s)
		}
		return s
	}
}

// troubledStore keeps nothing while the story says so.
type troubledStore struct {
	app.Store
	w *World
}

var errTroubledStore = errors.New("the story has the store fail")

// longerThanAny is longer than a platform waits for an acknowledgement (Slack: 3 s).
const longerThanAny = 3200 * time.Millisecond

// Commit fails while the trouble of the store lasts, or takes its time.
func (s troubledStore) Commit(ctx context.Context, c desk.Commit) error {
	if s.w.faults != nil && s.w.faults.struck(fault.Store) {
		return errTroubledStore
	}
	if s.w.faults != nil && s.w.faults.struck(fault.SlowStore) {
		select {
		case <-time.After(longerThanAny):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := s.Store.Commit(ctx, c)
	if err == nil && s.w.faults != nil {
		s.w.faults.decided()
	}
	return err
}

// Put fails once something was decided while the trouble of notes lasts. What the hub
// keeps is spared: a card whose place is lost is posted once more, if it was posted before
// the trouble ends, which is chance.
func (s troubledStore) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	ofHub := strings.HasPrefix(key, "card:") || strings.HasPrefix(key, "note:")
	if s.w.faults != nil && !ofHub && s.w.faults.noteless() {
		return 0, errTroubledStore
	}
	return s.Store.Put(ctx, key, value, rev, now, expires)
}

// decided notes that something was decided while the trouble of notes lasts.
func (f *Faults) decided() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.on[fault.Notes] {
		f.hits[fault.Notes]++
	}
}

// noteless reports whether nothing can be noted any more.
func (f *Faults) noteless() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.on[fault.Notes] && f.hits[fault.Notes] > 0
}
