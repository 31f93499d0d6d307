package es

import (
	"fmt"

	"sidem/core"
)

// Remark is what note says under the card of a scene; false when there is nothing
// to say any more.
func Remark(s core.Scene, note core.Note) (Story, bool) {
	switch note {
	case core.NoteAnswer:
		return answerRemark(s)
	case core.NoteUnlinked:
		return unlinkedStory(s), true
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
