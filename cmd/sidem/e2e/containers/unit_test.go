//go:build e2e

package containers

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
)

// machine is a container in which systemd is the first process, as on a machine.
const machine = `FROM debian:bookworm-slim
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus >/dev/null
CMD ["/sbin/init"]
`

// unit is SIDEM as deploy/sidem.service has systemd run it.
type unit struct {
	t    *testing.T
	w    *world.World
	dir  string
	id   string // of the container
	host string // its address
}

func newUnit(t *testing.T) (*world.World, *unit) {
	t.Helper()
	s := &unit{t: t, dir: t.TempDir()}
	build := exec.CommandContext(t.Context(), "docker", "build", "-q", "-")
	build.Stdin = strings.NewReader(machine)
	image, err := build.Output()
	if err != nil {
		t.Fatal(err)
	}
	s.id = strings.TrimSpace(docker(t, "run", "-d", "--cap-add=SYS_ADMIN", "--cap-add=SYS_PTRACE", "--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined",
		"--security-opt=systempaths=unconfined", "--cgroupns=host", "-v=/sys/fs/cgroup:/sys/fs/cgroup", "--tmpfs=/run", "--tmpfs=/tmp", strings.TrimSpace(string(image))))
	t.Cleanup(func() {
		if t.Failed() {
			said, _ := exec.Command("docker", "exec", s.id, "journalctl", "--no-pager", "-n", "60").CombinedOutput() //nolint:gosec,noctx // the test is over
			t.Logf("%s", said)
		}
		_ = exec.Command("docker", "rm", "-f", s.id).Run() //nolint:gosec,noctx // the test is over
	})
	s.host = strings.TrimSpace(docker(t, "inspect", "--format", "{{.NetworkSettings.IPAddress}}", s.id))
	docker(t, "cp", e2etest.Sidem(t), s.id+":/usr/local/bin/sidem")
	docker(t, "cp", filepath.Join(e2etest.Root(t), "deploy/sidem.service"), s.id+":/etc/systemd/system/sidem.service")
	e2etest.Await(t, "systemd", func() bool {
		return exec.CommandContext(t.Context(), "docker", "exec", s.id, "systemctl", "daemon-reload").Run() == nil //nolint:gosec // see above
	})
	w, err := world.NewOn(world.Network{Host: bridge(t)}, s.dir, func(w *world.World) world.Service { s.w = w; return s })
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

// sh runs a script as root in the machine.
func (s *unit) sh(script string) { docker(s.t, "exec", s.id, "sh", "-euc", script) }

// put writes a file of the machine.
func (s *unit) put(name, text string) {
	file := filepath.Join(s.dir, filepath.Base(name))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.sh("mkdir -p " + filepath.Dir(name))
	docker(s.t, "cp", file, s.id+":"+name)
}

// Start brings the store to where systemd keeps it, and starts the service.
func (s *unit) Start(ctx context.Context) error {
	s.put("/clock/now", s.w.Time.Now().Format(time.RFC3339Nano))
	settings := "SIDEM_ADMIN_ADDR=:9090\n"
	for _, v := range s.w.Environment("/", "/clock/now") {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "SIDEM_") && !strings.Contains("SIDEM_STORE SIDEM_FILES SIDEM_ADMIN_ADDR", name) {
			settings += v + "\n"
		}
	}
	s.put("/etc/sidem/sidem.env", settings)
	s.sh("chmod 644 /clock/now; mkdir -m 700 -p /var/lib/private; mkdir -p /var/lib/private/sidem")
	docker(s.t, "cp", filepath.Join(s.dir, "sidem.db"), s.id+":/var/lib/private/sidem/sidem.db")
	s.sh("systemctl start sidem")
	for !s.w.SlackReaches(ctx, "") || !s.w.Telegram.Receiving() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Stop stops the service, and brings the store back.
func (s *unit) Stop() error {
	s.sh("systemctl stop sidem; test $(systemctl show --property=ExecMainStatus --value sidem) = 0")
	docker(s.t, "cp", s.id+":/var/lib/private/sidem/.", s.dir)
	return nil
}

func (s *unit) Idle(ctx context.Context) (bool, error) {
	return s.w.IdleAt(ctx, net.JoinHostPort(s.host, "9090"))
}

// TestInContainersTheUnitOfSystemdDoesItsWork tells the eight steps with SIDEM under
// every restriction of the unit that is shipped.
func TestInContainersTheUnitOfSystemdDoesItsWork(t *testing.T) {
	w, _ := newUnit(t)
	r := bottest.Runner{World: w, Patience: 4 * world.Patience}
	if err := r.Play(t.Context(), e2etest.Scenario(t, "ocho_pasos")); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	e2etest.Explained(t, w)
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
