package slack

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
)

const ellipsis = "…"

// line is s as one line: control, format and bidi characters gone, runs of
// white space joined.
func line(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// paragraph is s cleaned as line does, but with its line breaks; blank lines go.
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
		case r >= ' ' && r < '\u007f': // most of all text, judged first
			return r
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

// escape is the one way by which a text enters a place that Slack reads as
// mrkdwn. The three characters of its syntax become entities (docs.slack.dev,
// "Escaping text"); a mark at the edge of a word, where it could begin or end
// bold, italics, strike-through or code, the "@" or "#" of a mention and the
// first colon of an emoji are parted from what follows by a joiner that cannot
// be seen. Marks within a word (a_b@c.mx) mean nothing to Slack and stay, to be
// copied.
func escape(s string) string {
	s = emoji.ReplaceAllString(s, ":\u2060$1:")
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch r {
		case '&', '<', '>':
			b.WriteString(entities.Replace(string(r)))
		case '*', '_', '~', '`', '@', '#':
			if i > 0 && i+1 < len(runes) && word(runes[i-1]) && word(runes[i+1]) {
				b.WriteRune(r)
				continue
			}
			b.WriteString("\u2060" + string(r) + "\u2060")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

var (
	entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	plain    = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">")
	emoji    = regexp.MustCompile(`:([\p{L}0-9_+'-]+):`)
)

func word(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// weight is the length of s as Slack may count it: UTF-16 units, with the three
// characters that it keeps as entities counted in full.
func weight(s string) int {
	n := 0
	for _, r := range s {
		n += weigh(r)
	}
	return n
}

func weigh(r rune) int {
	switch r {
	case '&':
		return len("&amp;")
	case '<', '>':
		return len("&lt;")
	default:
		return utf16.RuneLen(r)
	}
}

// cut is s within weight n, its end replaced by "…" where it does not fit.
func cut(s string, n int) string {
	if weight(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	left := n - 1
	for i, r := range s {
		if left -= weigh(r); left < 0 {
			return strings.TrimRight(s[:i], " \n\u200d") + ellipsis
		}
	}
	return s
}

// reference is what Slack puts between angle brackets in the text of a message:
// links, people, channels, groups (docs.slack.dev, "Formatting message text").
var reference = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

// typed is the text of a message as the person typed it.
func typed(s string) string {
	s = reference.ReplaceAllStringFunc(s, func(m string) string {
		part := reference.FindStringSubmatch(m)
		target, label := part[1], part[2]
		switch {
		case label != "":
			return label
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		default:
			return strings.TrimPrefix(target, "mailto:")
		}
	})
	return strings.TrimSpace(plain.Replace(s))
}
