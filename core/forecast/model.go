package forecast

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"

	"sidem.gob.mx/sidem/core"
)

// Model is what a summary says of one class of requests. It is not safe for concurrent use: it
// keeps what it has found.
type Model struct {
	opinions int
	cases    map[Node]int
	seed     uint64
	leaf     uint64
	steps    map[Node]steps
	drift    map[core.Stage]float64
	tails    map[Node]map[core.Stage][]float64
}

// way is a bin of a way on from a node: where it leads, and how long it takes.
type way struct {
	to  core.Stage
	bin int
}

// steps are the ways on from a node, and up to each the weight of all.
type steps struct {
	ways []way
	upto []float64
}

// firmness is how many cases a narrower class must have to weigh as much as the wider one
// that it is shrunk towards.
const firmness = 2 * Enough

// ModelOf is the model of a class. The same summary, class and seed give the same model.
func ModelOf(s *Summary, c Class, seed uint64) *Model {
	m := &Model{
		opinions: s.Opinions, cases: s.cases, seed: seed, leaf: uint64(c.leaf()),
		steps: map[Node]steps{}, drift: map[core.Stage]float64{}, tails: map[Node]map[core.Stage][]float64{},
	}
	for _, r := range rows[1:] {
		m.drift[r.Stage] = s.drift(r.Stage)
		for _, again := range []bool{false, true} {
			n := Node{r.Stage, again}
			m.steps[n] = stepsOf(s.shrunk(n, c))
		}
	}
	return m
}

// weights are those of the bins of the ways on from a node, by row.
type weights [len(Quarterly{})]*[bins]float64

func (w weights) sum() (n float64) {
	for _, bins := range w {
		if bins != nil {
			for _, v := range bins {
				n += v
			}
		}
	}
	return n
}

// add adds other weights, each times by.
func (w *weights) add(o weights, by float64) {
	for to, theirs := range o {
		if theirs == nil {
			continue
		}
		if w[to] == nil {
			w[to] = new([bins]float64)
		}
		for i, v := range theirs {
			w[to][i] += by * v
		}
	}
}

// shrunk are the ways on from a node for a class: those of its own, and the fewer they are the
// more of those that are ever less alike. What is new again is shrunk towards the first time.
func (s *Summary) shrunk(n Node, c Class) weights {
	groups := [][]int{{0}}
	if rows[rowOf(n.Stage)].classed {
		groups = c.groups()
		slices.Reverse(groups)
	}
	var out weights
	towards := func(own weights) {
		if total := out.sum(); total > 0 {
			own.add(out, firmness/total)
		}
		out = own
	}
	if n.Again {
		out = s.shrunk(Node{Stage: n.Stage}, c)
	}
	for _, leaves := range groups {
		towards(s.weights(n, leaves))
	}
	return out
}

// weights are those of a node in some leaves.
func (s *Summary) weights(n Node, leaves []int) (w weights) {
	for _, leaf := range leaves {
		for to := range rows {
			c := s.cells[edge{uint8(leaf), n.code(), uint8(to)}]
			if c == nil {
				continue
			}
			if w[to] == nil {
				w[to] = new([bins]float64)
			}
			for i, v := range c {
				w[to][i] += float64(v)
			}
		}
	}
	return w
}

func stepsOf(w weights) (out steps) {
	total := 0.0
	for to, all := range w {
		if all == nil {
			continue
		}
		for i, v := range all {
			if v > 0 {
				total += v
				out.ways = append(out.ways, way{rows[to].Stage, i})
				out.upto = append(out.upto, total)
			}
		}
	}
	return out
}

// longer are the steps that take longer than days, by what is beyond it.
func (s steps) longer(days float64) (out steps) {
	if days <= 0 {
		return s
	}
	total, before := 0.0, 0.0
	for i, w := range s.ways {
		v := s.upto[i] - before
		before = s.upto[i]
		if v *= beyond(w.bin, days); v > 0 {
			total += v
			out.ways = append(out.ways, w)
			out.upto = append(out.upto, total)
		}
	}
	return out
}

func (s steps) total() float64 {
	if len(s.upto) == 0 {
		return 0
	}
	return s.upto[len(s.upto)-1]
}

// at is the way up to which there is a part of the whole weight, from 0 to 1, and how long it
// takes: more than days.
func (s steps) at(part, days float64, r *rand.Rand) (core.Stage, float64) {
	i := min(len(s.ways)-1, sort.SearchFloat64s(s.upto, part*s.total()))
	w := s.ways[i]
	lo, hi := max(borders[w.bin], days), borders[w.bin+1]
	return w.to, lo + r.Float64()*(hi-lo)
}

// path is what a request has been through, as far as it tells how it goes on.
type path struct{ returned, corrected, assigned, observed, resumed bool }

// pathOf is that of whoever stands at a node.
func pathOf(n Node) (p path) {
	switch n.Stage {
	case core.StageCorrect:
		p.returned, p.corrected = true, n.Again
	case core.StageAssign:
		p.assigned = n.Again
	case core.StageIssue:
		p.assigned, p.observed, p.resumed = true, n.Again, n.Again
	case core.StageAnswer:
		p.assigned, p.observed, p.resumed = true, true, n.Again
	case core.StageRelease, core.StageHeld, core.StageLetter, core.StageReceipt, core.StageRefer:
		p.returned = n.Again
	case core.StageCall, core.StagePickup:
	}
	return p
}

// to is the node that a stage is for p, from one that is left.
func (p *path) to(from Node, stage core.Stage) Node {
	n := Node{Stage: stage}
	if from.Stage == core.StageCorrect {
		p.corrected = true
	}
	if from.Stage == core.StageAnswer {
		p.resumed = true
	}
	switch stage {
	case core.StageCorrect:
		n.Again, p.returned = p.corrected, true
	case core.StageAssign:
		n.Again = p.assigned
	case core.StageIssue:
		n.Again, p.assigned = p.observed, true
	case core.StageAnswer:
		n.Again, p.observed = p.resumed, true
	case core.StageRelease, core.StageHeld, core.StageLetter, core.StageReceipt, core.StageRefer:
		n.Again = p.returned
	case core.StageCall, core.StagePickup:
	}
	return n
}

const (
	paths     = 400  // that are followed from where a stage leads
	draws     = 1000 // of which what is left is made
	mostSteps = 60   // of a path: more are a circle that nobody left
)

// tail are draws of what is left once a node was left for a stage.
func (m *Model) tail(n Node, to core.Stage) []float64 {
	if to == Issued {
		return []float64{0}
	}
	if m.tails[n] == nil {
		m.tails[n] = map[core.Stage][]float64{}
	}
	if known, ok := m.tails[n][to]; ok {
		return known
	}
	r := m.chance(n, to)
	var out []float64
	for range paths {
		p, at, days := pathOf(n), n, 0.0
		next := to
		for range mostSteps {
			at = p.to(at, next)
			s := m.steps[at]
			if len(s.ways) == 0 {
				break
			}
			var took float64
			next, took = s.at(r.Float64(), 0, r)
			if days += took * m.swing(at.Stage, r); next == Issued {
				out = append(out, days)
				break
			}
		}
	}
	m.tails[n][to] = out
	return out
}

func (m *Model) chance(n Node, to core.Stage) *rand.Rand {
	return chance(m.seed, m.leaf<<16|uint64(n.code())<<8|uint64(rowOf(to)))
}

// chance is the n-th sequence of a seed: what is drawn can be drawn again, and guards nothing.
func chance(seed, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, n)) //nolint:gosec // a simulation
}

// swing is by what a stage may take longer or shorter just now than the summary remembers it.
func (m *Model) swing(s core.Stage, r *rand.Rand) float64 {
	if m.drift[s] == 0 {
		return 1
	}
	return math.Exp(m.drift[s] * r.NormFloat64())
}

// rare is the part of those alike below which it is said no more what is usual.
const rare = 0.02

// Left is what is left, in working days until the opinion, for a request that has stood at a
// node for some days. It is false where nothing can be said: fewer than Enough cases, or hardly
// any that stood there for so long.
func (m *Model) Left(n Node, days float64) (Dist, bool) {
	if m.opinions < Enough || m.cases[n] < Enough {
		return nil, false
	}
	s := m.steps[n].longer(days)
	if s.total() < rare*m.steps[n].total() || len(s.ways) == 0 {
		return nil, false
	}
	r := m.chance(n, Issued)
	out := make(Dist, 0, draws)
	for i := range draws {
		to, took := s.at((float64(i)+r.Float64())/draws, days, r)
		tail := m.tail(n, to)
		if len(tail) == 0 {
			continue
		}
		out = append(out, (took-days)*m.swing(n.Stage, r)+tail[r.IntN(len(tail))])
	}
	if len(out) < draws/2 { // most ways on lead to where nobody was yet
		return nil, false
	}
	slices.Sort(out)
	return out, true
}

// Unusual reports whether a request that has stood at a node for some days has stood there
// longer than nine in ten of those alike. It is false where there are fewer than Enough.
func (m *Model) Unusual(n Node, days float64) bool {
	return m.cases[n] >= Enough && m.steps[n].longer(days).total() < 0.1*m.steps[n].total()
}

// Free is after how many working days somebody who has n requests in hand, begun at any time,
// has issued them all, if no other comes: as often it takes less as more. What is found in hand
// is more often what takes long, and is somewhere on its way (the inspection paradox).
func (m *Model) Free(n int) (days float64, ok bool) {
	stays, ok := m.Left(Node{Stage: core.StageIssue}, 0)
	if !ok || n < 1 {
		return 0, false
	}
	upto, total := make([]float64, len(stays)), 0.0
	for i, v := range stays {
		total += v
		upto[i] = total
	}
	const rounds = 200
	r := m.chance(Node{Stage: core.StageIssue, Again: true}, Issued)
	last := make(Dist, rounds)
	for i := range last {
		for range n {
			stay := stays[min(len(stays)-1, sort.SearchFloat64s(upto, r.Float64()*total))]
			last[i] = max(last[i], stay*r.Float64())
		}
	}
	slices.Sort(last)
	return last.Quantile(0.5), true
}
