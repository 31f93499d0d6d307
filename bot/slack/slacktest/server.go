// Package slacktest is a strict emulator of Slack on loopback: the Web API calls that SIDEM makes and Socket Mode, with what each person would see on their screen.
//
// It refuses what the platform refuses, in its words, and imports no testing
// package: the demonstration runs on it too.
package slacktest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Options are how the workspace is set up; the zero value works.
type Options struct {
	BotToken, AppToken, TeamID string
	// Scopes are the bot's; nil grants what SIDEM's manifest asks for.
	Scopes []string
	Now    func() time.Time
	// NoRateLimits lifts about one message a second and channel, with bursts of ten.
	NoRateLimits bool
}

// Call is one request to the Web API.
type Call struct {
	Method   string
	Params   map[string]string // of the form, or the fields of the JSON body
	Status   int
	Response string
	At       time.Time
}

// Fault is how a call is made to go wrong.
type Fault struct {
	Status int
	Body   string
	Header http.Header
	Drop   bool // close the connection
	After  bool // execute first, so that the caller does not learn that it worked
}

// Server is one workspace with SIDEM's app in it.
type Server struct {
	opts Options
	http *httptest.Server

	mu        sync.Mutex
	people    map[string]*Person
	channels  map[string]*Person // of direct messages, by D… id
	calls     []Call
	fault     func(*Call) *Fault
	sockets   []*socket
	waiting   map[string]*delivery // envelopes not acknowledged yet
	triggers  map[string]trigger
	files     map[string]File
	scopes    map[string]bool
	pace      map[string][]time.Time
	inFlight  int
	n         int // ids and timestamps
	changed   chan struct{}
	closed    bool
	listening sync.WaitGroup
}

type trigger struct {
	person *Person
	at     time.Time // real time: a trigger lives three seconds
}

// socket is one Socket Mode connection.
type socket struct {
	conn *websocket.Conn
	mu   sync.Mutex // of writes
}

type delivery struct {
	person *Person
	by     *socket
	what   string
	done   func(payload json.RawMessage)
}

// New starts a workspace on a free loopback port.
func New(opts Options) *Server {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&opts.BotToken, "xoxb-demo-token-of-no-use-anywhere")
	def(&opts.AppToken, "xapp-demo-token-of-no-use-anywhere")
	def(&opts.TeamID, "T00000001")
	if opts.Scopes == nil {
		opts.Scopes = []string{"chat:write", "commands", "files:read", "im:history", "im:write"}
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{
		opts: opts, people: map[string]*Person{}, channels: map[string]*Person{}, waiting: map[string]*delivery{},
		triggers: map[string]trigger{}, files: map[string]File{}, scopes: map[string]bool{}, pace: map[string][]time.Time{},
		changed: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serve)
	mux.HandleFunc("/socket", s.accept)
	mux.HandleFunc("GET /files/{id}", s.serveFile)
	s.http = httptest.NewServer(mux)
	return s
}

// URL is the base of the Web API; it ends in /api/.
func (s *Server) URL() string { return s.http.URL + "/api/" }

// BotToken and AppToken are the tokens that it takes.
func (s *Server) BotToken() string { return s.opts.BotToken }

// AppToken is the token of Socket Mode.
func (s *Server) AppToken() string { return s.opts.AppToken }

// Close ends every connection and waits for what runs.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	for _, k := range s.sockets {
		_ = k.conn.Close()
	}
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
	s.listening.Wait()
}

// Changed is closed at the next change of anything that can be seen.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// change wakes those who wait; the caller holds the lock.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Idle reports whether nothing waits for an acknowledgement and no call is under way.
func (s *Server) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting) == 0 && s.inFlight == 0
}

// Connected is how many sockets are open.
func (s *Server) Connected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

// Calls are the Web API calls so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ScopesUsed are the scopes that the calls so far needed.
func (s *Server) ScopesUsed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, scope := range s.opts.Scopes {
		if s.scopes[scope] {
			out = append(out, scope)
		}
	}
	return out
}

// Intercept is asked before each call; nil takes it away.
func (s *Server) Intercept(f func(*Call) *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// next is a number that was not given before; the caller holds the lock.
func (s *Server) next() int {
	s.n++
	return s.n
}

// stamp is a new message timestamp; the caller holds the lock.
func (s *Server) stamp() string { return fmt.Sprintf("1795000000.%06d", s.next()) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.PathValue("method"), At: s.opts.Now()}
	params, token, err := read(r)
	call.Params = params
	s.mu.Lock()
	fault := s.fault
	s.inFlight++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.calls = append(s.calls, call)
		s.change()
		s.mu.Unlock()
	}()
	var f *Fault
	if fault != nil {
		f = fault(&call)
	}
	if f == nil || f.After {
		call.Status, call.Response = http.StatusOK, s.answer(call.Method, params, token, err)
	}
	if f == nil {
		w.Header().Set("Content-Type", "application/json")
		var limited struct{ Error string }
		if json.Unmarshal([]byte(call.Response), &limited) == nil && limited.Error == "ratelimited" {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		}
		_, _ = io.WriteString(w, call.Response)
		return
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), f.Header)
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body)
}

// read takes the parameters of a form or a JSON body, and the token from either place.
func read(r *http.Request) (map[string]string, string, error) {
	params := map[string]string{}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/json" {
		var body map[string]json.RawMessage
		if err := json.NewDecoder(io.LimitReader(r.Body, 4<<20)).Decode(&body); err != nil && !errors.Is(err, io.EOF) {
			return nil, "", fmt.Errorf("json: %w", err)
		}
		for k, raw := range body {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			params[k] = text
		}
	} else {
		if err := r.ParseForm(); err != nil {
			return nil, "", fmt.Errorf("form: %w", err)
		}
		for k := range r.PostForm {
			params[k] = r.PostForm.Get(k)
		}
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if t := params["token"]; t != "" {
		token = t
		delete(params, "token")
	}
	return params, token, nil
}

func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f, ok := s.files[r.PathValue("id")]
	s.scopes["files:read"] = true
	s.mu.Unlock()
	if !ok || r.Header.Get("Authorization") != "Bearer "+s.opts.BotToken {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(f.Data)
}
