//go:build e2e

// Package simulate tells disturbed stories from a seed, each a whole office in one process and in virtual time.
//
// A seed gives a plan: who acts, what goes wrong, when SIDEM vanishes, how the clock
// jumps. A plan is a value, so that one under which something breaks is made smaller
// until nothing can be left out. After every step the invariants of e2etest are asked.
package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// kind is what happens in a step.
type kind string

const (
	acts     kind = "acts"     // somebody does what their screen offers
	twice    kind = "twice"    // the same, pressing twice
	together kind = "together" // with somebody else at the same moment
	again    kind = "again"    // the platform brings again what they did last
	breaks   kind = "breaks"   // a call that is yet to come will go wrong
	vanishes kind = "vanishes" // SIDEM is gone, and comes back on what its disk has
	jumps    kind = "jumps"    // the business clock jumps
)

// weights are how often each kind comes, of their sum.
var weights = []struct {
	kind   kind
	weight int
}{{acts, 60}, {twice, 8}, {together, 10}, {again, 8}, {breaks, 120}, {vanishes, 6}, {jumps, 8}}

// step is one of a plan. Chance decides what is left open when it is taken: which
// button of a screen, which call.
type step struct {
	Kind   kind
	Who    int // of the cast
	Other  int // of the cast, for together
	Chance uint64
}

func (s step) rand() *rand.Rand { return rand.New(rand.NewPCG(s.Chance, 0)) }

// plan is a story before it is told.
type plan struct {
	Given string // what the story takes for granted, in the words of a scenario
	Steps []step
}

// begun are the points from which a story may begin.
var begun = []string{
	"borrador", "solicitud por liberar", "solicitud liberada", "solicitud recibida", "solicitud turnada", "solicitud en dictaminación",
	"dictamen emitido", "dictamen por recoger",
}

const (
	fewest = 8
	most   = 28
)

// planOf is the plan of a seed.
func planOf(seed uint64) plan {
	r := rand.New(rand.NewPCG(seed, 22))
	p := plan{Given: begun[r.IntN(len(begun))]}
	total := 0
	for _, w := range weights {
		total += w.weight
	}
	for range fewest + r.IntN(most-fewest+1) {
		n, s := r.IntN(total), step{Who: r.IntN(len(cast)), Other: r.IntN(len(cast)), Chance: r.Uint64()}
		for _, w := range weights {
			if n -= w.weight; n < 0 {
				s.Kind = w.kind
				break
			}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hay: %s\n", p.Given)
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "%s %s %d\n", s.Kind, cast[s.Who].name, s.Chance)
	}
	return b.String()
}

// smaller leaves out of a plan what can be left out while fails holds of the rest:
// halves of the steps first, then single ones.
func smaller(p plan, fails func(plan) bool) plan {
	for size := len(p.Steps) / 2; size > 0; {
		cut := false
		for from := 0; from+size <= len(p.Steps); {
			less := plan{Given: p.Given, Steps: slices.Delete(slices.Clone(p.Steps), from, from+size)}
			if fails(less) {
				p, cut = less, true
			} else {
				from += size
			}
		}
		if !cut || size > len(p.Steps) {
			size /= 2
		}
	}
	return p
}
