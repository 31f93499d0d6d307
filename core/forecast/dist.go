package forecast

import (
	"math"
	"sort"
)

// Dist are draws of a number of working days, in order.
type Dist []float64

// Quantile is what a part of the draws, from 0 to 1, does not exceed.
func (d Dist) Quantile(p float64) float64 {
	return d[max(0, min(len(d)-1, int(math.Ceil(p*float64(len(d))))-1))]
}

// Range is what people are told: whole working days from a date on.
type Range struct {
	Usual     int // as many take less as take more
	Low, High int // eight in ten lie between, both included
}

// share is what the range is to hold.
const share = 0.8

// Whole is the range of d for one who asks when a part of the day, from 0 to 1, is over. Of the
// ranges that begin at or beside the first tenth and end at or beside the last it is the one
// that holds closest to eight in ten: days are whole, and eight in ten seldom are.
func (d Dist) Whole(part float64) Range {
	day := func(v float64) int { return int(math.Floor(part + v)) }
	// upto is the part of the draws that come on day n or before.
	upto := func(n int) float64 {
		return float64(sort.Search(len(d), func(i int) bool { return day(d[i]) > n })) / float64(len(d))
	}
	low, high := day(d.Quantile((1-share)/2)), day(d.Quantile((1+share)/2))
	out := Range{Usual: day(d.Quantile(0.5))}
	best := math.Inf(1)
	for _, lo := range []int{low, low + 1} {
		for _, hi := range []int{high, high - 1} {
			if lo > out.Usual || hi < out.Usual {
				continue
			}
			if off := math.Abs(upto(hi) - upto(lo-1) - share); off < best {
				best, out.Low, out.High = off, lo, hi
			}
		}
	}
	return out
}
