package slack

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
)

// Limits of buttons and menus (docs.slack.dev, Block Kit reference), in characters.
const (
	maxElements    = 25 // of an actions block
	maxRows        = 20 // ours: actions blocks of a card
	maxButton      = 75
	maxOverflow    = 5 // options of a ⋯
	maxToken       = 2000
	maxURL         = 3000
	maxOptions     = 100
	maxOption      = 75
	maxOptionValue = 150
	maxPlaceholder = 150

	maxConfirmTitle  = 100
	maxConfirmText   = 300
	maxConfirmAnswer = 30
)

// What begins the action ids of buttons: those that bring a token back, those
// that open a form besides, and those that only open a page, of which Slack tells
// too. What opens a form among the options of a menu has openMark before its
// token, since all options share one action id.
const (
	tapAction  = "tap"
	openAction = "open"
	linkAction = "link"
	openMark   = "^" // begins no token
)

// Token is what the value of a button or of an option brings back to the bot.
func Token(value string) string { return strings.TrimPrefix(value, openMark) }

// panel are the controls of a card.
type panel struct {
	pick    *choice // among many
	menu    *choice // of what is seldom needed
	rows    [][]api.BlockElement
	dropped []string // labels of what Slack would refuse together with the whole message
}

// choice is a list of options to pick one from. What is picked brings back its
// token at once.
type choice struct {
	id, label string
	options   []*api.OptionBlockObject
	confirm   *api.ConfirmationBlockObject // one for all
}

// controls are c's choice, its rows of buttons and its menu. Action ids begin
// with area, so that several cards fit one view.
func controls(c card.Card, area string) panel {
	var p panel
	list := pressable(c.Rows)
	if len(list) > maxRows || slices.ContainsFunc(list, func(row []card.Action) bool { return len(row) > maxElements }) {
		list = slices.Collect(slices.Chunk(slices.Concat(list...), maxElements))
	}
	for i, actions := range list {
		var row []api.BlockElement
		for j, a := range actions {
			b := button(a, fmt.Sprintf("%s%d-%d", area, i+1, j+1))
			if b == nil || i >= maxRows {
				p.dropped = append(p.dropped, line(a.Label))
				continue
			}
			row = append(row, b)
		}
		if len(row) > 0 {
			p.rows = append(p.rows, row)
		}
	}
	if c.Select != nil {
		p.pick = p.choose(area+"pick", c.Select.Label, c.Select.Options)
	}
	if c.Menu != nil {
		p.offer(*c.Menu, area)
	}
	return p
}

// pressable are the rows without what only copies words, which Slack has no button for.
func pressable(rows [][]card.Action) [][]card.Action {
	out := make([][]card.Action, 0, len(rows))
	for _, row := range rows {
		out = append(out, slices.DeleteFunc(slices.Clone(row), func(a card.Action) bool { return a.Copy != "" }))
	}
	return out
}

// offer adds the menu: a ⋯, a list where there is more than that can hold, and a
// button where there is one act alone.
func (p *panel) offer(m card.Menu, area string) {
	if len(m.Actions) != 1 {
		p.menu = p.choose(area+"menu", m.Label, m.Actions)
		return
	}
	b := button(m.Actions[0], area+"menu")
	if b == nil {
		p.dropped = append(p.dropped, line(m.Actions[0].Label))
		return
	}
	p.rows = append(p.rows, []api.BlockElement{b})
}

// button is one action, or nil where Slack would refuse it. What cannot be undone
// is asked once more in Slack's own dialog, so Ask is never sent.
func button(a card.Action, id string) *api.ButtonBlockElement {
	b := &api.ButtonBlockElement{Type: api.METButton, Text: label(a.Label, maxButton), Style: style(a.Style)}
	if a.URL != "" {
		b.ActionID, b.URL = linkAction+"-"+id, a.URL
		if !page(a.URL) {
			return nil
		}
		return b
	}
	kind := tapAction
	if a.Opens {
		kind = openAction
	}
	b.ActionID, b.Value, b.Confirm = kind+"-"+id, a.Token, confirm(a)
	if a.Token == "" || weight(a.Token) > maxToken {
		return nil
	}
	return b
}

// choose lists actions. A list has one dialog for all its options: where they do
// not share it, Ask is sent, and the bot asks.
func (p *panel) choose(id, name string, actions []card.Action) *choice {
	c := &choice{id: id, label: name}
	shared := len(actions) > 0 && actions[0].Confirm != nil && !slices.ContainsFunc(actions, func(a card.Action) bool {
		return a.Confirm == nil || *a.Confirm != *actions[0].Confirm
	})
	if shared {
		c.confirm = confirm(actions[0])
	}
	for _, a := range actions {
		value := a.Token
		if a.Confirm != nil && !shared {
			value = a.Ask
		}
		if value != "" && a.Opens {
			value = openMark + value
		}
		if len(c.options) == maxOptions || value == "" || weight(value) > maxOptionValue {
			p.dropped = append(p.dropped, line(a.Label))
			continue
		}
		c.options = append(c.options, option(a.Label, value))
	}
	if len(c.options) == 0 {
		return nil
	}
	return c
}

// list draws c as a list that opens.
func (c *choice) list() api.BlockElement {
	return &api.SelectBlockElement{
		Type: api.OptTypeStatic, ActionID: c.id, Placeholder: label(c.label, maxPlaceholder), Options: c.options, Confirm: c.confirm,
	}
}

// dots draws c as a ⋯ where it fits one.
func (c *choice) dots() api.BlockElement {
	if len(c.options) > maxOverflow {
		return c.list()
	}
	return &api.OverflowBlockElement{Type: api.METOverflow, ActionID: c.id, Options: c.options, Confirm: c.confirm}
}

func option(name, value string) *api.OptionBlockObject {
	return &api.OptionBlockObject{Text: label(name, maxOption), Value: value}
}

func confirm(a card.Action) *api.ConfirmationBlockObject {
	q := a.Confirm
	if q == nil {
		return nil
	}
	c := &api.ConfirmationBlockObject{
		Title:   label(first(q.Title, a.Label), maxConfirmTitle),
		Text:    label(first(q.Text, wordSure), maxConfirmText),
		Confirm: label(first(q.Yes, a.Label), maxConfirmAnswer),
		Deny:    label(first(q.No, wordBack), maxConfirmAnswer),
	}
	if a.Style == card.Danger {
		c.Style = api.StyleDanger
	}
	return c
}

// label is s as the text of a control; Slack refuses an empty one.
func label(s string, limit int) *api.TextBlockObject {
	s = cut(line(s), limit)
	if s == "" {
		s = wire.Ellipsis
	}
	return text(s)
}

func style(s card.Style) api.Style {
	switch s {
	case card.Primary:
		return api.StylePrimary
	case card.Danger:
		return api.StyleDanger
	case card.Plain:
	}
	return api.StyleDefault
}

// page reports whether link is one that a button may open.
func page(link string) bool {
	u, err := url.Parse(link)
	return err == nil && len(link) <= maxURL && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
