package telegram

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"sidem.gob.mx/sidem/bot/wire"
)

// written is what a message says, or the caption of its file, with the addresses that its
// words lead to (Bot API, MessageEntity "text_link"). All other entities mark what stands
// in the text itself: an address, a spoiler, the plain emoji in place of one's own.
func written(m *models.Message) string {
	text, entities := m.Text, m.Entities
	if text == "" {
		text, entities = m.Caption, m.CaptionEntities
	}
	links := slices.DeleteFunc(slices.Clone(entities), func(e models.MessageEntity) bool {
		return e.Type != models.MessageEntityTypeTextLink || e.URL == ""
	})
	if len(links) == 0 {
		return text
	}
	slices.SortStableFunc(links, func(a, b models.MessageEntity) int { return cmp.Compare(a.Offset, b.Offset) })
	units := utf16.Encode([]rune(text)) // offsets and lengths count these
	var b strings.Builder
	at := 0
	for i := 0; i < len(links); i++ {
		e := links[i]
		if e.Offset < at || e.Length <= 0 || e.Length > len(units)-e.Offset {
			continue // not of this text
		}
		end := e.Offset + e.Length
		// An app may cut a link where another mark begins.
		for ; i+1 < len(links) && links[i+1].URL == e.URL && links[i+1].Offset == end && 0 < links[i+1].Length && links[i+1].Length <= len(units)-end; i++ {
			end += links[i+1].Length
		}
		if splits(units, e.Offset) || splits(units, end) {
			continue
		}
		b.WriteString(string(utf16.Decode(units[at:e.Offset])))
		b.WriteString(wire.Linked(string(utf16.Decode(units[e.Offset:end])), e.URL))
		at = end
	}
	b.WriteString(string(utf16.Decode(units[at:])))
	return b.String()
}

// splits reports whether a character goes on at i that begins before it.
func splits(units []uint16, i int) bool {
	return 0 < i && i < len(units) && utf16.DecodeRune(rune(units[i-1]), rune(units[i])) != '\ufffd'
}
