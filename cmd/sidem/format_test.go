package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

func TestAStoreOfANewerSidemIsRefusedInOneClearLine(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	if err := server.Admin.HSet(t.Context(), "{sidem}:rows", "n:format", "99").Err(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sidem.db")
	made, err := storage.Open(t.Context(), "sqlite:"+path, storage.Options{Now: func() time.Time { return world.Monday }})
	if err != nil {
		t.Fatal(err)
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The number stands in the header of the file (https://www.sqlite.org/fileformat.html, 1.3.13).
	if _, err := file.WriteAt([]byte{0, 0, 0, 99}, 60); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SIDEM_TELEGRAM_TOKEN", "7000000001:of-no-use-anywhere")
	for _, store := range []string{"sqlite:" + path, server.DSN("sidem")} {
		t.Setenv("SIDEM_STORE", store)
		for _, args := range [][]string{{"serve", "--http-addr=127.0.0.1:0", "--admin-addr=off"}, {"audit", "verify"}, {"outbox", "list"}, {"export"}} {
			var out, errs strings.Builder
			code := run(t.Context(), args, &out, &errs)
			said := strings.TrimSpace(errs.String())
			last := said[strings.LastIndex(said, "\n")+1:]
			if code != exitConfig || !strings.Contains(last, "the store has format 99, this program knows") {
				t.Errorf("%v on %.6s: %d %s", args, store, code, errs.String())
			}
		}
	}
}
