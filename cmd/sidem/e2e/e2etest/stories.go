package e2etest

import (
	"sync"
	"testing"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/world"
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

// OpenWorld is a world for as long as the test lasts.
func OpenWorld(t *testing.T, dir string, inside func(*world.World) world.Service) *world.World {
	t.Helper()
	w, err := world.New(dir, inside)
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
