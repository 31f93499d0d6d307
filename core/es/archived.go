package es

import (
	"time"

	"sidem.gob.mx/sidem/core"
)

// Month is "marzo de 2026", of a stored month (2006-01); the text itself if it is none.
func Month(s string) string {
	t, err := time.Parse("2006-01", s)
	if err != nil {
		return s
	}
	return months[t.Month()-1] + " de " + t.Format("2006")
}

// ArchivedStory says of a request that left the store what is known of it here, and who has
// the rest; agency is the name of its agency, and zone the office's.
func ArchivedStory(r core.Record, agency string, viewer core.Actor, zone *time.Location) Story {
	month, _ := r.Archived()
	day := func(t time.Time) string { return Day(core.DateOf(t.In(zone))) }
	story := Story{Title: "Solicitud archivada", Head: "Solicitud número " + r.Number, Subject: r.Fields[core.FieldSubject]}
	add := func(label, value string) {
		if value != "" {
			story.Facts = append(story.Facts, Fact{Label: label, Value: value})
		}
	}
	add("Estado", State(r.Kind, r.State))
	if agency != "" {
		add("Dependencia", agency)
	}
	add("Presentada", day(r.Acts[core.VerbFile].At))
	add("Concluida", day(r.Since))
	if v := r.Fields[core.FieldOutcome]; v != "" {
		add(Field(core.FieldOutcome), Value(v))
	}
	who := "la Administración de SIDEM"
	if viewer.Is(core.RoleAdmin) {
		who = "quien opera el servidor"
	}
	story.Text = []string{"El expediente completo está en el archivo de " + Month(month) + ". Si necesita consultarlo, pídalo a " + who + " con el número de la solicitud."}
	return story
}
