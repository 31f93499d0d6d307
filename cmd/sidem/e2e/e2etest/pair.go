package e2etest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// Pair are two SIDEMs in processes of their own on one store, behind a front.
type Pair struct {
	World *world.World
	Front *Front
	Both  [2]*Outside
}

// NewPair makes a world with two processes on the store at dsn.
func NewPair(t *testing.T, dsn string) (*world.World, *Pair) {
	t.Helper()
	dir := t.TempDir()
	var s *Pair
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &Pair{World: w, Front: NewFront()}
		for i := range s.Both {
			own := filepath.Join(dir, fmt.Sprint(i))
			if err := os.Mkdir(own, 0o700); err != nil {
				t.Fatal(err)
			}
			s.Both[i] = &Outside{World: w, Dir: own, Hasty: true, HTTP: FreePort(t)}
		}
		return s
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Front.Close)
	s.Front.Deliver(&w.Config)
	w.Config.Store = office.Secret(dsn)
	return w, s
}

// Start runs both, and returns when the platforms deliver to the front.
func (s *Pair) Start(ctx context.Context) error {
	for _, one := range s.Both {
		if err := one.Begin(ctx); err != nil {
			return err
		}
	}
	s.Front.To(s.Both[0].HTTP, s.Both[1].HTTP)
	return Fronted(ctx, s.World, s.Front)
}

// Stop ends both.
func (s *Pair) Stop() error { return errors.Join(s.Both[0].Stop(), s.Both[1].Stop()) }

// Idle asks whichever lives: they owe the same.
func (s *Pair) Idle(ctx context.Context) (bool, error) {
	for _, one := range s.Both {
		if idle, err := one.Idle(ctx); idle || err != nil {
			return idle, err
		}
	}
	return false, nil
}

// Deaths is how many of their processes were killed.
func (s *Pair) Deaths() int { return s.Both[0].Deaths() + s.Both[1].Deaths() }
