package core

import "sidem.gob.mx/sidem/core/value"

// VAT is the general rate of the value added tax, in percent (Ley del IVA, article 1).
const VAT = 16

// Total is what renglones come to with VAT, rounded to the centavo: their unit
// prices are without it, and the amount of a request is with it. It is false where
// a price is missing.
func Total(items []Item) (value.Money, bool) { return value.Total(items, VAT) }

// AmountDiffers compares the amount of a request, as its field keeps it, with what
// its renglones come to. It reports what they come to where the difference is more
// than one peso and what half a centavo a piece can explain: unit prices are
// rounded. Where a price is missing nothing can be said.
func AmountDiffers(amount string, items []Item) (total value.Money, differs bool) {
	m, ok := value.StoredMoney(amount)
	total, priced := Total(items)
	if !ok || !priced {
		return value.Money{}, false
	}
	return total, m.Minus(total).Abs().Cmp(value.Rounding(items, VAT)) > 0
}
