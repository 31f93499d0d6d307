package forecast_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

var (
	monday  = time.Date(2026, time.November, 23, 15, 0, 0, 0, time.UTC)
	release = forecast.Node{Stage: core.StageRelease}
	issue   = forecast.Node{Stage: core.StageIssue}
)

func summaryOf(passes ...forecast.Pass) (s forecast.Summary) {
	for _, p := range passes {
		s.Observe(p)
	}
	return s
}

// leftIn is n times the same stage, left for an opinion after so many days.
func leftIn(n int, c forecast.Class, days float64) []forecast.Pass {
	return slices.Repeat([]forecast.Pass{{Node: issue, Next: "issued", Class: c, Days: days, At: monday}}, n)
}

func bytesOf(t *testing.T, s forecast.Summary) []byte {
	t.Helper()
	data, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNothingIsSaidUnderThirtyCases(t *testing.T) {
	s := summaryOf(leftIn(29, forecast.Class{}, 5)...)
	if d, ok := forecast.ModelOf(&s, forecast.Class{}, 1).Left(issue, 0); ok {
		t.Errorf("of 29 cases it was said: %v", d.Whole(0))
	}
	s.Observe(leftIn(1, forecast.Class{}, 5)[0])
	d, ok := forecast.ModelOf(&s, forecast.Class{}, 1).Left(issue, 0)
	if whole := d.Whole(0); !ok || whole.Usual != 5 && whole.Usual != 4 {
		t.Errorf("of 30 cases of five days it was said: %v, %v", whole, ok)
	}
	if _, ok := forecast.ModelOf(&s, forecast.Class{}, 1).Left(release, 0); ok {
		t.Error("it was said of a stage that nobody has left yet")
	}
}

func TestWhatHasWaitedLongIsSaidToTakeLonger(t *testing.T) {
	passes := slices.Concat(leftIn(100, forecast.Class{}, 3), leftIn(100, forecast.Class{}, 10))
	s := summaryOf(passes...)
	m := forecast.ModelOf(&s, forecast.Class{}, 1)
	fresh, _ := m.Left(issue, 0)
	old, ok := m.Left(issue, 4)
	if !ok || fresh.Quantile(0.25) > 3.5 || old.Quantile(0.02) < 4.5 {
		t.Errorf("fresh: %v to %v; after four days: %v to %v", fresh.Quantile(0.1), fresh.Quantile(0.9), old.Quantile(0.1), old.Quantile(0.9))
	}
	if _, ok := m.Left(issue, 30); ok {
		t.Error("something is said of a request that has waited longer than all")
	}
	if m.Unusual(issue, 9) || !m.Unusual(issue, 11.5) {
		t.Error("whoever waits longer than nine in ten is not told apart")
	}
}

func TestAClassOfItsOwnIsBelievedAsFarAsItHasCases(t *testing.T) {
	cloud, software := forecast.Class{Category: "cloud"}, forecast.Class{Category: "software"}
	half := func(n int) float64 {
		s := summaryOf(slices.Concat(leftIn(500, software, 4), leftIn(n, cloud, 20))...)
		d, _ := forecast.ModelOf(&s, cloud, 1).Left(issue, 0)
		mean := 0.0
		for _, v := range d {
			mean += v / float64(len(d))
		}
		return mean
	}
	few, some, many := half(2), half(60), half(2000)
	if few > 7 || some < few+3 || many < 18 {
		t.Errorf("with 2, 60 and 2000 cases of twenty days: %.1f, %.1f and %.1f", few, some, many)
	}
}

func TestRecentCasesCountMore(t *testing.T) {
	long := leftIn(200, forecast.Class{}, 20)
	for i := range long {
		long[i].At = monday.AddDate(-1, 0, 0)
	}
	s := summaryOf(slices.Concat(long, leftIn(200, forecast.Class{}, 5))...)
	d, ok := forecast.ModelOf(&s, forecast.Class{}, 1).Left(issue, 0)
	if half := d.Quantile(0.5); !ok || half > 6 {
		t.Errorf("a year after it took twenty days and now that it takes five, it is said to take %.1f", half)
	}
}

func TestASummaryIsTheSameInAnyOrderInPartsAndReadBack(t *testing.T) {
	passes := passesOf(newOffice(laws()[1], 3).many(300))
	whole := summaryOf(passes...)
	back := slices.Clone(passes)
	slices.Reverse(back)
	first, second := summaryOf(passes[:700]...), summaryOf(passes[700:]...)
	first.Merge(second)
	var read forecast.Summary
	if err := read.UnmarshalBinary(bytesOf(t, whole)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(bytesOf(t, whole), bytesOf(t, read)); diff != "" {
		t.Errorf("read back it is another (-kept +read):\n%s", diff)
	}
	said := func(s forecast.Summary) []float64 {
		d, ok := forecast.ModelOf(&s, forecast.Class{Category: "cloud"}, 1).Left(release, 0)
		if !ok {
			t.Fatal("nothing is said")
		}
		return []float64{d.Quantile(0.1), d.Quantile(0.5), d.Quantile(0.9), float64(s.Opinions), float64(s.Cases(issue))}
	}
	want := said(whole)
	for name, other := range map[string]forecast.Summary{"in the other order": summaryOf(back...), "in two parts": first, "read back": read} {
		for i, v := range said(other) {
			if math.Abs(v-want[i]) > 0.15*want[i] { // sums of floats differ in their last place, and then draws do
				t.Errorf("%s: %v, want %v", name, said(other), want)
				break
			}
		}
	}
}

func TestASummaryThatIsNotOneIsRefused(t *testing.T) {
	good := bytesOf(t, summaryOf(leftIn(40, forecast.Class{Category: "cloud"}, 5)...))
	for n := range good {
		var s forecast.Summary
		if err := s.UnmarshalBinary(good[:n]); err == nil {
			t.Errorf("its first %d bytes of %d are read", n, len(good))
		}
	}
	other := slices.Clone(good)
	other[0]++
	var s forecast.Summary
	if err := s.UnmarshalBinary(other); !errors.Is(err, forecast.ErrVersion) {
		t.Errorf("of another version: %v", err)
	}
	if err := s.UnmarshalBinary(append(slices.Clone(good), 0)); err == nil {
		t.Error("what goes on is read")
	}
}

// make forecast does it with half a million.
func TestASummaryTakesNoMoreThanAHundredKilobytes(t *testing.T) {
	o := newOffice(laws()[3], 9)
	var s forecast.Summary
	closed, stages := 25*(*requests), 0
	for i := range closed {
		for _, p := range o.one(float64(i) * 2300 / float64(closed)).passes {
			s.Observe(p)
			stages++
		}
	}
	size := len(bytesOf(t, s))
	t.Logf("%d closed requests, %d stages: %d bytes", closed, stages, size)
	if size > 100_000 {
		t.Errorf("%d bytes after %d closed requests", size, closed)
	}
	page.Sizes = sizes{Closed: closed, Stages: stages, Bytes: size}
}

func TestTheQuarterTellsWhichStageCostsMost(t *testing.T) {
	var passes []forecast.Pass
	for i := range 40 {
		passes = append(passes,
			forecast.Pass{Node: issue, Next: "issued", Days: 6, At: monday},
			forecast.Pass{Node: issue, Next: "issued", Days: 4, At: monday.AddDate(0, -3, 0)},
			forecast.Pass{Node: release, Next: core.StageReceipt, Days: 8, At: monday.AddDate(0, 0, -i%5)})
	}
	s := summaryOf(passes...)
	now := forecast.QuarterOf(core.DateOf(monday))
	if now != (forecast.Quarter{Year: 2026, N: 4}) || (forecast.Quarter{Year: 2026, N: 1}).Before() != (forecast.Quarter{Year: 2025, N: 4}) {
		t.Errorf("quarters: %v", now)
	}
	if got := s.Costliest(now, false); got != core.StageRelease {
		t.Errorf("the costliest is %s", got)
	}
	if got := s.Costliest(now, true); got != core.StageIssue {
		t.Errorf("the office's costliest is %s", got)
	}
	if a, b := s.InQuarter(now, core.StageIssue).Mean(), s.InQuarter(now.Before(), core.StageIssue).Mean(); a != 6 || b != 4 {
		t.Errorf("%.1f days this quarter, %.1f the one before", a, b)
	}
	if got := s.Costliest(now.Before().Before(), false); got != "" {
		t.Errorf("a quarter without cases has %s", got)
	}
}
