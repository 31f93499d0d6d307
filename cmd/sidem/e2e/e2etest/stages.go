package e2etest

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/stage"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// Part is a part of the page by its name.
func Part[T any](t *testing.T, s *stage.Stage, name string) T {
	t.Helper()
	parts, err := s.Parts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if v, ok := p.Data.(T); ok && p.Name == name {
			return v
		}
	}
	t.Fatalf("no part %s", name)
	panic("unreachable")
}

// Awaits waits until f holds, looking again at each change.
func Awaits(t *testing.T, s *stage.Stage, what string, f func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*world.Patience)
	defer cancel()
	for {
		changed := s.Changed()
		if f() {
			return
		}
		select {
		case <-changed:
		case <-time.After(time.Second): // what only time changes
		case <-ctx.Done():
			t.Fatalf("it never came: %s", what)
		}
	}
}

// ProcessOf is the process that holds the store of a demonstration, by its lock.
func ProcessOf(t *testing.T, dir string) int {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, "sidem.db.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
