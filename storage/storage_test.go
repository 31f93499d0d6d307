package storage_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem/storage"
	"sidem/storage/redis/redistest"
)

func TestAnAddressOpensItsStore(t *testing.T) {
	for name, address := range map[string]string{
		"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "sidem.db"),
		"redis":  redistest.Start(t, redistest.Options{}).DSN("sidem"),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := storage.Open(t.Context(), address, storage.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Put(t.Context(), "k", []byte("v"), 0, time.Now(), time.Time{}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

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
