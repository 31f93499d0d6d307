package value_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/value"
)

// verdict is what came of a text: the printed value, "? a | b" for a question with
// its readings, "! why" for a refusal, with "→ suggestion" where there is one.
func verdict(printed string, err error) string {
	if asked, ok := errors.AsType[*value.Ambiguous](err); ok {
		return "? " + strings.Join(asked.Readings, " | ")
	}
	if no, ok := errors.AsType[*value.Invalid](err); ok {
		s := strings.TrimSpace("! " + string(no.Why))
		if no.Suggest != "" {
			s += " → " + no.Suggest
		}
		return s
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return printed
}

// expect compares verdicts with a table of text and verdict.
func expect(t *testing.T, table map[string]string, read func(text string) string) {
	t.Helper()
	got := map[string]string{}
	for text := range table {
		got[text] = read(text)
	}
	if diff := cmp.Diff(table, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

func TestAnAmountIsReadAsItWasMeantOrAskedAbout(t *testing.T) {
	expect(t, map[string]string{
		"18500": "18,500.00", "18500.5": "18,500.50", "18500,50": "18,500.50", "18500,5": "18,500.50", "12,5": "12.50",
		"1.234,50": "1,234.50", "1,234.50": "1,234.50", "1,234": "1,234.00", "12,500": "12,500.00", "503,440": "503,440.00",
		"1,234,567": "1,234,567.00", "1.234.567": "1,234,567.00", "1.234.567,89": "1,234,567.89", "1'234,567.89": "1,234,567.89", "1’234,567": "1,234,567.00",
		"$ 503,440.00 MXN": "503,440.00", "503,440.00 M.N.": "503,440.00", "$503,440.00 m.n.": "503,440.00", "MXN 503440": "503,440.00", "503440 pesos": "503,440.00",
		"503,440.00 pesos mexicanos": "503,440.00", "$\u00a0503,440.00": "503,440.00", "503\u00a0440.00": "503,440.00", "503 440,00": "503,440.00", "18\u202f500": "18,500.00",
		"1000000": "1,000,000.00", "0": "0.00", "0.5": "0.50", ".50": "0.50", ",5": "0.50", "007": "7.00", "1000000000000": "1,000,000,000,000.00",

		"1.234": "! precise → 1,234.00", "12.345": "! precise → 12,345.00", "18500.500": "! precise → 18,500.50", "18500.005": "! precise", "18500,005": "! precise", "18500.505 MXN": "! precise", "012.345": "! precise", "012,340": "! precise → 12.34", "18500,500": "? 18,500,500.00 | 18,500.50",
		"12 345,678": "! precise", "12 345.670": "! precise → 12,345.67", "$1.234 MXN": "! precise → 1,234.00",

		"1.2345": "! precise", "1,234.567": "! precise", "0.125": "! precise", "0,125": "! precise", "1.234,567": "! precise", "18500.0000": "! precise → 18,500.00", "0.000": "! precise",
		"1000000000000.01": "! large", "9999999999999": "! large", "99999999999999999999999999": "! large", "92233720368547758.08": "! large", "1.000.000.000.000.000": "! large",
		"1,234,56": "!", "12,34,567": "!", "1.2,34": "!", "1,2.3,4": "!", "1,,234": "!", "1..5": "!", "5.": "5.00", "500.-": "500.00", "$500.-": "500.00", "$1,500.-- MXN": "1,500.00", "5..": "!", "1.5.": "!", "5,": "!", ".": "!", ",": "!", "0,123,456": "!", "1 2": "!", "18 5000": "!", "1 234.5 6": "!", "1,234 567": "!",
		"NaN": "!", "Inf": "!", "1e3": "!", "1E3": "!", "0x1p4": "!", "0x10": "!", "1_000": "!", "٣": "!", "１２": "!", "१२": "!", "Ⅻ": "!", "½": "!", "1½": "!", "1/2": "!", "-5": "!", "+5": "!", "−5": "!", "$-5": "!", "(5)": "!", "5%": "!",
		"mil": "!", "5 mil": "! → 5,000.00", "3 millones": "! → 3,000,000.00", "1.5 mdp": "! → 1,500,000.00", "$1.5 millones de pesos": "! → 1,500,000.00", "1.234 mil": "!", "9999999 mdp": "!", "mdp": "!", "5k": "!", "200000 más IVA": "! taxed", "200,000.00 + I.V.A.": "! taxed", "429,200.00 IVA incluido": "! taxed → 429,200.00", "429,200.00 (con IVA)": "! taxed → 429,200.00", "IVA incluido": "!", "x con IVA": "!", "429,200.00 a 500,000.00": "!", "$": "!", "pesos": "!", "100 200": "100,200.00", "doscientos": "!",
		"": "! empty", "   ": "! empty", "\u200b": "! empty",
		"100 USD": "! currency", "US$100": "! currency", "100 dólares": "! currency", "€100": "! currency",
	}, func(text string) string {
		m, err := value.ParseMoney(text)
		return verdict(m.String(), err)
	})
}

func TestAQuantityIsReadAsItWasMeantOrAskedAbout(t *testing.T) {
	expect(t, map[string]string{
		"20": "20", "1": "1", "12.5": "12.5", "12,5": "12.5", "12,50": "12.5", "1,234": "1,234", "1500": "1,500", "1 500": "1,500", "0.125": "0.125", "0,125": "0.125",
		"1.2340": "1.2340", "1,234.125": "1,234.125", "1.234,125": "1,234.125", "0.000001": "0.000001", "1000000000": "1,000,000,000", "1.25": "1.25", "1.2345": "1.2345",
		"1.234": "? 1,234 | 1.2340", "1.250": "? 1,250 | 1.25", "12.500": "? 12,500 | 12.5", "4000,125": "? 4,000,125 | 4,000.125", "4000.125": "4,000.125", "4 000,125": "4,000.125",
		"1234567.125": "1,234,567.125",
		"0":           "! zero", "0.0": "! zero", "0,000": "! zero", "1000000001": "! large", "1.2345678": "! precise",
		"NaN": "!", "1e3": "!", "0x1p4": "!", "٣": "!", "-1": "!", "20 piezas": "! → 20", "12.5 mts.": "! → 12.5", "1.234 piezas": "!", "5 mil": "!", "2 docenas": "!", "5 millares": "!", "3 centenas": "!", "1 medio": "!", "20 pesos": "!", "20 USD": "!", "20 cajas de 10": "!", "20 x": "!", "0 piezas": "!", "veinte": "!", "½": "!", "": "! empty", "1,234,5": "!", "$20": "!",
	}, func(text string) string {
		q, err := value.ParseQuantity(text)
		return verdict(q.String(), err)
	})
}

var today = value.Date{Year: 2026, Month: time.November, Day: 23} // a Monday

func TestADayIsReadAsPeopleWriteIt(t *testing.T) {
	expect(t, map[string]string{
		"23/11/2026": "23/11/2026", "23-11-2026": "23/11/2026", "23.11.2026": "23/11/2026", "23/11/26": "23/11/2026", "2026-11-23": "23/11/2026", "2026/11/23": "23/11/2026",
		"5/1/2026": "05/01/2026", "5-1-26": "05/01/2026", "23 de noviembre de 2026": "23/11/2026", "23 DE NOVIEMBRE DEL 2026": "23/11/2026", "23 nov 2026": "23/11/2026",
		"23-nov-2026": "23/11/2026", "23/Nov/26": "23/11/2026", "23 nov. 2026": "23/11/2026", "noviembre 23 de 2026": "23/11/2026", "Noviembre 23, 2026": "23/11/2026", "lunes noviembre 23 de 2026": "23/11/2026", "noviembre 23": "!", "lunes 23 de noviembre de 2026": "23/11/2026", "Lunes, 23/11/2026": "23/11/2026",
		"1o de enero de 2027": "01/01/2027", "1º de enero de 2027": "01/01/2027", "primero de enero de 2027": "01/01/2027", "miércoles 2 de septiembre de 2026": "02/09/2026", "2 sept 2026": "02/09/2026", "2 de setiembre de 2026": "02/09/2026",
		"hoy": "23/11/2026", "Ayer": "22/11/2026", "antier": "21/11/2026", "mañana": "24/11/2026", "manana": "24/11/2026", "pasado mañana": "25/11/2026", "29/02/2028": "29/02/2028", "31/12/2099": "31/12/2099",
		"11/12": "? 11/12/2026 | 11/12/2025", "23/11": "? 23/11/2026 | 23/11/2027", "1 de marzo": "? 01/03/2027 | 01/03/2026", "29/02": "? 29/02/2028 | 29/02/2024",
		"31/04/2026": "! impossible", "29/02/2026": "! impossible", "32/01/2026": "! impossible", "00/01/2026": "! impossible", "31/04": "! impossible",
		"11/23/2026": "! impossible → 23/11/2026", "2026-23-11": "! impossible → 23/11/2026", "13/13/2026": "! impossible",
		"martes 23 de noviembre de 2026": "! weekday → 23/11/2026",
		"23/11/1999":                     "! year", "23/11/2100": "! year", "23/11/0026": "! year",
		"23/11/026": "!", "23/11/20266": "!", "23112026": "!", "20261123": "!", "23": "!", "noviembre de 2026": "!", "lunes": "!", "23/11/2026 10:05": "!", "11-2026": "!", "٢٣/١١/٢٠٢٦": "!", "+3/11/2026": "!", "23/no/2026": "!", "dentro de tres días": "!", "23//2026": "!",
		"": "! empty",
	}, func(text string) string {
		d, err := value.ParseDate(text, today)
		return verdict(d.String(), err)
	})
}

func TestWhereNoTodayIsKnownOnlyWholeDatesAreRead(t *testing.T) {
	expect(t, map[string]string{"2026-11-23": "23/11/2026", "23/11/2026": "23/11/2026", "hoy": "!", "23/11": "!", "31/04": "! impossible"}, func(text string) string {
		d, err := value.ParseDate(text, value.Date{})
		return verdict(d.String(), err)
	})
}

func TestAnHourIsReadAsPeopleWriteIt(t *testing.T) {
	expect(t, map[string]string{
		"10:05": "10:05", "9:05": "09:05", "10.05": "10:05", "1005": "10:05", "905": "09:05", "10:05 h": "10:05", "10:05h": "10:05", "10:05 hrs": "10:05", "10:05 hrs.": "10:05", "10h05": "10:05", "10 h": "10:00", "9 horas": "09:00",
		"9 am": "09:00", "9am": "09:00", "9 a.m.": "09:00", "9 a. m.": "09:00", "1:30 p.m.": "13:30", "1:30pm": "13:30", "1.30 PM": "13:30", "9 de la mañana": "09:00", "1:30 de la tarde": "13:30", "8 de la noche": "20:00", "12:30 p.m.": "12:30", "12:30 a.m.": "00:30",
		"13:30 pm": "13:30", "12 m.": "12:00", "mediodía": "12:00", "12:00": "12:00", "00:00": "00:00", "0:15": "00:15", "01:30": "01:30", "0130": "01:30", "23:59": "23:59", "ahora": "10:42", "1:30 h": "01:30",
		"1:30": "? 13:30 | 01:30", "6:59": "? 18:59 | 06:59", "2.15": "? 14:15 | 02:15", "130": "? 13:30 | 01:30", "12 pm": "? 12:00 | 00:00", "12:00 a.m.": "? 12:00 | 00:00",
		"24:00": "! impossible", "10:60": "! impossible", "25:00": "! impossible", "13:30 am": "! impossible", "0:30 pm": "! impossible", "11 m": "! impossible",
		"10": "!", "9": "!", "10:5": "!", "10:05:30": "!", "diez": "!", "10,05": "!", "-1:05": "!", "١٠:٠٥": "!", "10:05 x": "!", "h": "!", "am": "!", ":05": "!", "10:": "!", "12345": "!",
		"": "! empty",
	}, func(text string) string {
		h, err := value.ParseHour(text, 10*60+42)
		return verdict(h.String(), err)
	})
}

func TestAnAddressIsOneAndWhole(t *testing.T) {
	long := strings.Repeat("a", 65)
	expect(t, map[string]string{
		"raul@ejemplo.gob.mx": "raul@ejemplo.gob.mx", "Raul.Ortega+x@Ejemplo.GOB.MX": "Raul.Ortega+x@ejemplo.gob.mx", " raul@ejemplo.gob.mx ": "raul@ejemplo.gob.mx",
		"contacto@educación.gob.mx": "contacto@educación.gob.mx", "contacto@educacio\u0301n.gob.mx": "contacto@educación.gob.mx", "contacto@xn--educacin-13a.gob.mx": "contacto@educación.gob.mx", "a@EDUCACIÓN.gob.mx": "a@educación.gob.mx",
		"raul@ejemplo,gob.mx": "! domain → raul@ejemplo.gob.mx", "raul@ejemplo..gob.mx": "! domain → raul@ejemplo.gob.mx", "raul@ejemplo.gob.mx.": "! domain → raul@ejemplo.gob.mx", "raul@ejemplo.gob.mx,": "! domain → raul@ejemplo.gob.mx", "raul @ejemplo.gob.mx": "! → raul@ejemplo.gob.mx", "raul@ ejemplo.gob.mx": "! domain → raul@ejemplo.gob.mx",
		"Raúl Ortega <raul@ejemplo.gob.mx>": "! → raul@ejemplo.gob.mx", "<raul@ejemplo.gob.mx>": "! → raul@ejemplo.gob.mx", "mailto:raul@ejemplo.gob.mx": "! → raul@ejemplo.gob.mx", "raúl@ejemplo.gob.mx": "! accent → raul@ejemplo.gob.mx", "raul@@ejemplo.gob.mx": "! domain → raul@ejemplo.gob.mx", "raul.@ejemplo.gob.mx": "! → raul@ejemplo.gob.mx", "raul arroba ejemplo.gob.mx": "! → raul@ejemplo.gob.mx", "raul@ejemplo. gob. mx": "! domain → raul@ejemplo.gob.mx", "raul@ejemplo.gob,mx": "! domain → raul@ejemplo.gob.mx", "raul@gmail,com": "! domain → raul@gmail.com",
		"mi correo raul@a.mx": "!", "raul ortega@a.mx": "!", "raul@a.mx y ana": "! domain", "raul@a.mx, ana": "! domain", "raul@a.mx;ana": "! domain", "raul@a.mx ext. 12": "! domain", "Correo: raul@a.mx": "!",
		"raul@a.mx, lucia@b.mx": "! several", "raul@a.mx;lucia@b.mx": "! several", "raul@a.mx lucia@b.mx": "! several", "raul@a.mx\nlucia@b.mx": "! several",
		"raul": "!", "raul.mx": "!", "@ejemplo.gob.mx": "!", "raul@": "! domain", "raul@ejemplo": "! domain", "raul@localhost": "! domain", "raul@127.0.0.1": "! domain", "raul@[127.0.0.1]": "! domain", "raul@-a.mx": "! domain", "raul@a_b.mx": "! domain", "raul@ejemplo.m": "! domain", "raul@ejemplo.gob.mx\\": "! domain",
		"\"raul ortega\"@ejemplo.gob.mx": "!", "ra..ul@ejemplo.gob.mx": "!", long + "@ejemplo.gob.mx": "! long", "raul@" + strings.Repeat("a.", 126) + "mx": "! domain", "raul@" + strings.Repeat("a", 64) + ".mx": "! domain",
		"": "! empty",
	}, func(text string) string {
		m, err := value.ParseMail(text)
		return verdict(m.String(), err)
	})
}

func TestAnInternationalDomainGoesOverTheWireInItsASCIIForm(t *testing.T) {
	for text, want := range map[string]string{
		"contacto@educación.gob.mx": "contacto@xn--educacin-13a.gob.mx", "raul@ejemplo.gob.mx": "raul@ejemplo.gob.mx", "a@niño.mx": "a@xn--nio-8ma.mx",
	} {
		m, err := value.ParseMail(text)
		if err != nil || m.ASCII() != want {
			t.Errorf("%s: %q, %v; want %q", text, m.ASCII(), err, want)
		}
	}
}

func TestATelephoneIsReadInTheFormsThatAreUsedInMexico(t *testing.T) {
	expect(t, map[string]string{
		"722 555 0100": "722 555 0100", "7225550100": "722 555 0100", "(722) 555-0100": "722 555 0100", "722-555-01-00": "722 555 0100", "722.555.0100": "722 555 0100", "55 1234 5678": "55 1234 5678", "5512345678": "55 1234 5678", "(55) 1234-5678": "55 1234 5678", "81 8123 4567": "81 8123 4567",
		"+52 722 555 0100": "722 555 0100", "+52 1 722 555 0100": "722 555 0100", "52 722 555 0100": "722 555 0100", "0052 722 555 0100": "722 555 0100", "044 722 555 0100": "722 555 0100", "01 722 555 0100": "722 555 0100", "722\u00a0555\u00a00100": "722 555 0100",
		"722 555 0100 ext. 1214": "722 555 0100 ext. 1214", "722 555 0100 ext 1214": "722 555 0100 ext. 1214", "722 555 0100, extensión 1214": "722 555 0100 ext. 1214", "7225550100x1214": "722 555 0100 ext. 1214", "7225550100 #1214": "722 555 0100 ext. 1214", "722 555 0100 Ext: 1214": "722 555 0100 ext. 1214", "722 555 0100 ext. 12 ext. 12": "722 555 0100 ext. 12", "722 555 0100 ext 12, extensión 12": "722 555 0100 ext. 12", "722 555 0100 ext. 12 ext. 34": "!",
		"+1 202 555 0100": "+12025550100", "+34 91 123 45 67": "+34911234567", "001 202 555 0100": "+12025550100",
		"555 0100": "! short", "555-0100": "! short", "722 555 010": "! short", "722 555 01000": "! long", "+52 722 555 010": "! short", "+1 202": "! short", "+1234567890123456": "! long", "0123456789": "!", "722 555 0100 ext.": "!", "722 555 0100 ext. doce": "!", "722 555 0100 ext. 12345678901": "!",
		"raul@x.mx": "!", "0000000000": "!", "000000000000": "!", "+0123456789": "!", "Tel. 722 555 0100 ext 12": "! → 722 555 0100 ext. 12", "Teléfono: (722) 555-0100": "! → 722 555 0100", "Cel 55 1234 5678": "! → 55 1234 5678", "Tel. 555": "!", "no tengo": "!", "722 555 O1OO": "!", "٧٢٢٥٥٥٠١٠٠": "!", "722 555 0100 / 722 555 0101": "!", "+": "!", "": "! empty",
	}, func(text string) string {
		p, err := value.ParsePhone(text)
		return verdict(p.String(), err)
	})
}

func TestAnExtensionIsShownOnce(t *testing.T) {
	for _, c := range [][3]string{
		{"722 555 0100", "", "722 555 0100"},
		{"722 555 0100", "12", "722 555 0100 ext. 12"},
		{"722 555 0100 ext. 12", "12", "722 555 0100 ext. 12"},
		{"722 555 0100, extensión 12", "12", "722 555 0100, extensión 12"},
		{"722 555 0100 ext. 12", "", "722 555 0100 ext. 12"},
		{"722 555 0100 ext. 12", "34", "722 555 0100 ext. 12 ext. 34"},
		{"", "12", "ext. 12"},
		{"", "", ""},
		{"mi oficina", "12", "mi oficina ext. 12"},
	} {
		if got := value.WithExtension(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q: %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestDigitsAreExactlySoManyPlainFigures(t *testing.T) {
	expect(t, map[string]string{
		"5151": "5151", "51 51": "5151", "51-51": "5151", "0051": "0051", " 5151 ": "5151",
		"515": "! short", "51511": "! long", "٥١٥١": "!", "５１５１": "!", "51.51": "!", "5151a": "!", "+5151": "!", "cinco": "!", "": "! empty",
	}, func(text string) string {
		s, err := value.ParseDigits(text, 4, 4)
		return verdict(s, err)
	})
}

func TestTheKeyOfAnAgencyFitsInEveryButton(t *testing.T) {
	expect(t, map[string]string{
		"IE": "IE", "ie": "IE", "SCT": "SCT", "SEP-2": "SEP-2", "A1": "A1", "ABCDEFGHIJKLMNOPQRST": "ABCDEFGHIJKLMNOPQRST",
		"S.C.T.": "! → SCT", "Secretaría": "! → SECRETARIA", "áéíóúáéíóúáéíóúáéíóú": "! → AEIOUAEIOUAEIOUAEIOU", "S C T": "! → S-C-T", "-IE-": "! → IE", "I--E": "!", "Ñ": "!", "ÑU": "! → NU", "Instituto de Ejemplo y de Otras Cosas": "! long", "X": "! short", "...": "!", "健康": "!", "健IE": "!", "IE½": "!", "I&E": "! → IE", "": "! empty",
	}, func(text string) string {
		a, err := value.ParseAgencyID(text)
		return verdict(a.String(), err)
	})
}

var people = []value.Option{{Value: "a1", Label: "Mariana Ríos Téllez"}, {Value: "a2", Label: "Héctor Molina Sáenz"}, {Value: "a3", Label: "Héctor Ruiz Peña"}, {Value: "a4", Label: "Ana Ruiz"}, {Value: "a5", Label: "Ana Ruiz Soto"}}

func TestAPersonIsChosenByAnyPartOfTheNameThatIsNobodyElses(t *testing.T) {
	expect(t, map[string]string{
		"Mariana Ríos Téllez": "a1", "mariana": "a1", "RIOS": "a1", "molina": "a2", "héctor m": "a2", "a3": "a3", "pena": "a3", "Ana Ruiz": "a4", "ana ruiz s": "a5",
		"rios mariana": "a1", "mar, tél": "a1", "sáenz héc": "a2", "ruiz": "? Héctor Ruiz Peña | Ana Ruiz | Ana Ruiz Soto", "no": "! unknown", "···": "! unknown", "héctor soto": "! unknown",
		"Héctor": "? Héctor Molina Sáenz | Héctor Ruiz Peña", "hec": "? Héctor Molina Sáenz | Héctor Ruiz Peña", "ana": "? Ana Ruiz | Ana Ruiz Soto",
		"ma": "! unknown", "ariana": "! unknown", "Elena": "! unknown", "": "! empty",
	}, func(text string) string {
		v, err := value.ParseChoice(text, people)
		return verdict(v, err)
	})
}

func TestSeveralChoicesAreReadHoweverTheyAreListed(t *testing.T) {
	options := []value.Option{{Value: "equipment", Label: "Equipo"}, {Value: "software", Label: "Software"}, {Value: "cloud", Label: "Nube"}, {Value: "services", Label: "Servicios"}}
	expect(t, map[string]string{
		"Equipo": "equipment", "equipo, nube": "equipment,cloud", "Nube, Equipo": "cloud,equipment", "equipo y nube": "equipment,cloud", "Equipo, Software y Nube": "equipment,software,cloud", "equipo; software": "equipment,software", "Equipo\nNube": "equipment,cloud", "equipo,equipo": "equipment", "equipment,cloud": "equipment,cloud", "soft": "software",
		"equipo, redes": "! unknown", "equipo y redes": "! unknown", "y": "! unknown", "": "! empty", ",": "! empty",
	}, func(text string) string {
		v, err := value.ParseChoices(text, options)
		return verdict(strings.Join(v, ","), err)
	})
}

func TestTextsAreKeptInNormalFormWithoutWhatNobodySees(t *testing.T) {
	for text, want := range map[string][2]string{
		"Adquisicio\u0301n":           {"Adquisición", "Adquisición"},
		"a\u202eb\u2066c\u200bd":      {"abcd", "abcd"},
		"o\u200b\u0301":               {"ó", "ó"},
		"  uno \t dos\u00a0 ":         {"uno dos", "uno      dos"},
		"uno\r\n\r\n  dos  \rtres\n":  {"uno dos tres", "uno\n\n  dos\ntres"},
		"a\x00b\x1bc":                 {"a b c", "a b c"},
		"\xff":                        {"\ufffd", "\ufffd"},
		"👩\u200d💻":                    {"👩\u200d💻", "👩\u200d💻"},
		"\ufeffhola\u00ad":            {"hola", "hola"},
		"\n\n":                        {"", ""},
		" \n\n  1. a\n\n     b   c\n": {"1. a b c", "  1. a\n\n     b   c"},
	} {
		if got := [2]string{value.Line(text), value.Text(text)}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestADayWithAYearOfTwoFiguresIsAskedAboutWhereTheOtherOrderIsNearer(t *testing.T) {
	today := value.Date{Year: 2026, Month: 11, Day: 23}
	for text, want := range map[string][]string{
		"26-11-20":           {"20/11/2026", "26/11/2020"},
		"26/11/23":           {"23/11/2026", "26/11/2023"},
		"26.10.31":           {"31/10/2026", "26/10/2031"},
		"23-11-26":           nil,
		"20/11/26":           nil,
		"26-11-26":           nil, // either way
		"26 de nov 20":       {"20/11/2026", "26/11/2020"},
		"jueves 26-11-20":    nil, // which it was
		"2026-11-20":         nil,
		"26/11/2020":         nil,
		"31-12-26":           nil,
		"28-02-29 ":          {"29/02/2028", "28/02/2029"},
		"lunes 23-11-26":     nil,
		"26 de noviembre 26": nil,
	} {
		_, err := value.ParseDate(text, today)
		asked, is := errors.AsType[*value.Ambiguous](err)
		if !is && (err != nil || want != nil) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
		if is && (len(want) != 2 || len(asked.Readings) != 2 || asked.Readings[0] != want[0] || asked.Readings[1] != want[1]) {
			t.Errorf("%q: %v, want %v", text, asked.Readings, want)
		}
	}
}

func TestAmongNumbersWithACommaBeforeTheirDecimalsThreeFiguresAreAskedAbout(t *testing.T) {
	for text, want := range map[string]string{
		"Cable; 1,500; m; 100,50":                 "asked",
		"Cable; 2,5; m; 1,230":                    "asked",
		"Cable; 1,500; m; 100.50":                 `Cable; 1,500; m; 100.50`,
		"Cable; 1,500; m; 1,000":                  `Cable; 1,500; m; 1,000.00`,
		"Cable; 2,5; m; 100,50":                   `Cable; 2.5; m; 100.50`,
		"Cable; 1.500,5; m; 100,50":               `Cable; 1,500.5; m; 100.50`,
		"Cable; 1500; m; 100,50":                  `Cable; 1,500; m; 100.50`,
		"Cable 1,5; 1,500; m":                     `Cable 1,5; 1,500; m`,
		"Cable; 12,500; m; $1.234,50":             "asked",
		"Cable; 1,500,000; m; 100,50":             `Cable; 1,500,000; m; 100.50`,
		"Cable; 1,500; m; 100,50; 3,000 hojas":    "asked",
		"Cable; 20; m; 100,50; con 3,000 vueltas": `Cable; 20; m; 100.50; con 3,000 vueltas`,
	} {
		got := "asked"
		it, err := value.ParseItem(text)
		if err == nil {
			got = it.String()
		} else if _, asked := errors.AsType[*value.Ambiguous](err); !asked {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if asked, is := errors.AsType[*value.Ambiguous](err); is {
			no, _ := errors.AsType[*value.ItemError](err)
			for _, reading := range asked.Readings {
				again := strings.Replace(text, no.Text, reading, 1)
				if _, err := value.ParseItem(again); errors.As(err, new(*value.Ambiguous)) {
					t.Errorf("%q: what is offered is asked about again: %v", again, err)
				}
			}
		}
	}
}
