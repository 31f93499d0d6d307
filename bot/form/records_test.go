package form_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// items are n renglones with features.
func items(n int) []core.Item {
	var out []core.Item
	for i := range n {
		out = append(out, core.Item{
			Description: fmt.Sprint("Computadora de escritorio, modelo ", i+1), Quantity: value.Units(int64(i + 1)), Unit: "pieza",
			Price: value.Pesos(18500), Features: "Procesador de 8 núcleos, 16 GB de memoria",
		})
	}
	return out
}

// unpriced are renglones that come to nothing.
func unpriced(n int) []core.Item {
	out := items(n)
	for i := range out {
		out[i].Price = value.Money{}
	}
	return out
}

// words is a text of a length in characters, which may hold what people type.
func words(least, most int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		n := rapid.IntRange(least, most).Draw(t, "length")
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(rapid.SampledFrom([]string{"equipo ", "ñandú", " & ", "<b>", "; ", "\"", "año 2026", "·", "💻", "é", "="}).Draw(t, "piece"))
		}
		return strings.TrimSpace(string([]rune(b.String())[:min(n, len([]rune(b.String())))])) + "xxxxxxxxxxxxxxxxxxxx"[:min(20, least)]
	})
}

// records are requests that were returned, with whatever may be kept in one.
func records() *rapid.Generator[core.Record] {
	return rapid.Custom(func(t *rapid.T) core.Record {
		r := returned()
		text := func(f core.Field, most int) { r.Fields[f] = words(core.Specs[f].Min, most).Draw(t, string(f)) }
		text(core.FieldSubject, 50)
		text(core.FieldFunding, 80)
		text(core.FieldProject, 100)
		lines := rapid.SliceOfN(words(20, 1200), 1, 2).Draw(t, "justification")
		r.Fields[core.FieldJustification] = strings.Join(lines, rapid.SampledFrom([]string{"\n", "\n\n", "\n\n\n"}).Draw(t, "break"))
		r.Fields[core.FieldProcurement] = rapid.SampledFrom(core.Specs[core.FieldProcurement].Choices).Draw(t, "procurement")
		r.Fields[core.FieldMultiYear] = rapid.SampledFrom([]string{core.Yes, core.No}).Draw(t, "years")
		r.Fields[core.FieldBudgetLine] = fmt.Sprintf("%04d", rapid.IntRange(1000, 9999).Draw(t, "line"))
		r.Fields[core.FieldAmount] = fmt.Sprintf("%d.%02d", rapid.IntRange(1, 1e9).Draw(t, "pesos"), rapid.IntRange(0, 99).Draw(t, "centavos"))
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(core.Specs[core.FieldCategory].Choices), 1, 5, rapid.ID).Draw(t, "category")
		r.Fields[core.FieldCategory] = strings.Join(chosen, ",")
		r.Items = nil
		for range rapid.IntRange(1, 40).Draw(t, "renglones") {
			r.Items = append(r.Items, item().Draw(t, "renglón"))
		}
		return r
	})
}

func item() *rapid.Generator[core.Item] {
	return rapid.Custom(func(t *rapid.T) core.Item {
		it := core.Item{
			Description: words(3, 60).Draw(t, "description"), Quantity: quarters(t, rapid.IntRange(1, 100000).Draw(t, "quantity")),
			Unit: rapid.SampledFrom([]string{"pieza", "licencia", "servicio mensual"}).Draw(t, "unit"),
		}
		if rapid.Bool().Draw(t, "priced") {
			it.Price = value.Centavos(rapid.Int64Range(1, 1e9).Draw(t, "centavos"))
		}
		if rapid.Bool().Draw(t, "described") {
			it.Features = words(3, 60).Draw(t, "features")
		}
		return it
	})
}

// quarters is a quantity of n quarters.
func quarters(t *rapid.T, n int) value.Quantity {
	q, err := value.QuantityOfCell(float64(n) / 4)
	if err != nil {
		t.Fatal(err)
	}
	return q
}
