package telegramtest

import (
	"bytes"
	"fmt"
	"image"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Person is somebody with the app in their hand. Server.Person makes them.
type Person struct {
	s           *Server
	id          int64
	first, last string

	started, blocked, deactivated bool
	waiting                       int // presses without an answer
	toasts                        []Toast
	recent                        *update // the last one that this person caused
}

// Toast is the answer to a pressed button.
type Toast struct {
	QueryID string
	Text    string // empty: the button only stopped spinning
	Alert   bool   // a box to dismiss instead of a line that passes
	At      time.Time
	Chat    int64  // where the button was
	Message int    // on which message
	Button  string // its label; empty for PressData
	Data    string
}

// Person gets or creates the person with this id, which is their private
// chat's too. Names are of the first call; id is positive.
func (s *Server) Person(id int64, first, last string) *Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.people[id]
	if p == nil {
		p = &Person{s: s, id: id, first: first, last: last}
		s.people[id] = p
		s.chats[id] = &chat{id: id, person: p}
	}
	return p
}

// ID is the person's, and the address of the private chat.
func (p *Person) ID() int64 { return p.id }

// Name is first and last name.
func (p *Person) Name() string { return strings.TrimSpace(p.first + " " + p.last) }

var startPayload = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Start presses Start, or follows a deep link if there is a payload. The app
// drops a payload that is not 1–64 of [A-Za-z0-9_-]. It unblocks the bot.
func (p *Person) Start(payload string) int {
	text := "/start"
	if startPayload.MatchString(payload) {
		text += " " + payload
	}
	return p.Say(text)
}

// Say writes to the bot and returns the id of the (last) message. The app
// trims the text, sends nothing if nothing is left (id 0) and splits it every
// 4096 UTF-16 units. The first message opens the chat; one to a blocked bot
// unblocks it.
func (p *Person) Say(text string) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	id := 0
	for _, part := range splitText(strings.TrimSpace(text)) {
		id = p.write(&message{Message: Message{Text: part, HTML: part, Entities: commandEntities(part)}})
	}
	return id
}

// SayAll writes several messages before anything can be answered to the first of them.
func (p *Person) SayAll(texts ...string) {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	for _, text := range texts {
		p.write(&message{Message: Message{Text: text, HTML: text, Entities: commandEntities(text)}})
	}
}

// Edit has a message that the person wrote into the private chat read otherwise.
func (p *Person) Edit(messageID int, text string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	c := p.s.chats[p.id]
	m := c.find(messageID)
	if m == nil || m.fromUser != p {
		return fmt.Errorf("%s wrote no message %d", p.Name(), messageID)
	}
	m.Text, m.HTML, m.Entities, m.Edited = text, text, commandEntities(text), p.s.now()
	p.s.emit(c, p, "edited_message", p.s.wireMessage(c, m, true))
	p.s.touch()
	return nil
}

// Reply writes to the bot in answer to a message of the private chat.
func (p *Person) Reply(messageID int, text string) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.write(&message{Message: Message{Text: text, HTML: text, Entities: commandEntities(text), ReplyTo: messageID}})
}

// SendVoice sends a voice message of so many bytes.
func (p *Person) SendVoice(size int) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	f := p.s.keep(Document{Name: "voice.ogg", MIME: "audio/ogg", Data: make([]byte, size)})
	f.voice = true
	return p.write(&message{file: f})
}

// SendFile sends a document and returns the id of the message.
func (p *Person) SendFile(name, mime string, data []byte, caption string) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	f := p.s.keep(Document{Name: name, MIME: mime, Data: slices.Clone(data)})
	return p.write(&message{
		Message: Message{Text: caption, HTML: caption, Entities: commandEntities(caption)}, file: f,
	})
}

// SendPhoto sends a picture as a photo, without its name, and returns the id of
// the message. The platform makes a photo smaller; here it stays as it is.
func (p *Person) SendPhoto(data []byte, caption string) (int, error) {
	cfg, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, fmt.Errorf("telegramtest: %w", err)
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	f := p.s.keep(Document{Name: "photo.jpg", MIME: "image/jpeg", Data: slices.Clone(data)})
	f.photo, f.width, f.height = true, cfg.Width, cfg.Height
	return p.write(&message{
		Message: Message{Text: caption, HTML: caption, Entities: commandEntities(caption)}, file: f,
	}), nil
}

// Forward passes on what somebody else wrote, who hides their account.
func (p *Person) Forward(text string) int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.write(&message{
		Message: Message{Text: text, HTML: text, Entities: commandEntities(text)},
		origin: map[string]any{
			"type": "hidden_user", "sender_user_name": "Alguien más", "date": p.s.now().Add(-time.Minute).Unix(),
		},
	})
}

// write posts into the private chat; s.mu is held.
func (p *Person) write(m *message) int {
	p.setBlocked(false)
	p.started = true
	m.fromUser = p
	c := p.s.chats[p.id]
	p.s.post(c, m)
	p.s.emit(c, p, "message", p.s.wireMessage(c, m, true))
	return m.ID
}

// Block stops the bot from writing, which is told by my_chat_member.
func (p *Person) Block() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.setBlocked(true)
}

// Unblock takes it back.
func (p *Person) Unblock() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.setBlocked(false)
}

// Deactivate deletes the account: the bot hears of it only by a refusal.
func (p *Person) Deactivate() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	p.deactivated = true
	p.s.touch()
}

func (p *Person) setBlocked(blocked bool) {
	if p.blocked == blocked {
		return
	}
	p.blocked = blocked
	status := map[bool]string{true: "kicked", false: "member"}
	p.s.member(p.s.chats[p.id], p, status[!blocked], status[blocked])
	p.s.touch()
}

// member emits my_chat_member: the bot's own standing in c was changed by p.
func (s *Server) member(c *chat, p *Person, before, after string) {
	standing := func(status string) map[string]any {
		out := map[string]any{"user": s.wireBot(), "status": status}
		if status == "kicked" {
			out["until_date"] = 0
		}
		return out
	}
	s.emit(c, p, "my_chat_member", map[string]any{
		"chat": c.wire(), "from": p.wire(), "date": s.now().Unix(),
		"old_chat_member": standing(before), "new_chat_member": standing(after),
	})
}

// Press presses the button with this label on a message of the private chat.
// It is an error if the person does not see such a button there.
func (p *Person) Press(messageID int, label string) error {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.press(p.s.chats[p.id], messageID, label)
}

// PressData sends callback data whatever the message shows (a forged press, or
// one from a screen that is out of date) and returns the query's id.
func (p *Person) PressData(messageID int, data string) string {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.query(p.s.chats[p.id], messageID, "", data)
}

func (p *Person) press(c *chat, messageID int, label string) error {
	if c.person != nil && p.blocked {
		return fmt.Errorf("%s has blocked the bot and sees no buttons", p.Name())
	}
	m := c.find(messageID)
	if m == nil {
		return fmt.Errorf("%s sees no message %d", p.Name(), messageID)
	}
	b, ok := m.Button(label)
	switch {
	case !ok:
		return fmt.Errorf("%s sees no button %q on message %d, only %q", p.Name(), label, messageID, m.Labels())
	case b.kind != "callback_data":
		return fmt.Errorf("button %q on message %d is of kind %s: pressing it tells the bot nothing", label, messageID, b.kind)
	}
	p.query(c, messageID, label, b.Data)
	return nil
}

// query emits callback_query; a message that is gone comes as inaccessible.
func (p *Person) query(c *chat, messageID int, label, data string) string {
	s := p.s
	s.nextQuery++
	q := &query{
		id:     strconv.FormatInt(4_000_000_000_000_000+s.nextQuery, 10),
		person: p, chat: c.id, message: messageID, label: label, data: data, at: s.now(),
	}
	s.queries[q.id] = q
	p.waiting++
	where := map[string]any{"chat": c.wire(), "message_id": messageID, "date": 0}
	if m := c.find(messageID); m != nil {
		where = s.wireMessage(c, m, true)
	}
	s.emit(c, p, "callback_query", map[string]any{
		"id": q.id, "from": p.wire(), "message": where, "data": data,
		"chat_instance": strconv.FormatInt(c.id*7919, 10),
	})
	s.touch()
	return q.id
}

// Redeliver queues the last update that this person caused once more, with the
// same update_id, as after a confirmation that got lost. Without one it does
// nothing.
func (p *Person) Redeliver() {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	if p.recent != nil {
		p.s.redeliver(p.recent)
	}
}

// Screen is the private chat as the person sees it now, oldest first; deleted
// messages are gone.
func (p *Person) Screen() []Message {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.chats[p.id].screen()
}

// Toasts are the answers to this person's presses so far, in order.
func (p *Person) Toasts() []Toast {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return slices.Clone(p.toasts)
}

// Waiting is how many presses have had no answer: their buttons spin.
func (p *Person) Waiting() int {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.waiting
}

// splitText cuts what a person writes as the app does.
func splitText(text string) []string {
	var out []string
	units, start := 0, 0
	for i, r := range text {
		if units+utf16Width(r) > maxText {
			out = append(out, text[start:i])
			units, start = 0, i
		}
		units += utf16Width(r)
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}
