package slack

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
)

// Limits of messages and blocks (docs.slack.dev, Block Kit reference), in characters.
const (
	maxBlocks  = 50
	maxHeader  = 150
	maxSection = 3000
	maxFields  = 10 // of a section, each of 2,000 characters
	maxContext = 2000

	// maxSize bounds the JSON of all blocks. Slack answers msg_blocks_too_long
	// somewhere above 13,200 characters, which it does not document.
	maxSize = 13000
	// idSize is what Slack adds to each block before it counts: its block_id.
	idSize = 24
)

// Limits of our own, so that no field can push the rest of a card away.
const (
	maxLine   = 200 // head, subject, turn, a line of the trail
	maxLabel  = 60  // of a fact
	maxValue  = 500 // of a fact
	maxFacts  = 30
	maxTexts  = 20
	maxTrail  = 12   // six acts, each under its date at most
	maxNotice = 1000 // top-level text; Slack advises 4,000
)

// message is a card as Slack takes it. Text is what notifications and screen
// readers say, in mrkdwn; everything in Blocks is plain_text, so that nothing a
// person wrote means anything to Slack.
type message struct {
	Text    string
	Blocks  []api.Block
	Under   string   `json:",omitempty"` // the message in whose thread it goes; "": none
	Dropped []string // labels of buttons that were left out
	// Mark is of which attempt it came; nil: of none.
	Mark *outbox.Mark `json:"-"`
}

// render draws c. Whatever its texts hold, the result is within Slack's limits
// and has the same structure: header, head with subject, turn, facts,
// paragraphs, the trail as context, the choice, the rows of buttons, the menu
// beside the last of them.
func render(c card.Card) message { return part(c, "") }

// part draws c as one of the cards of a view, the action ids of which begin with area.
func part(c card.Card, area string) message {
	b := body{title: cut(asCommand(line(c.Title)), maxHeader), turn: cut(line(c.Turn), maxLine)}
	b.head = strings.Join(some(cut(line(c.Head), maxLine), cut(line(c.Subject), maxLine)), "\n")
	for _, f := range c.Facts {
		b.facts = append(b.facts, some(fact(cut(asCommand(line(f.Label)), maxLabel), cut(valueOf(f), maxValue)))...)
	}
	for _, s := range c.Text {
		b.texts = append(b.texts, some(cut(asCommand(paragraph(s)), maxSection))...)
	}
	for _, s := range c.Trail {
		b.trail = append(b.trail, some(cut(line(s), maxLine))...)
	}
	b.facts = b.facts[:min(len(b.facts), maxFacts)]
	b.trail = b.trail[max(0, len(b.trail)-maxTrail):]
	if len(b.texts) > maxTexts {
		rest := strings.Join(b.texts[maxTexts-1:], "\n")
		b.texts = append(b.texts[:maxTexts-1:maxTexts-1], cut(rest, maxSection))
	}
	b.panel = controls(c, area)
	return b.fit(notice(c))
}

// notice is the top-level text: number and state first, in what a phone shows.
func notice(c card.Card) string {
	parts := some(line(c.Title), line(c.Head), line(c.Subject), line(c.Turn))
	if len(parts) < 2 {
		for _, s := range c.Text {
			parts = append(parts, some(asCommand(line(s)))...)
		}
	}
	text := strings.Join(parts, " · ")
	if text == "" {
		text = wire.Ellipsis
	}
	return escape(cut(text, maxNotice))
}

// valueOf is the value of a fact: one line, unless it may have several. Each fact is a
// field of its own, and each paragraph a block: lines of theirs are nobody else's.
func valueOf(f es.Fact) string {
	if f.Long {
		return paragraph(f.Value)
	}
	return asCommand(line(f.Value))
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

// some are the texts that are not empty.
func some(texts ...string) []string {
	return slices.DeleteFunc(texts, func(s string) bool { return s == "" })
}

// body is a card in parts, each clean and within its own limit.
type body struct {
	title, head, turn string
	facts             []string
	texts             []string // paragraphs
	trail             []string
	panel
}

// fit takes parts away until all blocks together are within maxSize: the trail,
// then the last paragraphs, facts, options, buttons.
func (b *body) fit(text string) message {
	for {
		blocks := b.blocks()
		over := size(blocks) - maxSize
		if over <= 0 || !b.shrink(over) {
			return message{Text: text, Blocks: blocks, Dropped: b.dropped}
		}
	}
}

// shrink makes the least important part smaller, and reports whether there was one.
func (b *body) shrink(over int) bool {
	last := len(b.texts) - 1
	switch {
	case len(b.trail) > 0:
		b.trail = nil
	case last >= 0 && utf8.RuneCountInString(b.texts[last]) > over+1:
		b.texts[last] = cut(b.texts[last], weight(b.texts[last])-over-1)
	case last >= 0:
		b.texts = b.texts[:last]
		if last > 0 && !strings.HasSuffix(b.texts[last-1], wire.Ellipsis) {
			b.texts[last-1] = cut(b.texts[last-1], maxSection-1) + wire.Ellipsis
		}
	case len(b.facts) > 0:
		b.facts, _ = trim(b.facts, over, 0)
	case b.menu.shrinks():
		b.dropped = append(b.dropped, b.menu.shrink(over)...)
	case b.pick.shrinks():
		b.dropped = append(b.dropped, b.pick.shrink(over)...)
	case len(b.rows) > 0:
		var gone [][]api.BlockElement
		b.rows, gone = trim(b.rows, over, 0)
		for _, e := range slices.Concat(gone...) {
			if button, ok := e.(*api.ButtonBlockElement); ok {
				b.dropped = append(b.dropped, button.Text.Text)
			}
		}
	default:
		return false
	}
	return true
}

// shrinks reports whether c has an option to spare.
func (c *choice) shrinks() bool { return c != nil && len(c.options) > 1 }

// shrink takes c's last options away and says which.
func (c *choice) shrink(over int) (labels []string) {
	kept, gone := trim(c.options, over, 1)
	c.options = kept
	for _, o := range gone {
		labels = append(labels, o.Text.Text)
	}
	return labels
}

// trim takes the last parts of list away, at least one, until they free over
// characters or no more than least are left.
func trim[T any](list []T, over, least int) (kept, gone []T) {
	end := len(list)
	for over > 0 && end > least {
		end--
		over -= length(list[end])
	}
	return list[:end], list[end:]
}

// blocks draws the parts: at most 1 + 1 + 1 + 3 + 20 + 1 + 1 + 20 + 1 of the 50. An
// empty card is "…": Slack refuses a message without text.
func (b *body) blocks() []api.Block {
	var out []api.Block
	if b.title != "" {
		out = append(out, &api.HeaderBlock{Type: api.MBTHeader, Text: text(b.title)})
	}
	for _, s := range some(b.head, b.turn) {
		out = append(out, section(s))
	}
	for chunk := range slices.Chunk(b.facts, maxFields) {
		s := &api.SectionBlock{Type: api.MBTSection}
		for _, f := range chunk {
			s.Fields = append(s.Fields, text(f))
		}
		out = append(out, s)
	}
	for _, s := range b.texts {
		out = append(out, section(s))
	}
	if len(b.trail) > 0 {
		out = append(out, &api.ContextBlock{Type: api.MBTContext, ContextElements: api.ContextElements{
			Elements: []api.MixedElement{text(cut(strings.Join(b.trail, "\n"), maxContext))},
		}})
	}
	if b.pick != nil {
		out = append(out, actions(b.pick.list()))
	}
	rows := b.rows
	if b.menu != nil {
		rows = beside(rows, b.menu.dots())
	}
	for _, row := range rows {
		out = append(out, actions(row...))
	}
	if len(out) == 0 {
		out = append(out, section(wire.Ellipsis))
	}
	return out
}

// beside puts e after the last row, where that has room.
func beside(rows [][]api.BlockElement, e api.BlockElement) [][]api.BlockElement {
	last := len(rows) - 1
	if last < 0 || len(rows[last]) == maxElements {
		return append(slices.Clone(rows), []api.BlockElement{e})
	}
	rows = slices.Clone(rows)
	rows[last] = append(slices.Clone(rows[last]), e)
	return rows
}

func section(s string) api.Block { return &api.SectionBlock{Type: api.MBTSection, Text: text(s)} }

func actions(elements ...api.BlockElement) api.Block {
	return &api.ActionBlock{Type: api.MBTAction, Elements: &api.BlockElements{ElementSet: elements}}
}

// text is a text object in which nothing is syntax, not even an emoji's name.
func text(s string) *api.TextBlockObject {
	return &api.TextBlockObject{Type: api.PlainTextType, Text: s, Emoji: new(false)}
}

// size is the length of blocks as Slack may count it. JSON in Go writes & < > in
// six characters, Slack in up to five: it is never less.
func size(blocks []api.Block) int { return length(blocks) + idSize*len(blocks) }

func length(v any) int {
	raw, err := json.Marshal(v)
	if err != nil { // of structs made of strings: cannot be
		return 0
	}
	return utf8.RuneCount(raw)
}
