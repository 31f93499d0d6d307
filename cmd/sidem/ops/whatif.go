package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-analyze/charts"

	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/forecast"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
)

// WhatIf is a question: what is zero or nil stays as it is in the office.
type WhatIf struct {
	Arrivals float64        // requests that are referred in a working day
	People   int            // who dictate
	Work     float64        // working days of one person for an opinion, on the mean
	Target   float64        // working days
	Off      []core.Holiday // on which nobody dictates, beyond the calendar's
	On       []core.Holiday // days off of the calendar that are worked
	Days     int            // for how many working days it is asked
	Since    int            // days back that the office is measured over
	Runs     int
	Seed     uint64
}

// Answer is what comes of the office as it is, and as it is asked for.
type Answer struct {
	Is, Asked       forecast.Plan
	Measured        bool // Is is what the trail tells; else it is what was given with the question
	IsOut, AskedOut forecast.Outcome
	From, To        core.Day // of the working days that were run
	Seed            uint64
	Runs            int
}

// AnswerWhatIf measures the office by the trail of its store, also beside a running SIDEM, and runs it
// as a queue: as it is, and as it is asked for.
func AnswerWhatIf(ctx context.Context, cfg *office.Config, log *slog.Logger, q WhatIf) (a Answer, err error) {
	s, now, err := openReader(ctx, cfg, log)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	o, err := office.Load(ctx, cfg.Office, s, now)
	if err != nil {
		return a, err
	}
	m := forecast.NewMeter(o, now.AddDate(0, 0, -q.Since))
	if err := measure(ctx, cfg, log, s, m); err != nil {
		return a, err
	}
	return q.answer(ctx, m, o, o.Local(now))
}

// measure has a meter read the trail, and what of it was archived.
func measure(ctx context.Context, cfg *office.Config, log *slog.Logger, s storage.Store, m *forecast.Meter) error {
	seen := map[string]int{} // what came back from an archive is in both, and what was done before it left in two
	for e, err := range desk.Events(ctx, s, 0) {
		if err != nil {
			return err
		}
		seen[e.Record] = e.Seq
		m.Event(e)
	}
	all, err := (&maintenance.Archiving{Ledger: s}).All(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	archives, err := openArchives(ctx, cfg, log, s, true)
	if err != nil {
		return err
	}
	for e, err := range archives.Events(ctx) {
		if err != nil {
			return err
		}
		if e.Seq > seen[e.Record] {
			seen[e.Record] = e.Seq
			m.Event(e)
		}
	}
	return nil
}

func (q WhatIf) answer(ctx context.Context, m *forecast.Meter, o core.Office, now time.Time) (a Answer, err error) {
	is, ok := m.Plan(now)
	if !ok && (q.Arrivals == 0 || q.People == 0 || q.Work == 0) {
		return a, fmt.Errorf("opinions of the %[2]d days before: %[1]d, and it takes %[3]d to measure the office; say --arrivals, --people and --work, or measure over more days with --since", m.Issued(), q.Since, forecast.Enough)
	}
	if !ok {
		is = forecast.Plan{Arrivals: q.Arrivals, People: q.People, Work: forecast.Exponential(q.Work), Target: float64(o.Targets[core.DutyIssue])}
	}
	days, err := q.days(o.Calendar, core.DateOf(now))
	if err != nil {
		return a, err
	}
	is.Days = len(days)
	asked := is
	asked.Arrivals, asked.People = cmp.Or(q.Arrivals, is.Arrivals), cmp.Or(q.People, is.People)
	asked.Target = cmp.Or(q.Target, is.Target)
	if q.Work > 0 {
		asked.Work = is.Work.Times(q.Work / is.Work.Mean())
	}
	is.Closed, asked.Off = map[int]bool{}, map[int]bool{}
	for i, d := range days {
		if !o.Calendar.IsWorking(d) {
			is.Closed[i] = true
		}
		if covered(q.Off, d) {
			asked.Off[i] = true
		}
	}
	a = Answer{Is: is, Asked: asked, Measured: ok, From: days[0], To: days[len(days)-1], Seed: q.Seed, Runs: q.Runs}
	if a.IsOut, err = forecast.Simulate(is, q.Seed, q.Runs, ctx.Err); err != nil {
		return a, err
	}
	a.AskedOut, err = forecast.Simulate(asked, q.Seed, q.Runs, ctx.Err)
	return a, err
}

// days are those that are run: the working days of the calendar from tomorrow on, and its days
// off among them that are asked to be worked. A day off is no weekend.
func (q WhatIf) days(c core.Calendar, today core.Day) (out []core.Day, err error) {
	worked := map[core.Holiday]bool{}
	for d, n := today.Next(1), 0; n < q.Days; d = d.Next(1) {
		on := false
		if _, off := c.Name(d); off && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
			for _, h := range q.On {
				if covered([]core.Holiday{h}, d) {
					worked[h], on = true, true
				}
			}
		}
		if c.IsWorking(d) {
			n++
		} else if !on {
			continue
		}
		out = append(out, d)
	}
	for _, h := range q.On {
		if !worked[h] {
			return nil, fmt.Errorf("--on %s..%s: the calendar has no day off there within the days that are asked for", h.From, h.To)
		}
	}
	return out, nil
}

// covered reports whether a day lies in one of the spans.
func covered(spans []core.Holiday, d core.Day) bool {
	return slices.ContainsFunc(spans, func(h core.Holiday) bool { return !d.Before(h.From) && !h.To.Before(d) })
}

// Table writes the answer for people: each figure with the range of eight runs in ten.
func (a Answer) Table(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	line := func(name, is, asked string) { _, _ = fmt.Fprintf(t, "%s\t%s\t%s\n", name, is, asked) }
	plan := func(name, format string, of func(forecast.Plan) any) {
		line(name, fmt.Sprintf(format, of(a.Is)), fmt.Sprintf(format, of(a.Asked)))
	}
	out := func(name, format string, by float64, of func(forecast.Outcome) forecast.Spread) {
		say := func(s forecast.Spread) string {
			return fmt.Sprintf(strings.ReplaceAll("% (% to %)", "%", format), by*s.Middle, by*s.Low, by*s.High)
		}
		line(name, say(of(a.IsOut)), say(of(a.AskedOut)))
	}
	line("", "as it is", "as asked")
	plan("people who dictate", "%d", func(p forecast.Plan) any { return p.People })
	plan("requests referred in a working day", "%.2f", func(p forecast.Plan) any { return p.Arrivals })
	plan("working days of one person for an opinion", "%.2f", func(p forecast.Plan) any { return p.Work.Mean() })
	plan("waiting or in hand today", "%d", func(p forecast.Plan) any { return p.Waiting })
	plan("working days", "%d", func(p forecast.Plan) any { return p.Days - len(p.Closed) })
	plan("working days without anybody", "%d", func(p forecast.Plan) any { return len(p.Off) })
	plan("target, working days", "%.0f", func(p forecast.Plan) any { return p.Target })
	line("", "", "")
	out("working days until somebody begins", "%.1f", 1, func(o forecast.Outcome) forecast.Spread { return o.Wait })
	out("working days until the opinion", "%.1f", 1, func(o forecast.Outcome) forecast.Spread { return o.Stay })
	out("within the target, %", "%.0f", 100, func(o forecast.Outcome) forecast.Spread { return o.Target })
	out("of their days people dictate, %", "%.0f", 100, func(o forecast.Outcome) forecast.Spread { return o.Busy })
	out("without an opinion at the end", "%.0f", 1, func(o forecast.Outcome) forecast.Spread { return o.Left })
	if err := t.Flush(); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	_, err := fmt.Fprintf(w, "\nFrom %s to %s; the middle of %d runs, and the range of eight in ten of them; seed %d.\n", a.From, a.To, a.Runs, a.Seed)
	if err == nil && !a.Measured {
		_, err = fmt.Fprintf(w, "Fewer than %d opinions were issued in the days before: “as it is” is not measured, but as the numbers have it that were given.\n", forecast.Enough)
	}
	if err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	return nil
}

// Picture writes the requests without an opinion, day by day, as it is and as asked, each with
// the range of eight runs in ten: as an SVG or PNG by the file's name.
func (a Answer) Picture(file string) error {
	format := charts.ChartOutputSVG
	if strings.EqualFold(filepath.Ext(file), ".png") {
		format = charts.ChartOutputPNG
	}
	body, err := a.picture(format)
	if err != nil {
		return fmt.Errorf("draw %s: %w", file, err)
	}
	return keepWhole(file, func(w io.Writer) error {
		_, err := w.Write(body)
		return err
	})
}

// Blue is the office as it is, orange as it is asked for; the ranges are faint.
var blue, orange = charts.ColorRGB(31, 95, 158), charts.ColorRGB(200, 90, 20)

const faint = 110

func (a Answer) picture(format string) ([]byte, error) {
	series := func(o forecast.Outcome, of func(forecast.Spread) float64) (out []float64) {
		for _, s := range o.Daily {
			out = append(out, of(s))
		}
		return out
	}
	low, middle, high := func(s forecast.Spread) float64 { return s.Low }, func(s forecast.Spread) float64 { return s.Middle }, func(s forecast.Spread) float64 { return s.High }
	opt := charts.NewLineChartOptionWithData([][]float64{
		series(a.IsOut, middle), series(a.IsOut, low), series(a.IsOut, high),
		series(a.AskedOut, middle), series(a.AskedOut, low), series(a.AskedOut, high),
	})
	opt.Title.Text = "Solicitudes sin dictamen"
	opt.Title.Subtext = fmt.Sprintf("por día hábil, del %s al %s", a.From, a.To)
	opt.Legend.SeriesNames = []string{"como es", "como es, 1 de 10 menos", "como es, 1 de 10 más", "como se pregunta", "como se pregunta, 1 de 10 menos", "como se pregunta, 1 de 10 más"}
	opt.Theme = opt.Theme.WithSeriesColors([]charts.Color{blue, blue.WithAlpha(faint), blue.WithAlpha(faint), orange, orange.WithAlpha(faint), orange.WithAlpha(faint)})
	opt.Legend.Offset = charts.OffsetStr{Top: "48"}
	opt.Symbol.Shape = charts.SymbolNone
	opt.LineStrokeWidth = 2
	for day := range opt.XAxis.Labels {
		opt.XAxis.Labels[day] = fmt.Sprint(day + 1)
	}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: format, Width: 1100, Height: 560})
	if err := p.LineChart(opt); err != nil {
		return nil, err
	}
	return p.Bytes()
}
