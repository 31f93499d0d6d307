package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
)

type demoCmd struct {
	Auto   bool   `help:"Play the eight steps and end, without a page."`
	Story  string `help:"Which scenario to play." default:"ocho_pasos"`
	Data   string `help:"Keep the store in this folder; otherwise nothing is left behind." placeholder:"DIR"`
	NoOpen bool   `help:"Print the address only; do not open a browser."`
	Port   int    `help:"Port of the page on loopback; 0 is any that is free." default:"0"`
}

// Run serves the page until the process is told to end; with --auto it plays a
// scenario and ends.
func (c demoCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	o := demo.Options{Story: c.Story, Data: c.Data, Port: c.Port, Log: log}
	if real := demo.RealSecrets(*cfg); len(real) > 0 {
		return office.Misconfigured(fmt.Errorf("demo: real credentials are set (%s): the demonstration never runs beside them; unset them and start again", strings.Join(real, ", ")))
	}
	signal.Ignore(syscall.SIGPIPE) // whoever reads has gone: it ends as it does otherwise, and leaves nothing
	if c.Auto {
		return auto(ctx, o, out)
	}
	began := time.Now()
	show, err := demo.Open(ctx, o)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "SIDEM, demostración: Telegram, Slack y correo son emuladores de esta máquina; nada sale de ella.\n\n  %s\n\n", show.Address)
	if c.Data != "" {
		_, _ = fmt.Fprintf(out, "Los datos quedan en %s.\n", c.Data)
	}
	_, _ = fmt.Fprintf(out, "Lista en %d ms. Para terminar, Ctrl+C.\n", time.Since(began).Milliseconds())
	if !c.NoOpen {
		browse(ctx, show.Address)
	}
	return show.Serve(ctx)
}

// auto tells a story, one line a step.
func auto(ctx context.Context, o demo.Options, out io.Writer) error {
	_, _ = fmt.Fprintln(out, "SIDEM: una solicitud recorre los ocho pasos, con emuladores locales de Telegram, Slack y correo.")
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	told, err := demo.Tell(ctx, o, func(step string, took time.Duration) {
		if _, err := fmt.Fprintf(out, "  paso %s (%d ms)\n", step, took.Milliseconds()); err != nil {
			cancel()
		}
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("the story was interrupted: %w", ctx.Err())
	}
	if untrue, ok := errors.AsType[*demo.UntrueError](err); ok {
		_, _ = fmt.Fprintf(out, "  falla  %s\n", untrue.Step)
		return &ops.CheckError{Err: err}
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "Listo: llegó cada mensaje esperado, ninguno de más, y no quedó ningún botón sin efecto. (%d mensajes de Telegram y Slack, %d correos)\n", told.Messages, told.Mails)
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

// demoServiceCmd is SIDEM as the demonstration runs it (demo.Service).
type demoServiceCmd struct {
	Fleeting string `help:"Folder to remove when the parent died." placeholder:"DIR"`
}

// Run serves until the standard input ends.
func (c demoServiceCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger) error {
	return demo.Service(ctx, *cfg, app.Options{Log: log, Wrap: wrapStore}, c.Fleeting)
}
