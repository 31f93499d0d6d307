package es

import (
	"slices"

	"sidem.gob.mx/sidem/core"
)

// unlinkedStory tells administration that a chat was unlinked from an account.
func unlinkedStory(s core.Scene) Story {
	r := s.Record
	act := r.Acts[core.VerbUnlink]
	return Story{
		Title: "Se desvinculó un chat de una cuenta",
		Head:  "Cuenta " + r.Fields[core.FieldUser] + " · " + r.Fields[core.FieldName],
		Facts: []Fact{{Label: "Medio", Value: Platform(platformOf(s, core.VerbUnlink))}, {Label: "Desvinculó", Value: act.Name}, {Label: "Cuándo", Value: Moment(s.Office.Local(act.At))}},
		Text:  []string{"Si la persona titular no reconoce el cambio, suspenda la cuenta o renueve la contraseña inicial con los botones de la cuenta."},
	}
}

// elsewhereStory tells an account's person that what links a chat to it was given in another.
func elsewhereStory(s core.Scene) Story {
	r := s.Record
	return Story{
		Title: "Dieron su contraseña en otro chat", Head: "Cuenta " + r.Fields[core.FieldUser],
		Facts: []Fact{{Label: "Medio", Value: Platform(platformOf(s, core.VerbElsewhere))}, {Label: "Cuándo", Value: Moment(s.Office.Local(r.Acts[core.VerbElsewhere].At))}},
		Text: []string{
			"Alguien dio ahí la contraseña, o la clave para vincular, de su cuenta. No se vinculó nada, y lo que dio ya no sirve.",
			"Si fue usted, desvincule antes el chat que usaba y pida otra contraseña. Si no fue usted, avise de inmediato a la Administración de SIDEM.",
		},
	}
}

// platformOf is the chat that was last linked or unlinked, wherever that was done from.
func platformOf(s core.Scene, v core.Verb) string {
	for _, e := range slices.Backward(s.Trail) {
		if e.Verb == v && e.Refusal == nil {
			return e.Fields[core.FieldPlatform]
		}
	}
	return ""
}
