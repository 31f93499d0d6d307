package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Person is a member of the workspace, with direct messages with the app.
type Person struct {
	server   *Server
	id, name string
	email    string
	team     string // of a stranger of Slack Connect: another one
	gone     bool
	dm       *room
	failures []string
	modals   []*view // the last is on top
	home     *view
	last     func() error
}

// Person is the member with the id; it is made if need be.
func (s *Server) Person(id, name, email string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.people[id]
	if !ok {
		p = &Person{server: s, id: id, name: name, email: email, team: s.opts.TeamID}
		p.dm = &room{id: "D" + strings.TrimPrefix(id, "U"), direct: p, app: true}
		s.people[id], s.rooms[p.dm.id] = p, p.dm
	}
	return p
}

// Stranger is somebody of another workspace, met through Slack Connect.
func (s *Server) Stranger(id, team string) *Person {
	p := s.Person(id, "stranger", "")
	s.mu.Lock()
	defer s.mu.Unlock()
	p.team = team
	return p
}

// Channel is a channel with these people in it; app: SIDEM's app too.
func (s *Server) Channel(id string, app bool, people ...*Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &room{id: id, app: app, members: map[string]bool{}}
	for _, p := range people {
		r.members[p.id] = true
	}
	s.rooms[id] = r
}

// Deactivate has the person leave the workspace.
func (p *Person) Deactivate() {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	p.gone = true
}

// DM is the id of the direct messages.
func (p *Person) DM() string { return p.dm.id }

// Screen are the direct messages as they look now, oldest first, threads and what
// only this person sees among them.
func (p *Person) Screen() []Message { return p.In(p.dm.id) }

// In are the messages of a channel as this person sees them.
func (p *Person) In(channel string) []Message {
	p.server.mu.Lock()
	defer p.server.mu.Unlock()
	r := p.server.rooms[channel]
	if r == nil || (r.direct != p && !r.members[p.id]) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.messages), func(m Message) bool { return m.only != nil && m.only != p })
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
	p.server.triggers[id] = &trigger{person: p, at: p.server.opts.Real()}
	return id
}

// act delivers an act now, and again when the same is delivered once more.
func (p *Person) act(a act) error {
	a.person = p
	once := func() error { return p.server.deliver(a) }
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

// Slash types a slash command in the direct messages.
func (p *Person) Slash(command, words string) error { return p.SlashIn(p.dm.id, command, words) }

// SlashIn types a slash command in a channel.
func (p *Person) SlashIn(channel, command, words string) error {
	s := p.server
	s.mu.Lock()
	r := s.rooms[channel]
	if r == nil {
		s.mu.Unlock()
		return errors.New("no such channel")
	}
	payload := map[string]any{
		"command": command, "text": words, "team_id": p.team, "channel_id": channel, "channel_name": "directmessage", "api_app_id": appID,
		"user_id": p.id, "user_name": p.name, "trigger_id": p.trigger(), "response_url": s.responseFor(p, r), "is_enterprise_install": "false",
	}
	s.mu.Unlock()
	return p.act(act{
		kind: kindCommands, name: "slash_commands", scope: "commands", what: command + " " + words, payload: payload,
		done: func(answer json.RawMessage) {
			if err := s.said(p, r, answer); err != nil {
				p.failures = append(p.failures, "Slack: "+command+": "+err.Error())
			}
		},
	})
}

// Say writes a message to the app.
func (p *Person) Say(words string) { p.write(p.dm.id, "", words, nil) }

// Answer writes a message in the thread of another.
func (p *Person) Answer(ts, words string) { p.write(p.dm.id, ts, words, nil) }

// Edit has a message of the direct messages, which the person wrote, read otherwise.
func (p *Person) Edit(ts, words string) error {
	s := p.server
	s.mu.Lock()
	i := slices.IndexFunc(p.dm.messages, func(m Message) bool { return m.TS == ts && !m.FromBot })
	if i < 0 {
		s.mu.Unlock()
		return fmt.Errorf("%s wrote no message %s", p.name, ts)
	}
	m := &p.dm.messages[i]
	wire := func(text string) map[string]any {
		return map[string]any{"type": "message", "user": p.id, "team": p.team, "text": escaped(text), "ts": ts}
	}
	before, now, stamp := wire(m.Text), wire(words), s.stamp()
	now["edited"] = map[string]any{"user": p.id, "ts": stamp}
	m.Text, m.Shown = words, words
	a := act{kind: kindEvents, name: "message.im", scope: "im:history", what: words, payload: s.event(map[string]any{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": p.dm.id, "channel_type": "im",
		"ts": stamp, "event_ts": stamp, "message": now, "previous_message": before,
	})}
	s.change()
	s.mu.Unlock()
	return p.act(a)
}

// Forward passes on to the app what somebody else wrote, without words of one's own.
func (p *Person) Forward(words string) error {
	s := p.server
	s.mu.Lock()
	m := Message{TS: s.stamp(), Channel: p.dm.id, Shown: words, Posted: s.opts.Now()}
	p.dm.messages = append(p.dm.messages, m)
	a := act{kind: kindEvents, name: "message.im", scope: "im:history", what: words, payload: s.event(map[string]any{
		"type": "message", "user": p.id, "team": p.team, "text": "", "ts": m.TS, "event_ts": m.TS, "channel": p.dm.id, "channel_type": "im",
		"attachments": []map[string]any{{"is_share": true, "is_msg_unfurl": true, "id": 1, "text": escaped(words), "fallback": escaped(words)}},
	})}
	s.change()
	s.mu.Unlock()
	return p.act(a)
}

// SendFile sends a file to the app.
func (p *Person) SendFile(name, mime string, data []byte, words string) {
	p.write(p.dm.id, "", words, []File{p.server.keep(name, mime, data)})
}

// Mention speaks to the app in a channel.
func (p *Person) Mention(channel, words string) {
	p.write(channel, "", "<@"+botUser+"> "+words, nil)
}

// write puts a message on the screen and tells the app: at once, and when nobody
// took it again (Redeliver).
func (p *Person) write(channel, thread, words string, files []File) {
	s := p.server
	s.mu.Lock()
	r := s.rooms[channel]
	m := Message{TS: s.stamp(), Channel: channel, ThreadTS: thread, Text: words, Shown: words, Files: files, Posted: s.opts.Now()}
	r.messages = append(r.messages, m)
	a := act{kind: kindEvents, name: "message.im", scope: "im:history", what: words}
	event := map[string]any{"type": "message", "user": p.id, "text": escaped(words), "ts": m.TS, "channel": channel, "channel_type": "im", "team": p.team, "event_ts": m.TS}
	if r.direct == nil {
		a.name, a.scope = "app_mention", "app_mentions:read"
		event["type"], event["text"] = "app_mention", words
		delete(event, "channel_type")
	}
	if thread != "" {
		event["thread_ts"] = thread
	}
	if len(files) > 0 {
		event["subtype"] = "file_share"
		var all []map[string]any
		for _, f := range files {
			all = append(all, s.described(f))
		}
		event["files"] = all
	}
	a.payload = s.event(event)
	s.change()
	s.mu.Unlock()
	_ = p.act(a) // an event is never refused but for a scope, and then the test sees that nothing came
}

// escaped is a text as Slack sends it.
func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// event is the envelope of an event; the caller holds the lock.
func (s *Server) event(inner map[string]any) map[string]any {
	return map[string]any{
		"type": "event_callback", "team_id": s.opts.TeamID, "api_app_id": appID, "event_id": fmt.Sprintf("Ev%08d", s.next()),
		"event_time": s.opts.Now().Unix(), "event": inner,
	}
}

// Event delivers any event at all, such as one that the app does not know.
func (p *Person) Event(inner map[string]any) error {
	p.server.mu.Lock()
	payload := p.server.event(inner)
	p.server.mu.Unlock()
	return p.act(act{kind: kindEvents, name: fmt.Sprint(inner["type"]), what: fmt.Sprint(inner["type"]), payload: payload})
}

// PressValue presses a button of a message by what it would send, whether or not
// it can still be seen.
func (p *Person) PressValue(ts, actionID, value string) error {
	b := p.button(ts, actionID)
	return p.action(ts, map[string]any{"type": "button", "action_id": actionID, "block_id": b.BlockID, "value": value, "text": plainText(b.Text)})
}

func plainText(s string) map[string]any { return map[string]any{"type": "plain_text", "text": s} }

// button is one of a message; of one that can not be seen any more little is known.
func (p *Person) button(ts, actionID string) Button {
	for _, m := range p.all() {
		for _, b := range m.Buttons {
			if m.TS == ts && b.ActionID == actionID {
				return b
			}
		}
	}
	return Button{BlockID: "gone"}
}

// all is every message that the person can see.
func (p *Person) all() []Message {
	p.server.mu.Lock()
	var ids []string
	for id, r := range p.server.rooms {
		if r.direct == p || r.members[p.id] {
			ids = append(ids, id)
		}
	}
	p.server.mu.Unlock()
	var out []Message
	for _, id := range ids {
		out = append(out, p.In(id)...)
	}
	return out
}

// Select picks an option of a menu of a message, by its label; any menu for "".
func (p *Person) Select(ts, label, option string) error {
	for _, m := range p.all() {
		if m.TS != ts {
			continue
		}
		if a := pick(m.Selects, label, option); a != nil {
			return p.action(ts, a)
		}
	}
	return fmt.Errorf("no menu %q with %q", label, option)
}

// pick is the action of an option of one of the menus; nil for none.
func pick(menus []Select, label, chosen string) map[string]any {
	for _, m := range menus {
		for _, o := range m.Options {
			if o.Text != chosen || (label != "" && m.Label != label) {
				continue
			}
			kind := "static_select"
			if m.Overflow {
				kind = "overflow"
			}
			return map[string]any{
				"type": kind, "action_id": m.ActionID, "block_id": m.BlockID,
				"selected_option": map[string]any{"text": plainText(o.Text), "value": o.Value},
			}
		}
	}
	return nil
}

func (p *Person) action(ts string, action map[string]any) error {
	s := p.server
	s.mu.Lock()
	action["action_ts"] = s.stamp()
	room, thread, whispered := p.dm, "", false
	for _, r := range s.rooms {
		for _, m := range r.messages {
			if m.TS == ts && (m.only == nil || m.only == p) {
				room, thread, whispered = r, m.ThreadTS, m.Ephemeral
			}
		}
	}
	container := map[string]any{"type": "message", "message_ts": ts, "channel_id": room.id, "is_ephemeral": whispered}
	if thread != "" {
		container["thread_ts"] = thread
	}
	payload := map[string]any{
		"type": "block_actions", "trigger_id": p.trigger(), "api_app_id": appID, "team": map[string]any{"id": s.opts.TeamID}, "user": p.user(),
		"channel": map[string]any{"id": room.id, "name": "directmessage"}, "container": container, "response_url": s.responseFor(p, room),
		"message": map[string]any{"ts": ts, "type": "message"}, "actions": []any{action},
	}
	s.mu.Unlock()
	return p.act(act{kind: kindInteractive, name: "block_actions", what: fmt.Sprint(action["action_id"]), payload: payload})
}

func (p *Person) user() map[string]any {
	return map[string]any{"id": p.id, "username": p.name, "name": p.name, "team_id": p.team}
}
