package es

import (
	"cmp"
	"strconv"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Saved is answered when v was done: what was done, and what is next.
func Saved(v core.Verb) string { return verbs[v].Saved }

// SavedIn is Saved, of so many acts of one verb that were committed together upon record r,
// which is as they left it: to whom it went, which number it has, what is next. name tells
// the name of an account, "" where it is not known.
func SavedIn(v core.Verb, acts int, r core.Record, name func(account string) string) string {
	switch v { //nolint:exhaustive // the others say the same of every record
	case core.VerbFile:
		if r.Number != "" {
			return Saved(v) + " Su número es " + r.Number + ". Le avisaremos de cada cambio."
		}
	case core.VerbRelease:
		return Saved(v) + afterRelease(r)
	case core.VerbReceiveLetter:
		if r.State == core.StateFiled {
			return Saved(v) + " Falta que la Secretaría Técnica libere la solicitud."
		}
		return Saved(v) + " Falta turnar la solicitud."
	case core.VerbRefer:
		if who := name(r.Fields[core.FieldHead]); who != "" {
			return "La solicitud quedó turnada a " + value.Line(who) + ". Usted no necesita hacer nada más; " + mayUndo
		}
	case core.VerbAssign:
		if who := name(r.Fields[core.FieldExecutive]); who != "" {
			return "La solicitud quedó asignada a " + value.Line(who) + ". Usted no necesita hacer nada más; " + mayUndo
		}
	case core.VerbReassign:
		if who := name(r.Fields[core.FieldExecutive]); who != "" {
			return "La solicitud quedó asignada a " + value.Line(who) + ". Usted no necesita hacer nada más."
		}
	case core.VerbObserve:
		if acts > 1 {
			return "Quedaron registradas " + Count(acts, "observación", "observaciones") + ". Se avisó a quien debe responderlas."
		}
	case core.VerbResolve:
		return Saved(v) + " " + unsettled(r)
	case core.VerbAskCall:
		who, phone := name(r.Fields[core.FieldExecutive]), value.WithExtension(r.Fields[core.FieldPhone], r.Fields[core.FieldExtension])
		if who != "" && phone != "" {
			return "Quedó registrada su petición. " + value.Line(who) + " le llamará al " + phone + "."
		}
	case core.VerbLogCall:
		return Saved(v) + afterCall(r)
	}
	return Saved(v)
}

// mayUndo ends the answer to an act that leaves nothing to do and may be taken back.
const mayUndo = "puede deshacerlo durante 60 segundos."

// afterRelease is what comes after a release.
func afterRelease(r core.Record) string {
	switch {
	case r.State == core.StateReceived:
		return " El oficio ya se recibió: falta que se turne."
	case r.Did(core.VerbSendLetter):
		return " Falta que la Oficialía registre el acuse del oficio."
	}
	return " Falta registrar el oficio."
}

// unsettled is what an observation that was settled leaves to do.
func unsettled(r core.Record) string {
	n := 0
	for _, o := range r.Observations {
		if o.Resolved.IsZero() {
			n++
		}
	}
	if n == 0 {
		return "Falta dictaminar la solicitud."
	}
	if n == 1 {
		return "Falta por solventar 1 observación."
	}
	return "Faltan por solventar " + Count(n, "observación", "observaciones") + "."
}

// afterCall is what comes after the last call.
func afterCall(r core.Record) string {
	if len(r.Calls) == 0 {
		return ""
	}
	switch r.Calls[len(r.Calls)-1].Result {
	case core.CallAnswered:
		return " Falta entregar el dictamen."
	case core.CallWrong:
		return " Pida el teléfono correcto a la dependencia."
	}
	return " Se le recordará el siguiente intento."
}

// ObservationButton is the button of an act upon observation n: "Responder observación 1".
func ObservationButton(v core.Verb, n int) string { return ObservationButtonOf(v, strconv.Itoa(n)) }

// ObservationButtonOf is ObservationButton of a number as fields hold it.
func ObservationButtonOf(v core.Verb, n string) string {
	switch v { //nolint:exhaustive // no others are about one observation
	case core.VerbAnswer:
		return "Responder observación " + n
	case core.VerbResolve:
		return "Dar por solventada la " + n
	case core.VerbAskAgain:
		return "Pedir aclaración de la " + n
	}
	return Button(v) + " " + n
}

// formWords are the words of a form that are not those of the button that opens it.
type formWords struct {
	Title  string // over it, at most 24 characters
	Submit string // the button that does it, at most 24 characters
}

var forms = map[core.Verb]formWords{
	core.VerbDraft:      {Submit: "Guardar borrador"},
	core.VerbAmend:      {Title: "Corregir el borrador", Submit: "Guardar cambios"},
	core.VerbCorrect:    {Title: "Corregir la solicitud", Submit: "Enviar corrección"},
	core.VerbCancel:     {Title: "Cancelar la solicitud", Submit: "Sí, cancelarla"},
	core.VerbDecline:    {Submit: "Devolver a la Jefatura"},
	core.VerbHandOver:   {Title: "Entrega del dictamen", Submit: "Registrar entrega"},
	core.VerbDeliver:    {Submit: "Registrar el programa"},
	core.VerbApply:      {Submit: "Solicitar cuenta"},
	core.VerbRectify:    {Submit: "Guardar cambios"},
	core.VerbSuspend:    {Title: "Suspender la cuenta", Submit: "Sí, suspenderla"},
	core.VerbDeny:       {Title: "Negar el alta", Submit: "Sí, negarla"},
	core.VerbSubstitute: {Title: "Nombrar suplente", Submit: "Nombrar suplente"},
	core.VerbRegister:   {Submit: "Registrar dependencia"},
	core.VerbSnooze:     {Submit: "Aplazar"},
	core.VerbPrefer:     {Submit: "Guardar"},
}

// FormTitle stands over the form of v.
func FormTitle(v core.Verb) string { return cmp.Or(forms[v].Title, Button(v)) }

// FormSubmit is the button that does v with what its form holds: never one that says only
// that something is sent.
func FormSubmit(v core.Verb) string { return cmp.Or(forms[v].Submit, Button(v)) }

// SummaryButton is that button under a summary, in a chat in which other buttons say the
// act: what ends something says so again.
func SummaryButton(v core.Verb) string {
	switch v { //nolint:exhaustive // the others are sent
	case core.VerbCancel, core.VerbSuspend, core.VerbDeny:
		return FormSubmit(v)
	}
	return Say(ButtonSend)
}

// Unsettled warns who is about to issue an opinion while observations are not settled; "" where
// all are.
func Unsettled(r core.Record) string {
	n := 0
	for _, o := range r.Observations {
		if o.Resolved.IsZero() {
			n++
		}
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "Falta por solventar 1 observación. Si emite el dictamen, quedará sin solventar."
	}
	return "Faltan por solventar " + Count(n, "observación", "observaciones") + ". Si emite el dictamen, quedarán sin solventar."
}
