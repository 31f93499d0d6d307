package es

import "sidem.gob.mx/sidem/core"

// Labels are the words of one value: what a table row, a button or a form says.
type verbWords struct {
	Button string // on the button: "Liberar"
	Past   string // what was done: "Liberó"
	La     string // of what is feminine and needs no name: "Ya la liberó"; "" where Did is said
	Did    string // with its object: "liberó la solicitud"
	Ask    string // the question before an act that cannot be undone
	Yes    string // the answer that does it
	Saved  string // what is answered when it was done
}

var verbs = map[core.Verb]verbWords{
	core.VerbDraft:         {"Nueva solicitud", "Empezó el borrador", "", "empezó el borrador", "", "", "Quedó guardado el borrador. Revíselo y preséntelo."},
	core.VerbAmend:         {"Corregir", "Corrigió el borrador", "", "corrigió el borrador", "", "", "Quedó guardado el cambio. Revise el borrador y preséntelo."},
	core.VerbDiscard:       {"Descartar", "Descartó el borrador", "descartó", "descartó el borrador", "¿Descarta el borrador? No podrá recuperarlo.", "Sí, descartar", "El borrador se descartó. No necesita hacer nada más."},
	core.VerbFile:          {"Presentar", "Presentó", "presentó", "presentó la solicitud", "", "", "Su solicitud quedó registrada."},
	core.VerbReturn:        {"Devolver", "Devolvió", "devolvió", "devolvió la solicitud", "", "", "Quedó registrada la devolución. Se avisó a quien debe corregir; usted no necesita hacer nada."},
	core.VerbCorrect:       {"Corregir", "Corrigió", "corrigió", "corrigió la solicitud", "", "", "Quedó registrada su corrección. La solicitud vuelve a la Secretaría Técnica; usted no necesita hacer nada."},
	core.VerbRelease:       {"Liberar", "Liberó", "liberó", "liberó la solicitud", "¿Confirma la liberación?", "Sí, liberar", "La solicitud quedó liberada."},
	core.VerbSendLetter:    {"Registrar oficio", "Registró el oficio", "", "registró el oficio", "", "", "Quedó registrado el oficio. Falta que la Oficialía registre el acuse."},
	core.VerbReceiveLetter: {"Registrar acuse", "Registró el acuse", "", "registró el acuse del oficio", "", "", "Quedó registrado el acuse."},
	core.VerbJoin:          {"Reunir", "La solicitud quedó lista para turnarse", "", "reunió el oficio y la liberación", "", "", ""},
	core.VerbRefer:         {"Turnar", "Turnó", "turnó", "turnó la solicitud", "", "", "La solicitud quedó turnada."},
	core.VerbAssign:        {"Asignar", "Asignó", "asignó", "asignó la solicitud", "", "", "La solicitud quedó asignada."},
	core.VerbReassign:      {"Reasignar", "Reasignó", "reasignó", "reasignó la solicitud", "", "", "La solicitud quedó reasignada."},
	core.VerbAccept:        {"Aceptar", "Aceptó", "aceptó", "aceptó la solicitud", "", "", "Quedó registrada su aceptación. Falta dictaminar la solicitud."},
	core.VerbDecline:       {"No me corresponde", "Indicó que no le corresponde", "", "indicó que la solicitud no le corresponde", "", "", "La solicitud volvió a la Jefatura. Usted no necesita hacer nada."},
	core.VerbObserve:       {"Observar", "Observó", "", "hizo la observación", "", "", "Quedó registrada la observación. Se avisó a quien debe responderla."},
	core.VerbAnswer:        {"Responder", "Respondió", "", "respondió a la observación", "", "", "Quedó registrada su respuesta. Le avisaremos si falta algo."},
	core.VerbResume:        {"Reanudar", "Se reanudó la dictaminación", "", "reanudó la dictaminación", "", "", ""},
	core.VerbResolve:       {"Queda solventada", "Dio por solventada una observación", "", "dio por solventada la observación", "", "", "La observación quedó solventada."},
	core.VerbIssue:         {"Dictaminar", "Dictaminó", "", "emitió el dictamen", "", "", "Quedó registrado el dictamen. Falta llamar a quien solicita."},
	core.VerbMailed:        {"Correo enviado", "Se envió el aviso por correo", "", "envió el aviso por correo", "", "", ""},
	core.VerbLogCall:       {"Registrar llamada", "Registró una llamada", "", "registró la llamada", "", "", "Quedó registrada la llamada."},
	core.VerbHandOver:      {"Registrar la entrega del dictamen", "Entregó el dictamen", "", "entregó el dictamen", "", "", "Quedó registrada la entrega. Concluyó el trámite."},
	core.VerbCancel:        {"Cancelar", "Canceló", "canceló", "canceló la solicitud", "", "", "La solicitud quedó cancelada. No necesita hacer nada más."},
	core.VerbComment:       {"Comentar", "Comentó", "", "dejó el comentario", "", "", "Quedó registrado su comentario. Usted no necesita hacer nada más."},
	core.VerbAttach:        {"Anexar", "Anexó archivos", "", "anexó los archivos", "", "", "Quedaron registrados sus archivos. Usted no necesita hacer nada más."},
	core.VerbNudge:         {"Avisar de nuevo", "Pidió avisar de nuevo", "", "pidió avisar de nuevo", "", "", "Se avisó de nuevo a quien tiene el turno. Puede pedirlo otra vez mañana."},
	core.VerbNotArrived:    {"No ha llegado", "Indicó que el oficio no ha llegado", "", "indicó que el oficio no ha llegado", "", "", "Se avisó a la Secretaría Técnica que el oficio no ha llegado. Usted no necesita hacer nada."},
	core.VerbAskCall:       {"Pedir una llamada", "Pidió una llamada", "", "pidió una llamada", "", "", "Quedó registrada su petición. Le llamará la persona ejecutiva de TI."},
	core.VerbAskAgain:      {"Pedir aclaración", "Pidió aclaración", "", "pidió la aclaración", "", "", "Quedó registrada la petición de aclaración. Se avisó a quien debe responderla."},
	core.VerbUndoRefer:     {"Deshacer el turno", "Deshizo el turno", "", "deshizo el turno", "", "", "El turno se deshizo: la solicitud está de nuevo por turnar."},
	core.VerbUndoAssign:    {"Deshacer la asignación", "Deshizo la asignación", "", "deshizo la asignación", "", "", "La asignación se deshizo: la solicitud está de nuevo por asignar."},
	core.VerbUndoAccept:    {"Deshacer la aceptación", "Deshizo la aceptación", "", "deshizo la aceptación", "", "", "La aceptación se deshizo: falta aceptar la solicitud."},
	core.VerbUndoCall:      {"Deshacer “Contestó”", "Deshizo el registro de la llamada", "", "deshizo el registro de la llamada", "", "", "El registro de la llamada se deshizo: falta llamar a quien solicita."},
	core.VerbUndoResolve:   {"Deshacer “Queda solventada”", "Deshizo el registro de una observación solventada", "", "deshizo el registro de la observación solventada", "", "", "El registro se deshizo: la observación está de nuevo por solventar."},

	core.VerbPurge:     {"Descartar por inactividad", "Se descartó el borrador, sin cambios en 30 días", "", "descartó el borrador", "", "", "El borrador se descartó."},
	core.VerbRemind:    {"Recordar", "Se recordó lo pendiente", "", "recordó lo pendiente", "", "", "Se recordó lo pendiente."},
	core.VerbRecall:    {"Volver a llamar", "Se pidió llamar de nuevo: nadie ha recogido el dictamen", "", "pidió llamar de nuevo", "", "", "Se pidió llamar de nuevo."},
	core.VerbSnooze:    {"Recordar después", "Aplazó el recordatorio", "", "aplazó el recordatorio", "", "", "Se le recordará en la fecha que eligió."},
	core.VerbPrefer:    {"Preferencias", "Cambió sus preferencias", "", "cambió sus preferencias", "", "", "Quedaron guardadas sus preferencias."},
	core.VerbPassOn:    {"Pasar el turno", "Quien solicitó ya no tiene ese perfil: le toca a las demás personas que solicitan", "", "pasó el turno", "", "", "Le toca ahora a las demás personas que solicitan en la dependencia."},
	core.VerbLeaveCase: {"Volver a asignar", "Quien la dictaminaba ya no tiene ese perfil", "", "dejó la solicitud por asignar", "", "", "La solicitud quedó por asignar."},
	core.VerbLeaveHead: {"Volver a turnar", "La persona a quien se turnó ya no tiene ese perfil", "", "dejó la solicitud por turnar", "", "", "La solicitud quedó por turnar."},

	core.VerbDeliver:   {"Registrar el programa", "Entregó el programa sectorial", "", "registró el programa sectorial", "", "", "Quedó registrada la entrega del programa sectorial. La Administración de SIDEM lo valida y le avisamos."},
	core.VerbRedeliver: {"Entregar de nuevo", "Entregó de nuevo el programa sectorial", "", "registró de nuevo el programa sectorial", "", "", "Quedó registrada la entrega del programa sectorial. La Administración de SIDEM lo valida y le avisamos."},
	core.VerbValidate:  {"Validar", "Validó", "", "validó el programa sectorial", "", "", "El programa sectorial quedó validado. Se avisó a la dependencia."},

	core.VerbApply:      {"Nueva cuenta", "Solicitó la cuenta", "", "solicitó la cuenta", "", "", "Quedó registrada la solicitud de la cuenta. Falta darla de alta."},
	core.VerbGrant:      {"Dar de alta", "Dio de alta", "", "dio de alta la cuenta", "", "", "La cuenta quedó dada de alta. El correo de activación va en camino."},
	core.VerbDeny:       {"Negar", "Negó la cuenta", "", "negó el alta", "", "", "El alta quedó negada. Usted no necesita hacer nada más."},
	core.VerbLink:       {"Vincular", "Vinculó un chat", "", "vinculó el chat", "", "", ""},
	core.VerbUnlink:     {"No soy yo", "Desvinculó un chat", "", "desvinculó el chat", "¿Desvincula este chat de la cuenta?", "Sí, desvincular", "El chat quedó desvinculado. Se dio aviso por correo a la persona titular."},
	core.VerbElsewhere:  {"Avisar de otro chat", "Se dio su contraseña o su clave para vincular en otro chat", "", "avisó de otro chat", "", "", "Se avisó a la persona titular. No necesita hacer nada más."},
	core.VerbRenew:      {"Renovar contraseña", "Renovó la contraseña inicial", "", "renovó la contraseña inicial", "", "", "La contraseña inicial se renovó. El correo va en camino."},
	core.VerbRectify:    {"Corregir datos", "Corrigió los datos de la cuenta", "", "corrigió los datos de la cuenta", "", "", "Quedaron corregidos los datos. Se dio aviso por correo, también a la dirección anterior. Si aún no vincula su chat, renueve su contraseña."},
	core.VerbSuspend:    {"Suspender", "Suspendió la cuenta", "suspendió", "suspendió la cuenta", "", "", "La cuenta quedó suspendida. No necesita hacer nada más."},
	core.VerbErase:      {"Suprimir datos", "Se suprimieron los datos personales de la cuenta", "", "suprimió los datos de la cuenta", "", "", "Se suprimieron los datos personales de la cuenta."},
	core.VerbRedact:     {"Testar datos", "Se suprimieron datos personales", "", "suprimió datos personales", "", "", "Se suprimieron datos personales."},
	core.VerbReinstate:  {"Reactivar", "Reactivó la cuenta", "reactivó", "reactivó la cuenta", "", "", "La cuenta quedó activa de nuevo. No necesita hacer nada más."},
	core.VerbSubstitute: {"Estaré ausente", "Nombró suplente", "", "nombró suplente", "", "", "Quedó registrada la suplencia; falta que la persona suplente la acepte."},
	core.VerbStandIn:    {"Aceptar suplencia", "Aceptó la suplencia", "", "aceptó la suplencia", "", "", "Quedó aceptada la suplencia. Le avisaremos de lo que tenga que atender."},
	core.VerbExcuse:     {"No puedo suplir", "Declinó la suplencia", "", "declinó la suplencia", "", "", "Quedó registrado que no puede suplir. Se avisó a quien le nombró; usted no necesita hacer nada más."},
	core.VerbComeBack:   {"Terminar suplencia", "Terminó la suplencia", "", "terminó la suplencia", "¿Confirma que la suplencia termina ahora?", "Sí, terminar", "La suplencia terminó. No necesita hacer nada más."},
	core.VerbLapse:      {"Terminar suplencia", "Terminó la suplencia: una de las dos cuentas cambió", "", "terminó la suplencia", "", "", "La suplencia terminó."},
	core.VerbRelieve:    {"Dejar de suplir", "Dejó de suplir", "", "dejó de suplir", "", "", "La suplencia terminó."},

	core.VerbRegister: {"Nueva dependencia", "Registró la dependencia", "", "registró la dependencia", "", "", "La dependencia quedó registrada. Ya puede dar de alta sus cuentas."},
	core.VerbRename:   {"Cambiar nombre", "Cambió el nombre de la dependencia", "", "cambió el nombre de la dependencia", "", "", "El nombre quedó cambiado. No necesita hacer nada más."},
}

// Button is what the button of verb v says.
func Button(v core.Verb) string { return verbs[v].Button }

// infinitives are the acts whose buttons do not read on after "no se puede": what
// a button says is what its person says.
var infinitives = map[core.Verb]string{
	core.VerbDraft: "empezar una solicitud", core.VerbDecline: "indicar que no corresponde", core.VerbResolve: "dar por solventada la observación",
	core.VerbNotArrived: "indicar que el oficio no ha llegado", core.VerbApply: "registrar una cuenta", core.VerbUnlink: "desvincular el chat",
	core.VerbSubstitute: "nombrar suplente", core.VerbExcuse: "declinar la suplencia", core.VerbRegister: "registrar una dependencia",
	core.VerbUndoCall: "deshacer el registro de la llamada", core.VerbUndoResolve: "deshacer el registro de la observación solventada",
	core.VerbPrefer: "cambiar las preferencias", core.VerbMailed: "registrar el correo", core.VerbHandOver: "registrar la entrega",
}

// Infinitive is v after "no se puede": "liberar", "nombrar suplente".
func Infinitive(v core.Verb) string {
	if w, ok := infinitives[v]; ok {
		return w
	}
	return lowerFirst(Button(v))
}

// doing are the acts on a request after "Solo la Secretaría Técnica puede".
var doings = map[core.Verb]string{
	core.VerbDraft:         "empezar una solicitud",
	core.VerbAmend:         "corregir el borrador",
	core.VerbDiscard:       "descartar el borrador",
	core.VerbFile:          "presentarla",
	core.VerbReturn:        "devolverla",
	core.VerbCorrect:       "corregirla",
	core.VerbRelease:       "liberarla",
	core.VerbSendLetter:    "registrar el oficio",
	core.VerbReceiveLetter: "registrar el acuse",
	core.VerbRefer:         "turnarla",
	core.VerbAssign:        "asignarla",
	core.VerbReassign:      "reasignarla",
	core.VerbAccept:        "aceptarla",
	core.VerbDecline:       "indicar que no les corresponde",
	core.VerbObserve:       "hacer observaciones",
	core.VerbAnswer:        "responder a las observaciones",
	core.VerbResolve:       "dar por solventada una observación",
	core.VerbIssue:         "dictaminar",
	core.VerbLogCall:       "registrar la llamada",
	core.VerbHandOver:      "registrar la entrega del dictamen",
	core.VerbCancel:        "cancelarla",
	core.VerbComment:       "comentar",
	core.VerbAttach:        "anexar archivos",
	core.VerbNudge:         "pedir que se avise de nuevo",
	core.VerbNotArrived:    "indicar que el oficio no ha llegado",
	core.VerbAskCall:       "pedir una llamada",
	core.VerbAskAgain:      "pedir una aclaración",
	core.VerbSnooze:        "aplazar el recordatorio",
	core.VerbUndoRefer:     "deshacer el turno",
	core.VerbUndoAssign:    "deshacer la asignación",
	core.VerbUndoAccept:    "deshacer la aceptación",
	core.VerbUndoCall:      "deshacer el registro de la llamada",
	core.VerbUndoResolve:   "deshacer el registro de la observación solventada",
}

// doing is v after "Solo … puede": "liberarla", "nombrar suplente".
func doing(v core.Verb) string {
	if w, ok := doings[v]; ok {
		return w
	}
	return Infinitive(v)
}

// Past is what v did, in the trail: "Liberó".
func Past(v core.Verb) string { return verbs[v].Past }

// Question is asked before v is done; Yes is the answer that does it. Verbs
// that ask for fields first need no question: the form is one.
func Question(v core.Verb) (ask, yes string) {
	w := verbs[v]
	if w.Ask == "" {
		return "¿Confirma: " + lowerFirst(w.Button) + "?", "Sí, " + lowerFirst(w.Button)
	}
	return w.Ask, w.Yes
}

var states = map[core.Kind]map[core.State]string{
	core.KindRequest: {
		core.StateDraft:     "Borrador",
		core.StateFiled:     "Por liberar",
		core.StateReturned:  "Devuelta",
		core.StateReleased:  "Liberada; falta el oficio",
		core.StateReceived:  "Oficio recibido, por turnar",
		core.StateReferred:  "Turnada, por asignar",
		core.StateAssigned:  "En dictaminación",
		core.StateObserved:  "Con observaciones",
		core.StateIssued:    "Dictamen emitido, por recoger",
		core.StateCollected: "Dictamen entregado",
		core.StateCancelled: "Cancelada",
	},
	core.KindProgram: {
		core.StateDelivered: "Programa sectorial por validar",
		core.StateValidated: "Programa sectorial validado",
		core.StateReturned:  "Programa sectorial devuelto",
	},
	core.KindAccount: {
		core.StateRequested: "Alta de cuenta por atender",
		core.StateGranted:   "Cuenta dada de alta, por vincular",
		core.StateActive:    "Cuenta activa",
		core.StateSuspended: "Cuenta suspendida",
		core.StateDenied:    "Alta negada",
		core.StateErased:    "Cuenta con datos suprimidos",
	},
	core.KindAgency: {core.StateRegistered: "Dependencia registrada"},
}

// State is the label of a state.
func State(k core.Kind, s core.State) string { return states[k][s] }

// steps are the guide's eight, by kind and state.
var steps = map[core.Kind]map[core.State]int{
	core.KindProgram: {core.StateDelivered: 1, core.StateValidated: 1, core.StateReturned: 1},
	core.KindAccount: {core.StateRequested: 2, core.StateGranted: 2, core.StateActive: 2, core.StateSuspended: 2, core.StateDenied: 2, core.StateErased: 2},
	core.KindRequest: {
		core.StateDraft: 3, core.StateFiled: 4, core.StateReturned: 3, core.StateReleased: 5, core.StateReceived: 6,
		core.StateReferred: 6, core.StateAssigned: 7, core.StateObserved: 7, core.StateIssued: 8, core.StateCollected: 8,
	},
}

// Step is the guide's step of a state, 1 to 8; 0 for none.
func Step(k core.Kind, s core.State) int { return steps[k][s] }

type roleWords struct{ Name, Owner string }

var roles = map[core.Role]roleWords{
	core.RoleRequester: {"Solicitante de dictamen técnico", "quien solicita"},
	core.RoleSecretary: {"Secretaría Técnica", "la Secretaría Técnica"},
	core.RoleRegistry:  {"Oficialía de la Dirección General", "la Oficialía de la Dirección General"},
	core.RoleDirector:  {"Dirección General", "la Dirección General"},
	core.RoleHead:      {"Jefatura de Departamento", "la Jefatura de Departamento"},
	core.RoleExecutive: {"Persona ejecutiva de TI", "la persona ejecutiva de TI asignada"},
	core.RoleAdmin:     {"Administración de SIDEM", "la Administración de SIDEM"},
	core.RoleAuditor:   {"Consulta", "Consulta"},
	core.RoleSystem:    {"SIDEM", "SIDEM"},
	core.Self:          {"Titular de la cuenta", "la persona titular de la cuenta"},
	core.Deputy:        {"Suplente", "la persona suplente"},
}

// Role is the name of a role.
func Role(r core.Role) string { return roles[r].Name }

// RoleOf is a role in a sentence: "la Secretaría Técnica".
func RoleOf(r core.Role) string { return roles[r].Owner }

var platforms = map[string]string{
	"telegram": "Telegram", "slack": "Slack", "email": "correo", "cli": "la línea de comandos", "system": "SIDEM", "import": "la carga inicial",
}

// Platform is the name of a channel: "Telegram", "correo".
func Platform(p string) string { return platforms[p] }

type fieldWords struct{ Label, Question, Example string }

var fields = map[core.Field]fieldWords{
	core.FieldName:           {"Nombre", "¿Cuál es el nombre completo?", "Lucía Herrera Campos"},
	core.FieldYear:           {"Año", "¿De qué año es el programa?", "2026"},
	core.FieldReason:         {"Motivo", "¿Cuál es el motivo?", "Falta el estudio de mercado firmado"},
	core.FieldNote:           {"Nota", "¿Qué desea anotar?", "Se actualizó la cantidad de equipos"},
	core.FieldAgency:         {"Dependencia", "¿Cuál es la clave de la dependencia?", "IE"},
	core.FieldUser:           {"Usuario", "¿Cuál es el nombre de usuario?", "lucia.herrera"},
	core.FieldPost:           {"Cargo", "¿Cuál es el cargo?", "Jefa de Unidad de Informática"},
	core.FieldFormerAgencies: {"Dependencias anteriores", "¿A qué dependencias perteneció?", "IE"},
	core.FieldOwnEmail:       {"Correo solo suyo", "¿El correo es solo de esta cuenta?", "1"},
	core.FieldFormerEmail:    {"Correo anterior", "¿Cuál era el correo anterior?", "nombre@ejemplo.gob.mx"},
	core.FieldEmail:          {"Correo", "¿Cuál es el correo institucional?", "nombre@ejemplo.gob.mx"},
	core.FieldPhone:          {"Teléfono", "¿Cuál es el teléfono?", "722 555 0100"},
	core.FieldExtension:      {"Extensión", "¿Cuál es la extensión?", "1214"},
	core.FieldProfile:        {"Perfil", "¿Qué perfil tendrá?", "Solicitante de dictamen técnico"},
	core.FieldChannels:       {"Medios de aviso", "¿Por dónde recibirá los avisos?", "Telegram, correo"},
	core.FieldPlatform:       {"Medio", "¿En qué medio?", "Telegram"},
	core.FieldChat:           {"Chat", "¿Qué chat es?", "12345"},
	core.FieldSubstitute:     {"Suplente", "¿Quién será su suplente?", "Elena Cruz"},
	core.FieldFromDate:       {"Fecha de inicio", "¿Desde qué día?", "23/11/2026"},
	core.FieldToDate:         {"Fecha de término", "¿Hasta qué día?", "27/11/2026"},

	core.FieldUnit:          {"Unidad", "¿Cuál es la unidad que solicita?", "Unidad de Informática"},
	core.FieldSubject:       {"Asunto", "¿Cuál es el asunto, en una línea?", "Adquisición de 20 computadoras de escritorio"},
	core.FieldProcurement:   {"Tipo de contratación", "¿Qué tipo de contratación es?", "Adquisición"},
	core.FieldCategory:      {"Categoría", "¿A qué categoría pertenece? Puede ser más de una.", "Equipo"},
	core.FieldItems:         {"Renglones", "¿Qué bienes o servicios solicita? Escriba un renglón por línea y separe con punto y coma: descripción; cantidad; unidad; precio unitario sin IVA; características. Si son muchos, envíe la plantilla de Excel.", "Computadora de escritorio; 20; pieza; 18,500.00"},
	core.FieldJustification: {"Justificación", "¿Cuál es la justificación?", "El equipo actual tiene más de ocho años y ya no recibe actualizaciones"},
	core.FieldBudgetLine:    {"Partida presupuestal", "¿Cuál es la partida presupuestal? Son cuatro dígitos.", "5151"},
	core.FieldFunding:       {"Fuente de financiamiento", "¿Cuál es la fuente de financiamiento?", "Recursos estatales"},
	core.FieldAmount:        {"Monto estimado con IVA", "¿Cuál es el monto total estimado, con IVA, en pesos?", "429,200.00"},
	core.FieldMultiYear:     {"Plurianual", "¿Es plurianual?", "No"},
	core.FieldProject:       {"Proyecto del Programa Sectorial", "¿A qué proyecto del Programa Sectorial corresponde?", "P-03 Renovación de equipo"},
	core.FieldFiles:         {"Archivo", "Envíe el archivo en PDF o en foto legible.", "documento.pdf"},

	core.FieldLetterNumber: {"Número de oficio", "¿Cuál es el número de oficio, como aparece en el documento?", "IE/ST/0412/2026"},
	core.FieldLetterDate:   {"Fecha del oficio", "¿Qué fecha tiene el oficio?", "22/01/2026"},
	core.FieldFolio:        {"Folio de acuse", "¿Cuál es el folio del acuse?", "OP-2231"},
	core.FieldReceivedDate: {"Fecha de recepción", "¿Qué día se recibió?", "23/01/2026"},
	core.FieldReceivedTime: {"Hora de recepción", "¿A qué hora se recibió?", "10:05"},

	core.FieldHead:      {"Jefatura", "¿A qué jefatura se turna?", "Héctor Molina"},
	core.FieldExecutive: {"Persona ejecutiva de TI", "¿A quién se asigna?", "Mariana Ríos"},

	core.FieldDigestHour:  {"Hora del resumen diario", "¿A qué hora desea recibir su resumen del día?", "08:45"},
	core.FieldDigestEvery: {"Resumen", "¿Cada cuándo desea recibir su resumen?", "Cada día hábil"},
	core.FieldPausedUntil: {"Pausa", "¿Qué día desea volver a recibir su resumen y sus recordatorios? A lo más, dentro de 60 días.", "07/12/2026"},
	core.FieldMany:        {"Solicitudes", "¿Cuáles solicitudes? Elija una o más.", "000147/2026"},
	core.FieldLeft:        {"Cuenta que cambió", "¿Qué cuenta cambió?", "x"},
	core.FieldReminded:    {"Recordado", "¿Qué se recuerda?", "release/2/1/0"},
	core.FieldUntil:       {"No recordar antes de", "¿Qué día se le recuerda?", "24/11/2026"},

	core.FieldSection:     {"Sección", "¿Qué sección se observa?", "Anexos"},
	core.FieldMissing:     {"Qué falta", "¿Qué falta o debe aclararse?", "La cotización del proveedor B está vencida"},
	core.FieldDeliver:     {"Qué debe entregar", "¿Qué debe entregar?", "Cotización con fecha de los últimos 30 días"},
	core.FieldDueDate:     {"Fecha sugerida", "¿Qué fecha sugiere para la respuesta? Puede dejarla sin indicar.", "27/11/2026"},
	core.FieldObservation: {"Observación", "¿Qué observación?", "1"},
	core.FieldAnswer:      {"Respuesta", "¿Cuál es su respuesta?", "Se adjunta la cotización vigente"},

	core.FieldOpinionNumber: {"Dictamen", "¿Cuál es el número del dictamen?", "DT-0093/2026"},
	core.FieldOutcome:       {"Sentido", "¿En qué sentido se dictaminó?", "Favorable"},
	core.FieldPickupCode:    {"Código de entrega", "¿Cuál es el código de entrega?", "483920"},
	core.FieldPickupKey:     {"Clave de los códigos de entrega", "¿Con qué clave se hacen los códigos de entrega?", "x"},
	core.FieldCallResult:    {"Resultado de la llamada", "¿Qué resultó de la llamada?", "Contestó"},
	core.FieldReceivedBy:    {"Recibe", "¿Quién recibe el dictamen?", "Lucía Herrera Campos"},
	core.FieldShown:         {"Código de entrega", "¿Qué código de entrega mostró? Si no lo trae, continúe y anote su identificación.", "483920"},
	core.FieldIdentified:    {"Identificación", "¿Qué identificación oficial mostró?", "credencial para votar"},
}

// Field is the label of a field.
func Field(f core.Field) string { return fields[f].Label }

// FieldQuestion asks for a field.
func FieldQuestion(f core.Field) string { return fields[f].Question }

// FieldExample shows how a value looks.
func FieldExample(f core.Field) string { return fields[f].Example }

var values = map[string]string{
	"purchase": "Adquisición", "lease": "Arrendamiento", "service": "Servicio",
	"equipment": "Equipo", "software": "Software", "cloud": "Nube", "services": "Servicios", "telecom": "Telecomunicaciones",
	core.Yes: "Sí", core.No: "No",
	"data": "Datos generales", "items": "Renglones", "justification": "Justificación", "budget": "Presupuesto", "annexes": "Anexos",
	core.Favorable: "Favorable", core.Unfavorable: "No favorable",
	core.DigestDaily: "Cada día hábil", core.DigestWeekly: "El primer día hábil de la semana", core.DigestNever: "Sin resumen",
	core.CallAnswered: "Contestó", core.CallNoAnswer: "No contestó", core.CallMessage: "Recado", core.CallWrong: "Número equivocado",
	"telegram": "Telegram", "slack": "Slack", "email": "Correo",
}

// Value is the label of a value of a closed set; of a profile, the role's name.
func Value(v string) string {
	if w, ok := values[v]; ok {
		return w
	}
	if w := Role(core.Role(v)); w != "" {
		return w
	}
	return v
}

var duties = map[core.DutyName]string{
	core.DutyRelease: "Liberar", core.DutyLetter: "Registrar el oficio", core.DutyCorrect: "Corregir",
	core.DutyReceive: "Registrar el acuse del oficio", core.DutyRefer: "Turnar", core.DutyAssign: "Asignar",
	core.DutyIssue: "Dictaminar", core.DutyAnswer: "Responder las observaciones", core.DutyCall: "Llamar a quien solicita",
	core.DutyPickup: "Recoger el dictamen", core.DutyValidate: "Validar el programa sectorial",
	core.DutyStandIn: "Responder si acepta la suplencia",
	core.DutyGrant:   "Atender el alta de la cuenta", core.DutyMend: "Entregar de nuevo el programa sectorial",
}

// lacks are what has not been done while a duty is owed, after "Recordatorio: " or alone.
var lacks = map[core.DutyName]string{
	core.DutyRelease: "falta liberar esta solicitud", core.DutyLetter: "falta registrar el oficio", core.DutyCorrect: "falta corregir esta solicitud",
	core.DutyReceive: "falta registrar el acuse", core.DutyRefer: "falta turnar esta solicitud", core.DutyAssign: "falta asignar esta solicitud",
	core.DutyIssue: "falta dictaminar la solicitud", core.DutyAnswer: "falta su respuesta", core.DutyCall: "falta la llamada",
	core.DutyPickup: "falta recoger el dictamen", core.DutyValidate: "falta validar el programa",
	core.DutyStandIn: "falta que responda", core.DutyGrant: "falta atender el alta", core.DutyMend: "falta entregar el programa",
}

// Lacks is what has not been done while d is owed: "falta liberar esta solicitud".
func Lacks(d core.DutyName) string { return lacks[d] }

// Duty is what somebody owes, in words.
func Duty(d core.DutyName) string { return duties[d] }
