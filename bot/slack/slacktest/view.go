package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// View is the modal that is on top, or the Home.
type View struct {
	ID      string
	Title   string
	Text    string // what it says besides its questions
	Labels  []string
	Errors  map[string]string // by label
	Buttons []Button
	Selects []Select
	// For those who draw it: what its button says, its blocks as they were sent,
	// and what was answered so far, by block_id.
	Submit string
	Blocks json.RawMessage
	State  map[string]any
}

func (v *view) shown() *View {
	out := &View{
		ID: v.id, Title: v.title, Text: v.text, Errors: map[string]string{}, Buttons: v.buttons, Selects: v.selects,
		Submit: v.submit, Blocks: v.raw, State: maps.Clone(v.values),
	}
	for _, b := range v.inputs {
		out.Labels = append(out.Labels, b.Label.Text)
		if e, ok := v.errors[b.ID]; ok {
			out.Errors[b.Label.Text] = e
		}
	}
	return out
}

// top is the modal on top; nil for none. The caller holds the lock.
func (p *Person) top() *view {
	if len(p.modals) == 0 {
		return nil
	}
	return p.modals[len(p.modals)-1]
}

// Modal is the one on top; nil for none.
func (p *Person) Modal() *View {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if v := p.top(); v != nil {
		return v.shown()
	}
	return nil
}

// CloseModal closes the modal on top, as the person may at any time.
func (p *Person) CloseModal() {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if len(p.modals) > 0 {
		p.modals = p.modals[:len(p.modals)-1]
	}
	p.server.change()
}

// OpenHome opens the Home of the app.
func (p *Person) OpenHome() error {
	p.server.mu.Lock()
	payload := p.server.event(map[string]any{"type": "app_home_opened", "user": p.id, "channel": p.dm.id, "tab": "home", "event_ts": p.server.stamp()})
	payload["team_id"] = p.team
	p.server.mu.Unlock()
	return p.act(act{kind: kindEvents, name: "app_home_opened", what: "Home", payload: payload})
}

// Home is what the Home shows; nil before it was published.
func (p *Person) Home() *View {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.home == nil {
		return nil
	}
	return p.home.shown()
}

// PressHome presses a button of the Home, or picks an option of one of its menus, by its label.
func (p *Person) PressHome(label string) error {
	h := p.Home()
	if h == nil {
		return errors.New("the Home is empty")
	}
	action := pick(h.Selects, "", label)
	for _, b := range h.Buttons {
		if b.Text == label {
			action = map[string]any{"type": "button", "action_id": b.ActionID, "block_id": b.BlockID, "value": b.Value, "text": plainText(b.Text)}
		}
	}
	if action == nil {
		return fmt.Errorf("no button %q on the Home", label)
	}
	s := p.server
	s.mu.Lock()
	action["action_ts"] = s.stamp()
	payload := map[string]any{
		"type": "block_actions", "trigger_id": p.trigger(), "api_app_id": appID, "team": map[string]any{"id": s.opts.TeamID}, "user": p.user(),
		"container": map[string]any{"type": "view", "view_id": p.home.id}, "view": map[string]any{"id": p.home.id, "type": "home", "hash": p.home.hash},
		"actions": []any{action},
	}
	s.mu.Unlock()
	return p.act(act{kind: kindInteractive, name: "block_actions", what: label, payload: payload})
}

// input is the question of the modal on top with the label; the caller holds the lock.
func (p *Person) input(label string) (*view, block, error) {
	v := p.top()
	if v == nil {
		return nil, block{}, errors.New("no modal is open")
	}
	i := slices.IndexFunc(v.inputs, func(b block) bool { return b.Label.Text == label })
	if i < 0 {
		return nil, block{}, fmt.Errorf("no question %q in %q", label, v.title)
	}
	return v, v.inputs[i], nil
}

// Fill answers a question of the modal; options are named by their labels.
func (p *Person) Fill(label, value string) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	v, b, err := p.input(label)
	if err != nil {
		return err
	}
	e := *b.Element
	state := map[string]any{"type": unquote(e.Type)}
	switch unquote(e.Type) {
	case "datepicker":
		state["selected_date"] = value
	case "timepicker":
		state["selected_time"] = value
	case "static_select", "radio_buttons", "checkboxes", "multi_static_select":
		var chosen []option
		for _, o := range e.Options {
			if slices.Contains(strings.Split(value, ", "), o.Text.Text) {
				chosen = append(chosen, o)
			}
		}
		switch {
		case len(chosen) == 0:
			return fmt.Errorf("no option %q for %q", value, label)
		case unquote(e.Type) == "checkboxes" || unquote(e.Type) == "multi_static_select":
			state["selected_options"] = chosen
		default:
			state["selected_option"] = chosen[0]
		}
	case "file_input":
		return fmt.Errorf("%q takes files", label)
	default:
		if e.MaxLength != nil && len([]rune(value)) > *e.MaxLength {
			return fmt.Errorf("slack does not take more than %d characters for %q", *e.MaxLength, label)
		}
		state["value"] = value
		if value == "" { // as Slack sends a control that was emptied
			state["value"] = nil
		}
	}
	v.values[b.ID] = state
	p.server.change()
	return nil
}

// AttachInModal puts a file into a question of the modal.
func (p *Person) AttachInModal(label, name, mime string, data []byte) error {
	f := p.server.keep(name, mime, data)
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	v, b, err := p.input(label)
	if err != nil {
		return err
	}
	if unquote(b.Element.Type) != "file_input" {
		return fmt.Errorf("%q takes no file", label)
	}
	if kinds := b.Element.FileTypes; len(kinds) > 0 && !slices.Contains(kinds, strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".")) {
		return fmt.Errorf("slack does not take %s for %q: it takes %v", name, label, kinds)
	}
	v.values[b.ID] = map[string]any{"type": "file_input", "files": []any{p.server.described(f)}}
	p.server.change()
	return nil
}

// Submit sends the modal on top. It stays open with the errors that the app
// answers, becomes what the app answers, and closes otherwise.
func (p *Person) Submit() error {
	s := p.server
	s.mu.Lock()
	v := p.top()
	if v == nil || len(v.inputs) == 0 {
		s.mu.Unlock()
		return errors.New("no modal with questions is open")
	}
	values := map[string]map[string]any{}
	for _, b := range v.inputs {
		state, _ := v.values[b.ID].(map[string]any)
		if !b.Optional && len(state) < 2 {
			s.mu.Unlock()
			return fmt.Errorf("slack does not send the form: %q is empty", b.Label.Text)
		}
		values[b.ID] = map[string]any{b.Element.ActionID: maps.Clone(state)}
	}
	payload := map[string]any{
		"type": "view_submission", "trigger_id": p.trigger(), "api_app_id": appID, "team": map[string]any{"id": s.opts.TeamID}, "user": p.user(),
		"view": map[string]any{
			"id": v.id, "hash": v.hash, "type": "modal", "private_metadata": v.metadata, "callback_id": v.callback, "blocks": v.raw,
			"title": plainText(v.title), "submit": plainText(v.submit), "close": plainText(v.close), "external_id": v.external,
			"state": map[string]any{"values": values},
		},
	}
	s.mu.Unlock()
	return p.act(act{kind: kindInteractive, name: "view_submission", what: v.title, payload: payload, done: func(answer json.RawMessage) {
		s.submitted(p, v, answer)
	}})
}

// submitted carries out what the app answered to a submission; the caller holds the lock.
func (s *Server) submitted(p *Person, v *view, answer json.RawMessage) {
	var a struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(answer) > 0 && json.Unmarshal(answer, &a) != nil {
		s.broken(p, v, "an answer that is no JSON")
		return
	}
	switch a.Action {
	case "":
		p.modals = slices.DeleteFunc(p.modals, func(o *view) bool { return o == v })
	case "clear":
		p.modals = nil
	case "errors":
		for id := range a.Errors {
			if !slices.ContainsFunc(v.inputs, func(b block) bool { return b.ID == id }) {
				s.broken(p, v, "an error of a block that is no question: "+id)
				return
			}
		}
		v.errors = a.Errors
	case "update", "push":
		next, err := parseView(string(a.View), "modal")
		switch {
		case err != nil:
			s.broken(p, v, err.Error())
		case a.Action == "update":
			s.replace(v, next)
		case len(p.modals) >= maxStack:
			s.broken(p, v, "push_limit_reached")
		default:
			if _, err := s.add(p, next); err != nil {
				s.broken(p, v, err.Error())
				return
			}
			p.modals = append(p.modals, next)
		}
	default:
		s.broken(p, v, "unknown response_action "+a.Action)
	}
}

// broken shows what Slack shows where an answer means nothing to it: trouble
// connecting, in the modal.
func (s *Server) broken(p *Person, v *view, why string) {
	p.failures = append(p.failures, "Slack: "+v.title+": We had some trouble connecting ("+why+")")
}
