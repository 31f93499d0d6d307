package stage

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
)

// telegramBlocks are a text with what is folded in it apart.
func telegramBlocks(text string, entities []telegramtest.Entity) []page.Block {
	var out []page.Block
	at := 0 // in UTF-16 units, as entities count
	for i, line := range telegramLines(text, entities) {
		kind := "text"
		for _, e := range entities {
			if strings.HasSuffix(e.Type, "blockquote") && at >= e.Offset && at < e.Offset+e.Length {
				kind = "folded"
			}
		}
		if i == 0 || out[len(out)-1].Kind != kind {
			out = append(out, page.Block{Kind: kind})
		}
		last := &out[len(out)-1]
		last.Lines = append(last.Lines, line)
		for _, span := range line {
			at += len(utf16.Encode([]rune(span.Text)))
		}
		at++ // the line's end
	}
	return out
}

// telegramLines cuts a text where its entities begin and end, and at its line ends.
func telegramLines(text string, entities []telegramtest.Entity) []page.Line {
	units := utf16.Encode([]rune(text))
	cuts := []int{0, len(units)}
	for _, e := range entities {
		cuts = append(cuts, e.Offset, e.Offset+e.Length)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	lines := []page.Line{nil}
	for i := range len(cuts) - 1 {
		look := page.Span{}
		for _, e := range entities {
			if e.Offset > cuts[i] || e.Offset+e.Length < cuts[i+1] {
				continue
			}
			switch e.Type {
			case "bold":
				look.Bold = true
			case "italic":
				look.Em = true
			case "code", "pre":
				look.Code = true
			}
		}
		for j, part := range strings.Split(string(utf16.Decode(units[cuts[i]:cuts[i+1]])), "\n") {
			if j > 0 {
				lines = append(lines, nil)
			}
			if look.Text = part; part != "" {
				lines[len(lines)-1] = append(lines[len(lines)-1], look)
			}
		}
	}
	return lines
}

func plainLines(text string) []page.Line { return telegramLines(text, nil) }

// slackText is a text object of Block Kit.
type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// slackLines reads a text object: plain, or mrkdwn with *bold*, _emphasis_ and `code`.
func slackLines(t slackText) []page.Line {
	if t.Type != "mrkdwn" {
		return plainLines(t.Text)
	}
	unescape := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", "\u200b", "", "\u2060", "")
	var lines []page.Line
	for raw := range strings.SplitSeq(t.Text, "\n") {
		var line page.Line
		look, from := page.Span{}, 0
		flush := func(to int) {
			if look.Text = unescape.Replace(raw[from:to]); look.Text != "" {
				line = append(line, look)
			}
			from = to + 1
		}
		for i := range len(raw) {
			switch raw[i] {
			case '*':
				flush(i)
				look.Bold = !look.Bold
			case '_':
				flush(i)
				look.Em = !look.Em
			case '`':
				flush(i)
				look.Code = !look.Code
			}
		}
		flush(len(raw))
		lines = append(lines, line)
	}
	return lines
}

type slackConfirm struct{ Title, Text, Confirm, Deny slackText }

type slackOption struct {
	Text  slackText `json:"text"`
	Value string    `json:"value"`
}

type slackElement struct {
	Type        string          `json:"type"`
	RawText     json.RawMessage `json:"text"`
	ActionID    string          `json:"action_id"`
	Value       string          `json:"value"`
	URL         string          `json:"url"`
	Style       string          `json:"style"`
	Placeholder slackText       `json:"placeholder"`
	Options     []slackOption   `json:"options"`
	Confirm     *slackConfirm   `json:"confirm"`
	Multiline   bool            `json:"multiline"`
}

// words are an element's text: a text object, or of a context block the string itself.
func (e slackElement) words() slackText {
	var t slackText
	if json.Unmarshal(e.RawText, &t) != nil {
		t.Type = e.Type
		_ = json.Unmarshal(e.RawText, &t.Text) // an element without words has none
	}
	return t
}

type slackBlock struct {
	Type      string         `json:"type"`
	ID        string         `json:"block_id"`
	Text      *slackText     `json:"text"`
	Fields    []slackText    `json:"fields"`
	Elements  []slackElement `json:"elements"`
	Element   slackElement   `json:"element"`
	Accessory *slackElement  `json:"accessory"`
	Label     slackText      `json:"label"`
	Hint      slackText      `json:"hint"`
	Optional  bool           `json:"optional"`
}

// slackBlocks are blocks as the page draws them; inputs are left to the form.
func slackBlocks(raw json.RawMessage) []page.Block {
	var blocks []slackBlock
	if json.Unmarshal(raw, &blocks) != nil { // the emulator judged them before
		return nil
	}
	var out []page.Block
	for _, b := range blocks {
		switch b.Type {
		case "header":
			out = append(out, page.Block{Kind: "heading", Lines: slackLines(*b.Text)})
		case "section":
			if b.Text != nil {
				out = append(out, page.Block{Kind: "text", Lines: slackLines(*b.Text)})
			}
			if len(b.Fields) > 0 {
				fields := page.Block{Kind: "fields"}
				for _, f := range b.Fields {
					fields.Lines = append(fields.Lines, slackLines(f)...)
				}
				out = append(out, fields)
			}
			if b.Accessory != nil {
				out = append(out, page.Block{Kind: "actions", Rows: [][]page.Knob{{slackKnob(*b.Accessory)}}})
			}
		case "context":
			c := page.Block{Kind: "context"}
			for _, e := range b.Elements {
				c.Lines = append(c.Lines, slackLines(e.words())...)
			}
			out = append(out, c)
		case "actions":
			var row []page.Knob
			for _, e := range b.Elements {
				row = append(row, slackKnob(e))
			}
			out = append(out, page.Block{Kind: "actions", Rows: [][]page.Knob{row}})
		case "divider":
			out = append(out, page.Block{Kind: "divider"})
		}
	}
	return out
}

// homeID stands for the Home where a message is named.
const homeID = "home"

// homeBlocks are those of the Home, where buttons are known by their labels.
func homeBlocks(raw json.RawMessage) []page.Block {
	out := slackBlocks(raw)
	for _, b := range out {
		for _, row := range b.Rows {
			for i := range row {
				if len(row[i].Options) == 0 {
					row[i].ID = row[i].Label
				}
			}
		}
	}
	return out
}

func slackKnob(e slackElement) page.Knob {
	k := page.Knob{ID: e.ActionID + " " + e.Value, Label: e.words().Text, Style: e.Style, Link: e.URL, More: e.Type == "overflow"}
	for _, o := range e.Options {
		k.Options = append(k.Options, o.Text.Text)
	}
	if len(k.Options) > 0 {
		k.ID, k.Label = e.ActionID, e.Placeholder.Text
	}
	if c := e.Confirm; c != nil {
		k.Confirm = &page.Confirm{Title: c.Title.Text, Text: c.Text.Text, Yes: c.Confirm.Text, No: c.Deny.Text}
	}
	return k
}

// askKinds are the elements of a form, as the page asks for them.
var askKinds = map[string]string{
	"plain_text_input": "text", "number_input": "text", "email_text_input": "text", "datepicker": "date", "timepicker": "time",
	"static_select": "one", "radio_buttons": "one", "checkboxes": "some", "multi_static_select": "some", "file_input": "file",
}

func slackForm(v *slacktest.View) *page.Form {
	var blocks []slackBlock
	if json.Unmarshal(v.Blocks, &blocks) != nil { // the emulator judged them before
		return nil
	}
	f := &page.Form{ID: v.ID, Title: v.Title, Submit: v.Submit, Text: slackBlocks(v.Blocks)}
	for _, b := range blocks {
		if b.Type != "input" {
			continue
		}
		a := page.Ask{
			Label: b.Label.Text, Kind: askKinds[b.Element.Type], Hint: b.Hint.Text, Optional: b.Optional,
			Value: answered(v.State[b.ID]), Wrong: v.Errors[b.Label.Text],
		}
		if b.Element.Multiline {
			a.Kind = "long"
		}
		if a.Hint == "" {
			a.Hint = b.Element.Placeholder.Text
		}
		for _, o := range b.Element.Options {
			a.Options = append(a.Options, o.Text.Text)
		}
		f.Asks = append(f.Asks, a)
	}
	return f
}

// answered is the state of an element as the page shows it: labels of what was
// chosen, one a line.
func answered(state any) string {
	body, err := json.Marshal(state)
	if err != nil {
		return ""
	}
	var s struct {
		Value   string        `json:"value"`
		Date    string        `json:"selected_date"`
		Time    string        `json:"selected_time"`
		Option  *slackOption  `json:"selected_option"`
		Options []slackOption `json:"selected_options"`
		Files   []struct {
			Name string `json:"name"`
		} `json:"files"`
	}
	if json.Unmarshal(body, &s) != nil {
		return ""
	}
	chosen := []string{}
	for _, f := range s.Files {
		chosen = append(chosen, f.Name)
	}
	for _, o := range s.Options {
		chosen = append(chosen, o.Text.Text)
	}
	if s.Option != nil {
		chosen = append(chosen, s.Option.Text.Text)
	}
	return s.Value + s.Date + s.Time + strings.Join(chosen, "\n")
}

// pretty is a body as the inspector shows it: JSON indented, what is JSON inside
// a parameter too.
func pretty(params map[string]string) string {
	out := map[string]any{}
	for _, k := range slices.Sorted(maps.Keys(params)) {
		var v any
		if s := params[k]; len(s) > 0 && strings.ContainsRune("[{", rune(s[0])) && json.Unmarshal([]byte(s), &v) == nil {
			out[k] = v
			continue
		}
		out[k] = params[k]
	}
	return indented(out)
}

func indented(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return strings.TrimSpace(b.String())
}
