package telegram

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

const ellipsis = "…"

// escape is the one way by which a text enters an HTML message (Bot API,
// "HTML style": only these three are special outside of attributes).
func escape(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// line is s as one line: control, format and bidi characters gone, runs of
// white space joined, mentions disarmed.
func line(s string) string { return disarm(strings.Join(strings.Fields(visible(s)), " ")) }

// paragraph is s cleaned as line does, but with its line breaks; blank lines go,
// since they separate paragraphs and only the renderer writes them.
func paragraph(s string) string {
	var lines []string
	for l := range strings.SplitSeq(visible(s), "\n") {
		if l = line(l); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// visible drops what has no glyph of its own and could reorder, hide or forge
// text. Every kind of line break becomes "\n", every other control a space.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
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
	}, strings.ToValidUTF8(s, "\ufffd"))
}

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

// units is the length of s as Telegram counts it: UTF-16 code units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// cut is s within n units, its end replaced by "…" where it does not fit.
func cut(s string, n int) string {
	if units(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	left := n - 1
	for i, r := range s {
		if left -= utf16.RuneLen(r); left < 0 {
			return strings.TrimRight(s[:i], " \n\u200d\u2060") + ellipsis
		}
	}
	return s
}
