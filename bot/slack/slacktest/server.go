// Package slacktest is a strict emulator of Slack on loopback: the Web API calls that SIDEM makes, Socket Mode and HTTP delivery, with what each person would see on their screen.
//
// It refuses what the platform refuses, in its words, and imports no testing
// package: the demonstration runs on it too.
package slacktest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/testbed"
)

// Options are how the workspace is set up; the zero value works.
type Options struct {
	BotToken, AppToken, TeamID string
	// SigningSecret is what requests are signed with, once Deliver names where they go.
	SigningSecret string
	// Scopes are the bot's; nil grants all that the emulator knows.
	Scopes []string
	// Events are those that the app subscribes to ("message.im"); nil is all.
	Events []string
	Now    func() time.Time // of the people: what is posted when
	// Real is the time that Slack counts its own limits by: triggers, rates, response_urls.
	Real func() time.Time
	// AckTime is how long the app has to acknowledge: 3 s.
	AckTime time.Duration
	// NoRateLimits lifts about one message a second and channel, with short bursts.
	NoRateLimits bool
	// Host is the address to listen at, on a free port; 127.0.0.1 if empty.
	Host string
	// Listen opens the listener; nil is the machine's, of net.ListenConfig.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
	// Client brings what is delivered over HTTP; nil is net/http's own.
	Client *http.Client
}

// Call is one request to the Web API, or "upload": the bytes of a file.
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
	rooms     map[string]*room // by D… and C… id
	views     map[string]*view // by id, and by external id
	calls     []Call
	answers   []Answer
	events    map[string]bool // types of events and interactions that were delivered
	fault     func(*Call) *Fault
	sockets   []*socket
	greeted   int                  // sockets that were ever open
	addresses []string             // where requests go; none: Socket Mode
	waiting   map[string]*delivery // not acknowledged yet
	triggers  map[string]*trigger
	responses map[string]*responseURL
	files     map[string]File
	uploads   map[string]*upload
	scopes    map[string]bool
	inFlight  int
	n         int // ids and timestamps
	changed   chan struct{}
	closed    chan struct{}
	under     sync.WaitGroup // sockets and deliveries
}

// New starts a workspace, listening at its host. Like httptest it panics if it cannot.
func New(opts Options) *Server {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&opts.BotToken, "xoxb-demo-token-of-no-use-anywhere")
	def(&opts.AppToken, "xapp-demo-token-of-no-use-anywhere")
	def(&opts.TeamID, "T00000001")
	def(&opts.SigningSecret, "demo-signing-secret-of-no-use")
	if opts.Scopes == nil {
		opts.Scopes = []string{"app_mentions:read", "chat:write", "commands", "files:read", "files:write", "im:history", "im:write", "users:read"}
	}
	if opts.Now == nil {
		opts.Now = testbed.Clock()
	}
	if opts.Real == nil {
		opts.Real = testbed.Clock()
	}
	if opts.Listen == nil {
		opts.Listen = new(net.ListenConfig).Listen
	}
	if opts.Client == nil {
		opts.Client = http.DefaultClient
	}
	if opts.AckTime == 0 {
		opts.AckTime = ackTime
	}
	s := &Server{
		opts: opts, people: map[string]*Person{}, rooms: map[string]*room{}, views: map[string]*view{}, waiting: map[string]*delivery{},
		triggers: map[string]*trigger{}, responses: map[string]*responseURL{}, files: map[string]File{}, uploads: map[string]*upload{},
		scopes: map[string]bool{}, events: map[string]bool{}, changed: make(chan struct{}), closed: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{method}", s.serve)
	mux.HandleFunc("/socket", s.accept)
	mux.HandleFunc("GET /files/{id}", s.serveFile)
	mux.HandleFunc("POST /upload/{id}", s.takeUpload)
	mux.HandleFunc("POST /response/{id}", s.respond)
	listener, err := opts.Listen(context.Background(), "tcp", net.JoinHostPort(cmp.Or(opts.Host, "127.0.0.1"), "0"))
	if err != nil {
		panic(fmt.Sprintf("slacktest: listen: %v", err))
	}
	s.http = &httptest.Server{Listener: listener, Config: &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}}
	s.http.Start()
	return s
}

// URL is the base of the Web API; it ends in /api/.
func (s *Server) URL() string { return s.http.URL + "/api/" }

// BotToken and AppToken are the tokens that it takes.
func (s *Server) BotToken() string { return s.opts.BotToken }

// AppToken is the token of Socket Mode.
func (s *Server) AppToken() string { return s.opts.AppToken }

// SigningSecret is what requests are signed with.
func (s *Server) SigningSecret() string { return s.opts.SigningSecret }

// TeamID is the workspace's.
func (s *Server) TeamID() string { return s.opts.TeamID }

// Close ends every connection and waits for what runs.
func (s *Server) Close() {
	s.mu.Lock()
	close(s.closed)
	for _, k := range s.sockets {
		_ = k.conn.Close()
	}
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
	s.under.Wait()
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

// Greeted is how many sockets have been open so far.
func (s *Server) Greeted() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.greeted
}

// Calls are the Web API calls so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call(nil), s.calls...)
}

// ScopesUsed are the scopes that the calls, and what was delivered, needed so far.
func (s *Server) ScopesUsed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.scopes)), func(scope string) bool { return scope == "" })
}

// Delivered are the types of what was delivered to the app so far: "message.im",
// "app_home_opened", "block_actions", "slash_commands" and so on.
func (s *Server) Delivered() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.events))
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
	s.answered(w, &call, func() int {
		call.Response = s.answer(call.Method, params, token, err)
		w.Header().Set("Content-Type", "application/json")
		if token == s.opts.BotToken {
			w.Header().Set("X-Oauth-Scopes", strings.Join(s.opts.Scopes, ","))
		}
		var limited struct{ Error string }
		if json.Unmarshal([]byte(call.Response), &limited) == nil && limited.Error == "ratelimited" {
			w.Header().Set("Retry-After", "1")
			return http.StatusTooManyRequests
		}
		return http.StatusOK
	})
}

// answered notes a call and has do answer it, unless a fault comes between.
func (s *Server) answered(w http.ResponseWriter, call *Call, do func() (status int)) {
	s.mu.Lock()
	fault := s.fault
	s.inFlight++
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.calls = append(s.calls, *call)
		s.change()
		s.mu.Unlock()
	}()
	var f *Fault
	if fault != nil {
		f = fault(call)
	}
	if f == nil || f.After {
		call.Status = do()
	}
	if f == nil {
		w.WriteHeader(call.Status)
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
