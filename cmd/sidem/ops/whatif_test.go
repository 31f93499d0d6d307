package ops

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-analyze/charts"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// asked is a question of an office without history, asked on a Monday.
func asked(t *testing.T, q WhatIf) (Answer, error) {
	t.Helper()
	o := core.Office{Calendar: core.NewCalendar(time.UTC, nil, 2026, 2027), Targets: core.DefaultTargets}
	now := time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)
	return q.answer(t.Context(), forecast.NewMeter(o, now.AddDate(-1, 0, 0)), o, now)
}

func TestAQuestionHasATableAndAPicture(t *testing.T) {
	q := WhatIf{
		Arrivals: 1.4, People: 3, Work: 2, Days: 60, Since: 365, Runs: 50, Seed: 1,
		Off: []core.Holiday{{From: core.Day{Year: 2026, Month: time.December, Day: 18}, To: core.Day{Year: 2027, Month: time.January, Day: 3}}},
	}
	a, err := asked(t, q)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Asked.Off) != 11 || len(a.Is.Off) != 0 { // a Friday, and two weeks
		t.Errorf("%d working days off", len(a.Asked.Off))
	}
	var table, again bytes.Buffer
	if err := a.Table(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"people who dictate", "as asked", "within the target, %", "From 2026-11-24 to 2027-02-15;", "seed 1", "not measured"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, table.String())
		}
	}
	second, err := asked(t, q)
	if err == nil {
		err = second.Table(&again)
	}
	if err != nil || again.String() != table.String() {
		t.Errorf("asked again it is another answer: %v\n%s", err, again.String())
	}
	dir := t.TempDir()
	for _, name := range []string{"cola.svg", "cola.png"} {
		if err := a.Picture(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	svg, err := os.ReadFile(filepath.Join(dir, "cola.svg"))
	if err != nil || !bytes.Contains(svg, []byte("<svg")) || !bytes.Contains(svg, []byte("Solicitudes sin dictamen")) || !bytes.Contains(svg, []byte(">1</text>")) {
		t.Errorf("the SVG: %v, %d bytes", err, len(svg))
	}
	body, err := a.picture(charts.ChartOutputPNG)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(body)); err != nil {
		t.Errorf("the PNG: %v", err)
	}
}

func TestAQuestionOfAnOfficeOfWhichNothingIsKnownSaysWhatToSay(t *testing.T) {
	if _, err := asked(t, WhatIf{People: 3, Days: 60, Since: 365, Runs: 50}); err == nil || !strings.Contains(err.Error(), "--work") {
		t.Errorf("%v", err)
	}
}

func TestAHolidayThatIsWorkedIsADayMoreAndTheSameDaysAreRun(t *testing.T) {
	day := core.Day{Year: 2026, Month: time.December, Day: 25}
	o := core.Office{Calendar: core.NewCalendar(time.UTC, map[core.Day]string{day: "Navidad"}, 2026, 2027), Targets: core.DefaultTargets}
	now := time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)
	q := WhatIf{Arrivals: 1.4, People: 3, Work: 2, Days: 60, Since: 365, Runs: 200, Seed: 1}
	q.On = []core.Holiday{{From: day.Next(-1), To: day.Next(2)}} // a Thursday that is worked anyway, to a Sunday
	a, err := q.answer(t.Context(), forecast.NewMeter(o, now.AddDate(-1, 0, 0)), o, now)
	if err != nil {
		t.Fatal(err)
	}
	if a.Is.Days != 61 || a.Asked.Days != 61 || len(a.Is.Closed) != 1 || len(a.Asked.Closed) != 0 || len(a.IsOut.Daily) != len(a.AskedOut.Daily) {
		t.Errorf("%d and %d days, closed %v and %v", a.Is.Days, a.Asked.Days, a.Is.Closed, a.Asked.Closed)
	}
	q.On = []core.Holiday{{From: day.Next(1), To: day.Next(2)}} // a weekend
	if _, err := q.answer(t.Context(), forecast.NewMeter(o, now.AddDate(-1, 0, 0)), o, now); err == nil || !strings.Contains(err.Error(), "--on 2026-12-26..2026-12-27") {
		t.Errorf("a weekend that is to be worked: %v", err)
	}
}
