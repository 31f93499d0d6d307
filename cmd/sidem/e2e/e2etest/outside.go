package e2etest

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// Outside runs SIDEM in a process of its own, and starts it again when it dies.
type Outside struct {
	World   *world.World
	Dir     string   // of its own: the clock's file
	HTTP    string   // its public listener; "" is the world's
	Program string   // "" is the test binary
	Hasty   bool     // waits for nobody's turn: a walk has many deaths, and none is about that
	Extra   []string // more of its environment
	Die     int      // at which change of the store the next process dies
	Again   int      // and those after it

	mu      sync.Mutex
	cmd     *exec.Cmd
	deaths  int
	admin   string // where the present process tells of its outbox; "": it takes no traffic
	closing bool
	ended   chan struct{}
	failed  error
}

// Start runs the first process, and returns when the platforms deliver to it.
func (s *Outside) Start(ctx context.Context) error {
	if err := s.Begin(ctx); err != nil {
		return err
	}
	for !s.World.SlackReaches(ctx, s.World.Config.HTTPAddr) { // it takes traffic after the service is ready
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Begin runs the first process and returns when it is ready.
func (s *Outside) Begin(ctx context.Context) error {
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

// ClockFile is where the process reads its business time.
func (s *Outside) ClockFile() string { return filepath.Join(s.Dir, "clock") }

// supervise keeps one process alive until stop.
func (s *Outside) supervise(ready chan struct{}) {
	defer close(s.ended)
	up := sync.OnceFunc(func() { close(ready) }) // the first processes may die before they are
	for {
		err := s.once(up)
		s.mu.Lock()
		closing := s.closing
		s.mu.Unlock()
		if closing && (errors.Is(err, errFine) || Killed(err) || EndedBy(err, syscall.SIGTERM)) { // it may not listen to signals yet
			return
		}
		if !Killed(err) {
			s.failed = fmt.Errorf("SIDEM ended by itself: %w", err)
			return
		}
	}
}

func (s *Outside) once(up func()) error {
	// Its business time is the story's: leases of those who died end when they should.
	if err := os.WriteFile(s.ClockFile(), []byte(s.World.Time.Now().Format(time.RFC3339Nano)), 0o600); err != nil {
		return err
	}
	cmd := exec.Command(cmp.Or(s.Program, os.Args[0]), "serve") //nolint:gosec,noctx // this very binary, or sidem; ended by Stop
	cmd.Env = append(s.Environment(), DieEnv+"="+strconv.Itoa(s.next()))
	if s.Hasty {
		cmd.Env = append(cmd.Env, HasteEnv+"=1")
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
			s.Becomes(lines.Bytes())
			up()
		}
		if tail = append(tail, lines.Text()); len(tail) > 20 {
			tail = tail[1:]
		}
	}
	err = cmd.Wait()
	s.Becomes(nil)
	if err != nil {
		if Killed(err) {
			s.mu.Lock()
			s.deaths++
			s.mu.Unlock()
		}
		return fmt.Errorf("%w\n%s", err, strings.Join(tail, "\n"))
	}
	return errFine
}

var errFine = errors.New("exit 0")

// Killed reports whether a process ended as the power would end it.
func Killed(err error) bool { return EndedBy(err, syscall.SIGKILL) }

// EndedBy reports whether a process ended by a signal.
func EndedBy(err error, signal syscall.Signal) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && exit.Sys().(syscall.WaitStatus).Signal() == signal
}

// Deaths is how many processes were killed.
func (s *Outside) Deaths() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deaths
}

func (s *Outside) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.Die
	s.Die = s.Again
	return n
}

// Kill ends the process at once, as the power would.
func (s *Outside) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
	}
}

// Retire kills the process for good.
func (s *Outside) Retire() {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.Kill()
	<-s.ended
}

// Stop tells the process to end, and waits until it has.
func (s *Outside) Stop() error {
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

// Renew tells the process to end, as a rolling restart does, and returns when the next is ready.
func (s *Outside) Renew(ctx context.Context) error {
	if err := s.Stop(); err != nil {
		return err
	}
	s.mu.Lock()
	s.closing = false
	s.mu.Unlock()
	return s.Begin(ctx)
}

// Becomes reads of the line of the log that says so where the process tells of its outbox.
func (s *Outside) Becomes(ready []byte) {
	var line struct{ Admin string }
	_ = json.Unmarshal(ready, &line) // nothing: it has ended
	s.mu.Lock()
	defer s.mu.Unlock()
	s.admin = line.Admin
}

// Idle asks the process whether it owes anything that is due soon.
func (s *Outside) Idle(ctx context.Context) (bool, error) {
	s.mu.Lock()
	admin, failed := s.admin, s.failed
	s.mu.Unlock()
	if failed != nil || admin == "" {
		return false, failed
	}
	return s.World.IdleAt(ctx, admin)
}

// Environment is what the process has in its environment.
func (s *Outside) Environment() []string {
	env := append(s.World.Environment(s.Dir, s.ClockFile()), ServeEnv+"=1")
	env = append(env, s.Extra...)
	if s.HTTP != "" {
		env = append(env, "SIDEM_HTTP_ADDR="+s.HTTP)
	}
	return env
}
