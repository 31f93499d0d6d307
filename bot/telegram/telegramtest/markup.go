package telegramtest

import (
	"encoding/json"
	"slices"
)

const (
	maxButtonData = 64    // bytes (InlineKeyboardButton.callback_data)
	maxPerRow     = 8     // what clients show in one row; the platform's own number is not documented
	maxButtons    = 100   // "reply markup is too long" beyond; observed, not documented
	maxMarkup     = 10000 // bytes of texts and data together; observed, not documented
	maxCopyText   = 256   // CopyTextButton.text
)

// Button is an inline button as the person sees it.
type Button struct {
	Text  string
	Data  string // callback data; empty for a link and other kinds
	URL   string
	Copy  string // what it puts where it can be pasted
	Style string // "primary", "success", "danger" or empty
	kind  string // the field that decided, e.g. "callback_data"
	value string // that field's JSON, to echo it
}

// buttonKinds are the fields that make a button what it is, in the order in
// which the platform looks: the first one present wins and the rest is ignored.
var buttonKinds = []string{
	"url", "callback_data", "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
	"switch_inline_query_current_chat", "login_url", "web_app", "copy_text",
}

// styles are the values of InlineKeyboardButton.style (Bot API 9.4).
var styles = []string{"primary", "success", "danger"}

type fields = map[string]json.RawMessage

// inlineKeyboard reads reply_markup. rows are nil for no inline keyboard;
// other is true for a keyboard of another kind (reply keyboard, force reply).
func inlineKeyboard(raw string) (rows [][]Button, other bool, refused *apiError) {
	if raw == "" {
		return nil, false, nil
	}
	if !json.Valid([]byte(raw)) {
		return nil, false, badRequest("can't parse reply keyboard markup JSON object")
	}
	var markup fields
	if err := json.Unmarshal([]byte(raw), &markup); err != nil || markup == nil {
		return nil, false, badRequest("object expected as reply markup")
	}
	for _, name := range []string{"keyboard", "remove_keyboard", "force_reply"} {
		if v, ok := markup[name]; ok && string(v) != "false" && string(v) != "null" {
			return nil, true, nil
		}
	}
	list, ok := markup["inline_keyboard"]
	if !ok || string(list) == "null" {
		return nil, false, nil
	}
	var grid [][]json.RawMessage
	if err := json.Unmarshal(list, &grid); err != nil {
		return nil, false, badRequest(`field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays`)
	}
	count, size := 0, 0
	for _, line := range grid {
		var row []Button
		for _, item := range line {
			b, refused := inlineButton(item)
			if refused != nil {
				return nil, false, refused
			}
			count++
			size += len(b.Text) + len(b.value)
			row = append(row, b)
		}
		if len(row) > maxPerRow {
			return nil, false, badRequest("reply markup is too long")
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if count > maxButtons || size > maxMarkup {
		return nil, false, badRequest("reply markup is too long")
	}
	return rows, false, nil
}

func cantParseButton(format string, args ...any) *apiError {
	return badRequest("can't parse inline keyboard button: "+format, args...)
}

func inlineButton(raw json.RawMessage) (Button, *apiError) {
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil || f == nil {
		return Button{}, cantParseButton("InlineKeyboardButton must be an Object")
	}
	var b Button
	var refused *apiError
	if b.Text, refused = stringField(f, "text", true); refused != nil {
		return b, refused
	}
	if b.Style, refused = stringField(f, "style", false); refused != nil {
		return b, refused
	}
	if b.Style != "" && !slices.Contains(styles, b.Style) {
		return b, cantParseButton("invalid button style specified") // a guess at the wording
	}
	for _, kind := range buttonKinds {
		value, ok := f[kind]
		if !ok || string(value) == "null" {
			continue
		}
		if refused := b.be(kind, value, f); refused != nil {
			return b, refused
		}
		if b.kind != "" {
			break
		}
	}
	b.Text = formatted{text: cleanText(b.Text)}.trim().text
	switch {
	case b.kind == "":
		return b, cantParseButton("Text buttons are unallowed in the inline keyboard")
	case b.Text == "":
		return b, badRequest("inline keyboard button text must be non-empty")
	case b.kind == "url" && !goodLink(b.URL):
		return b, badRequest("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
	case len(b.Data) > maxButtonData:
		return b, badRequest("BUTTON_DATA_INVALID")
	}
	return b, nil
}

// be makes the button of this kind, unless the value is as good as absent.
func (b *Button) be(kind string, value json.RawMessage, f fields) *apiError {
	var refused *apiError
	switch kind {
	case "url":
		if b.URL, refused = stringField(f, kind, false); refused != nil || b.URL == "" {
			return refused
		}
	case "callback_data":
		if b.Data, refused = stringField(f, kind, false); refused != nil || b.Data == "" {
			return refused
		}
	case "copy_text":
		// the Go library sends {"text":""} with every button
		var c struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(value, &c); err != nil {
			return cantParseButton(`Field "copy_text" must be of type Object`)
		}
		if c.Text == "" {
			return nil
		}
		if utf16Len(c.Text) > maxCopyText {
			return badRequest("BUTTON_COPY_TEXT_INVALID")
		}
		b.Copy = c.Text
	}
	b.kind, b.value = kind, string(value)
	return nil
}

// stringField takes strings and numbers, as the platform does.
func stringField(f fields, name string, required bool) (string, *apiError) {
	raw, ok := f[name]
	if !ok || string(raw) == "null" {
		if required {
			return "", cantParseButton("Can't find field %q", name)
		}
		return "", nil
	}
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(raw, &text) == nil:
		return text, nil
	case json.Unmarshal(raw, &number) == nil:
		return number.String(), nil
	}
	return "", cantParseButton("Field %q must be of type String", name)
}

// wireMarkup is the keyboard as the bot gets it back.
func wireMarkup(rows [][]Button) map[string]any {
	if len(rows) == 0 {
		return nil
	}
	grid := make([][]map[string]any, len(rows))
	for i, row := range rows {
		for _, b := range row {
			out := map[string]any{"text": b.Text, b.kind: json.RawMessage(b.value)}
			if b.Style != "" {
				out["style"] = b.Style
			}
			grid[i] = append(grid[i], out)
		}
	}
	return map[string]any{"inline_keyboard": grid}
}

// sameKeyboard compares what is shown and what a press would send.
func sameKeyboard(a, b [][]Button) bool {
	return slices.EqualFunc(a, b, func(x, y []Button) bool { return slices.Equal(x, y) })
}

func cloneKeyboard(rows [][]Button) [][]Button {
	if rows == nil {
		return nil
	}
	out := make([][]Button, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
	}
	return out
}
