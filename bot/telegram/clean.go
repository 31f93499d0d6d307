package telegram

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"sidem.gob.mx/sidem/bot/wire"
)

// escape is the one way by which a text enters an HTML message (Bot API,
// "HTML style": only these three are special outside of attributes).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// line is s as one line, cleaned, mentions disarmed.
func line(s string) string { return disarm(wire.Line(s)) }

// paragraph is s cleaned as line does, with its lines and the spaces in them.
func paragraph(s string) string { return disarm(wire.Paragraph(s)) }

// disarm puts a word joiner after an "@" that starts a user name: Telegram
// would make a mention of it, which calls that person where the card is read.
// An e-mail address is left as it is, to be copied.
func disarm(s string) string {
	if !strings.Contains(s, "@") {
		return s
	}
	var b strings.Builder
	before := ' '
	for _, r := range s {
		b.WriteRune(r)
		if r == '@' && !word(before) {
			b.WriteRune('\u2060')
		}
		before = r
	}
	return b.String()
}

func word(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// scale counts as Telegram does: in UTF-16 code units.
var scale = wire.Scale(utf16.RuneLen)

func units(s string) int { return scale.Of(s) }

func cut(s string, n int) string { return scale.Cut(s, n) }
