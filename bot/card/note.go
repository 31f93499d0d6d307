package card

import (
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// NoteOf is what note says under the card of a scene; it reports false when there
// is nothing to say any more. A note decides nothing: the card has the buttons,
// since it alone is kept up to date.
func NoteOf(s core.Scene, note core.Note) (Card, bool) {
	story, ok := es.Remark(s, note)
	return Card{Story: story}, ok
}
