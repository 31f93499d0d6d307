package es

import (
	"fmt"
	"slices"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/value"
)

// Remark is what note says under the card of a scene; false when there is nothing
// to say any more.
func Remark(s core.Scene, note core.Note) (Story, bool) {
	r := s.Record
	story := Story{Head: Head(s)}
	said := func(v core.Verb, title string, text ...string) (Story, bool) {
		story.Title, story.Text = value.Line(doer(s, v))+" "+title, nonEmpty(text...)
		return story, r.Did(v)
	}
	switch note {
	case core.NoteAnswer:
		return answerRemark(s)
	case core.NoteUnlinked:
		return unlinkedStory(s), r.Did(core.VerbUnlink)
	case core.NoteValidated:
		story.Title = "Ya puede presentar solicitudes"
		story.Text = []string{"Se validó la entrega del programa. Empiece con “" + Button(core.VerbDraft) + "”, o presente la que dejó guardada."}
		return story, r.State == core.StateValidated
	case core.NoteNudge:
		if d, mine := s.Mine(); mine {
			return said(core.VerbNudge, "pregunta por esta solicitud", "Está con usted desde el "+ShortDay(core.DateOf(s.Office.Local(d.Since)).String(), s.Now)+": "+Lacks(d.Name)+".")
		}
	case core.NoteNotArrived:
		if !r.Did(core.VerbReceiveLetter) {
			return said(core.VerbNotArrived, "indica que no ha llegado el oficio", "Revise su envío a la "+Role(core.RoleRegistry)+"; sin el oficio, la solicitud no se turna.")
		}
	case core.NoteCall:
		return said(core.VerbAskCall, "pide una llamada", "Llame a: "+called(s))
	case core.NoteComment:
		for _, c := range slices.Backward(r.Comments) {
			if isAbout(s, c.By.At) {
				return said(core.VerbComment, "comentó", c.Text)
			}
		}
	case core.NoteAttach:
		return said(core.VerbAttach, "anexó archivos", "Están en “"+Say(ButtonFiles)+"”.")
	case core.NoteStandIn:
		if sub, ok := r.Substitution(); ok && sub.Accepted {
			return Story{
				Title: "Suplencia aceptada", Head: "Suplencia de " + r.Fields[core.FieldName], Subject: s.Substitute.Name + ", " + Period(sub.From, sub.To),
				Text: []string{"En esas fechas, cualquiera de las dos personas puede decidir; la bitácora registra ambos nombres."},
			}, true
		}
	case core.NoteExcuse:
		story.Head = "Suplencia de " + r.Fields[core.FieldName]
		return said(core.VerbExcuse, "no aceptó la suplencia", "Nombre a otra persona con /suplencia.")
	case core.NoteComeBack:
		story.Head = "Suplencia de " + r.Fields[core.FieldName]
		return said(core.VerbComeBack, "terminó la suplencia", "Desde ahora solo decide la persona titular.")
	case core.NoteElsewhere:
		return elsewhereStory(s), r.Did(core.VerbElsewhere)
	case core.NoteLapse:
		story.Title, story.Head = "Terminó la suplencia", "Suplencia de "+r.Fields[core.FieldName]
		story.Text = []string{lapsed, "Desde ahora solo decide usted. Si vuelve a ausentarse, nombre a otra persona con /suplencia."}
		return story, r.Did(core.VerbLapse)
	case core.NoteRelieve:
		story.Title, story.Head = "Terminó la suplencia", "Suplencia de "+r.Acts[core.VerbRelieve].ForName
		story.Text = []string{lapsed, "Usted ya no decide en su lugar."}
		return story, r.Did(core.VerbRelieve)
	case core.NoteReminder:
		return reminderRemark(s)
	case core.NoteCover:
		return coverRemark(s)
	case core.NoteNone:
	}
	return Story{}, false
}

// lapsed says why a substitution ended that nobody ended.
const lapsed = "La Administración de SIDEM suspendió una de las dos cuentas, o cambió su perfil o su dependencia."

// isAbout reports whether a note of the scene tells of what was done at an instant.
func isAbout(s core.Scene, at time.Time) bool { return s.About.IsZero() || s.About.Equal(at) }

// doer is who did v when the note says that it was done.
func doer(s core.Scene, v core.Verb) string {
	for _, e := range s.Trail {
		if e.Verb == v && s.About.Equal(e.At) {
			return e.ByName
		}
	}
	return s.Record.Acts[v].Name
}

// answerRemark tells of the observations that were answered then and are not settled.
func answerRemark(s core.Scene) (Story, bool) {
	story := Story{Head: "Solicitud número " + s.Record.Number}
	at := s.About
	if at.IsZero() {
		at = s.Record.Acts[core.VerbAnswer].At
	}
	for _, o := range s.Record.Observations {
		if o.Answered.IsZero() || !o.Resolved.IsZero() || !o.Answered.Equal(at) {
			continue
		}
		story.Title = fmt.Sprintf("%s respondió a la observación %d", value.Line(doer(s, core.VerbAnswer)), o.N)
		line := o.Answer
		if n := len(o.Files); n > 0 {
			line += " (" + Count(n, "archivo", "archivos") + ")"
		}
		story.Text = append(story.Text, line)
	}
	return story, len(story.Text) > 0
}
