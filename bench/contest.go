package main

import (
	"context"
	"fmt"
	"os"
	"slices"
)

// size is how much is done.
type size struct {
	rounds  int
	items   int // handed over by who is quick
	slow    int // handed over by who is not
	commits int // made
	paced   int // handed over at a fixed rate
	cards   int // on screens
	presses int // made at once
	single  int // made one after the other
}

// entrant does the work of a contest once, on its own, in an empty folder, and tells a value.
type entrant struct {
	name string
	run  func(ctx context.Context, dir string) (float64, error)
}

// contest has entrants do the same work by turns. The first is the one that is judged.
type contest struct {
	name     string
	unit     string
	format   string // of a value
	entrants []entrant
	bars     []bar
}

// bar is what the first entrant is to reach beside another, as a ratio of their values;
// lower is a bar of times, where less is better.
type bar struct {
	beside string
	floor  float64 // what is promised
	aim    float64 // what is hoped for
	gross  float64 // less than this is a regression of our own, on any machine: half of what we had
	lower  bool
}

// outcome is what came of a contest: the values of each entrant, by round.
type outcome struct {
	contest
	values [][]float64
}

// hold has each entrant run once a round: A B A B.
func (c contest) hold(ctx context.Context, rounds int) (outcome, error) {
	o := outcome{c, make([][]float64, len(c.entrants))}
	for range rounds {
		for i, e := range c.entrants {
			v, err := once(ctx, e)
			if err != nil {
				return o, fmt.Errorf("%s: %w", e.name, err)
			}
			fmt.Fprintf(os.Stderr, "  %s: "+c.format+" %s\n", e.name, v, c.unit)
			o.values[i] = append(o.values[i], v)
		}
	}
	return o, nil
}

func once(ctx context.Context, e entrant) (_ float64, err error) {
	dir, err := os.MkdirTemp("", "sidem-bench")
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return e.run(ctx, dir)
}

// ratios are those of the first entrant to the n-th, round by round.
func (o outcome) ratios(n int) []float64 {
	out := make([]float64, len(o.values[0]))
	for i, v := range o.values[0] {
		out[i] = v / o.values[n][i]
	}
	return out
}

// reached is the median ratio that a bar judges.
func (o outcome) reached(b bar) float64 {
	n := slices.IndexFunc(o.entrants, func(e entrant) bool { return e.name == b.beside })
	return median(o.ratios(n))
}

// missed reports whether a ratio is below the bar; where only gross regressions count, by that.
func (b bar) missed(ratio float64, short bool) bool {
	limit := b.floor
	if short {
		limit = b.gross
	}
	if b.lower {
		return ratio > limit
	}
	return ratio < limit
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}
