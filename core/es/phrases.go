package es

import (
	"fmt"
	"strings"

	"sidem.gob.mx/sidem/core"
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
	ButtonDuties:       "Mis pendientes",
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
	AskCredentials:     "Escriba su usuario y la contraseña inicial que le dio SIDEM, separados por un espacio. Están en el correo “Active su cuenta de SIDEM”. No es la contraseña de su buzón.",
	ExposedSecret:      "Lo que escribió en el grupo ya no sirve: otras personas pudieron leerlo. Si el mensaje sigue ahí, bórrelo. Si era una contraseña inicial, se envió otra al correo registrado; si era una clave para vincular, pida una nueva. Escríbalas solo en el chat privado con SIDEM.",
	ExposedShut:        "Lo que escribió aquí ya no sirve: otras personas pudieron leerlo. Si era una contraseña inicial, se envió otra al correo registrado; si era una clave para vincular, pida una nueva. No las escriba aquí: abra el chat en privado, presione Iniciar y escríbalas solo ahí.",
	WrongCredentials:   "El usuario o la contraseña inicial no coinciden. Revise el correo “Active su cuenta de SIDEM”; no se vinculó nada.",
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
	"/pendientes":   "ver sus pendientes, del más antiguo al más reciente",
	"/solicitud":    "ver una solicitud, por ejemplo /solicitud 147",
	"/nueva":        "empezar una solicitud de dictamen",
	"/buscar":       "buscar por número, asunto, dependencia o persona",
	"/mis":          "ver sus solicitudes, borradores y formularios sin terminar",
	"/tablero":      "ver cuántas solicitudes hay en cada etapa y cuáles no avanzan",
	"/exportar":     "obtener las solicitudes entre dos fechas, en un archivo de Excel",
	"/entrega":      "entregar un dictamen, por ejemplo /entrega 147, o el código de entrega",
	"/programa":     "registrar el Programa Sectorial de TIC y ver cómo va",
	"/cuenta":       "ver las cuentas por atender, activas y suspendidas, y solicitar otra",
	"/dependencia":  "ver y registrar dependencias",
	"/plantilla":    "obtener la hoja de cálculo vacía para los renglones",
	"/suplencia":    "nombrar suplente entre dos fechas",
	"/preferencias": "elegir por dónde y a qué hora recibe sus avisos",
	"/quien":        "ver cómo aparece usted en SIDEM",
	"/start":        "vincular este chat con su cuenta",
	"/vincular":     "obtener una clave para vincular otro chat con su cuenta",
	"/desvincular":  "desvincular este chat de su cuenta",
	"/ayuda":        "ver esta ayuda",
}

// Help is what a command does.
func Help(word string) string { return help[word] }

// Progress is the title of a question: "Devolver · 1 de 2".
func Progress(title string, n, of int) string { return fmt.Sprintf("%s · %d de %d", title, n, of) }

// SummaryTitle stands over the answers before they are sent.
func SummaryTitle(title string) string { return title + " · Revise antes de enviar" }

// Present shows the answer that a question has already.
func Present(v string) string { return "Ahora dice: " + v }

// Received shows, under a question for files, those that are there.
func Received(names []string) string {
	if len(names) == 1 {
		return "Archivo recibido: " + names[0]
	}
	return "Archivos recibidos: " + List(names)
}

// Answered shows, under a question that is not open any more, what was answered.
// What a reader read off a pass is told by its request.
func Answered(v string) string {
	if number, _, isPass := core.ReadPass(v); isPass {
		return "Respuesta: código del pase, solicitud " + number
	}
	return "Respuesta: " + v
}

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
	return "Tiene " + Count(n, "pendiente", "pendientes")
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
	case core.KindArchive: // nobody holds a card of one
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
	case core.KindArchive:
	}
	return ""
}
