package forecast

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
)

// Plan is an office as a question has it: how much comes, and who there is to work on it.
type Plan struct {
	// Arrivals are requests in a working day, and People how many work on them.
	Arrivals float64
	People   int
	// Work is how many working days of one person an opinion takes, in draws of which each is as
	// likely as the others. It is not how long the request lies there.
	Work Dist
	// Target is the office's, in working days from when a request is assigned.
	Target float64
	// Days is for how many working days the question is asked, and Waiting how many requests
	// are waiting when it begins.
	Days    int
	Waiting int
	// Off are the working days, from 0 on, on which nobody works beyond those of the calendar
	// (requests come all the same).
	Off map[int]bool
	// Closed are the days on which the office is closed: nobody works, nothing comes, and they
	// count for nothing. Two plans of which one works on a holiday run over the same days so.
	Closed map[int]bool
}

// Outcome is what comes of a plan: of each figure the middle of its runs, and the range in which
// eight runs in ten lie.
type Outcome struct {
	Wait, Stay Spread // working days until somebody begins, and until the opinion
	Target     Spread // the part that keep the target
	Busy       Spread // the part of their days that people work on opinions
	Left       Spread // requests without an opinion at the end
	// InOffice is the mean number of requests without an opinion, and Rate how many are issued
	// in a working day: by Little's law the one is the other times the mean stay.
	InOffice, Rate Spread
	// Daily are the requests without an opinion at the end of each day.
	Daily []Spread
}

// Spread is a figure over the runs of a simulation.
type Spread struct{ Low, Middle, High float64 }

// Simulate runs a plan some times: first come, first served, by whoever is free. The same plan,
// seed and number of runs give the same outcome. Now and then goOn is asked whether anybody
// waits for it still (a context's Err); what it says otherwise ends the runs, and is returned.
func Simulate(p Plan, seed uint64, runs int, goOn func() error) (Outcome, error) {
	all := make([]run, runs)
	for i := range all {
		var err error
		if all[i], err = p.run(chance(seed, uint64(i)), goOn); err != nil {
			return Outcome{}, err
		}
	}
	spread := func(of func(run) float64) Spread {
		values := make(Dist, 0, runs)
		for _, r := range all {
			if v := of(r); !math.IsNaN(v) {
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return Spread{}
		}
		slices.Sort(values)
		return Spread{values.Quantile(0.1), values.Quantile(0.5), values.Quantile(0.9)}
	}
	out := Outcome{
		Wait: spread(func(r run) float64 { return r.wait / r.issued }), Stay: spread(func(r run) float64 { return r.stay / r.issued }),
		Target: spread(func(r run) float64 { return r.kept / r.issued }), Busy: spread(func(r run) float64 { return r.busy }),
		Left: spread(func(r run) float64 { return r.daily[p.Days-1] }), InOffice: spread(func(r run) float64 { return r.inOffice }),
		Rate: spread(func(r run) float64 { return r.issued / p.open(0, float64(p.Days)) }), Daily: make([]Spread, p.Days),
	}
	for day := range out.Daily {
		out.Daily[day] = spread(func(r run) float64 { return r.daily[day] })
	}
	return out, nil
}

// run is one future of a plan: sums over its requests, and means over its days.
type run struct {
	wait, stay, kept, issued float64
	busy, inOffice           float64
	daily                    []float64
}

// free are the instants from which on people are free, the first one first.
type free []float64

func (f free) Len() int           { return len(f) }
func (f free) Less(i, j int) bool { return f[i] < f[j] }
func (f free) Swap(i, j int)      { f[i], f[j] = f[j], f[i] }
func (f *free) Push(x any)        { *f = append(*f, x.(float64)) }
func (f *free) Pop() any          { last := (*f)[len(*f)-1]; *f = (*f)[:len(*f)-1]; return last }

// asksEvery is after how many requests of a run it is asked whether to go on: each of them
// takes as many steps as it lies days, 2500 at the most.
const asksEvery = 1000

// run runs it once. Time is in working days from the beginning.
func (p Plan) run(r *rand.Rand, goOn func() error) (out run, err error) {
	end := float64(p.Days)
	out.daily = make([]float64, p.Days)
	people := make(free, max(1, p.People))
	heap.Init(&people)
	for at, n := 0.0, 0; ; n++ {
		if n%asksEvery == 0 {
			if err := goOn(); err != nil {
				return out, err
			}
		}
		if n >= p.Waiting {
			if p.Arrivals <= 0 {
				break
			}
			if at += r.ExpFloat64() / p.Arrivals; at >= end {
				break
			}
			if p.Closed[int(at)] {
				continue
			}
		}
		begin := p.worked(max(at, people[0]), 0)
		done := p.worked(begin, p.Work[r.IntN(len(p.Work))])
		people[0] = done
		heap.Fix(&people, 0)
		out.inOffice += p.open(at, min(done, end)) / p.open(0, end)
		if begin < end {
			out.busy += p.between(begin, min(done, end)) / (p.between(0, end) * float64(len(people)))
		}
		for day := int(at); day < p.Days && float64(day+1) <= done; day++ {
			out.daily[day]++
		}
		if done <= end {
			out.issued++
			stay := p.open(at, done)
			out.wait += p.open(at, begin)
			out.stay += stay
			if stay <= p.Target {
				out.kept++
			}
		}
	}
	return out, nil
}

// worked is when some days of work are done that begin at an instant: on days off nothing is.
func (p Plan) worked(at, days float64) float64 {
	for {
		day := math.Floor(at)
		switch left := day + 1 - at; {
		case p.Off[int(day)], p.Closed[int(day)]:
			at = day + 1
		case days <= left:
			return at + days
		case len(p.Off)+len(p.Closed) == 0:
			return at + days
		default:
			at, days = day+1, days-left
		}
	}
}

// between is how much of the time from one instant to another is worked.
func (p Plan) between(from, to float64) float64 {
	return p.open(from, to) - within(p.Off, from, to)
}

// open is how much of the time from one instant to another counts.
func (p Plan) open(from, to float64) float64 {
	return to - from - within(p.Closed, from, to)
}

// within is how much of the time from one instant to another lies on some days.
func within(days map[int]bool, from, to float64) (out float64) {
	if len(days) == 0 {
		return 0
	}
	for day := math.Floor(from); day < to; day++ { // in order, so that the sum is the same again
		if days[int(day)] {
			out += max(0, min(to, day+1)-max(from, day))
		}
	}
	return out
}
