package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/demo/page"
	"sidem/cmd/sidem/demo/stage"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/cmd/sidem/ops"
)

type demoCmd struct {
	Auto   bool   `help:"Play the eight steps and end, without a page."`
	Story  string `help:"Which scenario to play." default:"ocho_pasos"`
	Data   string `help:"Keep the store in this folder; otherwise nothing is left behind." placeholder:"DIR"`
	NoOpen bool   `help:"Print the address only; do not open a browser."`
	Port   int    `help:"Port of the page on loopback; 0 is any that is free." default:"0"`
}

// pace is the time between two acts that are done for a visitor, so that they can be followed.
const pace = 700 * time.Millisecond

// Run serves the page until the process is told to end; with --auto it plays a
// scenario and ends.
func (c demoCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	if c.Auto {
		return c.auto(ctx, out)
	}
	if real := realSecrets(*cfg); len(real) > 0 {
		return office.Misconfigured(fmt.Errorf("demo: real credentials are set (%s): the demonstration never runs beside them; unset them and start again", strings.Join(real, ", ")))
	}
	began := time.Now()
	s, err := stage.New(ctx, c.fresh, c.Story, pace)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(ctx, s, began, log, out), s.Close())
}

// fresh is a new world, in the folder that is kept or in one that is removed. A
// store that is there already is refused: the emulators of a new start know
// nothing of its chats.
func (c demoCmd) fresh() (*world.World, func(), error) {
	dir, remove, err := world.TempDir(c.Data)
	if err != nil {
		return nil, nil, fmt.Errorf("demo: %w", err)
	}
	if c.Data != "" {
		if dir, err = os.MkdirTemp(dir, time.Now().Format("2006-01-02-150405-")); err != nil {
			return nil, nil, fmt.Errorf("demo: %w", err)
		}
	}
	w, err := world.New(dir, world.InProcess)
	if err != nil {
		remove()
		return nil, nil, err
	}
	if c.Data == "" {
		w.Fleeting = dir
	}
	return w, remove, nil
}

// serve shows the stage on a loopback port until ctx ends.
func (c demoCmd) serve(ctx context.Context, s *stage.Stage, began time.Time, log *slog.Logger, out io.Writer) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(c.Port)))
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	page := page.New(s, l.Addr().String(), log)
	srv := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	_, _ = fmt.Fprintf(out, "SIDEM, demostración: Telegram, Slack y correo son emuladores de esta máquina; nada sale de ella.\n\n  %s\n\n", page.Address())
	if c.Data != "" {
		_, _ = fmt.Fprintf(out, "Los datos quedan en %s.\n", c.Data)
	}
	_, _ = fmt.Fprintf(out, "Lista en %d ms. Para terminar, Ctrl+C.\n", time.Since(began).Milliseconds())
	if !c.NoOpen {
		browse(ctx, page.Address())
	}
	select {
	case err = <-served:
		return fmt.Errorf("demo: %w", err)
	case <-ctx.Done():
	}
	_ = srv.Close() // the stream of events never ends by itself
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// browse opens the address where there is a display; the address was printed anyway.
func browse(ctx context.Context, address string) {
	name := ""
	switch {
	case runtime.GOOS == "darwin":
		name = "open"
	case os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != "":
		name = "xdg-open"
	default:
		return
	}
	cmd := exec.CommandContext(ctx, name, address) //nolint:gosec // our own address
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }()
	}
}

// realSecrets are the variables that hold credentials of real platforms.
func realSecrets(cfg office.Config) []string {
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

// auto plays a scenario against emulators on loopback, one line a step. It fails
// when a message is missing, when one came that nobody expected, or when a
// button is left that does nothing.
func (c demoCmd) auto(ctx context.Context, out io.Writer) (err error) {
	lines, err := bottest.Scenario(c.Story)
	if err != nil {
		return err
	}
	dir, remove, err := world.TempDir(c.Data)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer remove()
	w, err := world.New(dir, world.InProcess)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.Config.ClockFile = filepath.Join(dir, "clock")
	if err := w.SetTime(world.Monday); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "SIDEM: una solicitud recorre los ocho pasos, con emuladores locales de Telegram, Slack y correo.")
	step := ""
	began := time.Now()
	r := bottest.Runner{World: w, Patience: world.Patience, On: func(l bottest.Line) {
		if l.Kind == bottest.Step {
			done(out, step, began)
			step, began = l.Arg, time.Now()
		}
	}}
	if err := r.Play(ctx, lines); err != nil {
		_, _ = fmt.Fprintf(out, "  falla  %s\n", step)
		return &ops.CheckError{Err: err}
	}
	done(out, step, began)
	_, _ = fmt.Fprintf(out, "Listo: llegó cada mensaje esperado, ninguno de más, y no quedó ningún botón sin efecto. (%d mensajes de Telegram y Slack, %d correos)\n",
		len(w.Telegram.Calls())+len(w.Slack.Calls()), len(w.Mail.All()))
	return nil
}

func done(out io.Writer, step string, began time.Time) {
	if step != "" {
		_, _ = fmt.Fprintf(out, "  paso %s (%d ms)\n", step, time.Since(began).Milliseconds())
	}
}

// demoServiceCmd is SIDEM as the demonstration runs it: serve, for as long as the
// standard input is open. So it outlives its parent on no system, however the
// parent ended.
type demoServiceCmd struct {
	Fleeting string `help:"Folder to remove when the parent died." placeholder:"DIR"`
}

// Run serves until the standard input ends.
func (c demoServiceCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger) error {
	signal.Ignore(syscall.SIGPIPE) // of a log that nobody reads any more
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orphaned := make(chan bool, 1)
	go func() {
		said, _ := io.ReadAll(os.Stdin)
		orphaned <- string(said) != world.Farewell
		cancel()
	}()
	err := serveCmd{}.Run(ctx, cfg, log)
	select {
	case orphan := <-orphaned:
		if orphan && strings.HasPrefix(filepath.Base(c.Fleeting), world.FleetingPrefix) {
			err = errors.Join(err, os.RemoveAll(c.Fleeting))
		}
	default: // it ended by itself, or by a signal that the parent hears too
	}
	return err
}
