package slack

import (
	"fmt"
	"net/url"
	"slices"

	api "github.com/slack-go/slack"

	"sidem/bot/card"
)

// Limits of buttons and menus (docs.slack.dev, Block Kit reference), in characters.
const (
	maxElements    = 25 // of an actions block
	maxRows        = 20 // ours: actions blocks of a card
	maxButton      = 75
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

// linkAction begins the action ids of buttons that only open a page: Slack tells
// of them too.
const linkAction = "link"

// controls are c's choice and its rows of buttons, and the labels of those that
// Slack would refuse together with the whole message.
func controls(c card.Card) (*api.SelectBlockElement, [][]api.BlockElement, []string) {
	var dropped []string
	var rows [][]api.BlockElement
	list := c.Rows
	if len(list) > maxRows || slices.ContainsFunc(list, func(row []card.Action) bool { return len(row) > maxElements }) {
		list = slices.Collect(slices.Chunk(slices.Concat(list...), maxElements))
	}
	for i, actions := range list {
		var row []api.BlockElement
		for j, a := range actions {
			b := button(a, fmt.Sprintf("%d-%d", i+1, j+1))
			if b == nil || i >= maxRows {
				dropped = append(dropped, line(a.Label))
				continue
			}
			row = append(row, b)
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	pick, refused := menu(c.Select)
	return pick, rows, append(dropped, refused...)
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
	b.ActionID, b.Value, b.Confirm = "tap-"+id, a.Token, confirm(a)
	if a.Token == "" || weight(a.Token) > maxToken {
		return nil
	}
	return b
}

// menu is a choice among many; what is chosen brings back its token at once.
func menu(s *card.Select) (*api.SelectBlockElement, []string) {
	if s == nil {
		return nil, nil
	}
	var dropped []string
	m := &api.SelectBlockElement{Type: api.OptTypeStatic, ActionID: "pick", Placeholder: label(s.Label, maxPlaceholder)}
	for _, a := range s.Options {
		if len(m.Options) == maxOptions || a.Token == "" || weight(a.Token) > maxOptionValue {
			dropped = append(dropped, line(a.Label))
			continue
		}
		m.Options = append(m.Options, option(a.Label, a.Token))
		if m.Confirm == nil { // a menu has one question for all its options
			m.Confirm = confirm(a)
		}
	}
	if len(m.Options) == 0 {
		return nil, dropped
	}
	return m, dropped
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
		s = ellipsis
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
