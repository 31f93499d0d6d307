package paper

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// Where commas stand between the values of a list, one inside of a value cuts it in two
// unless the value stands in quotation marks, which programs write and people forget. A
// price of 18,500.00 then is 18, and whatever comes next is 500.00.

// maxJoints is how many commas of a row may belong to its values, and maxValues how many
// values it may have for them to be looked for in its texts.
const (
	maxJoints = 3
	maxValues = 16
)

// torn is the first column of a row whose value does not end where its quotation marks do.
func (r gridRow) torn() (column int, is bool) {
	for _, c := range slices.Sorted(maps.Keys(r.cells)) {
		if r.cells[c].torn {
			return c, true
		}
	}
	return 0, false
}

// checkCut tells where a row of a list may have been cut within a value, and reports
// whether it did. Nothing is told of a row that can only be read as it stands; it is not
// taken that way only because it can be.
func (t *tableReader) checkCut(row gridRow) bool {
	if t.grid.sep != ',' {
		return false
	}
	it, read := t.itemIn(row)
	at, priced := t.otherwise(row, 0)
	if at < 0 && row.values <= maxValues {
		before := t.lastFigure(row)
		if !read || row.values > t.grid.rows[t.index].values {
			before = row.values
		}
		at, priced = t.otherwise(row, before)
	}
	if at < 0 || read && t.isCertain(row, it, priced) {
		return false
	}
	t.problem(es.SheetCell(t.count, row.n, letter(at), es.SheetCut(row.cells[at].text, row.cells[at+1].text)))
	return true
}

// otherwise looks for a renglón in a row some of whose commas belong to numbers, and before
// a column to texts too: at is the first value that one is missing from, -1 where there is
// none, and priced whether one of them has a price.
func (t *tableReader) otherwise(row gridRow, before int) (at int, priced bool) {
	at = -1
	t.joinings(row, before, 0, maxJoints, func(joined gridRow, joint int) bool {
		if it, ok := t.itemIn(joined); ok && !t.hasBeyond(joined) {
			at, priced = joint, !it.Price.IsZero()
		}
		return !priced
	})
	return at, priced
}

// isCertain reports whether a row that can be read as it stands, and otherwise, is meant as
// it stands: what it says that it comes to is its quantity at its price; or it has as many
// values as the row of heads, no text that is a bare number, and would lose its price otherwise.
func (t *tableReader) isCertain(row gridRow, it value.Item, priced bool) bool {
	if t.hasBeyond(row) {
		return false
	}
	for c, head := range t.others {
		if amounts := amountsOf(row.cells[c]); es.NamesRowAmount(head) && len(amounts) > 0 {
			return !it.Price.IsZero() && t.comesTo(amounts, []value.Item{it})
		}
	}
	return t.lastFigure(row) < 0 && row.values == t.grid.rows[t.index].values && !it.Price.IsZero() && !priced
}

// lastFigure is the last column of a row that should hold text and holds a bare number;
// -1 for none.
func (t *tableReader) lastFigure(row gridRow) int {
	last := -1
	for _, p := range []value.Part{value.PartDescription, value.PartFeatures} {
		if isFigure(t.cell(row, p)) {
			last = max(last, t.at[p])
		}
	}
	return last
}

// joinings calls do with a row as it would be with up to so many of its commas, from a
// column on, taken as parts of numbers, and before another column of texts too, and with
// the column of the first of those values, until do returns false.
func (t *tableReader) joinings(row gridRow, before, from, most int, do func(joined gridRow, joint int) bool) bool {
	for c := from; c+1 < row.values && most > 0; c++ {
		left, right := row.cells[c], row.cells[c+1]
		if left.is == holdsNothing || right.is == holdsNothing || left.quoted || right.quoted {
			continue
		}
		both := gridCell{is: holdsText, text: strings.TrimSpace(left.text) + "," + strings.TrimSpace(right.text)}
		if !t.mayStand(both, c, before) {
			continue
		}
		joined := gridRow{n: row.n, values: row.values - 1, cells: map[int]gridCell{c: both}}
		for i, cell := range row.cells {
			switch {
			case i < c:
				joined.cells[i] = cell
			case i > c+1:
				joined.cells[i-1] = cell
			}
		}
		if !do(joined, c) || !t.joinings(joined, before, c, most-1, func(more gridRow, _ int) bool { return do(more, c) }) {
			return false
		}
	}
	return true
}

// mayStand reports whether a text with a comma may stand in a column: among numbers as
// one, otherwise before a column, and nowhere among units.
func (t *tableReader) mayStand(c gridCell, column, before int) bool {
	for p, at := range t.at {
		switch {
		case at != column:
		case p == value.PartQuantity || p == value.PartPrice:
			return true // itemIn judges it
		default:
			return p != value.PartUnit && column < before
		}
	}
	return column < before || es.NamesRowAmount(t.others[column]) && len(amountsOf(c)) > 0
}

// itemIn is the renglón in a row of a list; false where it cannot be read, and asking which
// of two numbers is meant is reading.
func (t *tableReader) itemIn(row gridRow) (value.Item, bool) {
	texts := make([]string, len(fine))
	for p, column := range t.at {
		texts[p] = row.cells[column].text
	}
	for range fine { // a question about each part at most
		it, err := value.ItemAmong(texts, t.commas)
		if err == nil {
			return it, true
		}
		no, is := errors.AsType[*value.ItemError](err)
		asked, unsure := errors.AsType[*value.Ambiguous](err)
		if !is || !unsure {
			break
		}
		texts[no.Part] = asked.Readings[0]
	}
	return value.Item{}, false
}

// hasBeyond reports whether a row has a value under no head.
func (t *tableReader) hasBeyond(row gridRow) bool {
	width := t.width()
	for c, cell := range row.cells {
		if c >= width && cell.is != holdsNothing {
			return true
		}
	}
	return false
}

// width is how many columns the heads have, to the last that is named.
func (h heads) width() int {
	n := 0
	for _, c := range h.at {
		n = max(n, c+1)
	}
	for c := range h.others {
		n = max(n, c+1)
	}
	return n
}
