package storage_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

func TestAnAddressOpensItsStore(t *testing.T) {
	for name, address := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "sidem.db") },
		"redis":  func(t *testing.T) string { return redistest.Start(t, redistest.Options{}).DSN("sidem") },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := storage.Open(t.Context(), address(t), storage.Options{Now: testbed.Clock()})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(t.Context(), "k", []byte("v"), 0, testbed.Monday, time.Time{}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatOneStoreArchivedAnotherTakesIn(t *testing.T) {
	server := redistest.Start(t, redistest.Options{ACL: func(acl string) string { return strings.ReplaceAll(acl, "{sidem}", "{sidem*}") }})
	var tags int
	empty := map[string]func(t *testing.T) storagetest.Archived{
		"sqlite": func(t *testing.T) storagetest.Archived {
			return opened(t, "sqlite:"+filepath.Join(t.TempDir(), "sidem.db"))
		},
		"redis": func(t *testing.T) storagetest.Archived {
			tags++
			return opened(t, server.DSN(fmt.Sprintf("sidem-%d", tags)))
		},
	}
	for _, way := range []struct{ from, to string }{{"sqlite", "redis"}, {"redis", "sqlite"}, {"redis", "redis"}} {
		t.Run(way.from+" to "+way.to, func(t *testing.T) { storagetest.RunArchive(t, empty[way.from], empty[way.to]) })
	}
}

func opened(t *testing.T, address string) storage.Store {
	t.Helper()
	s, err := storage.Open(t.Context(), address, storage.Options{Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// noon is the business time of the suite.
var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func TestAnAddressOfNoStoreIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, address := range []string{
		"", "sqlite:", "secret", "postgres://sidem:secret@h/db", "redis:secret", "redis://sidem:secret@h:x/0", "rediss://sidem:secret@h/0?color=1",
	} {
		s, err := storage.Open(t.Context(), address, storage.Options{})
		if s != nil || !errors.Is(err, storage.ErrAddress) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want ErrAddress without the secret", address, err)
		}
	}
}
