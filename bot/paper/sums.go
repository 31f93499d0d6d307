package paper

import (
	"maps"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// sumRow is a row that adds up renglones: above are how many stand above it.
type sumRow struct {
	gridRow
	above int
}

// checkSums tells which rows of sums say something else than the renglones come to: all of
// them, those above, or those since the sum before, without IVA, with it, or the IVA alone.
// Nothing is told where a renglón could not be read or has no price.
func (t *tableReader) checkSums() {
	if _, priced := value.Total(t.items, core.VAT); !priced || len(t.problems) > 0 {
		return
	}
	since, last := 0, 0 // the renglones of a group begin at since; last are those above the sum before
	for _, row := range t.sums {
		if row.above != last {
			since, last = last, row.above
		}
		var words []string
		for _, c := range slices.Sorted(maps.Keys(row.cells)) {
			if row.cells[c].is == holdsText {
				words = append(words, row.cells[c].text)
			}
		}
		if row.hidden || !es.AddsUpMoney(strings.Join(words, " ")) {
			continue
		}
		for _, c := range slices.Sorted(maps.Keys(row.cells)) {
			head, named := t.others[c]
			price, isPriced := t.at[value.PartPrice]
			if t.grid.hidden[c] || row.cells[c].unseen || (!isPriced || c != price) && (!named || !es.NamesRowAmount(head)) {
				continue
			}
			if amounts := amountsOf(row.cells[c]); len(amounts) > 0 && !t.comesTo(amounts, t.items, t.items[:row.above], t.items[since:row.above]) {
				total, _ := value.Total(t.items, 0)
				taxed, _ := value.Total(t.items, core.VAT)
				t.problem(es.SheetSumDiffers(row.n, letter(c), amounts[0], total, taxed))
			}
		}
	}
}

// comesTo reports whether one of the amounts is what one of the groups of renglones comes
// to, in one way or another; the sum of their prices too, as of a column that is added up
// by habit.
func (t *tableReader) comesTo(amounts []value.Money, groups ...[]core.Item) bool {
	for _, items := range groups {
		net, _ := value.Total(items, 0)
		taxed, _ := value.Total(items, core.VAT)
		ones := slices.Clone(items)
		for i := range ones {
			ones[i].Quantity = value.Units(1)
		}
		prices, _ := value.Total(ones, 0)
		for _, a := range amounts {
			for _, want := range []value.Money{net, taxed, taxed.Minus(net), prices} {
				if len(items) > 0 && a.Minus(want).Abs().Cmp(value.Rounding(items, core.VAT)) <= 0 {
					return true
				}
			}
		}
	}
	return false
}
