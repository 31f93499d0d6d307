package main

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// given is an entrant whose values are known beforehand.
func given(name string, values ...float64) entrant {
	return entrant{name, func(context.Context, string) (float64, error) {
		v := values[0]
		values = values[1:]
		return v, nil
	}}
}

// held is a contest of known values, with its bar.
func held(t *testing.T, b bar, ours, theirs entrant) report {
	t.Helper()
	b.beside = theirs.name
	o, err := contest{name: "A contest", unit: "per second", format: "%.0f", entrants: []entrant{ours, theirs}, bars: []bar{b}}.hold(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	return report{outcomes: []outcome{o}}
}

// The median of the ratios is 2, where that of the values would be 3 to 2.
func TestABarJudgesTheMedianOfTheRatiosOfEachRound(t *testing.T) {
	for _, tt := range []struct {
		bar    bar
		short  bool
		missed int
		says   string
	}{
		{bar{floor: 1.9, aim: 2.1}, false, 0, "| 2.00 | ≥ 1.90 | ≥ 2.10 | reached |"},
		{bar{floor: 1.5, aim: 1.9}, false, 0, "| 2.00 | ≥ 1.50 | ≥ 1.90 | as aimed |"},
		{bar{floor: 2.1, aim: 3}, false, 1, "| 2.00 | ≥ 2.10 | ≥ 3.00 | **missed** |"},
		{bar{floor: 2.1, aim: 3, gross: 1}, true, 0, "| no gross regression |"},
		{bar{floor: 2.1, aim: 3, gross: 2.1}, true, 1, "| **missed** |"},
		{bar{floor: 2.1, aim: 1.9, lower: true}, false, 0, "| 2.00 | ≤ 2.10 | ≤ 1.90 | reached |"},
		{bar{floor: 1.9, aim: 1, lower: true}, false, 1, "| **missed** |"},
	} {
		r := held(t, tt.bar, given("SIDEM", 1, 3, 8), given("a peer", 0.5, 1, 8))
		r.short = tt.short
		text, err := r.text()
		if err != nil {
			t.Fatal(err)
		}
		if r.missed() != tt.missed || !strings.Contains(text, tt.says) {
			t.Errorf("%+v: %d are missed, want %d, and %q in:\n%s", tt.bar, r.missed(), tt.missed, tt.says, text)
		}
	}
}

func TestTheReportTellsMediansAndSpread(t *testing.T) {
	text, err := held(t, bar{}, given("SIDEM", 1, 3, 8), given("a peer", 0.5, 1, 8)).text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| SIDEM | 3 (1 to 8) |  |", "| a peer | 1 (0 to 8) | 2.00 (1.00 to 3.00) |", "load before"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
}

func TestAReportSaysWhereOtherWorkWasGoingOn(t *testing.T) {
	for load, want := range map[string]bool{"9999.5 1 1": true, "0.01 99999 99999": false, "unknown": false} {
		text, err := report{load: load}.text()
		if err != nil || strings.Contains(text, "other work was going on") != want {
			t.Errorf("at a load of %s, %v:\n%s", load, err, text)
		}
	}
}

func TestAnEntrantThatFailsEndsTheContest(t *testing.T) {
	broken := errors.New("no server")
	_, err := contest{entrants: []entrant{{"SIDEM", func(context.Context, string) (float64, error) { return 0, broken }}}}.hold(t.Context(), 3)
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "SIDEM") {
		t.Errorf("got %v", err)
	}
}
