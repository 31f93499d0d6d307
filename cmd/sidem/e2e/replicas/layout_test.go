//go:build e2e

package replicas

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// shippedRedis are the lines of the redis.conf that is shipped, less those that
// name places of a container. The users are those that are shipped anyway.
func shippedRedis(t *testing.T) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(e2etest.Shipped(t, "deploy/redis/redis.conf")) {
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
	caddy, home := testbed.Need(t, testbed.Caddy), t.TempDir()
	url := "http://" + e2etest.FreePort(t)
	cmd := exec.Command(caddy, "run", "--adapter", "caddyfile", "--config", filepath.Join(e2etest.Root(t), "deploy/Caddyfile")) //nolint:gosec,noctx // ended below
	cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"PUBLIC_HOST=" + url, "REPLICAS=listed", "REPLICA_ADDRS=" + strings.Join(replicas, " "),
	}
	if hasMixedBodies(t, caddy) {
		cmd.Env = append(cmd.Env, "REQUEST_BUFFERS=")
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
	e2etest.Await(t, "the proxy", func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return url
}

// hasMixedBodies reports whether a proxy is older than 2.11.3. When such a one sends what it
// keeps in memory to another replica it takes the body of somebody else's request for it.
func hasMixedBodies(t *testing.T, caddy string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), caddy, "version").Output()
	if err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if _, err := fmt.Sscanf(strings.TrimPrefix(string(out), "v"), "%d.%d.%d", &major, &minor, &patch); err != nil {
		t.Fatalf("caddy version says %q: %v", out, err)
	}
	return slices.Compare([]int{major, minor, patch}, []int{2, 11, 3}) < 0
}

// TestTheLayoutOfComposeOutlivesAReplica runs what compose.yaml runs, as processes:
// the shipped proxy and Redis, and two SIDEMs. One of them is killed twice and comes
// back, as the restart of compose has it, and then does not come back.
func TestTheLayoutOfComposeOutlivesAReplica(t *testing.T) {
	t.Parallel()
	testbed.Need(t, testbed.Caddy)
	server := redistest.Start(t, redistest.Options{Config: shippedRedis(t)})
	w, s := e2etest.NewPair(t, server.DSN("sidem"))
	behind := s.Front.URL
	s.Front.URL = startCaddy(t, s.Both[0].HTTP, s.Both[1].HTTP)
	s.Front.Deliver(&w.Config)
	if s.Front.URL == behind || w.Config.PublicURL != s.Front.URL || w.Config.TelegramMode != office.TelegramWebhook {
		t.Fatal("the platforms do not call the proxy")
	}
	res, err := http.Get(s.Front.URL + "/metrics") //nolint:noctx // loopback, at once
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusNotFound {
		t.Errorf("the proxy lets /metrics through: %d", res.StatusCode)
	}
	gone := make(chan struct{})
	h := &e2etest.Hooked{At: map[int]func(){
		15: s.Both[0].Kill, 30: s.Both[1].Kill,
		45: func() { go func() { s.Both[0].Retire(); close(gone) }() },
	}}
	w.Telegram.Intercept(h.Telegram)
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return e2etest.Doubtful(t, w, s.Deaths(), surprises, stale)
	}}
	playErr := r.Play(t.Context(), e2etest.Scenario(t, "ocho_pasos"))
	select {
	case <-gone:
	case <-time.After(world.Patience):
		t.Fatalf("the story has only %d calls of Telegram's: not every death came", h.Calls())
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.Deaths(), playErr)
	}
	if s.Deaths() != 3 {
		t.Errorf("%d deaths, not 3", s.Deaths())
	}
	t.Logf("%d calls of Telegram's in all", h.Calls())
	e2etest.Explained(t, w)
}
