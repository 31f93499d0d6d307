package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"
)

// ackTime is how long an app has to acknowledge an envelope.
const ackTime = 3 * time.Second

var upgrade = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// accept serves one Socket Mode connection: hello, then envelopes; it reads acknowledgements.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrade.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	k := &socket{conn: conn}
	if k.write(map[string]any{"type": "hello", "num_connections": 1, "connection_info": map[string]any{"app_id": "A0SIDEM"}}) != nil {
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		_ = conn.Close()
		return
	}
	s.sockets = append(s.sockets, k)
	s.listening.Add(1)
	s.change()
	s.mu.Unlock()
	defer s.listening.Done()
	for {
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := conn.ReadJSON(&ack); err != nil {
			break
		}
		s.acknowledged(ack.ID, ack.Payload)
	}
	_ = conn.Close()
	s.mu.Lock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k })
	for id, d := range s.waiting { // nobody will acknowledge what this connection took
		if d.by == k {
			delete(s.waiting, id)
			s.fail(d.person, d.what)
		}
	}
	s.change()
	s.mu.Unlock()
}

func (k *socket) write(v any) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.conn.WriteJSON(v)
}

func (s *Server) acknowledged(id string, payload json.RawMessage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.waiting[id]
	if !ok {
		return
	}
	delete(s.waiting, id)
	if d.done != nil {
		d.done(payload)
	}
	s.change()
}

// deliver sends one envelope to one connection. What nobody takes, or nobody
// acknowledges in time, has failed, and the person is told.
func (s *Server) deliver(p *Person, kind, what string, payload any, done func(json.RawMessage)) error {
	s.mu.Lock()
	id := fmt.Sprintf("envelope-%d", s.next())
	if len(s.sockets) == 0 {
		s.fail(p, what)
		s.mu.Unlock()
		return errNobody
	}
	k := s.sockets[s.n%len(s.sockets)]
	s.waiting[id] = &delivery{person: p, by: k, what: what, done: done}
	s.change()
	s.mu.Unlock()
	time.AfterFunc(ackTime, func() { s.late(id) })
	if err := k.write(map[string]any{"type": kind, "envelope_id": id, "payload": payload, "accepts_response_payload": true}); err != nil {
		s.late(id)
		return errNobody
	}
	return nil
}

var errNobody = errors.New("slack: the app is not connected; the person sees that it failed")

// late ends the wait for an acknowledgement.
func (s *Server) late(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.waiting[id]; ok {
		delete(s.waiting, id)
		s.fail(d.person, d.what)
	}
}

// fail tells a person that Slack could not do what they asked; the caller holds the lock.
func (s *Server) fail(p *Person, what string) {
	p.failures = append(p.failures, "Slack: "+what+" failed; the app did not respond")
	s.change()
}
