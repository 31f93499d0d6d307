package es

import (
	"strings"

	"sidem.gob.mx/sidem/core"
)

// onSeveral are the buttons, and the titles of the forms, of acts on several requests.
var onSeveral = map[core.Verb]string{
	core.VerbRelease:       "Liberar varias",
	core.VerbReceiveLetter: "Registrar varios acuses",
	core.VerbRefer:         "Turnar varias",
	core.VerbAssign:        "Asignar varias",
}

// ManyTitle is the button of an act on several requests, and stands over its form: at most 24
// characters.
func ManyTitle(v core.Verb) string { return onSeveral[v] }

// ManyGone is an option that was chosen and to which the act is not done any more: sent all the
// same, it is told why.
func ManyGone(r core.Record) string { return r.Number + " · ya no procede" }

// ManyLine is what came of an act on one of several requests.
// There is no card under it that has a button to take it back by.
func ManyLine(r core.Record, words string) string {
	return r.Number + ": " + strings.TrimSuffix(words, " Usted no necesita hacer nada más; "+mayUndo)
}
