package value_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/value"
)

// told is what came of renglones: each part between bars, or the renglón and the
// part at fault with the verdict.
func told(items []value.Item, err error) string {
	if no, ok := errors.AsType[*value.ItemError](err); ok {
		return fmt.Sprintf("%d.%d %s", no.N, no.Part, verdict("", no.Err))
	}
	if err != nil {
		return "error: " + err.Error()
	}
	var lines []string
	for _, it := range items {
		price := ""
		if !it.Price.IsZero() {
			price = it.Price.String()
		}
		lines = append(lines, strings.Join([]string{it.Description, it.Quantity.String(), it.Unit, price, it.Features}, "|"))
	}
	return strings.Join(lines, "\n")
}

func TestARenglonIsReadAsItIsTyped(t *testing.T) {
	expect(t, map[string]string{
		"Computadora; 20; pieza; 18500":                     "Computadora|20|pieza|18,500.00|",
		"Computadora; 20; pieza":                            "Computadora|20|pieza||",
		"Computadora; 20; pieza; $18,500.00 MXN; 16 GB":     "Computadora|20|pieza|18,500.00|16 GB",
		"Computadora; 20; pieza;; 16 GB":                    "Computadora|20|pieza||16 GB",
		"Computadora;20;pieza;18500,50":                     "Computadora|20|pieza|18,500.50|",
		"Cable; 12,5; metro; 1.234,50":                      "Cable|12.5|metro|1,234.50|",
		"Computadora\t20\tpieza\t18500\t16 GB":              "Computadora|20|pieza|18,500.00|16 GB",
		"\n Computadora; 20; pieza \r\n\n Cable; 5; metro;": "Computadora|20|pieza||\nCable|5|metro||",
		// A semicolon of the description or of the features.
		"Cable; cat 6; 20; pieza; 95":                                     "Cable; cat 6|20|pieza|95.00|",
		"Cable; 2 m; azul; 20; pieza; 95":                                 "Cable; 2 m; azul|20|pieza|95.00|",
		"Servidor; 2; pieza; 100; 16 GB; 2 TB":                            "Servidor|2|pieza|100.00|16 GB; 2 TB",
		"Servidor; 2; pieza; 100; ; ;":                                    "Servidor|2|pieza|100.00|",
		"Servidor; 2; pieza; 100; ; 16 GB; ; 2 TB; ;":                     "Servidor|2|pieza|100.00|16 GB; ; 2 TB",
		"Servidor\t2\tpieza\t100\t\t\t":                                   "Servidor|2|pieza|100.00|",
		`"Cable; 20; azul"; 5; metro; 95`:                                 "Cable; 20; azul|5|metro|95.00|",
		"“Cable; 20; azul”; 5; metro; 95":                                 "Cable; 20; azul|5|metro|95.00|",
		`"Cable; ""plano"""; 5; metro`:                                    `Cable; "plano"|5|metro||`,
		`"Computadora"; 20; pieza`:                                        "Computadora|20|pieza||",
		"Servidor; 2; pieza; 100; \"16 GB\n2 TB; RAID\"\nCable; 5; metro": "Servidor|2|pieza|100.00|16 GB\n2 TB; RAID\nCable|5|metro||",
		"\"Cable\n5\"; 1; pieza":                                          "1.5 ! parts",
		// The marks of a list, which are on all of its lines.
		"1. Computadora; 20; pieza\n2) Cable; 5; metro\n\n3.- Mouse; 1; pieza": "Computadora|20|pieza||\nCable|5|metro||\nMouse|1|pieza||",
		" • Computadora; 20; pieza\n• Cable; 5; metro\n•  Mouse; 1; pieza":     "Computadora|20|pieza||\nCable|5|metro||\nMouse|1|pieza||",
		"- 3 cajones, archivero; 20; pieza\n- Cable; 5; metro":                 "3 cajones, archivero|20|pieza||\nCable|5|metro||",
		"1. \"Cable; 20; azul\"; 5; metro\n2. Mouse; 1; pieza":                 "Cable; 20; azul|5|metro||\nMouse|1|pieza||",
		"1. Cable; 5; metro;; \"UTP\n2. cat 6\"\n2. Mouse; 1; pieza":           "Cable|5|metro||UTP\n2. cat 6\nMouse|1|pieza||",
		// And what only looks like them.
		"3. generación, tableta; 20; pieza; 5":                            "3. generación, tableta|20|pieza|5.00|",
		"1. Computadora; 20; pieza":                                       "1. Computadora|20|pieza||",
		"365. Licencia anual; 1; pieza\n366. Licencia bisiesta; 1; pieza": "365. Licencia anual|1|pieza||\n366. Licencia bisiesta|1|pieza||",
		"1. Computadora; 20; pieza\nCable; 5; metro":                      "1. Computadora|20|pieza||\nCable|5|metro||",
		"• Computadora; 20; pieza\n* Cable; 5; metro":                     "Computadora|20|pieza||\n* Cable|5|metro||",
		"- 20 °C, congelador; 1; pieza":                                   "- 20 °C, congelador|1|pieza||",
		"- 20 °C, congelador; 1; pieza\n- 40 °C, congelador; 1; pieza":    "- 20 °C, congelador|1|pieza||\n- 40 °C, congelador|1|pieza||",
		"\"1. Computadora\"; 20; pieza\n\"2. Cable\"; 5; metro":           "1. Computadora|20|pieza||\n2. Cable|5|metro||",
		"2.5 mm de cable; 5; metro\n-40 °C; 1; sonda":                     "2.5 mm de cable|5|metro||\n-40 °C|1|sonda||",
		`"1. Computadora"; 20; pieza`:                                     "1. Computadora|20|pieza||",
		"Computadora; 20 piezas; pieza":                                   "1.1 ! → 20",
		// Quotation marks that quote no part.
		`Monitor de 24"; 20; pieza; 3000; 24" y "plano"`: `Monitor de 24"|20|pieza|3,000.00|24" y "plano"`,
		`"Kit" de red; 5; pieza`:                         `"Kit" de red|5|pieza||`,
		`"Monitor; 20; pieza`:                            `"Monitor|20|pieza||`,
		"\"Monitor; 20; pieza\n\"Cable\"; 5; pieza":      "\"Monitor|20|pieza||\nCable|5|pieza||",
		// What is asked about.
		"Cable; 1.234; metro":        "1.1 ? 1,234 | 1.2340",
		"Cable; 20; metro; 1.234":    "1.3 ! precise → 1,234.00",
		"A; 1; pieza\nB; 2; m; 1.5.": "2.3 !",
		// What is no renglón.
		"Computadora":                                "1.5 ! parts",
		"Computadora, 20, pieza":                     "1.5 ! parts",
		"Computadora; 20":                            "1.5 ! parts",
		"; 20; pieza":                                "1.0 ! empty",
		"Computadora; 20; pieza; 0":                  "1.3 ! zero",
		"Computadora; 20; pieza; $0.00; 16 GB":       "1.3 ! zero",
		"Computadora; 20; ; 5":                       "1.2 ! empty",
		"Computadora; veinte; pieza":                 "1.1 !",
		"Computadora; NaN; pieza":                    "1.1 !",
		"Computadora; 1e3; pieza":                    "1.1 !",
		"Computadora; 0; pieza":                      "1.1 ! zero",
		"Computadora; 20; pieza; 0x1p4":              "1.3 !",
		"Computadora; 20; pieza; 16 GB":              "1.3 !",
		"Computadora; 20; pieza; 1.2345":             "1.3 ! precise",
		"Cable; 20; 18500; 5":                        "1.2 !",
		"Cable; 20; 18500; pieza":                    "1.2 !",
		"Cable; 20; pieza; 9; Monitor; 5; caja":      "1.5 ! several",
		"Cable; 20; pieza; Monitor; 5; caja; 9":      "1.3 !",
		strings.Repeat("a", 301) + "; 1; pieza":      "1.0 ! long",
		"A; 1; " + strings.Repeat("a", 41):           "1.2 ! long",
		"A; 1; pieza;; " + strings.Repeat("a", 1001): "1.4 ! long",
		"": "",
	}, func(text string) string { return told(value.ParseItems(text)) })
}

func TestARenglonIsShownAsItIsTyped(t *testing.T) {
	items := []value.Item{
		{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(1_000_000)},
		{Description: "Cable; 2 m", Quantity: value.Units(1500), Unit: "metro", Features: "UTP\ncat 6"},
		{Description: `"Kit" de red`, Quantity: value.Units(1), Unit: "pieza", Features: `de 24"`, Price: value.Centavos(950)},
	}
	want := `Computadora; 20; pieza; 1,000,000.00
"Cable; 2 m"; 1,500; metro; ; "UTP
cat 6"
"""Kit"" de red"; 1; pieza; 9.50; de 24"`
	if diff := cmp.Diff(want, value.PrintItems(items)); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	back, err := value.ParseItems(want)
	if diff := cmp.Diff(items, back); err != nil || diff != "" {
		t.Errorf("read again: %v (-want +got):\n%s", err, diff)
	}
}

func TestNamesThatBeginLikeAListKeepTheirBeginning(t *testing.T) {
	item := func(name string) value.Item {
		return value.Item{Description: name, Quantity: value.Units(1), Unit: "pieza"}
	}
	for want, names := range map[string][]string{
		"3. generación; 1; pieza":                            {"3. generación"},
		"\"1. nivel\"; 1; pieza\n\"2. nivel\"; 1; pieza":     {"1. nivel", "2. nivel"},
		"\"- Silla\"; 1; pieza\n\"- Mesa\"; 1; pieza":        {"- Silla", "- Mesa"},
		"- 20 °C; 1; pieza\n- 40 °C; 1; pieza":               {"- 20 °C", "- 40 °C"},
		"1. nivel; 1; pieza\n\"\"\"A\"\" de red\"; 1; pieza": {"1. nivel", `"A" de red`},
	} {
		var items []value.Item
		for _, name := range names {
			items = append(items, item(name))
		}
		if got := value.PrintItems(items); got != want {
			t.Errorf("printed %s, want %s", got, want)
		}
		if back, err := value.ParseItems(want); err != nil || !cmp.Equal(back, items) {
			t.Errorf("%s is read as %v, %v", want, back, err)
		}
	}
}

func TestWhatASpreadsheetShowsInPlaceOfAValueIsNone(t *testing.T) {
	for _, code := range []string{"#REF!", "#¡REF!", "#N/A", "#N/D", "#¿NOMBRE?", "#NAME?", "#¡DIV/0!", "#¡VALOR!", "#¡DESBORDAMIENTO!", "#ERROR!", "Err:508", "########"} {
		for part := value.PartDescription; part <= value.PartFeatures; part++ {
			cells := []string{"Monitor", "2", "pieza", "3200", "24 pulgadas"}
			cells[part] = code
			_, err := value.ItemOf(cells)
			if no, is := errors.AsType[*value.ItemError](err); !is || no.Part != part || no.Text != code {
				t.Errorf("%s as part %d: %v", code, part, err)
			}
		}
	}
	for _, word := range []string{"#2", "# de parte 8", "C#", "#Marca", "Err: 5", "##", "Monitor #1!"} {
		if value.IsFault(word) {
			t.Errorf("%q is a fault", word)
		}
	}
}

func TestTheApostropheThatMakesATextOfANumberIsNoDecimalComma(t *testing.T) {
	for text, want := range map[string]string{"'20": "20", "’18500": "18,500", "'12.5": "12.5", "'1'234": "1,234"} {
		if q, err := value.ParseQuantity(text); err != nil || q.String() != want {
			t.Errorf("%s: %v, %v", text, q, err)
		}
	}
	if m, err := value.ParseMoney("'18,500.50"); err != nil || m.String() != "18,500.50" {
		t.Errorf("%v, %v", m, err)
	}
}
