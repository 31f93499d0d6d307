package es

import (
	"fmt"
	"maps"
	"strings"

	"sidem.gob.mx/sidem/core"
)

// What is said while a form is filled in.
const (
	ChooseBelow       Phrase = "choose_below"
	OptionGone        Phrase = "option_gone"
	NothingChanged    Phrase = "nothing_changed"
	CaptionNotKept    Phrase = "caption_not_kept"
	CaptionLost       Phrase = "caption_lost"
	EditOfPart        Phrase = "edit_of_part"
	EditNotTaken      Phrase = "edit_not_taken"
	EditByCorrect     Phrase = "edit_by_correct"
	EditOfFiled       Phrase = "edit_of_filed"
	EditOfEnded       Phrase = "edit_of_ended"
	QuotedNotTaken    Phrase = "quoted_not_taken"
	WordsNoFile       Phrase = "words_no_file"
	WordsAtFiles      Phrase = "words_at_files"
	NotEmptied        Phrase = "not_emptied"
	LeftBlank         Phrase = "left_blank"
	FilesTakenAway    Phrase = "files_taken_away"
	ButtonClear       Phrase = "button_clear"
	ButtonNoFiles     Phrase = "button_no_files"
	HeldText          Phrase = "held_text"
	FormUnknown       Phrase = "form_unknown"
	FormNoLongerYours Phrase = "form_no_longer_yours"
	OneSheet          Phrase = "one_sheet"
	ButtonReady       Phrase = "button_ready"
	ButtonLacking     Phrase = "button_lacking"
	ButtonOpenForm    Phrase = "button_open_form"
	FormByButton      Phrase = "form_by_button"
	ButtonToday       Phrase = "button_today"
	ButtonYesterday   Phrase = "button_yesterday"
	ButtonNow         Phrase = "button_now"
	WhatFor           Phrase = "what_for"
	FilesForNothing   Phrase = "files_for_nothing"
	FilesGone         Phrase = "files_gone"
	NotTaken          Phrase = "not_taken"
	SaidLast          Phrase = "said_last"
	QuestionAnswered  Phrase = "question_answered"
	StepPassed        Phrase = "step_passed"
	PassedStep        Phrase = "passed_step"

	ButtonAnother  Phrase = "button_another"
	ButtonRemove   Phrase = "button_remove"
	AskAnother     Phrase = "ask_another"
	AnotherOrNone  Phrase = "another_or_none"
	ItemsSheet     Phrase = "items_sheet"
	ItemsSheetHint Phrase = "items_sheet_hint"
	ItemsTwice     Phrase = "items_twice"
	TemplateHere   Phrase = "template_here"
)

func init() {
	maps.Copy(phrases, map[Phrase]string{
		ChooseBelow:       "Lo que envió no se tomó: aquí se elige con los botones.",
		OptionGone:        "Esa opción ya no está disponible. Elija otra.",
		NothingChanged:    "No cambió ningún dato; quedó como estaba.",
		CaptionNotKept:    "El texto que acompaña a los archivos no se guardó: este formulario no lleva nota o ya la tiene.",
		CaptionLost:       "El texto que acompaña al archivo no se guardó. Si hace falta, envíelo de nuevo.",
		EditOfPart:        "El cambio no se tomó: ese texto llegó en varios mensajes. Escriba la respuesta completa de nuevo.",
		QuotedNotTaken:    "Recibí un mensaje reenviado y no se tomó: lo que decide, un número o un código se escribe aquí. Si es texto para su respuesta, cópielo y péguelo.",
		WordsNoFile:       "Lo que escribió no se guardó: aquí se envían archivos. Si no tiene ninguno, presione “Continuar”.",
		WordsAtFiles:      "Lo que escribió no se guardó: aquí se envían archivos.",
		NotEmptied:        "Este dato es obligatorio y no puede quedar vacío. Escriba cómo debe quedar, o cierre el formulario para dejarlo como estaba.",
		EditNotTaken:      "El cambio no se tomó: ese mensaje ya se había atendido. Si hace falta, escríbalo de nuevo.",
		EditByCorrect:     "El cambio no se tomó: ese formulario ya terminó. Para cambiar la respuesta, presione “Corregir” en la solicitud.",
		EditOfFiled:       "El cambio no se tomó: la solicitud ya se presentó. Para cambiarla, pida a la Secretaría Técnica que la devuelva: entonces aparece “Corregir”.",
		EditOfEnded:       "El cambio no se tomó: lo que envió ya quedó registrado. Si hace falta, aclárelo con un comentario en la solicitud.",
		LeftBlank:         "sin dato",
		FilesTakenAway:    "Los archivos se quitaron de este formulario. Envíe otros o continúe.",
		ButtonClear:       "Dejar en blanco",
		ButtonNoFiles:     "Quitar los archivos",
		HeldText:          "Este texto no se puede mostrar aquí sin alterarlo, así que se conserva como está. Para cambiarlo, continúe en Telegram o pida ayuda a la Administración de SIDEM.",
		FormNoLongerYours: "Lo que llenaba ya no está a su cargo: cambió su cuenta o cambió la asignación. El formulario se cerró y no se registró nada.",
		FormUnknown:       "Ese formulario ya no está abierto. Consulte la solicitud para ver cómo quedó.",
		OneSheet:          "Envíe una sola hoja de cálculo, con todos los renglones.",
		ButtonReady:       "Terminar",
		ButtonLacking:     "Contestar lo que falta",
		ButtonOpenForm:    "Abrir el formulario",
		FormByButton:      "El formulario se abre con este botón.",
		ButtonToday:       "Hoy", ButtonYesterday: "Ayer", ButtonNow: "Ahora",
		WhatFor:         "¿A qué corresponde?",
		FilesForNothing: "Recibí un archivo, pero ahora no tiene una solicitud que espere archivos. No se guardó.",
		FilesGone:       "Esos archivos ya no están aquí. Envíelos de nuevo.",
		NotTaken:        "Lo que escribió aquí no se registró:",
		SaidLast:        "Lo último que escribió",

		QuestionAnswered: "Esta pregunta ya se contestó. No se cambió nada; se muestra la que está abierta.",
		StepPassed:       "Ese botón es de un paso anterior. No se cambió nada; se muestra el paso en que va.",
		PassedStep:       "Este mensaje es de un paso anterior.",

		ButtonAnother:  "Agregar otra observación",
		ButtonRemove:   "Quitar esta observación",
		AskAnother:     "¿Desea agregar otra observación antes de enviar?",
		AnotherOrNone:  "Escriba la siguiente. Si ya no hay otra, deje este formulario en blanco y envíelo: se registran las anteriores.",
		ItemsSheet:     "Hoja de cálculo con los renglones",
		ItemsSheetHint: "Si prefiere no escribirlos, adjunte aquí la plantilla llena o su propia hoja de cálculo (.xlsx o .csv), con los encabezados Descripción, Cantidad, Unidad y Precio unitario sin IVA. Para recibir la plantilla vacía, escriba /sidem plantilla.",
		TemplateHere:   "Le envío la plantilla. Escriba un renglón por fila, debajo de los encabezados, y adjúntela a la solicitud.",
		ItemsTwice:     "Recibí renglones escritos y una hoja de cálculo. Deje una sola de las dos formas.",
	})
}

// FieldsTitle stands over the fields of a form, one of which is chosen to be corrected.
func FieldsTitle(title string) string { return title + " · Elija qué dato corregir" }

// Corrected proposes what a correction says of itself: the fields that were changed.
func Corrected(labels []string) string {
	if len(labels) == 0 {
		return ""
	}
	for i, l := range labels {
		labels[i] = lowerFirst(l)
	}
	return "Se corrigió lo siguiente: " + List(labels) + "."
}

// Proposed shows an answer that a question proposes.
func Proposed(v string) string { return "Si presiona Continuar queda así: " + v }

// LeftOut tells who goes on from what could not be taken that it is left out: from a
// question that says something, or nothing.
func LeftOut(says bool) string {
	stays := "la pregunta queda sin indicar"
	if says {
		stays = "queda como dice aquí"
	}
	return "Lo último que escribió no se tomó. Escríbalo de nuevo; si presiona otra vez “Continuar”, " + stays + "."
}

// OptionsCut tells how many of the options are shown, and how to reach the others.
func OptionsCut(shown, of int) string {
	if shown == of {
		return fmt.Sprintf("Coinciden %d. Elija una o escriba el nombre más completo.", of)
	}
	return fmt.Sprintf("Se muestran %d de %d. Escriba una parte del nombre para encontrar las demás.", shown, of)
}

// TypedOption says how one of so many options is chosen, where they cannot all be listed.
func TypedOption(n int) string {
	return fmt.Sprintf("Hay %d opciones: escriba el nombre o una parte de él.", n)
}

// NoOption is said where a text names none of the options; many where not all are shown.
func NoOption(text string, many bool) string {
	if many {
		return fmt.Sprintf("No encontré “%s” entre las opciones. Escriba una parte del nombre.", clip(text, 40))
	}
	return fmt.Sprintf("No encontré “%s” entre las opciones. Elija una de ellas.", clip(text, 40))
}

// NoChoice is said where a text names none of the options of which several may be chosen.
func NoChoice(text string) string {
	return fmt.Sprintf("No encontré “%s” entre las opciones. Elija una o más de ellas; lo que ya eligió se conserva.", clip(text, 40))
}

// SeveralOptions is said where a text names more than one option.
func SeveralOptions(labels []string) string {
	const most = 5
	more := ""
	if len(labels) > most {
		more = fmt.Sprintf(" y %d más", len(labels)-most)
		labels = labels[:most]
	}
	return "Hay más de una coincidencia: " + strings.Join(labels, "; ") + more + ". Escriba el nombre completo."
}

// FilesKept tells of files that came while another question was open.
func FilesKept(names []string) string {
	if len(names) == 1 {
		return fmt.Sprintf("El archivo “%s” quedó en este formulario. Falta contestar la pregunta.", clip(names[0], 60))
	}
	return fmt.Sprintf("Los %d archivos quedaron en este formulario. Falta contestar la pregunta.", len(names))
}

// FilesHere tells which files a form has already.
func FilesHere(names []string) string { return "Ya recibido: " + List(names) }

// FileNotFetched says that what a person sent could not be fetched.
func FileNotFetched(name string) string {
	return fmt.Sprintf("No pude recibir el archivo “%s”. Adjúntelo de nuevo; lo demás quedó como estaba.", clip(name, 60))
}

// Unread is said of a message that is neither words nor a file: kind is what it is.
func Unread(kind string) string {
	what, ok := unread[kind]
	if !ok {
		what = "ese tipo de mensaje"
	}
	return "No pude leer " + what + ". Escriba su respuesta o envíe un archivo; no se cambió nada."
}

var unread = map[string]string{
	"sticker": "la calcomanía", "voice": "el audio o el video", "contact": "el contacto", "location": "la ubicación",
}

// UseTotal is the button that takes what the renglones come to, with VAT, as the amount.
func UseTotal(total string) string { return "Usar " + Money(total) }

// AmountDiffers asks about an amount that is not what the renglones come to.
func AmountDiffers(amount, total string) string {
	return fmt.Sprintf("El monto (%s) no coincide con los renglones, que suman %s con IVA. Corríjalo; si es correcto, continúe.", Money(amount), Money(total))
}

// EditTaken says that an edited message counts.
func EditTaken(label, value string) string {
	return fmt.Sprintf("Se tomó el cambio. %s: %s", label, value)
}

// EditRefused says why an edited message does not count.
func EditRefused(label, problem string) string {
	return fmt.Sprintf("El cambio de “%s” no se tomó. %s", label, problem)
}

// EditOfAside says how an answer of a form that was set aside is changed: it is opened by a word.
func EditOfAside(word string) string {
	return "El cambio no se tomó: ese formulario está guardado. Para cambiar la respuesta, ábralo de nuevo con " + word + "."
}

// HeldItems says why renglones cannot be changed in a form, and how they can.
func HeldItems(n int) string {
	return fmt.Sprintf("Son %s y no caben aquí sin perder datos, así que se conservan como están. Para cambiarlos, adjunte la hoja de cálculo: le envié una con los renglones actuales.",
		Count(n, "renglón", "renglones"))
}

// ItemsVanished tells which renglones were replaced by others; "" for none.
func ItemsVanished(names []string) string {
	const most = 3
	n := len(names)
	if n == 0 {
		return ""
	}
	for i, name := range names[:min(n, most)] {
		names[i] = "“" + clip(name, maxLabel) + "”"
	}
	list := List(names[:min(n, most)])
	if n > most {
		list = strings.Join(names[:most], ", ") + fmt.Sprintf(" y %d más", n-most)
	}
	verb := "Se quitaron estos renglones, que ya no están en su respuesta: "
	if n == 1 {
		verb = "Se quitó este renglón, que ya no está en su respuesta: "
	}
	return verb + list + ". Si solo quería añadir, escriba la lista completa."
}

// FilesWait tells of files that wait to be told what they are for.
func FilesWait(files []core.Attachment) string {
	if len(files) == 1 {
		return fmt.Sprintf("Recibí “%s”. Elija a qué corresponde; si no es para nada de esto, no necesita hacer nada.", clip(files[0].Name, 60))
	}
	return fmt.Sprintf("Recibí %d archivos. Elija a qué corresponden; si no son para nada de esto, no necesita hacer nada.", len(files))
}

// FileFor is what a file may be for, on a button: the act, and the record.
func FileFor(r core.Record, v core.Verb, observation string) string {
	act := Button(v)
	if observation != "" {
		act = ObservationButtonOf(v, observation)
	}
	return clip(act+" · "+Short(r), maxLabel)
}

// SheetWaits asks what a spreadsheet of renglones is for, that came unasked; note is what
// is to be known of it.
func SheetWaits(name string, items int, note string) []string {
	text := []string{fmt.Sprintf("Recibí “%s”, con %s. Elija a qué corresponde; si no es para nada de esto, no necesita hacer nada.",
		clip(name, 60), Count(items, "renglón", "renglones"))}
	if note != "" {
		text = append(text, note)
	}
	return text
}

// ItemsFor is what renglones may be for, on a button: a new request, or the correction of one.
func ItemsFor(r core.Record, v core.Verb) string {
	if r.ID == "" {
		return "Renglones · " + Button(v)
	}
	return clip("Renglones · "+Button(v)+" · "+Short(r), maxLabel)
}

// EndedBefore tells of a form that had been sent with other answers, and what came of it.
func EndedBefore(done string) string { return "Ese formulario ya se había enviado. " + done }

// EndedElsewhere tells of a form that ended on another platform, and how.
func EndedElsewhere(platform, done string) string {
	return fmt.Sprintf("Ese formulario ya se atendió en %s. %s", Platform(platform), done)
}

// NthAct names one of several observations that are sent together.
func NthAct(n int) string { return fmt.Sprintf("Observación %d", n) }

// TooManyAtOnce says how many observations are sent together at most.
func TooManyAtOnce(most int) string {
	return fmt.Sprintf("Caben %d observaciones en un envío. Envíe estas y registre las demás después.", most)
}
