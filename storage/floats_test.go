package storage_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/archive"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// floats is what testdata/floats.sidem was found to hold by the program that wrote it.
const floats = "30 events of 14 records, 28 items, 3 numbers, 0 sessions, 0 faults"

func TestAnSQLiteStoreOfFloatingPointNumbersHoldsItsHashes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sidem.db")
	unzip(t, "testdata/floats.db.gz", path)
	s := opened(t, "sqlite:"+path)
	got, err := archive.Inspect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(floats, got.String()); diff != "" {
		t.Errorf("the store (-want +got):\n%s\n%q", diff, got.Faults)
	}
	if diff := cmp.Diff(holds(t, opened(t, "sqlite:"+filepath.Join(t.TempDir(), "sidem.db"))), got); diff != "" {
		t.Errorf("the store is not that of the archive (-archive +store):\n%s", diff)
	}
}

func TestAnArchiveOfFloatingPointNumbersHoldsItsHashesOnRedis(t *testing.T) {
	s := opened(t, redistest.Start(t, redistest.Options{}).DSN("sidem"))
	read := holds(t, s)
	got, err := archive.Inspect(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(floats, got.String()); diff != "" {
		t.Errorf("the store (-want +got):\n%s\n%q", diff, got.Faults)
	}
	if diff := cmp.Diff(read, got); diff != "" {
		t.Errorf("the store is not that of the archive (-archive +store):\n%s", diff)
	}
}

// holds fills an empty store with the archive and says what it read.
func holds(t *testing.T, s storage.Store) archive.Report {
	t.Helper()
	f, err := os.Open("testdata/floats.sidem")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	r, err := archive.Read(t.Context(), f, s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func unzip(t *testing.T, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
