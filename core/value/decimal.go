package value

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// decimal is the exact number coef × 10^-scale. It is normal: coef has no zero at
// its end, and zero has scale 0, so that equal numbers are equal by ==.
//
// As JSON it is the number that a float64 of the same value is: trails were sealed
// over such numbers, and their hashes hold as long as the bytes are the same. Every
// value that Parse gives has at most 15 significant figures, which a float64 keeps.
type decimal struct {
	coef  int64
	scale int16
}

func newDecimal(coef int64, scale int) decimal {
	for coef != 0 && coef%10 == 0 {
		coef, scale = coef/10, scale-1
	}
	if coef == 0 {
		return decimal{}
	}
	return decimal{coef, int16(scale)}
}

// parseDecimal reads figures before and after a decimal point, at most 18 in all.
func parseDecimal(whole, fraction string) (decimal, bool) {
	fraction = strings.TrimRight(fraction, "0")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return decimal{}, true
	}
	if len(digits) > 18 {
		return decimal{}, false
	}
	coef, err := strconv.ParseInt(digits, 10, 64)
	return newDecimal(coef, len(fraction)), err == nil
}

// IsZero reports whether the number is zero.
func (d decimal) IsZero() bool { return d.coef == 0 }

// rat is the number as a fraction.
func (d decimal) rat() *big.Rat {
	r := new(big.Rat).SetInt64(d.coef)
	power := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.scale, -d.scale))), nil))
	if d.scale < 0 {
		return r.Mul(r, power)
	}
	return r.Quo(r, power)
}

// split are the figures before the point, without a sign, and those after it.
func (d decimal) split() (whole, fraction string) {
	digits := strings.TrimPrefix(strconv.FormatInt(d.coef, 10), "-")
	scale := int(d.scale)
	if scale <= 0 {
		return digits + strings.Repeat("0", -scale), ""
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale-len(digits)+1) + digits
	}
	return digits[:len(digits)-scale], digits[len(digits)-scale:]
}

// print is the number with commas between thousands and at least least decimals.
func (d decimal) print(least int) string {
	whole, fraction := d.split()
	if n := least - len(fraction); n > 0 {
		fraction += strings.Repeat("0", n)
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if d.coef < 0 {
		return "-" + whole
	}
	return whole
}

// plain is the number without commas, with at least least decimals: as it is stored.
func (d decimal) plain(least int) string { return strings.ReplaceAll(d.print(least), ",", "") }

// Float64 is the nearest float64, for JSON and the cells of spreadsheets: that which
// prints as the same number, for what was read and what a trail has.
func (d decimal) Float64() float64 {
	f, err := strconv.ParseFloat(strconv.FormatInt(d.coef, 10)+"e"+strconv.Itoa(-int(d.scale)), 64)
	if err != nil { // out of range: no float64 made it
		panic(fmt.Sprintf("value: %d of scale %d is no float64", d.coef, d.scale))
	}
	return f
}

// ofFloat is the number that f prints as, with the fewest figures that give f again.
func ofFloat(f float64) (decimal, error) {
	mantissa, exponent, ok := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	coef, errCoef := strconv.ParseInt(whole+fraction, 10, 64)
	exp, errExp := strconv.Atoi(exponent)
	if !ok || errCoef != nil || errExp != nil {
		return decimal{}, fmt.Errorf("number %g is not finite", f)
	}
	return newDecimal(coef, len(fraction)-exp), nil
}

// ofCell is the number that a cell of a spreadsheet shows: 15 significant figures, so
// that 0.1+0.2 is 0.3.
func ofCell(f float64) (decimal, bool) {
	shown, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return decimal{}, false
	}
	d, err := ofFloat(shown)
	return d, err == nil && d.coef >= 0
}

// MarshalJSON writes the number as encoding/json writes a float64.
func (d decimal) MarshalJSON() ([]byte, error) { return json.Marshal(d.Float64()) }

// UnmarshalJSON reads a number as encoding/json reads a float64.
func (d *decimal) UnmarshalJSON(body []byte) error {
	var f float64
	if err := json.Unmarshal(body, &f); err != nil {
		return fmt.Errorf("number %.40q: %w", body, err)
	}
	n, err := ofFloat(f)
	if err != nil {
		return err
	}
	*d = n
	return nil
}
