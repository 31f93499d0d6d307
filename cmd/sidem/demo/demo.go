// Package demo is the demonstration: SIDEM among emulators, in a page for a visitor or told to its end
// with nobody watching. It introduces world, stage and page to each other.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/stage"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// pace is the time between two acts that are done for a visitor, so that they can be followed.
const pace = 700 * time.Millisecond

// Options are what a demonstration is made of.
type Options struct {
	Story string // the scenario that is played
	Data  string // the folder that is kept; "" for one that is removed at the end
	Port  int    // of the page on loopback; 0 is any that is free
	Log   *slog.Logger
}

// Show is a demonstration whose page is served.
type Show struct {
	Address string // where a visitor begins
	stage   *stage.Stage
	server  *http.Server
	served  chan error
}

// Open begins a demonstration. Its page is served until Serve or Close.
func Open(ctx context.Context, o Options) (*Show, error) {
	st, err := stage.New(ctx, o.fresh, o.Story, pace)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(o.Port)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("demo: %w", err), st.Close())
	}
	p := page.New(st, l.Addr().String(), o.Log)
	s := &Show{
		Address: p.Address(), stage: st, served: make(chan error, 1),
		server: &http.Server{Handler: p, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }},
	}
	go func() { s.served <- s.server.Serve(l) }()
	return s, nil
}

// fresh is a new world, in the folder that is kept or in one that is removed. A
// store that is there already is left alone: the emulators of a new start know
// nothing of its chats.
func (o Options) fresh() (*world.World, func(), error) {
	dir, remove, err := world.TempDir(o.Data)
	if err != nil {
		return nil, nil, fmt.Errorf("demo: %w", err)
	}
	if o.Data != "" {
		if dir, err = os.MkdirTemp(dir, time.Now().Format("2006-01-02-150405-")); err != nil {
			return nil, nil, fmt.Errorf("demo: %w", err)
		}
	}
	w, err := world.New(dir, world.InProcess)
	if err != nil {
		remove()
		return nil, nil, err
	}
	if o.Data == "" {
		w.Fleeting = dir
	}
	return w, remove, nil
}

// Serve serves the page until ctx ends, and ends the demonstration.
func (s *Show) Serve(ctx context.Context) error {
	select {
	case err := <-s.served:
		return errors.Join(fmt.Errorf("demo: %w", err), s.stage.Close())
	case <-ctx.Done():
	}
	_ = s.server.Close() // the stream of events never ends by itself
	err := <-s.served
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, s.stage.Close())
}

// Told is what came of a story that was told to its end.
type Told struct {
	Messages int // of Telegram and Slack
	Mails    int
}

// UntrueError says that a story did not come true: a message is missing, one came
// that nobody expected, or a button is left that does nothing.
type UntrueError struct {
	Step string // in which that was; "" before the first
	Err  error
}

func (e *UntrueError) Error() string { return e.Err.Error() }

func (e *UntrueError) Unwrap() error { return e.Err }

// Tell plays a scenario against emulators on loopback; each step that ended is
// told with how long it took. An *UntrueError says that it did not come true.
func Tell(ctx context.Context, o Options, each func(step string, took time.Duration)) (told Told, err error) {
	lines, err := bottest.Scenario(o.Story)
	if err != nil {
		return told, err
	}
	dir, remove, err := world.TempDir(o.Data)
	if err != nil {
		return told, fmt.Errorf("demo: %w", err)
	}
	defer remove()
	if old, err := os.ReadDir(dir); err != nil || len(old) > 0 {
		return told, errors.Join(err, fmt.Errorf("demo: a story begins in an empty folder, and %s is none: remove what is there, or name another with --data", dir))
	}
	w, err := world.New(dir, world.InProcess)
	if err != nil {
		return told, err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.Config.ClockFile = filepath.Join(dir, "clock")
	if err := w.SetTime(world.Monday); err != nil {
		return told, err
	}
	step, began := "", time.Now()
	done := func(next string) {
		if step != "" {
			each(step, time.Since(began))
		}
		step, began = next, time.Now()
	}
	r := bottest.Runner{World: w, Patience: world.Patience, On: func(l bottest.Line) {
		if l.Kind == bottest.Step {
			done(l.Arg)
		}
	}}
	if err := r.Play(ctx, lines); err != nil {
		return told, &UntrueError{Step: step, Err: err}
	}
	done("")
	return Told{Messages: messages(w), Mails: len(w.Mail.All())}, nil
}

// posts are the calls that put a message before somebody.
var posts = map[string]bool{
	"sendMessage": true, "sendDocument": true, "sendPhoto": true, "chat.postMessage": true, "files.completeUploadExternal": true,
}

// messages are how many messages the platforms took.
func messages(w *world.World) (n int) {
	for _, c := range w.Telegram.Calls() {
		if posts[c.Method] && c.Status == http.StatusOK {
			n++
		}
	}
	for _, c := range w.Slack.Calls() {
		if posts[c.Method] && strings.Contains(c.Response, `"ok":true`) {
			n++
		}
	}
	return n
}

// RealSecrets are the variables that hold credentials of real platforms.
func RealSecrets(cfg office.Config) []string {
	var out []string
	for _, v := range []struct {
		name  string
		value office.Secret
	}{
		{"SIDEM_TELEGRAM_TOKEN", cfg.TelegramToken},
		{"SIDEM_SLACK_BOT_TOKEN", cfg.SlackBotToken},
		{"SIDEM_SLACK_APP_TOKEN", cfg.SlackAppToken},
		{"SIDEM_SMTP_PASSWORD", cfg.SMTPPassword},
	} {
		if v.value != "" {
			out = append(out, v.name)
		}
	}
	for _, name := range []string{"SIDEM_TELEGRAM_SECRET", "SIDEM_SLACK_SIGNING_SECRET"} {
		if os.Getenv(name) != "" || os.Getenv(name+"_FILE") != "" {
			out = append(out, name)
		}
	}
	return out
}

// Service is SIDEM as the demonstration runs it in a process of its own: it serves
// for as long as the standard input is open. So it outlives its parent on no
// system, however the parent ended. fleeting is the folder that is removed when
// the parent died; "" is none.
func Service(ctx context.Context, cfg office.Config, o app.Options, fleeting string) error {
	signal.Ignore(syscall.SIGPIPE) // of a log that nobody reads any more
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orphaned := make(chan bool, 1)
	go func() {
		said, _ := io.ReadAll(os.Stdin)
		orphaned <- string(said) != world.Farewell
		cancel()
	}()
	err := app.Serve(ctx, cfg, o)
	select {
	case orphan := <-orphaned:
		if orphan && strings.HasPrefix(filepath.Base(fleeting), world.FleetingPrefix) {
			err = errors.Join(err, os.RemoveAll(fleeting))
		}
	default: // it ended by itself, or by a signal that the parent hears too
	}
	return err
}
