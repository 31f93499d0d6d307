package es

import (
	"strings"
	"testing"

	"sidem.gob.mx/sidem/core/value"
)

func TestTheHeadsOfTheTemplateNameTheirColumnsAndNoOther(t *testing.T) {
	for p := value.PartDescription; p <= value.PartFeatures; p++ {
		for q := value.PartDescription; q <= value.PartFeatures; q++ {
			if got := NamesColumn(p, SheetHead(q)); (got == 3) != (p == q) || p != q && got != 0 {
				t.Errorf("“%s” names part %d: %d", SheetHead(q), p, got)
			}
		}
		if SheetHint(p) == "" || len([]rune(SheetHead(p))) > 32 || forbidden.MatchString(SheetHint(p)) {
			t.Errorf("part %d: %q, %q", p, SheetHead(p), SheetHint(p))
		}
	}
	for _, head := range []string{"Importe total", "Unidad solicitante", "Partida", "No.", "Precio total", "Precio con IVA", "Fecha", ""} {
		for p := value.PartDescription; p <= value.PartFeatures; p++ {
			if NamesColumn(p, head) != 0 {
				t.Errorf("“%s” names part %d", head, p)
			}
		}
	}
}

func TestWhatIsWrongWithASpreadsheetIsSaidInTheVoiceOfTheHouse(t *testing.T) {
	all := []string{
		SheetNoHeads(true), SheetNoHeads(false), SheetLacksColumns(3, []value.Part{value.PartQuantity}), SheetLacksColumns(3, []value.Part{value.PartQuantity, value.PartUnit}),
		SheetHiddenColumn("D", value.PartPrice), SheetTwice(value.PartUnit, []string{"A", "C"}, []string{"Unidad", "Unidad de medida"}), SheetTaxed("D"), SheetDoubtfulPrice("D", "Tarifa"),
		SheetTooMany(5000, 200), SheetTooLarge(), SheetEmpty(), SheetHiddenRow(7), SheetWant(value.PartQuantity), SheetWant(value.PartPrice),
		SheetOtherMoney("D", "Precio USD"), SheetOtherPrices(1, "Precios en dólares"), SheetCell(1, 2, "E", SheetCurrency("USD")),
		SheetsUnread("PC", []string{"Otra"}), SheetsUnread("PC", []string{"Otra", "Más"}),
		SheetSumDiffers(7, "D", value.Pesos(1), value.Pesos(2), value.Pesos(3)),
		SheetLookedInRows(40),
		SheetUnseenRow(3), SheetLooksLikeSum(9, "TOTAL"), SheetManifold("B", "Cantidad (miles)"), SheetOtherQuantities(1, "Cantidades en miles"), SheetStruck([]int{3}), SheetStruck([]int{3, 4}), SheetStruck([]int{1, 2, 3, 4, 5, 6, 7, 8, 9}),
		SheetReport([]string{"Uno."}, 0), SheetReport([]string{"Uno.", "Dos."}, 3),
	}
	seen := map[string]bool{}
	for _, f := range CellFaults {
		s := SheetCell(2, 3, "B", SheetCellFault(f, "#N/A"))
		if seen[s] {
			t.Errorf("said twice: %q", s)
		}
		seen[s] = true
		all = append(all, s)
	}
	for _, s := range all {
		if m := forbidden.FindString(s); m != "" || !strings.HasSuffix(s, ".") || strings.Contains(s, "  ") {
			t.Errorf("%q says %q", s, m)
		}
	}
}
