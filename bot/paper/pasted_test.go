package paper_test

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot/paper"
	"sidem.gob.mx/sidem/core/value"
)

func TestATableThatIsPastedIsReadByItsHeads(t *testing.T) {
	const refused = "La tabla"
	for name, c := range map[string]struct{ text, want string }{
		"as Excel copies it":          {"Cantidad\tDescripción\tUnidad\tPrecio\n20\tSilla\tpieza\t$18,500.00\n3\tMesa, larga\tpieza\t100", "Silla; 20; pieza; 18,500.00\nMesa, larga; 3; pieza; 100.00"},
		"with a line end at its end":  {"Descripción\tCantidad\tUnidad\r\nSilla\t20\tpieza\r\n", "Silla; 20; pieza"},
		"a cell of several lines":     {"Descripción\tCantidad\tUnidad\tCaracterísticas\nSilla\t20\tpieza\t\"negra\n  alta\"", "Silla; 20; pieza; ; \"negra\n  alta\""},
		"a title above":               {"Anexo 1\nDescripción\tCantidad\tUnidad\nSilla\t20\tpieza", "Silla; 20; pieza"},
		"semicolons":                  {"Descripción; Cantidad; Unidad; Precio\nSilla; 20; pieza; 18,500.00", "Silla; 20; pieza; 18,500.00"},
		"no unit":                     {"Cantidad\tDescripción\tPrecio\n20\tSilla\t18,500.00", "Entre los encabezados de la fila 1 falta la columna “Unidad”. Agréguela y pegue la tabla de nuevo."},
		"two prices":                  {"Descripción\tCantidad\tUnidad\tPrecio\tPrecio\nSilla\t20\tpieza\t1\t2", "pegue la tabla de nuevo."},
		"a quantity in words":         {"Descripción\tCantidad\tUnidad\nSilla\tveinte\tpieza", "Renglón 1 (fila 2, columna B): no entendí la cantidad “veinte”. Escríbala así: 20. Corrija la tabla y péguela de nuevo."},
		"heads alone":                 {"Descripción\tCantidad\tUnidad\n\n", ""},
		"heads and blanks":            {"Descripción\tCantidad\tUnidad\n\t\t\n ", ""},
		"too many":                    {"Descripción\tCantidad\tUnidad" + strings.Repeat("\nSilla\t1\tpieza", 201), refused + " tiene 201 renglones y caben 200."},
		"renglones as they are typed": {"Silla; 20; pieza; 18,500.00\nMesa; 3; pieza", ""},
		"without heads":               {"Silla\t20\tpieza\t18,500.00\nMesa\t3\tpieza", ""},
		"with something wrong":        {"Equipo; veinte; unidad\nMesa; 3; pieza", ""},
		"a word that is a head":       {"Equipo; 20; unidad; x\nMesa; 3; pieza", ""},
		"a text":                      {"Buenas tardes, adjunto,\nlos renglones, gracias", ""},
		"a line":                      {"Descripción\tCantidad\tUnidad", ""},
	} {
		table, words, is := paper.Pasted(c.text, nil)
		got := value.PrintItems(table.Items)
		if is != (c.want != "") || got != c.want && !strings.Contains(words, c.want) || strings.Contains(words, "archivo") {
			t.Errorf("%s: %t %q %q, want %q", name, is, got, words, c.want)
		}
	}
}
