package main

import (
	"fmt"
	"slices"

	"sidem/bot/bottest"
	"sidem/bot/telegram/telegramtest"
)

// groupID is the Telegram group of the stories, with everybody in it.
const groupID = -1_000_000_000_500

// groupClient is a person in the group.
type groupClient struct {
	g *telegramtest.Group
	p *telegramtest.Person
}

// group is the group as a person has it on their phone.
func (w *world) group(p persona) groupClient {
	person := w.telegram.Person(p.telegramID, "", "")
	return groupClient{w.telegram.Group(groupID, "Unidad de Informática", person), person}
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
