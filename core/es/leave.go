package es

import (
	"maps"
	"slices"
	"strings"
)

// The labels and sentences of the question whether an act is meant, in a form.
const (
	AskDiscard       Phrase = "ask_discard"
	AskDiscardText   Phrase = "ask_discard_text"
	ButtonDropForm   Phrase = "button_drop_form"
	ButtonMyAnswer   Phrase = "button_my_answer"
	AskEarly         Phrase = "ask_early"
	ButtonJoin       Phrase = "button_join"
	ButtonOpenAnswer Phrase = "button_open_answer"
	ButtonUnused     Phrase = "button_unused"
	HelpWrite        Phrase = "help_write"
	HelpChoose       Phrase = "help_choose"
	HelpSend         Phrase = "help_send"
	ButtonBase       Phrase = "button_base"
	ButtonBases      Phrase = "button_bases"
	BasesTitle       Phrase = "bases_title"
	BasesText        Phrase = "bases_text"
	NoBases          Phrase = "no_bases"
	NoBasesHint      Phrase = "no_bases_hint"
	BaseGone         Phrase = "base_gone"
	BaseGoneText     Phrase = "base_gone_text"
	BaseAway         Phrase = "base_away"
	FormEnded        Phrase = "form_ended"
)

func init() {
	maps.Copy(phrases, map[Phrase]string{
		AskDiscard:       "¿Descarta lo que escribió?",
		AskDiscardText:   "No podrá recuperarlo.",
		ButtonDropForm:   "Sí, descartar",
		ButtonMyAnswer:   "Es mi respuesta",
		AskEarly:         "¿Dónde va este texto?",
		ButtonJoin:       "Añadir a la respuesta anterior",
		ButtonOpenAnswer: "Es la respuesta a esta pregunta",
		ButtonUnused:     "No usarlo",
		HelpWrite:        "Escriba su respuesta en un mensaje.",
		HelpChoose:       "Presione una de las opciones, o escriba su nombre.",
		ButtonBase:       "Usar como base",
		ButtonBases:      "Usar una como base",
		BasesTitle:       "¿Cuál usa como base?",
		BasesText:        "Sus respuestas y renglones pasan a la solicitud nueva, donde los corrige antes de enviar. Los archivos no pasan.",
		NoBases:          "No hay solicitudes que usar como base",
		NoBasesHint:      "Sirven las que su dependencia ya envió.",
		BaseGone:         "Esa solicitud ya no puede usarse como base",
		BaseGoneText:     "Ya no existe, o usted ya no puede verla. Puede empezar una nueva sin ella.",
		BaseAway:         "Por ahora no puede usarse como base: su archivo no está a la mano.",
		FormEnded:        "Ese formulario ya no está abierto",
		HelpSend:         "Envíe el archivo en un mensaje.",
	})
}

// leaving are the words by which people leave what they are doing, folded.
var leaving = []string{
	"cancelar", "cancela", "cancelalo", "cancelar formulario", "cancelar solicitud", "salir", "salirme", "descartar", "descartalo", "terminar",
	"guardar", "guardar y salir", "guardar y seguir despues", "seguir despues", "despues", "mas tarde", "luego", "parar", "detener", "cerrar",
	"ya no", "ya no quiero", "olvidalo", "menu", "inicio", "volver al inicio",
}

// Leaves reports whether a text, standing alone, says that somebody leaves a form.
func Leaves(text string) bool { return slices.Contains(leaving, plainWords(text)) }

// spoken are the names by which people ask for what a word does, folded, beside the word.
var spoken = map[string][]string{
	"/pendientes": {"mis pendientes", "lo que me toca"}, "/nueva": {"nueva solicitud", "solicitud nueva"}, "/mis": {"mis solicitudes", "mi solicitud"},
	"/tablero": {"tablero de dictamenes"}, "/exportar": {"exportar a excel", "exportar solicitudes"}, "/preferencias": {"mis preferencias"}, "/quien": {"quien soy"}, "/ayuda": {"ayudame", "ayuda por favor", "necesito ayuda", "help"},
}

// SpokenWord is the word of a text that asks for it in other words; "" for none.
func SpokenWord(text string) string {
	said := plainWords(text)
	for word, names := range spoken {
		if slices.Contains(names, said) {
			return word
		}
	}
	return ""
}

// WordButton is the button that does what a word does.
func WordButton(word string) string {
	switch word {
	case "/pendientes":
		return Say(ButtonDuties)
	case "/mis":
		return Say(ButtonMine)
	case "/tablero":
		return Say(BoardTitle)
	case "/preferencias":
		return Say(ButtonPrefs)
	}
	return "Usar " + word
}

// IsItAnswer asks whether a text is the answer, or is meant for SIDEM.
func IsItAnswer(text string) string { return "¿“" + clip(text, 40) + "” es su respuesta?" }

// maxQuote is how many letters of a text are shown to whoever wrote it.
const maxQuote = 400

// Quote is the beginning of a text of somebody's, as they wrote it.
func Quote(text string) string { return "“" + clip(text, maxQuote) + "”" }

// maxReturned is how many letters are given back of a text that is kept nowhere else.
const maxReturned = 1500

// NotKept gives a text back that had no place in a form.
func NotKept(text string) string {
	return "No se guardó este texto: “" + clip(text, maxReturned) + "”"
}

// Placeless says, over a form on one screen, that a text has no place in it yet.
func Placeless(text string) string {
	return "Falta decidir dónde va este texto: “" + clip(text, maxReturned) + "” Si es parte de una respuesta, cópielo en su campo."
}

// EarlyFor says that a text was written before a question was there, and which.
func EarlyFor(question string) string {
	return "Lo escribió antes de que apareciera esta pregunta: " + question
}

// RepliedFor says that a text was written under another message than the open question.
func RepliedFor(question string) string {
	return "Lo escribió en respuesta a otro mensaje. La pregunta abierta es: " + question
}

// RepliedElsewhere gives a text back that was written under another message than what is open.
func RepliedElsewhere(text string) string {
	return "Respondió a otro mensaje, no a lo que se pregunta aquí. " + NotKept(text)
}

// QuestionEnded gives a text back that was written under a question of a form that is not open.
func QuestionEnded(text string) []string {
	return []string{"Respondió a una pregunta de ese formulario. " + NotKept(text)}
}

// Joined says that a text was added to an answer, and how that reads now.
func Joined(label, value string) string { return "Se añadió. " + label + ": " + value }

// FormHelp tells how the open question is answered, with an example, and how the form is left.
func FormHelp(how, example string) string {
	if example != "" {
		how += " " + example + "."
	}
	return how + " Con “" + Say(ButtonLater) + "” se guarda lo que lleva. Para ver todo lo que puede hacer, escriba /ayuda."
}

// noMore are the answers by which people say that they send no file, or no other, folded.
var noMore = []string{
	"no", "no gracias", "no hay", "no tengo", "no tengo mas", "no tengo ninguno", "no tengo archivos", "no hay mas", "no mas", "ya no tengo", "ninguno", "ninguna",
	"ningun archivo", "nada", "nada mas", "sin archivo", "sin archivos", "sin anexo", "sin anexos", "n a", "na", "no aplica", "listo", "ya", "es todo", "eso es todo", "seria todo",
	"continuar", "siguiente", "omitir", "saltar",
}

// SaysNoMore reports whether a text, at a question for files, says that there is none, or
// no other.
func SaysNoMore(text string) bool { return slices.Contains(noMore, plainWords(text)) }

// unset are the answers by which people leave a question that may be left so, folded.
var unset = []string{"sin indicar", "no indicar", "ninguna", "ninguno", "n a", "na", "no aplica", "omitir", "saltar"}

// SaysUnset reports whether a text, at a question that may be left without an answer,
// leaves it so.
func SaysUnset(text string) bool { return slices.Contains(unset, plainWords(text)) }

// EarlierAnswers shows under a question what was answered to it before.
func EarlierAnswers(values []string) string {
	return "En solicitudes anteriores: " + strings.Join(values, "; ")
}

// Clip is s, shortened to most letters where it is longer.
func Clip(s string, most int) string { return clip(s, most) }
