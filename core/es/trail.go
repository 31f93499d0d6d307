package es

import (
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// deeds says of each verb what was done, as one person tells it to another: whole
// sentences, in which only names and values have a place. The first sentence counts for
// which every value is known.
var deeds = map[core.Verb][]string{
	core.VerbDraft:         {"{quien} empezó el borrador"},
	core.VerbAmend:         {"{quien} corrigió el borrador"},
	core.VerbDiscard:       {"{quien} descartó el borrador"},
	core.VerbPurge:         {"El borrador se descartó: no tuvo cambios en 30 días"},
	core.VerbFile:          {"{quien} presentó la solicitud"},
	core.VerbReturn:        {"{quien} devolvió {objeto}: {motivo}", "{quien} devolvió {objeto}"},
	core.VerbCorrect:       {"{quien} corrigió la solicitud: {nota}", "{quien} corrigió la solicitud"},
	core.VerbRelease:       {"{quien} liberó la solicitud"},
	core.VerbSendLetter:    {"{quien} registró el oficio {oficio}", "{quien} registró el oficio"},
	core.VerbReceiveLetter: {"{quien} registró el acuse del oficio, folio {folio}", "{quien} registró el acuse del oficio"},
	core.VerbJoin:          {"La solicitud quedó lista para turnarse"},
	core.VerbNotArrived:    {"{quien} indicó que el oficio no ha llegado"},
	core.VerbRefer:         {"{quien} turnó la solicitud a {jefatura}", "{quien} turnó la solicitud a la Jefatura"},
	core.VerbAssign:        {"{quien} asignó la solicitud a {ejecutiva}", "{quien} asignó la solicitud"},
	core.VerbReassign:      {"{quien} reasignó la solicitud a {ejecutiva}", "{quien} reasignó la solicitud"},
	core.VerbAccept:        {"{quien} aceptó la solicitud"},
	core.VerbDecline:       {"{quien} indicó que la solicitud no le corresponde: {motivo}", "{quien} indicó que la solicitud no le corresponde"},
	core.VerbObserve:       {"{quien} hizo la observación {observacion}: {falta}", "{quien} hizo una observación: {falta}", "{quien} hizo una observación"},
	core.VerbAnswer:        {"{quien} dio respuesta a la observación {observacion}", "{quien} dio respuesta a las observaciones"},
	core.VerbResume:        {"Siguió la dictaminación"},
	core.VerbResolve:       {"{quien} dio por solventada la observación {observacion}", "{quien} dio por solventada una observación"},
	core.VerbAskAgain:      {"{quien} pidió aclarar la observación {observacion}: {falta}", "{quien} pidió aclarar una observación"},
	core.VerbAskCall:       {"{quien} pidió una llamada"},
	core.VerbUndoRefer:     {"{quien} deshizo el turno a {jefatura}", "{quien} deshizo el turno"},
	core.VerbUndoAssign:    {"{quien} deshizo la asignación a {ejecutiva}", "{quien} deshizo la asignación"},
	core.VerbUndoAccept:    {"{quien} deshizo la aceptación"},
	core.VerbUndoCall:      {"{quien} deshizo el registro de la llamada"},
	core.VerbUndoResolve:   {"{quien} deshizo el registro de la observación {observacion} como solventada", "{quien} deshizo el registro de una observación solventada"},
	core.VerbIssue:         {"{quien} emitió el dictamen {dictamen}, {sentido}", "{quien} emitió el dictamen"},
	core.VerbMailed:        {"Se envió el aviso por correo a {solicitante}", "Se envió el aviso por correo"},
	core.VerbLogCall:       {"{quien} llamó a {solicitante}: {llamada}", "{quien} llamó: {llamada}", "{quien} llamó"},
	core.VerbRecall:        {"Se pidió llamar de nuevo: nadie ha recogido el dictamen"},
	core.VerbPassOn:        {"Quien solicitó ya no tiene ese perfil: el turno pasó a las demás personas que solicitan"},
	core.VerbLeaveCase:     {"Quien dictaminaba ya no tiene ese perfil: la solicitud quedó por asignar"},
	core.VerbLeaveHead:     {"La persona a quien se turnó ya no tiene ese perfil: la solicitud quedó por turnar"},
	core.VerbHandOver:      {"{quien} entregó el dictamen a {recibe}", "{quien} entregó el dictamen"},
	core.VerbCancel:        {"{quien} canceló la solicitud: {motivo}", "{quien} canceló la solicitud"},
	core.VerbComment:       {"{quien} comentó"},
	core.VerbAttach:        {"{quien} anexó {archivos}", "{quien} anexó archivos"},
	core.VerbNudge:         {"{quien} pidió avisar de nuevo"},
	core.VerbRemind:        {"Se recordó lo pendiente"},
	core.VerbSnooze:        {"{quien} aplazó el recordatorio"},
	core.VerbPrefer:        {"{quien} cambió sus preferencias"},

	core.VerbDeliver:   {"{quien} registró el programa sectorial"},
	core.VerbRedeliver: {"{quien} registró de nuevo el programa sectorial"},
	core.VerbValidate:  {"{quien} validó el programa sectorial"},

	core.VerbApply:      {"{quien} solicitó la cuenta"},
	core.VerbGrant:      {"{quien} dio de alta la cuenta"},
	core.VerbDeny:       {"{quien} negó el alta: {motivo}", "{quien} negó el alta"},
	core.VerbLink:       {"La persona titular vinculó su chat de {medio}", "La persona titular vinculó un chat"},
	core.VerbUnlink:     {"{quien} desvinculó el chat de {medio}", "{quien} desvinculó un chat"},
	core.VerbRenew:      {"{quien} renovó la contraseña inicial"},
	core.VerbRectify:    {"{quien} corrigió los datos de la cuenta"},
	core.VerbSuspend:    {"{quien} suspendió la cuenta: {motivo}", "{quien} suspendió la cuenta"},
	core.VerbReinstate:  {"{quien} reactivó la cuenta"},
	core.VerbErase:      {"Se suprimieron los datos personales de la cuenta"},
	core.VerbRedact:     {"Se suprimieron datos personales"},
	core.VerbSubstitute: {"{quien} nombró suplente a {suplente}", "{quien} nombró suplente"},
	core.VerbStandIn:    {"{quien} aceptó suplir a {titular}", "{quien} aceptó la suplencia"},
	core.VerbExcuse:     {"{quien} declinó suplir a {titular}", "{quien} declinó la suplencia"},
	core.VerbComeBack:   {"{quien} terminó la suplencia"},
	core.VerbLapse:      {"La suplencia terminó: una de las dos cuentas cambió"},
	core.VerbElsewhere:  {"Se dio su contraseña o su clave para vincular en otro chat"},
	core.VerbRelieve:    {"Terminó de suplir a {titular}: una de las dos cuentas cambió", "Terminó de suplir: una de las dos cuentas cambió"},

	core.VerbRegister: {"{quien} registró la dependencia"},
	core.VerbRename:   {"{quien} cambió el nombre de la dependencia"},
}

// imported are the sentences of what was done by an import, which is no person.
var imported = map[core.Verb]string{
	core.VerbRegister: "Dependencia registrada por carga inicial",
	core.VerbApply:    "Solicitud de cuenta por carga inicial",
	core.VerbGrant:    "Alta por carga inicial",
	core.VerbDeliver:  "Programa sectorial registrado por carga inicial",
	core.VerbValidate: "Programa sectorial validado por carga inicial",
}

// unsaid are the steps that SIDEM takes by itself upon an act that the line before tells.
var unsaid = []core.Verb{core.VerbJoin, core.VerbResume}

// maxWhy is how much of a reason a line of the trail quotes, in characters.
const maxWhy = 120

// Deed is what an event did, in a sentence without its full stop: "Raúl Ortega Díaz devolvió
// la solicitud: El monto no coincide". name tells the name of an account, "" where it is not known.
func Deed(e core.Event, r core.Record, name func(account string) string) string {
	if s := imported[e.Verb]; s != "" && e.Where == core.WhereImport {
		return s
	}
	values := deedValues(e, r, name)
	for _, sentence := range deeds[e.Verb] {
		if s, ok := fill(sentence, values); ok {
			return s
		}
	}
	return ""
}

// fill puts values into the places of a sentence; false where one of them is not known.
func fill(sentence string, values map[string]string) (string, bool) {
	for {
		before, rest, found := strings.Cut(sentence, "{")
		if !found {
			return sentence, true
		}
		place, after, _ := strings.Cut(rest, "}")
		if values[place] == "" {
			return "", false
		}
		sentence = before + strings.ReplaceAll(values[place], "{", "(") + after
	}
}

func deedValues(e core.Event, r core.Record, name func(string) string) map[string]string {
	who := value.Line(e.ByName)
	if e.ForName != "" && e.Kind != core.KindAccount {
		who += ", en suplencia de " + value.Line(e.ForName) + ","
	}
	object := "la solicitud"
	if e.Kind == core.KindProgram {
		object = "el programa sectorial"
	}
	v := map[string]string{
		"quien": who, "objeto": object, "titular": value.Line(e.ForName),
		"jefatura": name(e.Fields[core.FieldHead]), "ejecutiva": name(e.Fields[core.FieldExecutive]), "suplente": name(e.Fields[core.FieldSubstitute]),
		"solicitante": name(r.Asker()), "medio": Platform(e.Fields[core.FieldPlatform]), "sentido": outcome(e.Fields[core.FieldOutcome]),
		"oficio": e.Fields[core.FieldLetterNumber], "folio": e.Fields[core.FieldFolio], "observacion": observationOf(e, r),
		"dictamen": e.Fields[core.FieldOpinionNumber], "recibe": value.Line(e.Fields[core.FieldReceivedBy]), "llamada": callResult(e.Fields[core.FieldCallResult], e.Fields[core.FieldNote]),
	}
	for place, f := range map[string]core.Field{"motivo": core.FieldReason, "nota": core.FieldNote, "falta": core.FieldMissing} {
		v[place] = why(e.Fields[f])
	}
	if n := len(e.Files); n > 0 {
		v["archivos"] = Count(n, "archivo", "archivos")
	}
	return v
}

// observationOf is the number of the observation that an event is about; "" where it is not known.
func observationOf(e core.Event, r core.Record) string {
	if n := e.Fields[core.FieldObservation]; n != "" || e.Verb != core.VerbObserve {
		return n
	}
	for _, o := range r.Observations {
		if o.By.At.Equal(e.At) && o.Missing == e.Fields[core.FieldMissing] {
			return strconv.Itoa(o.N)
		}
	}
	return ""
}

// why is a reason as a line quotes it: in one line, cut between words, without its full stop.
func why(s string) string { return strings.TrimRight(clipWords(value.Line(s), maxWhy), ". ") }

func outcome(v string) string {
	if v == "" {
		return ""
	}
	return lowerFirst(Value(v))
}

// callResult is what came of a call, after "llamó a Lucía Herrera Campos: ".
func callResult(result, note string) string {
	switch result {
	case core.CallAnswered:
		return "contestó"
	case core.CallNoAnswer:
		return "no contestó"
	case core.CallMessage:
		if note = why(note); note != "" {
			return "dejó recado " + lowerFirst(note)
		}
		return "dejó recado"
	case core.CallWrong:
		return "el número es equivocado"
	}
	return ""
}

func callInFact(c core.Call) string { return callResult(c.Result, c.Note) }

// nameIn is the name of an account, as far as a scene knows it.
func nameIn(s core.Scene, account string) string {
	if account == "" {
		return ""
	}
	people := append([]core.Person{s.Requester, s.Executive, s.Substitute}, s.Turn...)
	people = slices.Concat(people, s.Heirs, s.Named)
	for _, p := range people {
		if p.Account == account && p.Name != "" {
			return value.Line(p.Name)
		}
	}
	for _, e := range slices.Backward(s.Trail) {
		if e.By == account && e.ByName != "" {
			return value.Line(e.ByName)
		}
	}
	if s.Viewer.ID == account {
		return value.Line(s.Viewer.Fields[core.FieldName])
	}
	return ""
}

// trail is the last n acts of the bitácora, oldest first, each with its hour under a date;
// refused presses are for auditors and do not stand on cards.
func trail(s core.Scene, n int) []string {
	all := trailEntries(s)
	return underDates(all[max(0, len(all)-n):])
}

// trailEntry is one act of the trail, in words.
type trailEntry struct{ Day, Hour, Deed string }

func trailEntries(s core.Scene) (out []trailEntry) {
	for _, e := range s.Trail {
		if e.Refusal != nil || core.Silent([]core.Event{e}) || slices.Contains(unsaid, e.Verb) {
			continue
		}
		if deed := Deed(e, s.Record, func(account string) string { return nameIn(s, account) }); deed != "" {
			at := s.Office.Local(e.At)
			out = append(out, trailEntry{Day(core.DateOf(at)), Hour(at), deed})
		}
	}
	return out
}

// underDates writes a date once, over the acts of that day.
func underDates(entries []trailEntry) (lines []string) {
	day := ""
	for _, e := range entries {
		if e.Day != day {
			day = e.Day
			lines = append(lines, day)
		}
		lines = append(lines, e.Hour+" · "+e.Deed)
	}
	return lines
}

// daysOf is underDates, with a paragraph for each date.
func daysOf(entries []trailEntry) (days []string) {
	day := ""
	for _, e := range entries {
		if e.Day != day {
			day = e.Day
			days = append(days, day)
		}
		days[len(days)-1] += "\n" + e.Hour + " · " + e.Deed
	}
	return days
}

// clipWords cuts s to n characters, between words.
func clipWords(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.") + "…"
}
