package stage

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"strconv"

	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// The office of the questions is an example: a story issues too few opinions to measure one.
const (
	askedDays = 60
	askedRuns = 200
	askedSeed = 20
	offBegins = 10 // working days from now
)

func example(target int) forecast.Plan {
	return forecast.Plan{Arrivals: 1.4, People: 3, Work: forecast.Exponential(2), Target: float64(target), Days: askedDays, Waiting: 6}
}

// whatIf answers a question: people, arrivals, work and off, as the query of an address has them.
func whatIf(ctx context.Context, question string, targets core.Targets) (page.WhatIf, error) {
	q, err := url.ParseQuery(question)
	if err != nil {
		return page.WhatIf{}, page.BadNumbers
	}
	number := func(name string, low, high float64) (v float64) {
		v, bad := strconv.ParseFloat(q.Get(name), 64)
		if bad != nil || math.IsNaN(v) || v < low || v > high {
			err = page.BadNumbers
		}
		return v
	}
	is := example(targets[core.DutyIssue])
	asked := is
	asked.People, asked.Arrivals = int(number("people", 1, 50)), number("arrivals", 0, 20)
	work, off := number("work", 0.1, 20), int(number("off", 0, 30))
	if err != nil {
		return page.WhatIf{}, err
	}
	asked.Work = is.Work.Times(work / is.Work.Mean())
	asked.Off = map[int]bool{}
	for day := range off {
		asked.Off[offBegins+day] = true
	}
	a, err := forecast.Simulate(is, askedSeed, askedRuns, ctx.Err)
	if err != nil {
		return page.WhatIf{}, fmt.Errorf("simulate the office as it is: %w", err)
	}
	b, err := forecast.Simulate(asked, askedSeed, askedRuns, ctx.Err)
	if err != nil {
		return page.WhatIf{}, fmt.Errorf("simulate the office as asked: %w", err)
	}
	return tellWhatIf(is, asked, a, b), nil
}

// tellWhatIf tells two plans and what came of them.
func tellWhatIf(is, asked forecast.Plan, a, b forecast.Outcome) page.WhatIf {
	given := func(name, format string, of func(forecast.Plan) any) page.Figure {
		return page.Figure{Name: name, Is: fmt.Sprintf(format, of(is)), Asked: fmt.Sprintf(format, of(asked))}
	}
	comes := func(name, unit string, digits int, by float64, of func(forecast.Outcome) forecast.Spread) page.Figure {
		say := func(s forecast.Spread) string {
			return fmt.Sprintf("%.*f%s (%.*f a %.*f)", digits, by*s.Middle, unit, digits, by*s.Low, digits, by*s.High)
		}
		return page.Figure{Name: name, Is: say(of(a)), Asked: say(of(b))}
	}
	return page.WhatIf{
		Given: []page.Figure{
			given(page.People, "%d", func(p forecast.Plan) any { return p.People }),
			given(page.Arrivals, "%.1f", func(p forecast.Plan) any { return p.Arrivals }),
			given(page.Work, "%.1f", func(p forecast.Plan) any { return p.Work.Mean() }),
			given(page.DaysOff, "%d", func(p forecast.Plan) any { return len(p.Off) }),
		},
		Comes: []page.Figure{
			comes(page.Wait, "", 1, 1, func(o forecast.Outcome) forecast.Spread { return o.Wait }),
			comes(page.Stay, "", 1, 1, func(o forecast.Outcome) forecast.Spread { return o.Stay }),
			comes(page.InTarget, " %", 0, 100, func(o forecast.Outcome) forecast.Spread { return o.Target }),
			comes(page.Busy, " %", 0, 100, func(o forecast.Outcome) forecast.Spread { return o.Busy }),
			comes(page.Left, "", 0, 1, func(o forecast.Outcome) forecast.Spread { return o.Left }),
		},
		Is: ranges(a.Daily), Asked: ranges(b.Daily), Beside: fmt.Sprintf(page.OfExample, askedDays, askedRuns),
	}
}

func ranges(daily []forecast.Spread) []page.Range {
	out := make([]page.Range, len(daily))
	for i, s := range daily {
		out[i] = page.Range(s)
	}
	return out
}
