package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem/cmd/sidem/demo/fault"
	"sidem/cmd/sidem/demo/page"
	"sidem/cmd/sidem/demo/world"
)

// processOf is the process that holds the store of a demonstration, by its lock.
func processOf(t *testing.T, dir string) int {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(dir, "sidem.db.lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// await waits until f holds, of what tells nobody when it changes.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(world.Patience); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never came: %s", what)
		}
	}
}

func TestTheCutOfTheServiceIsARealKillAndAnotherProcessTakesOver(t *testing.T) {
	t.Parallel()
	s := staged(t, "doble_pulsacion")
	before := processOf(t, s.World().Dir)
	if before == os.Getpid() {
		t.Fatal("SIDEM runs in the process of the page")
	}
	if err := s.Run(t.Context(), page.Control{What: "fault", Name: fault.Kill}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(before, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d: %v", before, err)
	}
	if after := processOf(t, s.World().Dir); after == before || syscall.Kill(after, 0) != nil {
		t.Errorf("killed %d, and now %d runs", before, after)
	}
}

func TestADemoThatIsKilledLeavesNoProcessAndNoFolderBehind(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	cmd := exec.Command(os.Args[0], "demo", "--no-open")
	cmd.Env = []string{"TMPDIR=" + temp, "HOME=" + temp, serveEnv + "=1"}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "/?llave=") {
	}
	left := func() []string {
		found, err := filepath.Glob(filepath.Join(temp, world.FleetingPrefix+"*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if len(left()) != 1 {
		t.Fatalf("folders: %v", left())
	}
	service := processOf(t, left()[0])
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	await(t, "the end of the process", func() bool { return errors.Is(syscall.Kill(service, 0), syscall.ESRCH) })
	await(t, "the end of the folder", func() bool { return len(left()) == 0 })
}
