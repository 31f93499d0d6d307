// Package judge has what SIDEM sends judged by types that nobody here wrote:
// @grammyjs/types, @slack/types and the requests of @slack/web-api, by tsc.
//
// Its tests have grammY and Bolt speak to our emulators.
//
// The types know names and kinds, not lengths: those are the emulators' to judge.
package judge

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sidem.gob.mx/sidem/core/testbed"
)

// missing is the want of the judges, on a machine that need not have them.
type missing struct{ error }

// Need is the folder where the judges are installed. Where they are not, the test
// is skipped, or fails where node is required.
func Need(t testing.TB) (dir string) {
	t.Helper()
	dir, err := find()
	if _, lacks := errors.AsType[missing](err); lacks {
		testbed.Lack(t, testbed.Node, err)
	} else if err != nil {
		t.Fatal(err)
	}
	return dir
}

// find looks for this package's folder from where the test runs.
func find() (string, error) {
	at, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			return "", errors.New("judge: not within the module")
		}
	}
	dir := filepath.Join(at, "bot", "bottest", "judge")
	if _, err := testbed.Node.Path(); err != nil {
		return "", missing{err}
	}
	// npm writes it when all is there.
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err != nil {
		return "", missing{fmt.Errorf("there are no node packages in bot/bottest/judge: %s (make judges)", testbed.Node.Untried)}
	}
	return dir, nil
}
