package telegramtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Message is one message as it stands on a screen.
type Message struct {
	ID       int
	Chat     int64
	From     int64  // the person who wrote it; 0 if the bot did
	FromBot  bool   // written by the bot
	Text     string // plain, after entities; of a file its caption
	HTML     string // as it was sent
	Entities []Entity
	Buttons  [][]Button
	Document *Document // nil for a text
	ReplyTo  int       // id of the message it answers; 0 if none
	Topic    int       // of a forum; 0 for the general one
	Posted   time.Time
	Edited   time.Time // zero if never
	Edits    int
	Seq      int64 // order of posting across the whole server
	Silent   bool  // came without a sound
}

// Button finds the first button with this label; ok is false if there is none.
func (m Message) Button(label string) (b Button, ok bool) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Text == label {
				return b, true
			}
		}
	}
	return Button{}, false
}

// Labels are the texts of all buttons, row by row.
func (m Message) Labels() []string {
	var out []string
	for _, row := range m.Buttons {
		for _, b := range row {
			out = append(out, b.Text)
		}
	}
	return out
}

// Document is a file in a message. Data is shared: do not change it.
type Document struct {
	Name   string
	MIME   string
	Data   []byte
	FileID string // empty for a file of a Call
}

// message is a Message and what only the server needs.
type message struct {
	Message
	file     *file
	service  map[string]any // fields of a service message, which has no text
	origin   map[string]any // forward_origin
	fromUser *Person        // nil if the bot
}

// chat is a private chat (id of the person) or a group (negative id).
type chat struct {
	id       int64
	title    string
	person   *Person // nil in a group
	members  map[int64]*Person
	messages []*message // deleted ones are gone
	lastID   int        // supergroups count their own message ids
	migrated int64      // where the group went; 0 if nowhere
	kicked   bool       // the bot was removed
	topics   map[int]bool
}

const superPrefix = -1_000_000_000_000 // ids of supergroups are below

func (c *chat) super() bool { return c.id < superPrefix }

func (c *chat) find(id int) *message {
	i := slices.IndexFunc(c.messages, func(m *message) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return c.messages[i]
}

// screen copies the visible messages, oldest first.
func (c *chat) screen() []Message {
	out := make([]Message, 0, len(c.messages))
	for _, m := range c.messages {
		if m.service == nil {
			out = append(out, m.snapshot())
		}
	}
	return out
}

func (m *message) snapshot() Message {
	out := m.Message
	out.Buttons = cloneKeyboard(m.Buttons)
	out.Entities = slices.Clone(m.Entities)
	if m.file != nil {
		doc := m.file.Document
		out.Document = &doc
	}
	return out
}

// post appends a message with the next id and wakes who waits; s.mu is held.
func (s *Server) post(c *chat, m *message) *message {
	if c.super() {
		c.lastID++
		m.ID = c.lastID
	} else {
		s.nextID++
		m.ID = s.nextID
	}
	s.nextSeq++
	m.Seq, m.Chat, m.Posted = s.nextSeq, c.id, s.now()
	m.FromBot = m.fromUser == nil
	if m.fromUser != nil {
		m.From = m.fromUser.id
	}
	c.messages = append(c.messages, m)
	s.touch()
	return m
}

// chatFor finds the chat that a call names and that the bot may write to.
func (s *Server) chatFor(param string) (*chat, *apiError) {
	if param == "" {
		return nil, badRequest("chat_id is empty")
	}
	id, err := strconv.ParseInt(strings.TrimSpace(param), 10, 64)
	if err != nil {
		return nil, badRequest("chat not found")
	}
	if id > 0 {
		return s.privateChat(id)
	}
	c := s.chats[id]
	kind := "group"
	switch {
	case c == nil:
		return nil, badRequest("chat not found")
	case c.migrated != 0:
		refused := badRequest("group chat was upgraded to a supergroup chat")
		refused.migrateTo = c.migrated
		return nil, refused
	case c.super():
		kind = "supergroup"
	}
	if c.kicked {
		return nil, forbidden(fmt.Sprintf("bot was kicked from the %s chat", kind))
	}
	return c, nil
}

// privateChat: a bot cannot open one. Whom it never met does not exist for it;
// whom it met in a group exists, but must press Start first.
func (s *Server) privateChat(id int64) (*chat, *apiError) {
	p := s.people[id]
	switch {
	case p == nil || !p.started && !s.met(p):
		return nil, badRequest("chat not found")
	case !p.started:
		return nil, forbidden("bot can't initiate conversation with a user")
	case p.deactivated:
		return nil, forbidden("user is deactivated")
	case p.blocked:
		return nil, forbidden("bot was blocked by the user")
	}
	return s.chats[id], nil
}

// met reports whether the bot shares a group with the person.
func (s *Server) met(p *Person) bool {
	for _, c := range s.chats {
		if c.members[p.id] != nil {
			return true
		}
	}
	return false
}

func (p *Person) wire() map[string]any {
	out := map[string]any{"id": p.id, "is_bot": false, "first_name": p.first, "language_code": "es"}
	if p.last != "" {
		out["last_name"] = p.last
	}
	return out
}

func (s *Server) wireBot() map[string]any {
	return map[string]any{"id": s.botID(), "is_bot": true, "first_name": "SIDEM", "username": s.opts.Username}
}

func (c *chat) wire() map[string]any {
	if p := c.person; p != nil {
		out := map[string]any{"id": c.id, "type": "private", "first_name": p.first}
		if p.last != "" {
			out["last_name"] = p.last
		}
		return out
	}
	kind := "group"
	if c.super() {
		kind = "supergroup"
	}
	out := map[string]any{"id": c.id, "type": kind, "title": c.title}
	if c.topics != nil {
		out["is_forum"] = true
	}
	return out
}

// wireMessage is the message as the API shows it; s.mu is held.
func (s *Server) wireMessage(c *chat, m *message, withReply bool) map[string]any {
	from := s.wireBot()
	if m.fromUser != nil {
		from = m.fromUser.wire()
	}
	out := map[string]any{"message_id": m.ID, "from": from, "chat": c.wire(), "date": m.Posted.Unix()}
	maps.Copy(out, m.service)
	c.wireTopic(m, out)
	if !m.Edited.IsZero() {
		out["edit_date"] = m.Edited.Unix()
	}
	if m.origin != nil {
		out["forward_origin"] = m.origin
	}
	text, marks := "text", "entities"
	if m.file != nil {
		text, marks = "caption", "caption_entities"
		m.file.wire(out)
	}
	if m.Text != "" {
		out[text] = m.Text
	}
	if len(m.Entities) > 0 {
		out[marks] = m.Entities
	}
	if markup := wireMarkup(m.Buttons); markup != nil {
		out["reply_markup"] = markup
	}
	if withReply && m.ReplyTo != 0 {
		if r := c.find(m.ReplyTo); r != nil {
			out["reply_to_message"] = s.wireMessage(c, r, false)
		}
	}
	return out
}
