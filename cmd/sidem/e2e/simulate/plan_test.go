//go:build e2e

// Package simulate tells disturbed stories from a seed, each a whole office in one process and in virtual time.
//
// A story is a scenario: its lines are made one by one, by chance, of what the screens
// offer by then, and played by the runner of scenarios. So one in which something breaks
// is made smaller by leaving lines out, and is printed as a scenario that can be played.
package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
)

// kind is what happens in a step.
type kind string

const (
	acts     kind = "acts"     // somebody does what their screen offers
	twice    kind = "twice"    // the same, pressing twice
	together kind = "together" // with somebody else at the same moment
	again    kind = "again"    // the platform brings again what they did last, or they press what stood there before
	breaks   kind = "breaks"   // a call that is yet to come will go wrong
	vanishes kind = "vanishes" // SIDEM is gone, and comes back on what its disk has
	jumps    kind = "jumps"    // the business clock jumps, forward or back
)

// weights are how often each kind comes, of their sum.
var weights = []struct {
	kind   kind
	weight int
}{{acts, 60}, {twice, 8}, {together, 10}, {again, 10}, {breaks, 120}, {vanishes, 6}, {jumps, 8}}

// begun are the points from which a story may begin.
var begun = []string{
	"borrador", "solicitud por liberar", "solicitud liberada", "solicitud recibida", "solicitud turnada", "solicitud en dictaminación",
	"dictamen emitido", "dictamen por recoger",
}

// days are when a story may begin: an ordinary Monday, before a holiday, before a weekend, before a new year.
var days = []string{"2026-11-23 09:00", "2026-11-23 09:00", "2026-12-24 10:00", "2026-11-27 16:00", "2026-12-31 11:00"}

const (
	fewest = 8
	most   = 28
)

// teller makes a story from a seed.
type teller struct {
	head  []string
	left  int // steps to come
	r     *rand.Rand
	total int
	last  actor
}

func tellerOf(seed uint64) *teller {
	r := rand.New(rand.NewPCG(seed, 22))
	y := &teller{r: r, left: fewest + r.IntN(most-fewest+1)}
	day := days[r.IntN(len(days))]
	y.head = append(y.head, "hoy: "+day)
	if r.IntN(4) == 0 {
		y.head = append(y.head, mishap+byWebhook)
	}
	y.head = append(y.head, "vinculados: "+strings.Join(linked(cast), ", "), "hay: "+begun[r.IntN(len(begun))])
	if r.IntN(3) == 0 { // another one
		y.head = append(y.head, "hay: "+begun[r.IntN(len(begun))])
	}
	if r.IntN(5) == 0 {
		y.head = append(y.head, fmt.Sprintf("hay: suplencia de raúl por elena del %s al 2027-01-08", day[:len("2006-01-02")]))
	}
	for _, w := range weights {
		y.total += w.weight
	}
	return y
}

// next are the lines of the next step; none at the end. What it draws does not depend on what
// came of the story so far, but for what it picks from a screen.
func (y *teller) next(s *story) []string {
	for y.left > 0 {
		y.left--
		n := y.r.IntN(y.total)
		a, b := cast[y.r.IntN(len(cast))], cast[y.r.IntN(len(cast))]
		if y.r.IntN(2) == 0 && y.last.name != "" { // who has begun something goes on with it
			a = y.last
		}
		y.last = a
		r := rand.New(rand.NewPCG(y.r.Uint64(), 0))
		for _, w := range weights {
			if n -= w.weight; n < 0 {
				if lines := s.step(w.kind, a, b, r); len(lines) > 0 {
					return lines
				}
				break
			}
		}
	}
	return nil
}

func (s *story) step(k kind, a, b actor, r *rand.Rand) []string {
	switch k {
	case acts:
		return s.move(a, r)
	case twice:
		m := s.move(a, r)
		if len(m) == 1 && strings.Contains(m[0], ": pulsa ") {
			return []string{m[0] + " dos veces"}
		}
		if len(m) == 1 {
			return []string{mishap + atOnce, m[0], m[0]}
		}
		return m
	case together:
		mine, theirs := s.move(a, r), s.move(b, r)
		if len(mine) != 1 || len(theirs) != 1 || a == b {
			return slices.Concat(mine, theirs)
		}
		return []string{mishap + atOnce, mine[0], theirs[0]}
	case again:
		if old := s.old(a); old != "" && r.IntN(2) == 0 {
			return []string{a.says(": pulsa otra vez " + quoted(old))}
		}
		return []string{a.says(": lo mismo otra vez")}
	case breaks:
		return []string{mishap + riskOf(r).String()}
	case vanishes:
		return []string{mishap + vanished}
	case jumps:
		return []string{"reloj: " + s.jump(r)}
	}
	return nil
}

// jump is where the business clock jumps to: also to days on which nobody works, and back.
func (s *story) jump(r *rand.Rand) string {
	now := s.w.Time.Now().In(world.Mexico())
	by := []time.Duration{time.Hour, 5 * time.Hour, 24 * time.Hour, 30 * time.Hour, -90 * time.Minute}
	if n := r.IntN(len(by) + 2); n < len(by) {
		return now.Add(by[n]).Format("2006-01-02 15:04")
	}
	return []string{"+1 día hábil", "+3 días hábiles"}[r.IntN(2)]
}

// linked are people as a story links them.
func linked(people []actor) (out []string) {
	for _, a := range people {
		out = append(out, a.name+"@"+a.on)
	}
	return out
}

// smaller leaves out of a story what can be left out while fails holds of the rest: halves
// of its lines first, then single ones, then people who do nothing in it, and mishaps of the beginning.
func smaller(p script, fails func(script) bool) script {
	for size := len(p.body) / 2; size > 0; {
		cut := false
		for from := 0; from+size <= len(p.body); {
			less := script{p.head, slices.Delete(slices.Clone(p.body), from, from+size)}
			if fails(less) {
				p, cut = less, true
			} else {
				from += size
			}
		}
		if !cut || size > len(p.body) {
			size /= 2
		}
	}
	idle := slices.DeleteFunc(slices.Clone(cast), func(a actor) bool {
		return slices.ContainsFunc(p.body, func(l string) bool { return strings.HasPrefix(l, a.says("")) })
	})
	for i, line := range p.head {
		list, ok := strings.CutPrefix(line, string(bottest.Linked)+": ")
		if !ok {
			continue
		}
		for _, a := range idle {
			fewer := strings.Join(slices.DeleteFunc(strings.Split(list, ", "), func(s string) bool { return s == a.says("") }), ", ")
			less := script{slices.Clone(p.head), p.body}
			if less.head[i] = string(bottest.Linked) + ": " + fewer; fewer != "" && fails(less) {
				p, list = less, fewer
			}
		}
	}
	for i := range slices.Backward(p.head) {
		if !strings.HasPrefix(p.head[i], string(bottest.Linked)) {
			if less := (script{slices.Delete(slices.Clone(p.head), i, i+1), p.body}); fails(less) {
				p = less
			}
		}
	}
	return p
}
