package paper

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// The parts of a renglón, in the order in which their columns are looked for, and those
// that each has.
var (
	parts = []value.Part{value.PartDescription, value.PartQuantity, value.PartUnit, value.PartPrice, value.PartFeatures}
	must  = parts[:3]
)

// maxProblems is how many problems of a spreadsheet are told one by one.
const maxProblems = 8

// tableReader reads the renglones under the heads of a grid.
type tableReader struct {
	heads
	grid     *grid
	held     map[shownItem]core.Item // that are there already
	merged   []area                  // that reach into the renglones
	commas   bool                    // decimals stand behind a comma
	items    []core.Item
	count    int // of renglones, those included that cannot be read
	problems []string
	more     int // problems beyond those
	sums     []sumRow
	struck   []int        // rows that are left out
	unused   map[int]bool // columns of which something is not kept
}

// itemsOf reads what stands under the heads of a grid. A row that shows one of held as it
// is, is that one, whatever is taken today.
func itemsOf(g *grid, h heads, held []core.Item) *tableReader {
	t := &tableReader{heads: h, grid: g, held: map[shownItem]core.Item{}, unused: map[int]bool{}}
	for _, it := range held {
		t.held[showing(it)] = it
	}
	for _, a := range g.merged {
		if a.bottom > h.bottom && slices.ContainsFunc(parts, func(p value.Part) bool {
			c, is := h.at[p]
			return is && a.left <= c && c <= a.right
		}) {
			t.merged = append(t.merged, a)
		}
	}
	t.commas = slices.ContainsFunc(g.rows[h.index+1:], func(row gridRow) bool {
		return slices.ContainsFunc([]value.Part{value.PartQuantity, value.PartPrice}, func(p value.Part) bool {
			c := t.cell(row, p)
			return c.is == holdsText && value.DecimalComma(c.text)
		})
	})
	most := core.Specs[core.FieldItems].Max
	for _, row := range g.rows[h.index+1:] {
		if row.n <= h.bottom {
			continue
		}
		if c, is := row.torn(); is { // whatever row it is, others may be in it
			t.count++
			t.problem(es.SheetCell(t.count, row.n, letter(c), es.SheetTorn(row.cells[c].text)))
			continue
		}
		if t.isBlank(row) {
			continue
		}
		if !row.hidden && t.isStruck(row) {
			t.struck = append(t.struck, row.n)
			continue
		}
		if t.isNoItem(row) {
			t.sums = append(t.sums, sumRow{row, len(t.items)})
			continue
		}
		switch t.count++; {
		case t.count > most: // it is refused for that
		case row.hidden:
			t.problem(es.SheetHiddenRow(row.n))
		case t.isUnseen(row):
			t.problem(es.SheetUnseenRow(row.n))
		default:
			t.read(row)
		}
	}
	t.count += g.more
	t.above()
	t.checkSums()
	return t
}

// above tells which row above the heads says of the prices that they are no pesos without
// IVA, where there are prices, and of the quantities that they are thousands.
func (t *tableReader) above() {
	priced := slices.ContainsFunc(t.items, func(it core.Item) bool { return !it.Price.IsZero() })
	for _, row := range t.grid.rows[:t.index] {
		for _, c := range slices.Sorted(maps.Keys(row.cells)) {
			cell := row.cells[c]
			words := value.Line(cell.text)
			switch {
			case row.hidden || t.grid.hidden[c] || cell.unseen || cell.is != holdsText:
			case priced && es.SaysOtherPrices(words):
				t.problem(es.SheetOtherPrices(row.n, words))
			case es.SaysManifold(words):
				t.problem(es.SheetOtherQuantities(row.n, words))
			}
		}
	}
}

func (t *tableReader) problem(words string) {
	if len(t.problems) == maxProblems {
		t.more++
		return
	}
	t.problems = append(t.problems, words)
}

// cell is what a row has of a part.
func (t *tableReader) cell(row gridRow, p value.Part) gridCell {
	c, is := t.at[p]
	if !is {
		return gridCell{}
	}
	return row.cells[c]
}

func (t *tableReader) isBlank(row gridRow) bool {
	return !slices.ContainsFunc(parts, func(p value.Part) bool { return t.cell(row, p).is != holdsNothing })
}

// isUnseen reports whether nobody sees what a row has of a renglón.
func (t *tableReader) isUnseen(row gridRow) bool {
	return !slices.ContainsFunc(parts, func(p value.Part) bool {
		c := t.cell(row, p)
		return c.is != holdsNothing && !c.unseen
	})
}

// isStruck reports whether all that a row has of a renglón is struck through: people take
// it out so.
func (t *tableReader) isStruck(row gridRow) bool {
	return !slices.ContainsFunc(parts, func(p value.Part) bool {
		c := t.cell(row, p)
		return c.is != holdsNothing && !c.struck
	})
}

// isNoItem reports whether a row repeats the heads, as on each page of what is printed,
// or adds up what stands above it: it then says so and nothing else, and has no unit.
func (t *tableReader) isNoItem(row gridRow) bool {
	quantity, unit := t.cell(row, value.PartQuantity), t.cell(row, value.PartUnit)
	if quantity.is == holdsText && es.NamesColumn(value.PartQuantity, quantity.text) > 0 && unit.is == holdsText && es.NamesColumn(value.PartUnit, unit.text) > 0 {
		return true
	}
	if unit.is != holdsNothing && t.cell(row, value.PartDescription).is != holdsNothing {
		return false
	}
	if quantity.is == holdsText && !es.IsSheetTotal(quantity.text) || unit.is == holdsText && !es.IsSheetTotal(unit.text) {
		return false
	}
	for _, p := range []value.Part{value.PartDescription, value.PartQuantity, value.PartUnit, value.PartPrice} {
		if c := t.cell(row, p); c.is == holdsText {
			return es.IsSheetTotal(c.text)
		}
	}
	return false
}

// fine is what stands in for a part that cannot be read, so that the others are judged too.
var fine = [...]string{
	value.PartDescription: "x", value.PartQuantity: "1", value.PartUnit: "x", value.PartPrice: "", value.PartFeatures: "",
}

// shownItem is what a row shows of a renglón.
type shownItem struct{ description, unit, features, quantity, price string }

func showing(it core.Item) shownItem {
	s := shownItem{
		description: value.Line(it.Description), unit: value.Line(it.Unit), features: value.Text(it.Features), quantity: shown(it.Quantity.Float64()),
	}
	if !it.Price.IsZero() {
		s.price = shown(it.Price.Float64())
	}
	return s
}

// isHeld is the renglón that a row shows, if it is there already.
func (t *tableReader) isHeld(row gridRow) (core.Item, bool) {
	text := func(p value.Part) string { return t.cell(row, p).text }
	number := func(p value.Part) string {
		if c := t.cell(row, p); c.is == holdsNumber {
			return shown(c.number)
		}
		return text(p)
	}
	it, ok := t.held[shownItem{
		description: value.Line(text(value.PartDescription)), unit: value.Line(text(value.PartUnit)), features: value.Text(text(value.PartFeatures)),
		quantity: number(value.PartQuantity), price: number(value.PartPrice),
	}]
	return it, ok
}

// read takes a row as a renglón, or tells all that is wrong with it.
func (t *tableReader) read(row gridRow) {
	if it, ok := t.isHeld(row); ok {
		t.items = append(t.items, it)
		t.beside(row, it, true)
		return
	}
	if t.checkCut(row) {
		return
	}
	var wrong [len(fine)]string
	texts := make([]string, len(fine))
	for p, column := range t.at {
		words := t.covered(row.n, column)
		if words == "" {
			texts[p], words = textOf(p, row.cells[column])
		}
		if words != "" {
			wrong[p], texts[p] = words, fine[p]
		}
	}
	it, err := value.ItemAmong(texts, t.commas)
	for no, is := errors.AsType[*value.ItemError](err); is; no, is = errors.AsType[*value.ItemError](err) {
		wrong[no.Part], texts[no.Part] = es.ItemFault(no.Part, no.Text, no.Err), fine[no.Part]
		it, err = value.ItemAmong(texts, t.commas)
	}
	good := true
	if t.looksLikeSum(it) {
		good = false
		t.problem(es.SheetLooksLikeSum(row.n, it.Description))
	}
	for _, p := range parts {
		if wrong[p] != "" {
			good = false
			t.problem(es.SheetCell(t.count, row.n, letter(t.at[p]), wrong[p]))
		}
	}
	if good {
		t.items = append(t.items, it)
	}
	t.beside(row, it, good)
}

// looksLikeSum reports whether a renglón calls itself a total, and has as many pieces as those
// above it together: it is none, most likely, though it has a unit.
func (t *tableReader) looksLikeSum(it core.Item) bool {
	if !es.IsSheetTotal(it.Description) || len(t.items) < 2 {
		return false
	}
	pieces := 0.0
	for _, above := range t.items {
		pieces += above.Quantity.Float64()
	}
	return shown(pieces) == shown(it.Quantity.Float64())
}

// covered says that a cell belongs to a larger one that begins elsewhere, or goes on below.
func (t *tableReader) covered(row, column int) string {
	for _, a := range t.merged {
		if a.has(row, column) && (a.bottom > a.top || column != a.left) {
			return es.SheetCellFault(es.CellMerged, letter(a.left)+strconv.Itoa(a.top)+":"+letter(a.right)+strconv.Itoa(a.bottom))
		}
	}
	return ""
}

// textOf is what a cell holds of a part, as it is written by hand; words say what is
// wrong with it.
func textOf(p value.Part, c gridCell) (text, words string) {
	switch {
	case c.struck:
		return "", es.SheetCellFault(es.CellStruck, "")
	case c.partly:
		return "", es.SheetCellFault(es.CellPartlyStruck, "")
	case c.unseen:
		return "", es.SheetCellFault(es.CellUnseen, "")
	}
	switch c.is {
	case holdsLogical:
		return "", es.SheetCellFault(es.CellLogical, "")
	case holdsFault:
		return "", es.SheetCellFault(es.CellError, c.text)
	case holdsFormula:
		return "", es.SheetCellFault(es.CellFormula, "")
	case holdsNumber:
		return textOfNumber(p, c)
	default:
		return c.text, ""
	}
}

// textOfNumber takes the number of a cell as it is. One that has more decimals than an
// amount keeps is taken as the cell shows it, where it shows centavos: 12931.0344827586
// in a column of "12,931.03".
func textOfNumber(p value.Part, c gridCell) (text, words string) {
	amount := p == value.PartQuantity || p == value.PartPrice
	switch {
	case c.format.is == formatDate:
		return "", es.SheetCellFault(es.CellDate, "")
	case c.format.is == formatPercent:
		return "", es.SheetCellFault(es.CellPercent, "")
	case c.format.is == formatForeign && p == value.PartPrice:
		return "", es.SheetCellFault(es.CellForeign, "")
	case amount && (c.format.scaled || c.format.worded || es.NamesManifold(c.format.literal) || isRounded(c) && (p == value.PartQuantity || c.format.decimals != 2)):
		return "", es.SheetCellFault(es.CellScaled, shown(c.number))
	case !amount && (c.format.padded || c.format.scaled || c.format.literal != ""):
		return "", es.SheetCellFault(es.CellDressed, shown(c.number))
	case p == value.PartQuantity:
		n, err := value.QuantityOfCell(c.number)
		if err != nil {
			return "", es.ItemFault(p, shown(c.number), err)
		}
		return ungrouped(n.String()), ""
	case p == value.PartPrice:
		n, err := value.MoneyOfCell(c.number)
		if no, is := errors.AsType[*value.Invalid](err); is && no.Why == value.WhyPrecise && c.format.decimals == 2 {
			n, err = value.MoneyOfCell(math.Round(c.number*100) / 100)
		}
		if err != nil {
			return "", es.ItemFault(p, shown(c.number), err)
		}
		return ungrouped(n.String()), ""
	}
	return shown(c.number), ""
}

// ungrouped is a number without the commas between its thousands, which it had from us: in
// a column of texts with decimals behind a comma they would be asked about.
func ungrouped(n string) string { return strings.ReplaceAll(n, ",", "") }

// isRounded reports whether a cell shows fewer decimals than its number has.
func isRounded(c gridCell) bool {
	scale := math.Pow10(max(c.format.decimals, 0))
	return c.format.decimals >= 0 && shown(math.Round(c.number*scale)/scale) != shown(c.number)
}

// shown is a number as a spreadsheet shows it, with at most 15 figures.
func shown(f float64) string {
	g, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(g, 'f', -1, 64)
}
