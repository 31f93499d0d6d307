package world

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
)

// Child runs SIDEM among the emulators as a process of its own, which can be killed.
type Child struct {
	w   *World
	dir string // where the clock's file is
	// fleeting is the folder that the process removes when this one dies; "" is none.
	fleeting string
	program  string // "" is this very program

	moving sync.Mutex // one move of the clock at a time

	mu    sync.Mutex
	cmd   *exec.Cmd
	stdin io.WriteCloser
	admin string        // where it tells of its outbox
	ended chan struct{} // closed when it has ended; err says how
	err   error
	told  chan struct{} // closed when it says that its clock was set, and made anew
}

// ChildEnv is what the process has in its environment beside the configuration.
var ChildEnv []string

// childPatience is how long a process may take to begin, to end, or to set its clock.
const childPatience = time.Minute

func newChild(w *World, dir, fleeting string) *Child {
	return &Child{w: w, dir: dir, fleeting: fleeting, told: make(chan struct{})}
}

// Elsewhere is a Service in a process of its own, of a program that takes the
// command demo-service as this one does.
func Elsewhere(program string) func(*World) Service {
	return func(w *World) Service {
		s := newChild(w, w.Dir, "")
		s.program = program
		return s
	}
}

func (s *Child) clockFile() string { return filepath.Join(s.dir, "clock") }

// writeClock puts business time where the process reads it, all at once.
func (s *Child) writeClock() error {
	next := s.clockFile() + ".next"
	if err := os.WriteFile(next, []byte(s.w.Time.Now().Format(time.RFC3339Nano)), 0o600); err != nil {
		return fmt.Errorf("write the clock: %w", err)
	}
	return os.Rename(next, s.clockFile())
}

// moved tells the process that business time was set, and waits until it knows.
func (s *Child) moved() error {
	s.moving.Lock()
	defer s.moving.Unlock()
	s.mu.Lock()
	told, ended, runs := s.told, s.ended, s.cmd != nil
	s.mu.Unlock()
	if err := s.writeClock(); err != nil || !runs {
		return err
	}
	select {
	case <-told:
	case <-ended:
	case <-time.After(childPatience):
		return errors.New("SIDEM does not take the new time")
	}
	return nil
}

// Start runs the process, and returns when the platforms deliver to it.
func (s *Child) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, childPatience)
	defer cancel()
	if err := s.writeClock(); err != nil {
		return err
	}
	program := s.program
	if program == "" {
		this, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		program = this
	}
	cmd := exec.Command(program, "demo-service", "--fleeting="+s.fleeting) //nolint:gosec,noctx // our own program; it ends with its standard input
	cmd.Env = append(s.w.Environment(s.dir, s.clockFile()), ChildEnv...)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("start SIDEM: %w", err)
	}
	logs, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("start SIDEM: %w", err)
	}
	Forking.Lock()
	err = cmd.Start()
	Forking.Unlock()
	if err != nil {
		return fmt.Errorf("start SIDEM: %w", err)
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	s.mu.Lock()
	s.cmd, s.stdin, s.ended, s.err = cmd, stdin, ended, nil
	s.mu.Unlock()
	go func() {
		defer close(ended)
		last := s.listen(logs, ready)
		if err := cmd.Wait(); err != nil {
			s.mu.Lock()
			s.err = fmt.Errorf("SIDEM ended: %w\n%s", err, last)
			s.mu.Unlock()
		}
	}()
	return s.connected(ctx, ready, ended)
}

// listen reads the log of the process to its end, and returns its last lines.
func (s *Child) listen(logs io.Reader, ready chan struct{}) string {
	lines := bufio.NewScanner(logs)
	lines.Buffer(nil, 1<<20)
	var last []string
	for lines.Scan() {
		var line struct{ Msg, Admin string }
		_ = json.Unmarshal(lines.Bytes(), &line) // a panic is not JSON
		s.mu.Lock()
		switch line.Msg {
		case "ready":
			s.admin = line.Admin
			close(ready)
		case app.ClockWasSet:
			close(s.told)
			s.told = make(chan struct{})
		}
		s.mu.Unlock()
		if last = append(last, lines.Text()); len(last) > 20 {
			last = last[1:]
		}
	}
	return strings.Join(last, "\n")
}

// connected waits until the process runs and the platforms deliver to it.
func (s *Child) connected(ctx context.Context, ready, ended chan struct{}) error {
	select {
	case <-ready:
	case <-ended:
		return s.err
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("SIDEM does not begin: %w", ctx.Err()), s.Stop())
	}
	for !s.w.SlackReaches(ctx, "") { // what Telegram has waits until it is asked for
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ended:
			return s.err
		case <-ctx.Done():
			return fmt.Errorf("no delivery of Slack's reaches SIDEM: %w", ctx.Err())
		}
	}
	return nil
}

// Stop tells the process to end, and waits until it has.
func (s *Child) Stop() error {
	return s.end(func() {
		_, _ = io.WriteString(s.stdin, Farewell) // it may have ended by itself
		_ = s.stdin.Close()
	})
}

// Kill ends the process at once, as a power cut does: nothing is finished nor given back.
func (s *Child) Kill() error {
	err := s.end(func() { _ = s.cmd.Process.Kill() })
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !exit.Exited() {
		return nil // as it was asked to
	}
	return err
}

func (s *Child) end(how func()) error {
	s.mu.Lock()
	cmd, ended := s.cmd, s.ended
	s.mu.Unlock()
	if cmd == nil {
		return nil
	}
	how()
	var late error
	select {
	case <-ended:
	case <-time.After(childPatience):
		late = errors.New("SIDEM did not end when it was told to")
		_ = cmd.Process.Kill()
		<-ended
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.stdin.Close()
	s.cmd, s.admin = nil, ""
	return errors.Join(late, s.err, s.left())
}

// left waits until the platforms have noticed that nobody listens any more.
func (s *Child) left() error {
	deadline := time.Now().Add(childPatience)
	for s.w.Slack.Connected() > 0 || s.w.Telegram.Receiving() {
		if time.Now().After(deadline) {
			return errors.New("the platforms still hold a connection of SIDEM's")
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil
}

// Idle asks the process whether it owes anything that is due soon.
func (s *Child) Idle(ctx context.Context) (bool, error) {
	s.mu.Lock()
	admin := s.admin
	s.mu.Unlock()
	if admin == "" {
		return true, nil
	}
	return s.w.IdleAt(ctx, admin)
}

// IdleAt asks a process, where it tells of its outbox, whether it owes anything
// that is due soon. One that does not answer has just died, or begins.
func (w *World) IdleAt(ctx context.Context, admin string) (bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/outbox", nil)
	if err != nil {
		return false, fmt.Errorf("ask for the outbox: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false, nil //nolint:nilerr // see above
	}
	defer func() { _ = res.Body.Close() }()
	var p app.Pending
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		return false, nil //nolint:nilerr // see above
	}
	return !p.Inputs && p.Due == 0 && p.Leased == 0 && (p.Next.IsZero() || p.Next.After(w.Time.Now().Add(Soon))), nil
}

// Environment is the configuration of a SIDEM among the emulators, for a process
// of its own: nothing else of this one's environment.
func (w *World) Environment(home, clockFile string) []string {
	c := w.Config
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir(),
		"SIDEM_STORE=" + c.Store.Reveal(), "SIDEM_FILES=" + c.Files, "SIDEM_ADMIN_ADDR=127.0.0.1:0",
		"SIDEM_HTTP_ADDR=" + c.HTTPAddr, "SIDEM_PUBLIC_URL=" + c.PublicURL,
		"SIDEM_TELEGRAM_MODE=" + c.TelegramMode, "SIDEM_TELEGRAM_SECRET=" + c.TelegramSecret.Reveal(), "SIDEM_TELEGRAM_NAME=" + c.TelegramName,
		"SIDEM_TELEGRAM_TOKEN=" + c.TelegramToken.Reveal(), "SIDEM_TELEGRAM_API=" + c.TelegramAPI,
		"SIDEM_SLACK_BOT_TOKEN=" + c.SlackBotToken.Reveal(), "SIDEM_SLACK_APP_TOKEN=" + c.SlackAppToken.Reveal(), "SIDEM_SLACK_API=" + c.SlackAPI,
		"SIDEM_SLACK_MODE=" + c.SlackMode, "SIDEM_SLACK_SIGNING_SECRET=" + c.SlackSigning.Reveal(),
		"SIDEM_SMTP_ADDR=" + c.SMTPAddr, "SIDEM_SMTP_TLS=" + c.SMTPTLS, "SIDEM_MAIL_FROM=" + c.MailFrom, "SIDEM_MAIL_REPLY_TO=" + c.MailReplyTo,
		"SIDEM_CLOCK_FILE=" + clockFile,
	}
}

// Farewell is what a process hears before its standard input ends, when it is
// told to end by a parent that goes on.
const Farewell = "fin\n"
