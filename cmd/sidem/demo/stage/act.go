package stage

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/cmd/sidem/demo/page"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// Do has a person act, as a finger would.
func (s *Stage) Do(_ context.Context, a page.Act) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.w.People[a.Person]
	if !ok {
		return page.ErrNotFound
	}
	defer s.touch()
	if a.What != "home" {
		s.byHand.Store(true)
	}
	switch a.On {
	case "telegram":
		return s.actInTelegram(p, a)
	case "slack":
		return told(s.actInSlack(p, a))
	}
	return fmt.Errorf("act on %q: unknown", a.On)
}

// told makes what a platform says to a person a complaint that the visitor reads.
func told(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[page.Complaint](err); ok || errors.Is(err, page.ErrNotFound) {
		return err
	}
	return page.Complaint(page.Platform(err.Error()))
}

func (s *Stage) actInTelegram(p world.Person, a page.Act) error {
	who := s.w.Telegram.Person(p.TelegramID, "", "")
	switch a.What {
	case "say":
		s.faults.Unblocked(p)
		return s.say(a)
	case "attach":
		s.faults.Unblocked(p)
		name, data, err := document(a.File)
		if err != nil {
			return err
		}
		who.SendFile(name, kindOf(name), data, a.Text)
		return nil
	case "press":
		id, err := strconv.Atoi(a.Message)
		if err != nil {
			return page.ErrNotFound
		}
		who.PressData(id, a.Button)
		return nil
	}
	return fmt.Errorf("%s in Telegram: unknown", a.What)
}

// say has the person write where they are.
func (s *Stage) say(a page.Act) error {
	client, err := s.w.Client(a.Person, a.On)
	if err != nil {
		return err
	}
	return client.Say(a.Text)
}

func (s *Stage) actInSlack(p world.Person, a page.Act) error {
	who := s.w.SlackPerson(p)
	switch a.What {
	case "say":
		return s.say(a)
	case "attach":
		name, data, err := document(a.File)
		if err != nil {
			return err
		}
		who.SendFile(name, kindOf(name), data, a.Text)
		return nil
	case "press", "pick":
		return pressInSlack(who, a)
	case "home":
		return who.OpenHome()
	case "dismiss":
		who.CloseModal()
		return nil
	case "submit":
		return submit(who, a)
	}
	return fmt.Errorf("%s in Slack: unknown", a.What)
}

// pressInSlack presses a button or picks from a menu, of a message or of the
// Home, where things are known by their labels.
func pressInSlack(who *slacktest.Person, a page.Act) error {
	switch {
	case a.Message == homeID && a.What == "pick":
		return who.PressHome(a.Option)
	case a.Message == homeID:
		return who.PressHome(a.Button)
	case a.What == "pick":
		return who.Select(a.Message, a.Button, a.Option)
	}
	id, value, _ := strings.Cut(a.Button, " ")
	return who.PressValue(a.Message, id, value)
}

// submit fills in the open form as the page holds it, and sends it.
func submit(who *slacktest.Person, a page.Act) error {
	modal := who.Modal()
	if modal == nil {
		return page.FormGone
	}
	for _, ask := range slackForm(modal).Asks {
		if f, ok := a.Files[ask.Label]; ok {
			name, data, err := document(&f)
			if err != nil {
				return err
			}
			if err := who.AttachInModal(ask.Label, name, kindOf(name), data); err != nil {
				return err
			}
		}
		value := strings.ReplaceAll(a.Values[ask.Label], "\r\n", "\n")
		if ask.Kind == "some" {
			value = strings.ReplaceAll(value, "\n", ", ")
		}
		if value == "" {
			if !ask.Optional && ask.Value == "" && ask.Kind != "file" {
				return page.Unanswered(ask.Label)
			}
			continue
		}
		if err := who.Fill(ask.Label, value); err != nil {
			return err
		}
	}
	return who.Submit()
}

// document is the file that a visitor sends: theirs, or a small sample.
func document(f *page.File) (name string, data []byte, err error) {
	if f == nil || f.Name == "" {
		f = &page.File{Name: page.Sample}
	}
	if len(f.Data) == 0 {
		data, err = bottest.Sample(f.Name)
		return f.Name, data, err
	}
	return filepath.Base(f.Name), f.Data, nil
}

func kindOf(name string) string {
	if kind := mime.TypeByExtension(filepath.Ext(name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// letter is the mail with a number.
func (s *Stage) letter(id string) (emailtest.Mail, error) {
	n, err := strconv.Atoi(id)
	all := s.w.Mail.All()
	if err != nil || n < 1 || n > len(all) {
		return emailtest.Mail{}, page.ErrNotFound
	}
	return all[n-1], nil
}

// embedded is a picture that a mail brings along.
var embedded = regexp.MustCompile(`cid:([\w.@-]+)`)

// Mail is a mail as HTML, with the pictures that it brings put in their places.
func (s *Stage) Mail(_ context.Context, id string) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	m, err := s.letter(id)
	if err != nil {
		return "", err
	}
	return embedded.ReplaceAllStringFunc(m.HTML, func(ref string) string {
		i := slices.IndexFunc(m.Attachments, func(p emailtest.Part) bool { return p.ContentID == strings.TrimPrefix(ref, "cid:") })
		if i < 0 {
			return ref
		}
		return dataURL(m.Attachments[i])
	}), nil
}

// Look is a mail or a call in full.
func (s *Stage) Look(ctx context.Context, what, id string) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch what {
	case "mail":
		m, err := s.letter(id)
		if err != nil {
			return nil, err
		}
		return page.MailBody{Text: m.Text, Source: string(m.Raw)}, nil
	case "call":
		return s.callBody(id)
	case "whatif":
		return whatIf(ctx, id, s.desk.Office.Targets)
	}
	return nil, page.ErrNotFound
}

// whose is the name of the person of a chat or an address.
func (s *Stage) whose(on, id string) string {
	for _, key := range cast {
		p := s.w.People[key]
		switch on {
		case "telegram":
			if fmt.Sprint(p.TelegramID) == id {
				return p.Account.Name
			}
		case "slack":
			if p.SlackID == id || "D"+strings.TrimPrefix(p.SlackID, "U") == id {
				return p.Account.Name
			}
		case "correo":
			if strings.EqualFold(p.Account.Email, id) {
				return p.Account.Name
			}
		}
	}
	return ""
}
