package telegramtest

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// deletable is how long a message may be deleted (deleteMessage: 48 hours).
const deletable = 48 * time.Hour

// draft is what every send method has in common.
func (s *Server) draft(r *request, text formatted, raw string) (*chat, *message, *apiError) {
	rows, _, refused := inlineKeyboard(r.params["reply_markup"])
	if refused != nil {
		return nil, nil, refused
	}
	c, refused := s.chatFor(r.params["chat_id"])
	if refused != nil {
		return nil, nil, refused
	}
	topic, refused := topicOf(c, r)
	if refused != nil {
		return nil, nil, refused
	}
	reply, refused := replyTo(c, r)
	if refused != nil {
		return nil, nil, refused
	}
	m := &message{Message: Message{
		Text: text.text, HTML: raw, Entities: text.entities, Buttons: rows,
		ReplyTo: reply, Topic: topic, Silent: r.bool("disable_notification"),
	}}
	return c, m, nil
}

// replyTo reads reply_parameters, or the older reply_to_message_id.
func replyTo(c *chat, r *request) (int, *apiError) {
	id, lenient := r.int("reply_to_message_id", 0, 0, 1<<30), r.bool("allow_sending_without_reply")
	if raw := r.params["reply_parameters"]; raw != "" {
		var p struct {
			MessageID int  `json:"message_id"`
			Lenient   bool `json:"allow_sending_without_reply"`
		}
		if err := json.Unmarshal([]byte(raw), &p); err != nil {
			return 0, badRequest("can't parse reply parameters JSON object")
		}
		id, lenient = p.MessageID, p.Lenient
	}
	switch {
	case id == 0 || c.find(id) != nil:
		return id, nil
	case lenient:
		return 0, nil
	}
	return 0, badRequest("message to be replied not found")
}

// deliver posts a message of the bot, if the limits allow.
func (s *Server) deliver(c *chat, m *message) (any, *apiError) {
	if refused := s.admitMessage(c.id); refused != nil {
		return nil, refused
	}
	s.post(c, m)
	return s.wireMessage(c, m, true), nil
}

func (s *Server) sendMessage(r *request) (any, *apiError) {
	text, refused := formatText(r.params)
	if refused != nil {
		return nil, refused
	}
	c, m, refused := s.draft(r, text, r.params["text"])
	if refused != nil {
		return nil, refused
	}
	return s.deliver(c, m)
}

// editable finds the message that a call wants to change, with its new
// keyboard: an absent one removes the old.
func (s *Server) editable(r *request) (*chat, *message, [][]Button, *apiError) {
	rows, other, refused := inlineKeyboard(r.params["reply_markup"])
	if refused != nil {
		return nil, nil, nil, refused
	}
	c, refused := s.chatFor(r.params["chat_id"])
	if refused != nil {
		return nil, nil, nil, refused
	}
	m := c.find(messageID(r))
	switch {
	case m == nil:
		return nil, nil, nil, badRequest("message to edit not found")
	case !m.FromBot || m.service != nil:
		return nil, nil, nil, badRequest("message can't be edited")
	case other:
		return nil, nil, nil, badRequest("inline keyboard expected")
	}
	return c, m, rows, nil
}

func messageID(r *request) int {
	id, err := strconv.Atoi(r.params["message_id"])
	if err != nil {
		return 0
	}
	return id
}

// change gives m its new content, unless it is the old one.
func (s *Server) change(c *chat, m *message, text formatted, raw string, rows [][]Button) (any, *apiError) {
	if m.Text == text.text && slices.Equal(m.Entities, text.entities) && sameKeyboard(m.Buttons, rows) {
		return nil, badRequest("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if refused := s.admitEdit(); refused != nil {
		return nil, refused
	}
	m.Text, m.Entities, m.HTML, m.Buttons = text.text, text.entities, raw, rows
	m.Edited = s.now()
	m.Edits++
	s.touch()
	return s.wireMessage(c, m, true), nil
}

func (s *Server) editMessageText(r *request) (any, *apiError) {
	text, refused := formatText(r.params)
	if refused != nil {
		return nil, refused
	}
	c, m, rows, refused := s.editable(r)
	switch {
	case refused != nil:
		return nil, refused
	case m.file != nil:
		return nil, badRequest("there is no text in the message to edit")
	}
	return s.change(c, m, text, r.params["text"], rows)
}

func (s *Server) editMessageCaption(r *request) (any, *apiError) {
	text, refused := formatCaption(r.params)
	if refused != nil {
		return nil, refused
	}
	c, m, rows, refused := s.editable(r)
	switch {
	case refused != nil:
		return nil, refused
	case m.file == nil:
		return nil, badRequest("there is no caption in the message to edit")
	}
	return s.change(c, m, text, r.params["caption"], rows)
}

func (s *Server) editMessageReplyMarkup(r *request) (any, *apiError) {
	c, m, rows, refused := s.editable(r)
	if refused != nil {
		return nil, refused
	}
	return s.change(c, m, formatted{m.Text, m.Entities}, m.HTML, rows)
}

// deleteMessage: its own, and in a private chat the person's too; in a group
// other people's need rights that this bot does not have.
func (s *Server) deleteMessage(r *request) (any, *apiError) {
	c, refused := s.chatFor(r.params["chat_id"])
	if refused != nil {
		return nil, refused
	}
	m := c.find(messageID(r))
	switch {
	case m == nil:
		return nil, badRequest("message to delete not found")
	case s.now().Sub(m.Posted) >= deletable:
		return nil, badRequest("message can't be deleted for everyone")
	case c.person == nil && !m.FromBot:
		return nil, badRequest("message can't be deleted")
	}
	c.messages = slices.DeleteFunc(c.messages, func(x *message) bool { return x == m })
	s.touch()
	return true, nil
}
