package es

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sidem.gob.mx/sidem/core/value"
)

// SheetName is the file of the spreadsheet to fill in.
const SheetName = "renglones.xlsx"

// SheetTab is the name of its sheet.
const SheetTab = "Renglones"

// sheetHeads are the heads of the columns of the template, by the part of a renglón.
var sheetHeads = [...]string{
	value.PartDescription: "Descripción", value.PartQuantity: "Cantidad", value.PartUnit: "Unidad",
	value.PartPrice: "Precio unitario sin IVA", value.PartFeatures: "Características técnicas",
}

// SheetHead is the head of the column of a part of a renglón in the template.
func SheetHead(p value.Part) string { return sheetHeads[p] }

// SheetHint is shown beside a cell of the template when one goes to it.
func SheetHint(p value.Part) string {
	return [...]string{
		value.PartDescription: "Qué bien o servicio se solicita. Por ejemplo: Computadora de escritorio",
		value.PartQuantity:    "Solo el número. Por ejemplo: 20",
		value.PartUnit:        "Por ejemplo: pieza, licencia, servicio, mes",
		value.PartPrice:       "En pesos, sin IVA. Por ejemplo: 18,500.00. Puede quedar vacío.",
		value.PartFeatures:    "Lo que debe cumplir. Por ejemplo: 8 núcleos, 16 GB de memoria. Puede quedar vacío.",
	}[p]
}

// SheetWant is said by the spreadsheet program of a value that does not go into a cell.
func SheetWant(p value.Part) string {
	if p == value.PartQuantity {
		return "Escriba un número mayor que cero."
	}
	return "Escriba el precio con números, en pesos."
}

// columnNames are how people call the columns of renglones, folded: as a whole, by how
// they begin, and what is taken where nothing better stands in the row.
var columnNames = map[value.Part]struct{ whole, begin, weak []string }{
	value.PartDescription: {
		whole: []string{"descripcion", "concepto", "articulo", "producto", "bien", "bienes", "bien o servicio", "bienes o servicios", "equipo"},
		begin: []string{"descripcion", "concepto", "articulo", "producto", "bien", "bienes", "denominacion"},
		weak:  []string{"nombre"},
	},
	value.PartQuantity: {
		whole: []string{"cantidad", "cant", "piezas", "numero de piezas", "no de piezas", "cantidad solicitada"},
		begin: []string{"cantidad", "cant"},
	},
	value.PartUnit: {
		whole: []string{"unidad", "unidad de medida", "unidad medida", "u m", "um", "u de m", "unid", "medida", "u medida", "u de medida", "unid medida", "unid de medida", "ud medida"},
		begin: []string{"unidad de medida"},
	},
	value.PartPrice: {
		whole: []string{"precio unitario", "precio unitario sin iva", "precio", "precio sin iva", "costo unitario", "p u", "pu", "p unitario", "p unit"},
		begin: []string{"precio unitario", "precio unit", "p unitario", "p unit", "p u", "pu", "costo unit", "costo unitario", "valor unitario", "precio por unidad", "precio por pieza", "precio estimado", "precio sin iva", "costo por unidad"},
		weak:  []string{"costo", "valor"},
	},
	value.PartFeatures: {
		whole: []string{"caracteristicas", "caracteristicas tecnicas", "especificaciones", "especificaciones tecnicas"},
		begin: []string{"caracteristica", "caracteristicas", "especificacion", "especificaciones", "ficha tecnica", "descripcion tecnica", "descripcion detallada"},
	},
}

// NamesColumn tells how well the head of a column names a part of a renglón; 0: not at all.
func NamesColumn(p value.Part, head string) int {
	said := plainWords(head)
	if p == value.PartPrice && (isTaxed(said) || isSum(said) || isOtherMoney(head)) {
		return 0
	}
	return rank(p, said)
}

// rank is NamesColumn of a folded head, whatever else it says.
func rank(p value.Part, said string) int {
	names := columnNames[p]
	begins := func(name string) bool { return said == name || strings.HasPrefix(said, name+" ") }
	switch {
	case slices.Contains(names.whole, said):
		return 3
	case slices.ContainsFunc(names.begin, begins):
		return 2
	case slices.ContainsFunc(names.weak, begins):
		return 1
	}
	return 0
}

// NamesTaxedPrice reports whether a head names a unit price that includes IVA.
func NamesTaxedPrice(head string) bool {
	said := plainWords(head)
	return isTaxed(said) && !isSum(said) && (strings.HasPrefix(said, "precio") || strings.HasPrefix(said, "costo") || strings.HasPrefix(said, "p u"))
}

// ResemblesPrice reports whether a head may be meant as that of the prices.
func ResemblesPrice(head string) bool {
	said := plainWords(head)
	return !isSum(said) && slices.ContainsFunc(strings.Fields(said), func(w string) bool {
		return slices.Contains([]string{"precio", "precios", "costo", "unitario", "tarifa"}, w)
	})
}

func isTaxed(said string) bool {
	for _, no := range []string{"no incluye", "sin incluir", "sin iva"} {
		if strings.Contains(said, no) {
			return false
		}
	}
	return slices.ContainsFunc([]string{"con iva", "c iva", "iva incluido", "incluye iva", "incluyen iva", "incluye el iva", "incluyen el iva", "incluido iva"}, func(s string) bool { return strings.Contains(said, s) })
}

func isSum(said string) bool {
	return slices.ContainsFunc(strings.Fields(said), func(w string) bool {
		return slices.Contains([]string{"total", "subtotal", "importe", "monto", "suma"}, w)
	})
}

// NamesRowAmount reports whether a head names what a renglón comes to, without IVA.
func NamesRowAmount(head string) bool {
	said := plainWords(head)
	return isSum(said) && !isTaxed(said) && !isOtherMoney(head) && !slices.ContainsFunc(strings.Fields(said), func(w string) bool {
		return slices.Contains([]string{"piezas", "unidades", "equipos", "bienes", "servicios", "cantidad", "meses"}, w)
	})
}

// NamesTax reports whether a head names the IVA of a renglón.
func NamesTax(head string) bool {
	said := strings.Fields(plainWords(head))
	return len(said) > 0 && slices.Contains([]string{"iva", "impuesto", "impuestos"}, said[0])
}

// NamesNumbering reports whether a head names the numbers of the rows.
func NamesNumbering(head string) bool {
	said := plainWords(head)
	return said == "" || slices.Contains([]string{"no", "n", "nº", "n°", "num", "numero", "consecutivo", "renglon", "no de renglon", "numero de renglon", "item"}, said)
}

// sumWords are those of which the words of a row of sums are made, and its numbers.
var sumWords = []string{
	"total", "totales", "subtotal", "sub", "iva", "i", "v", "a", "importe", "monto", "suma", "gran", "general", "generales", "global", "neto",
	"con", "sin", "mas", "de", "del", "la", "los", "el", "y", "en", "por", "incluido", "incluye", "antes", "impuesto", "impuestos", "estimado", "estimada",
	"partida", "partidas", "renglon", "renglones", "piezas", "pieza", "bienes", "servicios", "conceptos", "cantidad", "cotizacion", "pagar", "mxn", "mn", "m", "n", "pesos",
}

// IsSheetTotal reports whether a cell is what a row of sums says, and nothing else.
func IsSheetTotal(cell string) bool {
	said := strings.Fields(plainWords(cell))
	return len(said) > 0 && slices.Contains([]string{"total", "totales", "subtotal", "sub", "iva", "i", "importe", "monto", "suma", "gran", "mas"}, said[0]) &&
		!slices.ContainsFunc(said, func(w string) bool { return !slices.Contains(sumWords, w) && strings.Trim(w, "0123456789") != "" }) &&
		slices.ContainsFunc(said, func(w string) bool {
			return slices.Contains([]string{"total", "totales", "subtotal", "iva", "v", "importe", "monto", "suma"}, w)
		})
}

// AddsUpMoney reports whether the words of a row of sums are of an amount: not of a count.
func AddsUpMoney(row string) bool {
	return !slices.ContainsFunc(strings.Fields(plainWords(row)), func(w string) bool {
		return slices.Contains([]string{"piezas", "pieza", "bienes", "servicios", "conceptos", "cantidad", "partidas", "renglones", "unidades", "equipos"}, w)
	})
}

// SheetSumDiffers points to a cell that adds up the renglones, and says something else
// than they come to.
func SheetSumDiffers(row int, letter string, said, total, taxed value.Money) string {
	return fmt.Sprintf("Fila %d, columna %s: dice %s, pero los renglones suman %s sin IVA y %s con IVA. Corrija los renglones o esa suma, o bórrela.",
		row, letter, Pesos(said), Pesos(total), Pesos(taxed))
}

// plainWords is a text folded, without what is neither a letter nor a figure.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(value.Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// askForSheet ends what is said of a file that no renglones can be read from.
func askForSheet() string {
	return "Presione “" + Say(ButtonSheet) + "” (en Slack, escriba /sidem plantilla), llene la plantilla y envíela, o escriba los renglones."
}

// SheetNoHeads is said of a spreadsheet without the heads of its columns; hidden says
// that it has sheets that nobody sees.
func SheetNoHeads(hidden bool) string {
	s := "No encontré los encabezados Descripción, Cantidad y Unidad en el archivo. "
	if hidden {
		s = "No encontré los encabezados Descripción, Cantidad y Unidad en las hojas visibles del archivo; las hojas ocultas no se leen. "
	}
	return s + askForSheet()
}

// SheetLookedInRows follows SheetNoHeads where a spreadsheet goes on below the rows in
// which the heads are looked for.
func SheetLookedInRows(n int) string {
	return fmt.Sprintf("Los busqué en las primeras %d filas con datos: si están más abajo, borre las filas de encima.", n)
}

// SheetLacksColumns is said of a row of heads that lacks some.
func SheetLacksColumns(row int, lack []value.Part) string {
	names := make([]string, len(lack))
	for i, p := range lack {
		names[i] = "“" + sheetHeads[p] + "”"
	}
	if len(names) == 1 {
		return fmt.Sprintf("Entre los encabezados de la fila %d falta la columna %s. Agréguela y envíe el archivo de nuevo.", row, names[0])
	}
	return fmt.Sprintf("Entre los encabezados de la fila %d faltan las columnas %s. Agréguelas y envíe el archivo de nuevo.", row, List(names))
}

// SheetHiddenColumn is said of a column that is needed and that nobody sees.
func SheetHiddenColumn(letter string, p value.Part) string {
	return fmt.Sprintf("La columna %s (%s) está oculta. Muéstrela o bórrela, revise sus datos y envíe el archivo de nuevo.", letter, sheetHeads[p])
}

// SheetTwice is said of columns for one part of a renglón, by their letters and heads.
func SheetTwice(p value.Part, letters, heads []string) string {
	names := make([]string, len(letters))
	alike := true
	for i, l := range letters {
		names[i] = l + " (“" + clip(heads[i], 40) + "”)"
		alike = alike && value.Fold(heads[i]) == value.Fold(heads[0])
	}
	if alike {
		return fmt.Sprintf("Las columnas %s se llaman igual: “%s”. Deje solo una y envíe el archivo de nuevo.", List(letters), clip(heads[0], 40))
	}
	return fmt.Sprintf("Las columnas %s pueden ser la de “%s”. Deje solo una y envíe el archivo de nuevo.", List(names), sheetHeads[p])
}

// SheetTaxed is said of a column of prices that include IVA.
func SheetTaxed(letter string) string {
	return fmt.Sprintf("La columna %s trae el precio con IVA. Escriba en ella el precio unitario sin IVA, cambie su encabezado a “%s” y envíe el archivo de nuevo.", letter, sheetHeads[value.PartPrice])
}

// SheetDoubtfulPrice is said of a column that may hold the prices.
func SheetDoubtfulPrice(letter, head string) string {
	return fmt.Sprintf("No sé si la columna %s (“%s”) es la del precio. Si lo es, llámela “%s”; si no, bórrela. Después envíe el archivo de nuevo.", letter, clip(head, 40), sheetHeads[value.PartPrice])
}

// SheetOnlyAmounts is said of a column of what renglones come to, where none has their prices.
func SheetOnlyAmounts(letter, head string) string {
	return fmt.Sprintf("La columna %s (“%s”) trae lo que suma cada renglón, y falta su precio. Agregue la columna “%s”, o borre la otra, y envíe el archivo de nuevo.", letter, clip(head, 40), sheetHeads[value.PartPrice])
}

// SheetAmountDiffers is said of a cell that is not what its renglón comes to.
func SheetAmountDiffers(said value.Money, it value.Item, total value.Money) string {
	return fmt.Sprintf("dice %s, pero %s × %s son %s. Corrija la cantidad, el precio o el importe.", Pesos(said), it.Quantity, Pesos(it.Price), Pesos(total))
}

// SheetAmountWithoutPrice is said of a cell with what a renglón comes to that has no price.
func SheetAmountWithoutPrice(said value.Money) string {
	return fmt.Sprintf("dice %s y el renglón no tiene precio unitario. Escríbalo, o borre el importe.", Pesos(said))
}

// SheetBeyond is said of a value in a row of a list that has more of them than there are heads.
func SheetBeyond(text string) string {
	return fmt.Sprintf("sobra “%s”: la fila tiene más datos que encabezados. Si un dato lleva comas, escríbalo entre comillas o separe las columnas con punto y coma.", clip(text, 40))
}

// SheetCut is said of two values of a row that may be one with a comma in it.
func SheetCut(left, right string) string {
	both := []string{"“" + clip(value.Line(left), 40) + "”", "“" + clip(value.Line(right), 40) + "”"}
	return List(both) + " pueden ser un solo dato con coma. Si lo son, escríbalo entre comillas; si son dos, separe las columnas con punto y coma."
}

// SheetTorn is said of a value whose quotation marks do not end where it does.
func SheetTorn(text string) string {
	return fmt.Sprintf("las comillas de “%s” no cierran donde termina el dato. Ciérrelas o quítelas; las que van dentro de un dato se escriben dos veces.", clip(value.Line(text), 40))
}

// SheetStruck says which rows of a spreadsheet are left out since they are struck through.
func SheetStruck(rows []int) string {
	names := make([]string, len(rows))
	for i, n := range rows {
		names[i] = fmt.Sprint(n)
	}
	switch {
	case len(rows) == 0:
		return ""
	case len(rows) == 1:
		return "No tomé la fila " + names[0] + ", que está tachada."
	case len(rows) > 8:
		return fmt.Sprintf("No tomé %d filas que están tachadas, desde la %s hasta la %s.", len(rows), names[0], names[len(names)-1])
	}
	return "No tomé las filas " + List(names) + ", que están tachadas."
}

// SheetUnused says which columns of a spreadsheet are not kept: by their heads, and by
// their letters where they have none.
func SheetUnused(names, letters []string) string {
	const most = 8
	var all []string
	for _, n := range names {
		all = append(all, "“"+clip(n, 40)+"”")
	}
	for _, l := range letters {
		all = append(all, l+" (sin encabezado)")
	}
	if more := len(all) - most; more > 1 {
		all = append(all[:most], Count(more, "más", "más"))
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return "No uso la columna " + all[0] + ": su contenido no se guarda. Si hace falta, póngalo en “" + sheetHeads[value.PartFeatures] + "”."
	}
	return "No uso las columnas " + List(all) + ": su contenido no se guarda. Si hace falta, póngalo en “" + sheetHeads[value.PartFeatures] + "”."
}

// SheetsUnread says which sheets of a spreadsheet may have renglones too, and that only
// those of one are read.
func SheetsUnread(read string, others []string) string {
	names := make([]string, len(others))
	for i, n := range others {
		names[i] = "“" + clip(n, 40) + "”"
	}
	read = "“" + clip(read, 40) + "”"
	if len(names) == 1 {
		return fmt.Sprintf("Solo leí la hoja %s; la hoja %s no se guarda. Si tiene renglones, páselos a la hoja %s.", read, names[0], read)
	}
	return fmt.Sprintf("Solo leí la hoja %s; las hojas %s no se guardan. Si tienen renglones, páselos a la hoja %s.", read, List(names), read)
}

// SendAgainAsIs has a remark about a form be answered by sending it once more.
func SendAgainAsIs(remark string) string { return remark + " Si así está bien, envíe de nuevo." }

// SheetTooMany says how many renglones came, and how many are taken.
func SheetTooMany(came, most int) string {
	return fmt.Sprintf("El archivo tiene %s renglones y caben %d. Agrupe los que sean iguales o divida la solicitud.", value.Units(int64(came)), most)
}

// SheetTooLarge is said of a spreadsheet of more cells than are read.
func SheetTooLarge() string {
	return "El archivo tiene demasiadas celdas con datos o con formato para leerlo. " + askForSheet()
}

// SheetEmpty is said of a spreadsheet without renglones.
func SheetEmpty() string {
	return "El archivo no tiene renglones. Escríbalos debajo de los encabezados y envíelo de nuevo."
}

// CellFault is what is wrong with a cell, whatever belongs there.
type CellFault int

// What can be wrong with a cell.
const (
	CellDate         CellFault = iota // it holds a date
	CellPercent                       // it holds a percentage
	CellForeign                       // its amount is of another currency
	CellLogical                       // it holds true or false
	CellError                         // its formula failed
	CellFormula                       // its formula was never reckoned
	CellMerged                        // it belongs to a larger one
	CellStruck                        // it is struck through, and others of its row are not
	CellPartlyStruck                  // a part of its text is struck through
	CellUnseen                        // its text has the color of what is behind it, or none is shown
	CellScaled                        // it shows another number than it holds
	CellDressed                       // it shows letters or zeros that it does not hold
)

// CellFaults are all of them.
var CellFaults = []CellFault{CellDate, CellPercent, CellForeign, CellLogical, CellError, CellFormula, CellMerged, CellStruck, CellPartlyStruck, CellUnseen, CellScaled, CellDressed}

// SheetCellFault says what is wrong with a cell; text is what it shows of it.
func SheetCellFault(f CellFault, text string) string {
	switch f {
	case CellDate:
		return "tiene una fecha. Escriba el número o el texto, y quite el formato de fecha."
	case CellPercent:
		return "tiene un porcentaje. Escriba el número."
	case CellForeign:
		return "está en otra moneda. Escriba el precio en pesos mexicanos."
	case CellLogical:
		return "tiene VERDADERO o FALSO. Escriba el dato."
	case CellError:
		return "tiene el error “" + clip(text, 20) + "”. Corrija la fórmula o escriba el dato."
	case CellFormula:
		return "tiene una fórmula sin resultado. Abra el archivo en Excel y guárdelo, o escriba el dato."
	case CellPartlyStruck:
		return "tiene una parte tachada. Deje solo lo que vale."
	case CellUnseen:
		return "tiene un dato que no se ve: del color del fondo, muy pequeño o con un formato que lo oculta. Muéstrelo o bórrelo."
	case CellScaled:
		return "guarda " + text + " y muestra otro número. Escriba el número completo y quite el formato."
	case CellDressed:
		return "guarda " + text + " y su formato agrega letras o ceros. Escriba el dato completo como texto."
	case CellStruck:
		return "está tachada. Escriba el dato sin tachar, o tache o borre toda la fila."
	default:
		return "está combinada con otras, " + text + ". Sepárelas y escriba el dato en cada renglón."
	}
}

// SheetCell points to a cell of renglón n; problem is a sentence.
func SheetCell(n, row int, letter, problem string) string {
	return fmt.Sprintf("Renglón %d (fila %d, columna %s): %s", n, row, letter, lowerFirst(problem))
}

// SheetHiddenRow points to a row that nobody sees.
func SheetHiddenRow(row int) string {
	return fmt.Sprintf("La fila %d tiene datos y está oculta o filtrada. Muéstrela o bórrela.", row)
}

// SheetLooksLikeSum points to a row that may be a sum, or a renglón of that name.
func SheetLooksLikeSum(row int, description string) string {
	return fmt.Sprintf("La fila %d dice “%s” y parece la suma de los renglones. Si lo es, bórrela; si no, cambie su descripción.", row, clip(description, 40))
}

// SheetUnseenRow points to a row of which nothing is seen.
func SheetUnseenRow(row int) string {
	return fmt.Sprintf("La fila %d tiene datos que no se ven, como texto del color del fondo. Muéstrelos o bórrelos.", row)
}

// SheetReport is what is wrong with a spreadsheet: the first problems, and how many more there are.
func SheetReport(problems []string, more int) string {
	lines := slices.Clone(problems)
	if more > 0 {
		lines = append(lines, "Y "+Count(more, "dato más por corregir", "datos más por corregir")+".")
	}
	last := "Corrija el archivo y envíelo de nuevo."
	if len(lines) == 1 {
		return lines[0] + " " + last
	}
	return strings.Join(append(lines, last), "\n")
}

// OfPasted is what is said of a file with renglones, of a table that was pasted into a chat
// or a form.
func OfPasted(words string) string { return pasted.Replace(words) }

var pasted = strings.NewReplacer(
	"Corrija el archivo y envíelo de nuevo.", "Corrija la tabla y péguela de nuevo.",
	"envíe el archivo de nuevo.", "pegue la tabla de nuevo.",
	"El archivo no tiene renglones. Escríbalos debajo de los encabezados y envíelo de nuevo.", "La tabla no tiene renglones. Escríbalos debajo de los encabezados y péguela de nuevo.",
	"El archivo tiene", "La tabla tiene",
)
