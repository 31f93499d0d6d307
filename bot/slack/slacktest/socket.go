package slacktest

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one Socket Mode connection.
type socket struct {
	conn *websocket.Conn
	mu   sync.Mutex // of writes
}

var upgrade = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// accept serves one Socket Mode connection: hello, what waits, then what comes; it
// reads acknowledgements.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	conn, err := upgrade.Upgrade(w, r, nil)
	if err != nil {
		return // it has answered
	}
	k := &socket{conn: conn}
	if !s.joined(k) {
		_ = conn.Close()
		return
	}
	defer s.under.Done()
	ended := make(chan struct{})
	defer close(ended)
	go k.ping(ended)
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
	s.left(k)
}

// pinged is how often a connection is asked whether it is there. The library takes one for
// broken that was not asked for 30 s.
const pinged = time.Second

func (k *socket) ping(ended <-chan struct{}) {
	tick := time.NewTicker(pinged)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			_ = k.conn.WriteControl(websocket.PingMessage, nil, time.Time{})
		case <-ended:
			return
		}
	}
}

// joined takes a connection in; false: the workspace is closed, or it has gone.
func (s *Server) joined(k *socket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return false
	default:
	}
	if k.write(map[string]any{"type": "hello", "num_connections": len(s.sockets) + 1, "connection_info": map[string]any{"app_id": appID}}) != nil {
		return false
	}
	s.sockets = append(s.sockets, k)
	s.greeted++
	s.under.Add(1)
	for id, d := range s.waiting {
		if d.by == nil {
			d.by = k
			s.write(id, d)
		}
	}
	s.change()
	return true
}

// left gives what a connection took and did not acknowledge to others.
func (s *Server) left(k *socket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sockets = slices.DeleteFunc(s.sockets, func(o *socket) bool { return o == k })
	var lost []string
	for id, d := range s.waiting {
		if d.by == k {
			lost = append(lost, id)
		}
	}
	slices.Sort(lost)
	for _, id := range lost {
		s.unanswered(id)
	}
	s.change()
}

func (k *socket) write(v any) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.conn.WriteJSON(v)
}

// write sends an envelope through d.by; the caller holds the lock. A connection
// that is broken is noticed by its reader.
func (s *Server) write(id string, d *delivery) {
	envelope := map[string]any{"type": d.kind, "envelope_id": id, "payload": d.payload, "accepts_response_payload": d.kind != kindEvents}
	if d.kind == kindEvents && d.n > 1 {
		envelope["retry_attempt"], envelope["retry_reason"] = d.n-1, "timeout"
	}
	_ = d.by.write(envelope)
	time.AfterFunc(s.opts.AckTime, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.unanswered(id)
	})
}

// Disconnect has every connection end, as Slack does from time to time.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.sockets {
		_ = k.write(map[string]any{"type": "disconnect", "reason": "refresh_requested"})
	}
}
