package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

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
	service := e2etest.ProcessOf(t, left()[0])
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	e2etest.Await(t, "the end of the process", func() bool { return errors.Is(syscall.Kill(service, 0), syscall.ESRCH) })
	e2etest.Await(t, "the end of the folder", func() bool { return len(left()) == 0 })
}

func TestAStoryThatNobodyReadsAnyMoreLeavesNoFolderBehind(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "demo", "--auto") //nolint:gosec // this very binary
	cmd.Env = []string{"TMPDIR=" + temp, "HOME=" + temp, serveEnv + "=1"}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReaderSize(out, 16).ReadByte(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended well, though nobody read how")
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
