package e2etest

import (
	"os"
	"os/exec"
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

// Needed is the path of a program. Without it the test is skipped, in words, or
// fails where env is set, as CI wants it.
func Needed(t *testing.T, program, env string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil && os.Getenv(env) == "" {
		t.Skipf("there is no %s in the PATH: what is shipped for it is not tried", program)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
