package slacktest

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
	"unicode/utf8"
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
	Metadata              json.RawMessage // what only apps see

	only *Person // who alone sees it; nil: everybody in the channel
}

// Button is one that can be pressed. A press with a Confirm is asked once more by Slack itself.
type Button struct {
	Text, BlockID, ActionID, Value, Style, URL string
	Confirm                                    *Dialog
}

// Dialog is Slack's own question before a press is sent.
type Dialog struct{ Title, Text, Yes, No string }

// Select is a menu of a message: a list, or a ⋯.
type Select struct {
	Label, BlockID, ActionID string
	Overflow                 bool
	Options                  []Option
	Confirm                  *Dialog
}

// Option is one of a menu.
type Option struct{ Text, Value string }

// room is a conversation: the direct messages of one person, or a channel.
type room struct {
	id       string
	direct   *Person // nil: a channel
	members  map[string]bool
	app      bool // SIDEM's app is a member
	messages []Message
	pace     bucket
}

// bucket is Slack's patience with one channel.
type bucket struct {
	left float64
	at   time.Time
}

// take reports whether there is one more, of one a second and bursts of channelBurst.
func (b *bucket) take(now time.Time) bool {
	if b.at.IsZero() {
		b.left = channelBurst
	} else {
		b.left = min(channelBurst, b.left+now.Sub(b.at).Seconds())
	}
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// content is a message's text and blocks, judged.
func content(p map[string]string) (Message, error) {
	m := Message{FromBot: true, Text: p["text"]}
	if p["blocks"] != "" {
		var compact bytes.Buffer
		if json.Compact(&compact, []byte(p["blocks"])) != nil {
			return m, no("invalid_blocks_format")
		}
		m.Blocks = compact.Bytes()
		seen, err := inspect(m.Blocks, maxMessageBlocks)
		if err != nil {
			return m, err
		}
		if utf8.RuneCount(m.Blocks) > maxAll {
			return m, no("msg_blocks_too_long")
		}
		m.Shown, m.Buttons, m.Selects = seen.text, seen.buttons, seen.selects
	}
	switch {
	case m.Text == "": // the house asks for it always: notifications and screen readers say it
		return m, no("no_text")
	case utf8.RuneCountInString(m.Text) > maxText:
		return m, no("msg_too_long")
	case m.Shown == "":
		m.Shown = plain(text{Type: "mrkdwn", Text: m.Text})
	}
	return m, nil
}

// addressee is the conversation with the id; a person's id names their direct messages.
func (s *Server) addressee(id string) (*room, error) {
	r := s.rooms[id]
	if p, ok := s.people[id]; ok {
		r = p.dm
	}
	switch {
	case id == "":
		return nil, no("no_channel")
	case r == nil:
		return nil, no("channel_not_found")
	case !r.app:
		return nil, no("not_in_channel")
	}
	return r, nil
}

// thread is the message under which p wants to write; "" for none.
func (r *room) thread(p map[string]string) (string, error) {
	ts := p["thread_ts"]
	if ts == "" {
		return "", nil
	}
	for _, m := range r.messages {
		if m.TS == ts && m.ThreadTS == "" && !m.Ephemeral {
			return ts, nil
		}
	}
	return "", no("thread_not_found")
}

func (s *Server) post(p map[string]string) (map[string]any, error) {
	r, err := s.addressee(p["channel"])
	if err != nil {
		return nil, err
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	if m.ThreadTS, err = r.thread(p); err != nil {
		return nil, err
	}
	if m.Metadata, err = metadata(p["metadata"]); err != nil {
		return nil, err
	}
	if !s.opts.NoRateLimits && !r.pace.take(s.opts.Real()) {
		return nil, no("ratelimited")
	}
	m.TS, m.Channel, m.Posted = s.stamp(), r.id, s.opts.Now()
	r.messages = append(r.messages, m)
	return map[string]any{"channel": r.id, "ts": m.TS, "message": map[string]any{"ts": m.TS, "text": m.Text, "bot_id": botID}}, nil
}

func (s *Server) whisper(p map[string]string) (map[string]any, error) {
	r, err := s.addressee(p["channel"])
	if err != nil {
		return nil, err
	}
	person, ok := s.people[p["user"]]
	if !ok || (r.direct != person && !r.members[p["user"]]) {
		return nil, no("user_not_in_channel")
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	if m.ThreadTS, err = r.thread(p); err != nil {
		return nil, err
	}
	m.TS, m.Channel, m.Ephemeral, m.Posted, m.only = s.stamp(), r.id, true, s.opts.Now(), person
	r.messages = append(r.messages, m)
	return map[string]any{"message_ts": m.TS}, nil
}

// find is a message of the bot in a channel, which must be named by its own id.
func (s *Server) find(p map[string]string, others string) (*room, *Message, error) {
	r, ok := s.rooms[p["channel"]]
	if !ok {
		return nil, nil, no("channel_not_found")
	}
	i := slices.IndexFunc(r.messages, func(m Message) bool { return m.TS == p["ts"] && !m.Ephemeral })
	switch {
	case i < 0:
		return nil, nil, no("message_not_found")
	case !r.messages[i].FromBot:
		return nil, nil, no(others)
	}
	return r, &r.messages[i], nil
}

func (s *Server) update(p map[string]string) (map[string]any, error) {
	_, old, err := s.find(p, "cant_update_message")
	if err != nil {
		return nil, err
	}
	m, err := content(p)
	if err != nil {
		return nil, err
	}
	m.TS, m.Channel, m.ThreadTS, m.Posted, m.Edits, m.Edited, m.Files = old.TS, old.Channel, old.ThreadTS, old.Posted, old.Edits+1, s.opts.Now(), old.Files
	if m.Metadata = old.Metadata; p["metadata"] != "" { // what is not named stays (docs.slack.dev, chat.update)
		if m.Metadata, err = metadata(p["metadata"]); err != nil {
			return nil, err
		}
	}
	*old = m
	return map[string]any{"channel": m.Channel, "ts": m.TS, "text": m.Text}, nil
}

func (s *Server) remove(p map[string]string) (map[string]any, error) {
	r, old, err := s.find(p, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	ts := old.TS
	r.messages = slices.DeleteFunc(r.messages, func(m Message) bool { return m.TS == ts })
	return map[string]any{"channel": r.id, "ts": ts}, nil
}
