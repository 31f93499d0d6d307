package forecast

import (
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Class is what a request is like, as far as that tells how long it takes: its category, and
// the bands of its amount and of its renglones.
type Class struct {
	Category string // one of the field's choices; mixed for several
	Amount   int    // which of amountBands; 0 is the lowest
	Items    int    // 1 for more than manyItems renglones
}

const (
	mixed     = "mixed"
	manyItems = 3
)

// amountBands are where the bands of an amount begin, in pesos with VAT.
var amountBands = []string{"0.00", "100000.00", "1000000.00"}

// categories are those of the field in the order in which summaries have them: a new one goes
// to the end.
var categories = []string{mixed, "equipment", "software", "cloud", "services", "telecom"}

// leaves is how many classes there are.
const leaves = 6 * 3 * 2

// ClassOf is the class of a request. What it does not say counts as the lowest.
func ClassOf(r core.Record) Class {
	c := Class{Category: r.Fields[core.FieldCategory]}
	if c.Category == "" || strings.Contains(c.Category, ",") || !slices.Contains(categories, c.Category) {
		c.Category = mixed
	}
	if amount, ok := value.StoredMoney(r.Fields[core.FieldAmount]); ok {
		for i, from := range amountBands {
			if least, ok := value.StoredMoney(from); ok && amount.Cmp(least) >= 0 {
				c.Amount = i
			}
		}
	}
	if len(r.Items) > manyItems {
		c.Items = 1
	}
	return c
}

// Overall stands for requests of any class together.
var Overall = Class{Category: "overall"}

// leaf is the number of a class.
func (c Class) leaf() int {
	return (max(0, slices.Index(categories, c.Category))*len(amountBands)+c.Amount)*2 + c.Items
}

// groups are the leaves of those that a class is like, from the closest to all of them: itself,
// the same category and amount, the same category, and everything.
func (c Class) groups() [][]int {
	span := func(from, n int) []int {
		out := make([]int, n)
		for i := range out {
			out[i] = from + i
		}
		return out
	}
	if c == Overall {
		return [][]int{span(0, leaves)}
	}
	own, perCategory := c.leaf(), 2*len(amountBands)
	return [][]int{{own}, span(own-own%2, 2), span(own-own%perCategory, perCategory), span(0, leaves)}
}
