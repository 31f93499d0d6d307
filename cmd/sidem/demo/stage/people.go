package stage

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/word"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// cast is the order in which the people stand on the page: that of the story.
var cast = []string{"lucía", "raúl", "tomás", "héctor", "mariana", "sofía", "elena", "patricia", "javier", "diego"}

// firstChat is the chat that a person works from.
func firstChat(p world.Person) string { return p.Account.Channels[0] }

// person is all that is seen of one of the people; mu is held.
func (s *Stage) person(ctx context.Context, v *view, key string) (page.Person, error) {
	p := s.w.People[key]
	out := page.Person{Key: key, Name: p.Account.Name, Post: p.Account.Post, Role: es.Role(core.Role(p.Account.Roles[0])), Agency: v.agencies[p.Account.Agency]}
	account, err := s.account(ctx, p)
	if err != nil {
		return out, err
	}
	if account.State != core.None {
		if out.Turn, err = s.turns(ctx, v, account); err != nil {
			return out, err
		}
	}
	switch firstChat(p) {
	case "telegram":
		out.Tabs = append(out.Tabs, s.telegramTab(p, account))
	case "slack":
		out.Tabs = append(out.Tabs, s.slackTab(p, account))
	}
	out.Tabs = append(out.Tabs, s.mailTab(p), phoneTab(v, account))
	for i := range out.Tabs {
		out.Tabs[i].Title = page.Titles[out.Tabs[i].On]
	}
	return out, nil
}

// turns are what a person owes now, in words.
func (s *Stage) turns(ctx context.Context, v *view, account core.Record) ([]string, error) {
	actor, err := s.desk.Actor(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range append(slices.Clone(v.owing), v.records...) {
		for _, d := range core.Duties(r, v.office.Calendar, v.office.Targets) {
			if !d.Paused && actor.Owes(d, r, v.now) {
				out = append(out, es.Duty(d.Name))
			}
		}
	}
	return slices.Compact(out), nil
}

func (s *Stage) telegramTab(p world.Person, account core.Record) page.Tab {
	who := s.w.Telegram.Person(p.TelegramID, "", "")
	_, linked := account.LinkOn("telegram")
	tab := page.Tab{On: "telegram", Linked: linked, Blocked: s.faults.IsBlocked(p.TelegramID)}
	screen := who.Screen()
	for _, m := range screen {
		tab.Messages = append(tab.Messages, telegramMessage(m, screen))
	}
	for _, c := range who.Menu() {
		tab.Words = append(tab.Words, page.Word{Word: "/" + c.Command, Does: c.Description})
	}
	if toasts := who.Toasts(); len(toasts) > 0 {
		if t := toasts[len(toasts)-1]; t.Text != "" {
			tab.Toast = &page.Toast{ID: t.QueryID, Text: t.Text, Alert: t.Alert}
		}
	}
	return tab
}

func telegramMessage(m telegramtest.Message, screen []telegramtest.Message) page.Message {
	out := page.Message{ID: fmt.Sprint(m.ID), Mine: !m.FromBot, At: clockTime(m.Posted), Edits: m.Edits}
	if m.Text != "" {
		out.Blocks = telegramBlocks(m.Text, m.Entities)
	}
	if m.Document != nil {
		out.Blocks = append(out.Blocks, page.Block{Kind: "files", Files: []page.Doc{doc(out.ID, m.Document.Name, m.Document.Data)}})
	}
	if m.ReplyTo != 0 {
		out.Under = fmt.Sprint(m.ReplyTo)
		for _, o := range screen {
			if o.ID == m.ReplyTo {
				out.Answers, _, _ = strings.Cut(o.Text, "\n")
			}
		}
	}
	var rows [][]page.Knob
	for _, row := range m.Buttons {
		var knobs []page.Knob
		for _, b := range row {
			if b.Copy != "" {
				continue // the page's text can be selected
			}
			knobs = append(knobs, page.Knob{ID: b.Data, Label: b.Text, Style: style(b.Style), Link: b.URL})
		}
		if len(knobs) > 0 {
			rows = append(rows, knobs)
		}
	}
	if len(rows) > 0 {
		out.Blocks = append(out.Blocks, page.Block{Kind: "actions", Rows: rows})
	}
	return out
}

func style(s string) string {
	if s == "success" {
		return "primary"
	}
	return s
}

func clockTime(t time.Time) string { return t.In(world.Mexico()).Format("15:04") }

func (s *Stage) slackTab(p world.Person, account core.Record) page.Tab {
	who := s.w.SlackPerson(p)
	_, linked := account.LinkOn("slack")
	tab := page.Tab{On: "slack", Linked: linked}
	screen := who.Screen()
	for _, m := range screen {
		tab.Messages = append(tab.Messages, slackMessage(m, screen))
	}
	for i, f := range who.Failures() {
		tab.Messages = append(tab.Messages, page.Message{
			ID: fmt.Sprint("failure", i), Failed: true, Blocks: []page.Block{{Kind: "text", Lines: plainLines(f)}},
		})
	}
	for _, w := range word.Menu(account.Roles) {
		tab.Words = append(tab.Words, page.Word{Word: "/sidem " + w.Name, Does: w.Description})
	}
	if h := who.Home(); h != nil {
		tab.Home = homeBlocks(h.Blocks)
	}
	if v := who.Modal(); v != nil {
		tab.Form = slackForm(v)
	}
	return tab
}

func slackMessage(m slacktest.Message, screen []slacktest.Message) page.Message {
	out := page.Message{ID: m.TS, Mine: !m.FromBot, Private: m.Ephemeral, At: clockTime(m.Posted), Edits: m.Edits, Under: m.ThreadTS}
	if m.ThreadTS != "" {
		for _, o := range screen {
			if o.TS == m.ThreadTS {
				out.Answers, _, _ = strings.Cut(o.Shown, "\n")
			}
		}
	}
	out.Blocks = slackBlocks(m.Blocks)
	if len(out.Blocks) == 0 {
		out.Blocks = []page.Block{{Kind: "text", Lines: slackLines(slackText{Type: "mrkdwn", Text: m.Text})}}
	}
	var files []page.Doc
	for _, f := range m.Files {
		files = append(files, doc(f.ID, f.Name, f.Data))
	}
	if len(files) > 0 {
		out.Blocks = append(out.Blocks, page.Block{Kind: "files", Files: files})
	}
	return out
}

func doc(id, name string, data []byte) page.Doc {
	return page.Doc{ID: id, Name: name, Size: es.Weight(int64(len(data)))}
}

// File is a file on a person's screen or in their mailbox.
func (s *Stage) File(_ context.Context, person, on, id string) (name string, data []byte, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.w.People[person]
	if !ok {
		return "", nil, page.ErrNotFound
	}
	switch on {
	case "telegram":
		for _, m := range s.w.Telegram.Person(p.TelegramID, "", "").Screen() {
			if m.Document != nil && fmt.Sprint(m.ID) == id {
				return m.Document.Name, m.Document.Data, nil
			}
		}
	case "slack":
		for _, m := range s.w.SlackPerson(p).Screen() {
			for _, f := range m.Files {
				if f.ID == id {
					return f.Name, f.Data, nil
				}
			}
		}
	case "correo":
		for _, m := range s.w.Mail.Inbox(p.Account.Email) {
			for i, a := range m.Attachments {
				if fmt.Sprint(m.Seq, "-", i) == id {
					return a.Name, a.Data, nil
				}
			}
		}
	}
	return "", nil, page.ErrNotFound
}

// deepLink is the link of a mail that opens the chat with the bot.
var deepLink = regexp.MustCompile(`https://t\.me/\w+\?start=([\w-]+)`)

func (s *Stage) mailTab(p world.Person) page.Tab {
	tab := page.Tab{On: "correo", Linked: true}
	for _, m := range slices.Backward(s.w.Mail.Inbox(p.Account.Email)) {
		mail := page.Mail{ID: fmt.Sprint(m.Seq), Subject: m.Subject, From: m.From, At: es.Moment(m.At.In(world.Mexico())), Intro: intro(m)}
		for i, a := range m.Attachments {
			if a.ContentID == "" {
				mail.Files = append(mail.Files, doc(fmt.Sprint(m.Seq, "-", i), a.Name, a.Data))
			}
		}
		if link := deepLink.FindStringSubmatch(m.Text); link != nil {
			mail.Start = link[1]
		}
		tab.Mails = append(tab.Mails, mail)
	}
	return tab
}

// intro is the beginning of a mail's text, past the greeting.
func intro(m emailtest.Mail) string {
	for line := range strings.SplitSeq(m.Text, "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasSuffix(line, ":") && line != m.Subject {
			return line
		}
	}
	return ""
}

// phoneTab are the calls that were logged: they ring at the requester's, and stand
// in the list of whoever called.
func phoneTab(v *view, account core.Record) page.Tab {
	tab := page.Tab{On: page.Telephone, Linked: true}
	for _, r := range v.records {
		filer := v.accounts[r.Filer()]
		for i, c := range r.Calls {
			ring := page.Ring{
				ID: fmt.Sprint(r.ID, "-", i), Result: es.Value(c.Result), At: v.moment(c.By.At), Reached: c.Result == core.CallAnswered,
			}
			switch {
			case account.ID == "":
			case account.ID == filer.ID && c.Result != core.CallWrong:
				ring.In, ring.With, ring.Number = true, c.By.Name, number(v.accounts[c.By.By])
			case account.ID == c.By.By:
				ring.With, ring.Number = filer.Fields[core.FieldName], number(filer)
			}
			if ring.With != "" {
				tab.Calls = append(tab.Calls, ring)
			}
		}
	}
	slices.Reverse(tab.Calls)
	return tab
}

func number(account core.Record) string {
	n := account.Fields[core.FieldPhone]
	if x := account.Fields[core.FieldExtension]; x != "" {
		n += " ext. " + x
	}
	return n
}
