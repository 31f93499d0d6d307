package es

import "sidem/core"

// unlinkedStory tells administration that a chat was unlinked from an account.
func unlinkedStory(s core.Scene) Story {
	r := s.Record
	act := r.Acts[core.VerbUnlink]
	return Story{
		Title: "Se desvinculó un chat de una cuenta",
		Head:  "Cuenta " + r.Fields[core.FieldUser] + " · " + r.Fields[core.FieldName],
		Facts: []Fact{{"Plataforma", Platform(act.Where)}, {"Desvinculó", act.Name}, {"Cuándo", Moment(s.Office.Local(act.At))}},
		Text:  []string{"Si la persona titular no lo reconoce, suspenda la cuenta o renueve su contraseña desde su tarjeta."},
	}
}
