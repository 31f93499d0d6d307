package forecast_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/forecast"
)

// law is how an office works, as the test knows it and the forecast does not.
type law struct {
	name string
	// slower is by what the issue of a request takes longer than usual, begun at an instant,
	// by whoever it falls to (0, 1 or 2).
	slower func(at time.Time, executive int) float64
	// off are days that nobody works.
	off map[core.Day]string
}

// laws are the offices on which a forecast is judged.
func laws() []law {
	fortnights := map[core.Day]string{}
	for year := 2020; year < 2030; year++ {
		for _, from := range []core.Day{{Year: year, Month: time.July, Day: 15}, {Year: year, Month: time.December, Day: 20}} {
			for n := range 14 {
				fortnights[from.Next(n)] = "Vacaciones"
			}
		}
	}
	even := func(time.Time, int) float64 { return 1 }
	return []law{
		{name: "even", slower: even},
		{name: "seasons", slower: func(at time.Time, _ int) float64 {
			return 1 + 0.35*math.Sin(2*math.Pi*float64(at.YearDay())/365)
		}},
		{name: "holiday fortnights", slower: even, off: fortnights},
		{name: "new executive", slower: func(at time.Time, executive int) float64 {
			years := at.Sub(time.Date(2022, time.January, 10, 0, 0, 0, 0, time.UTC)).Hours() / 24 / 365
			if executive != 0 || years < 0 {
				return 1
			}
			return 1 + max(0, 0.8*(1-2*years)) // learns in half a year
		}},
	}
}

// request is one that went through an office, as it will have been.
type request struct {
	class forecast.Class
	filed time.Time
	// passes are the stages it left, in order.
	passes []forecast.Pass
}

func (r request) issued() time.Time { return r.passes[len(r.passes)-1].At }

// office makes requests by a law; its hours are those of the default window.
type office struct {
	law
	cal core.Calendar
	r   *rand.Rand
	day []core.Day // the working days from the first on
}

const perDay = 20 // requests that are filed

func newOffice(l law, seed uint64) *office {
	var years []int
	for y := 2020; y < 2032; y++ {
		years = append(years, y)
	}
	o := &office{law: l, cal: core.NewCalendar(time.UTC, l.off, years...), r: rand.New(rand.NewPCG(seed, 20))}
	for d := (core.Day{Year: 2020, Month: time.January, Day: 2}); d.Year < 2030; d = d.Next(1) {
		if o.cal.IsWorking(d) {
			o.day = append(o.day, d)
		}
	}
	return o
}

// at is the instant that is so many working days after the first.
func (o *office) at(days float64) time.Time {
	whole, part := math.Modf(days)
	h := core.DefaultSending
	return h.Opens(o.day[int(whole)], o.cal).Add(time.Duration(part * float64(h.Close-h.Open) * float64(time.Minute)))
}

func (o *office) lognormal(median, sigma float64) float64 {
	return median * math.Exp(sigma*o.r.NormFloat64())
}

var categories = []string{"mixed", "equipment", "software", "cloud", "services", "telecom"}

// one is a request that is filed after so many working days.
func (o *office) one(days float64) request {
	r := request{class: forecast.Class{Category: categories[o.r.IntN(6)], Amount: o.r.IntN(3), Items: o.r.IntN(2)}, filed: o.at(days)}
	node := forecast.Node{Stage: core.StageRelease}
	executive, observed, returned := o.r.IntN(3), 0, false
	leave := func(took float64, next core.Stage, again bool) {
		from := o.at(days)
		days += took
		at := o.at(days)
		r.passes = append(r.passes, forecast.Pass{Node: node, Next: next, Class: r.class, At: at, Days: core.DefaultSending.Worked(from, at, o.cal)})
		node = forecast.Node{Stage: next, Again: again}
	}
	if o.r.Float64() < 0.1 {
		leave(o.lognormal(1.2, 0.5), core.StageCorrect, false)
		leave(o.lognormal(2, 0.6), core.StageRelease, true)
		returned = true
	}
	if o.r.Float64() < 0.4 {
		leave(o.lognormal(1, 0.6), core.StageLetter, returned)
		leave(o.lognormal(1, 0.7), core.StageReceipt, returned)
	} else {
		leave(o.lognormal(1.3, 0.6), core.StageReceipt, returned)
	}
	leave(o.lognormal(0.8, 0.6), core.StageRefer, returned)
	leave(o.lognormal(0.4, 0.5), core.StageAssign, false)
	leave(o.lognormal(0.5, 0.6), core.StageIssue, false)
	work := []float64{6, 4, 5, 8, 3, 7}[slices.Index(categories, r.class.Category)] * []float64{1, 1.2, 1.6}[r.class.Amount] * []float64{1, 1.15}[r.class.Items]
	for share := 0.3; o.r.Float64() < share && observed < 2; share = 0.1 {
		leave(o.lognormal(0.5*work, 0.5)*o.slower(o.at(days), executive), core.StageAnswer, observed > 0)
		leave(o.lognormal(3, 0.7), core.StageIssue, true)
		observed++
		work *= 0.4
	}
	leave(o.lognormal(work, 0.45)*o.slower(o.at(days), executive), "issued", false)
	return r
}

// many are n requests, in the order in which they were filed.
func (o *office) many(n int) []request {
	out := make([]request, n)
	for i, days := 0, 0.0; i < n; i++ {
		days += o.r.ExpFloat64() / perDay
		out[i] = o.one(days)
	}
	return out
}

// passesOf are the passes of all requests, in the order in which they happened.
func passesOf(all []request) (out []forecast.Pass) {
	for _, r := range all {
		out = append(out, r.passes...)
	}
	slices.SortStableFunc(out, func(a, b forecast.Pass) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	return out
}
