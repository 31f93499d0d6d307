package telegram

import (
	"strings"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
)

// Limits of a message. maxText is Telegram's (sendMessage: 1–4096 characters
// after entities parsing, counted in UTF-16 units); the others are ours, so that
// no field can push the rest of a card away.
const (
	maxText  = 4096
	maxLine  = 200 // title, head, subject, turn, the label of a choice, a line of the trail
	maxLabel = 60  // of a fact
	maxValue = 500 // of a fact

	keepText  = 1200 // what facts must leave to the paragraphs
	keepTrail = 300  // what facts and paragraphs must leave to the trail
)

// message is a card as Telegram takes it. HTML is for parse mode HTML; Plain says
// the same without markup, for the day that Telegram refuses our markup.
type message struct {
	HTML, Plain string
	Keyboard    *keyboard // nil: no buttons
	Under       int       `json:",omitempty"` // the message that it answers; 0: none
	Thread      int       `json:",omitempty"` // the topic that it goes to; 0: the general one
	Dropped     []string  // labels of buttons that Telegram would refuse
}

// render draws c. Whatever its texts hold, the result is within Telegram's
// limits and has the same structure: the title in bold, one line per field, a
// blank line before each paragraph, the trail in one folded quotation. What has lines
// of its own in a field, or blank lines in a paragraph, stands in a quotation, so that
// it is not taken for fields or paragraphs of ours.
func render(c card.Card) message {
	b := body{title: cut(line(c.Title), maxLine)}
	for _, s := range []string{c.Head, c.Subject, c.Turn} {
		b.lines = appendSome(b.lines, cut(line(s), maxLine))
	}
	for _, f := range c.Facts {
		b.facts = appendSome(b.facts, fact(cut(line(f.Label), maxLabel), cut(valueOf(f), maxValue)))
	}
	for _, s := range c.Text {
		b.text = appendSome(b.text, paragraph(s))
	}
	for _, s := range c.Trail {
		b.trail = appendSome(b.trail, cut(line(s), maxLine))
	}
	if c.Select != nil && len(c.Select.Options) > 0 {
		b.label = cut(line(c.Select.Label), maxLine)
	}
	b.fit()
	m := message{HTML: b.draw(markup), Plain: b.draw(plain)}
	m.Keyboard, m.Dropped = buttons(c)
	return m
}

// valueOf is the value of a fact: one line, unless it may have several.
func valueOf(f es.Fact) string {
	if f.Long {
		return paragraph(f.Value)
	}
	return line(f.Value)
}

// fact is a line; a value of several lines stands below its label.
func fact(label, value string) string {
	switch {
	case label == "" || value == "":
		return value
	case strings.Contains(value, "\n"):
		return label + ":\n" + value
	}
	return label + ": " + value
}

func appendSome(list []string, s string) []string {
	if s == "" {
		return list
	}
	return append(list, s)
}

// body is a card's text in parts, each clean, none escaped yet.
type body struct {
	title string
	lines []string // head, subject, turn
	facts []string
	text  []string // paragraphs
	trail []string
	label string // of the choice below
}

// fit cuts the parts until the message is within maxText: the trail first, then
// the paragraphs, then the facts; title and lines always fit.
func (b *body) fit() {
	left := maxText - units(b.title) - size(b.lines, "\n")
	if b.label != "" {
		left -= len("\n\n") + units(b.label)
	}
	trail := size(b.trail, "\n")
	b.facts = within(b.facts, "\n", left-min(size(b.text, "\n\n"), keepText)-min(trail, keepTrail))
	left -= size(b.facts, "\n")
	b.text = within(b.text, "\n\n", left-min(trail, keepTrail))
	b.trail = within(b.trail, "\n", left-size(b.text, "\n\n"))
}

// size is the length of parts in units, a separator before each.
func size(parts []string, separator string) int {
	n := 0
	for _, p := range parts {
		n += len(separator) + units(p)
	}
	return n
}

// within is as much of parts, a separator before each, as n units hold; where
// something is left out the last one ends in "…".
func within(parts []string, separator string, n int) []string {
	for i, p := range parts {
		room := n - len(separator)
		if units(p) <= room {
			n = room - units(p)
			continue
		}
		kept := append([]string(nil), parts[:i]...)
		switch {
		case room > 0:
			kept = append(kept, cut(p, room))
		case i > 0: // not even "…" has room: it takes the end of the one before
			kept[i-1] = cut(kept[i-1]+wire.Ellipsis+wire.Ellipsis, units(kept[i-1]))
		}
		return kept
	}
	return parts
}

// dialect says how the few marks of a message are written.
type dialect struct {
	escape        func(string) string
	bold, unbold  string
	quote, unfold string
	cite, uncite  string
}

var (
	markup = dialect{escape, "<b>", "</b>", "<blockquote expandable>", "</blockquote>", "<blockquote>", "</blockquote>"}
	plain  = dialect{escape: func(s string) string { return s }}
)

// draw writes the parts. An empty card is "…": Telegram refuses an empty text.
func (b *body) draw(d dialect) string {
	var blocks []string
	head := make([]string, 0, 1+len(b.lines)+len(b.facts))
	if b.title != "" {
		head = append(head, d.bold+d.escape(b.title)+d.unbold)
	}
	for _, s := range b.lines {
		head = append(head, d.escape(s))
	}
	for _, s := range b.facts {
		if label, value, long := strings.Cut(s, "\n"); long {
			s = d.escape(label) + "\n" + d.cite + d.escape(value) + d.uncite
		} else {
			s = d.escape(s)
		}
		head = append(head, s)
	}
	blocks = appendSome(blocks, strings.Join(head, "\n"))
	for _, s := range b.text {
		if wire.HasBlankLine(s) {
			blocks = append(blocks, d.cite+d.escape(s)+d.uncite)
			continue
		}
		blocks = append(blocks, d.escape(s))
	}
	text := strings.Join(blocks, "\n\n")
	if len(b.trail) > 0 {
		trail := d.quote + d.escape(strings.Join(b.trail, "\n")) + d.unfold
		text = strings.TrimPrefix(text+"\n"+trail, "\n")
	}
	if b.label != "" {
		text = strings.TrimPrefix(text+"\n\n"+d.escape(b.label), "\n\n")
	}
	if text == "" {
		return wire.Ellipsis
	}
	return text
}
