package es

import (
	"fmt"

	"sidem.gob.mx/sidem/core"
)

// saws say what somebody did who looked at a part of a request.
var saws = map[core.Saw]string{
	core.SawCard:   "consultó la solicitud",
	core.SawDetail: "abrió el detalle",
	core.SawTrail:  "abrió la bitácora",
	core.SawFiles:  "abrió los anexos",
	core.SawList:   "la vio en una lista",
	core.SawExport: "la descargó en un archivo de Excel",
}

// maxLooked is how many lines LookedStory has.
const maxLooked = 20

// LookedStory tells who has looked at a request, who looked last first.
func LookedStory(s core.Scene, all []core.Looked) Story {
	story := Story{Title: Say(ButtonLooked), Head: Head(s), Subject: s.Record.Fields[core.FieldSubject]}
	if len(all) == 0 {
		story.Text = []string{"Nadie más la ha consultado todavía."}
	}
	for i, l := range all {
		if i == maxLooked {
			story.Text = append(story.Text, "Consultas anteriores: "+fmt.Sprint(len(all)-maxLooked)+".")
			break
		}
		story.Text = append(story.Text, lookedLine(l))
	}
	story.Text = append(story.Text, "Aquí constan las consultas. No se cuentan los avisos que SIDEM envía a quienes atienden la solicitud.")
	return story
}

// lookedLine is one person and one part: "Raúl Ortega Díaz (Secretaría Técnica) abrió
// el detalle el 23 de noviembre de 2026, 10:42 h".
func lookedLine(l core.Looked) string {
	who := l.Name
	if len(l.Roles) > 0 {
		who += " (" + Role(l.Roles[0]) + ")"
	}
	line := fmt.Sprintf("%s %s el %s", who, saws[l.Saw], Moment(l.At))
	if l.Days > 1 {
		line = fmt.Sprintf("%s %s en %d días; la última vez, el %s", who, saws[l.Saw], l.Days, Moment(l.At))
	}
	return line
}
