package telegramtest

import (
	"fmt"
	"slices"
	"strings"
)

// Group is a group chat with the bot in it. Privacy mode is on, as by default:
// the bot hears commands meant for it, mentions and replies to it, no more.
type Group struct {
	s *Server
	c *chat
}

// Group gets or creates the group with this (negative) id and adds members.
// Ids below -1000000000000 are supergroups.
func (s *Server) Group(id int64, title string, members ...*Person) *Group {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	if c == nil {
		c = &chat{id: id, title: title, members: map[int64]*Person{}}
		s.chats[id] = c
	}
	for _, p := range members {
		c.members[p.id] = p
	}
	return &Group{s: s, c: c}
}

// ID is the group's chat id; it changes by Migrate.
func (g *Group) ID() int64 { return g.c.id }

// Say writes into the group, which p joins if need be, and returns the id of
// the message.
func (g *Group) Say(p *Person, text string) int { return g.Reply(p, 0, text) }

// Reply answers a message of the group (0: none).
func (g *Group) Reply(p *Person, messageID int, text string) int {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.write(p, &message{Message: Message{Text: text, HTML: text, Entities: commandEntities(text), ReplyTo: messageID}})
}

// write posts into the group, which p joins; s.mu is held.
func (g *Group) write(p *Person, m *message) int {
	g.c.members[p.id] = p
	m.fromUser = p
	g.s.post(g.c, m)
	if g.hears(m) {
		g.s.emit(g.c, p, "message", g.s.wireMessage(g.c, m, true))
	}
	return m.ID
}

// hears is privacy mode.
func (g *Group) hears(m *message) bool {
	if g.c.kicked || g.c.migrated != 0 {
		return false
	}
	if r := g.c.find(m.ReplyTo); r != nil && r.FromBot {
		return true
	}
	name := "@" + strings.ToLower(g.s.opts.Username)
	if strings.Contains(strings.ToLower(m.Text), name) {
		return true
	}
	return slices.ContainsFunc(m.Entities, func(e Entity) bool {
		return !strings.Contains(cutUnits(m.Text, e.Offset, e.Length), "@") // "/word@other" is for another bot
	})
}

// cutUnits is the part of s at an offset and length in UTF-16 units.
func cutUnits(s string, offset, length int) string {
	var b strings.Builder
	at := 0
	for _, r := range s {
		if at >= offset && at < offset+length {
			b.WriteRune(r)
		}
		at += utf16Width(r)
	}
	return b.String()
}

// Press presses a button on a message of the group; see Person.Press.
func (g *Group) Press(p *Person, messageID int, label string) error {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	if g.c.members[p.id] == nil {
		return fmt.Errorf("%s is not in the group %q", p.Name(), g.c.title)
	}
	return p.press(g.c, messageID, label)
}

// PressData sends forged or stale callback data; see Person.PressData.
func (g *Group) PressData(p *Person, messageID int, data string) string {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return p.query(g.c, messageID, "", data)
}

// Screen is the group as every member sees it, oldest first.
func (g *Group) Screen() []Message {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	return g.c.screen()
}

// Kick has p remove the bot from the group.
func (g *Group) Kick(p *Person) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	g.c.kicked = true
	g.s.member(g.c, p, "member", "kicked")
	g.s.touch()
}

// Migrate turns the group into the supergroup newID (below -1000000000000),
// which starts empty. From now on the old address is refused with
// migrate_to_chat_id. Both service messages are sent.
func (g *Group) Migrate(newID int64) *Group {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	s, old := g.s, g.c
	c := &chat{id: newID, title: old.title, members: old.members}
	s.chats[newID] = c
	old.migrated = newID
	announce := func(in *chat, field string, id int64) {
		m := s.post(in, &message{service: map[string]any{field: id}})
		s.emit(in, nil, "message", s.wireMessage(in, m, false))
	}
	announce(old, "migrate_to_chat_id", newID)
	announce(c, "migrate_from_chat_id", old.id)
	return &Group{s: s, c: c}
}
