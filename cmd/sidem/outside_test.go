package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
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

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/core/desk"
	"sidem/core/outbox"
)

// The test binary is also the program: with serveEnv set it is `sidem serve`, or
// what its arguments say; with dieEnv it kills itself at the nth change of the
// store, and with hasteEnv it does not wait for anybody's turn.
const (
	serveEnv = "SIDEM_TEST_SERVE"
	dieEnv   = "SIDEM_TEST_DIE"
	hasteEnv = "SIDEM_TEST_HASTE"
)

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) == "" {
		world.ChildEnv = []string{serveEnv + "=1"}
		crowd()
		os.Exit(m.Run())
	}
	if n, err := strconv.Atoi(os.Getenv(dieEnv)); err == nil && n != 0 {
		wrapStore = func(s app.Store) app.Store { return &mortal{Store: s, at: int64(n)} }
	}
	if w := doom(); w != nil {
		wrapStore = w
	}
	if os.Getenv(roomEnv) != "" {
		limitDisk()
	}
	if os.Getenv(hasteEnv) != "" {
		app.Limits = nil
	}
	args := []string{"serve"}
	if len(os.Args) > 1 {
		args, world.ChildEnv = os.Args[1:], []string{serveEnv + "=1"}
	}
	os.Exit(untilTold(args))
}

// crowd runs more tests at once than there are processors, unless -parallel says
// how many: most of a story is waiting for somebody's turn.
func crowd() {
	flag.Parse()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "test.parallel" })
	if !told {
		_ = flag.Set("test.parallel", "8") // it is a number
	}
}

// mortal is a store that kills the process at its nth change: just before it
// for n > 0, just after it for n < 0.
type mortal struct {
	app.Store
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
	err := m.Store.Commit(ctx, c)
	m.after(n)
	return err
}

func (m *mortal) Reserve(ctx context.Context, series, record string) (int, error) {
	n := m.before()
	v, err := m.Store.Reserve(ctx, series, record)
	m.after(n)
	return v, err
}

func (m *mortal) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	n := m.before()
	v, err := m.Store.Put(ctx, key, value, rev, now, expires)
	m.after(n)
	return v, err
}

func (m *mortal) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	n := m.before()
	v, err := m.Store.Settle(ctx, now, results)
	m.after(n)
	return v, err
}

func (m *mortal) Claim(ctx context.Context, now time.Time, limit int, lease time.Duration) ([]outbox.Item, error) {
	items, err := m.Store.Claim(ctx, now, limit, lease)
	if len(items) > 0 { // a claim of nothing changes nothing
		m.after(m.before())
	}
	return items, err
}

// outside runs SIDEM in a process of its own, and starts it again when it dies.
type outside struct {
	w     *world.World
	dir   string
	http  string // its public listener; "" is the world's
	hasty bool   // waits for nobody's turn: a walk has many deaths, and none is about that

	mu      sync.Mutex
	cmd     *exec.Cmd
	die     int // at which change of the store the next process dies
	again   int // and those after it
	deaths  int
	admin   string // where the present process tells of its outbox; "": it takes no traffic
	closing bool
	ended   chan struct{}
	failed  error
}

func (s *outside) Start(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	for !s.w.SlackReaches(ctx, s.w.Config.HTTPAddr) { // it takes traffic after the service is ready
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// begin runs the first process and returns when it is ready.
func (s *outside) begin(ctx context.Context) error {
	s.ended = make(chan struct{})
	ready := make(chan struct{})
	go s.supervise(ready)
	select {
	case <-ready:
	case <-s.ended:
		return s.failed
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (s *outside) clockFile() string { return filepath.Join(s.dir, "clock") }

// supervise keeps one process alive until stop.
func (s *outside) supervise(ready chan struct{}) {
	defer close(s.ended)
	up := sync.OnceFunc(func() { close(ready) }) // the first processes may die before they are
	for {
		err := s.once(up)
		s.mu.Lock()
		closing := s.closing
		s.mu.Unlock()
		if closing && (errors.Is(err, errFine) || killed(err) || endedBy(err, syscall.SIGTERM)) { // it may not listen to signals yet
			return
		}
		if !killed(err) {
			s.failed = fmt.Errorf("SIDEM ended by itself: %w", err)
			return
		}
	}
}

func (s *outside) once(up func()) error {
	// Its business time is the story's: leases of those who died end when they should.
	if err := os.WriteFile(s.clockFile(), []byte(s.w.Time.Now().Format(time.RFC3339Nano)), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(os.Args[0]) //nolint:gosec // this very binary
	cmd.Env = append(s.env(), serveEnv+"=1", dieEnv+"="+strconv.Itoa(s.next()))
	if s.hasty {
		cmd.Env = append(cmd.Env, hasteEnv+"=1")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	logs, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	s.mu.Lock()
	if s.closing {
		s.mu.Unlock()
		return errFine
	}
	world.Forking.Lock()
	err = cmd.Start()
	world.Forking.Unlock()
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
			s.becomes(lines.Bytes())
			up()
		}
		if tail = append(tail, lines.Text()); len(tail) > 20 {
			tail = tail[1:]
		}
	}
	err = cmd.Wait()
	s.becomes(nil)
	if err != nil {
		if killed(err) {
			s.mu.Lock()
			s.deaths++
			s.mu.Unlock()
		}
		return fmt.Errorf("%w\n%s", err, strings.Join(tail, "\n"))
	}
	return errFine
}

var errFine = errors.New("exit 0")

// killed reports whether a process ended as the power would end it.
func killed(err error) bool { return endedBy(err, syscall.SIGKILL) }

func endedBy(err error, signal syscall.Signal) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.Sys().(syscall.WaitStatus).Signal() == signal
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

// retire kills the process for good.
func (s *outside) retire() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.kill()
	<-s.ended
}

func (s *outside) Stop() error {
	s.mu.Lock()
	s.closing = true
	cmd := s.cmd
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	<-s.ended
	return s.failed
}

// becomes reads of the line of the log that says so where the process tells of its outbox.
func (s *outside) becomes(ready []byte) {
	var line struct{ Admin string }
	_ = json.Unmarshal(ready, &line) // nothing: it has ended
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admin = line.Admin
}

// idle asks the process whether it owes anything that is due soon.
func (s *outside) Idle(ctx context.Context) (bool, error) {
	s.mu.Lock()
	admin, failed := s.admin, s.failed
	s.mu.Unlock()
	if failed != nil || admin == "" {
		return false, failed
	}
	return s.w.IdleAt(ctx, admin)
}

func (s *outside) env() []string {
	env := s.w.Environment(s.dir, s.clockFile())
	if s.http != "" {
		env = append(env, "SIDEM_HTTP_ADDR="+s.http)
	}
	return env
}

func (m *mortal) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	n := m.before()
	v, err := m.Store.Add(ctx, now, items...)
	m.after(n)
	return v, err
}
