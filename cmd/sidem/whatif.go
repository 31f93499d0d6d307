package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
)

type whatifCmd struct {
	People   int      `help:"How many people dictate; as it is where it is not said."`
	Arrivals float64  `help:"Requests that are referred in a working day."`
	Work     float64  `help:"Working days of one person for an opinion, on the mean."`
	Target   float64  `help:"The target, in working days."`
	Off      []string `placeholder:"FROM..TO" help:"Days on which nobody dictates, beyond those of the calendar: 2026-12-21..2027-01-01."`
	On       []string `placeholder:"FROM..TO" help:"Days off of the calendar on which people work all the same; weekends stay."`
	Days     int      `help:"For how many working days from tomorrow on." default:"120"`
	Since    int      `help:"Over how many days back the office is measured." default:"365"`
	Runs     int      `help:"How many futures are run." default:"400"`
	Seed     uint64   `help:"The same seed gives the same answer." default:"1"`
	Picture  string   `placeholder:"FILE" help:"Draw the requests without an opinion, day by day: .svg or .png."`

	off, on []core.Holiday
}

// Validate reads the days, and refuses what cannot be run.
func (c *whatifCmd) Validate() error {
	var err error
	if c.off, err = spans("--off", c.Off); err != nil {
		return err
	}
	if c.on, err = spans("--on", c.On); err != nil {
		return err
	}
	switch {
	case c.People < 0, c.Arrivals < 0, c.Work < 0, c.Target < 0:
		return errors.New("people, arrivals, work and target are numbers above zero")
	case c.Days < 1, c.Days > 2500, c.Runs < 10, c.Runs > 100_000, c.Since < 1:
		return errors.New("want 1 to 2500 --days, 10 to 100000 --runs and 1 or more --since")
	}
	if ext := strings.ToLower(filepath.Ext(c.Picture)); c.Picture != "" && ext != ".svg" && ext != ".png" {
		return fmt.Errorf("--picture %s: want a name that ends in .svg or .png", c.Picture)
	}
	return nil
}

// spans reads the days of a flag: FROM..TO, or one day.
func spans(flag string, texts []string) (out []core.Holiday, err error) {
	for _, text := range texts {
		from, to, span := strings.Cut(text, "..")
		if !span {
			to = from
		}
		var h core.Holiday
		var errFrom, errTo error
		h.From, errFrom = core.ParseDay(from)
		h.To, errTo = core.ParseDay(to)
		if err := errors.Join(errFrom, errTo); err != nil {
			return nil, fmt.Errorf("%s %s: %w", flag, text, err)
		}
		if h.To.Before(h.From) {
			return nil, fmt.Errorf("%s %s ends before it begins", flag, text)
		}
		out = append(out, h)
	}
	return out, nil
}

// Run answers as a table, and draws.
func (c *whatifCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	a, err := ops.AnswerWhatIf(ctx, cfg, log, ops.WhatIf{
		Arrivals: c.Arrivals, People: c.People, Work: c.Work, Target: c.Target, Off: c.off, On: c.on,
		Days: c.Days, Since: c.Since, Runs: c.Runs, Seed: c.Seed,
	})
	if err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	if c.Picture != "" {
		if err := a.Picture(c.Picture); err != nil {
			return err
		}
	}
	return a.Table(out)
}
