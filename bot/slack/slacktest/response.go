package slacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// responseURL is the right to answer a command or a press a few times, without a token.
type responseURL struct {
	person *Person
	room   *room
	made   time.Time
	uses   int
}

// responseFor makes a response_url; the caller holds the lock.
func (s *Server) responseFor(p *Person, r *room) string {
	id := fmt.Sprintf("R%08d", s.next())
	s.responses[id] = &responseURL{person: p, room: r, made: s.opts.Real()}
	return s.http.URL + "/response/" + id
}

// respond takes an answer through a response_url.
func (s *Server) respond(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxView))
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ok := s.responses[r.PathValue("id")]
	switch {
	case err != nil || !ok || s.opts.Real().Sub(u.made) > responseLife:
		refuse(w, "expired_url")
		return
	case u.uses >= responseUses:
		refuse(w, "used_url")
		return
	}
	u.uses++
	if err := s.said(u.person, u.room, body); err != nil {
		refuse(w, err.Error())
		return
	}
	_, _ = io.WriteString(w, "ok")
}

func refuse(w http.ResponseWriter, word string) {
	w.WriteHeader(http.StatusNotFound)
	_, _ = fmt.Fprintf(w, `{"ok":false,"error":%q}`, word)
}

// said shows an answer to a command, which is for the person alone unless it says
// otherwise; an empty one says nothing. The caller holds the lock.
func (s *Server) said(p *Person, r *room, body []byte) error {
	var a struct {
		Type   string          `json:"response_type"`
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if len(body) == 0 {
		return nil
	}
	if json.Unmarshal(body, &a) != nil {
		return no("invalid_payload")
	}
	m, err := content(map[string]string{"text": a.Text, "blocks": string(a.Blocks)})
	if err != nil {
		return err
	}
	m.TS, m.Channel, m.Posted = s.stamp(), r.id, s.opts.Now()
	if a.Type != "in_channel" {
		m.Ephemeral, m.only = true, p
	}
	r.messages = append(r.messages, m)
	s.change()
	return nil
}
