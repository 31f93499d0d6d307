package es

import "sidem.gob.mx/sidem/core"

// Example shows how the answer to a field of a verb looks: as for any, or in words
// that suit what is being done.
func Example(v core.Verb, f core.Field) string {
	if e, ok := examples[v][f]; ok {
		return e
	}
	return FieldExample(f)
}

// Hint shows under a question how its answer is typed; "" where there is something
// to choose from, or a file to send.
func Hint(v core.Verb, f core.Field) string {
	switch core.Specs[f].Type {
	case core.TypeChoice, core.TypeChoices, core.TypePerson, core.TypeUpload:
		return ""
	case core.TypeText, core.TypeLong, core.TypeDate, core.TypeClock, core.TypeMoney, core.TypeDigits, core.TypeMail, core.TypePhone, core.TypeKey, core.TypeLines:
	}
	return "Por ejemplo: " + Example(v, f)
}

var examples = map[core.Verb]map[core.Field]string{
	core.VerbComment:  {core.FieldNote: "Agregué la cotización que faltaba"},
	core.VerbLogCall:  {core.FieldNote: "Con la asistente de la unidad"},
	core.VerbCancel:   {core.FieldReason: "Ya no se requiere el equipo este año"},
	core.VerbDecline:  {core.FieldReason: "Corresponde a telecomunicaciones"},
	core.VerbSuspend:  {core.FieldReason: "Cambio de adscripción de la persona"},
	core.VerbDeny:     {core.FieldReason: "El oficio no trae la firma de la persona titular"},
	core.VerbAskAgain: {core.FieldMissing: "La cotización no trae la firma del proveedor"},
	core.VerbRegister: {core.FieldName: "Instituto de Ejemplo"},
	core.VerbRename:   {core.FieldName: "Instituto de Ejemplo"},
}
