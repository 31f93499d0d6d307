package paper

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/value"
)

// beside looks at the cells of a row that hold no part of its renglón: amounts are
// checked against it where it could be read, and of the others it is noted that they are
// not kept. In a list a value beyond the heads means that the row was cut elsewhere than
// it was meant to be.
func (t *tableReader) beside(row gridRow, it core.Item, read bool) {
	for _, c := range slices.Sorted(maps.Keys(row.cells)) {
		cell := row.cells[c]
		head, named := t.others[c]
		switch {
		case cell.is == holdsNothing || cell.struck || cell.unseen || t.grid.hidden[c] || t.isPart(c) || named && es.NamesNumbering(head):
		case named && es.NamesCurrency(head):
			if !es.IsPesos(cell.text) && !it.Price.IsZero() {
				t.problem(es.SheetCell(t.count, row.n, letter(c), es.SheetCurrency(value.Line(cell.text))))
			}
		case named && es.NamesRowAmount(head):
			if amounts := amountsOf(cell); len(amounts) == 0 {
				t.unused[c] = t.unused[c] || cell.is == holdsText
			} else if read {
				t.checkAmount(row, c, amounts, it)
			}
		case !named && t.grid.isList():
			t.problem(es.SheetCell(t.count, row.n, letter(c), es.SheetBeyond(value.Line(cell.text))))
		default:
			t.unused[c] = true
		}
	}
}

// isPart reports whether a column holds a part of the renglones.
func (t *tableReader) isPart(column int) bool {
	return slices.Contains(slices.Collect(maps.Values(t.at)), column)
}

// checkAmount tells where what a row says that it comes to, in one reading or another, is
// not its quantity at its price: with its tax where the table has a column for that.
func (t *tableReader) checkAmount(row gridRow, column int, amounts []value.Money, it core.Item) {
	total, priced := value.Total([]core.Item{it}, 0)
	if !priced {
		if !amounts[0].IsZero() {
			t.problem(es.SheetCell(t.count, row.n, letter(column), es.SheetAmountWithoutPrice(amounts[0])))
		}
		return
	}
	totals := []value.Money{total}
	if slices.ContainsFunc(slices.Collect(maps.Values(t.others)), es.NamesTax) {
		taxed, _ := value.Total([]core.Item{it}, core.VAT)
		totals = append(totals, taxed)
	}
	for _, a := range amounts {
		for _, want := range totals {
			if a.Minus(want).Abs().Cmp(value.Rounding([]core.Item{it}, 0)) <= 0 {
				return
			}
		}
	}
	t.problem(es.SheetCell(t.count, row.n, letter(column), es.SheetAmountDiffers(amounts[0], it, total)))
}

// amountsOf are the readings of the amount in a cell; none where it holds no amount.
func amountsOf(c gridCell) []value.Money {
	switch c.is {
	case holdsNumber:
		if a, err := value.MoneyOfCell(math.Round(c.number*100) / 100); err == nil {
			return []value.Money{a}
		}
	case holdsText:
		a, err := value.ParseMoney(c.text)
		if err == nil {
			return []value.Money{a}
		}
		if no, is := errors.AsType[*value.Invalid](err); is && no.Why == value.WhyPrecise && no.Suggest != "" {
			if a, err := value.ParseMoney(no.Suggest); err == nil {
				return []value.Money{a}
			}
		}
		var out []value.Money
		if asked, is := errors.AsType[*value.Ambiguous](err); is {
			for _, r := range asked.Readings {
				if a, err := value.ParseMoney(r); err == nil {
					out = append(out, a)
				}
			}
		}
		return out
	case holdsNothing, holdsLogical, holdsFault, holdsFormula, holdsShared:
	}
	return nil
}

// note says which rows are left out and which columns are not kept; "" where none is lost.
func (t *tableReader) note() string {
	var names, letters []string
	for _, c := range slices.Sorted(maps.Keys(t.unused)) {
		switch head, named := t.others[c]; {
		case !t.unused[c]:
		case named:
			names = append(names, head)
		default:
			letters = append(letters, letter(c))
		}
	}
	return strings.TrimSpace(es.SheetStruck(t.struck) + " " + es.SheetUnused(names, letters))
}
