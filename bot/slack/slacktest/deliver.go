package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Kinds of what is delivered, as Socket Mode names them.
const (
	kindEvents      = "events_api"
	kindInteractive = "interactive"
	kindCommands    = "slash_commands"
)

// retries are how often an event comes again that was not acknowledged in time.
// What a person pressed, typed as a command or submitted comes once: they are told.
const retries = 3

// act is something that the app has to be told of.
type act struct {
	person  *Person
	kind    string
	name    string // "message.im", "block_actions"
	scope   string // without which Slack does not tell
	what    string // as the person is told that it failed
	payload map[string]any
	done    func(answer json.RawMessage) // on acknowledgement; under the lock
}

// delivery is an act on its way.
type delivery struct {
	act
	by   *socket // that it was sent through; nil: none yet, or HTTP
	left int     // retries
	n    int     // attempts so far
}

// Answer is what the app put into an acknowledgement.
type Answer struct {
	To      string // "view_submission", "slash_commands"
	Payload json.RawMessage
}

// Answers are the acknowledgements so far that held something.
func (s *Server) Answers() []Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.answers)
}

var (
	errNobody = errors.New("slack: the app is not connected; the person sees that it failed")
	errEvent  = errors.New("slack: the app does not subscribe to this event")
	errScope  = errors.New("slack: the app lacks the scope to be told of this")
)

// deliver sends an act to the app.
func (s *Server) deliver(a act) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case a.scope != "" && !slices.Contains(s.opts.Scopes, a.scope):
		return errScope
	case a.kind == kindEvents && s.opts.Events != nil && !slices.Contains(s.opts.Events, a.name):
		return errEvent
	}
	s.scopes[a.scope], s.events[a.name] = true, true
	d := &delivery{act: a}
	if a.kind == kindEvents {
		d.left = retries
	}
	return s.send(d)
}

// send makes one attempt; the caller holds the lock.
func (s *Server) send(d *delivery) error {
	id := fmt.Sprintf("envelope-%d", s.next())
	d.n++
	s.waiting[id] = d
	s.change()
	if len(s.addresses) > 0 {
		address := s.addresses[s.n%len(s.addresses)]
		s.under.Go(func() { s.request(id, address, d) })
		return nil
	}
	if len(s.sockets) == 0 {
		d.by = nil
		if d.kind == kindEvents {
			return nil // it waits for a connection
		}
		delete(s.waiting, id)
		s.fail(d.act)
		return errNobody
	}
	d.by = s.sockets[s.n%len(s.sockets)]
	s.write(id, d)
	return nil
}

// acknowledged ends the wait for the app.
func (s *Server) acknowledged(id string, answer json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.waiting[id]
	if !ok {
		return // too late, or never sent
	}
	delete(s.waiting, id)
	if len(answer) > 0 {
		s.answers = append(s.answers, Answer{To: d.name, Payload: answer})
	}
	if d.done != nil {
		d.done(answer)
	}
	s.change()
}

// unanswered ends an attempt that failed: an event comes again, anything else has
// failed and the person is told. The caller holds the lock.
func (s *Server) unanswered(id string) {
	d, ok := s.waiting[id]
	if !ok {
		return
	}
	delete(s.waiting, id)
	if d.left == 0 {
		s.fail(d.act)
		return
	}
	d.left--
	_ = s.send(d) // an event is never refused
}

// fail tells a person that Slack could not do what they asked; the caller holds
// the lock. Of an event Slack would say nothing: here it shows, since it is lost.
func (s *Server) fail(a act) {
	a.person.failures = append(a.person.failures, "Slack: "+a.what+" failed; the app did not respond")
	s.change()
}
