package slack

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"

	"sidem.gob.mx/sidem/bot/wire"
)

// line is s as one line, cleaned.
func line(s string) string { return wire.Line(s) }

// paragraph is s cleaned as line does, with its lines and the spaces in them.
func paragraph(s string) string { return wire.Paragraph(s) }

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

// scale counts as Slack may: in UTF-16 units, with the three characters that it
// keeps as entities counted in full.
var scale = wire.Scale(weigh)

func weight(s string) int { return scale.Of(s) }

// cut is s within weight n, its end replaced by "…" where it does not fit.
func cut(s string, n int) string { return scale.Cut(s, n) }

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

// reference is what Slack puts between angle brackets in the text of a message:
// links, people, channels, groups (docs.slack.dev, "Formatting message text").
var reference = regexp.MustCompile(`<([^<>|]*)(?:\|([^<>]*))?>`)

// typed is the text of a message as the person typed it, with the addresses that its
// words lead to.
func typed(s string) string {
	s = reference.ReplaceAllStringFunc(s, func(m string) string {
		part := reference.FindStringSubmatch(m)
		target, label := part[1], part[2]
		switch {
		case strings.HasPrefix(target, "#") && label != "":
			return "#" + label
		case strings.HasPrefix(target, "@") || strings.HasPrefix(target, "#") || strings.HasPrefix(target, "!") && label != "":
			return first(label, target)
		case strings.HasPrefix(target, "!"):
			return "@" + target[1:]
		default:
			return wire.Linked(label, target)
		}
	})
	return strings.TrimSpace(plain.Replace(s))
}
