package es

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// said is what a person reads of a text that a field does not take.
func said(t *testing.T, f core.Field, text string) string {
	t.Helper()
	no := (*core.Refusal)(nil)
	if f == core.FieldItems {
		_, no = core.ParseItems(text)
	} else {
		_, no = core.Parse(f, text, noon)
	}
	if no == nil {
		t.Fatalf("%s: %q was taken", f, text)
	}
	return Refuse(no, "", noon)
}

func TestWhatIsNotTakenIsRefusedInTheWordsOfItsField(t *testing.T) {
	for _, c := range []struct {
		field      core.Field
		text, want string
	}{
		{core.FieldAmount, "1e3", "No entendí el monto. Escríbalo así: 429,200.00."},
		{core.FieldAmount, "1.2345", "El monto lleva a lo más dos decimales. Escríbalo así: 429,200.00."},
		{core.FieldAmount, "0", "El monto debe ser mayor que cero. Escríbalo así: 429,200.00."},
		{core.FieldAmount, "100 USD", "El monto debe estar en pesos mexicanos. Escríbalo así: 429,200.00."},
		{core.FieldAmount, "1.234", "El monto lleva a lo más dos decimales. ¿Quiso decir 1,234.00?"},
		{core.FieldAmount, "", "Falta el monto. Escríbalo así: 429,200.00."},
		{core.FieldEmail, "raul", "El correo no parece completo. Escríbalo así: nombre@ejemplo.gob.mx."},
		{core.FieldEmail, "raul@ejemplo,gob.mx", "El correo no parece completo. ¿Quiso decir raul@ejemplo.gob.mx?"},
		{core.FieldEmail, "a@b.mx, c@d.mx", "Escriba un solo correo. Escríbalo así: nombre@ejemplo.gob.mx."},
		{core.FieldPhone, "raul@x.mx", "No entendí el teléfono. Escríbalo con 10 dígitos, así: 722 555 0100."},
		{core.FieldPhone, "555 0100", "Al teléfono le faltan dígitos. Escríbalo con 10 dígitos, así: 722 555 0100."},
		{core.FieldFromDate, "pronto", "No entendí la fecha de inicio. Escríbala así: 23/11/2026."},
		{core.FieldLetterDate, "31/11/2026", "Ese día no existe. Escríbala así: 22/01/2026."},
		{core.FieldLetterDate, "11/23/2026", "Ese día no existe. ¿Quiso decir 23/11/2026?"},
		{core.FieldLetterDate, "martes 23/11/2026", "El 23 de noviembre de 2026 es lunes. Revise la fecha y escríbala así: 22/01/2026."},
		{core.FieldLetterDate, "20/11", "¿Quiso decir 20/11/2026? Escriba también el año."},
		{core.FieldReceivedTime, "diez", "No entendí la hora. Escríbala así: 10:05."},
		{core.FieldReceivedTime, "25:00", "Esa hora no existe. Escríbala así: 10:05."},
		{core.FieldReceivedTime, "1:30", "¿Quiso decir 13:30 o 01:30? Escríbala con cuatro dígitos."},
		{core.FieldBudgetLine, "31", "La partida presupuestal lleva 4 dígitos. Escríbala así: 5151."},
		{core.FieldExtension, "doce", "La extensión lleva de 1 a 10 dígitos. Escríbala así: 1214."},
		{core.FieldAgency, "S.C.T.", "La clave de la dependencia lleva de 2 a 20 letras mayúsculas sin acento, dígitos o guiones. ¿Quiso decir SCT?"},
		{core.FieldReason, "no", "El motivo es muy breve: escriba al menos 10 letras. Por ejemplo: “Falta el estudio de mercado firmado”."},
		{core.FieldJustification, strings.Repeat("a", 4420), "La justificación es muy larga: admite hasta 3,000 letras y recibí 4,420. Acórtela."},
		{core.FieldMissing, "", "Indique qué falta o qué debe aclararse. Por ejemplo: “La cotización del proveedor B está vencida”."},
		{core.FieldMultiYear, "", "Indique si la contratación es plurianual."},
		{core.FieldOutcome, "", "Falta el sentido del dictamen. Elija Favorable o No favorable."},
		{core.FieldSubstitute, "", "Falta la persona suplente. Elija una de la lista."},
		{core.FieldProcurement, "compra", "No encontré “compra” entre las opciones. Elija una de ellas."},
		{core.FieldItems, "Enlace; doce; mes", "Renglón 1: no entendí la cantidad “doce”. Escríbala así: 20."},
		{core.FieldItems, "A; 1; m\nEnlace; 1; mes; 1.234", "Renglón 2: el precio unitario “1.234” lleva a lo más dos decimales. ¿Quiso decir 1,234.00?"},
		{core.FieldItems, "Enlace; 20; 18500; mes", "Renglón 1: no entendí la unidad “18500”. El orden es: descripción; cantidad; unidad; precio unitario sin IVA."},
		{core.FieldItems, "Enlace", "Renglón 1: no entendí “Enlace”. Escriba uno por línea, así: descripción; cantidad; unidad; precio unitario sin IVA."},
		{core.FieldItems, "", "Faltan los renglones. Escriba uno por línea, así: descripción; cantidad; unidad; precio unitario sin IVA."},
	} {
		if diff := cmp.Diff(c.want, said(t, c.field, c.text)); diff != "" {
			t.Errorf("%s: %.40q (-want +got):\n%s", c.field, c.text, diff)
		}
	}
}

// Every field can be refused for every reason that core/value knows, and every
// sentence is of the voice of the house.
func TestEveryFaultOfEveryFieldHasASentence(t *testing.T) {
	var all []string
	for f := range core.Specs {
		all = append(all, Refuse(&core.Refusal{Reason: core.Missing, Field: f}, "", noon), Refuse(&core.Refusal{Reason: core.Ambiguous, Field: f, Row: 1, Readings: []string{"a", "b"}}, "", noon))
		for _, why := range value.Whys {
			all = append(all, Refuse(&core.Refusal{Reason: core.Invalid, Field: f, Value: "x", Why: why, Row: 1}, "", noon))
		}
	}
	for part := value.PartDescription; part <= value.PartWhole; part++ {
		for _, why := range value.Whys {
			all = append(all, ItemFault(part, "x", &value.Invalid{Why: why}))
		}
	}
	for _, s := range all {
		if m := forbidden.FindString(s); m != "" || strings.Contains(s, "«") || strings.Contains(s, "%!") || strings.Contains(s, "..") || strings.Contains(s, "  ") || !strings.HasSuffix(strings.TrimRight(s, "?”"), ".") && !strings.HasSuffix(s, "?") {
			t.Errorf("%q (%q)", s, m)
		}
	}
}

func TestARefusalOfANameSaysWhatIsWrongWithIt(t *testing.T) {
	for name, want := range map[string]string{
		"R\u0430\u00fal Ortega": "la letra “\u0430” es de otro alfabeto y solo parece la “a” latina",
		"Raúl 🔒✅":               "no es el nombre de una persona",
		"........":              "no es el nombre de una persona",
		"SIDEM":                 "nadie puede llamarse así",
	} {
		if got := Refuse(core.Passing(core.FieldName, name), "", noon); !strings.Contains(got, want) {
			t.Errorf("%q: %s", name, got)
		}
	}
	unchanged := Refuse(&core.Refusal{Reason: core.NotNow, Verb: core.VerbRectify, Kind: core.KindAccount, State: core.StateActive, Value: core.Unchanged}, "", noon)
	if !strings.HasPrefix(unchanged, "No hay nada que corregir") {
		t.Error(unchanged)
	}
}

func TestTheBoundsInTheWordsAreThoseThatHold(t *testing.T) {
	for part, most := range map[value.Part]int{value.PartDescription: value.MaxDescription, value.PartUnit: value.MaxUnit, value.PartFeatures: value.MaxFeatures} {
		if s := itemFaults[part][value.WhyLong]; !strings.Contains(s, " "+thousands(most)+" letras") {
			t.Errorf("%q does not say %d", s, most)
		}
	}
	spec := core.Specs[core.FieldAgency]
	if s := faults[core.TypeKey][value.WhyForm]; !strings.Contains(s, fmt.Sprintf("de %d a %d letras", spec.Min, spec.Max)) {
		t.Errorf("%q does not say %d and %d", s, spec.Min, spec.Max)
	}
}
