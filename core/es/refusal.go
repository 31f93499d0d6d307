package es

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Refuse is what a person reads of a refusal: what happened, what to do. agency
// is the name of the record's agency; now is in the office's zone.
func Refuse(no *core.Refusal, agency string, now time.Time) string {
	switch no.Reason {
	case core.Already:
		s := alreadyDone(no) + " " + Lately(no.Act.At, now)
		if no.Act.For != "" {
			s += ", en suplencia"
		}
		switch {
		case instead(no):
			return s + ". " + untakenThen(no)
		case no.Other != "":
			return s + stands(no) + ". Lo que envió ahora no se registró: no se cambió nada."
		}
		return s + ". No necesita hacer nada."
	case core.Repeated:
		if instead(no) {
			return fmt.Sprintf("Usted ya %s %s. %s", did(no), Lately(no.Act.At, now), untakenThen(no))
		}
		if no.Other != "" {
			return fmt.Sprintf("Usted ya %s %s%s. Lo que envió ahora no se registró: no se cambió nada.", did(no), Lately(no.Act.At, now), stands(no))
		}
		return fmt.Sprintf("Ya constaba: usted %s %s. No se registró de nuevo.", did(no), Lately(no.Act.At, now))
	case core.Stale:
		if no.Kind == "" {
			return "Este botón ya no sirve y no se cambió nada. Vea lo que sigue con /pendientes."
		}
		return "Esta información ya cambió y no se registró nada. Abajo está la vigente."
	case core.NotAllowed:
		return notAllowed(no, agency)
	case core.NotNow:
		if no.Value == core.Unchanged {
			return "No hay nada que corregir: los datos que envió son los que ya estaban. No se cambió nada."
		}
		if no.State == core.None && no.Kind == core.KindRequest && no.Number == "" { // of several, none waits for it
			return "En este momento ninguna solicitud a su cargo espera ese paso. No se cambió nada."
		}
		what := "su estado es"
		if no.Kind == core.KindRequest {
			what = "el estado de la solicitud es"
		}
		return fmt.Sprintf("En este momento no se puede %s: %s “%s”. No se cambió nada.", Infinitive(no.Verb), what, State(no.Kind, no.State))
	case core.OwnRequest:
		return ownRequest(no)
	case core.Missing:
		return missing(no.Verb, no.Field)
	case core.Invalid:
		return invalid(no)
	case core.Ambiguous:
		return ambiguous(no)
	case core.Future:
		if core.Specs[no.Field].Type == core.TypeClock {
			at := Hour(now)
			return fmt.Sprintf("%s (%s h) todavía no llega: son las %s. Escriba una hora que ya pasó, como %s, o corrija el día.", capital(The(no.Field)), no.Value, at, strings.TrimSuffix(at, " h"))
		}
		return fmt.Sprintf("%s (%s) es posterior a hoy. Revise el día.", capital(The(no.Field)), ShortDay(no.Value, now))
	case core.NoProgram:
		return fmt.Sprintf("Falta un requisito: el Programa Sectorial de TIC %s de su dependencia no está validado. Si aún no lo entrega, regístrelo con /programa. Su borrador quedó guardado.", core.Season(now))
	case core.WrongCode:
		if no.Kind == core.KindAccount { // a code without the number of a request
			if no.Value == core.Tired {
				return "Se agotaron los intentos con código. Escriba el número de la solicitud, pida una identificación oficial y anótela, o espere una hora. No se registró la entrega."
			}
			return Say(NoPickup)
		}
		if no.Value == core.Tired {
			return "Se agotaron los intentos con código para esta solicitud. Pida una identificación oficial y anótela, o espere una hora. No se registró la entrega."
		}
		return "El código no corresponde a esta solicitud. Revíselo o pida una identificación oficial. No se registró la entrega."
	case core.TooMany:
		if no.Verb != core.VerbComment {
			return "Ya lo intentó muchas veces en las últimas 24 horas y no procede. No se registró nada. Abra de nuevo la solicitud o comuníquese con el área de soporte."
		}
		return "Ya dejó muchos comentarios en esta solicitud en las últimas 24 horas. El suyo no se registró; reúna lo que falte en uno y envíelo mañana, o llame por teléfono."
	case core.Taken:
		if no.Field == core.FieldEmail {
			return "Ese correo ya es de otra cuenta. Escriba el de esta persona; no se cambió nada."
		}
		if no.Field == core.FieldUser {
			return "Ese usuario ya es de otra cuenta. Elija otro; no se cambió nada."
		}
		return "Ese dato ya pertenece a otra cuenta o a otro registro. No se cambió nada. Consúltelo con la Administración de SIDEM."
	case core.LastAdmin:
		return "Es la única cuenta que puede administrar SIDEM por un chat: después nadie podría dar de alta, corregir ni suspender cuentas. No se cambió nada. Antes, dé el perfil de Administración a otra persona y pídale que vincule su chat. Si no reconoce este chat, avise a quien opera el servidor."
	case core.Unknown:
		return "Este chat todavía no está vinculado a una cuenta de SIDEM. Abra el enlace del correo “Active su cuenta de SIDEM”, o escriba aquí su usuario y su contraseña inicial."
	case core.Suspended:
		return "Su cuenta está suspendida y no se registró nada. Comuníquese con la Administración de SIDEM."
	case core.NotFound:
		return NotFound(no.Value)
	case core.NotUndone:
		return notUndone(no, now)
	}
	return Internal("")
}

// notUndone says why an act cannot be taken back any more.
func notUndone(no *core.Refusal, now time.Time) string {
	const as = " No se cambió nada: vea en la solicitud lo que sigue."
	of, _ := core.Undoes(no.Verb)
	switch by := value.Line(no.Act.Name); {
	case no.Done != of && by != "":
		return "Ya no se puede deshacer: " + by + " " + did(no) + " " + Lately(no.Act.At, now) + "." + as
	case no.Done == of && now.Sub(no.Act.At) > core.UndoWithin:
		return "Ya no se puede deshacer: pasaron más de 60 segundos." + as
	case no.Done == of && by != "":
		return "Solo puede deshacerlo quien lo registró: " + by + "." + as
	}
	return "Ya no se puede deshacer." + as
}

// ownRequest says which act of the same person stands against the one that was tried.
func ownRequest(no *core.Refusal) string {
	who := "Usted"
	if no.Value != "" {
		who = "La persona con quien usted comparte la suplencia"
	}
	did, must := "registró esta solicitud", "debe liberarla otra persona"
	switch no.Done {
	case core.VerbCorrect:
		did = "corrigió esta solicitud"
	case core.VerbRelease:
		did = "liberó esta solicitud"
	case core.VerbReceiveLetter:
		did = "registró el acuse de esta solicitud"
	default:
	}
	if no.Verb == core.VerbReceiveLetter {
		did, must = "liberó esta solicitud", "el acuse debe registrarlo otra persona"
	}
	return who + " " + did + "; " + must + "."
}

// stands is, behind what was done, how: to whom, with which result, or only otherwise.
func stands(no *core.Refusal) string {
	switch {
	case no.StandsName != "":
		return ", a " + value.Line(no.StandsName)
	case core.Specs[no.Other].Type == core.TypeChoice && no.Stands != "":
		return ", con “" + Value(no.Stands) + "”"
	case core.Specs[no.Other].Type == core.TypePerson:
		return ""
	}
	return ", con otros datos"
}

// instead reports whether something else was done meanwhile than what is refused.
func instead(no *core.Refusal) bool { return no.Verb != "" && no.Done != no.Verb }

// untakenThen says of an act that came after another that it was not taken, and what its
// person can do now.
func untakenThen(no *core.Refusal) string {
	const said = "Lo que envió ahora no se registró."
	requester := slices.Contains(no.Mine, core.RoleRequester)
	switch {
	case no.Kind != core.KindRequest:
		return said
	case no.State == core.StateReturned && requester:
		return said + " Le toca corregirla o cancelarla, con los botones de la solicitud."
	case no.State == core.StateFiled && requester:
		return said + " Para cambiarla, pida a la Secretaría Técnica que la devuelva: entonces aparece “Corregir”."
	}
	return said + " Vea en la solicitud lo que sigue."
}

// did is what the refusal says was done, with its object: "liberó la solicitud".
func did(no *core.Refusal) string {
	if no.Done == core.VerbReturn && no.Kind == core.KindProgram {
		return "devolvió el programa sectorial"
	}
	return verbs[no.Done].Did
}

// alreadyDone is "Ya la liberó Elena Cruz", "Tomás Aguilar ya entregó el dictamen".
func alreadyDone(no *core.Refusal) string {
	v, name := no.Done, no.Act.Name
	if la := verbs[v].La; la != "" && no.Kind != core.KindProgram {
		return "Ya la " + la + " " + name
	}
	return name + " ya " + did(no)
}

func notAllowed(no *core.Refusal, agency string) string {
	var who []string
	for _, r := range no.Roles {
		w := RoleOf(r)
		if r == core.RoleSecretary && agency != "" {
			w += " (" + agency + ") o su suplente"
		}
		who = append(who, w)
	}
	verb := "puede"
	if len(who) > 1 || strings.Contains(who[0], " o su ") {
		verb = "pueden"
	}
	var mine []string
	for _, r := range no.Mine {
		mine = append(mine, strings.TrimSuffix(Role(r), " de dictamen técnico"))
	}
	s := fmt.Sprintf("Solo %s %s %s.", Either(who), verb, doing(no.Verb))
	if len(mine) > 0 {
		s += " Usted tiene el perfil de " + List(mine) + "."
	}
	return s + " No se cambió nada."
}

// NotFound is said of an unknown number and of a foreign one alike.
func NotFound(text string) string {
	if text == "" {
		return "No encontré la solicitud, o ya no está a su cargo. No se cambió nada."
	}
	return fmt.Sprintf("No encontré la solicitud “%s”. Revise el número; se escribe así: 000147/2026.", clip(text, 20))
}

// Internal is said when something broke; code leads support to the log.
func Internal(code string) string {
	return "No pude completar la acción y no se cambió nada. Intente de nuevo en un minuto; si se repite, dé esta clave al área de soporte: " + code + "."
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
