package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// calm is how long changes are gathered before they are told: a press makes many at once.
const calm = 40 * time.Millisecond

// pulse is how often the parts are looked at though nothing changed, for what
// time alone changes, and so that a dead connection is noticed.
const pulse = 5 * time.Second

// events is the page's one stream: each part once, and again whenever it differs.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	sent := map[string][]byte{}
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		changed := s.stage.Changed()
		parts, err := s.stage.Parts(r.Context())
		if err != nil {
			if r.Context().Err() == nil {
				s.log.Error("page: what can be seen", "err", err)
			}
			return // the page comes back by itself
		}
		if err := tell(w, parts, sent); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		select {
		case <-changed:
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
		select {
		case <-time.After(calm):
		case <-r.Context().Done():
			return
		}
	}
}

// tell writes the parts that differ from what was sent, in one event.
func tell(w http.ResponseWriter, parts []Part, sent map[string][]byte) error {
	var fresh []Part
	for _, p := range parts {
		body, err := json.Marshal(p.Data)
		if err != nil {
			return fmt.Errorf("encode %s: %w", p.Name, err)
		}
		if bytes.Equal(body, sent[p.Name]) {
			continue
		}
		sent[p.Name] = body
		fresh = append(fresh, Part{Name: p.Name, Data: json.RawMessage(body)})
	}
	if len(fresh) == 0 {
		_, err := w.Write([]byte(":\n\n"))
		return err
	}
	body, err := json.Marshal(fresh)
	if err != nil {
		return fmt.Errorf("encode parts: %w", err)
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", body)
	return err
}
