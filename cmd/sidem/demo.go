package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sidem/bot/bottest"
)

type demoCmd struct {
	Auto  bool   `help:"Play the eight steps and end."`
	Story string `help:"Which scenario to play." default:"ocho_pasos"`
	Data  string `help:"Keep the store in this folder; otherwise nothing is left behind." placeholder:"DIR"`
}

// patience is how long an expected message may take, in real time.
const patience = 20 * time.Second

// Run plays a scenario against emulators on loopback, one line a step. It fails
// when a message is missing, when one came that nobody expected, or when a
// button is left that does nothing.
func (c demoCmd) Run(ctx context.Context, out io.Writer) (err error) {
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
