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
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/sandbox"
)

type demoCmd struct {
	Auto   bool   `help:"Play the eight steps and end, without a page."`
	Story  string `help:"Which scenario to play." default:"ocho_pasos"`
	Data   string `help:"Keep the store in this folder; otherwise nothing is left behind." placeholder:"DIR"`
	NoOpen bool   `help:"Print the address only; do not open a browser."`
	Port   int    `help:"Port of the page on loopback; 0 is any that is free." default:"0"`
}

// patience is how long an expected message may take, in real time.
const patience = 20 * time.Second

// pace is the time between two acts that are done for a visitor, so that they can be followed.
const pace = 700 * time.Millisecond

// Run serves the page until the process is told to end; with --auto it plays a
// scenario and ends.
func (c demoCmd) Run(ctx context.Context, cfg *Config, log *slog.Logger, out io.Writer) error {
	if c.Auto {
		return c.auto(ctx, out)
	}
	if real := realSecrets(*cfg); len(real) > 0 {
		return configError{fmt.Errorf("demo: real credentials are set (%s): the demonstration never runs beside them; unset them and start again", strings.Join(real, ", "))}
	}
	began := time.Now()
	s, err := newStage(ctx, c.fresh, c.Story, pace)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(ctx, s, began, log, out), s.Close())
}

// fresh is a new world, in the folder that is kept or in one that is removed. A
// store that is there already is refused: the emulators of a new start know
// nothing of its chats.
func (c demoCmd) fresh() (*world, func(), error) {
	dir, remove, err := workdir(c.Data)
	if err != nil {
		return nil, nil, fmt.Errorf("demo: %w", err)
	}
	if c.Data != "" {
		if dir, err = os.MkdirTemp(dir, time.Now().Format("2006-01-02-150405-")); err != nil {
			return nil, nil, fmt.Errorf("demo: %w", err)
		}
	}
	w, err := newWorld(dir, inProcess)
	if err != nil {
		remove()
		return nil, nil, err
	}
	if c.Data == "" {
		w.fleeting = dir
	}
	return w, remove, nil
}

// serve shows the stage on a loopback port until ctx ends.
func (c demoCmd) serve(ctx context.Context, s *stage, began time.Time, log *slog.Logger, out io.Writer) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", fmt.Sprint(c.Port)))
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	page := sandbox.New(s, l.Addr().String(), log)
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
func realSecrets(cfg Config) []string {
	var out []string
	for _, v := range []struct {
		name  string
		value Secret
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
	dir, remove, err := workdir(c.Data)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer remove()
	w, err := newWorld(dir, inProcess)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	w.cfg.ClockFile = filepath.Join(dir, "clock")
	if err := w.set(monday); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(out, "SIDEM: una solicitud recorre los ocho pasos, con emuladores locales de Telegram, Slack y correo.")
	step := ""
	began := time.Now()
	r := bottest.Runner{World: w, Patience: patience, On: func(l bottest.Line) {
		if l.Kind == bottest.Step {
			done(out, step, began)
			step, began = l.Arg, time.Now()
		}
	}}
	if err := r.Play(ctx, lines); err != nil {
		_, _ = fmt.Fprintf(out, "  falla  %s\n", step)
		return checkError{err}
	}
	done(out, step, began)
	_, _ = fmt.Fprintf(out, "Listo: llegó cada mensaje esperado, ninguno de más, y no quedó ningún botón sin efecto. (%d mensajes de Telegram y Slack, %d correos)\n",
		len(w.telegram.Calls())+len(w.slack.Calls()), len(w.mail.All()))
	return nil
}

func done(out io.Writer, step string, began time.Time) {
	if step != "" {
		_, _ = fmt.Fprintf(out, "  paso %s (%d ms)\n", step, time.Since(began).Milliseconds())
	}
}
