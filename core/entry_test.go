package core_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// entered is what came of a text: what the field keeps, or the reason of the refusal
// with what it says beside.
func entered(stored string, no *core.Refusal) string {
	switch {
	case no == nil:
		return stored
	case no.Reason == core.Ambiguous:
		return "? " + strings.Join(no.Readings, " | ")
	default:
		return strings.TrimSpace(fmt.Sprintf("! %s %s %s", no.Reason, no.Why, no.Suggest))
	}
}

func TestAFieldKeepsOneFormOfWhatPeopleWrite(t *testing.T) {
	for f, table := range map[core.Field]map[string]string{
		core.FieldAmount: {
			"18500,50": "18500.50", "1.234,50": "1234.50", "$ 503,440.00 MXN": "503440.00", "1000": "1000.00", "1.234": "! invalid precise 1,234.00", "18500.005": "! invalid precise",
			"NaN": "! invalid", "1e3": "! invalid", "0x1p4": "! invalid", "٥٠٠": "! invalid", "0": "! invalid zero", "": "! missing", "-5": "! invalid", "1.2345": "! invalid precise",
		},
		core.FieldBudgetLine:   {"5151": "5151", "0000": "! invalid zero", "0515": "! invalid zero", "9999": "9999", "1000": "1000", "51 51": "5151", "٥١٥١": "! invalid", "31": "! invalid short", "": "! missing"},
		core.FieldLetterDate:   {"hoy": "2026-11-23", "23/11/26": "2026-11-23", "lunes 23 de noviembre de 2026": "2026-11-23", "24/11/2026": "! future", "31/11/2026": "! invalid impossible", "20/11": "? 20/11/2026", "23 nov": "? 23/11/2026", "24 de noviembre": "? 24/11/2025", "martes 24 nov": "! future", "12/13/2026": "! invalid impossible", "11/12/2026": "! future", "lunes 24 nov": "? 24/11/2025", "viernes 24 nov": "! invalid weekday 24/11/2026"},
		core.FieldDueDate:      {"12/13/2026": "! invalid impossible 13/12/2026", "20/11": "? 20/11/2027 | 20/11/2026", "24 de noviembre": "? 24/11/2026 | 24/11/2025", "23 nov": "? 23/11/2026 | 23/11/2027", "29/02": "? 29/02/2028 | 29/02/2024"},
		core.FieldReceivedTime: {"9:05": "09:05", "9 am": "09:00", "ahora": "09:00", "1:30": "? 13:30 | 01:30", "25:00": "! invalid impossible"},
		core.FieldEmail:        {"raul@ejemplo,gob.mx": "! invalid domain raul@ejemplo.gob.mx", "a@b.mx, c@d.mx": "! invalid several", "raul @ejemplo.gob.mx": "! invalid  raul@ejemplo.gob.mx", "x@EDUCACIÓN.gob.mx": "x@educación.gob.mx"},
		core.FieldPhone:        {"+52 (722) 555-0100": "722 555 0100", "raul@x.mx": "! invalid", "722 555 0100 x 12": "722 555 0100 ext. 12"},
		core.FieldExtension:    {"1214": "1214", "doce": "! invalid", "": "! missing"},
		core.FieldAgency:       {"ie": "IE", "S.C.T.": "! invalid  SCT", "ñandú": "! invalid  NANDU"},
		core.FieldSubject:      {"Adquisicio\u0301n  de\nequipo": "Adquisición de equipo", "corto": "! invalid short"},
		core.FieldProcurement:  {"purchase": "purchase", "compra": "! invalid unknown"},
		core.FieldCategory:     {"software, equipment": "software,equipment", "redes": "! invalid unknown"},
		core.FieldYear:         {"2026": "2026", "2027": "2027", "2025": "! invalid year", "2028": "! invalid year", "1999": "! invalid year", "2031": "! invalid year", "0000": "! invalid zero", "26": "! invalid short"},
	} {
		got := map[string]string{}
		for text := range table {
			got[text] = entered(core.Parse(f, text, start))
		}
		if diff := cmp.Diff(table, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f, diff)
		}
	}
}

func TestWhatAFieldKeepsIsShownAndReadAsTheSame(t *testing.T) {
	type sample = func(*rapid.T) string
	for f, draw := range map[core.Field]sample{
		core.FieldAmount: func(t *rapid.T) string { return value.Centavos(rapid.Int64Range(1, 1e14).Draw(t, "centavos")).Stored() },
		core.FieldFromDate: func(t *rapid.T) string {
			return core.DateOf(start).Next(rapid.IntRange(-9000, 9000).Draw(t, "days")).String()
		},
		core.FieldReceivedTime: func(t *rapid.T) string { return value.Hour(rapid.IntRange(0, 24*60-1).Draw(t, "minute")).Stored() },
		core.FieldBudgetLine:   func(t *rapid.T) string { return rapid.StringMatching(`[0-9]{4}`).Draw(t, "line") },
		core.FieldSubject:      func(t *rapid.T) string { return value.Line(rapid.StringN(40, 80, -1).Draw(t, "subject")) },
		core.FieldAnswer:       func(t *rapid.T) string { return value.Text(rapid.StringN(100, 200, -1).Draw(t, "answer")) },
	} {
		t.Run(string(f), rapid.MakeCheck(func(t *rapid.T) {
			v := draw(t)
			if core.Check(f, v, start) != nil {
				t.Skip("not what a field keeps")
			}
			for _, text := range []string{core.Print(f, v), v} {
				if back, no := core.Parse(f, text, start); no != nil || back != v {
					t.Fatalf("%q is shown as %q and read as %q, %v", v, text, back, no)
				}
			}
		}))
	}
}

func TestAChoiceIsShownByItsLabelAndReadByIt(t *testing.T) {
	options := []value.Option{{Value: "equipment", Label: "Equipo"}, {Value: "cloud", Label: "Nube"}}
	shown := core.Print(core.FieldCategory, "equipment,cloud", options...)
	if back, no := core.Parse(core.FieldCategory, shown, start, options...); shown != "Equipo, Nube" || no != nil || back != "equipment,cloud" {
		t.Errorf("%q is read as %q, %v", shown, back, no)
	}
}

func TestARefusalOfARenglonNamesItAndItsPart(t *testing.T) {
	for text, want := range map[string]core.Refusal{
		"":                                   {Reason: core.Missing, Field: core.FieldItems},
		"A; 1; pieza\nB; doce; mes":          {Reason: core.Invalid, Field: core.FieldItems, Row: 2, Part: value.PartQuantity, Value: "doce"},
		"A; 1; pieza; 1.234":                 {Reason: core.Invalid, Field: core.FieldItems, Row: 1, Part: value.PartPrice, Value: "1.234", Why: value.WhyPrecise, Suggest: "1,234.00"},
		strings.Repeat("A; 1; pieza\n", 201): {Reason: core.Invalid, Field: core.FieldItems, Why: value.WhySeveral},
	} {
		_, no := core.ParseItems(text)
		if no == nil {
			t.Fatalf("%.40q was taken", text)
		}
		if diff := cmp.Diff(want, *no); diff != "" {
			t.Errorf("%.40q (-want +got):\n%s", text, diff)
		}
	}
}

func TestTextsAreKeptInNormalFormWhoeverGivesTheCommand(t *testing.T) {
	c := command(core.VerbDraft, core.None)
	c.Fields[core.FieldSubject] = "Adquisicio\u0301n de\u202e computadoras"
	c.Items = []core.Item{{Description: "Camio\u0301n", Quantity: value.Units(1), Unit: "pieza", Features: "a\r\nb"}}
	c.Files = []core.Attachment{{Name: "Cotizacio\u0301n.pdf", Hash: "00"}}
	events, no := core.Decide(core.Record{}, c, cast["lucia"], start)
	if no != nil {
		t.Fatal(no)
	}
	e := events[0]
	got := []string{e.Fields[core.FieldSubject], e.Items[0].Description, e.Items[0].Features, e.Files[0].Name}
	if diff := cmp.Diff([]string{"Adquisición de computadoras", "Camión", "a\nb", "Cotización.pdf"}, got); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestASearchFindsATextInEitherNormalForm(t *testing.T) {
	if diff := cmp.Diff(core.SearchWords("Adquisición de cañón"), core.SearchWords("Adquisicio\u0301n de can\u0303o\u0301n")); diff != "" {
		t.Error(diff)
	}
}

func TestTheTotalOfTheRenglonesIsWithVATAndADifferenceIsSeen(t *testing.T) {
	items := []core.Item{
		{Description: "Computadora", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(18500)},
		{Description: "Monitor", Quantity: value.Units(20), Unit: "pieza", Price: value.Pesos(3200)},
	}
	if total, ok := core.Total(items); !ok || total != value.Pesos(503440) {
		t.Errorf("the total is %s, %v", total, ok)
	}
	for amount, want := range map[string]bool{
		"503440.00": false, "503441.00": false, "503441.23": false, "503441.24": true, "434000.00": true, "1.00": true, "503400.00": true, "": false,
	} {
		if _, differs := core.AmountDiffers(amount, items); differs != want {
			t.Errorf("%s differs: %v", amount, differs)
		}
	}
	items[1].Price = value.Money{}
	if total, ok := core.Total(items); ok {
		t.Errorf("without a price the total is %s", total)
	}
	if _, differs := core.AmountDiffers("1.00", items); differs {
		t.Error("without a price there is a difference")
	}
}

func TestATotalBeyondWhatAnAmountMayBeIsNotProposed(t *testing.T) {
	items := []core.Item{{Description: "Servicio", Quantity: value.Units(value.MaxQuantity), Unit: "hora", Price: value.Pesos(value.MaxMoney)}}
	if total, ok := core.Total(items); ok {
		t.Errorf("the total is %s", total)
	}
}
