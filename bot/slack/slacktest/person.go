package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Message is what a person sees of one message.
type Message struct {
	TS, Channel, ThreadTS string
	FromBot, Ephemeral    bool
	Text                  string // the notification
	Shown                 string // what the blocks say, without markup
	Blocks                json.RawMessage
	Buttons               []Button
	Selects               []Select
	Files                 []File
	Posted, Edited        time.Time
	Edits                 int
}

// Button is one that can be pressed.
type Button struct {
	Text, ActionID, Value, Style, URL string
	Confirm                           bool
}

// Select is a menu: values by label.
type Select struct {
	Label, ActionID string
	Options         map[string]string
}

// File is one that a person sent.
type File struct {
	ID, Name, MIME string
	Data           []byte
}

// Person is a member of the workspace, with direct messages with the app.
type Person struct {
	server   *Server
	id, name string
	email    string
	dm       string
	screen   []Message
	failures []string
	modal    *view
	last     func() error
}

// Person is the member with the id; it is made if need be.
func (s *Server) Person(id, name, email string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.people[id]
	if !ok {
		p = &Person{server: s, id: id, name: name, email: email, dm: "D" + strings.TrimPrefix(id, "U")}
		s.people[id], s.channels[p.dm] = p, p
	}
	return p
}

// Screen are the direct messages as they look now, oldest first.
func (p *Person) Screen() []Message {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	return slices.Clone(p.screen)
}

// Failures are what Slack told the person had failed.
func (p *Person) Failures() []string {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	return slices.Clone(p.failures)
}

// trigger is a new trigger_id of the person's; the caller holds the lock.
func (p *Person) trigger() string {
	id := fmt.Sprintf("%d.trigger", p.server.next())
	p.server.triggers[id] = trigger{person: p, at: time.Now()}
	return id
}

// act delivers once now, and again when the same is delivered once more.
func (p *Person) act(once func() error) error {
	p.server.mu.Lock()
	p.last = once
	p.server.mu.Unlock()
	return once()
}

// Redeliver sends the last act once more, with the same ids.
func (p *Person) Redeliver() error {
	p.server.mu.Lock()
	last := p.last
	p.server.mu.Unlock()
	if last == nil {
		return errors.New("nothing was done yet")
	}
	return last()
}

// Slash types a slash command.
func (p *Person) Slash(command, words string) error {
	s := p.server
	s.mu.Lock()
	s.scopes["commands"] = true
	payload := map[string]any{
		"command": command, "text": words, "team_id": s.opts.TeamID, "channel_id": p.dm, "channel_name": "directmessage",
		"user_id": p.id, "user_name": p.name, "trigger_id": p.trigger(), "response_url": s.http.URL + "/none",
	}
	s.mu.Unlock()
	return p.act(func() error { return s.deliver(p, "slash_commands", command+" "+words, payload, nil) })
}

// Say writes a message to the app.
func (p *Person) Say(words string) { p.write(words, nil) }

// SendFile sends a file to the app.
func (p *Person) SendFile(name, mime string, data []byte, words string) {
	p.write(words, []File{p.server.keep(name, mime, data)})
}

func (s *Server) keep(name, mime string, data []byte) File {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := File{ID: fmt.Sprintf("F%08d", s.next()), Name: name, MIME: mime, Data: data}
	s.files[f.ID] = f
	return f
}

func (s *Server) described(f File) map[string]any {
	address := s.http.URL + "/files/" + f.ID
	return map[string]any{"id": f.ID, "name": f.Name, "mimetype": f.MIME, "size": len(f.Data), "url_private": address, "url_private_download": address}
}

func (p *Person) write(words string, files []File) {
	s := p.server
	s.mu.Lock()
	m := Message{TS: s.stamp(), Channel: p.dm, Text: words, Shown: words, Files: files, Posted: s.opts.Now()}
	p.screen = append(p.screen, m)
	s.scopes["im:history"] = true
	event := map[string]any{"type": "message", "user": p.id, "text": words, "ts": m.TS, "channel": p.dm, "channel_type": "im", "team": s.opts.TeamID, "event_ts": m.TS}
	if len(files) > 0 {
		event["subtype"] = "file_share"
		var all []map[string]any
		for _, f := range files {
			all = append(all, s.described(f))
		}
		event["files"] = all
	}
	payload := map[string]any{"type": "event_callback", "team_id": s.opts.TeamID, "api_app_id": "A0SIDEM", "event_id": fmt.Sprintf("Ev%08d", s.next()), "event": event}
	s.change()
	s.mu.Unlock()
	// A failure shows on the screen; an event that nobody took comes again by Redeliver.
	_ = p.act(func() error { return s.deliver(p, "events_api", words, payload, nil) })
}

// PressValue presses a button of a message by what it would send, whether or not it can still be seen.
func (p *Person) PressValue(ts, actionID, value string) error {
	return p.action(ts, map[string]any{"type": "button", "action_id": actionID, "value": value})
}

// Select picks an option of a menu of a message, by its label.
func (p *Person) Select(ts, label, option string) error {
	for _, m := range p.Screen() {
		for _, sel := range m.Selects {
			if v, ok := sel.Options[option]; ok && m.TS == ts {
				return p.action(ts, map[string]any{
					"type": "static_select", "action_id": sel.ActionID,
					"selected_option": map[string]any{"text": map[string]any{"type": "plain_text", "text": option}, "value": v},
				})
			}
		}
	}
	return fmt.Errorf("no menu %q with %q", label, option)
}

func (p *Person) action(ts string, action map[string]any) error {
	s := p.server
	s.mu.Lock()
	action["action_ts"] = s.stamp()
	payload := map[string]any{
		"type": "block_actions", "trigger_id": p.trigger(), "team": map[string]any{"id": s.opts.TeamID},
		"user":      map[string]any{"id": p.id, "name": p.name, "team_id": s.opts.TeamID},
		"channel":   map[string]any{"id": p.dm, "name": "directmessage"},
		"container": map[string]any{"type": "message", "message_ts": ts, "channel_id": p.dm},
		"message":   map[string]any{"ts": ts, "type": "message"}, "actions": []any{action},
	}
	s.mu.Unlock()
	return p.act(func() error { return s.deliver(p, "interactive", fmt.Sprint(action["action_id"]), payload, nil) })
}

// Labels of the texts that a person answers in a modal, with what was answered.
type view struct {
	id, hash, metadata string
	title              string
	blocks             []block
	values             map[string]any // by block_id: the state of its element
	errors             map[string]string
}

// View is the modal that is open.
type View struct {
	Title  string
	Labels []string
	Errors map[string]string // by label
}

type inputElement struct {
	Type     string   `json:"type"`
	ActionID string   `json:"action_id"`
	Options  []option `json:"options"`
	Initial  string   `json:"initial_value"`
	Option   *option  `json:"initial_option"`
	Several  []option `json:"initial_options"`
	Date     string   `json:"initial_date"`
	Time     string   `json:"initial_time"`
}

// parseView judges a modal.
func parseView(raw []byte) (*view, error) {
	var v struct {
		Type     string          `json:"type"`
		Title    *text           `json:"title"`
		Submit   *text           `json:"submit"`
		Close    *text           `json:"close"`
		Metadata string          `json:"private_metadata"`
		Blocks   json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(raw, &v); err != nil || v.Type != "modal" {
		return nil, no("invalid_arguments", "[ERROR] not a modal")
	}
	for _, t := range []*text{v.Title, v.Submit, v.Close} {
		if t != nil && (len([]rune(t.Text)) > 24 || t.Type != "plain_text") {
			return nil, no("invalid_arguments", "[ERROR] must be less than 25 characters")
		}
	}
	seen, err := inspect(v.Blocks, 100)
	if err != nil {
		return nil, err
	}
	if v.Title == nil || (len(seen.inputs) > 0 && v.Submit == nil) || len(v.Metadata) > 3000 {
		return nil, no("invalid_arguments", "[ERROR] missing title or submit, or private_metadata too long")
	}
	out := &view{metadata: v.Metadata, title: v.Title.Text, blocks: seen.inputs, values: map[string]any{}}
	for _, b := range seen.inputs {
		var e inputElement
		if err := json.Unmarshal(b.Element, &e); err != nil || e.ActionID == "" || len([]rune(b.Label.Text)) > 2000 {
			return nil, no("invalid_arguments", "[ERROR] invalid input "+b.ID)
		}
		state := map[string]any{"type": e.Type}
		switch {
		case e.Initial != "":
			state["value"] = e.Initial
		case e.Date != "":
			state["selected_date"] = e.Date
		case e.Time != "":
			state["selected_time"] = e.Time
		case e.Option != nil:
			state["selected_option"] = e.Option
		case len(e.Several) > 0:
			state["selected_options"] = e.Several
		}
		out.values[b.ID] = state
	}
	return out, nil
}

// Modal is the one that is open; nil for none.
func (p *Person) Modal() *View {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	if p.modal == nil {
		return nil
	}
	v := &View{Title: p.modal.title, Errors: map[string]string{}}
	for _, b := range p.modal.blocks {
		v.Labels = append(v.Labels, b.Label.Text)
		if e, ok := p.modal.errors[b.ID]; ok {
			v.Errors[b.Label.Text] = e
		}
	}
	return v
}

// input is the question of the open modal with the label; the caller holds the lock.
func (p *Person) input(label string) (block, inputElement, error) {
	if p.modal == nil {
		return block{}, inputElement{}, errors.New("no modal is open")
	}
	for _, b := range p.modal.blocks {
		if b.Label.Text == label {
			var e inputElement
			return b, e, json.Unmarshal(b.Element, &e)
		}
	}
	return block{}, inputElement{}, fmt.Errorf("no question %q in %q", label, p.modal.title)
}

// Fill answers a question of the open modal; options are named by their labels.
func (p *Person) Fill(label, value string) error {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	b, e, err := p.input(label)
	if err != nil {
		return err
	}
	state := map[string]any{"type": e.Type}
	switch e.Type {
	case "datepicker":
		state["selected_date"] = value
	case "timepicker":
		state["selected_time"] = value
	case "static_select", "radio_buttons", "checkboxes":
		var chosen []option
		for _, o := range e.Options {
			if slices.Contains(strings.Split(value, ", "), o.Text.Text) {
				chosen = append(chosen, o)
			}
		}
		if len(chosen) == 0 {
			return fmt.Errorf("no option %q for %q", value, label)
		}
		state["selected_option"] = chosen[0]
		if e.Type == "checkboxes" {
			delete(state, "selected_option")
			state["selected_options"] = chosen
		}
	default:
		state["value"] = value
	}
	p.modal.values[b.ID] = state
	return nil
}

// AttachInModal puts a file into a question of the open modal.
func (p *Person) AttachInModal(label, name, mime string, data []byte) error {
	f := p.server.keep(name, mime, data)
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	b, e, err := p.input(label)
	if err != nil {
		return err
	}
	if e.Type != "file_input" {
		return fmt.Errorf("%q takes no file", label)
	}
	p.modal.values[b.ID] = map[string]any{"type": e.Type, "files": []any{p.server.described(f)}}
	return nil
}

// Submit sends the open modal. It stays open with the errors that the app
// answers, and closes otherwise.
func (p *Person) Submit() error {
	s := p.server
	s.mu.Lock()
	v := p.modal
	if v == nil {
		s.mu.Unlock()
		return errors.New("no modal is open")
	}
	var blocks []map[string]any
	values := map[string]map[string]any{}
	for _, b := range v.blocks {
		var e inputElement
		if err := json.Unmarshal(b.Element, &e); err != nil {
			s.mu.Unlock()
			return err
		}
		state, _ := v.values[b.ID].(map[string]any)
		if !b.Optional && len(state) < 2 {
			s.mu.Unlock()
			return fmt.Errorf("slack does not send the form: %q is empty", b.Label.Text)
		}
		blocks = append(blocks, map[string]any{"type": "input", "block_id": b.ID})
		values[b.ID] = map[string]any{e.ActionID: maps.Clone(state)}
	}
	payload := map[string]any{
		"type": "view_submission", "trigger_id": p.trigger(), "team": map[string]any{"id": s.opts.TeamID},
		"user": map[string]any{"id": p.id, "name": p.name, "team_id": s.opts.TeamID},
		"view": map[string]any{
			"id": v.id, "hash": v.hash, "type": "modal", "private_metadata": v.metadata, "blocks": blocks,
			"state": map[string]any{"values": values},
		},
	}
	s.mu.Unlock()
	return p.act(func() error {
		return s.deliver(p, "interactive", v.title, payload, func(answer json.RawMessage) {
			var a struct {
				Action string            `json:"response_action"`
				Errors map[string]string `json:"errors"`
			}
			_ = json.Unmarshal(answer, &a) // an empty answer closes
			if a.Action == "errors" {
				v.errors = a.Errors
				return
			}
			if p.modal == v {
				p.modal = nil
			}
		})
	})
}
