package paper

import (
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// maxHeadRow is among how many rows with something in them the heads are looked for: a
// title and the like may stand above them.
const maxHeadRow = 40

// heads are the row that names the columns, or several.
type heads struct {
	index    int // of the first in grid.rows
	bottom   int // the last row that belongs to them
	at       map[value.Part]int
	others   map[int]string // the heads of the columns that hold no part of a renglón
	problems []string       // what keeps renglones from being read under them, in words
}

// isWhole reports whether the heads name all that a renglón must have.
func (h heads) isWhole() bool { return len(h.lack()) == 0 }

// lack are the parts that a renglón must have and that no head names.
func (h heads) lack() []value.Part {
	return slices.DeleteFunc(slices.Clone(must), func(p value.Part) bool { _, is := h.at[p]; return is })
}

// headName is what stands over a column: in all rows of heads together, and in the lowest.
type headName struct{ all, own string }

// headsOf finds the heads of a grid: the first that are whole and have nothing wrong with
// them, otherwise the first that are whole. Where there are none, words is what stands in
// their way: "" where no row looks like it.
func headsOf(g *grid) (h heads, words string, ok bool) {
	if g.heads == nil {
		h, words, ok = findHeads(g)
		g.heads = &foundHeads{h, words, ok}
	}
	return g.heads.heads, g.heads.words, g.heads.ok
}

// foundHeads is what headsOf found.
type foundHeads struct {
	heads heads
	words string
	ok    bool
}

func findHeads(g *grid) (h heads, words string, ok bool) {
	best := 0
	rows := g.rows[:min(len(g.rows), maxHeadRow)]
	for i, row := range rows {
		if row.hidden {
			continue
		}
		here := g.headsAt(i, row.n)
		if last := g.lastHead(here); last > row.n {
			if both := g.headsAt(i, last); both.isWhole() {
				here = both
			}
		}
		switch found := len(must) - len(here.lack()); {
		case here.isWhole() && len(here.problems) == 0:
			return here, "", true
		case here.isWhole() && !ok:
			h, ok = here, true
		case found > best && found > 1:
			if best, words = found, strings.Join(here.problems, "\n"); words == "" {
				words = es.SheetLacksColumns(row.n, here.lack())
			}
		}
	}
	return h, words, ok
}

// headsAt are the heads that begin in the row of an index and end in a row.
func (g *grid) headsAt(index, bottom int) heads {
	h := heads{index: index, bottom: bottom, others: map[int]string{}}
	names := map[int]headName{}
	for c, name := range g.namesOf(index, bottom) {
		names[c] = name
		if !g.hidden[c] {
			h.others[c] = name.all
		}
	}
	h.at, h.problems = columnsOf(g, g.rows[index:], names)
	for _, c := range h.at {
		delete(h.others, c)
	}
	return h
}

// namesOf is what stands over the columns in the rows from an index to a last one: a head
// that is as wide as several columns stands over each of them that has one below.
func (g *grid) namesOf(index, bottom int) map[int]headName {
	const longest = 500 // in bytes; a head is no longer
	const most = 1 << 14
	out := map[int]headName{}
	for _, row := range g.rows[index:] {
		if row.n > bottom {
			break
		}
		for c, cell := range row.cells {
			if cell.is == holdsText && len(cell.text) <= longest {
				out[c] = headName{}
			}
		}
	}
	columns := slices.Sorted(maps.Keys(out))
	spread := 0
	for _, row := range g.rows[index:] {
		if row.n > bottom {
			break
		}
		add := func(c int, words string) {
			name := out[c]
			name.all, name.own = strings.TrimSpace(name.all+" "+words), words
			out[c] = name
		}
		for i, c := range columns {
			words := value.Line(row.cells[c].text)
			if row.cells[c].is != holdsText || words == "" || len(words) > longest {
				continue
			}
			add(c, words)
			for _, under := range columns[i+1:] {
				if spread++; row.n == bottom || under > g.wide[[2]int{row.n, c}] || spread > most {
					break
				}
				add(under, words)
			}
		}
	}
	return out
}

// lastHead is the last row of the heads that begin in a row, of which here are those that
// this row has alone: cells that reach down, or across what stands below them, say so. Rows
// with figures are none of heads, nor is what stands under a whole head.
func (g *grid) lastHead(here heads) int {
	row := g.rows[here.index]
	n, wide := row.n, !here.isWhole()
	for c := range row.cells {
		n = max(n, g.deep[[2]int{row.n, c}])
		wide = wide || g.wide[[2]int{row.n, c}] > c
	}
	if wide && n == row.n {
		n++
	}
	for _, below := range g.rows[here.index+1:] {
		if below.n > n {
			break
		}
		under := func(p value.Part) bool {
			c, is := here.at[p]
			return is && g.wide[[2]int{row.n, c}] <= c && below.cells[c].is != holdsNothing
		}
		if below.hidden || slices.ContainsFunc(slices.Collect(maps.Values(below.cells)), isFigure) || here.isWhole() && slices.ContainsFunc(must, under) {
			return below.n - 1
		}
	}
	return n
}

// isFigure reports whether a cell holds something else than words.
func isFigure(c gridCell) bool {
	if c.is != holdsText {
		return c.is != holdsNothing
	}
	_, err := value.ParseMoney(c.text)
	return err == nil
}

// columnsOf are the columns that names name, and what is wrong with them; rows are those
// from the names on.
func columnsOf(g *grid, rows []gridRow, names map[int]headName) (at map[value.Part]int, problems []string) {
	at = map[value.Part]int{}
	taken := map[int]bool{}
	order := slices.Sorted(maps.Keys(names))
	for _, p := range parts {
		best, columns := 0, []int(nil)
		for _, c := range order {
			if taken[c] {
				continue
			}
			switch rank := names[c].rank(p); {
			case rank == 0 || rank < best:
			case rank > best:
				best, columns = rank, []int{c}
			default:
				columns = append(columns, c)
			}
		}
		seen := slices.DeleteFunc(slices.Clone(columns), func(c int) bool { return g.hidden[c] })
		switch {
		case len(columns) == 0:
			continue
		case len(seen) == 0:
			problems = append(problems, es.SheetHiddenColumn(letter(columns[0]), p))
		case len(seen) > 1:
			letters, heads := make([]string, len(seen)), make([]string, len(seen))
			for i, c := range seen {
				letters[i], heads[i] = letter(c), names[c].all
			}
			problems = append(problems, es.SheetTwice(p, letters, heads))
		}
		at[p] = append(seen, columns...)[0]
		taken[at[p]] = true
		if name := names[at[p]].all; p == value.PartQuantity && es.NamesManifold(name) {
			problems = append(problems, es.SheetManifold(letter(at[p]), name))
		}
	}
	if _, priced := at[value.PartPrice]; !priced {
		if words := unpriced(g, rows, names, order, taken); words != "" {
			problems = append(problems, words)
		}
	}
	return at, problems
}

// rank is how well a column is named for a part of a renglón: by all that stands over it,
// otherwise by the lowest of it, where what is above changes nothing.
func (n headName) rank(p value.Part) int {
	rank := es.NamesColumn(p, n.all)
	if rank == 0 && n.own != n.all && !es.SaysOtherPrices(n.all) && !es.NamesManifold(n.all) {
		rank = es.NamesColumn(p, n.own)
	}
	return rank
}

// unpriced says which column of heads without one for the prices may be meant so, or
// holds what only follows from them: renglones are not left without a price in silence.
func unpriced(g *grid, rows []gridRow, names map[int]headName, order []int, taken map[int]bool) string {
	for _, c := range order {
		name := names[c].all
		switch {
		case g.hidden[c] || taken[c]:
		case es.NamesOtherMoney(name):
			return es.SheetOtherMoney(letter(c), name)
		case es.NamesTaxedPrice(name):
			return es.SheetTaxed(letter(c))
		case es.ResemblesPrice(name):
			return es.SheetDoubtfulPrice(letter(c), name)
		case es.NamesRowAmount(name) && slices.ContainsFunc(rows[1:], func(r gridRow) bool { return r.cells[c].is != holdsNothing }):
			return es.SheetOnlyAmounts(letter(c), name)
		}
	}
	return ""
}
