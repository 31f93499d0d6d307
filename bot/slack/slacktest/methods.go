package slacktest

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// refused is an error of the Web API, in Slack's word, with its details.
type refused struct {
	word    string
	details []string
}

func (e *refused) Error() string { return e.word }

func no(word string, details ...string) error { return &refused{word, details} }

// needs are the scopes of the methods; "" needs none.
var needs = map[string]string{
	"auth.test": "", "apps.connections.open": "", "views.open": "", "conversations.open": "im:write",
	"chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write", "chat.delete": "chat:write",
}

// answer executes one call and returns Slack's JSON.
func (s *Server) answer(method string, p map[string]string, token string, malformed error) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.execute(method, p, token, malformed)
	if out == nil {
		out = map[string]any{}
	}
	out["ok"] = err == nil
	if err != nil {
		out["error"] = err.Error()
		if e, ok := err.(*refused); ok && len(e.details) > 0 { //nolint:errorlint // ours, never wrapped
			out["response_metadata"] = map[string]any{"messages": e.details}
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return `{"ok":false,"error":"internal_error"}`
	}
	return string(body)
}

func (s *Server) execute(method string, p map[string]string, token string, malformed error) (map[string]any, error) {
	scope, known := needs[method]
	switch {
	case !known:
		return nil, no("unknown_method")
	case malformed != nil:
		return nil, no("invalid_json")
	case token == "":
		return nil, no("not_authed")
	case method == "apps.connections.open" && token != s.opts.AppToken, method != "apps.connections.open" && token != s.opts.BotToken:
		return nil, no("invalid_auth")
	case scope != "" && !slices.Contains(s.opts.Scopes, scope):
		return map[string]any{"needed": scope}, no("missing_scope")
	}
	s.scopes[scope] = true
	switch method {
	case "auth.test":
		return map[string]any{"team_id": s.opts.TeamID, "team": "Gobierno", "user_id": "U0SIDEM", "user": "sidem", "bot_id": "B0SIDEM"}, nil
	case "apps.connections.open":
		return map[string]any{"url": "ws" + s.http.URL[len("http"):] + "/socket"}, nil
	case "conversations.open":
		person, ok := s.people[p["users"]]
		if !ok {
			return nil, no("user_not_found")
		}
		return map[string]any{"channel": map[string]any{"id": person.dm}}, nil
	case "views.open":
		return s.openView(p)
	case "chat.postMessage":
		return s.post(p)
	case "chat.postEphemeral":
		return s.whisper(p)
	case "chat.update":
		return s.update(p)
	default:
		return s.remove(p)
	}
}

// content is a message's text and blocks, judged.
func content(p map[string]string) (Message, error) {
	m := Message{FromBot: true, Text: p["text"]}
	if p["blocks"] != "" {
		m.Blocks = json.RawMessage(p["blocks"])
		seen, err := inspect(m.Blocks, 50)
		if err != nil {
			return m, err
		}
		m.Shown, m.Buttons, m.Selects = seen.text, seen.buttons, seen.selects
	}
	switch {
	case m.Text == "": // the house asks for it always: notifications and screen readers say it
		return m, no("no_text")
	case len([]rune(m.Text)) > 40000:
		return m, no("msg_too_long")
	case m.Shown == "":
		m.Shown = m.Text
	}
	return m, nil
}

// addressee is the person of a channel; a user id names their direct messages.
func (s *Server) addressee(channel string) (*Person, error) {
	if p, ok := s.channels[channel]; ok {
		return p, nil
	}
	if p, ok := s.people[channel]; ok {
		return p, nil
	}
	return nil, no("channel_not_found")
}

func (s *Server) post(p map[string]string) (map[string]any, error) {
	person, err := s.addressee(p["channel"])
	if err != nil {
		return nil, err
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	if !s.paced(person.dm) {
		return nil, no("ratelimited")
	}
	m.TS, m.Channel, m.ThreadTS, m.Posted = s.stamp(), person.dm, p["thread_ts"], s.opts.Now()
	person.screen = append(person.screen, m)
	return map[string]any{"channel": person.dm, "ts": m.TS}, nil
}

// paced reports whether a channel may have one more message: about one a second, with bursts of ten.
func (s *Server) paced(channel string) bool {
	if s.opts.NoRateLimits {
		return true
	}
	now := time.Now()
	recent := slices.DeleteFunc(s.pace[channel], func(t time.Time) bool { return now.Sub(t) > 10*time.Second })
	if len(recent) >= 10 {
		return false
	}
	s.pace[channel] = append(recent, now)
	return true
}

func (s *Server) whisper(p map[string]string) (map[string]any, error) {
	person, ok := s.people[p["user"]]
	if !ok {
		return nil, no("user_not_in_channel")
	}
	if _, err := s.addressee(p["channel"]); err != nil {
		return nil, err
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	m.TS, m.Channel, m.Ephemeral, m.Posted = s.stamp(), p["channel"], true, s.opts.Now()
	person.screen = append(person.screen, m)
	return map[string]any{"message_ts": m.TS}, nil
}

// find is a message of the bot in a channel, which must be named by its own id.
func (s *Server) find(p map[string]string) (*Message, error) {
	person, ok := s.channels[p["channel"]]
	if !ok {
		return nil, no("channel_not_found")
	}
	for i := range person.screen {
		m := &person.screen[i]
		if m.TS != p["ts"] || m.Ephemeral {
			continue
		}
		if !m.FromBot {
			return nil, no("cant_update_message")
		}
		return m, nil
	}
	return nil, no("message_not_found")
}

func (s *Server) update(p map[string]string) (map[string]any, error) {
	old, err := s.find(p)
	if err != nil {
		return nil, err
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	m.TS, m.Channel, m.ThreadTS, m.Posted, m.Edits, m.Edited = old.TS, old.Channel, old.ThreadTS, old.Posted, old.Edits+1, s.opts.Now()
	*old = m
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text}, nil
}

func (s *Server) remove(p map[string]string) (map[string]any, error) {
	old, err := s.find(p)
	if err != nil {
		return nil, err
	}
	person := s.channels[p["channel"]]
	person.screen = slices.DeleteFunc(person.screen, func(m Message) bool { return m.TS == old.TS })
	return nil, nil
}

// openView shows a modal; its trigger lives three seconds and opens once.
func (s *Server) openView(p map[string]string) (map[string]any, error) {
	t, ok := s.triggers[p["trigger_id"]]
	if !ok {
		return nil, no("invalid_trigger_id")
	}
	delete(s.triggers, p["trigger_id"])
	if time.Since(t.at) > 3*time.Second {
		return nil, no("expired_trigger_id")
	}
	v, err := parseView([]byte(p["view"]))
	if err != nil {
		return nil, err
	}
	v.id, v.hash = fmt.Sprintf("V%08d", s.next()), fmt.Sprintf("%d.hash", s.next())
	t.person.modal = v
	return map[string]any{"view": map[string]any{"id": v.id, "hash": v.hash, "type": "modal"}}, nil
}
