package wire

import (
	"slices"
	"strings"
	"unicode"
)

// Ellipsis ends what was cut.
const Ellipsis = "…"

// Line is s as one line: control, format and bidi characters gone, runs of white
// space joined.
func Line(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// Paragraph is s cleaned as Line does, with its lines, blank ones too, and the spaces in
// them: who sends a list or a table sees it again. Only white space at the ends of lines
// and around the text goes. A renderer draws one with blank lines so that it is not taken
// for several of its own (HasBlankLine).
func Paragraph(s string) string {
	lines := strings.Split(visible(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(l, unicode.IsSpace)
	}
	first := slices.IndexFunc(lines, func(l string) bool { return l != "" })
	if first < 0 {
		return ""
	}
	if text := strings.TrimRight(strings.Join(lines[first:], "\n"), "\n"); strings.Contains(text, "\n") {
		return text
	}
	return strings.TrimLeftFunc(lines[first], unicode.IsSpace)
}

// HasBlankLine reports whether a paragraph looks like several.
func HasBlankLine(paragraph string) bool { return strings.Contains(paragraph, "\n\n") }

// visible drops what has no glyph of its own and could reorder, hide or forge
// text. Every kind of line break becomes "\n", a tab four
// spaces, every other control one.
func visible(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\t", "    ").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		switch {
		case r >= ' ' && r < '\u007f': // most of all text, judged first
			return r
		case r == '\n', r == '\r', r == '\v', r == '\f', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.Is(unicode.Cc, r):
			return ' '
		case r == '\u200d': // joins the parts of one emoji or letter
			return r
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
			return -1
		default:
			return r
		}
	}, s)
}

// Scale is how long a platform counts a character.
type Scale func(rune) int

// Of is the length of s.
func (scale Scale) Of(s string) int {
	n := 0
	for _, r := range s {
		n += scale(r)
	}
	return n
}

// Cut is s within length n, its end replaced by "…" where it does not fit. The
// joiners of characters do not end it.
func (scale Scale) Cut(s string, n int) string {
	if scale.Of(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	left := n - 1
	for i, r := range s {
		if left -= scale(r); left < 0 {
			return strings.TrimRight(s[:i], " \n\u200d\u2060") + Ellipsis
		}
	}
	return s
}
