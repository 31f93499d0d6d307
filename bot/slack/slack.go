// Package slack speaks with people in a Slack workspace: it parses what they did, draws cards and forms, and listens over Socket Mode or HTTP without losing what was not handled.
//
// It is the only importer of github.com/slack-go/slack, for its types, its
// requests and its socket; routing, order, acknowledgement and the meaning of
// errors are its own.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
)

// Config is what a Slack is made of: BotToken, and either AppToken or SigningSecret.
type Config struct {
	BotToken string // xoxb-…, for the Web API
	AppToken string // xapp-…, for Socket Mode
	// SigningSecret has Slack deliver by HTTP to Routes instead of Socket Mode.
	SigningSecret string
	// API is the base URL of the Web API, ending in "/api/"; by default
	// https://slack.com/api/. Files may come from its host too.
	API string
	// Team is the id of the only workspace whose people are heard; by default
	// the one that BotToken belongs to.
	Team string
	// HTTP makes the calls, by default a client with time limits of its own.
	// Redirects are not followed: requests carry a token.
	HTTP *http.Client
	Dial wire.Dial    // opens the connections of that client and of Socket Mode; nil is the machine's
	Log  *slog.Logger // by default nothing is logged
	// Sessions keep what people do until it is worked; Run needs them. Shared says that
	// other processes use the same ones for the same app.
	Sessions wire.Sessions
	Shared   bool
	// Now is the business clock, by which they are kept; by default time.Now.
	Now func() time.Time
	// Gate is shared with whoever else sends; nil is always open.
	Gate wire.Gate
	// Follow and Span follow inputs, and the calls; nil: nobody does.
	Follow wire.Follower
	Span   wire.Span
}

// Slack is the platform. Post and Edit may be called at any time, by many; Run once at a time.
type Slack struct {
	client *client
	log    *slog.Logger
	team   string
	secret string // what requests are signed with; "": Socket Mode

	sessions wire.Sessions
	shared   bool
	now      func() time.Time
	gate     wire.Gate
	follow   wire.Follower

	running         chan struct{}            // holds one token while Run runs
	receiver        atomic.Pointer[receiver] // of requests, while Run runs
	receiving       chan struct{}            // closed once receiver was there
	beginsReceiving func()                   // closes it
	state           linkState                // of the socket, so that each is logged once
	way             atomic.Pointer[string]   // what opens the app, once Slack has said its id

	mu      sync.Mutex
	directs map[string]string // the DM with each person: user id → D…

	// Times, which tests shorten.
	patience time.Duration // from receipt of an input until it is acknowledged anyway
	grace    time.Duration // for what is being handled when Run has to end
	linger   time.Duration // for the library to write the last acknowledgements
	handling time.Duration // for one input
	replying time.Duration // for carrying out one reply
	sleep    wire.Sleeper
}

var _ bot.Platform = (*Slack)(nil)

const (
	name       = "slack" // in Input.Platform and in links
	defaultAPI = "https://slack.com/api/"
)

var (
	tokenForm  = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	personForm = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
)

// New checks cfg and makes a Slack; it calls nobody. Its errors never hold a token.
func New(cfg Config) (*Slack, error) {
	if !strings.HasPrefix(cfg.BotToken, "xoxb-") || !tokenForm.MatchString(cfg.BotToken) {
		return nil, errors.New("slack: the bot token has to begin with xoxb- and has no blanks")
	}
	if cfg.SigningSecret == "" && (!strings.HasPrefix(cfg.AppToken, "xapp-") || !tokenForm.MatchString(cfg.AppToken)) {
		return nil, errors.New("slack: the app-level token has to begin with xapp- and has no blanks")
	}
	if cfg.API == "" {
		cfg.API = defaultAPI
	}
	base, err := url.Parse(cfg.API)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" || base.RawQuery != "" || !strings.HasSuffix(base.Path, "/api/") {
		return nil, errors.New(`slack: the API's address has to be http(s)://host/…/api/, with "/" at its end`)
	}
	s := &Slack{
		client: newClient(cfg, base), log: cfg.Log, team: cfg.Team, secret: cfg.SigningSecret,
		sessions: cfg.Sessions, shared: cfg.Shared, now: cfg.Now, gate: cfg.Gate, follow: cfg.Follow,
		running: make(chan struct{}, 1), directs: map[string]string{},
		patience: 2500 * time.Millisecond, grace: 5 * time.Second, linger: 100 * time.Millisecond,
		handling: time.Minute, replying: 30 * time.Second, sleep: wire.Sleep,
	}
	s.receiving = make(chan struct{})
	s.beginsReceiving = sync.OnceFunc(func() { close(s.receiving) })
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}

// Way is the address that opens the DM with the app ("Deep linking into Slack"): it carries
// nothing, and the card stands there. "" until Slack has said which app it is, and of what workspace.
func (s *Slack) Way() string {
	if w := s.way.Load(); w != nil {
		return *w
	}
	return ""
}

// appForm is an app's id.
var appForm = regexp.MustCompile(`^A[A-Z0-9]+$`)

// meet keeps what Slack says that the app's id is.
func (s *Slack) meet(app, team string) {
	if s.way.Load() != nil || team == "" || !appForm.MatchString(app) {
		return
	}
	way := "https://slack.com/app_redirect?" + url.Values{"app": {app}, "team": {team}}.Encode()
	s.way.Store(&way)
}

// Name is "slack".
func (s *Slack) Name() string { return name }

// Modal is true: a form is drawn whole.
func (s *Slack) Modal() bool { return true }

// Post sends c to person, a user id (U…), as a new message in the DM with them,
// in the thread of the message under if there is one. What an earlier attempt of unknown
// outcome posted (outbox.WithMark) is redrawn instead.
// Errors: outbox.Permanent (no such person, deactivated, refused for what it
// is), RetryAfter (429), Uncertain (the answer was lost), Config (tokens, scopes,
// network), or any other, worth another try.
func (s *Slack) Post(ctx context.Context, person string, c card.Card, under card.Ref) (card.Ref, error) {
	if !personForm.MatchString(person) {
		return card.Ref{}, outbox.Permanent(fmt.Errorf("slack: %q is no id of a person", person))
	}
	channel, err := s.direct(ctx, person)
	if err != nil {
		return card.Ref{}, err
	}
	m := s.draw(ctx, c)
	if under.Chat == channel {
		m.Under = under.Message
	}
	if mark, ok := outbox.MarkIn(ctx); ok {
		m.Mark = &mark
		at, err := s.landed(ctx, channel, mark, m.Under)
		if err != nil {
			return card.Ref{}, err
		}
		if at != (card.Ref{}) {
			if err = s.Edit(ctx, at, c); !outbox.IsGone(err) {
				return at, err
			}
		}
	}
	ref, err := s.post(ctx, channel, m)
	if refused(err, "channel_not_found") {
		s.forget(person) // the next attempt asks again which DM it is
	}
	return ref, err
}

// Edit redraws the message at ref; one that is equal is no error. Errors as
// Post's, but never Uncertain (once more changes nothing), and outbox.Gone where
// the message cannot be edited any more.
func (s *Slack) Edit(ctx context.Context, ref card.Ref, c card.Card) error {
	if ref.Chat == "" || ref.Message == "" {
		return outbox.Gone(fmt.Errorf("slack: %q, %q is no reference to a message", ref.Chat, ref.Message))
	}
	return s.judge(ctx, editing, s.client.update(ctx, ref.Chat, ref.Message, s.draw(ctx, c)))
}

// Remove deletes the message at ref. Errors as Edit's.
func (s *Slack) Remove(ctx context.Context, ref card.Ref) error {
	if ref.Chat == "" || ref.Message == "" {
		return outbox.Gone(fmt.Errorf("slack: %q, %q is no reference to a message", ref.Chat, ref.Message))
	}
	return s.judge(ctx, editing, s.client.delete(ctx, ref.Chat, ref.Message))
}

func (s *Slack) post(ctx context.Context, channel string, m message) (card.Ref, error) {
	chat, ts, err := s.client.post(ctx, channel, m)
	if m.Under != "" && refused(err, threadless...) { // it is gone: better said beside it than not at all
		m.Under = ""
		chat, ts, err = s.client.post(ctx, channel, m)
	}
	if err := s.judge(ctx, posting, err); err != nil {
		return card.Ref{}, err
	}
	return card.Ref{Chat: chat, Message: ts}, nil
}

// direct is the DM with person, opened on first use.
func (s *Slack) direct(ctx context.Context, person string) (string, error) {
	s.mu.Lock()
	channel := s.directs[person]
	s.mu.Unlock()
	if channel != "" {
		return channel, nil
	}
	channel, err := s.client.open(ctx, person)
	if err := s.judge(ctx, editing, err); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.directs[person] = channel
	return channel, nil
}

func (s *Slack) forget(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.directs, person)
}

// judge is classify with the one fact that it cannot see in err: Slack says
// account_inactive of our own account too, and then everything has to wait.
func (s *Slack) judge(ctx context.Context, c call, err error) error {
	a := attempt{Call: c}
	if refused(err, inactive) {
		_, failed := s.client.auth(ctx)
		a.TokenWorks = failed == nil
	}
	return classify(a, err)
}

// draw renders c and tells the operator of buttons that had to be left out.
func (s *Slack) draw(ctx context.Context, c card.Card) message {
	m := render(c)
	if len(m.Dropped) > 0 {
		s.log.ErrorContext(ctx, "slack: buttons left out of a card", "title", c.Title, "labels", m.Dropped)
	}
	return m
}
