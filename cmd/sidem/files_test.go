package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

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
