package value

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Line is a text in one line as it is kept: in normal form C, without control,
// format and bidi characters, runs of white space joined.
func Line(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// Text is a text of several lines as it is kept: as Line, but with its line breaks,
// blank lines, indentation and the spaces within lines, of which a tab is four: not every
// control can show one. White space at the end of a line, blank lines around the text, and
// the indentation of a line that stands alone go.
func Text(s string) string {
	lines := strings.Split(strings.ReplaceAll(visible(s), "\t", "    "), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(l, unicode.IsSpace)
	}
	text := strings.Trim(strings.Join(lines, "\n"), "\n")
	if !strings.Contains(text, "\n") {
		return strings.TrimSpace(text)
	}
	return text
}

// visible is s in normal form C without what has no glyph of its own and could
// reorder, hide or forge text. Every kind of line break becomes "\n"; a tab stays,
// every other control becomes a space; the joiner of emoji stays.
func visible(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\t', r == '\u200d':
			return r
		case unicode.Is(unicode.Cc, r):
			return ' '
		case unicode.In(r, unicode.Cf, unicode.Co, unicode.Noncharacter_Code_Point):
			return -1
		default:
			return r
		}
	}, s)
	return norm.NFC.String(s) // last: what was between a letter and its accent is gone
}

// Fold is s for comparing what people wrote with what is known: without case,
// accents and needless white space. The letter ñ folds to n, as a keyboard without
// it writes.
func Fold(s string) string { return strings.ToLower(Line(plain(s))) }

// plain is s without accents, in normal form C.
func plain(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// Length is the length of a text as people count it: in characters.
func Length(s string) int { return utf8.RuneCountInString(s) }
