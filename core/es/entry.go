package es

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// missing asks for a field that was left empty.
func missing(v core.Verb, f core.Field) string {
	if f == core.FieldAgency && v != core.VerbRegister {
		return "Falta la dependencia. Elija una de la lista."
	}
	ask := "Falta " + The(f) + "."
	if own, ok := missings[f]; ok {
		ask = own
	}
	switch spec := core.Specs[f]; spec.Type {
	case core.TypeChoice, core.TypeChoices, core.TypePerson, core.TypeUpload:
		return ask
	case core.TypeText, core.TypeLong:
		return ask + " " + quoted(Example(v, f))
	case core.TypeLines:
		return ask + " " + wantedItem
	default:
		return ask + " " + wanted(f)
	}
}

// missings are said where "Falta" and the field would be no sentence, or not enough.
var missings = map[core.Field]string{
	core.FieldFiles:         "Falta el archivo. Envíelo en PDF o en foto legible.",
	core.FieldItems:         "Faltan los renglones.",
	core.FieldMissing:       "Indique qué falta o qué debe aclararse.",
	core.FieldDeliver:       "Indique qué debe entregarse.",
	core.FieldMultiYear:     "Indique si la contratación es plurianual.",
	core.FieldProcurement:   "Falta el tipo de contratación. Elija una de las opciones.",
	core.FieldCategory:      "Falta la categoría. Elija una o más de las opciones.",
	core.FieldOutcome:       "Falta el sentido del dictamen. Elija Favorable o No favorable.",
	core.FieldSection:       "Falta la sección. Elija una de las opciones.",
	core.FieldCallResult:    "Falta el resultado de la llamada. Elija una de las opciones.",
	core.FieldProfile:       "Falta el perfil. Elija uno o más de las opciones.",
	core.FieldChannels:      "Falta el medio de aviso. Elija uno o más de las opciones.",
	core.FieldSubstitute:    "Falta la persona suplente. Elija una de la lista.",
	core.FieldHead:          "Falta la jefatura. Elija una de la lista.",
	core.FieldExecutive:     "Falta la persona ejecutiva de TI. Elija una de la lista.",
	core.FieldLetterNumber:  "Falta el número de oficio. Escríbalo como aparece en el documento.",
	core.FieldFolio:         "Falta el folio de acuse. Escríbalo como aparece en el documento.",
	core.FieldOpinionNumber: "Falta el número del dictamen. Escríbalo como aparece en el documento.",
}

const wantedItem = "Escriba uno por línea, así: descripción; cantidad; unidad; precio unitario sin IVA."

// wanted says how a field is written.
func wanted(f core.Field) string {
	it := "Escríbalo"
	if strings.HasPrefix(The(f), "la ") {
		it = "Escríbala"
	}
	if core.Specs[f].Type == core.TypePhone {
		it += " con 10 dígitos,"
	}
	return it + " así: " + FieldExample(f) + "."
}

// quoted shows a text as an example.
func quoted(example string) string { return "Por ejemplo: “" + example + "”." }

// invalid says what is wrong with a value, and how it is written.
func invalid(no *core.Refusal) string {
	f := no.Field
	switch no.Why { //nolint:exhaustive // what is wrong with a text by its form is said below
	case value.WhyDisguised:
		if letter, like, ok := value.Disguise(no.Value); ok {
			return fmt.Sprintf("En “%s” la letra “%c” es de otro alfabeto y solo parece la “%c” latina. Escríbalo de nuevo, letra por letra.", clip(no.Value, 40), letter, like)
		}
		return fmt.Sprintf("En “%s” hay letras de otro alfabeto que parecen latinas. Escríbalo de nuevo, letra por letra.", clip(no.Value, 40))
	case value.WhyName:
		return fmt.Sprintf("“%s” no es el nombre de una persona. Escriba su nombre y apellidos con letras, sin emoji.", clip(no.Value, 40))
	case value.WhyReserved:
		return fmt.Sprintf("Con “%s” se nombra lo que hace SIDEM por sí mismo, y nadie puede llamarse así aquí. Escriba el nombre de la persona.", clip(no.Value, 40))
	}
	switch spec := core.Specs[f]; spec.Type {
	case core.TypeText, core.TypeLong:
		return length(no.Verb, f, no.Value)
	case core.TypeDate:
		return invalidDate(f, no.Value, no.Why, no.Suggest)
	case core.TypeLines:
		return invalidItem(no)
	case core.TypeChoice, core.TypeChoices:
		return fmt.Sprintf("No encontré “%s” entre las opciones. Elija una de ellas.", clip(no.Value, 40))
	case core.TypePerson:
		if no.Why == value.WhyUnknown {
			return fmt.Sprintf("No encontré a “%s”. Elija una persona de la lista.", clip(no.Value, 40))
		}
		return "La persona elegida ya no puede atenderlo: su cuenta no está en uso o no tiene ese cargo. Elija otra de la lista."
	case core.TypeUpload:
		if n, err := strconv.Atoi(no.Value); err == nil {
			return FilesTooMany(0, n, spec.Max)
		}
		return missings[core.FieldFiles]
	default:
		if no.Why == value.WhyUnknown {
			return fmt.Sprintf("No encontré la dependencia “%s”. Revise la clave, o regístrela primero.", clip(no.Value, 40))
		}
		return fault(f, no.Why) + remedy(f, no.Suggest)
	}
}

// faults are what is wrong with what was written, by the type of the field; those of
// digits and dates name the field.
var faults = map[core.Type]map[value.Why]string{
	core.TypeMail: {
		value.WhyForm: "El correo no parece completo.", value.WhySeveral: "Escriba un solo correo.",
		value.WhyAccent: "El correo no lleva acentos antes de la arroba.", value.WhyLong: "El correo es demasiado largo.",
	},
	core.TypePhone: {
		value.WhyForm: "No entendí el teléfono.", value.WhyShort: "Al teléfono le faltan dígitos.", value.WhyLong: "El teléfono tiene dígitos de más.",
	},
	core.TypeClock: {value.WhyForm: "No entendí la hora.", value.WhyImpossible: "Esa hora no existe."},
	core.TypeMoney: {
		value.WhyForm: "No entendí el monto.", value.WhyPrecise: "El monto lleva a lo más dos decimales.", value.WhyLarge: "El monto es mayor de lo que se admite.",
		value.WhyZero: "El monto debe ser mayor que cero.", value.WhyCurrency: "El monto debe estar en pesos mexicanos.",
		value.WhyTaxed: "El monto se escribe solo, sin mencionar el IVA.",
	},
	core.TypeDate: {
		value.WhyImpossible: "Ese día no existe.", value.WhyYear: fmt.Sprintf("El año debe estar entre %d y %d.", value.FirstYear, value.LastYear),
	},
	core.TypeKey: {value.WhyForm: "La clave de la dependencia lleva de 2 a 20 letras mayúsculas sin acento, dígitos o guiones."},
}

// fault is what is wrong with what was written into field f.
func fault(f core.Field, why value.Why) string {
	spec := core.Specs[f]
	if s, ok := faults[spec.Type][why]; ok {
		return s
	}
	if s, ok := faults[spec.Type][value.WhyForm]; ok {
		return s
	}
	if spec.Type != core.TypeDigits {
		return "No entendí " + The(f) + "."
	}
	switch {
	case why == value.WhyZero:
		return capital(The(f)) + " no empieza con cero."
	case why == value.WhyYear:
		return "El programa es del año en curso o del siguiente."
	case spec.Min == 0:
		return fmt.Sprintf("%s lleva %s.", capital(The(f)), Count(spec.Max, "dígito", "dígitos"))
	}
	return fmt.Sprintf("%s lleva de %d a %d dígitos.", capital(The(f)), spec.Min, spec.Max)
}

// remedy is how it is written, or what may have been meant.
func remedy(f core.Field, suggest string) string {
	if suggest != "" {
		return " ¿Quiso decir " + suggest + "?"
	}
	return " " + wanted(f)
}

// length says that a text is too short or too long.
func length(v core.Verb, f core.Field, text string) string {
	spec := core.Specs[f]
	the, few, many := capital(The(f)), "breve", "largo: admite hasta %s letras y recibí %s. Acórtelo."
	if own, ok := subjects[f]; ok {
		the = own
	}
	if strings.HasPrefix(the, "La ") {
		many = "larga: admite hasta %s letras y recibí %s. Acórtela."
	}
	if text == "" {
		return "No entendí " + The(f) + "."
	}
	if n := value.Length(text); spec.Max > 0 && n > spec.Max {
		return fmt.Sprintf(the+" es muy "+many, thousands(spec.Max), thousands(n))
	}
	return fmt.Sprintf("%s es muy %s: escriba al menos %s. %s", the, few, Count(spec.Min, "letra", "letras"), quoted(Example(v, f)))
}

// subjects are the fields that are no subject of a sentence by their article alone.
var subjects = map[core.Field]string{
	core.FieldMissing: "La explicación", core.FieldDeliver: "La indicación de lo que debe entregarse",
}

// thousands is a count as people write it.
func thousands(n int) string { return value.Units(int64(n)).String() }

func invalidDate(f core.Field, v string, why value.Why, suggest string) string {
	if _, err := core.ParseDay(v); err == nil && why == "" {
		if f == core.FieldToDate {
			return fmt.Sprintf("%s (%s) es anterior a la de inicio o ya pasó. Revise el día.", capital(The(f)), ISODay(v))
		}
		if f == core.FieldPausedUntil {
			return fmt.Sprintf("%s (%s) debe ser posterior a hoy y estar dentro de los próximos %d días. Revise el día.", capital(The(f)), ISODay(v), core.LongestPause)
		}
		return fmt.Sprintf("%s (%s) es anterior a hoy. Revise el día.", capital(The(f)), ISODay(v))
	}
	if d, err := value.ParseDate(suggest, value.Date{}); err == nil && why == value.WhyWeekday {
		return fmt.Sprintf("El %s es %s. Revise la fecha y escríbala así: %s.", Day(core.Day(d)), weekdays[core.Day(d).Weekday()], FieldExample(f))
	}
	return fault(f, why) + remedy(f, suggest)
}

// invalidItem says what is wrong with which renglón.
func invalidItem(no *core.Refusal) string {
	if no.Row == 0 && no.Why != value.WhySeveral {
		return "No entendí los renglones. " + wantedItem
	}
	if no.Row == 0 {
		return fmt.Sprintf("Se admiten hasta %d renglones. Divida la solicitud o agrupe los renglones iguales.", core.Specs[core.FieldItems].Max)
	}
	return fmt.Sprintf("Renglón %d: %s", no.Row, lowerFirst(ItemFault(no.Part, no.Value, &value.Invalid{Why: no.Why, Suggest: no.Suggest})))
}

// itemFaults are what is wrong with a part of a renglón; “%s” is what stands there.
var itemFaults = map[value.Part]map[value.Why]string{
	value.PartDescription: {value.WhyEmpty: "Falta la descripción.", value.WhyLong: "La descripción es muy larga; acórtela a 300 letras."},
	value.PartQuantity: {
		value.WhyForm: "No entendí la cantidad “%s”. Escríbala así: 20.", value.WhyEmpty: "Falta la cantidad.", value.WhyZero: "La cantidad debe ser mayor que cero.",
		value.WhyPrecise: "La cantidad “%s” lleva a lo más seis decimales. Escríbala así: 12.5.", value.WhyLarge: "La cantidad “%s” es mayor de lo que se admite.",
	},
	value.PartUnit: {
		value.WhyForm:  "No entendí la unidad “%s”. El orden es: descripción; cantidad; unidad; precio unitario sin IVA.",
		value.WhyEmpty: "Falta la unidad.", value.WhyLong: "La unidad es muy larga; acórtela a 40 letras.",
	},
	value.PartPrice: {
		value.WhyForm:    "No entendí el precio unitario “%s”. Escríbalo así: 18,500.00.",
		value.WhyPrecise: "El precio unitario “%s” lleva a lo más dos decimales. Escríbalo así: 18,500.00.",
		value.WhyLarge:   "El precio unitario “%s” es mayor de lo que se admite.", value.WhyCurrency: "El precio unitario “%s” debe estar en pesos mexicanos.",
		value.WhyZero:  "El precio unitario debe ser mayor que cero; si no lo conoce, déjelo en blanco.",
		value.WhyTaxed: "El precio unitario “%s” va sin IVA y sin mencionarlo. Escríbalo así: 18,500.00.",
	},
	value.PartFeatures: {value.WhyLong: "Las características son muy largas; acórtelas a 1,000 letras."},
	value.PartWhole: {
		value.WhyForm:    "No entendí “%s”. " + wantedItem,
		value.WhySeveral: "Parece haber más de un renglón en “%s”. Escriba uno por línea, o ponga las características entre comillas.",
	},
}

// itemQuestions follow the readings of a part of a renglón.
var itemQuestions = map[value.Part]string{
	value.PartQuantity: " Escriba la cantidad como corresponda.", value.PartPrice: " Escriba el precio con dos decimales.",
	value.PartWhole: " Ponga la descripción entre comillas.",
}

// ItemFault is what is wrong with a part of a renglón, and how it is written: a
// sentence that stands after the number of the renglón or the row of a file. err is
// that of a value.ItemError.
func ItemFault(part value.Part, text string, err error) string {
	if asked, ok := errors.AsType[*value.Ambiguous](err); ok {
		return meant(asked.Readings) + itemQuestions[part]
	}
	why, suggest := value.WhyForm, ""
	if invalid, ok := errors.AsType[*value.Invalid](err); ok {
		why, suggest = invalid.Why, invalid.Suggest
	}
	s, ok := itemFaults[part][why]
	if why == value.WhyFault {
		return SheetCellFault(CellError, text)
	}
	if !ok {
		s = itemFaults[value.PartWhole][value.WhyForm]
	}
	if what, _, ok := strings.Cut(s, " Escríb"); ok && suggest != "" && why != value.WhyTaxed { // of which the price without IVA is not known
		s = what + " ¿Quiso decir " + suggest + "?"
	}
	return strings.Replace(s, "%s", clip(value.Line(text), 40), 1)
}

// ambiguous asks which of two things is meant.
func ambiguous(no *core.Refusal) string {
	ask := meant(no.Readings)
	switch core.Specs[no.Field].Type {
	case core.TypeMoney:
		return ask + " Escríbalo con dos decimales."
	case core.TypeDate:
		return ask + " Escriba también el año."
	case core.TypeClock:
		return ask + " Escríbala con cuatro dígitos."
	case core.TypeLines:
		return fmt.Sprintf("Renglón %d: %s", no.Row, lowerFirst(ItemFault(no.Part, no.Value, &value.Ambiguous{Readings: no.Readings})))
	default:
		return ask + " Escríbalo completo, o elíjalo de la lista."
	}
}

// meant is "¿Quiso decir 1,234 o 1.2340?"; of many readings the first four.
func meant(readings []string) string {
	return "¿Quiso decir " + Either(readings[:min(len(readings), 4)]) + "?"
}
