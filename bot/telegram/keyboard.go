package telegram

import (
	"net/url"
	"slices"

	"sidem.gob.mx/sidem/bot/card"
)

// Limits of an inline keyboard (Bot API, InlineKeyboardButton; a hundred buttons
// and eight a row are what the servers keep). maxButton is ours: phones cut sooner.
const (
	maxButtons  = 100
	maxRow      = 8
	maxData     = card.MaxToken
	maxURL      = 2048
	maxCopy     = 256
	maxButton   = 60
	noLabelText = "Abrir"
)

// keyboard is InlineKeyboardMarkup with nothing that we do not mean: the
// library's own type sends an empty copy_text with every button.
type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

// button has exactly one of Data, URL and Copy.
type button struct {
	Text  string    `json:"text"`
	Style string    `json:"style,omitempty"` // "primary" or "danger" (Bot API 9.4)
	Data  string    `json:"callback_data,omitempty"`
	URL   string    `json:"url,omitempty"`
	Copy  *copyText `json:"copy_text,omitempty"`
}

// copyText is CopyTextButton (Bot API 7.11).
type copyText struct {
	Text string `json:"text"`
}

// buttons draws the options of c's choice, one a row, then its actions, and last
// the button that unfolds its menu. It returns nil where there are none, and the labels of those that Telegram would
// refuse together with the whole message.
func buttons(c card.Card) (*keyboard, []string) {
	var options, rows [][]button
	var dropped []string
	for _, actions := range slices.Concat(c.Rows, unfolding(c.Menu)) {
		var row []button
		for _, a := range actions {
			b, ok := draw(a)
			if !ok {
				dropped = append(dropped, a.Label)
				continue
			}
			row = append(row, b)
		}
		for ; len(row) > maxRow; row = row[maxRow:] {
			rows = append(rows, row[:maxRow])
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if c.Select != nil {
		for _, a := range c.Select.Options {
			if b, ok := draw(a); ok {
				options = append(options, []button{b})
			} else {
				dropped = append(dropped, a.Label)
			}
		}
	}
	return limit(options, rows), dropped
}

// unfolding is the row of the button that has the bot draw a menu's actions.
func unfolding(m *card.Menu) [][]card.Action {
	if m == nil || len(m.Actions) == 0 {
		return nil
	}
	return [][]card.Action{{{Label: m.Label, Token: m.Token}}}
}

// limit joins options and rows within maxButtons; rows come last and are kept first.
func limit(options, rows [][]button) *keyboard {
	left := maxButtons
	for i, r := range rows {
		if left -= len(r); left < 0 {
			rows, left = rows[:i], 0
			break
		}
	}
	all := append(options[:min(left, len(options)):min(left, len(options))], rows...)
	if len(all) == 0 {
		return nil
	}
	return &keyboard{Rows: all}
}

// draw is one action as a button. An act that asks once more sends Ask, and
// without one it is no button: pressing it would act at once.
func draw(a card.Action) (button, bool) {
	b := button{Text: cut(line(a.Label), maxButton), Style: style(a.Style)}
	if b.Text == "" {
		b.Text = noLabelText
	}
	if a.URL != "" {
		b.URL = a.URL
		return b, page(a.URL)
	}
	if a.Copy != "" {
		b.Copy = &copyText{Text: a.Copy}
		return b, units(a.Copy) <= maxCopy
	}
	b.Data = a.Token
	if a.Confirm != nil {
		b.Data = a.Ask
	}
	return b, b.Data != "" && len(b.Data) <= maxData
}

func style(s card.Style) string {
	switch s {
	case card.Primary, card.Danger:
		return string(s)
	case card.Plain:
	}
	return ""
}

// page reports whether link is one that a button may open.
func page(link string) bool {
	u, err := url.Parse(link)
	return err == nil && len(link) <= maxURL && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.User == nil
}
