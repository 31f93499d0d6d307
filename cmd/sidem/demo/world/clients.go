package world

import (
	"fmt"
	"slices"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
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

// SayAll writes several messages at once.
func (c telegramClient) SayAll(texts ...string) error {
	c.p.SayAll(texts...)
	return nil
}

// Reply writes under the newest message that says to.
func (c telegramClient) Reply(to, text string) error {
	for _, m := range slices.Backward(c.p.Screen()) {
		if strings.Contains(m.Text, to) {
			c.p.Reply(m.ID, text)
			return nil
		}
	}
	return fmt.Errorf("nothing says %q", to)
}

// PressAgain presses a button that was pressed before, from where it stood then.
func (c telegramClient) PressAgain(label string) error {
	for _, t := range slices.Backward(c.p.Toasts()) {
		if t.Button == label {
			c.p.PressData(t.Message, t.Data)
			return nil
		}
	}
	return fmt.Errorf("nobody pressed %q", label)
}

func (c telegramClient) Edit(text, now string) error {
	for _, m := range slices.Backward(c.p.Screen()) {
		if !m.FromBot && m.Text == text {
			return c.p.Edit(m.ID, now)
		}
	}
	return fmt.Errorf("nobody wrote %q", text)
}

func (c telegramClient) Forward(text string) error {
	c.p.Forward(text)
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
				if err := c.p.Press(m.ID, label); err != nil {
					return err
				}
				for range times - 1 {
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
	if strings.HasPrefix(name, "foto") {
		_, err := c.p.SendPhoto(data, "")
		return err
	}
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
		if m.Document != nil {
			s.Text = strings.TrimSpace(s.Text + "\n" + m.Document.Name)
		}
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

// slackClient is a person's direct messages with the app.
type slackClient struct{ p *slacktest.Person }

func (c slackClient) Say(text string) error {
	if words, ok := strings.CutPrefix(text, "/sidem"); ok {
		return c.p.Slash("/sidem", strings.TrimSpace(words))
	}
	if words, ok := strings.CutPrefix(text, "/"); ok { // the same words on both platforms
		return c.p.Slash("/sidem", words)
	}
	c.p.Say(text)
	return nil
}

func (c slackClient) Edit(text, now string) error {
	for _, m := range slices.Backward(c.p.Screen()) {
		if !m.FromBot && m.Text == text {
			return c.p.Edit(m.TS, now)
		}
	}
	return fmt.Errorf("nobody wrote %q", text)
}

func (c slackClient) Forward(text string) error { return c.p.Forward(text) }

// Press finds the button, or the option of a ⋯, on the newest message that has it,
// then on the Home. Whoever presses has left the modal that was open.
func (c slackClient) Press(label string, times int) error {
	c.p.CloseModal()
	press := c.find(label)
	if press == nil {
		return fmt.Errorf("no button %q on the screen", label)
	}
	for range times {
		if err := press(); err != nil {
			return err
		}
	}
	return nil
}

func (c slackClient) find(label string) func() error {
	for _, m := range slices.Backward(c.p.Screen()) {
		for _, b := range m.Buttons {
			if b.Text == label {
				return func() error { return c.p.PressValue(m.TS, b.ActionID, b.Value) }
			}
		}
		for _, menu := range m.Selects {
			if menu.Overflow && slices.ContainsFunc(menu.Options, func(o slacktest.Option) bool { return o.Text == label }) {
				return func() error { return c.p.Select(m.TS, "", label) }
			}
		}
	}
	if h := c.p.Home(); h != nil && slices.Contains(offered(h.Buttons, h.Selects), label) {
		return func() error { return c.p.PressHome(label) }
	}
	return nil
}

// offered are the labels of buttons and of the options of ⋯.
func offered(buttons []slacktest.Button, menus []slacktest.Select) []string {
	var out []string
	for _, b := range buttons {
		out = append(out, b.Text)
	}
	for _, menu := range menus {
		for _, o := range menu.Options {
			if menu.Overflow {
				out = append(out, o.Text)
			}
		}
	}
	return out
}

// Fill answers a question of the modal, or picks from a menu of the newest message that has it.
func (c slackClient) Fill(label, value string) error {
	if c.Asks() {
		return c.p.Fill(label, value)
	}
	for _, m := range slices.Backward(c.p.Screen()) {
		if err := c.p.Select(m.TS, label, value); err == nil {
			return nil
		}
	}
	return fmt.Errorf("no form is open, and no menu %q with %q is on the screen", label, value)
}

func (c slackClient) Submit() error { return c.p.Submit() }

// Asks reports whether a form is open.
func (c slackClient) Asks() bool {
	m := c.p.Modal()
	return m != nil && len(m.Labels) > 0
}

// OpenHome opens the app's Home, which only Slack has.
func (c slackClient) OpenHome() error { return c.p.OpenHome() }

func (c slackClient) Attach(label, name string, data []byte) error {
	if label == "" {
		c.p.SendFile(name, "application/octet-stream", data, "")
		return nil
	}
	return c.p.AttachInModal(label, name, "application/octet-stream", data)
}

func (c slackClient) Again() error { return c.p.Redeliver() }

func (c slackClient) Screen() []bottest.Shown {
	var out []bottest.Shown
	for _, m := range c.p.Screen() {
		s := bottest.Shown{ID: m.TS, Text: m.Shown, Mine: !m.FromBot, Passing: m.Ephemeral, Buttons: offered(m.Buttons, m.Selects)}
		if s.Text == "" {
			s.Text = m.Text
		}
		for _, f := range m.Files {
			s.Text = strings.TrimSpace(s.Text + "\n" + f.Name)
		}
		out = append(out, s)
	}
	if h := c.p.Home(); h != nil {
		out = append(out, bottest.Shown{ID: "home", Text: h.Text, Passing: true, Buttons: offered(h.Buttons, h.Selects)})
	}
	if m := c.p.Modal(); m != nil {
		s := bottest.Shown{ID: "modal" + m.ID, Text: m.Title + "\n" + m.Text, Passing: true}
		for label, words := range m.Errors {
			s.Text += "\n" + label + ": " + words
		}
		out = append(out, s)
	}
	for i, f := range c.p.Failures() {
		out = append(out, bottest.Shown{ID: fmt.Sprint("failure", i), Text: f})
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
