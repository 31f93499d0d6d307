package es

import (
	"fmt"
	"strings"

	"sidem/core"
)

// Phrase names a sentence or a label of the conversation.
type Phrase string

// The sentences and labels of the conversation.
const (
	NotUnderstood      Phrase = "not_understood"
	NotUnderstoodHint  Phrase = "not_understood_hint"
	ButtonDuties       Phrase = "button_duties"
	ButtonHelp         Phrase = "button_help"
	ButtonMine         Phrase = "button_mine"
	ButtonSend         Phrase = "button_send"
	ButtonCorrect      Phrase = "button_correct"
	ButtonDrop         Phrase = "button_drop"
	ButtonBack         Phrase = "button_back"
	ButtonNext         Phrase = "button_next"
	ButtonLater        Phrase = "button_later"
	NoFileNow          Phrase = "no_file_now"
	QuestionClosed     Phrase = "question_closed"
	FormDropped        Phrase = "form_dropped"
	WhoTitle           Phrase = "who_title"
	LinkedAlready      Phrase = "linked_already"
	LinkedTitle        Phrase = "linked_title"
	HelpTitle          Phrase = "help_title"
	AskCredentials     Phrase = "ask_credentials"
	WrongCredentials   Phrase = "wrong_credentials"
	ExposedSecret      Phrase = "exposed_secret"
	ExposedShut        Phrase = "exposed_shut"
	ExpiredCredentials Phrase = "expired_credentials"
)

var phrases = map[Phrase]string{
	NotUnderstood:      "No entendí su mensaje",
	NotUnderstoodHint:  "Puede escribir el número de una solicitud, por ejemplo 147, o elegir:",
	ButtonDuties:       "Lo que me toca",
	ButtonHelp:         "Ayuda",
	ButtonMine:         "Mis solicitudes",
	ButtonSend:         "Enviar",
	ButtonCorrect:      "Corregir",
	ButtonDrop:         "Descartar",
	ButtonBack:         "Atrás",
	ButtonNext:         "Continuar",
	ButtonLater:        "Guardar y seguir después",
	NoFileNow:          "Recibí un archivo, pero esta pregunta se contesta por escrito. No se cambió nada.",
	QuestionClosed:     "Esa pregunta ya no está abierta. No se cambió nada.",
	FormDropped:        "Se descartó lo capturado. No se cambió nada.",
	WhoTitle:           "Usted aparece así en SIDEM",
	LinkedAlready:      "Este chat ya está vinculado",
	LinkedTitle:        "Cuenta vinculada",
	HelpTitle:          "Lo que puede escribir",
	AskCredentials:     "Escriba su usuario y la contraseña inicial de su correo, separados por un espacio. La contraseña sirve una sola vez.",
	ExposedSecret:      "Lo que escribió en el grupo ya no sirve: otras personas pudieron leerlo. Si el mensaje sigue ahí, bórrelo. Si era una contraseña inicial, se envió otra al correo registrado; si era un código, pida uno nuevo. Escríbalos solo en el chat privado con SIDEM.",
	ExposedShut:        "Lo que escribió aquí ya no sirve: otras personas pudieron leerlo. Si era una contraseña inicial, se envió otra al correo registrado; si era un código, pida uno nuevo. No los escriba aquí: abra el chat en privado, pulse Iniciar y escríbalos solo ahí.",
	WrongCredentials:   "El usuario o la contraseña inicial no coinciden. Revise su correo «Active su cuenta de SIDEM»; no se vinculó nada.",
	ExpiredCredentials: "La contraseña inicial ya no está vigente. Pida otra a la Administración de SIDEM; no se vinculó nada.",
}

// Say is a phrase in words.
func Say(p Phrase) string {
	if s, ok := commandPhrases[p]; ok {
		return s
	}
	return phrases[p]
}

var help = map[string]string{
	"/pendientes":   "lo que le toca, del más antiguo al más reciente",
	"/solicitud":    "la tarjeta de una solicitud, por ejemplo /solicitud 147",
	"/nueva":        "nueva solicitud de dictamen",
	"/buscar":       "buscar por número, asunto, dependencia o persona",
	"/mis":          "sus solicitudes, borradores y formularios sin terminar",
	"/tablero":      "cuántas solicitudes hay en cada etapa y cuáles están detenidas",
	"/exportar":     "solicitudes entre dos fechas, en un archivo de Excel",
	"/entrega":      "entregar un dictamen, por ejemplo /entrega 147, o el código de entrega",
	"/programa":     "el Programa Sectorial de TIC y su entrega",
	"/cuenta":       "cuentas: por atender, activas, suspendidas, nueva",
	"/dependencia":  "dependencias y su registro",
	"/plantilla":    "hoja de cálculo vacía para los renglones",
	"/suplencia":    "su suplente entre dos fechas",
	"/preferencias": "por dónde y a qué hora recibe sus avisos",
	"/quien":        "cómo aparece usted en SIDEM",
	"/start":        "vincular este chat con su cuenta",
	"/vincular":     "un código para vincular otro chat con su cuenta",
	"/desvincular":  "desvincular este chat de su cuenta",
	"/ayuda":        "esta ayuda",
}

// Help is what a command does.
func Help(word string) string { return help[word] }

// Progress is the title of a question: "Devolver · 1 de 2".
func Progress(title string, n, of int) string { return fmt.Sprintf("%s · %d de %d", title, n, of) }

// SummaryTitle stands over the answers before they are sent.
func SummaryTitle(title string) string { return title + " · Revise antes de enviar" }

// Present shows the answer that a question has already.
func Present(v string) string { return "Ahora dice: " + v }

// Answered shows, under a question that is not open any more, what was answered.
func Answered(v string) string { return "Respuesta: " + v }

// Chosen marks an option that was chosen among several.
func Chosen(label string) string { return label + " (elegida)" }

// SendingHours tells when notices come.
func SendingHours(hours string) string {
	return "Sus avisos llegan " + hours + "; lo que usted pregunte se contesta a cualquier hora."
}

// DutiesTitle stands over what a person owes.
func DutiesTitle(n int) string {
	if n == 0 {
		return "No tiene pendientes"
	}
	return "Lo que le toca: " + Count(n, "asunto", "asuntos")
}

// NoLongerYours is what is left of the card of a record of a kind that its holder may no
// longer see.
func NoLongerYours(k core.Kind) string {
	switch k {
	case core.KindRequest:
		return "Esta solicitud ya no está a su cargo"
	case core.KindProgram:
		return "Este programa sectorial ya no está a su cargo"
	case core.KindAccount:
		return "Ya no le corresponde atender esta cuenta"
	case core.KindAgency:
		return "Ya no le corresponde atender esta dependencia"
	}
	return "Este asunto ya no está a su cargo"
}

// Line is a record in a list; Short is it on a button.
func Line(r core.Record) string {
	return strings.Join(nonEmpty(Short(r), r.Fields[core.FieldSubject], State(r.Kind, r.State)), " · ")
}

// Short names a record in a few letters.
func Short(r core.Record) string {
	switch r.Kind {
	case core.KindRequest:
		if r.Number == "" {
			return "Borrador"
		}
		return r.Number
	case core.KindProgram:
		return "Programa " + r.Fields[core.FieldYear] + " · " + r.Agency
	case core.KindAccount:
		return strings.TrimSpace("Cuenta " + r.Fields[core.FieldUser])
	case core.KindAgency:
		return r.Fields[core.FieldName]
	}
	return ""
}
