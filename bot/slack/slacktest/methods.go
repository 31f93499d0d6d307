package slacktest

import (
	"encoding/json"
	"slices"
	"strings"
)

// refused is an error of the Web API, in Slack's word, with its details.
type refused struct {
	word    string
	details []string
}

func (e *refused) Error() string { return e.word }

func no(word string, details ...string) error { return &refused{word, details} }

const (
	botID   = "B0SIDEM"
	botUser = "U0SIDEM"
	appID   = "A0SIDEM"
)

// method is one of the Web API: the scope that it needs, "" for none, and what it does.
type method struct {
	scope string
	do    func(s *Server, p map[string]string) (map[string]any, error)
}

var methods = map[string]method{
	"auth.test": {"", func(s *Server, _ map[string]string) (map[string]any, error) {
		return map[string]any{"team_id": s.opts.TeamID, "team": "Gobierno", "user_id": botUser, "user": "sidem", "bot_id": botID}, nil
	}},
	"apps.connections.open": {"", func(s *Server, _ map[string]string) (map[string]any, error) {
		return map[string]any{"url": "ws" + s.http.URL[len("http"):] + "/socket"}, nil
	}},
	"conversations.open":           {"im:write", (*Server).openConversation},
	"conversations.history":        {"im:history", (*Server).history},
	"conversations.replies":        {"im:history", (*Server).replies},
	"chat.postMessage":             {"chat:write", (*Server).post},
	"chat.postEphemeral":           {"chat:write", (*Server).whisper},
	"chat.update":                  {"chat:write", (*Server).update},
	"chat.delete":                  {"chat:write", (*Server).remove},
	"views.open":                   {"", (*Server).openView},
	"views.push":                   {"", (*Server).pushView},
	"views.update":                 {"", (*Server).updateView},
	"views.publish":                {"", (*Server).publishView},
	"files.getUploadURLExternal":   {"files:write", (*Server).offerUpload},
	"files.completeUploadExternal": {"files:write", (*Server).completeUpload},
	"users.info":                   {"users:read", (*Server).userInfo},
}

// Scope is what a method needs: "" for none. It reports false for a method that
// the emulator does not have.
func Scope(name string) (string, bool) {
	m, ok := methods[name]
	return m.scope, ok
}

// answer executes one call and returns Slack's JSON.
func (s *Server) answer(name string, p map[string]string, token string, malformed error) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, err := s.execute(name, p, token, malformed)
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

func (s *Server) execute(name string, p map[string]string, token string, malformed error) (map[string]any, error) {
	m, known := methods[name]
	app := name == "apps.connections.open"
	switch {
	case !known:
		return nil, no("unknown_method")
	case malformed != nil:
		return nil, no("invalid_json")
	case token == "":
		return nil, no("not_authed")
	case token != s.opts.BotToken && token != s.opts.AppToken:
		return nil, no("invalid_auth")
	case app != (token == s.opts.AppToken):
		return nil, no("not_allowed_token_type")
	case m.scope != "" && !slices.Contains(s.opts.Scopes, m.scope):
		return map[string]any{"needed": m.scope, "provided": strings.Join(s.opts.Scopes, ",")}, no("missing_scope")
	}
	s.scopes[m.scope] = true
	return m.do(s, p)
}

func (s *Server) openConversation(p map[string]string) (map[string]any, error) {
	person, ok := s.people[p["users"]]
	switch {
	case p["users"] == "":
		return nil, no("users_list_not_supplied")
	case !ok:
		return nil, no("user_not_found")
	case person.gone:
		return nil, no("user_disabled")
	}
	return map[string]any{"channel": map[string]any{"id": person.dm.id}}, nil
}

func (s *Server) userInfo(p map[string]string) (map[string]any, error) {
	person, ok := s.people[p["user"]]
	if !ok {
		return nil, no("user_not_found")
	}
	return map[string]any{"user": map[string]any{
		"id": person.id, "team_id": s.opts.TeamID, "name": person.name, "real_name": person.name, "deleted": person.gone,
		"profile": map[string]any{"email": person.email},
	}}, nil
}
