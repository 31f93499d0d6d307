package main

import (
	"fmt"
	"slices"
	"strings"

	"sidem/bot/bottest"
	"sidem/bot/telegram/telegramtest"
	"sidem/notifier/email/emailtest"
)

// telegramClient is a person's private chat with the bot.
type telegramClient struct{ p *telegramtest.Person }

func (c telegramClient) Say(text string) error {
	if payload, ok := strings.CutPrefix(text, "/start "); ok {
		c.p.Start(payload)
		return nil
	}
	c.p.Say(text)
	return nil
}

// Press finds the button on the newest message that has it. A second press goes
// to the same button, whether or not it can still be seen.
func (c telegramClient) Press(label string, times int) error {
	for _, m := range slices.Backward(c.p.Screen()) {
		for _, row := range m.Buttons {
			for _, b := range row {
				if b.Text != label {
					continue
				}
				for range times {
					c.p.PressData(m.ID, b.Data)
				}
				return nil
			}
		}
	}
	return fmt.Errorf("no button %q on the screen", label)
}

func (c telegramClient) Fill(string, string) error { return fmt.Errorf("telegram has no forms") }
func (c telegramClient) Submit() error             { return fmt.Errorf("telegram has no forms") }

func (c telegramClient) Attach(_, name string, data []byte) error {
	c.p.SendFile(name, "application/octet-stream", data, "")
	return nil
}

func (c telegramClient) Again() error {
	c.p.Redeliver()
	return nil
}

func (c telegramClient) Screen() []bottest.Shown {
	var out []bottest.Shown
	for _, m := range c.p.Screen() {
		s := bottest.Shown{ID: fmt.Sprint(m.ID), Text: m.Text, Mine: !m.FromBot}
		for _, row := range m.Buttons {
			for _, b := range row {
				s.Buttons = append(s.Buttons, b.Text)
			}
		}
		out = append(out, s)
	}
	for _, t := range c.p.Toasts() {
		out = append(out, bottest.Shown{ID: "toast" + t.QueryID, Text: t.Text, Passing: true})
	}
	return out
}

// mailClient is a person's mailbox.
type mailClient struct {
	server  *emailtest.Server
	address string
}

func (c mailClient) Say(string) error          { return fmt.Errorf("mail is read, not written") }
func (c mailClient) Press(string, int) error   { return fmt.Errorf("a mail has no buttons") }
func (c mailClient) Fill(string, string) error { return fmt.Errorf("a mail has no forms") }
func (c mailClient) Submit() error             { return fmt.Errorf("a mail has no forms") }
func (c mailClient) Attach(_, _ string, _ []byte) error {
	return fmt.Errorf("mail is read, not written")
}
func (c mailClient) Again() error { return fmt.Errorf("mail is read, not written") }

func (c mailClient) Screen() []bottest.Shown {
	var out []bottest.Shown
	for _, m := range c.server.Inbox(c.address) {
		out = append(out, bottest.Shown{ID: fmt.Sprint(m.Seq), Text: m.Subject + "\n" + m.Text})
	}
	return out
}
