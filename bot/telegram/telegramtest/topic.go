package telegramtest

import "fmt"

// Topics of a forum. A supergroup becomes one with its first topic; messages
// without a topic are in the general one.

// Topic opens a topic in a supergroup and returns its id, which is that of the
// service message that opened it.
func (g *Group) Topic(title string) int {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	m := g.s.post(g.c, &message{service: map[string]any{
		"forum_topic_created": map[string]any{"name": title, "icon_color": 7322096},
	}})
	if g.c.topics == nil {
		g.c.topics = map[int]bool{}
	}
	g.c.topics[m.ID] = true
	m.Topic = m.ID
	return m.ID
}

// DeleteTopic removes a topic with its messages.
func (g *Group) DeleteTopic(topic int) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	delete(g.c.topics, topic)
	var left []*message
	for _, m := range g.c.messages {
		if m.Topic != topic {
			left = append(left, m)
		}
	}
	g.c.messages = left
	g.s.touch()
}

// SayIn writes into a topic; without an answer to another message it answers the
// one that opened the topic, as the platform has it.
func (g *Group) SayIn(p *Person, topic int, text string) (int, error) {
	g.s.mu.Lock()
	defer g.s.mu.Unlock()
	if !g.c.topics[topic] {
		return 0, fmt.Errorf("there is no topic %d in %q", topic, g.c.title)
	}
	return g.write(p, &message{Message: Message{
		Text: text, HTML: text, Entities: commandEntities(text), ReplyTo: topic, Topic: topic,
	}}), nil
}

// wireTopic says in which topic a message is.
func (c *chat) wireTopic(m *message, out map[string]any) {
	if m.Topic != 0 {
		out["message_thread_id"], out["is_topic_message"] = m.Topic, true
	}
}

// topicOf reads message_thread_id.
func topicOf(c *chat, r *request) (int, *apiError) {
	topic := r.int("message_thread_id", 0, 0, 1<<30)
	if topic != 0 && !c.topics[topic] {
		return 0, badRequest("message thread not found")
	}
	return topic, nil
}
