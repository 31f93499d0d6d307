package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/ops"
	"sidem.gob.mx/sidem/core"
)

type whatifCmd struct {
	People   *int     `help:"How many people dictate; as it is where it is not said."`
	Arrivals *float64 `help:"Requests that are referred in a working day."`
	Work     *float64 `help:"Working days of one person for an opinion, on the mean."`
	Target   *float64 `help:"The target, in working days."`
	Off      []string `placeholder:"FROM..TO" help:"Days on which nobody dictates, beyond those of the calendar: 2026-12-21..2027-01-01."`
	On       []string `placeholder:"FROM..TO" help:"Days off of the calendar on which people work all the same; weekends stay."`
	Days     int      `help:"For how many working days from tomorrow on." default:"120"`
	Since    int      `help:"Over how many days back the office is measured." default:"365"`
	Runs     int      `help:"How many futures are run." default:"400"`
	Seed     uint64   `help:"The same seed gives the same answer." default:"1"`
	Picture  string   `placeholder:"FILE" help:"Draw the requests without an opinion, day by day: .svg or .png."`

	off, on []core.Holiday
}

// What can be asked. No office of a government comes near to a bound, and what keeps them
// fits into the memory of a small machine: every run keeps a figure for each of its days.
const (
	mostPeople   = 1000
	mostArrivals = 1000 // in a working day
	mostDays     = 2500 // working days: ten years
	mostSince    = 3660 // days: ten years
	mostRuns     = 10_000
	leastRuns    = 10    // fewer have no range of eight in ten
	leastFigure  = 0.001 // what is less is a slip of the hand
)

// Validate reads the days, and refuses what cannot be run.
func (c *whatifCmd) Validate() error {
	return cmp.Or(
		within("people", c.People, 1, mostPeople),
		within("arrivals", c.Arrivals, leastFigure, mostArrivals),
		within("work", c.Work, leastFigure, mostDays),
		within("target", c.Target, leastFigure, mostDays),
		within("days", &c.Days, 1, mostDays),
		within("since", &c.Since, 1, mostSince),
		within("runs", &c.Runs, leastRuns, mostRuns),
		c.readDays(),
		c.drawable(),
	)
}

// within refuses a number that is out of range, or none (NaN); nil was not said.
func within[N int | float64](flag string, n *N, least, most N) error {
	if n == nil || *n >= least && *n <= most {
		return nil
	}
	return fmt.Errorf("--%s %v: want a number from %v to %v", flag, *n, least, most)
}

// readDays reads those that are off, and those off that are worked.
func (c *whatifCmd) readDays() (err error) {
	if c.off, err = spans("--off", c.Off); err != nil {
		return err
	}
	c.on, err = spans("--on", c.On)
	return err
}

// drawable tells before the run whether its picture has a kind and a place.
func (c *whatifCmd) drawable() error {
	if c.Picture == "" {
		return nil
	}
	if ext := strings.ToLower(filepath.Ext(c.Picture)); ext != ".svg" && ext != ".png" {
		return fmt.Errorf("--picture %s: want a name that ends in .svg or .png", c.Picture)
	}
	if in, err := os.Stat(filepath.Dir(c.Picture)); err != nil {
		return fmt.Errorf("--picture %s: %w", c.Picture, err)
	} else if !in.IsDir() {
		return fmt.Errorf("--picture %s: %s is no folder", c.Picture, in.Name())
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
		if err := cmp.Or(errFrom, errTo); err != nil {
			return nil, fmt.Errorf("%s %s: %w", flag, text, err)
		}
		if h.To.Before(h.From) {
			return nil, fmt.Errorf("%s %s ends before it begins", flag, text)
		}
		out = append(out, h)
	}
	return out, nil
}

// said is a number that was said, or zero.
func said[N int | float64](n *N) N {
	if n == nil {
		return 0
	}
	return *n
}

// Run answers as a table, and draws.
func (c *whatifCmd) Run(ctx context.Context, cfg *office.Config, log *slog.Logger, out io.Writer) error {
	a, err := ops.AnswerWhatIf(ctx, cfg, log, ops.WhatIf{
		Arrivals: said(c.Arrivals), People: said(c.People), Work: said(c.Work), Target: said(c.Target), Off: c.off, On: c.on,
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
