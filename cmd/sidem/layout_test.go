package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sidem/bot/bottest"
	"sidem/bot/telegram/telegramtest"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/storage/redis/redistest"
)

// needed is the path of a program. Without it the test is skipped, in words, or
// fails where env is set, as CI wants it.
func needed(t *testing.T, program, env string) string {
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

// shippedRedis are the lines of the redis.conf that is shipped, less those that
// name places of a container. The users are those that are shipped anyway.
func shippedRedis(t *testing.T) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(shipped(t, "deploy/redis/redis.conf")) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' || strings.HasPrefix(line, "dir ") || strings.HasPrefix(line, "aclfile ") {
			continue
		}
		out = append(out, line)
	}
	if !slices.Contains(out, "appendfsync always") {
		t.Fatalf("nothing was shipped: %v", out)
	}
	return out
}

// startCaddy runs the proxy that is shipped, before replicas at addresses, and
// returns its URL. It ends with the test.
func startCaddy(t *testing.T, replicas ...string) string {
	t.Helper()
	caddy, home := needed(t, "caddy", "SIDEM_REQUIRE_CADDY"), t.TempDir()
	url := "http://" + freePort(t)
	cmd := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", filepath.Join(root, "deploy/Caddyfile")) //nolint:gosec,noctx // ended below
	cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"PUBLIC_HOST=" + url, "REPLICAS=listed", "REPLICA_ADDRS=" + strings.Join(replicas, " "),
	}
	if version, err := exec.CommandContext(t.Context(), caddy, "version").Output(); err != nil { //nolint:gosec // found in the PATH
		t.Fatal(err)
	} else if slices.ContainsFunc([]string{"2.4.", "2.5.", "2.6."}, func(v string) bool { return strings.HasPrefix(strings.TrimPrefix(string(version), "v"), v) }) {
		cmd.Env = append(cmd.Env, "REQUEST_BUFFERS=buffer_requests")
	}
	var said strings.Builder
	cmd.Stderr = &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("caddy:\n%s", said.String())
		}
	})
	await(t, "the proxy", func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return url
}

// hooked counts the calls of Telegram's, and does something at some of them: a
// replica that is killed then has something under way, or has just had.
type hooked struct {
	mu sync.Mutex
	n  int
	at map[int]func()
}

func (h *hooked) telegram(*telegramtest.Call) *telegramtest.Fault {
	h.mu.Lock()
	h.n++
	do := h.at[h.n]
	h.mu.Unlock()
	if do != nil {
		do()
	}
	return nil
}

// TestTheLayoutOfComposeOutlivesAReplica runs what compose.yaml runs, as processes:
// the shipped proxy and Redis, and two SIDEMs. One of them is killed twice and comes
// back, as the restart of compose has it, and then does not come back.
func TestTheLayoutOfComposeOutlivesAReplica(t *testing.T) {
	t.Parallel()
	needed(t, "caddy", "SIDEM_REQUIRE_CADDY")
	server := redistest.Start(t, redistest.Options{Config: shippedRedis(t)})
	w, s := newPair(t, server.DSN("sidem"))
	behind := s.front.URL
	s.front.URL = startCaddy(t, s.both[0].http, s.both[1].http)
	s.front.deliver(&w.Config)
	if s.front.URL == behind || w.Config.PublicURL != s.front.URL || w.Config.TelegramMode != office.TelegramWebhook {
		t.Fatal("the platforms do not call the proxy")
	}
	res, err := http.Get(s.front.URL + "/metrics") //nolint:noctx // loopback, at once
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusNotFound {
		t.Errorf("the proxy lets /metrics through: %d", res.StatusCode)
	}
	gone := make(chan struct{})
	h := &hooked{at: map[int]func(){
		15: s.both[0].kill, 30: s.both[1].kill,
		45: func() { go func() { s.both[0].retire(); close(gone) }() },
	}}
	w.Telegram.Intercept(h.telegram)
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return doubtful(t, w, s.deaths(), surprises, stale)
	}}
	playErr := r.Play(t.Context(), scenario(t, "ocho_pasos"))
	select {
	case <-gone:
	case <-time.After(world.Patience):
		t.Fatalf("the story has only %d calls of Telegram's: not every death came", h.n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.deaths(), playErr)
	}
	if s.deaths() != 3 {
		t.Errorf("%d deaths, not 3", s.deaths())
	}
	t.Logf("%d calls of Telegram's in all", h.n)
	explained(t, w)
}

// TestTheUnitOfSystemdIsTaken has systemd itself read the unit that is shipped.
func TestTheUnitOfSystemdIsTaken(t *testing.T) {
	analyze := needed(t, "systemd-analyze", "SIDEM_REQUIRE_SYSTEMD")
	// It asks for the program to be there.
	const program = "/usr/local/bin/sidem"
	body := shipped(t, "deploy/sidem.service")
	if !strings.Contains(body, "ExecStart="+program+" serve") {
		t.Fatal("the unit starts something else")
	}
	unit := filepath.Join(t.TempDir(), "sidem.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(body, "ExecStart="+program, "ExecStart="+os.Args[0])), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", unit).CombinedOutput(); err != nil || len(said) > 0 { //nolint:gosec // see above
		t.Errorf("verify: %v\n%s", err, said)
	}
	// Tenths of the exposure that it may have at most; 100 is a service that may do anything.
	if said, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", "--threshold=20", unit).CombinedOutput(); err != nil { //nolint:gosec // see above
		t.Errorf("security: %v\n%s", err, said)
	}
}
