package forecast

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
)

// HalfLife is after how long a request counts half as much as one of today: seasons, holidays
// that lame an office and a new executive show within weeks.
const HalfLife = 90 * 24 * time.Hour

// Enough is how many cases it takes to say anything.
const Enough = 30

// Summary is how long stages took. The zero Summary is empty. It takes a pass in the same time
// however many it has, weighs it by its date whatever the order they come in (forward decay:
// Cormode, Shkapenyuk, Srivastava and Xu, ICDE 2009), and may be merged with others.
type Summary struct {
	// Upto is the Index of the last event that it has counted.
	Upto int
	// Opinions is how many came, ever.
	Opinions int

	// base is the half-life, counted from 1970, at whose beginning a pass weighs one.
	base    int
	cells   map[edge]*cell
	cases   map[Node]int
	quarter map[Quarter]Quarterly
}

// edge is a way that requests of a leaf went; all those that no class tells apart have leaf 0.
type edge struct {
	leaf uint8
	from uint8 // row, and rows more for Again
	to   uint8
}

func (n Node) code() uint8 {
	i := rowOf(n.Stage)
	if n.Again {
		i += len(rows)
	}
	return uint8(i)
}

func nodeOf(code uint8) Node {
	return Node{Stage: rows[int(code)%len(rows)].Stage, Again: int(code) >= len(rows)}
}

// maxScale is how many half-lives the newest pass may be from base: 2^20 is exact in a cell.
const maxScale = 20

// Observe counts a pass.
func (s *Summary) Observe(p Pass) {
	from, to := rowOf(p.Node.Stage), rowOf(p.Next)
	if from <= 0 || to < 0 || math.IsNaN(p.Days) {
		return
	}
	if s.cells == nil {
		s.cells, s.cases, s.quarter = map[edge]*cell{}, map[Node]int{}, map[Quarter]Quarterly{}
	}
	age := float64(p.At.Unix()) / HalfLife.Seconds()
	if len(s.cases) == 0 || age-float64(s.base) > maxScale {
		s.rebase(int(math.Floor(age)))
	}
	e := edge{from: p.Node.code(), to: uint8(to)}
	if rows[from].classed {
		e.leaf = uint8(p.Class.leaf())
	}
	c := s.cells[e]
	if c == nil {
		c = new(cell)
		s.cells[e] = c
	}
	c[binOf(p.Days)] += float32(math.Exp2(age - float64(s.base)))
	s.cases[p.Node]++
	if p.Ends() {
		s.Opinions++
	}
	s.tally(p)
}

// rebase has weights be told from another half-life on. Halving is exact.
func (s *Summary) rebase(base int) {
	by := float32(math.Exp2(float64(s.base - base)))
	for e, c := range s.cells {
		left := false
		for i := range c {
			if c[i] *= by; c[i] < forgotten {
				c[i] = 0
			}
			left = left || c[i] > 0
		}
		if !left {
			delete(s.cells, e)
		}
	}
	s.base = base
}

// forgotten is the weight of what is not remembered any more.
const forgotten = 1e-4

// Merge adds what another summary has counted of other requests.
func (s *Summary) Merge(o Summary) {
	o = o.clone()
	base := max(s.base, o.base)
	if len(s.cases) == 0 {
		base = o.base
		s.cells, s.cases, s.quarter = map[edge]*cell{}, map[Node]int{}, map[Quarter]Quarterly{}
	}
	if len(o.cases) == 0 {
		base = s.base
	}
	s.rebase(base)
	o.rebase(base)
	for e, c := range o.cells {
		mine := s.cells[e]
		if mine == nil {
			mine = new(cell)
			s.cells[e] = mine
		}
		for i := range c {
			mine[i] += c[i]
		}
	}
	for n, count := range o.cases {
		s.cases[n] += count
	}
	for q, theirs := range o.quarter {
		s.quarter[q] = s.quarter[q].plus(theirs)
	}
	s.Opinions += o.Opinions
	s.Upto = max(s.Upto, o.Upto)
	s.forgetQuarters()
}

func (s *Summary) clone() Summary {
	out := *s
	out.cells, out.cases, out.quarter = map[edge]*cell{}, maps.Clone(s.cases), maps.Clone(s.quarter)
	for e, c := range s.cells {
		own := *c
		out.cells[e] = &own
	}
	return out
}

// Cases is how many passes of a node it has counted, ever.
func (s *Summary) Cases(n Node) int { return s.cases[n] }

// Quarter is a quarter of a year: 2026 and 1 to 4.
type Quarter struct{ Year, N int }

// QuarterOf is the quarter of a date.
func QuarterOf(d core.Day) Quarter { return Quarter{d.Year, (int(d.Month)-1)/3 + 1} }

// Before is the quarter before.
func (q Quarter) Before() Quarter {
	if q.N == 1 {
		return Quarter{q.Year - 1, 4}
	}
	return Quarter{q.Year, q.N - 1}
}

// Compare tells which quarter comes first.
func (q Quarter) Compare(o Quarter) int {
	return cmp.Or(cmp.Compare(q.Year, o.Year), cmp.Compare(q.N, o.N))
}

// Tally is how often a stage was left in a quarter, and the working days that it took in all.
type Tally struct {
	Count int
	Days  float64
}

// Mean is the working days of one; 0 of none.
func (t Tally) Mean() float64 { return t.Days / max(1, float64(t.Count)) }

// Quarterly are the tallies of a quarter, by row.
type Quarterly [10]Tally

func (q Quarterly) plus(o Quarterly) Quarterly {
	for i := range q {
		q[i].Count += o[i].Count
		q[i].Days += o[i].Days
	}
	return q
}

// quartersKept bounds the quarters: two years, and the one under way.
const quartersKept = 9

func (s *Summary) tally(p Pass) {
	q := QuarterOf(core.DateOf(p.At))
	all := s.quarter[q]
	t := &all[rowOf(p.Node.Stage)]
	t.Count++
	t.Days += p.Days
	s.quarter[q] = all
	s.forgetQuarters()
}

func (s *Summary) forgetQuarters() {
	for len(s.quarter) > quartersKept {
		delete(s.quarter, slices.MinFunc(slices.Collect(maps.Keys(s.quarter)), Quarter.Compare))
	}
}

// InQuarter is how long a stage took in a quarter.
func (s *Summary) InQuarter(q Quarter, stage core.Stage) Tally {
	if i := rowOf(stage); i > 0 {
		return s.quarter[q][i]
	}
	return Tally{}
}

// Costliest is the stage in which requests spent most working days in a quarter, the agencies'
// stages aside where officeOnly; "" where no stage was left Enough times.
func (s *Summary) Costliest(q Quarter, officeOnly bool) core.Stage {
	var worst core.Stage
	most := 0.0
	for _, r := range rows[1:] {
		if t := s.InQuarter(q, r.Stage); t.Count >= Enough && t.Days > most && (!officeOnly || !r.agencys) {
			worst, most = r.Stage, t.Days
		}
	}
	return worst
}

const (
	// lag is the part of the change from one quarter to the next that a summary is behind by,
	// beyond what its own past holds of it.
	lag = 0.7
	// scatter is the squared coefficient of variation of one stay in a stage: what the means of
	// quarters differ by without any change.
	scatter = 0.6
)

// drift is by how much a stage swings from one quarter to the next, as the standard deviation
// of a logarithm: with the seasons, or as people come and go. It is 0 where two quarters differ
// no more than chance has them.
func (s *Summary) drift(stage core.Stage) float64 {
	sum, n := 0.0, 0
	for _, q := range slices.SortedFunc(maps.Keys(s.quarter), Quarter.Compare) {
		now, before := s.InQuarter(q, stage), s.InQuarter(q.Before(), stage)
		if now.Count < Enough || before.Count < Enough || now.Days == 0 || before.Days == 0 {
			continue
		}
		change := math.Log(now.Mean() / before.Mean())
		sum += change*change - scatter*(1/float64(now.Count)+1/float64(before.Count))
		n++
	}
	if n == 0 || sum <= 0 {
		return 0
	}
	return lag * math.Sqrt(sum/float64(n))
}
