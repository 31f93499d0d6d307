package forecast

import (
	"math"
)

// A cell counts durations by bins whose borders grow by a fifth: a duration is known to one part
// in ten, whether it took an hour or a hundred days, and a cell is as large for three as for
// half a million of them.
const (
	bins  = 54
	least = 0.02 // working days: some ten minutes
	ratio = 1.2
)

type cell [bins]float32

// binOf is the bin of a duration in working days.
func binOf(days float64) int {
	if days < least {
		return 0
	}
	return min(bins-1, 1+int(math.Log(days/least)/math.Log(ratio)))
}

// borders are where bins begin, and where the last one ends.
var borders = func() (b [bins + 1]float64) {
	for i := 1; i <= bins; i++ {
		b[i] = least * math.Pow(ratio, float64(i-1))
	}
	return b
}()

// beyond is the part of bin i that is longer than days, where it is spread evenly.
func beyond(i int, days float64) float64 {
	lo, hi := borders[i], borders[i+1]
	return min(1, max(0, (hi-days)/(hi-lo)))
}
