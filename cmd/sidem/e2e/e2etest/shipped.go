package e2etest

import (
	"os"
	"path/filepath"
	"testing"
)

// Root is the folder of the repository: the nearest above with a go.mod.
func Root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			break
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("there is no go.mod above the test: ", err)
	return ""
}

// Shipped is a file of the repository, by its path from the root.
func Shipped(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(Root(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
