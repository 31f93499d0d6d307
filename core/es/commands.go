package es

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
)

// What is said by and about commands, lists and pages.
const (
	ButtonOlder      Phrase = "button_older"
	ButtonNewer      Phrase = "button_newer"
	ButtonAll        Phrase = "button_all"
	ButtonDetail     Phrase = "button_detail"
	ButtonChange     Phrase = "button_change"
	ButtonResumeForm Phrase = "button_resume_form"
	ButtonPrefs      Phrase = "button_prefs"
	ButtonPrivate    Phrase = "button_private"
	ButtonOpenChat   Phrase = "button_open_chat"
	ButtonHour       Phrase = "button_hour"
	ButtonPause      Phrase = "button_pause"
	ManyDone         Phrase = "many_done"
	ButtonUnpause    Phrase = "button_unpause"
	PauseText        Phrase = "pause_text"
	ButtonYesMe      Phrase = "button_yes_me"
	ButtonNotMe      Phrase = "button_not_me"
	ButtonNoChat     Phrase = "button_no_chat"
	ButtonDeliver    Phrase = "button_deliver"
	ButtonHandOver   Phrase = "button_hand_over"

	ListClosed Phrase = "list_closed"
	// ListNoLongerYours is what is left of a list that its holder may no longer have.
	ListNoLongerYours Phrase = "list_no_longer_yours"
	NoDuties          Phrase = "no_duties"
	NoDutiesHint      Phrase = "no_duties_hint"
	NoDutiesReader    Phrase = "no_duties_reader"
	NoMine            Phrase = "no_mine"
	NoMineHint        Phrase = "no_mine_hint"
	NoCasesHint       Phrase = "no_cases_hint"
	NothingFound      Phrase = "nothing_found"
	NothingFoundHint  Phrase = "nothing_found_hint"
	AskSearch         Phrase = "ask_search"
	TooCommon         Phrase = "too_common"
	NoneInStage       Phrase = "none_in_stage"
	NothingInList     Phrase = "nothing_in_list"
	NothingHint       Phrase = "nothing_hint"
	AskNumber         Phrase = "ask_number"

	BoardTitle   Phrase = "board_title"
	StalledTitle Phrase = "stalled_title"
	NoStalled    Phrase = "no_stalled"
	LoadsTitle   Phrase = "loads_title"
	BoardEmpty   Phrase = "board_empty"

	HomeDuties  Phrase = "home_duties"
	HomeAwaited Phrase = "home_awaited"
	HomeYours   Phrase = "home_yours"
	HomeUnknown Phrase = "home_unknown"

	GroupTitle     Phrase = "group_title"
	GroupText      Phrase = "group_text"
	SentInPrivate  Phrase = "sent_in_private"
	Flooded        Phrase = "flooded"
	AccountsTitle  Phrase = "accounts_title"
	AgenciesTitle  Phrase = "agencies_title"
	ProgramsTitle  Phrase = "programs_title"
	ChooseAgency   Phrase = "choose_agency"
	NoChatTitle    Phrase = "no_chat_title"
	NoChatText     Phrase = "no_chat_text"
	PrefsTitle     Phrase = "prefs_title"
	PrefsText      Phrase = "prefs_text"
	PrefsUnknown   Phrase = "prefs_unknown"
	SubstituteHead Phrase = "substitute_head"

	CodeTitle      Phrase = "code_title"
	WrongCodeGiven Phrase = "wrong_code_given"
	TooManyCodes   Phrase = "too_many_codes"
	NotLinked      Phrase = "not_linked"
	ChatTaken      Phrase = "chat_taken"
	GivenElsewhere Phrase = "given_elsewhere"
	Unlinked       Phrase = "unlinked"

	AskPickup   Phrase = "ask_pickup"
	NoPickup    Phrase = "no_pickup"
	PickupTitle Phrase = "pickup_title"
	PickupMany  Phrase = "pickup_many"
	NoOpenForm  Phrase = "no_open_form"
	HelpOthers  Phrase = "help_others"
	HelpAuditor Phrase = "help_auditor"
	NotYours    Phrase = "not_yours"
)

var commandPhrases = map[Phrase]string{
	ButtonOlder: "Siguientes", ButtonNewer: "Anteriores", ButtonAll: "Ver todo", ButtonDetail: "Ver detalle",
	ButtonChange: "Cambiar", ButtonResumeForm: "Seguir con el formulario", ButtonPrefs: "Preferencias",
	ButtonPrivate: "Responderme en privado", ButtonOpenChat: "Ir al chat de SIDEM", ButtonHour: "Hora del resumen",
	ManyDone:    "Resultado de cada solicitud",
	ButtonPause: "Pausar hasta una fecha", ButtonUnpause: "Terminar la pausa",
	PauseText:   "Durante la pausa le llegan las solicitudes que pasen a su turno, el último recordatorio de cada pendiente y los correos de sus trámites. Si va a ausentarse, nombre suplente.",
	ButtonYesMe: "Sí, vincular", ButtonNotMe: "No soy yo", ButtonNoChat: "Sin chat", ButtonDeliver: "Registrar el programa",
	ButtonHandOver: "Registrar la entrega del dictamen",

	ListNoLongerYours: "Esta lista ya no le corresponde",
	ListClosed:        "Esa lista ya no está disponible. Pídala de nuevo; no se cambió nada.",
	NoDuties:          "No tiene pendientes",
	NoDutiesHint:      "Le avisaremos en cuanto tenga uno.",
	NoDutiesReader:    "Su perfil es de consulta: puede verlo todo y no tiene nada que atender. Busque con /buscar o escriba el número de una solicitud.",
	NoMine:            "No tiene solicitudes",
	NoMineHint:        "Para empezar una, elija “Nueva solicitud” o escriba /nueva.",
	NoCasesHint:       "Aquí aparecerán las solicitudes que se le asignen.",
	NothingFound:      "No encontré nada con esas palabras",
	NothingFoundHint:  "Pruebe con menos palabras, con el nombre de la dependencia o de quien solicita, o escriba el número, por ejemplo 147.",
	AskSearch:         "Escriba qué desea buscar, por ejemplo: /buscar computadoras. Puede ser un número, palabras del asunto, una dependencia o una persona.",
	TooCommon:         "Hay demasiadas coincidencias; se muestran las más recientes. Agregue una palabra para precisar.",
	NoneInStage:       "No hay solicitudes en esta etapa",
	NothingInList:     "La lista está vacía",
	NothingHint:       "No hay nada que atender aquí por ahora.",
	AskNumber:         "Escriba el número de la solicitud, por ejemplo: /solicitud 147.",

	BoardTitle:   "Tablero de dictámenes",
	StalledTitle: "Sin avance",
	NoStalled:    "Sin avance: ninguna.",
	LoadsTitle:   "En dictaminación por persona",
	BoardEmpty:   "No hay solicitudes en trámite.",

	HomeDuties:  "Mis pendientes",
	HomeAwaited: "En espera de otras personas",
	HomeYours:   "Su cuenta",
	HomeUnknown: "En la pestaña Mensajes escriba: vincular, su usuario y la contraseña inicial que le dio SIDEM. No es la contraseña de su buzón.",

	GroupTitle:    "Esto se atiende en privado",
	GroupText:     "En un grupo no muestro datos de las solicitudes ni de las personas.",
	SentInPrivate: "Le respondí en privado.",
	Flooded:       "Recibí muchos mensajes seguidos; el último no se registró. Espere un minuto y envíelo de nuevo.",

	AccountsTitle: "Cuentas", AgenciesTitle: "Dependencias", ProgramsTitle: "Programas sectoriales",
	ChooseAgency:   "¿De qué dependencia es la entrega?",
	NoChatTitle:    "Personas sin chat vinculado",
	NoChatText:     "Reciben sus avisos solo por correo.",
	PrefsUnknown:   "No se cambió nada: no entendí lo que escribió después de /preferencias. Use los botones, o escriba por ejemplo “/preferencias semanal”.",
	PrefsTitle:     "Sus preferencias",
	PrefsText:      "Los avisos le llegan por el primer medio; si ese falla, por el siguiente.",
	SubstituteHead: "Su suplente",

	CodeTitle:      "Clave para vincular otro chat",
	WrongCodeGiven: "La clave para vincular no corresponde o ya no está vigente. Pida otra con /vincular en el chat que ya tiene vinculado; no se vinculó nada.",
	TooManyCodes:   "Hubo demasiados intentos desde este chat. Espere una hora y vuelva a intentar; no se vinculó nada.",
	NotLinked:      "De acuerdo. No se vinculó nada; la clave ya no sirve.",
	ChatTaken:      "Su cuenta ya tiene vinculado otro chat de este medio, o este chat ya pertenece a otra cuenta. Desvincúlelo primero con /desvincular; no se vinculó nada.",
	GivenElsewhere: "Su cuenta ya tiene vinculado otro chat de este medio. No se vinculó nada; se avisó en ese chat y al correo de la cuenta, y lo que escribió ya no sirve. Para usar este chat, desvincule primero el otro y pida otra contraseña.",
	Unlinked:       "Este chat ya no está vinculado. Se avisó a la Administración de SIDEM y al correo de la cuenta.",

	AskPickup:   "Escriba el número de la solicitud o el código de entrega, por ejemplo: /entrega 147 o /entrega 483 920.",
	NoPickup:    "No encontré un dictamen por entregar con ese dato. Revise el código de seis dígitos o escriba el número de la solicitud. No se registró la entrega.",
	PickupTitle: "Entrega en ventanilla",
	PickupMany:  "Hay más de un dictamen con ese código. Elija por el número de la solicitud.",
	NoOpenForm:  "No tiene formularios sin terminar.",
	HelpOthers:  "También puede escribir solo el número de una solicitud, por ejemplo 147.",
	HelpAuditor: "Su perfil consulta y no cambia nada. Con /exportar obtiene las solicitudes en Excel; la exportación completa de los registros y la verificación de la bitácora se piden al área de soporte.",
	NotYours:    "Su perfil no tiene esta opción",
}

var stages = map[core.Stage]string{
	core.StageCorrect: "Devuelta, por corregir",
	core.StageRelease: "Por liberar",
	core.StageHeld:    "Oficio recibido; falta la liberación",
	core.StageLetter:  "Liberada; falta el oficio",
	core.StageReceipt: "Oficio registrado; falta el acuse",
	core.StageRefer:   "Oficio recibido, por turnar",
	core.StageAssign:  "Turnada, por asignar",
	core.StageIssue:   "En dictaminación",
	core.StageAnswer:  "Observaciones sin responder",
	core.StageCall:    "Dictamen emitido; falta la llamada",
	core.StagePickup:  "Dictamen por recoger",
}

// Stage is the name of a stage.
func Stage(s core.Stage) string { return stages[s] }

// Age is how long something has waited, in working days.
func Age(days int) string {
	if days <= 0 {
		return "desde hoy"
	}
	return "lleva " + WorkingDays(days)
}

// DutyLine is a record in the list of what somebody owes.
func DutyLine(r core.Record, d core.Duty, age int) string {
	return strings.Join(nonEmpty(Short(r), Duty(d.Name), r.Fields[core.FieldSubject], Age(age)), " · ")
}

// AgedLine is a record in any other list, with the age of its state.
func AgedLine(r core.Record, age int) string {
	parts := nonEmpty(Short(r), r.Fields[core.FieldSubject])
	switch r.Kind {
	case core.KindAccount:
		parts = nonEmpty(r.Fields[core.FieldName], r.Agency, r.Fields[core.FieldUser])
	case core.KindAgency:
		return r.Agency + " · " + r.Fields[core.FieldName]
	case core.KindProgram, core.KindRequest, core.KindArchive:
	}
	if month, ok := r.Archived(); ok {
		return strings.Join(append(parts, State(r.Kind, r.State), "archivada en "+Month(month)), " · ")
	}
	if r.Kind == core.KindRequest && r.Number == "" {
		return strings.Join(append(parts, Age(age)), " · ") // a draft says so where its number would be
	}
	if r.Kind == core.KindRequest && r.Open() || r.Kind == core.KindProgram && r.Open() {
		return strings.Join(append(parts, State(r.Kind, r.State), Age(age)), " · ")
	}
	return strings.Join(append(parts, State(r.Kind, r.State)), " · ")
}

// AgencyLabel is an agency to choose: its key and its name.
func AgencyLabel(r core.Record) string { return r.Agency + " · " + r.Fields[core.FieldName] }

// Named is a record on the button of a list.
func Named(r core.Record) string {
	switch r.Kind {
	case core.KindAccount:
		return clip(r.Fields[core.FieldName], maxLabel)
	case core.KindAgency:
		return clip(AgencyLabel(r), maxLabel)
	case core.KindRequest:
		if r.Number == "" {
			return clip(nonEmptyOr("Borrador", "Borrador · ", r.Fields[core.FieldSubject]), maxLabel)
		}
	case core.KindProgram, core.KindArchive:
	}
	return clip(Short(r), maxLabel)
}

const maxLabel = 38 // characters of a button

func nonEmptyOr(empty, prefix, s string) string {
	if s == "" {
		return empty
	}
	return prefix + s
}

// FindInList tells how one of a list that a word shows is found.
func FindInList(word string) string {
	return "Para encontrar una, escriba “" + strings.TrimPrefix(word, "/") + "” y una parte del nombre."
}

// Pages adds to the title of a list which part of it is shown.
func Pages(title string, from, to int) string {
	if from == to {
		return fmt.Sprintf("%s · %d", title, from)
	}
	return fmt.Sprintf("%s · %d a %d", title, from, to)
}

// FoundTitle stands over what a search found; what was asked is quoted, cut short.
func FoundTitle(text string) string { return "Resultados de “" + clip(text, 40) + "”" }

// StageFact is one stage of the board in words.
func StageFact(count, late, age int) string {
	if count == 0 {
		return "ninguna"
	}
	s := Count(count, "solicitud", "solicitudes")
	switch {
	case count == 1 && age <= 0:
		s += " de hoy"
	case count == 1:
		s += ", que lleva " + WorkingDays(age)
	case age <= 0:
		s += " de hoy"
	default:
		s += "; la más antigua lleva " + WorkingDays(age)
	}
	switch {
	case late == 0:
		return s
	case count == 1:
		return s + "; ya pasó su fecha sugerida"
	case late == count:
		return s + "; de todas ya pasó la fecha sugerida"
	}
	return s + fmt.Sprintf("; de %d ya pasó la fecha sugerida", late)
}

// StalledLine tells of what is stalled in a stage.
func StalledLine(s core.Stage, stalled int, number string, age int) string {
	if stalled == 1 {
		return fmt.Sprintf("%s: la %s lleva %s.", Stage(s), number, WorkingDays(age))
	}
	return fmt.Sprintf("%s: %d solicitudes; la más antigua, %s, lleva %s.", Stage(s), stalled, number, WorkingDays(age))
}

// Sides tells how long each side has had the last requests, on the mean.
func Sides(sample int, office, agency float64) Fact {
	return Fact{
		Label: "Días hábiles por solicitud, últimos " + Count(sample, "dictamen", "dictámenes"),
		Value: fmt.Sprintf("Dirección General %.1f · dependencia %.1f", office, agency),
	}
}

// Load is an executive's work in hand.
func Load(p core.Person) string { return p.Name + ": " + InHand(p) }

// InHand is "4 abiertas", and "4 abiertas (libre hacia el 7 de diciembre)" where it can be said.
func InHand(p core.Person) string {
	s := Count(p.Open, "abierta", "abiertas")
	if !p.Free.IsZero() {
		s += fmt.Sprintf(" (libre hacia el %d de %s)", p.Free.Day, months[p.Free.Month-1])
	}
	return s
}

// Unfinished tells of a form that was begun and not sent.
func Unfinished(title string, n, of int) string {
	return fmt.Sprintf("Formulario sin terminar: %s, pregunta %d de %d", lowerFirst(title), min(n, of), of)
}

// StateCount is a button of a list with its length: "Activas (12)".
func StateCount(label string, n int) string { return fmt.Sprintf("%s (%d)", label, n) }

// AccountList is the name of the list of accounts, or of programmes, in a state.
func AccountList(s core.State) string { return accountLists[s] }

var accountLists = map[core.State]string{
	core.StateRequested: "Por atender", core.StateGranted: "Por vincular", core.StateActive: "Activas",
	core.StateSuspended: "Suspendidas", core.StateDenied: "Negadas", core.StateErased: "Con datos suprimidos",
	core.StateDelivered: "Por validar", core.StateValidated: "Validados", core.StateReturned: "Devueltos",
}

// PickupCodeRight says that a code was compared.
const PickupCodeRight = "Código de entrega correcto"

// CodeText gives the code that links another chat.
func CodeText(code string, life time.Duration) []string {
	return []string{
		"En el otro chat escriba: vincular " + code,
		fmt.Sprintf("Sirve una sola vez y durante %d minutos. No lo comparta: quien lo tenga podrá actuar en su nombre.", int(life.Minutes())),
	}
}

// IsItYou asks for the name before a chat is linked.
func IsItYou(name string) string { return "¿Es usted " + name + "?" }

// IsItYouText says what a yes does.
func IsItYouText(platform string) string {
	return "Si responde que sí, este chat de " + Platform(platform) + " quedará vinculado a esa cuenta y se dará aviso a su correo."
}

// DigestButton is the button that has the digest come so often.
func DigestButton(often string) string {
	switch often {
	case core.DigestWeekly:
		return "Resumen semanal"
	case core.DigestNever:
		return "Sin resumen"
	}
	return "Resumen de cada día"
}

// PausedUntil is the fact of a pause: until when.
func PausedUntil(day core.Day) string { return "hasta el " + Day(day) }

// FirstBy is the button that puts a channel first.
func FirstBy(channel string) string { return "Primero por " + Platform(channel) }

// Channels are channels in their order of preference.
func Channels(chain []string) string {
	var out []string
	for i, c := range chain {
		out = append(out, fmt.Sprintf("%d. %s", i+1, Value(c)))
	}
	return strings.Join(out, " · ")
}

// UnlinkOn is the button by which an administrator unlinks somebody's chat.
func UnlinkOn(platform string) string { return "Desvincular " + Platform(platform) }

// SubstituteText tells who stands in, and when.
func SubstituteText(name, from, to string) string {
	return name + ", " + Period(from, to)
}

// StandsIn tells a substitute for whom they act on a day, until when, and what they can do;
// false for who stands in for nobody.
func StandsIn(principals []core.Principal, today core.Day) (Story, bool) {
	story := Story{Title: "Usted suple"}
	for _, p := range principals {
		if p.To < today.String() {
			continue
		}
		var roles []string
		for _, r := range p.Roles {
			roles = append(roles, Role(r))
		}
		story.Facts = append(story.Facts, Fact{Label: p.Name, Value: List(roles) + ", " + Period(p.From, p.To)})
		story.Text = append(story.Text, "Esos días puede, en nombre de "+p.Name+": "+List(lent(p.Roles))+". Queda constancia de los dos nombres.")
	}
	if len(story.Facts) > 0 {
		story.Text = append(story.Text, "Nadie libera lo que registró o corrigió, tampoco como suplente.")
	}
	return story, len(story.Facts) > 0
}

// lent are the acts of roles that who stands in for them can do, in words.
func lent(roles []core.Role) (acts []string) {
	for _, kind := range []core.Kind{core.KindRequest, core.KindProgram, core.KindAccount} {
		for _, row := range core.LifecycleOf(kind).Rows {
			may := slices.ContainsFunc(row.By, func(r core.Role) bool { return slices.Contains(roles, r) })
			if what := Infinitive(row.Verb); may && !row.Quiet && !row.Auto && !slices.Contains(acts, what) {
				acts = append(acts, what)
			}
		}
	}
	return acts
}

// LinkedOn are the chats of an account in words.
func LinkedOn(links []core.Link) string {
	var out []string
	for _, l := range links {
		out = append(out, Platform(l.Platform))
	}
	return List(out)
}

// NotYourWord says who may use a word.
func NotYourWord(roles []core.Role) string {
	var out []string
	for _, r := range roles {
		out = append(out, RoleOf(r))
	}
	return "Esta opción es para " + Either(out) + ". Escriba /ayuda para ver las suyas."
}
