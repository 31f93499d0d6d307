// Command bench runs SIDEM beside its peers, in one run on one machine, by turns, and
// writes what came of it. It exits with 1 where a bar is missed.
//
// What counts are ratios: of the values of one round, whose entrants ran one after the
// other. The medians of the values say little of another machine, or of another hour.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

// errMissed says that a bar was missed. What it was is in the report.
var errMissed = errors.New("a bar is missed")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	out := flags.String("o", "", "write the report to this file; otherwise to the standard output")
	short := flags.Bool("short", false, "a part of the work, and only gross regressions are judged")
	only := flags.String("only", "", "the contests whose names contain this text")
	if err := flags.Parse(args); err != nil {
		return err
	}
	size := size{rounds: 5, items: 20_000, slow: 4_000, commits: 20_000, paced: 2_000, cards: 15_000, presses: 3_000, single: 500}
	if *short {
		size.rounds, size.items, size.slow, size.commits, size.paced, size.cards = 3, 4_000, 1_000, 4_000, 400, 1_500
		size.presses, size.single = 500, 100
	}
	report := begin(*short, "go run . "+strings.Join(args, " "))
	for _, c := range contests(size) {
		if !strings.Contains(c.name, *only) {
			continue
		}
		fmt.Fprintln(os.Stderr, c.name)
		o, err := c.hold(ctx, size.rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		report.outcomes = append(report.outcomes, o)
	}
	text, err := report.text()
	if err != nil {
		return err
	}
	if *out == "" {
		_, err = fmt.Print(text)
	} else {
		err = os.WriteFile(*out, []byte(text), 0o644) //nolint:gosec // a page to be read
	}
	if err == nil && report.missed() > 0 {
		err = fmt.Errorf("%w: %d", errMissed, report.missed())
	}
	return err
}
