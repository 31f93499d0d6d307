package es

import (
	"fmt"
	"strings"

	"sidem/core"
)

// Remark is what note says under the card of a scene; false when there is nothing
// to say any more.
func Remark(s core.Scene, note core.Note) (Story, bool) {
	r := s.Record
	story := Story{Head: head(s)}
	said := func(v core.Verb, title string, text ...string) (Story, bool) {
		act, ok := r.Acts[v]
		story.Title, story.Text = strings.TrimSpace(title+" "+act.Name), nonEmpty(text...)
		return story, ok
	}
	switch note {
	case core.NoteAnswer:
		return answerRemark(s)
	case core.NoteUnlinked:
		return unlinkedStory(s), r.Did(core.VerbUnlink)
	case core.NoteNudge:
		if d, mine := s.Mine(); mine {
			return said(core.VerbNudge, "Pregunta por esta solicitud", "Le toca a usted desde el "+Day(core.DateOf(s.Office.Local(d.Since)))+": "+lowerFirst(Duty(d.Name))+".")
		}
	case core.NoteNotArrived:
		if !r.Did(core.VerbReceiveLetter) {
			return said(core.VerbNotArrived, "El oficio no ha llegado, indica", "Revise su envío a la "+Role(core.RoleRegistry)+": sin el oficio la solicitud no se turna.")
		}
	case core.NoteCall:
		return said(core.VerbAskCall, "Pide una llamada", "Llame a: "+contact(s))
	case core.NoteComment:
		if n := len(r.Comments); n > 0 {
			return said(core.VerbComment, "Comentó", r.Comments[n-1].Text)
		}
	case core.NoteAttach:
		return said(core.VerbAttach, "Anexó archivos", "Están en «"+Say(ButtonFiles)+"».")
	case core.NoteStandIn:
		if sub, ok := r.Substitution(); ok && sub.Accepted {
			return Story{
				Title: "Suplencia aceptada", Head: "Suplencia de " + r.Fields[core.FieldName], Subject: s.Substitute.Name + ", " + Period(sub.From, sub.To),
				Text: []string{"En esas fechas, cualquiera de las dos personas puede decidir; la bitácora guarda los dos nombres."},
			}, true
		}
	case core.NoteExcuse:
		story.Head = "Suplencia de " + r.Fields[core.FieldName]
		return said(core.VerbExcuse, "No puede suplir", "Nombre a otra persona con /suplencia.")
	case core.NoteComeBack:
		story.Head = "Suplencia de " + r.Fields[core.FieldName]
		return said(core.VerbComeBack, "Terminó la suplencia", "Desde ahora decide solo la persona titular.")
	case core.NoteReminder:
		return reminderRemark(s)
	case core.NoteCover:
		return coverRemark(s)
	case core.NoteNone:
	}
	return Story{}, false
}

// answerRemark tells of the observations that were answered last and are not settled.
func answerRemark(s core.Scene) (Story, bool) {
	story := Story{Head: "Solicitud número " + s.Record.Number}
	last := s.Record.Acts[core.VerbAnswer].At
	for _, o := range s.Record.Observations {
		if o.Answered.IsZero() || !o.Resolved.IsZero() || o.Answered.Before(last) {
			continue
		}
		story.Title = fmt.Sprintf("Respondió %s la observación O-%d", s.Record.Acts[core.VerbAnswer].Name, o.N)
		line := o.Answer
		if n := len(o.Files); n > 0 {
			line += " (" + Count(n, "archivo", "archivos") + ")"
		}
		story.Text = append(story.Text, line)
	}
	return story, len(story.Text) > 0
}
