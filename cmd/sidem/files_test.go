package main

import (
	"bytes"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/world"
)

// bucketAt is the address of a bucket of a server that speaks S3.
func bucketAt(t *testing.T, backend gofakes3.Backend) string {
	t.Helper()
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(server.Close)
	return "s3://sidem/anexos?endpoint=" + server.URL
}

func TestAStoryWithAttachmentsIsTheSameWithABucket(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("sidem"); err != nil {
		t.Fatal(err)
	}
	lines := scenario(t, "detalle_y_anexos")
	w, err := world.New(t.TempDir(), world.InProcess)
	if err != nil {
		t.Fatal(err)
	}
	w.Config.Files, w.Config.FilesKey, w.Config.FilesSecret = bucketAt(t, backend), "AKIAX", "x"
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	list, err := backend.ListBucket("sidem", nil, gofakes3.ListBucketPage{})
	if err != nil || len(list.Contents) == 0 {
		t.Errorf("the bucket holds nothing: %v", err)
	}
}

func TestABucketThatCannotWorkIsAFaultOfTheConfiguration(t *testing.T) {
	path := t.TempDir() + "/sidem.db"
	if err := os.WriteFile(path, nil, 0o600); err != nil { // an empty file is an empty store
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	args := []string{"outbox", "list", "--store", "sqlite:" + path, "--files", "s3://sidem/anexos"}
	if code := run(t.Context(), args, &out, &errs); code != exitConfig || !strings.Contains(errs.String(), "SIDEM_FILES_KEY") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
