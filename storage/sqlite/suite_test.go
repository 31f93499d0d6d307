package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"sidem.gob.mx/sidem/storage/sqlite"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// morning is the business time at which a store is opened: that of the suite.
var morning = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func open(t *testing.T, place string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(place, "sidem.db"), sqlite.Options{Now: func() time.Time { return morning }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestSQLitePassesTheSuite(t *testing.T) {
	storagetest.Run(t, func(t *testing.T) storagetest.Store { return open(t, t.TempDir()) })
	storagetest.RunDurable(t, func(t *testing.T, place string) storagetest.Durable { return open(t, place) })
	empty := func(t *testing.T) storagetest.Archived { return open(t, t.TempDir()) }
	storagetest.RunArchive(t, empty, empty)
}

func TestASecondOpeningOfTheSameFileIsRefused(t *testing.T) {
	place := t.TempDir()
	open(t, place)
	if _, err := sqlite.Open(t.Context(), filepath.Join(place, "sidem.db"), sqlite.Options{Now: func() time.Time { return morning }}); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("the second opening: %v", err)
	}
}
