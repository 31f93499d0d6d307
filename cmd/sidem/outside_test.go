package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sidem/core/desk"
	"sidem/core/outbox"
)

// The test binary is also the program: with serveEnv set it is `sidem serve`,
// and with dieEnv it kills itself at the nth change of the store.
const (
	serveEnv = "SIDEM_TEST_SERVE"
	dieEnv   = "SIDEM_TEST_DIE"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) == "" {
		os.Exit(m.Run())
	}
	if n, err := strconv.Atoi(os.Getenv(dieEnv)); err == nil && n != 0 {
		wrapStore = func(s store) store { return &mortal{store: s, at: int64(n)} }
	}
	os.Exit(run(context.Background(), []string{"serve"}, os.Stdout, os.Stderr))
}

// mortal is a store that kills the process at its nth change: just before it
// for n > 0, just after it for n < 0.
type mortal struct {
	store
	at    int64
	count atomic.Int64
}

func (m *mortal) before() int64 {
	n := m.count.Add(1)
	if n == m.at {
		die()
	}
	return n
}

func (m *mortal) after(n int64) {
	if -n == m.at {
		die()
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // not one instruction more
}

func (m *mortal) Commit(ctx context.Context, c desk.Commit) error {
	n := m.before()
	err := m.store.Commit(ctx, c)
	m.after(n)
	return err
}

func (m *mortal) Reserve(ctx context.Context, series, record string) (int, error) {
	n := m.before()
	v, err := m.store.Reserve(ctx, series, record)
	m.after(n)
	return v, err
}

func (m *mortal) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	n := m.before()
	v, err := m.store.Put(ctx, key, value, rev, now, expires)
	m.after(n)
	return v, err
}

func (m *mortal) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	n := m.before()
	v, err := m.store.Settle(ctx, now, results)
	m.after(n)
	return v, err
}

func (m *mortal) Claim(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]outbox.Item, error) {
	items, err := m.store.Claim(ctx, now, limit, lease)
	if len(items) > 0 { // a claim of nothing changes nothing
		m.after(m.before())
	}
	return items, err
}

// outside runs SIDEM in a process of its own, and starts it again when it dies.
type outside struct {
	w   *world
	dir string

	mu      sync.Mutex
	cmd     *exec.Cmd
	die     int // at which change of the store the next process dies
	again   int // and those after it
	deaths  int
	ready   time.Time // since when the present process takes traffic; zero: not yet
	closing bool
	ended   chan struct{}
	failed  error
}

func (s *outside) start(ctx context.Context) error {
	if err := os.WriteFile(s.clockFile(), []byte(s.w.clock.Now().Format(time.RFC3339)), 0o600); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	ready := make(chan struct{})
	go s.supervise(ready)
	select {
	case <-ready:
		return nil
	case <-s.ended:
		return s.failed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *outside) clockFile() string { return filepath.Join(s.dir, "clock") }

// supervise keeps one process alive until stop.
func (s *outside) supervise(ready chan struct{}) {
	defer close(s.ended)
	for first := true; ; first = false {
		err := s.once(first, ready)
		s.mu.Lock()
		closing := s.closing
		s.mu.Unlock()
		if closing {
			return
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			s.failed = fmt.Errorf("SIDEM ended by itself: %w", err)
			return
		}
	}
}

func (s *outside) once(first bool, ready chan struct{}) error {
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this very binary
	cmd.Env = append(s.env(), serveEnv+"=1", dieEnv+"="+strconv.Itoa(s.next()))
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	logs, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return nil
	}
	err = cmd.Start()
	s.cmd = cmd
	s.mu.Unlock()
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(logs)
	lines.Buffer(nil, 1<<20)
	var tail []string
	for lines.Scan() {
		if strings.Contains(lines.Text(), `"msg":"ready"`) {
			s.becomes(time.Now())
			if first {
				close(ready)
				first = false
			}
		}
		if tail = append(tail, lines.Text()); len(tail) > 20 {
			tail = tail[1:]
		}
	}
	err = cmd.Wait()
	s.becomes(time.Time{})
	if err != nil {
		s.mu.Lock()
		s.deaths++
		s.mu.Unlock()
		return fmt.Errorf("%w\n%s", err, strings.Join(tail, "\n"))
	}
	return errors.New("exit 0")
}

func (s *outside) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.die
	s.die = s.again
	return n
}

// kill ends the process at once, as the power would.
func (s *outside) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
	}
}

func (s *outside) stop() error {
	s.mu.Lock()
	s.closing = true
	cmd := s.cmd
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	<-s.ended
	return nil
}

// becomes notes since when the process takes traffic.
func (s *outside) becomes(ready time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = ready
}

// idle: nobody outside can look into it. The emulators tell, once it has had a
// moment to take up what the one before left; the end is judged on the store.
func (s *outside) idle(context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ready.IsZero() && time.Since(s.ready) > 100*time.Millisecond, s.failed
}

func (s *outside) env() []string {
	c := s.w.cfg
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir,
		"SIDEM_STORE=" + c.Store, "SIDEM_FILES=" + c.Files, "SIDEM_ADMIN_ADDR=off",
		"SIDEM_TELEGRAM_TOKEN=" + c.TelegramToken.Reveal(), "SIDEM_TELEGRAM_API=" + c.TelegramAPI,
		"SIDEM_SMTP_ADDR=" + c.SMTPAddr, "SIDEM_SMTP_TLS=" + c.SMTPTLS, "SIDEM_MAIL_FROM=" + c.MailFrom,
		"SIDEM_CLOCK_FILE=" + s.clockFile(),
	}
}

func (m *mortal) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	n := m.before()
	v, err := m.store.Add(ctx, now, items...)
	m.after(n)
	return v, err
}
