// Package telegramtest is Telegram in a box: a strict emulator of the Bot API
// over real HTTP on loopback, which keeps what each person would see on their
// screen and refuses what the platform refuses, in its words.
//
// Where the wording or the order of checks is known from Telegram's open
// server (tdlib/telegram-bot-api, tdlib/td), it is that one; the few guesses
// are marked as such beside the code.
package telegramtest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/core/testbed"
)

// Options configures a Server; the zero value is the strict default.
type Options struct {
	// Now dates messages and updates and judges their age (48 h to delete,
	// 24 h of updates, QueryLife). Rate limits, long polls and retries run on
	// real time, so that a clock that stands still blocks nobody. nil is a
	// clock of tests.
	Now func() time.Time
	// NoRateLimits turns 429 off.
	NoRateLimits bool
	// Username is the bot's, without "@"; "sidem_bot" if empty.
	Username string
	// QueryLife is how long a pressed button waits for its answer; 0 is 15 s.
	QueryLife time.Duration
	// WebhookBackoff is the wait before the second retry of a webhook delivery
	// (the first is immediate); it doubles up to 60 times itself. 0 is 1 s.
	WebhookBackoff time.Duration
	// WebhookClient posts updates; nil is a plain client with a timeout of 60 s.
	WebhookClient *http.Client
	// Host is the address to listen at, on a free port; 127.0.0.1 if empty.
	Host string
	// Listen opens the listener; nil is the machine's, of net.ListenConfig.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

// Server is one bot's side of Telegram. All methods are safe for concurrent use.
type Server struct {
	token string
	opts  Options
	real  func() time.Time // by which limits and retries run
	url   string

	http     *http.Server
	stop     context.CancelFunc // ends deliveries and waits of handlers
	done     <-chan struct{}    // closed by stop
	base     context.Context    // the lifetime of webhook deliveries, ended by stop
	handlers sync.WaitGroup
	hookMu   sync.Mutex // serialises setWebhook and deleteWebhook

	mu        sync.Mutex
	closed    bool
	inflight  int           // calls under way other than getUpdates
	changed   chan struct{} // closed at the next change
	intercept func(*Call) *Fault
	calls     []*Call

	people    map[int64]*Person
	chats     map[int64]*chat
	files     map[string]*file
	queries   map[string]*query
	commands  map[string][]Command
	limits    limiter
	nextID    int   // message ids of private chats and basic groups, one sequence as on the platform
	nextSeq   int64 // Message.Seq
	nextQuery int64
	updates   updates
	hook      *webhook
	nextHook  time.Time // setWebhook is limited to one per second
}

// New starts an emulator for the bot with this token, listening at its host.
// Like httptest it panics if it cannot listen.
func New(token string, opts Options) *Server {
	if opts.Now == nil {
		opts.Now = testbed.Clock()
	}
	if opts.Username == "" {
		opts.Username = "sidem_bot"
	}
	if opts.QueryLife == 0 {
		opts.QueryLife = 15 * time.Second
	}
	if opts.WebhookBackoff == 0 {
		opts.WebhookBackoff = time.Second
	}
	if opts.WebhookClient == nil {
		opts.WebhookClient = &http.Client{
			Transport:     &http.Transport{MaxIdleConnsPerHost: 8},
			Timeout:       60 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	if opts.Listen == nil {
		opts.Listen = new(net.ListenConfig).Listen
	}
	ln, err := opts.Listen(ctx, "tcp", net.JoinHostPort(cmp.Or(opts.Host, "127.0.0.1"), "0"))
	if err != nil {
		cancel()
		panic(fmt.Sprintf("telegramtest: listen: %v", err))
	}
	s := &Server{
		token: token, opts: opts, real: testbed.Clock(), url: "http://" + ln.Addr().String(),
		stop: cancel, done: ctx.Done(), base: ctx,
		changed:  make(chan struct{}),
		people:   map[int64]*Person{},
		chats:    map[int64]*chat{},
		files:    map[string]*file{},
		queries:  map[string]*query{},
		commands: map[string][]Command{},
		limits:   newLimiter(),
		updates:  newUpdates(),
	}
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: 10 * time.Second}
	s.handlers.Go(func() { _ = s.http.Serve(ln) }) // always ErrServerClosed, by Close
	return s
}

// URL is the base address for the client library, without a trailing slash.
func (s *Server) URL() string { return s.url }

// Token is the bot's token.
func (s *Server) Token() string { return s.token }

// Username is the bot's, without "@".
func (s *Server) Username() string { return s.opts.Username }

// Close ends every connection, delivery and goroutine, and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	_ = s.http.Close() // closes the listener and every connection; nothing to do about an error
	s.handlers.Wait()
	s.stopWebhook()
	s.opts.WebhookClient.CloseIdleConnections()
}

// Changed is closed at the next change of a screen, a toast, the queue of
// updates or the calls under way. Fetch it before looking at what you wait
// for, and anew after each change.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// Await waits until cond holds, looking again after each change. cond runs
// without locks held and may call any method. It returns ctx's error if ctx
// ends first.
func (s *Server) Await(ctx context.Context, cond func() bool) error {
	for {
		changed := s.Changed()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("telegramtest: what was awaited did not happen: %w", context.Cause(ctx))
		case <-s.done:
			return errors.New("telegramtest: closed while awaiting")
		}
	}
}

// Idle reports that no update is unconfirmed and no call other than getUpdates
// is under way.
func (s *Server) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return s.inflight == 0 && len(s.updates.queue) == 0
}

// Pending is how many updates are not confirmed yet.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	return len(s.updates.queue)
}

// touch wakes whoever waits for a change; s.mu is held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) now() time.Time { return s.opts.Now() }

// enter counts a request for Close; false after Close.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.handlers.Add(1)
	return true
}

// serve routes /bot<token>/<method> and /file/bot<token>/<path>.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.handlers.Done()
	path, download := strings.CutPrefix(r.URL.Path, "/file")
	rest, ok := strings.CutPrefix(path, "/bot")
	token, name, slash := strings.Cut(rest, "/")
	switch {
	case !ok || !slash:
		writeError(w, &apiError{code: http.StatusNotFound, description: "Not Found"})
	case token != s.token:
		writeError(w, &apiError{code: http.StatusUnauthorized, description: "Unauthorized"})
	case download:
		s.serveCall(w, r, downloadMethod, map[string]string{"file_path": name})
	default:
		s.serveCall(w, r, name, nil)
	}
}

// apiError is a refusal in Telegram's shape.
type apiError struct {
	code        int
	description string // with its prefix: "Bad Request: …"
	retryAfter  int    // seconds
	migrateTo   int64
}

func badRequest(format string, args ...any) *apiError {
	return &apiError{code: http.StatusBadRequest, description: "Bad Request: " + fmt.Sprintf(format, args...)}
}

func forbidden(reason string) *apiError {
	return &apiError{code: http.StatusForbidden, description: "Forbidden: " + reason}
}

func conflict(reason string) *apiError {
	return &apiError{code: http.StatusConflict, description: "Conflict: " + reason}
}

func tooMany(wait time.Duration) *apiError {
	after := max(1, int((wait+time.Second-1)/time.Second))
	return &apiError{
		code: http.StatusTooManyRequests, retryAfter: after,
		description: "Too Many Requests: retry after " + strconv.Itoa(after),
	}
}

// botID is the number before the colon of the token.
func (s *Server) botID() int64 {
	head, _, _ := strings.Cut(s.token, ":")
	id, err := strconv.ParseInt(head, 10, 64)
	if err != nil || id <= 0 {
		return 1
	}
	return id
}
