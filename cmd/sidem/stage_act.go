package main

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

	"sidem/bot/bottest"
	"sidem/bot/slack/slacktest"
	"sidem/cmd/sidem/sandbox"
	"sidem/notifier/email/emailtest"
)

// Do has a person act, as a finger would.
func (s *stage) Do(_ context.Context, a sandbox.Act) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.w.people[a.Person]
	if !ok {
		return sandbox.ErrNotFound
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
	if _, ok := errors.AsType[sandbox.Complaint](err); ok || errors.Is(err, sandbox.ErrNotFound) {
		return err
	}
	return sandbox.Complaint(sandbox.Platform(err.Error()))
}

func (s *stage) actInTelegram(p persona, a sandbox.Act) error {
	who := s.w.telegram.Person(p.telegramID, "", "")
	switch a.What {
	case "say":
		s.faults.unblocked(p)
		return telegramClient{who}.Say(a.Text)
	case "attach":
		s.faults.unblocked(p)
		name, data, err := document(a.File)
		if err != nil {
			return err
		}
		who.SendFile(name, kindOf(name), data, a.Text)
		return nil
	case "press":
		id, err := strconv.Atoi(a.Message)
		if err != nil {
			return sandbox.ErrNotFound
		}
		who.PressData(id, a.Button)
		return nil
	}
	return fmt.Errorf("%s in Telegram: unknown", a.What)
}

func (s *stage) actInSlack(p persona, a sandbox.Act) error {
	who := s.w.slackPerson(p)
	switch a.What {
	case "say":
		return slackClient{who}.Say(a.Text)
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
func pressInSlack(who *slacktest.Person, a sandbox.Act) error {
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
func submit(who *slacktest.Person, a sandbox.Act) error {
	modal := who.Modal()
	if modal == nil {
		return sandbox.FormGone
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
				return sandbox.Unanswered(ask.Label)
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
func document(f *sandbox.File) (name string, data []byte, err error) {
	if f == nil || f.Name == "" {
		f = &sandbox.File{Name: sandbox.Sample}
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
func (s *stage) letter(id string) (emailtest.Mail, error) {
	n, err := strconv.Atoi(id)
	all := s.w.mail.All()
	if err != nil || n < 1 || n > len(all) {
		return emailtest.Mail{}, sandbox.ErrNotFound
	}
	return all[n-1], nil
}

// embedded is a picture that a mail brings along.
var embedded = regexp.MustCompile(`cid:([\w.@-]+)`)

// Mail is a mail as HTML, with the pictures that it brings put in their places.
func (s *stage) Mail(_ context.Context, id string) (string, error) {
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
func (s *stage) Look(_ context.Context, what, id string) (any, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch what {
	case "mail":
		m, err := s.letter(id)
		if err != nil {
			return nil, err
		}
		return sandbox.MailBody{Text: m.Text, Source: string(m.Raw)}, nil
	case "call":
		return s.callBody(id)
	}
	return nil, sandbox.ErrNotFound
}

// whose is the name of the person of a chat or an address.
func (s *stage) whose(on, id string) string {
	for _, key := range cast {
		p := s.w.people[key]
		switch on {
		case "telegram":
			if fmt.Sprint(p.telegramID) == id {
				return p.account.Name
			}
		case "slack":
			if p.slackID == id || "D"+strings.TrimPrefix(p.slackID, "U") == id {
				return p.account.Name
			}
		case "correo":
			if strings.EqualFold(p.account.Email, id) {
				return p.account.Name
			}
		}
	}
	return ""
}
