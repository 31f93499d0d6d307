package slack

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	api "github.com/slack-go/slack"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

// meanwhile is the acknowledgement of what takes longer than Slack waits. A form says
// so in its place, and stays: what becomes of it is shown there.
func (j *job) meanwhile() any {
	if j.Kind != kindSubmit {
		return nil
	}
	v := sheet(j.filled().Title, wordWorking, wordClose)
	return api.NewUpdateViewSubmissionResponse(&v)
}

// filled is the form that was submitted, as Slack tells of it.
type filled struct {
	ID    string
	Title string
	View  api.ModalViewRequest
	State map[string]map[string]elementPayload
}

// filled reads the form again that j submits.
func (j *job) filled() filled {
	var i interactionPayload
	var shown struct {
		View api.View `json:"view"`
	}
	if json.Unmarshal(j.body, &i) != nil { // it was read before
		return filled{}
	}
	f := filled{ID: i.View.ID, State: i.View.State.Values}
	if json.Unmarshal(j.body, &shown) != nil { // of a shape that the library does not know
		return f
	}
	v := shown.View
	if v.Title != nil {
		f.Title = v.Title.Text
	}
	f.View = api.ModalViewRequest{
		Type: api.VTModal, Title: v.Title, Submit: v.Submit, Close: v.Close, Blocks: v.Blocks,
		PrivateMetadata: v.PrivateMetadata, CallbackID: v.CallbackID,
	}
	return f
}

// afterwards shows what became of a form in its place, after its acknowledgement said
// that it takes a moment: the form again with what was typed and what is wrong with
// it, the form that follows, or the words that answer it. It returns what is left to
// say otherwise: the person may have closed it, and the leave to open another is over.
func (r *receiver) afterwards(work context.Context, j *job, reply bot.Reply) bot.Reply {
	ctx, cancel := context.WithTimeout(work, r.replying)
	defer cancel()
	f := j.filled()
	o := &opening{id: f.ID}
	var v api.ModalViewRequest
	switch {
	case len(reply.Errors) > 0:
		if reply.Form != nil {
			f.View, f.State = modal(*reply.Form, j.Home), nil
		}
		v = f.again(reply.Errors)
	case reply.Form != nil:
		v = modal(*reply.Form, j.Home)
	default:
		v = sheet(f.Title, asCommand(first(reply.Toast, wordElsewhere)), wordClose)
	}
	there, err := r.fill(ctx, o, v)
	r.report(ctx, j.incoming, "modal", err)
	if !there {
		return byButton(reply)
	}
	if len(reply.Errors) == 0 && reply.Form == nil {
		reply.Toast = ""
	}
	reply.Errors, reply.Form = nil, nil
	return reply
}

// byButton says in a message what a form can not say any more, with a button that opens
// the form where there is more to do in it. A reply with a card of its own stays as it is.
func byButton(reply bot.Reply) bot.Reply {
	f := reply.Form
	if f == nil || f.Opener.Token == "" || reply.Card != nil {
		return reply
	}
	c := card.Card{Story: es.Story{Title: f.Title, Text: f.Intro}}
	if len(reply.Errors) > 0 {
		c = unsaved(reply.Errors)
	}
	c.Rows = [][]card.Action{{f.Opener}}
	reply.Card, reply.Form, reply.Errors = &c, nil, nil
	return reply
}

// again is the form with what was typed, and above each field what is wrong with it.
// Files cannot be put back: which ones are missing is said.
func (f filled) again(errs map[core.Field]string) api.ModalViewRequest {
	v := f.View
	blocks := []api.Block{section(wordMend)}
	left := maps.Clone(errs)
	for _, b := range v.Blocks.BlockSet {
		in, ok := b.(*api.InputBlock)
		if !ok {
			blocks = append(blocks, b)
			continue
		}
		field := core.Field(in.BlockID)
		if words := left[field]; words != "" {
			blocks = append(blocks, section(cut(line(words), maxSection)))
			delete(left, field)
		}
		for _, e := range f.State[in.BlockID] {
			if names := e.put(in.Element); len(names) > 0 {
				blocks = append(blocks, section(cut(wordAttach+line(strings.Join(names, ", ")), maxSection)))
			}
		}
		blocks = append(blocks, in)
	}
	for _, field := range slices.Sorted(maps.Keys(left)) {
		blocks = slices.Insert(blocks, 1, api.Block(section(cut(line(left[field]), maxSection))))
	}
	v.Blocks.BlockSet = blocks[:min(len(blocks), maxViewBlocks)]
	return v
}

// put has a control show what was answered, also where that is nothing. It returns the
// names of the files that were attached.
func (e elementPayload) put(control api.BlockElement) (files []string) {
	switch c := control.(type) {
	case *api.PlainTextInputBlockElement:
		c.InitialValue = e.Value
	case *api.NumberInputBlockElement:
		c.InitialValue = e.Value
	case *api.EmailTextInputBlockElement:
		c.InitialValue = e.Value
	case *api.DatePickerBlockElement:
		c.InitialDate = e.Date
	case *api.TimePickerBlockElement:
		c.InitialTime = e.Time
	case *api.SelectBlockElement:
		c.InitialOption = nil
		if e.Option != nil {
			c.InitialOption = picked([]optionPayload{*e.Option}, c.Options)[0]
		}
	case *api.MultiSelectBlockElement:
		c.InitialOptions = picked(e.Options, c.Options)
	case *api.CheckboxGroupsBlockElement:
		c.InitialOptions = picked(e.Options, c.Options)
	case *api.FileInputBlockElement:
		for _, up := range e.Files {
			files = append(files, first(up.Name, up.Title, up.ID))
		}
	}
	return files
}

// picked are the options that were chosen: as they are offered, or, where they were
// found by typing, as they were shown.
func picked(list []optionPayload, offered []*api.OptionBlockObject) (out []*api.OptionBlockObject) {
	for _, o := range list {
		one := chosen(offered, o.Value)
		if one == nil {
			one = option(o.Text.Text, o.Value)
		}
		out = append(out, one)
	}
	return out
}
