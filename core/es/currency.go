package es

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/core/value"
)

// The words, folded, that say that amounts are not in pesos, one by one: of other
// currencies, and of thousands and millions.
var (
	foreignWords = []string{
		"usd", "us", "dolar", "dolares", "dls", "dlls", "dll", "dlrs", "eur", "euro", "euros", "gbp", "esterlina", "esterlinas",
		"cad", "jpy", "yen", "yenes", "cny", "yuan", "yuanes", "udi", "udis", "uma", "umas",
	}
	scaleWords = []string{"miles", "millon", "millones", "mdp", "mmdp", "mdd"}
	pesoWords  = []string{"peso", "pesos", "mexicano", "mexicanos", "mexicana", "mxn", "mxp", "mx", "mn", "m", "n", "moneda", "nacional"}
	priceWords = []string{
		"precio", "precios", "costo", "costos", "tarifa", "tarifas", "importe", "importes", "monto", "montos", "cifra", "cifras", "valor", "valores",
		"cantidades", "cotizacion", "moneda", "divisa",
	}
)

// moneyWords is what is said of an amount, folded, in words: the signs of currencies too.
func moneyWords(s string) []string {
	s = strings.NewReplacer("u.s.d", " usd ", "us$", " usd ", "u.s.$", " usd ", "us $", " usd ", "usd$", " usd ", "€", " euro ", "£", " gbp ", "¥", " yen ").Replace(value.Fold(s))
	return strings.Fields(plainWords(s))
}

func isOneOf(words []string) func(string) bool {
	return func(w string) bool { return slices.Contains(words, w) }
}

// manyWords, folded, make more of a number than it says.
var manyWords = []string{
	"mil", "millar", "millares", "ciento", "cientos", "centena", "centenas", "centenar", "centenares", "decena", "decenas", "docena", "docenas",
	"par", "pares", "gruesa", "gruesas", "k", "kmxn", "porcentaje", "porciento",
}

var roundNumber = regexp.MustCompile(`^x?1?0{2,}s?$`)

// NamesManifold reports whether a head says that its numbers stand for more than they
// say, or for a part: thousands, dozens, "x1000", a percentage.
func NamesManifold(head string) bool {
	return strings.Contains(head, "%") || slices.ContainsFunc(moneyWords(head), func(w string) bool {
		return slices.Contains(scaleWords, w) || slices.Contains(manyWords, w) || roundNumber.MatchString(w)
	})
}

// isOtherMoney reports whether a head says that its amounts are in another currency, or
// in thousands.
func isOtherMoney(head string) bool {
	return NamesManifold(withoutRate(head)) || slices.ContainsFunc(moneyWords(head), isOneOf(foreignWords))
}

// withoutRate is a head without the rate of the IVA that it names.
func withoutRate(head string) string {
	return strings.NewReplacer("16%", "", "16 %", "", "8%", "", "8 %", "", "0%", "", "0 %", "").Replace(head)
}

// SaysManifold reports whether what stands above the heads says of the quantities under
// them that they are thousands, dozens and the like.
func SaysManifold(text string) bool {
	words := moneyWords(text)
	if !slices.ContainsFunc(words, isOneOf([]string{"cantidad", "cantidades", "piezas", "unidades", "bienes"})) {
		return false
	}
	for i, w := range words {
		if i > 0 && words[i-1] == "en" && (slices.Contains(scaleWords, w) || slices.Contains(manyWords, w)) {
			return true
		}
	}
	return false
}

// NamesOtherMoney reports whether a head names prices or amounts that are not in pesos, or
// in thousands of them.
func NamesOtherMoney(head string) bool {
	said := plainWords(head)
	return isOtherMoney(head) && (rank(value.PartPrice, said) > 0 || isSum(said) || ResemblesPrice(head))
}

// NamesCurrency reports whether a head names the currency of the prices.
func NamesCurrency(head string) bool {
	return slices.Contains([]string{"moneda", "divisa", "tipo de moneda", "tipo moneda", "clave de moneda", "clave moneda", "moneda de cotizacion", "currency"}, plainWords(head))
}

// IsPesos reports whether a cell that names a currency names the peso.
func IsPesos(cell string) bool {
	words := moneyWords(cell)
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(pesoWords, w) }) && (len(words) > 0 || strings.TrimSpace(cell) == "$")
}

// SaysOtherPrices reports whether what stands above the heads says of the prices under
// them that they are not pesos without IVA. A sum of its own, "Techo: 5 millones de
// pesos", says nothing of them.
func SaysOtherPrices(text string) bool {
	words := moneyWords(text)
	said := strings.Join(words, " ")
	about := len(words) <= 3 || slices.ContainsFunc(words, isOneOf(priceWords))
	if about && isTaxed(said) {
		return true
	}
	pesos := slices.ContainsFunc(words, isOneOf([]string{"peso", "pesos", "mxn", "nacional"}))
	for i, w := range words {
		foreign, scale := slices.Contains(foreignWords, w), slices.Contains(scaleWords, w)
		in := i > 0 && words[i-1] == "en"
		counted := i > 0 && strings.Trim(words[i-1], "0123456789") == ""
		switch {
		case counted:
		case (foreign || scale) && in, foreign && about && !pesos, scale && about:
			return true
		}
	}
	return false
}

// SheetOtherMoney is said of a column of amounts that are not in pesos.
func SheetOtherMoney(letter, head string) string {
	return fmt.Sprintf("La columna %s (“%s”) no trae pesos por unidad: está en otra moneda, en miles o por varias unidades. Escriba en ella el precio unitario en pesos mexicanos, sin IVA, cambie su encabezado a “%s” y envíe el archivo de nuevo.",
		letter, clip(head, 40), sheetHeads[value.PartPrice])
}

// SheetOtherPrices is said of a row above the heads that says that the prices are not
// pesos without IVA.
func SheetOtherPrices(row int, text string) string {
	return fmt.Sprintf("La fila %d dice “%s”. Los precios van en pesos mexicanos y sin IVA: conviértalos y quite esa leyenda.", row, clip(text, 60))
}

// SheetCurrency is said of a cell that names another currency than the peso, or none, text "".
func SheetCurrency(text string) string {
	if text == "" {
		return "no dice qué moneda es. Escriba MXN y los precios en pesos mexicanos."
	}
	return fmt.Sprintf("dice “%s”. Escriba el precio en pesos mexicanos y cambie la moneda a MXN.", clip(text, 20))
}

// SheetManifold is said of a column of quantities in thousands, dozens and the like.
func SheetManifold(letter, head string) string {
	return fmt.Sprintf("La columna %s (“%s”) no trae las cantidades completas. Escriba en ella cada cantidad con todas sus cifras, cambie su encabezado a “%s” y envíe el archivo de nuevo.",
		letter, clip(head, 40), sheetHeads[value.PartQuantity])
}

// SheetOtherQuantities is said of a row above the heads that says that the quantities are
// thousands and the like.
func SheetOtherQuantities(row int, text string) string {
	return fmt.Sprintf("La fila %d dice “%s”. Escriba cada cantidad con todas sus cifras y quite esa leyenda.", row, clip(text, 60))
}
