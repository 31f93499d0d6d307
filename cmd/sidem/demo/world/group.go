package world

import (
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
)

// groupID is the Telegram group of the stories, with everybody in it.
const groupID = -1_000_000_000_500

// groupClient is a person in the group.
type groupClient struct {
	g *telegramtest.Group
	p *telegramtest.Person
}

// group is the group as a person has it on their phone.
func (w *World) group(p Person) groupClient {
	person := w.Telegram.Person(p.TelegramID, "", "")
	return groupClient{w.Telegram.Group(groupID, "Unidad de Informática", person), person}
}

func (c groupClient) Say(text string) error {
	c.g.Say(c.p, text)
	return nil
}

// Press finds the button on the newest message that has it.
func (c groupClient) Press(label string, times int) error {
	for _, m := range slices.Backward(c.g.Screen()) {
		b, ok := m.Button(label)
		if !ok {
			continue
		}
		for range times {
			c.g.PressData(c.p, m.ID, b.Data)
		}
		return nil
	}
	return fmt.Errorf("no button %q in the group", label)
}

func (c groupClient) Fill(string, string) error { return fmt.Errorf("telegram has no forms") }
func (c groupClient) Submit() error             { return fmt.Errorf("telegram has no forms") }
func (c groupClient) Attach(_, _ string, _ []byte) error {
	return fmt.Errorf("nobody sends files to the group")
}

func (c groupClient) Again() error {
	c.p.Redeliver()
	return nil
}

// Screen is what everybody in the group sees, and what only this person is told when they press there.
func (c groupClient) Screen() []bottest.Shown {
	var out []bottest.Shown
	for _, m := range c.g.Screen() {
		out = append(out, bottest.Shown{ID: fmt.Sprint(m.ID), Text: m.Text, Mine: !m.FromBot, Buttons: m.Labels()})
	}
	for _, t := range c.p.Toasts() {
		if t.Chat == groupID {
			out = append(out, bottest.Shown{ID: "toast" + t.QueryID, Text: t.Text, Passing: true})
		}
	}
	return out
}

// channelID is the Slack channel of the stories, with everybody and the app in it.
const channelID = "C00000500"

// channelClient is a person in the channel.
type channelClient struct{ p *slacktest.Person }

// channel is the channel as a person sees it.
func (w *World) channel(p Person) channelClient {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.gathered {
		members := []*slacktest.Person{w.SlackPerson(stranger)}
		for _, p := range w.People {
			members = append(members, w.SlackPerson(p))
		}
		w.Slack.Channel(channelID, true, members...)
		w.gathered = true
	}
	return channelClient{w.SlackPerson(p)}
}

// Say speaks to the app by its name; a stroke makes it the command, typed there.
func (c channelClient) Say(text string) error {
	if words, ok := strings.CutPrefix(text, "/sidem"); ok {
		return c.p.SlashIn(channelID, "/sidem", strings.TrimSpace(words))
	}
	c.p.Mention(channelID, text)
	return nil
}

// Press finds the button on the newest message that has it.
func (c channelClient) Press(label string, times int) error {
	for _, m := range slices.Backward(c.p.In(channelID)) {
		for _, b := range m.Buttons {
			if b.Text != label {
				continue
			}
			for range times {
				if err := c.p.PressValue(m.TS, b.ActionID, b.Value); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return fmt.Errorf("no button %q in the channel", label)
}

func (c channelClient) Fill(string, string) error {
	return fmt.Errorf("no form is open in the channel")
}
func (c channelClient) Submit() error { return fmt.Errorf("no form is open in the channel") }
func (c channelClient) Attach(_, _ string, _ []byte) error {
	return fmt.Errorf("nobody sends files to the channel")
}
func (c channelClient) Again() error { return c.p.Redeliver() }

// Screen is what everybody in the channel sees, and what only this person does.
func (c channelClient) Screen() []bottest.Shown {
	var out []bottest.Shown
	for _, m := range c.p.In(channelID) {
		s := bottest.Shown{ID: m.TS, Text: m.Shown, Mine: !m.FromBot, Passing: m.Ephemeral, Buttons: offered(m.Buttons, m.Selects)}
		if s.Text == "" {
			s.Text = m.Text
		}
		out = append(out, s)
	}
	return out
}
