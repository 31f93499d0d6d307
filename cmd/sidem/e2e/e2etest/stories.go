package e2etest

import (
	"sync"
	"testing"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core/testbed/memnet"
)

// Crowded runs each test by its name, as many at once as told: most of a story is waiting.
func Crowded(t *testing.T, at int, names []string, run func(t *testing.T, name string)) {
	t.Helper()
	todo := make(chan string)
	var wg sync.WaitGroup
	for range at {
		wg.Go(func() {
			for name := range todo {
				t.Run(name, func(t *testing.T) { run(t, name) })
			}
		})
	}
	for _, name := range names {
		todo <- name
	}
	close(todo)
	wg.Wait()
}

// Scenario is a story that comes with SIDEM.
func Scenario(t *testing.T, name string) []bottest.Line {
	t.Helper()
	lines, err := bottest.Scenario(name)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// OpenWorld is a world on loopback for as long as the test lasts.
func OpenWorld(t *testing.T, dir string, inside func(*world.World) world.Service) *world.World {
	t.Helper()
	return OpenWorldOn(t, world.Network{}, dir, inside)
}

// InMemory is a network of its own for one world: with it, a world can live in a
// bubble of testing/synctest.
func InMemory() world.Network {
	var n memnet.Network
	return world.Network{Listen: n.Listen, Dial: n.DialContext}
}

// OpenWorldOn is a world on a network for as long as the test lasts.
func OpenWorldOn(t *testing.T, n world.Network, dir string, inside func(*world.World) world.Service) *world.World {
	t.Helper()
	w, err := world.NewOn(n, dir, inside)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}
