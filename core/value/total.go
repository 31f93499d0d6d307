package value

import "math/big"

// Total is what items come to, rounded to the centavo, with a tax of so many percent
// on top. It is false where there are none, where a price is missing, or where the
// sum is beyond MaxMoney.
func Total(items []Item, tax int64) (Money, bool) {
	sum := new(big.Rat)
	for _, it := range items {
		if it.Price.IsZero() {
			return Money{}, false
		}
		sum.Add(sum, new(big.Rat).Mul(it.Quantity.rat(), it.Price.rat()))
	}
	sum.Mul(sum, big.NewRat(100+tax, 100))
	return moneyOf(sum), len(items) > 0 && sum.Cmp(new(big.Rat).SetInt64(MaxMoney)) <= 0
}

// Rounding is how far a total of items may lie from what somebody reckoned with
// prices that were not rounded: half a centavo a piece with its tax, and a peso.
func Rounding(items []Item, tax int64) Money {
	pieces := new(big.Rat)
	for _, it := range items {
		pieces.Add(pieces, it.Quantity.rat())
	}
	pieces.Mul(pieces, big.NewRat(100+tax, 100*200))
	return moneyOf(pieces.Add(pieces, big.NewRat(1, 1)))
}
