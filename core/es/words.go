package es

import "sidem/core"

// Labels are the words of one value: what a table row, a button or a form says.
type verbWords struct {
	Button string // on the button: "Liberar"
	Past   string // what was done: "Liberó"
	Done   string // of the request, feminine: "Ya la liberó"
	Noun   string // "su liberación"
	Ask    string // the question before an act that cannot be undone
	Yes    string // the answer that does it
	Saved  string // what is answered when it was done
}

var verbs = map[core.Verb]verbWords{
	core.VerbDraft:         {"Nueva solicitud", "Empezó el borrador", "la empezó", "su borrador", "", "", "Quedó guardado el borrador. Revíselo y preséntelo."},
	core.VerbAmend:         {"Corregir", "Corrigió el borrador", "la corrigió", "su cambio", "", "", "Quedó guardado el cambio."},
	core.VerbDiscard:       {"Descartar", "Descartó el borrador", "la descartó", "su decisión de descartarla", "¿Descarta el borrador? No podrá recuperarlo.", "Sí, descartar", "El borrador se descartó."},
	core.VerbFile:          {"Presentar", "Presentó", "la presentó", "su presentación", "", "", "Su solicitud quedó registrada."},
	core.VerbReturn:        {"Devolver", "Devolvió", "la devolvió", "su devolución", "", "", "Se devolvió para corrección. Se dio aviso a quien debe corregir."},
	core.VerbCorrect:       {"Corregir", "Corrigió", "la corrigió", "su corrección", "", "", "Quedó registrada su corrección."},
	core.VerbRelease:       {"Liberar", "Liberó", "la liberó", "su liberación", "¿Confirma la liberación?", "Sí, liberar", "Quedó registrada su liberación."},
	core.VerbSendLetter:    {"Registrar oficio", "Registró el oficio", "registró el oficio", "el registro del oficio", "", "", "Quedó registrado el oficio."},
	core.VerbReceiveLetter: {"Registrar acuse", "Registró el acuse", "registró el acuse", "el registro del acuse", "", "", "Quedó registrado el acuse."},
	core.VerbJoin:          {"Reunir", "Se reunieron la liberación y el oficio", "la dio por recibida", "la recepción", "", "", ""},
	core.VerbRefer:         {"Turnar", "Turnó", "la turnó", "su turno", "", "", "La solicitud quedó turnada."},
	core.VerbAssign:        {"Asignar", "Asignó", "la asignó", "su asignación", "", "", "La solicitud quedó asignada."},
	core.VerbReassign:      {"Reasignar", "Reasignó", "la reasignó", "su reasignación", "", "", "La solicitud quedó reasignada."},
	core.VerbAccept:        {"Aceptar", "Aceptó", "la aceptó", "su aceptación", "", "", "Quedó registrada su aceptación."},
	core.VerbDecline:       {"No me corresponde", "Indicó que no le corresponde", "indicó que no le corresponde", "su respuesta", "", "", "La solicitud volvió a la Jefatura."},
	core.VerbObserve:       {"Observar", "Observó", "la observó", "su observación", "", "", "Quedó registrada la observación."},
	core.VerbAnswer:        {"Responder", "Respondió", "respondió la observación", "su respuesta", "", "", "Quedó registrada su respuesta."},
	core.VerbResume:        {"Reanudar", "Se reanudó la dictaminación", "la reanudó", "la reanudación", "", "", ""},
	core.VerbResolve:       {"Queda solventada", "Dio por solventada una observación", "solventó la observación", "esa observación como solventada", "", "", "La observación quedó solventada."},
	core.VerbIssue:         {"Dictaminar", "Dictaminó", "la dictaminó", "su dictamen", "", "", "Quedó registrado el dictamen."},
	core.VerbMailed:        {"Correo enviado", "El servidor de correo aceptó el aviso", "lo envió", "el aviso por correo", "", "", ""},
	core.VerbLogCall:       {"Registrar llamada", "Registró una llamada", "registró la llamada", "la llamada", "", "", "Quedó registrada la llamada."},
	core.VerbHandOver:      {"Registrar entrega", "Entregó", "la entregó", "la entrega", "", "", "Quedó registrada la entrega. Concluyó el trámite."},
	core.VerbCancel:        {"Cancelar", "Canceló", "la canceló", "su cancelación", "", "", "La solicitud quedó cancelada. No necesita hacer nada más."},
	core.VerbComment:       {"Comentar", "Comentó", "la comentó", "su comentario", "", "", "Quedó registrado su comentario."},
	core.VerbAttach:        {"Anexar", "Anexó archivos", "anexó archivos", "sus archivos", "", "", "Quedaron registrados sus archivos."},
	core.VerbNudge:         {"Avisar de nuevo", "Pidió avisar de nuevo", "pidió avisar de nuevo", "su petición de aviso", "", "", "Se avisó de nuevo a quien le toca. Quedó en la bitácora."},
	core.VerbNotArrived:    {"No ha llegado", "Indicó que el oficio no ha llegado", "indicó que el oficio no ha llegado", "esa indicación", "", "", "Se avisó a la Secretaría Técnica que el oficio no ha llegado."},
	core.VerbAskCall:       {"Pedir una llamada", "Pidió una llamada", "pidió una llamada", "su petición de llamada", "", "", "Quedó registrada su petición. Le llamará la persona ejecutiva de TI."},
	core.VerbAskAgain:      {"Pedir aclaración", "Pidió aclaración", "pidió aclaración", "su petición de aclaración", "", "", "Quedó registrada la petición de aclaración."},

	core.VerbPurge:     {"Descartar por inactividad", "Se descartó el borrador, sin cambios en 30 días", "la descartó", "el descarte", "", "", "El borrador se descartó."},
	core.VerbRemind:    {"Recordar", "Se recordó lo pendiente", "la recordó", "el recordatorio", "", "", "Se recordó lo pendiente."},
	core.VerbRecall:    {"Volver a llamar", "Se pidió llamar de nuevo: nadie ha recogido el dictamen", "pidió llamar de nuevo", "la petición de llamar", "", "", "Se pidió llamar de nuevo."},
	core.VerbPassOn:    {"Pasar el turno", "Quien solicitó ya no tiene ese perfil: le toca a las demás personas que solicitan", "pasó el turno", "el paso del turno", "", "", "Le toca ahora a las demás personas que solicitan en la dependencia."},
	core.VerbLeaveCase: {"Volver a asignar", "Quien la dictaminaba ya no tiene ese perfil", "quedó por asignar", "la vuelta a la Jefatura", "", "", "La solicitud quedó por asignar."},
	core.VerbLeaveHead: {"Volver a turnar", "La persona a quien se turnó ya no tiene ese perfil", "quedó por turnar", "la vuelta a la Oficialía", "", "", "La solicitud quedó por turnar."},
	core.VerbSnooze:    {"Recordar después", "Aplazó el recordatorio", "aplazó el recordatorio", "el aplazamiento", "", "", "Se le recordará en la fecha que eligió."},
	core.VerbPrefer:    {"Preferencias", "Cambió sus preferencias", "cambió sus preferencias", "el cambio de sus preferencias", "", "", "Quedaron guardadas sus preferencias."},

	core.VerbDeliver:   {"Registrar entrega", "Entregó el programa sectorial", "registró la entrega", "la entrega", "", "", "Quedó registrada la entrega del programa sectorial."},
	core.VerbRedeliver: {"Entregar de nuevo", "Entregó de nuevo el programa sectorial", "lo entregó de nuevo", "la entrega", "", "", "Quedó registrada la entrega del programa sectorial."},
	core.VerbValidate:  {"Validar", "Validó", "lo validó", "su validación", "", "", "El programa sectorial quedó validado."},

	core.VerbApply:      {"Nueva cuenta", "Registró la petición de cuenta", "registró la petición", "la petición de cuenta", "", "", "Quedó registrada la petición de cuenta."},
	core.VerbGrant:      {"Dar de alta", "Dio de alta", "la dio de alta", "su alta", "", "", "La cuenta quedó dada de alta. El correo de activación va en camino."},
	core.VerbDeny:       {"Negar", "Negó la cuenta", "la negó", "su respuesta", "", "", "La petición de cuenta quedó negada."},
	core.VerbLink:       {"Vincular", "Vinculó un chat", "vinculó el chat", "la vinculación", "", "", ""},
	core.VerbUnlink:     {"No soy yo", "Desvinculó un chat", "desvinculó el chat", "la desvinculación", "¿Desvincula este chat de la cuenta?", "Sí, desvincular", "El chat quedó desvinculado. Se dio aviso por correo a la persona titular."},
	core.VerbRenew:      {"Renovar contraseña", "Renovó la contraseña inicial", "renovó la contraseña", "la renovación", "", "", "La contraseña inicial se renovó. El correo va en camino."},
	core.VerbRectify:    {"Corregir datos", "Corrigió los datos de la cuenta", "corrigió los datos", "la corrección de los datos", "", "", "Quedaron corregidos los datos. Se dio aviso por correo, también a la dirección anterior. Si aún no vincula su chat, renueve su contraseña."},
	core.VerbSuspend:    {"Suspender", "Suspendió la cuenta", "la suspendió", "su suspensión", "", "", "La cuenta quedó suspendida."},
	core.VerbErase:      {"Suprimir datos", "Se suprimieron los datos personales de la cuenta", "suprimió sus datos", "la supresión de sus datos", "", "", "Se suprimieron los datos personales de la cuenta."},
	core.VerbRedact:     {"Testar datos", "Se suprimieron datos personales", "suprimió datos personales", "la supresión de datos personales", "", "", "Se suprimieron datos personales."},
	core.VerbReinstate:  {"Reactivar", "Reactivó la cuenta", "la reactivó", "su reactivación", "", "", "La cuenta quedó activa de nuevo."},
	core.VerbSubstitute: {"Estaré ausente", "Nombró suplente", "nombró suplente", "su suplencia", "", "", "Quedó registrada la suplencia; falta que la persona suplente la acepte."},
	core.VerbStandIn:    {"Aceptar suplencia", "Aceptó la suplencia", "aceptó la suplencia", "su aceptación", "", "", "Quedó aceptada la suplencia."},
	core.VerbExcuse:     {"No puedo suplir", "Declinó la suplencia", "declinó la suplencia", "su respuesta", "", "", "Quedó registrado que no puede suplir. Se dio aviso."},
	core.VerbComeBack:   {"Terminar suplencia", "Terminó la suplencia", "terminó la suplencia", "la terminación de la suplencia", "¿Termina la suplencia desde ahora?", "Sí, terminar", "La suplencia terminó."},
	core.VerbLapse:      {"Terminar suplencia", "Terminó la suplencia: una de las dos cuentas cambió", "terminó la suplencia", "la terminación de la suplencia", "", "", "La suplencia terminó."},
	core.VerbRelieve:    {"Dejar de suplir", "Dejó de suplir", "dejó de suplir", "el fin de la suplencia", "", "", "La suplencia terminó."},

	core.VerbRegister: {"Nueva dependencia", "Registró la dependencia", "la registró", "el registro", "", "", "La dependencia quedó registrada."},
	core.VerbRename:   {"Cambiar nombre", "Cambió el nombre de la dependencia", "le cambió el nombre", "el cambio", "", "", "El nombre quedó cambiado."},
}

// Button is what the button of verb v says.
func Button(v core.Verb) string { return verbs[v].Button }

// infinitives are the acts whose buttons do not read on after "no se puede": what
// a button says is what its person says.
var infinitives = map[core.Verb]string{
	core.VerbDraft: "empezar una solicitud", core.VerbDecline: "indicar que no corresponde", core.VerbResolve: "dar por solventada la observación",
	core.VerbNotArrived: "indicar que el oficio no ha llegado", core.VerbApply: "registrar una cuenta", core.VerbUnlink: "desvincular el chat",
	core.VerbSubstitute: "nombrar suplente", core.VerbExcuse: "declinar la suplencia", core.VerbRegister: "registrar una dependencia",
	core.VerbPrefer: "cambiar las preferencias", core.VerbMailed: "registrar el correo", core.VerbHandOver: "registrar la entrega",
}

// Infinitive is v after "no se puede": "liberar", "nombrar suplente".
func Infinitive(v core.Verb) string {
	if w, ok := infinitives[v]; ok {
		return w
	}
	return lowerFirst(Button(v))
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

// Saved is answered when v was done.
func Saved(v core.Verb) string { return verbs[v].Saved }

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
		core.StateCollected: "Entregado",
		core.StateCancelled: "Cancelada",
	},
	core.KindProgram: {
		core.StateDelivered: "Programa sectorial por validar",
		core.StateValidated: "Programa sectorial validado",
		core.StateReturned:  "Programa sectorial devuelto",
	},
	core.KindAccount: {
		core.StateRequested: "Alta de usuario por atender",
		core.StateGranted:   "Cuenta dada de alta, por vincular",
		core.StateActive:    "Cuenta activa",
		core.StateSuspended: "Cuenta suspendida",
		core.StateDenied:    "Cuenta negada",
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
	core.RoleExecutive: {"Ejecutivo(a) de TI", "la persona ejecutiva de TI asignada"},
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
	core.FieldChannels:       {"Canales", "¿Por dónde recibirá los avisos?", "Telegram, correo"},
	core.FieldPlatform:       {"Plataforma", "¿En qué plataforma?", "Telegram"},
	core.FieldChat:           {"Chat", "¿Qué chat es?", "12345"},
	core.FieldSubstitute:     {"Suplente", "¿Quién le suple?", "Elena Cruz"},
	core.FieldFromDate:       {"Desde", "¿Desde qué día?", "23/11/2026"},
	core.FieldToDate:         {"Hasta", "¿Hasta qué día?", "27/11/2026"},

	core.FieldUnit:          {"Unidad", "¿Cuál es la unidad que solicita?", "Unidad de Informática"},
	core.FieldSubject:       {"Asunto", "¿Cuál es el asunto, en una línea?", "Adquisición de 20 computadoras de escritorio"},
	core.FieldProcurement:   {"Tipo de contratación", "¿Qué tipo de contratación es?", "Adquisición"},
	core.FieldCategory:      {"Categoría", "¿A qué categoría pertenece? Puede ser más de una.", "Equipo"},
	core.FieldItems:         {"Renglones", "¿Qué bienes o servicios solicita? Escriba un renglón por línea: descripción; cantidad; unidad; precio unitario sin IVA; características. Si son muchos, envíe la plantilla de Excel.", "Computadora de escritorio; 20; pieza; 18,500.00"},
	core.FieldJustification: {"Justificación", "¿Cuál es la justificación?", "El equipo actual tiene más de ocho años y ya no recibe actualizaciones"},
	core.FieldBudgetLine:    {"Partida presupuestal", "¿Cuál es la partida presupuestal? Son cuatro dígitos.", "5151"},
	core.FieldFunding:       {"Fuente de financiamiento", "¿Cuál es la fuente de financiamiento?", "Recursos estatales"},
	core.FieldAmount:        {"Monto estimado con IVA", "¿Cuál es el monto total estimado, con IVA, en pesos?", "429,200.00"},
	core.FieldMultiYear:     {"Plurianual", "¿Es plurianual?", "No"},
	core.FieldProject:       {"Proyecto del Programa Sectorial", "¿A qué proyecto del Programa Sectorial corresponde?", "P-03 Renovación de equipo"},
	core.FieldFiles:         {"Archivo", "Envíe el archivo, en PDF o una foto legible.", "documento.pdf"},

	core.FieldLetterNumber: {"Número de oficio", "¿Cuál es el número de oficio, como aparece en el documento?", "IE/ST/0412/2026"},
	core.FieldLetterDate:   {"Fecha del oficio", "¿Qué fecha tiene el oficio?", "22/01/2026"},
	core.FieldFolio:        {"Folio de acuse", "¿Cuál es el folio del acuse?", "OP-2231"},
	core.FieldReceivedDate: {"Fecha de recepción", "¿Qué día se recibió?", "23/01/2026"},
	core.FieldReceivedTime: {"Hora de recepción", "¿A qué hora se recibió?", "10:05"},

	core.FieldHead:      {"Jefatura", "¿A qué jefatura se turna?", "Héctor Molina"},
	core.FieldExecutive: {"Persona ejecutiva de TI", "¿A quién se asigna?", "Mariana Ríos"},

	core.FieldDigestHour: {"Hora del resumen diario", "¿A qué hora desea recibir su resumen del día?", "08:45"},
	core.FieldLeft:       {"Cuenta que cambió", "¿Qué cuenta cambió?", "x"},
	core.FieldReminded:   {"Recordado", "¿Qué se recuerda?", "release/2/1/0"},
	core.FieldUntil:      {"No recordar antes de", "¿Qué día se le recuerda?", "24/11/2026"},

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
	core.DutyGrant:   "Atender el alta de usuario", core.DutyMend: "Entregar de nuevo el programa sectorial",
}

// Duty is what somebody owes, in words.
func Duty(d core.DutyName) string { return duties[d] }
