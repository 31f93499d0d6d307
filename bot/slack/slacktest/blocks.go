package slacktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// The limits of Block Kit (docs.slack.dev, reference of blocks and elements).
const (
	maxSection, maxField, maxFields   = 3000, 2000, 10
	maxHeader, maxContext, maxActions = 150, 10, 25
	maxLabel, maxValue, maxID         = 75, 2000, 255
	maxOptions, maxOption             = 100, 150
	maxAll                            = 13200 // in all blocks of a message; measured, not documented
)

type text struct {
	Type, Text string
}

type option struct {
	Text  text   `json:"text"`
	Value string `json:"value"`
}

type element struct {
	Type, Text  json.RawMessage
	ActionID    string          `json:"action_id"`
	Value       string          `json:"value"`
	URL         string          `json:"url"`
	Style       string          `json:"style"`
	Confirm     json.RawMessage `json:"confirm"`
	Placeholder *text           `json:"placeholder"`
	Options     []option        `json:"options"`
}

type block struct {
	Type     string          `json:"type"`
	ID       string          `json:"block_id"`
	Text     *text           `json:"text"`
	Fields   []text          `json:"fields"`
	Elements []element       `json:"elements"`
	Element  json.RawMessage `json:"element"`
	Label    *text           `json:"label"`
	Optional bool            `json:"optional"`
}

// seen is what the blocks of a message show.
type seen struct {
	text    string
	buttons []Button
	selects []Select
	inputs  []block
}

type inspector struct {
	seen
	lines   []string
	total   int
	blockID map[string]bool
	action  map[string]bool
	faults  []string
}

// inspect judges blocks as Slack does, and says what they show.
func inspect(raw json.RawMessage, most int) (seen, error) {
	var blocks []block
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return seen{}, no("invalid_blocks_format", err.Error())
	}
	in := &inspector{blockID: map[string]bool{}, action: map[string]bool{}}
	if len(blocks) > most {
		in.fault("no more than %d items allowed [json-pointer:/blocks]", most)
	}
	for i, b := range blocks {
		in.block(i, b)
	}
	if len(in.faults) > 0 {
		return seen{}, no("invalid_blocks", in.faults...)
	}
	if in.total > maxAll {
		return seen{}, no("msg_blocks_too_long")
	}
	in.text = strings.Join(in.lines, "\n")
	return in.seen, nil
}

func (in *inspector) fault(format string, args ...any) {
	in.faults = append(in.faults, "[ERROR] "+fmt.Sprintf(format, args...))
}

func (in *inspector) words(t *text, most int, where string) {
	if t == nil || t.Text == "" {
		in.fault("must be more than 0 characters [json-pointer:%s]", where)
		return
	}
	if t.Type != "plain_text" && t.Type != "mrkdwn" {
		in.fault("unsupported type: %s [json-pointer:%s]", t.Type, where)
	}
	n := utf8.RuneCountInString(t.Text)
	in.total += n
	if n > most {
		in.fault("must be less than %d characters [json-pointer:%s]", most+1, where)
	}
	in.lines = append(in.lines, plain(*t))
}

// plain is a text as it is read: mrkdwn without its markup.
func plain(t text) string {
	s := t.Text
	if t.Type == "mrkdwn" {
		s = strings.NewReplacer("*", "", "_", "").Replace(s)
		s = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
	}
	return strings.NewReplacer("\u200b", "", "\u2060", "").Replace(s)
}

func (in *inspector) block(i int, b block) {
	at := fmt.Sprintf("/blocks/%d", i)
	if len(b.ID) > maxID {
		in.fault("must be less than %d characters [json-pointer:%s/block_id]", maxID+1, at)
	}
	if b.ID != "" && in.blockID[b.ID] {
		in.fault("block_id already exists: %s", b.ID)
	}
	in.blockID[b.ID] = true
	switch b.Type {
	case "divider":
	case "header":
		in.words(b.Text, maxHeader, at+"/text")
	case "section":
		if b.Text != nil || len(b.Fields) == 0 {
			in.words(b.Text, maxSection, at+"/text")
		}
		if len(b.Fields) > maxFields {
			in.fault("no more than %d items allowed [json-pointer:%s/fields]", maxFields, at)
		}
		for j := range b.Fields {
			in.words(&b.Fields[j], maxField, fmt.Sprintf("%s/fields/%d", at, j))
		}
	case "context":
		if len(b.Elements) == 0 || len(b.Elements) > maxContext {
			in.fault("between 1 and %d items [json-pointer:%s/elements]", maxContext, at)
		}
		for j, e := range b.Elements {
			t := text{Type: unquote(e.Type), Text: unquote(e.Text)}
			in.words(&t, maxSection, fmt.Sprintf("%s/elements/%d", at, j))
		}
	case "actions":
		if len(b.Elements) == 0 || len(b.Elements) > maxActions {
			in.fault("between 1 and %d items [json-pointer:%s/elements]", maxActions, at)
		}
		for j, e := range b.Elements {
			in.element(fmt.Sprintf("%s/elements/%d", at, j), e)
		}
	case "input":
		in.words(b.Label, 2000, at+"/label")
		in.inputs = append(in.inputs, b)
	default:
		in.fault("unsupported type: %s [json-pointer:%s/type]", b.Type, at)
	}
}

func unquote(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // another kind of value is no text
	return s
}

func (in *inspector) element(at string, e element) {
	if e.ActionID == "" || len(e.ActionID) > maxID || in.action[e.ActionID] {
		in.fault("action_id %q is missing, too long or already exists [json-pointer:%s]", e.ActionID, at)
	}
	in.action[e.ActionID] = true
	switch unquote(e.Type) {
	case "button":
		var t text
		_ = json.Unmarshal(e.Text, &t) // judged by what it holds
		shown := len(in.lines)
		in.words(&t, maxLabel, at+"/text")
		in.lines = in.lines[:shown] // a label is not part of the text
		if t.Type != "plain_text" || len(e.Value) > maxValue || len(e.URL) > 3000 {
			in.fault("invalid button [json-pointer:%s]", at)
		}
		if e.Style != "" && e.Style != "primary" && e.Style != "danger" {
			in.fault("invalid style: %s [json-pointer:%s/style]", e.Style, at)
		}
		in.buttons = append(in.buttons, Button{Text: t.Text, ActionID: e.ActionID, Value: e.Value, Style: e.Style, URL: e.URL, Confirm: len(e.Confirm) > 0})
	case "static_select", "overflow":
		in.options(at, e.Options)
		s := Select{ActionID: e.ActionID, Options: map[string]string{}}
		if e.Placeholder != nil {
			s.Label = e.Placeholder.Text
		}
		for _, o := range e.Options {
			s.Options[o.Text.Text] = o.Value
		}
		in.selects = append(in.selects, s)
	default:
		in.fault("unsupported type: %s [json-pointer:%s/type]", unquote(e.Type), at)
	}
}

func (in *inspector) options(at string, options []option) {
	if len(options) == 0 || len(options) > maxOptions {
		in.fault("between 1 and %d items [json-pointer:%s/options]", maxOptions, at)
	}
	for j, o := range options {
		if n := utf8.RuneCountInString(o.Text.Text); n == 0 || n > maxLabel || len(o.Value) == 0 || len(o.Value) > maxOption {
			in.fault("invalid option [json-pointer:%s/options/%d]", at, j)
		}
	}
}
