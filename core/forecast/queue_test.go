package forecast_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/forecast"
)

// erlangC is the part of those who come that have to wait, where each of c people is busy for a
// part of the time (A. K. Erlang, 1917).
func erlangC(c int, busy float64) float64 {
	load := float64(c) * busy
	sum, term := 0.0, 1.0
	for k := range c {
		sum += term
		term *= load / float64(k+1)
	}
	return term / (1 - busy) / (sum + term/(1-busy))
}

// exponential are draws of a work whose mean is so many days.
func exponential(mean float64) forecast.Dist {
	out := make(forecast.Dist, 4000)
	for i := range out {
		out[i] = -mean * math.Log(1-(float64(i)+0.5)/float64(len(out)))
	}
	return out
}

func simulate(t *testing.T, p forecast.Plan, seed uint64, runs int) forecast.Outcome {
	t.Helper()
	out, err := forecast.Simulate(p, seed, runs, t.Context().Err)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestARunThatNobodyWaitsForEnds(t *testing.T) {
	gone, asked := errors.New("gone"), 0
	goOn := func() error {
		if asked++; asked > 3 {
			return gone
		}
		return nil
	}
	long := forecast.Plan{Arrivals: 1e6, People: 1, Work: exponential(0.1), Days: 2500}
	if _, err := forecast.Simulate(long, 1, 1, goOn); !errors.Is(err, gone) || asked != 4 {
		t.Errorf("asked %d times in one run: %v", asked, err)
	}
}

func TestTheQueueAgreesWithErlangCAndLittlesLaw(t *testing.T) {
	for _, c := range []struct {
		people int
		busy   float64
	}{{1, 0.5}, {2, 0.7}, {5, 0.8}} {
		const mean = 2
		arrivals := c.busy * float64(c.people) / mean
		p := forecast.Plan{Arrivals: arrivals, People: c.people, Work: exponential(mean), Days: 20_000, Target: 10}
		got := simulate(t, p, 1, 20)
		want := erlangC(c.people, c.busy) * mean / (float64(c.people) * (1 - c.busy))
		if off := math.Abs(got.Wait.Middle-want) / want; off > 0.05 {
			t.Errorf("%d people busy for %.1f: %.3f days to wait, by Erlang C %.3f", c.people, c.busy, got.Wait.Middle, want)
		}
		if off := math.Abs(got.Busy.Middle - c.busy); off > 0.01 {
			t.Errorf("%d people are busy for %.3f, want %.3f", c.people, got.Busy.Middle, c.busy)
		}
		if little := got.Rate.Middle * got.Stay.Middle; math.Abs(got.InOffice.Middle-little)/little > 0.02 {
			t.Errorf("%d people: %.3f requests in the office, by Little's law %.3f", c.people, got.InOffice.Middle, little)
		}
		if *report != "" {
			page.Queue = append(page.Queue, queued{c.people, c.busy, got.Wait.Middle, want, got.InOffice.Middle, got.Rate.Middle * got.Stay.Middle})
		}
	}
}

func TestOneMorePersonShortensTheWaitAndAnEmptyFortnightLengthensIt(t *testing.T) {
	p := forecast.Plan{Arrivals: 1.4, People: 3, Work: exponential(2), Target: 10, Days: 120, Waiting: 12}
	now := simulate(t, p, 7, 200)
	if diff := cmp.Diff(now, simulate(t, p, 7, 200)); diff != "" {
		t.Errorf("the same seed has another outcome (-first +second):\n%s", diff)
	}
	more := p
	more.People++
	if then := simulate(t, more, 7, 200); then.Stay.Middle >= now.Stay.Low || then.Target.Low <= now.Target.Middle {
		t.Errorf("with one more: %+v, without %+v", then.Stay, now.Stay)
	}
	closed := p
	closed.Off = map[int]bool{}
	for day := 30; day < 40; day++ {
		closed.Off[day] = true
	}
	then := simulate(t, closed, 7, 200)
	if then.Daily[39].Middle < now.Daily[39].Middle+10 || then.Daily[29] != now.Daily[29] {
		t.Errorf("after a fortnight without anybody %+v are left, else %+v", then.Daily[39], now.Daily[39])
	}
}

func TestADayOnWhichTheOfficeIsClosedCountsForNothing(t *testing.T) {
	p := forecast.Plan{People: 1, Work: forecast.Dist{2}, Target: 4, Days: 9, Waiting: 6}
	want := simulate(t, p, 1, 1)
	p.Days, p.Closed = 10, map[int]bool{3: true} // in the middle of the second opinion
	got := simulate(t, p, 1, 1)
	want.Daily, got.Daily = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-without it +with it:\n%s", diff)
	}
	p.Off = p.Closed
	p.Closed = nil
	if off := simulate(t, p, 1, 1); off.Stay.Middle <= got.Stay.Middle {
		t.Errorf("a day without anybody that counts: %+v, one that does not: %+v", off.Stay, got.Stay)
	}
}

func TestWhoHasMoreInHandIsFreeLater(t *testing.T) {
	s := summaryOf(slices.Concat(leftIn(50, forecast.Class{}, 2), leftIn(50, forecast.Class{Category: "cloud"}, 10))...)
	m := forecast.ModelOf(&s, forecast.Overall, 1)
	last := 0.0
	for n := 1; n < 6; n++ {
		got, ok := m.Free(n)
		if !ok || got <= last || got > 11.5 {
			t.Errorf("with %d in hand free in %.1f days, %v", n, got, ok)
		}
		last = got
	}
	few := summaryOf(leftIn(29, forecast.Class{}, 2)...)
	if _, ok := forecast.ModelOf(&few, forecast.Overall, 1).Free(3); ok {
		t.Error("a date is said of 29 cases")
	}
}
