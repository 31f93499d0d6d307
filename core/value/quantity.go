package value

import (
	"math/big"
	"slices"
	"strings"
	"unicode"
)

// Quantity is an exact number of units. What is read has at most six decimals.
// The zero value is none.
type Quantity struct{ decimal }

// The bounds of a quantity that is read: its value, and its decimals.
const (
	MaxQuantity         = 1_000_000_000
	maxQuantityDecimals = 6
)

// Units is a whole number of units.
func Units(n int64) Quantity { return Quantity{newDecimal(n, 0)} }

// ParseQuantity reads a number of units, more than zero: "20", "1,500", "12.5",
// "12,5". It returns *Invalid or *Ambiguous.
func ParseQuantity(text string) (Quantity, error) {
	s := Line(text)
	if s == "" {
		return Quantity{}, &Invalid{Kind: KindQuantity, Why: WhyEmpty}
	}
	readings := readNumber(s)
	switch len(readings) {
	case 0:
		return Quantity{}, nearQuantity(s)
	case 1:
		return readings[0].quantity()
	}
	thousands, err := readings[0].quantity()
	if err != nil {
		return readings[1].quantity() // nobody can have meant the other
	}
	decimals, err := readings[1].quantity()
	if err != nil {
		return Quantity{}, err
	}
	return Quantity{}, &Ambiguous{Kind: KindQuantity, Readings: []string{thousands.String(), decimals.String()}}
}

// nearQuantity refuses a text that is no number of units: of one with its unit, "20
// piezas", it suggests the number. A word that makes more of it, "5 mil", is no unit.
func nearQuantity(s string) *Invalid {
	number, unit, _ := strings.Cut(s, " ")
	readings := readNumber(number)
	if len(readings) == 1 && isWord(unit) && !slices.Contains(manifold, strings.TrimSuffix(Fold(unit), "s")) {
		if q, err := readings[0].quantity(); err == nil {
			return &Invalid{Kind: KindQuantity, Suggest: q.String()}
		}
	}
	return &Invalid{Kind: KindQuantity}
}

// manifold are the words, folded and in the singular, that make more or less of a number,
// or another thing: no unit of what is bought.
var manifold = []string{
	"mil", "mile", "millar", "millare", "millon", "millone", "billon", "billone", "mdp", "ciento", "centena", "centenare", "centenar", "docena", "decena", "par", "pare", "grueso", "gruesa", "k",
	"medio", "media", "tercio", "cuarto", "decimo", "porciento", "peso", "mxn", "mn", "m.n", "usd", "dolar", "dolare", "euro",
}

// isWord reports whether s is letters, at least two, and perhaps a point.
func isWord(s string) bool {
	s = strings.TrimSuffix(s, ".")
	return Length(s) > 1 && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// QuantityOfCell is the quantity in a cell of a spreadsheet that holds a number. It
// returns *Invalid.
func QuantityOfCell(f float64) (Quantity, error) {
	d, ok := ofCell(f)
	if !ok {
		return Quantity{}, &Invalid{Kind: KindQuantity}
	}
	whole, fraction := d.split()
	return figures{whole, fraction}.quantity()
}

// quantity is the number of units that figures make.
func (f figures) quantity() (Quantity, error) {
	d, ok := parseDecimal(f.whole, f.fraction)
	switch {
	case len(f.fraction) > maxQuantityDecimals:
		return Quantity{}, &Invalid{Kind: KindQuantity, Why: WhyPrecise}
	case !ok || d.rat().Cmp(new(big.Rat).SetInt64(MaxQuantity)) > 0:
		return Quantity{}, &Invalid{Kind: KindQuantity, Why: WhyLarge}
	case d.IsZero():
		return Quantity{}, &Invalid{Kind: KindQuantity, Why: WhyZero}
	}
	return Quantity{d}, nil
}

// String is the quantity as people write it: "20", "1,500", "12.5". Three decimals
// after fewer than a thousand get a zero, "1.2340", since "1.234" can mean 1,234.
func (q Quantity) String() string {
	whole, fraction := q.split()
	if len(fraction) == 3 && len(whole) <= 3 && whole != "0" {
		return q.print(4)
	}
	return q.print(0)
}

// Equal reports whether the quantities are the same.
func (q Quantity) Equal(p Quantity) bool { return q == p }

// Cmp is -1, 0 or 1 as q is less than, equal to or more than p.
func (q Quantity) Cmp(p Quantity) int { return q.rat().Cmp(p.rat()) }
