package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

type text struct {
	Type, Text string
}

type option struct {
	Text        text   `json:"text"`
	Value       string `json:"value"`
	Description *text  `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
}

type confirm struct {
	Title, Text, Confirm, Deny *text
	Style                      string
}

type element struct {
	Type, Text  json.RawMessage
	ActionID    string   `json:"action_id"`
	Value       string   `json:"value"`
	URL         string   `json:"url"`
	Style       string   `json:"style"`
	Confirm     *confirm `json:"confirm"`
	Placeholder *text    `json:"placeholder"`
	Options     []option `json:"options"`
	// of inputs
	Initial   string   `json:"initial_value"`
	Option    *option  `json:"initial_option"`
	Several   []option `json:"initial_options"`
	Date      string   `json:"initial_date"`
	Time      string   `json:"initial_time"`
	MinLength *int     `json:"min_length"`
	MaxLength *int     `json:"max_length"`
	MaxFiles  *int     `json:"max_files"`
	FileTypes []string `json:"filetypes"`
}

type block struct {
	Type      string    `json:"type"`
	ID        string    `json:"block_id"`
	Text      *text     `json:"text"`
	Fields    []text    `json:"fields"`
	Elements  []element `json:"elements"`
	Element   *element  `json:"element"`
	Accessory *element  `json:"accessory"`
	Label     *text     `json:"label"`
	Hint      *text     `json:"hint"`
	Optional  bool      `json:"optional"`
}

// seen is what the blocks of a message or a view show.
type seen struct {
	text    string
	buttons []Button
	selects []Select
	inputs  []block
}

type inspector struct {
	seen
	lines   []string
	id      string // of the present block
	blockID map[string]bool
	action  map[string]bool // of the present block
	faults  []string
}

// inspect judges blocks as Slack does, and says what they show. What has no
// block_id gets one, as Slack gives it.
func inspect(raw json.RawMessage, most int) (seen, error) {
	var blocks []block
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return seen{}, no("invalid_blocks_format", err.Error())
	}
	in := &inspector{blockID: map[string]bool{}}
	if len(blocks) > most {
		in.fault("no more than %d items allowed [json-pointer:/blocks]", most)
	}
	for i, b := range blocks {
		in.block(fmt.Sprintf("/blocks/%d", i), b)
	}
	if len(in.faults) > 0 {
		return seen{}, no("invalid_blocks", in.faults...)
	}
	in.text = strings.Join(in.lines, "\n")
	return in.seen, nil
}

func (in *inspector) fault(format string, args ...any) {
	in.faults = append(in.faults, "[ERROR] "+fmt.Sprintf(format, args...))
}

// judge is a text within its limit.
func (in *inspector) judge(t *text, most int, where string, mrkdwn bool) bool {
	switch {
	case t == nil || t.Text == "":
		in.fault("must be more than 0 characters [json-pointer:%s]", where)
		return false
	case t.Type != "plain_text" && (t.Type != "mrkdwn" || !mrkdwn):
		in.fault("unsupported type: %s [json-pointer:%s]", t.Type, where)
	case utf8.RuneCountInString(t.Text) > most:
		in.fault("must be less than %d characters [json-pointer:%s]", most+1, where)
	}
	return true
}

// say judges a text that is read as part of the message.
func (in *inspector) say(t *text, most int, where string, mrkdwn bool) {
	if in.judge(t, most, where, mrkdwn) {
		in.lines = append(in.lines, plain(*t))
	}
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

func (in *inspector) block(at string, b block) {
	if len(b.ID) > maxID {
		in.fault("must be less than %d characters [json-pointer:%s/block_id]", maxID+1, at)
	}
	if b.ID != "" && in.blockID[b.ID] {
		in.fault("block_id already exists: %s", b.ID)
	}
	in.blockID[b.ID], in.action = true, map[string]bool{}
	if in.id = b.ID; in.id == "" {
		in.id = "given" + at // as Slack gives one
	}
	switch b.Type {
	case "divider":
	case "header":
		in.say(b.Text, maxHeader, at+"/text", false)
	case "section":
		in.section(at, b)
	case "context":
		in.count(len(b.Elements), maxContext, at+"/elements")
		for j, e := range b.Elements {
			t := text{Type: unquote(e.Type), Text: unquote(e.Text)}
			in.say(&t, maxSection, fmt.Sprintf("%s/elements/%d", at, j), true)
		}
	case "actions":
		in.count(len(b.Elements), maxActions, at+"/elements")
		for j, e := range b.Elements {
			in.element(fmt.Sprintf("%s/elements/%d", at, j), e)
		}
	case "input":
		in.input(at, b)
	default:
		in.fault("unsupported type: %s [json-pointer:%s/type]", b.Type, at)
	}
}

func (in *inspector) count(n, most int, at string) {
	if n == 0 || n > most {
		in.fault("between 1 and %d items allowed [json-pointer:%s]", most, at)
	}
}

func (in *inspector) section(at string, b block) {
	if b.Text != nil || len(b.Fields) == 0 {
		in.say(b.Text, maxSection, at+"/text", true)
	}
	if len(b.Fields) > maxFields {
		in.fault("no more than %d items allowed [json-pointer:%s/fields]", maxFields, at)
	}
	for j := range b.Fields {
		in.say(&b.Fields[j], maxField, fmt.Sprintf("%s/fields/%d", at, j), true)
	}
	if b.Accessory != nil {
		in.element(at+"/accessory", *b.Accessory)
	}
}

func unquote(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // another kind of value is no text
	return s
}

func (in *inspector) actionID(at, id string) {
	if id == "" || len(id) > maxID || in.action[id] {
		in.fault("action_id %q is missing, too long or already exists [json-pointer:%s/action_id]", id, at)
	}
	in.action[id] = true
}

func (in *inspector) element(at string, e element) {
	in.actionID(at, e.ActionID)
	dialog := in.confirm(at+"/confirm", e.Confirm)
	switch kind := unquote(e.Type); kind {
	case "button":
		var t text
		_ = json.Unmarshal(e.Text, &t) // judged by what it holds
		in.judge(&t, maxLabel, at+"/text", false)
		if utf8.RuneCountInString(e.Value) > maxValue || utf8.RuneCountInString(e.URL) > maxURL {
			in.fault("must be less than %d characters [json-pointer:%s/value]", maxValue+1, at)
		}
		if e.Style != "" && e.Style != "primary" && e.Style != "danger" {
			in.fault("invalid style: %s [json-pointer:%s/style]", e.Style, at)
		}
		in.buttons = append(in.buttons, Button{Text: t.Text, BlockID: in.id, ActionID: e.ActionID, Value: e.Value, Style: e.Style, URL: e.URL, Confirm: dialog})
	case "static_select", "overflow":
		most := maxOptions
		if kind == "overflow" {
			most = maxOverflow
		}
		in.options(at, e.Options, most, maxOptionValue)
		s := Select{BlockID: in.id, ActionID: e.ActionID, Overflow: kind == "overflow", Confirm: dialog}
		if e.Placeholder != nil {
			in.judge(e.Placeholder, maxPlaceholder, at+"/placeholder", false)
			s.Label = e.Placeholder.Text
		}
		for _, o := range e.Options {
			s.Options = append(s.Options, Option{Text: o.Text.Text, Value: o.Value})
		}
		in.selects = append(in.selects, s)
	default:
		in.fault("unsupported type: %s [json-pointer:%s/type]", kind, at)
	}
}

func (in *inspector) confirm(at string, c *confirm) *Dialog {
	if c == nil {
		return nil
	}
	ok := in.judge(c.Title, maxConfirmTitle, at+"/title", false)
	ok = in.judge(c.Text, maxConfirmText, at+"/text", true) && ok
	ok = in.judge(c.Confirm, maxConfirmAnswer, at+"/confirm", false) && ok
	ok = in.judge(c.Deny, maxConfirmAnswer, at+"/deny", false) && ok
	if c.Style != "" && c.Style != "primary" && c.Style != "danger" {
		in.fault("invalid style: %s [json-pointer:%s/style]", c.Style, at)
	}
	if !ok {
		return nil
	}
	return &Dialog{Title: c.Title.Text, Text: plain(*c.Text), Yes: c.Confirm.Text, No: c.Deny.Text}
}

func (in *inspector) options(at string, options []option, most, value int) {
	in.count(len(options), most, at+"/options")
	for j, o := range options {
		here := fmt.Sprintf("%s/options/%d", at, j)
		in.judge(&o.Text, maxOption, here+"/text", true)
		if n := utf8.RuneCountInString(o.Value); n == 0 || n > value {
			in.fault("must be between 1 and %d characters [json-pointer:%s/value]", value, here)
		}
		if o.Description != nil {
			in.judge(o.Description, maxOption, here+"/description", true)
		}
	}
}

// input judges a question. Its control is named by action_id within its block.
func (in *inspector) input(at string, b block) {
	b.ID = in.id
	in.judge(b.Label, maxInputLabel, at+"/label", false)
	if b.Hint != nil {
		in.judge(b.Hint, maxInputLabel, at+"/hint", false)
	}
	if b.Element == nil {
		in.fault("missing required field: element [json-pointer:%s]", at)
		return
	}
	e := *b.Element
	at += "/element"
	in.actionID(at, e.ActionID)
	if e.Placeholder != nil {
		in.judge(e.Placeholder, maxPlaceholder, at+"/placeholder", false)
	}
	switch kind := unquote(e.Type); kind {
	case "plain_text_input":
		in.written(at, e)
	case "static_select", "radio_buttons":
		in.choices(at, kind, e, maxOptions)
	case "multi_static_select":
		in.choices(at, kind, e, maxOptions)
	case "checkboxes":
		in.choices(at, kind, e, maxBoxes)
	case "datepicker":
		in.layout(at+"/initial_date", e.Date, "2006-01-02")
	case "timepicker":
		in.layout(at+"/initial_time", e.Time, "15:04")
	case "file_input":
		if e.MaxFiles != nil && (*e.MaxFiles < 1 || *e.MaxFiles > maxInputFiles) {
			in.fault("must be between 1 and %d [json-pointer:%s/max_files]", maxInputFiles, at)
		}
	default:
		in.fault("unsupported type: %s [json-pointer:%s/type]", kind, at)
	}
	in.inputs = append(in.inputs, b)
}

func (in *inspector) written(at string, e element) {
	least, most := 0, maxInput
	if e.MinLength != nil {
		least = *e.MinLength
	}
	if e.MaxLength != nil {
		most = *e.MaxLength
	}
	if least < 0 || least > maxInput || most < 1 || most > maxInput || least > most {
		in.fault("min_length and max_length must be between 0 and %d [json-pointer:%s]", maxInput, at)
	}
	if n := utf8.RuneCountInString(e.Initial); n > most || (n > 0 && n < least) {
		in.fault("initial_value is not what the input accepts [json-pointer:%s/initial_value]", at)
	}
}

func (in *inspector) choices(at, kind string, e element, most int) {
	if kind == "radio_buttons" {
		most = maxBoxes
	}
	in.options(at, e.Options, most, maxOptionValue)
	initial := e.Several
	if e.Option != nil {
		initial = append(slices.Clone(initial), *e.Option)
	}
	for _, o := range initial {
		if !slices.ContainsFunc(e.Options, func(p option) bool { return p.Text == o.Text && p.Value == o.Value }) {
			in.fault("initial option is none of the options [json-pointer:%s]", at)
		}
	}
}

func (in *inspector) layout(at, value, layout string) {
	if value == "" {
		return
	}
	if _, err := time.Parse(layout, value); err != nil {
		in.fault("does not match %s [json-pointer:%s]", layout, at)
	}
}
