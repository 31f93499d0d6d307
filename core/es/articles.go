package es

import "sidem.gob.mx/sidem/core"

// The is a field in a sentence: "el número de oficio".
func The(f core.Field) string {
	if w, ok := articles[f]; ok {
		return w
	}
	return "“" + Field(f) + "”"
}

var articles = map[core.Field]string{
	core.FieldName: "el nombre", core.FieldYear: "el año", core.FieldReason: "el motivo", core.FieldNote: "la nota", core.FieldAgency: "la dependencia",
	core.FieldUser: "el usuario", core.FieldPost: "el cargo", core.FieldEmail: "el correo", core.FieldFormerEmail: "el correo anterior", core.FieldOwnEmail: "si el correo es solo suyo", core.FieldFormerAgencies: "las dependencias anteriores", core.FieldPhone: "el teléfono", core.FieldExtension: "la extensión",
	core.FieldProfile: "el perfil", core.FieldChannels: "el medio de aviso", core.FieldDigestHour: "la hora del resumen", core.FieldDigestEvery: "el resumen", core.FieldMany: "la elección de solicitudes", core.FieldPausedUntil: "la fecha en que termina la pausa", core.FieldPlatform: "el medio", core.FieldChat: "el chat",
	core.FieldSubstitute: "la persona suplente", core.FieldFromDate: "la fecha de inicio", core.FieldToDate: "la fecha de término",
	core.FieldUnit: "la unidad", core.FieldSubject: "el asunto", core.FieldProcurement: "el tipo de contratación", core.FieldCategory: "la categoría",
	core.FieldItems: "los renglones", core.FieldJustification: "la justificación", core.FieldBudgetLine: "la partida presupuestal",
	core.FieldFunding: "la fuente de financiamiento", core.FieldAmount: "el monto", core.FieldMultiYear: "la respuesta a si es plurianual",
	core.FieldProject: "el proyecto del Programa Sectorial", core.FieldFiles: "el archivo",
	core.FieldLetterNumber: "el número de oficio", core.FieldLetterDate: "la fecha del oficio", core.FieldFolio: "el folio de acuse",
	core.FieldReceivedDate: "la fecha de recepción", core.FieldReceivedTime: "la hora de recepción",
	core.FieldLeft: "la cuenta que cambió", core.FieldHead: "la jefatura", core.FieldExecutive: "la persona ejecutiva de TI",
	core.FieldSection: "la sección", core.FieldMissing: "lo que falta", core.FieldDeliver: "lo que debe entregarse", core.FieldObservation: "la observación", core.FieldDueDate: "la fecha sugerida",
	core.FieldAnswer: "la respuesta", core.FieldOpinionNumber: "el número del dictamen", core.FieldOutcome: "el sentido del dictamen",
	core.FieldPickupCode: "el código de entrega", core.FieldPickupKey: "la clave de los códigos de entrega", core.FieldCallResult: "el resultado de la llamada", core.FieldReceivedBy: "el nombre de quien recibe",
	core.FieldShown: "el código de entrega o la identificación", core.FieldIdentified: "la identificación", core.FieldUntil: "el día del recordatorio",
}
