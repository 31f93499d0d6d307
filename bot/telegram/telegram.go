// Package telegram speaks with people over the Bot API of Telegram: it parses updates, draws cards, and polls without losing what was not handled.
//
// It is the only importer of github.com/go-telegram/bot, for its types and
// requests; polling, webhook, routing, order and the meaning of errors are its own.
package telegram

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/outbox"
)

// Config is what a Telegram is made of. Token is required.
type Config struct {
	Token string
	// API is the base URL of the Bot API; by default https://api.telegram.org.
	API string
	// HTTP makes the calls, by default a client with time limits of its own. Its
	// Timeout is not used (a poll waits longer) and redirects are not followed.
	HTTP *http.Client
	Dial wire.Dial    // opens the connections of that client; nil is the machine's
	Log  *slog.Logger // by default nothing is logged
	// OnBlocked hears that a person blocked or unblocked the bot, in order with
	// that person's inputs. It may be called again for the same event.
	OnBlocked func(ctx context.Context, who string, blocked bool)
	// Webhook has Telegram bring the updates; nil has Run poll for them.
	Webhook *Webhook
	// Sessions keep what people do until it is worked, the lease of polling and the
	// menus that were set. Run needs them.
	Sessions wire.Sessions
	// Now is the business clock, by which they are kept; by default time.Now.
	Now func() time.Time
	// Gate is shared with whoever else sends; nil is always open.
	Gate wire.Gate
	// Follow and Span follow inputs, and the calls; nil: nobody does.
	Follow wire.Follower
	Span   wire.Span
	// Shared says that other processes with the same Sessions poll for the same bot:
	// one at a time does, and another takes over within seconds of its end.
	Shared bool
	// Menus are the bot's menus of commands.
	Menus Menus
	// PollTimeout is how long Telegram holds a poll, in whole seconds; by default 25 s.
	PollTimeout time.Duration
}

// Telegram is the platform. Post and Edit may be called at any time, by many; Run once at a time.
type Telegram struct {
	client    *client
	log       *slog.Logger
	onBlocked func(context.Context, string, bool)
	webhook   *Webhook
	sessions  wire.Sessions
	now       func() time.Time
	gate      wire.Gate
	inputs    wire.Follower
	shared    bool
	menus     Menus
	offered   offers
	wait      time.Duration // PollTimeout
	id        string        // of this process among those that may poll

	running chan struct{} // holds one token while Run runs
	me      string        // user name of the bot, known once Run has started
	state   linkState     // of the polling, so that each is logged once

	leaseFails      atomic.Bool
	knocked         atomic.Int64           // when a request without the secret was logged, in ns
	intake          atomic.Pointer[intake] // of the webhook, while Run runs
	receiving       chan struct{}          // closed once intake was there
	beginsReceiving func()                 // closes it

	// Times, which tests shorten.
	grace    time.Duration // for what is being handled when Run has to end
	handling time.Duration // for one input
	replying time.Duration // for carrying out one reply, less its documents
	door     bot.Handler   // asked before an input is kept; set before the intake is
	sending  time.Duration // for one document
	settling time.Duration // for taking the buttons off what one reply answered
	lease    leaseTimes
	sleep    wire.Sleeper
}

var _ bot.Platform = (*Telegram)(nil)

const (
	defaultAPI  = "https://api.telegram.org"
	defaultPoll = 25 * time.Second
)

var (
	tokenForm   = regexp.MustCompile(`^[A-Za-z0-9:_-]+$`)
	commandForm = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
)

// New checks cfg and makes a Telegram; it calls nobody. Its errors never hold the token.
func New(cfg Config) (*Telegram, error) {
	if !tokenForm.MatchString(cfg.Token) {
		return nil, errors.New("telegram: the token is empty or has characters that no token has")
	}
	if cfg.API == "" {
		cfg.API = defaultAPI
	}
	if u, err := url.Parse(cfg.API); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" {
		return nil, errors.New("telegram: the API's address must be http(s)://host with no query")
	}
	if err := errors.Join(checkMenu(cfg.Menus.Strangers), checkMenu(cfg.Menus.Group), cfg.Webhook.check()); err != nil {
		return nil, err
	}
	if cfg.Sessions == nil && (cfg.Shared || cfg.Menus.Of != nil) {
		return nil, errors.New("telegram: to share polling, and for menus by person, Sessions are needed")
	}
	c, err := newClient(cfg.Token, cfg.API, cfg.HTTP, cfg.Dial)
	if err != nil {
		return nil, err
	}
	c.Span = cfg.Span
	t := &Telegram{
		client: c, log: cfg.Log, onBlocked: cfg.OnBlocked, webhook: cfg.Webhook,
		sessions: cfg.Sessions, now: cfg.Now, gate: cfg.Gate, inputs: cfg.Follow, shared: cfg.Shared, menus: cfg.Menus, id: newID(), lease: defaultLease,
		wait: cfg.PollTimeout, running: make(chan struct{}, 1),
		grace: 5 * time.Second, handling: time.Minute, replying: 30 * time.Second,
		sending: sendTime, settling: 3 * time.Second, sleep: wire.Sleep,
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if t.now == nil {
		t.now = time.Now
	}
	t.receiving = make(chan struct{})
	t.beginsReceiving = sync.OnceFunc(func() { close(t.receiving) })
	if t.wait <= 0 {
		t.wait = defaultPoll
	}
	t.wait = (t.wait + time.Second - 1).Truncate(time.Second)
	return t, nil
}

// Name is "telegram".
func (t *Telegram) Name() string { return name }

// Modal is false: Telegram has no forms, questions come one by one.
func (t *Telegram) Modal() bool { return false }

// Post sends c to person, a user id in decimal, as a new message in the private
// chat, as a reply to the message under if there is one. Errors: outbox.Permanent (blocked, unknown, refused for what it is),
// RetryAfter (429), Uncertain (the answer was lost), Config (token, network), or
// any other, worth another try.
func (t *Telegram) Post(ctx context.Context, person string, c card.Card, under card.Ref) (card.Ref, error) {
	chat, err := strconv.ParseInt(person, 10, 64)
	if err != nil {
		return card.Ref{}, outbox.Permanent(fmt.Errorf("telegram: %q is no id of a person", person))
	}
	m := t.draw(ctx, c)
	m.Under, _ = strconv.Atoi(under.Message) // 0, no message's id, for none
	return t.post(ctx, chat, m)
}

// Edit redraws the message at ref; one that is equal is no error. Errors as
// Post's, but never Uncertain (once more changes nothing), and outbox.Gone where
// the message cannot be edited any more.
func (t *Telegram) Edit(ctx context.Context, ref card.Ref, c card.Card) error {
	chat, id, err := place(ref)
	if err != nil {
		return err
	}
	m := t.draw(ctx, c)
	err = classify(editing, t.client.edit(ctx, chat, id, m, true))
	if errors.Is(err, errMarkup) {
		t.alarm(ctx, err)
		err = classify(editing, t.client.edit(ctx, chat, id, m, false))
	}
	return err
}

// Remove deletes the message at ref. Errors as Edit's; a message of 48 hours and
// more is outbox.Gone (Bot API, deleteMessage).
func (t *Telegram) Remove(ctx context.Context, ref card.Ref) error {
	chat, id, err := place(ref)
	if err != nil {
		return err
	}
	err = t.client.delete(ctx, chat, id)
	if refused(err, undeleted) {
		return outbox.Gone(err)
	}
	return classify(editing, err)
}

// place is where ref points to, as Telegram numbers it.
func place(ref card.Ref) (chat int64, message int, err error) {
	chat, errChat := strconv.ParseInt(ref.Chat, 10, 64)
	message, errID := strconv.Atoi(ref.Message)
	if err := errors.Join(errChat, errID); err != nil {
		return 0, 0, outbox.Gone(fmt.Errorf("telegram: no reference to a message: %w", err))
	}
	return chat, message, nil
}

func (t *Telegram) post(ctx context.Context, chat int64, m message) (card.Ref, error) {
	sent, err := t.client.send(ctx, chat, m, true)
	if to := moved(err); to != 0 { // the group became a supergroup
		chat = to
		sent, err = t.client.send(ctx, chat, m, true)
	}
	if m.Thread != 0 && refused(err, noTopic) { // what is owed is said in the general one
		m.Thread = 0
		sent, err = t.client.send(ctx, chat, m, true)
	}
	err = classify(posting, err)
	if errors.Is(err, errMarkup) {
		t.alarm(ctx, err)
		sent, err = t.client.send(ctx, chat, m, false)
		err = classify(posting, err)
	}
	if err != nil {
		return card.Ref{}, err
	}
	return card.Ref{Chat: decimal(chat), Message: strconv.Itoa(sent.ID)}, nil
}

// draw renders c and tells the operator of buttons that Telegram would refuse.
func (t *Telegram) draw(ctx context.Context, c card.Card) message {
	m := render(c)
	if len(m.Dropped) > 0 {
		t.log.ErrorContext(ctx, "telegram: buttons left out of a card", "title", c.Title, "labels", m.Dropped)
	}
	return m
}

// alarm reports a fault of our renderer, which plain text covered up.
func (t *Telegram) alarm(ctx context.Context, err error) {
	t.log.ErrorContext(ctx, "telegram: markup refused, sent as plain text", "err", err)
}
