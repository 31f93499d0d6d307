//go:build e2e

package containers

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// composed is SIDEM as compose.yaml has it: containers of a Docker engine, whose
// platforms are emulators of this process.
type composed struct {
	t    *testing.T
	w    *world.World
	dir  string // compose.yaml, and what deploy/README.md says to put beside it
	name string // of the project
}

// public is where the proxy is reached: a port that Telegram allows, and a name for
// which Caddy makes its certificate by itself.
const public = "localhost:8443"

// override is what differs from an office's: where the platforms are, the clock, and
// that the outbox can be asked from outside.
const override = `
services:
  sidem:
    environment:
      SIDEM_TELEGRAM_API: %s
      SIDEM_SLACK_API: %s
      SIDEM_SMTP_TLS: none
      SIDEM_CLOCK_FILE: /clock/now
      SIDEM_ADMIN_ADDR: ":9090"
    volumes: ["./clock:/clock:ro"]
  proxy:
    ports: !override ["127.0.0.1:8443:8443"]
`

func newComposed(t *testing.T) (*world.World, *composed) {
	t.Helper()
	gateway := bridge(t)
	dir := t.TempDir()
	s := &composed{t: t, dir: dir, name: "sidem-test-" + strconv.Itoa(os.Getpid())}
	w, err := world.NewOn(world.Network{Host: gateway}, dir, func(w *world.World) world.Service { s.w = w; return s })
	if err != nil {
		t.Fatal(err)
	}
	c := &w.Config
	c.TelegramMode, c.TelegramSecret, c.PublicURL = office.TelegramWebhook, "", "https://"+public
	c.SlackMode, c.SlackAppToken, c.SMTPUser = office.SlackHTTP, "", ""
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.compose("logs", "--no-color", "--tail=60"))
		}
		s.compose("down", "--volumes", "--timeout=2")
	})
	s.furnish()
	return w, s
}

// furnish does what deploy/README.md says, in its own words, and writes what is this office's.
func (s *composed) furnish() {
	s.t.Helper()
	_, block, _ := strings.Cut(e2etest.Shipped(s.t, "deploy/README.md"), "```sh\nmkdir -m 700 secrets\n")
	block, _, ok := strings.Cut(block, "```")
	if !ok {
		s.t.Fatal("deploy/README.md no longer says what to do before compose")
	}
	c := &s.w.Config
	copied := exec.CommandContext(s.t.Context(), "cp", "-r", "--parents", "compose.yaml", "deploy", "cmd/sidem/office/office.yaml", s.dir) //nolint:gosec // a folder of the test
	copied.Dir = e2etest.Root(s.t)
	s.run(copied)
	done := exec.CommandContext(s.t.Context(), "sh", "-euc", "mkdir -m 700 secrets\n"+block) //nolint:gosec // of the repository
	done.Dir = s.dir
	s.run(done)
	for name, text := range map[string]string{
		"secrets/telegram_token": c.TelegramToken.Reveal(), "secrets/slack_bot_token": c.SlackBotToken.Reveal(),
		"secrets/slack_signing_secret": c.SlackSigning.Reveal(), "secrets/smtp_password": "",
		"compose.override.yaml": fmt.Sprintf(override, c.TelegramAPI, c.SlackAPI),
		".env":                  fmt.Sprintf("PUBLIC_HOST=%s\nTELEGRAM_NAME=%s\nSMTP_ADDR=%s\nMAIL_FROM=%s\n", public, c.TelegramName, c.SMTPAddr, c.MailFrom),
	} {
		s.write(name, text)
	}
	c.TelegramSecret = office.Secret(s.read("secrets/telegram_secret"))
	s.compose("up", "--detach", "--wait", "--no-deps", "redis", "proxy")
	c.Store = office.Secret(strings.Replace(s.read("secrets/store"), "@redis:", "@"+s.addresses("redis")[0]+":", 1))
	// From here on this process trusts what the proxy signs.
	authority := filepath.Join(s.dir, "root.crt")
	e2etest.Await(s.t, "the proxy's authority", func() bool {
		return s.command("cp", "proxy:/data/caddy/pki/authorities/local/root.crt", authority).Run() == nil
	})
	s.t.Setenv("SSL_CERT_FILE", authority)
}

func (s *composed) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // read in containers
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // see above
		s.t.Fatal(err)
	}
}

func (s *composed) read(name string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func (s *composed) command(args ...string) *exec.Cmd {
	cmd := exec.Command("docker", append([]string{"compose", "--project-name", s.name}, args...)...) //nolint:gosec,noctx // also when the test is over
	cmd.Dir = s.dir
	return cmd
}

func (s *composed) compose(args ...string) string {
	s.t.Helper()
	return s.run(s.command(args...))
}

func (s *composed) run(cmd *exec.Cmd) string {
	s.t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return string(out)
}

// containers are the ids of those of a service that there are.
func (s *composed) containers(service string) []string {
	s.t.Helper()
	return strings.Fields(s.compose("ps", "--all", "--quiet", service))
}

// inspect is one value of each container of a service.
func (s *composed) inspect(service, format string) []string {
	s.t.Helper()
	return strings.Fields(docker(s.t, append([]string{"inspect", "--format", format}, s.containers(service)...)...))
}

func (s *composed) addresses(service string) []string {
	s.t.Helper()
	return s.inspect(service, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
}

// kill ends the nth container of a service as the power would; compose starts it again.
func (s *composed) kill(service string, n int) {
	pid, err := strconv.Atoi(s.inspect(service, "{{.State.Pid}}")[n])
	if err == nil {
		err = syscall.Kill(pid, syscall.SIGKILL)
	}
	if err != nil {
		s.t.Errorf("%s %d: %v", service, n, err)
	}
}

// Start runs the replicas, and returns when the platforms deliver to them.
func (s *composed) Start(ctx context.Context) error {
	s.write("clock/now", s.w.Time.Now().Format(time.RFC3339Nano))
	s.compose("up", "--detach", "--wait", "--no-recreate")
	for s.w.Slack.Deliver(ctx, "https://"+public) != nil || !s.w.Telegram.Receiving() {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Stop ends the replicas; Redis is still there to be read.
func (s *composed) Stop() error { return s.command("stop", "sidem").Run() }

// Idle asks whichever lives: they owe the same.
func (s *composed) Idle(ctx context.Context) (bool, error) {
	for _, address := range s.addresses("sidem") {
		if idle, err := s.w.IdleAt(ctx, net.JoinHostPort(address, "9090")); idle || err != nil {
			return idle, err
		}
	}
	return false, nil
}

// bridge is the address of this machine that containers reach.
func bridge(t *testing.T) string {
	t.Helper()
	i, err := net.InterfaceByName("docker0")
	if err != nil {
		t.Fatalf("no Docker engine runs here: %v", err)
	}
	addresses, err := i.Addrs()
	if err != nil || len(addresses) == 0 {
		t.Fatalf("docker0 has no address: %v", err)
	}
	host, _, _ := strings.Cut(addresses[0].String(), "/")
	return host
}

func docker(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", args...).CombinedOutput() //nolint:gosec // of this file
	if err != nil {
		t.Fatalf("docker %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// TestInContainersComposeOutlivesEachOfItsParts runs compose.yaml, furnished as deploy/README.md says, and tells
// the eight steps while each replica and Redis are killed once. It needs a Docker
// engine on this machine whose processes may be killed, and the image (make image).
func TestInContainersComposeOutlivesEachOfItsParts(t *testing.T) {
	w, s := newComposed(t)
	h := &e2etest.Hooked{At: map[int]func(){
		15: func() { s.kill("sidem", 0) }, 30: func() { s.kill("redis", 0) }, 45: func() { s.kill("sidem", 1) },
	}}
	w.Telegram.Intercept(h.Telegram)
	r := bottest.Runner{World: w, Patience: 4 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return e2etest.Doubtful(t, w, 2, surprises, stale)
	}}
	if err := r.Play(t.Context(), e2etest.Scenario(t, "ocho_pasos")); err != nil {
		t.Error(err)
	}
	for _, service := range []string{"sidem", "redis"} {
		for _, n := range s.inspect(service, "{{.RestartCount}}") {
			if n != "1" {
				t.Errorf("%s was started again %s times", service, n)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	t.Logf("%d calls of Telegram's in all", h.Calls())
	e2etest.Explained(t, w)
}
