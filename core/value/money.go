package value

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// Money is an exact amount in pesos. What is read has whole centavos; what older
// trails hold may have more decimals. The zero value is nothing.
type Money struct{ decimal }

// MaxMoney is the largest amount that is read, in pesos.
const MaxMoney = 1_000_000_000_000

// Centavos is an amount in centavos.
func Centavos(n int64) Money { return Money{newDecimal(n, 2)} }

// Pesos is an amount in whole pesos.
func Pesos(n int64) Money { return Money{newDecimal(n, 0)} }

// ParseMoney reads an amount as people write it: "503,440.00", "$503,440",
// "503 440,00 MXN", "503440 pesos", "$500.-". It returns *Invalid or *Ambiguous: three
// decimals are no reading, since nobody writes them of an amount. Zero is an amount; a
// field that wants more says so.
func ParseMoney(text string) (Money, error) {
	s, why := stripCurrency(text)
	if why != "" {
		return Money{}, &Invalid{Kind: KindMoney, Why: why}
	}
	readings := readNumber(cutEnd(s))
	switch len(readings) {
	case 0:
		return Money{}, nearMoney(s)
	case 1:
		return readings[0].money()
	}
	thousands, err := readings[0].money()
	if err != nil {
		return Money{}, err
	}
	if !strings.HasSuffix(readings[1].fraction, "0") {
		no := &Invalid{Kind: KindMoney, Why: WhyPrecise}
		if len(readings[1].whole) <= 3 { // otherwise it was not grouped
			no.Suggest = thousands.String()
		}
		return Money{}, no
	}
	cents, ok := parseDecimal(readings[1].whole, readings[1].fraction)
	if !ok {
		return Money{}, &Invalid{Kind: KindMoney, Why: WhyLarge}
	}
	return Money{}, &Ambiguous{Kind: KindMoney, Readings: []string{thousands.String(), Money{cents}.Round().String()}}
}

// cutEnd is an amount without the point, or the point and dash, that stand for no
// centavos: "500.", "500.-".
func cutEnd(s string) string {
	for _, end := range []string{".-", ".--", ".–", ".—", "."} {
		if rest, ok := strings.CutSuffix(s, end); ok && !strings.Contains(rest, ".") {
			return rest
		}
	}
	return s
}

// The words that make more of an amount, folded, and those that say of its IVA that it
// is in it, or that it is not.
var (
	multiples = []struct {
		word   string
		factor int64
	}{
		{"millones de", 1_000_000}, {"millones", 1_000_000}, {"millon de", 1_000_000}, {"millon", 1_000_000}, {"mdp", 1_000_000}, {"mil", 1000},
	}
	taxed   = []string{"iva incluido", "con iva", "incluye iva", "c/iva", "con iva incluido", "(iva incluido)", "(con iva)", "incluido iva"}
	untaxed = []string{"mas iva", "+ iva", "+iva", "sin iva", "(sin iva)", "(mas iva)", "antes de iva", "s/iva"}
)

// nearMoney refuses a folded text that is no amount, with the one that may be meant.
func nearMoney(s string) *Invalid {
	s = strings.TrimSpace(strings.ReplaceAll(s, "i.v.a.", "iva"))
	for _, w := range slices.Concat(taxed, untaxed) {
		rest, ok := strings.CutSuffix(s, w)
		if !ok {
			continue
		}
		m, err := ParseMoney(strings.TrimRight(rest, " ,;"))
		switch {
		case err == nil && slices.Contains(taxed, w):
			return &Invalid{Kind: KindMoney, Why: WhyTaxed, Suggest: m.String()}
		case err == nil: // what it comes to is not said
			return &Invalid{Kind: KindMoney, Why: WhyTaxed}
		}
	}
	for _, by := range multiples {
		rest, ok := strings.CutSuffix(s, by.word)
		if !ok {
			continue
		}
		if readings := readNumber(strings.TrimSpace(rest)); len(readings) > 0 {
			f := readings[len(readings)-1]
			d, ok := parseDecimal(f.whole, f.fraction)
			m := moneyOf(new(big.Rat).Mul(d.rat(), new(big.Rat).SetInt64(by.factor)))
			if len(readings) == 1 && ok && !m.IsZero() && m.Cmp(Pesos(MaxMoney)) <= 0 {
				return &Invalid{Kind: KindMoney, Suggest: m.String()}
			}
		}
		break
	}
	return &Invalid{Kind: KindMoney}
}

// money is the amount that figures make.
func (f figures) money() (Money, error) {
	if len(f.fraction) > 2 {
		no := &Invalid{Kind: KindMoney, Why: WhyPrecise}
		if zeros := strings.TrimRight(f.fraction, "0"); len(zeros) <= 2 {
			if m, err := (figures{f.whole, zeros}).money(); err == nil && !m.IsZero() {
				no.Suggest = m.String()
			}
		}
		return Money{}, no
	}
	d, ok := parseDecimal(f.whole, f.fraction)
	if !ok || d.rat().Cmp(new(big.Rat).SetInt64(MaxMoney)) > 0 {
		return Money{}, &Invalid{Kind: KindMoney, Why: WhyLarge}
	}
	return Money{d}, nil
}

// MoneyOfCell is the amount in a cell of a spreadsheet that holds a number: no
// separator is guessed. It returns *Invalid.
func MoneyOfCell(f float64) (Money, error) {
	d, ok := ofCell(f)
	if !ok {
		return Money{}, &Invalid{Kind: KindMoney}
	}
	whole, fraction := d.split()
	return figures{whole, fraction}.money()
}

// The marks of the peso that may stand before and after an amount, folded; and
// those of other currencies, which are told apart from what is no amount at all.
var (
	before  = []string{"mxn", "mx$", "$"}
	after   = []string{"moneda nacional", "pesos mexicanos", "pesos", "peso", "mxn", "m.n.", "m. n.", "m.n", "mn"}
	foreign = []string{"usd", "us$", "dlls", "dolar", "€", "eur", "£"}
)

// stripCurrency is the number in an amount.
func stripCurrency(text string) (string, Why) {
	s := Fold(text)
	if s == "" {
		return "", WhyEmpty
	}
	for _, mark := range foreign {
		if strings.Contains(s, mark) {
			return "", WhyCurrency
		}
	}
	for cut := true; cut; {
		cut = false
		for _, mark := range before {
			if rest, ok := strings.CutPrefix(s, mark); ok {
				s, cut = strings.TrimSpace(rest), true
			}
		}
		for _, mark := range after {
			if rest, ok := strings.CutSuffix(s, mark); ok {
				s, cut = strings.TrimSpace(rest), true
			}
		}
	}
	return s, ""
}

// StoredMoney reads what Stored wrote, and what older versions kept: whatever
// strconv.ParseFloat reads, "1.2345" and "1e3" too.
func StoredMoney(s string) (Money, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	if whole != "" && strings.Trim(whole+fraction, "0123456789") == "" {
		d, ok := parseDecimal(whole, fraction)
		return Money{d}, ok
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return Money{}, false
	}
	d, err := ofFloat(f)
	return Money{d}, err == nil
}

// String is the amount as people write it: "503,440.00".
func (m Money) String() string { return m.print(2) }

// Stored is the amount as a field keeps it: "503440.00".
func (m Money) Stored() string { return m.plain(2) }

// Equal reports whether the amounts are the same.
func (m Money) Equal(n Money) bool { return m == n }

// Cmp is -1, 0 or 1 as m is less than, equal to or more than n.
func (m Money) Cmp(n Money) int { return m.rat().Cmp(n.rat()) }

// Round is the amount in whole centavos, half a centavo away from zero.
func (m Money) Round() Money { return moneyOf(m.rat()) }

// Minus is m less n, in whole centavos.
func (m Money) Minus(n Money) Money { return moneyOf(new(big.Rat).Sub(m.rat(), n.rat())) }

// Abs is the amount without its sign.
func (m Money) Abs() Money { return Money{newDecimal(max(m.coef, -m.coef), int(m.scale))} }

// moneyOf is an amount in whole centavos, half a centavo away from zero; zero
// where an int64 of centavos cannot hold it.
func moneyOf(r *big.Rat) Money {
	centavos := new(big.Rat).Mul(r, big.NewRat(100, 1))
	half := big.NewRat(int64(centavos.Sign()), 2)
	centavos.Add(centavos, half)
	n := new(big.Int).Quo(centavos.Num(), centavos.Denom())
	if !n.IsInt64() {
		return Money{}
	}
	return Centavos(n.Int64())
}
