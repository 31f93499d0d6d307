package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"text/tabwriter"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
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
	cal, today, err := ops.Calendar(ctx, cfg, log)
	if err != nil {
		return err
	}
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
}

type calendarImportCmd struct {
	File string `arg:"" help:"YAML with calendar and agencies." type:"existingfile"`
}

// Run keeps the years of the file.
func (c calendarImportCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	years, err := ops.ImportCalendar(ctx, cfg, log, c.File)
	for _, y := range years {
		agencies := ""
		if n := len(y.Agencies); n > 0 {
			agencies = fmt.Sprintf(", and those of %d agencies", n)
		}
		_, _ = fmt.Fprintf(out, "%d: %d days off or spans of them%s\n", y.Year, len(y.Off), agencies)
	}
	return err
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
	cal, _, err := ops.Calendar(ctx, cfg, log)
	if err != nil {
		return err
	}
	due, guessed := ops.Due(cal.Of(c.Agency), from, c.Days)
	line := due.String() + " " + es.Weekday(due)
	if guessed {
		line += " (provisional)"
	}
	_, _ = fmt.Fprintln(out, line)
	return nil
}
