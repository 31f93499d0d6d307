package slack

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// Limits of modals and inputs (docs.slack.dev, Views and Block Kit reference), in
// characters.
const (
	maxViewTitle  = 24
	maxViewBlocks = 100
	maxInputLabel = 300 // 2,000; ours is what a form can show
	maxHint       = 300 // 2,000
	maxIntro      = 10  // sections
	maxInput      = 3000
	maxChecks     = 10 // checkboxes
	maxFiles      = 10
)

// Ids that a modal brings back. The block of a question has its field as id, and that of
// the spreadsheet that may take its place the field with a mark.
const (
	sheetMark    = "-sheet"
	formCallback = "form"
	homeCallback = "form-home" // of one opened in the Home, which is drawn anew after it
	valueAction  = "value"
)

// sheet is a modal that only says something; name is what was pressed for it.
func sheet(name, words, leave string) api.ModalViewRequest {
	return api.ModalViewRequest{
		Type: api.VTModal, Title: label(first(name, wordApp), maxViewTitle), Close: label(leave, maxViewTitle),
		Blocks: api.Blocks{BlockSet: []api.Block{section(first(cut(paragraph(words), maxSection), wire.Ellipsis))}},
	}
}

// modal draws f as a view, within Slack's limits whatever its texts hold. A
// question whose answers are all to be chosen from nothing becomes a sentence.
// home: it is opened in the Home.
func modal(f card.Form, home bool) api.ModalViewRequest {
	v := api.ModalViewRequest{
		Type: api.VTModal, Title: label(f.Title, maxViewTitle), Submit: label(first(f.Submit, wordSend), maxViewTitle),
		Close: label(wordBack, maxViewTitle), PrivateMetadata: f.Token, CallbackID: formCallback,
	}
	if home {
		v.CallbackID = homeCallback
	}
	for _, s := range f.Intro[:min(len(f.Intro), maxIntro)] {
		if s = cut(paragraph(s), maxSection); s != "" {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(s))
		}
	}
	asked := map[core.Field]bool{}
	for _, q := range f.Questions {
		if asked[q.Field] || len(v.Blocks.BlockSet) == maxViewBlocks {
			continue
		}
		asked[q.Field] = true
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, input(q))
		if q.Spec.Type == core.TypeLines && q.Held == "" && len(v.Blocks.BlockSet) < maxViewBlocks {
			v.Blocks.BlockSet = append(v.Blocks.BlockSet, sheetInput(string(q.Field)+sheetMark, es.Say(es.ItemsSheet), es.Say(es.ItemsSheetHint)))
		}
	}
	if len(v.Blocks.BlockSet) == 0 { // Slack refuses a view without blocks
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(first(cut(line(f.Title), maxLine), wire.Ellipsis)))
	}
	return v
}

func input(q card.Question) api.Block {
	if q.Held != "" {
		return held(q)
	}
	e := element(q)
	if e == nil {
		return section(cut(line(q.Label), maxInputLabel) + " " + wordNoOptions)
	}
	b := &api.InputBlock{
		Type: api.MBTInput, BlockID: string(q.Field), Label: label(q.Label, maxInputLabel), Element: e, Optional: !q.Required || q.Spec.Type == core.TypeLines, // a spreadsheet may take their place
	}
	picked := q.Spec.Type == core.TypeDate || q.Spec.Type == core.TypeClock // nothing is typed
	if hint := cut(line(q.Hint), maxHint); hint != "" && !picked {
		b.Hint = text(hint)
	}
	return b
}

// held says why a field cannot be changed here. Where a file may take its place there is
// a control for that.
func held(q card.Question) api.Block {
	if q.Spec.Type != core.TypeLines {
		return section(cut(line(q.Label), maxInputLabel) + "\n" + cut(paragraph(q.Held), maxSection-maxInputLabel-1))
	}
	return sheetInput(string(q.Field), q.Label, q.Held)
}

// sheetInput asks for a spreadsheet of renglones, of a kind that is read.
func sheetInput(id, name, hint string) api.Block {
	return &api.InputBlock{
		Type: api.MBTInput, BlockID: id, Label: label(name, maxInputLabel), Optional: true, Hint: text(cut(line(hint), maxHint)),
		Element: &api.FileInputBlockElement{Type: api.METFileInput, ActionID: valueAction, MaxFiles: 1, FileTypes: []string{"xlsx", "csv"}},
	}
}

// element is the control for q's type, or nil where there is nothing to choose from.
func element(q card.Question) api.BlockElement {
	switch q.Spec.Type {
	case core.TypeDate:
		return &api.DatePickerBlockElement{Type: api.METDatepicker, ActionID: valueAction, InitialDate: parsed(time.DateOnly, q.Value)}
	case core.TypeClock:
		return &api.TimePickerBlockElement{Type: api.METTimepicker, ActionID: valueAction, InitialTime: parsed("15:04", q.Value)}
	case core.TypeChoice, core.TypePerson:
		if q.Typed {
			return write(q)
		}
		return chooseOne(q)
	case core.TypeChoices:
		return chooseSome(q)
	case core.TypeUpload:
		return &api.FileInputBlockElement{Type: api.METFileInput, ActionID: valueAction, MaxFiles: files(q.Spec.Max)}
	case core.TypeText, core.TypeLong, core.TypeMoney, core.TypeDigits, core.TypeMail, core.TypePhone, core.TypeKey, core.TypeLines:
	}
	return write(q)
}

// write asks for a text. Only the bounds of texts are Slack's to check: amounts,
// digits and lines are written in many ways, which the bot reads. What stands there is
// shown whole, every character of it: the form says so of what it cannot hold.
func write(q card.Question) api.BlockElement {
	e := &api.PlainTextInputBlockElement{
		Type: api.METPlainTextInput, ActionID: valueAction,
		Multiline: q.Spec.Type == core.TypeLong || q.Spec.Type == core.TypeLines,
	}
	limit := maxInput
	if q.Spec.Type == core.TypeText || q.Spec.Type == core.TypeLong {
		e.MinLength = max(0, min(q.Spec.Min, maxInput))
		if q.Spec.Max > 0 {
			limit = min(q.Spec.Max, maxInput)
			e.MaxLength = max(limit, e.MinLength)
		}
	}
	if e.InitialValue = q.Value; q.Value == "" {
		return e
	}
	if utf8.RuneCountInString(q.Value) < e.MinLength { // Slack refuses what it would not accept
		e.MinLength = 0
	}
	if weight(q.Value) > limit {
		e.MaxLength = maxInput
	}
	return e
}

func chooseOne(q card.Question) api.BlockElement {
	options := choices(q.Options)
	if len(options) == 0 {
		return nil
	}
	present := chosen(options, q.Value)
	if present != nil && !q.Required && len(options) < maxOptions {
		options = append(options, option(wordBlank, blankOption))
	}
	return &api.SelectBlockElement{
		Type: api.OptTypeStatic, ActionID: valueAction, Placeholder: text(wordChoose),
		Options: options, InitialOption: present,
	}
}

// blankOption takes away what was chosen, where there need not be any: not every Slack lets
// a person do so with the control itself.
const blankOption = "-"

// chooseSome shows up to ten options as boxes and more as a menu.
func chooseSome(q card.Question) api.BlockElement {
	options := choices(q.Options)
	var present []*api.OptionBlockObject
	for part := range strings.SplitSeq(q.Value, ",") {
		if o := chosen(options, part); o != nil && !slices.Contains(present, o) {
			present = append(present, o)
		}
	}
	switch {
	case len(options) == 0:
		return nil
	case len(options) <= maxChecks:
		return &api.CheckboxGroupsBlockElement{Type: api.METCheckboxGroups, ActionID: valueAction, Options: options, InitialOptions: present}
	default:
		return &api.MultiSelectBlockElement{
			Type: api.MultiOptTypeStatic, ActionID: valueAction, Placeholder: text(wordChoose), Options: options, InitialOptions: present,
		}
	}
}

// choices are the options that Slack takes: the first hundred with a value.
func choices(list []card.Option) []*api.OptionBlockObject {
	var out []*api.OptionBlockObject
	for _, o := range list {
		if o.Value == "" || weight(o.Value) > maxOptionValue || len(out) == maxOptions {
			continue
		}
		out = append(out, option(o.Label, o.Value))
	}
	return out
}

func chosen(options []*api.OptionBlockObject, value string) *api.OptionBlockObject {
	i := slices.IndexFunc(options, func(o *api.OptionBlockObject) bool { return o.Value == value })
	if i < 0 {
		return nil
	}
	return options[i]
}

// parsed is value where it has the layout that Slack takes, else nothing.
func parsed(layout, value string) string {
	if _, err := time.Parse(layout, value); err != nil {
		return ""
	}
	return value
}

func files(n int) int {
	if n <= 0 {
		return maxFiles
	}
	return min(n, maxFiles)
}
