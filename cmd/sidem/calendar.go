package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"text/tabwriter"

	"github.com/goccy/go-yaml"

	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/es"
	"sidem/storage"
)

// calendarCmd is the working calendar from the command line.
type calendarCmd struct {
	Show   calendarShowCmd   `cmd:"" help:"Print the days off of a year."`
	Import calendarImportCmd `cmd:"" help:"Load years from a YAML file; each takes the place of the one before. A running SIDEM counts with it within a minute."`
	Due    calendarDueCmd    `cmd:"" help:"Reckon a suggested date."`
}

type calendarShowCmd struct {
	Year   int    `help:"Which year; by default this one."`
	Agency string `help:"With the days of an agency."`
}

// Run prints the days off, one a line, and whether anybody has confirmed them.
func (c calendarShowCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	return withCalendar(ctx, cfg, log, func(cal core.Calendar, today core.Day) error {
		if c.Year == 0 {
			c.Year = today.Year
		}
		cal = cal.Of(c.Agency)
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, h := range cal.Holidays(c.Year) {
			days := es.Weekday(h.From)
			if h.To != h.From {
				days += " a " + es.Weekday(h.To)
			}
			_, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", h.From, days, h.Name)
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("print: %w", err)
		}
		if cal.Provisional(c.Year) {
			_, _ = fmt.Fprintln(out, es.MissingYear(c.Year))
		}
		return nil
	})
}

type calendarImportCmd struct {
	File string `arg:"" help:"YAML with calendar and agencies." type:"existingfile"`
}

// Run keeps the years of the file.
func (c calendarImportCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	body, err := os.ReadFile(c.File)
	if err != nil {
		return office.Misconfigured(err)
	}
	var f office.CalendarFile
	if err := yaml.NewDecoder(bytes.NewReader(body), yaml.Strict()).Decode(&f); err != nil {
		return office.Misconfigured(fmt.Errorf("calendar %s: %w", c.File, err))
	}
	years, err := f.Years()
	if err == nil && len(years) == 0 {
		err = errors.New("there is no year in it: want calendar, then a year, then its days off")
	}
	if err != nil {
		return office.Misconfigured(fmt.Errorf("%s: %w; nothing was changed", c.File, err))
	}
	if err := keepCalendar(ctx, cfg, log, f); err != nil {
		return fmt.Errorf("import the calendar: %w", err)
	}
	for _, y := range years {
		agencies := ""
		if n := len(y.Agencies); n > 0 {
			agencies = fmt.Sprintf(", and those of %d agencies", n)
		}
		_, _ = fmt.Fprintf(out, "%d: %d days off or spans of them%s\n", y.Year, len(y.Off), agencies)
	}
	return nil
}

// keepCalendar keeps the years of a file in the store, by the hand of the SIDEM
// that has it open if there is one.
func keepCalendar(ctx context.Context, cfg *office.Config, log *slog.Logger, f office.CalendarFile) error {
	c, err := app.ClockOf(cfg, log)
	if err != nil {
		return err
	}
	s, err := storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Now: c.Now, Log: log})
	switch {
	case errors.Is(err, storage.ErrLocked) && cfg.AdminAddr != "off":
		body, err := json.Marshal(f)
		if err != nil {
			return err
		}
		var n int
		return remote{"http://" + cfg.AdminAddr}.call(ctx, http.MethodPost, "/calendar", body, &n)
	case errors.Is(err, storage.ErrLocked):
		return fmt.Errorf("%w, and it has no admin listener to ask: stop it first", err)
	case errors.Is(err, storage.ErrAddress):
		return office.Misconfigured(err)
	case err != nil:
		return err
	}
	return errors.Join(office.ImportCalendar(ctx, s, f, c.Now()), s.Close())
}

type calendarDueCmd struct {
	From   string `required:"" help:"The date to count from, YYYY-MM-DD."`
	Days   int    `required:"" help:"How many working days."`
	Agency string `help:"By the calendar of an agency."`
}

// Run prints the date, and whether it is provisional.
func (c calendarDueCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	from, err := core.ParseDay(c.From)
	if err != nil {
		return office.Misconfigured(err)
	}
	if c.Days < 0 {
		return office.Misconfigured(fmt.Errorf("--days %d: want none or more", c.Days))
	}
	return withCalendar(ctx, cfg, log, func(cal core.Calendar, _ core.Day) error {
		due := cal.Of(c.Agency).AddWorking(from, c.Days)
		line, guessed := due.String()+" "+es.Weekday(due), false
		for year := from.Year; year <= due.Year; year++ { // a guess on the way makes the date one
			guessed = guessed || cal.Provisional(year)
		}
		if guessed {
			line += " (provisional)"
		}
		_, _ = fmt.Fprintln(out, line)
		return nil
	})
}

// withCalendar opens the store for as long as f needs the calendar.
func withCalendar(ctx context.Context, cfg *office.Config, log *slog.Logger, f func(cal core.Calendar, today core.Day) error) error {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return err
	}
	institution, err := office.Load(ctx, cfg.Office, s, now)
	if err == nil {
		err = f(institution.Calendar, core.DateOf(institution.Local(now)))
	}
	return errors.Join(err, s.Close())
}
