package slacktest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
)

// eventType is what an event_type of metadata may be (docs.slack.dev, "Message metadata").
var eventType = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,255}$`)

// metadata judges what an app keeps with a message; nil for none.
func metadata(text string) (json.RawMessage, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxMessageMetadata {
		return nil, no("metadata_too_large")
	}
	var m struct {
		Type    string                     `json:"event_type"`
		Payload map[string]json.RawMessage `json:"event_payload"`
	}
	if json.Unmarshal([]byte(text), &m) != nil || !eventType.MatchString(m.Type) || m.Payload == nil {
		return nil, no("invalid_metadata_format")
	}
	return json.RawMessage(text), nil
}

// history are the messages of a direct conversation, newest first, threads left out.
func (s *Server) history(p map[string]string) (map[string]any, error) {
	return s.messagesOf(p, func(m Message) bool { return m.ThreadTS == "" || m.ThreadTS == m.TS })
}

// replies are a message and those in its thread, oldest first.
func (s *Server) replies(p map[string]string) (map[string]any, error) {
	r := s.rooms[p["channel"]]
	if r != nil && !slices.ContainsFunc(r.messages, func(m Message) bool { return m.TS == p["ts"] && m.ThreadTS == "" }) {
		return nil, no("thread_not_found")
	}
	out, err := s.messagesOf(p, func(m Message) bool { return m.TS == p["ts"] || m.ThreadTS == p["ts"] })
	if err == nil {
		slices.Reverse(out["messages"].([]map[string]any)) //nolint:forcetypeassert // messagesOf made it
	}
	return out, err
}

func (s *Server) messagesOf(p map[string]string, of func(Message) bool) (map[string]any, error) {
	r := s.rooms[p["channel"]]
	limit, err := strconv.Atoi(p["limit"])
	switch {
	case r == nil:
		return nil, no("channel_not_found")
	case r.direct == nil: // it would need channels:history
		return map[string]any{"needed": "channels:history"}, no("missing_scope")
	case p["limit"] == "":
		limit = 100
	case err != nil || limit < 1 || limit > 999:
		return nil, no("invalid_limit")
	}
	list := []map[string]any{}
	more := false
	for _, m := range slices.Backward(r.messages) {
		if m.Ephemeral || !of(m) {
			continue
		}
		if more = len(list) == limit; more {
			break
		}
		one := map[string]any{"type": "message", "ts": m.TS, "text": m.Text}
		if m.ThreadTS != "" {
			one["thread_ts"] = m.ThreadTS
		}
		if m.FromBot {
			one["bot_id"], one["user"] = botID, botUser
		} else {
			one["user"] = r.direct.id
		}
		if include := p["include_all_metadata"]; m.Metadata != nil && (include == "1" || include == "true") {
			one["metadata"] = m.Metadata
		}
		list = append(list, one)
	}
	return map[string]any{"messages": list, "has_more": more}, nil
}
