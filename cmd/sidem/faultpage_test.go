package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// TestEveryTestThatTheFaultsPageNamesExists keeps docs/faults.md from promising
// what nobody shows.
func TestEveryTestThatTheFaultsPageNamesExists(t *testing.T) {
	const root = "../.."
	exists := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		body, err := os.ReadFile(path) //nolint:gosec // of this repository
		for _, m := range declared.FindAllSubmatch(body, -1) {
			exists[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(e2etest.Root(t), "docs", "faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.SplitSeq(string(page), "\n") {
		if !strings.HasPrefix(row, "| ") || strings.HasPrefix(row, "| Fault") {
			continue
		}
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(row, -1)
		if len(named) == 0 {
			t.Errorf("a fault without a test: %s", row)
		}
		for _, m := range named {
			if !exists[m[1]] {
				t.Errorf("%s is named, and does not exist", m[1])
			}
		}
	}
}
