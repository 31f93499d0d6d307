// Package judge has what SIDEM sends judged by types that nobody here wrote:
// @grammyjs/types, @slack/types and the requests of @slack/web-api, by tsc.
//
// Its tests have grammY and Bolt speak to our emulators.
//
// The types know names and kinds, not lengths: those are the emulators' to judge.
package judge

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// requireEnv, when set, has tests fail for want of the judges, as CI wants it.
// Otherwise they are skipped, so that a machine with only Go passes.
const requireEnv = "SIDEM_REQUIRE_JUDGES"

var errMissing = errors.New("judge: node or the packages of bot/bottest/judge are missing; these tests need them: make judges")

// Need is the folder where the judges are installed. Where they are not, the test
// is skipped, or fails where SIDEM_REQUIRE_JUDGES is set.
func Need(t testing.TB) (dir string) {
	t.Helper()
	dir, err := find()
	switch {
	case excused(err):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return dir
}

// excused reports whether err is the want of the judges on a machine that need not
// have them.
func excused(err error) bool { return errors.Is(err, errMissing) && os.Getenv(requireEnv) == "" }

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
	if _, err := exec.LookPath("node"); err != nil {
		return "", errMissing
	}
	// npm writes it when all is there.
	if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err != nil {
		return "", errMissing
	}
	return dir, nil
}
