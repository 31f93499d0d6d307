// Package app is one running SIDEM: its configuration, and the pieces introduced to each other.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/flood"
	"sidem.gob.mx/sidem/bot/identity"
	"sidem.gob.mx/sidem/bot/screen"
	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app/tracing"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/es"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/chat"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/maintenance"
	"sidem.gob.mx/sidem/storage"
	"sidem.gob.mx/sidem/storage/files"
)

// Store is all that SIDEM keeps.
type Store interface {
	desk.Ledger
	desk.Books
	desk.Sessions
	notifier.Outbox
	maintenance.History
	maintenance.Vault
}

// Options are what an app is put together from, for those who bring their own.
type Options struct {
	Clock *Clock // nil is the one that the configuration asks for
	Log   *slog.Logger
	// Wrap stands between the app and its store; nil is nothing.
	Wrap func(Store) Store
	// Hasty sends as fast as it can, whatever the platforms allow.
	Hasty bool
	// Flood bounds what is answered; nil is as usual, and nothing where the clock is set.
	Flood *flood.Limiter
	// Dial opens the connections to the platforms and the relay; nil is the machine's.
	Dial wire.Dial
	// Listen opens its listeners; nil is the machine's.
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
}

// App is one running SIDEM: the pieces, introduced to each other.
type App struct {
	cfg      office.Config
	Clock    *Clock
	log      *slog.Logger
	Store    Store
	close    func() error
	throttle notifier.Throttle // of this process alone, where the store keeps none
	limits   map[string]notifier.Limits
	Desk     *desk.Desk
	Seal     card.Sealer
	Keeper   identity.Keeper
	files    *files.Store
	Engine   *bot.Engine
	Hub      *notifier.Hub
	Sender   map[string]notifier.Sender // by channel
	sweeper  *chat.Sweeper
	Ticks    *notifier.Ticks
	chats    []bot.Platform
	dial     wire.Dial
	listen   func(ctx context.Context, network, address string) (net.Listener, error)
	relay    *email.Transport
	Gauges   *prometheus.Registry
	trace    *tracing.Tracer // nil: nobody follows what comes of an act
	blocks   *prometheus.CounterVec
	answers  *prometheus.HistogramVec
	ready    atomic.Bool
	probed   atomic.Int64 // when a proxy last asked whether it is, in ns; 0: none did
	// greetings are how it stands with the platforms and the relay.
	greetings greetings
	// calendars are the years that were imported when it was opened; renewed says
	// that run ended because there are others by now.
	calendars string
	ring      keys
	ringBody  []byte
	renewed   atomic.Bool
	look      chan struct{} // a calendar was imported here
	importing importing
	// address is where the public listener listens, once it does.
	address atomic.Pointer[string]
}

// Open puts an app together: nothing runs yet.
func Open(ctx context.Context, cfg office.Config, p Options) (_ *App, err error) {
	if p.Clock == nil {
		if p.Clock, err = ClockOf(&cfg, p.Log); err != nil {
			return nil, err
		}
	}
	a := &App{cfg: cfg, Clock: p.Clock, log: p.Log, blocks: newBlocks(), answers: newAnswers(), limits: Limits, throttle: &notifier.Gates{}, look: make(chan struct{}, 1), importing: importing{turn: make(chan struct{}, 1)}, dial: p.Dial, listen: p.Listen}
	if a.listen == nil {
		a.listen = new(net.ListenConfig).Listen
	}
	if p.Hasty {
		a.limits = nil
	}
	if _, err := office.Read(cfg.Office); err != nil { // before anything is opened
		return nil, office.Misconfigured(office.Faults{}.Add("SIDEM_OFFICE", err))
	}
	db, err := storage.Open(ctx, cfg.Store.Reveal(), storage.Options{Now: p.Clock.Now, Log: p.Log})
	if errors.Is(err, storage.ErrAddress) {
		return nil, office.Misconfigured(office.Fault{Setting: "SIDEM_STORE", Why: err})
	}
	if err != nil {
		return nil, fmt.Errorf("SIDEM_STORE: %w", err)
	}
	a.Store, a.close = db, db.Close
	if shared, ok := db.(notifier.Throttle); ok {
		a.throttle = shared
	}
	if p.Wrap != nil {
		a.Store = p.Wrap(db)
	}
	defer func() {
		if err != nil {
			_ = a.close() // the error that matters is the first
			_ = a.trace.Close()
		}
	}()
	if err := a.follow(ctx); err != nil {
		return nil, err
	}
	if a.calendars, err = office.ImportedYears(ctx, a.Store, p.Clock.Now()); err != nil {
		return nil, err
	}
	institution, err := office.Load(ctx, cfg.Office, a.Store, p.Clock.Now())
	if err != nil {
		return nil, err
	}
	ring, _, body, err := readKeys(ctx, a.Store, p.Clock.Now())
	if err != nil {
		return nil, err
	}
	a.ring, a.ringBody = ring, body
	good := func() [][]byte { return ring.good(a.Clock.Now()) }
	a.Seal, a.Keeper = card.SealerOf(good), identity.KeeperOf(good)
	a.Desk = &desk.Desk{Ledger: a.Store, Sessions: a.Store, Office: institution, Now: p.Clock.Now, Span: a.trace.Decide()}
	if err := desk.FiledFrom(ctx, a.Store, a.Store, p.Clock.Now()); err != nil {
		return nil, err
	}
	a.files, err = files.Open(ctx, cfg.Files, cfg.FilesOptions(p.Log))
	if errors.Is(err, files.ErrAddress) {
		return nil, office.Misconfigured(office.Fault{Setting: "SIDEM_FILES", Why: err})
	}
	if err != nil {
		return nil, fmt.Errorf("SIDEM_FILES: %w", err)
	}
	a.Desk.Archives = Archiving(a.Store, a.files, institution.Retention, p.Log)
	a.Engine = &bot.Engine{
		Desk: a.Desk, Sessions: a.Store, Outbox: a.Store, Seal: a.Seal, Identity: a.Keeper,
		Files: a.files, Explain: explain, Late: a.late, Modal: map[string]bool{}, Invite: a.invite, Log: p.Log,
	}
	a.Engine.Flood = p.Flood
	if p.Flood == nil && cfg.ClockFile == "" && !p.Clock.isSet() { // people of a story type faster than anybody
		a.Engine.Flood = flood.New(flood.DefaultPace)
	}
	if err := a.connect(); err != nil {
		return nil, err
	}
	return a, nil
}

// connect makes the platforms and the channels that are configured.
func (a *App) connect() (err error) {
	if a.cfg.TelegramToken != "" {
		tg, err := a.newTelegram()
		if err != nil {
			return err
		}
		a.chats = append(a.chats, tg)
	}
	if a.cfg.SlackBotToken != "" {
		sl, err := slack.New(slack.Config{
			BotToken: a.cfg.SlackBotToken.Reveal(), AppToken: a.cfg.SlackAppToken.Reveal(), SigningSecret: a.cfg.SlackSecret(),
			API: a.cfg.SlackAPI, Dial: a.dial, Log: a.log, Sessions: a.Store, Shared: a.cfg.Shared(), Now: a.Clock.Now, Gate: gate{a, "slack"},
			Follow: a.trace.Inputs("slack"), Span: a.trace.Call(),
		})
		if err != nil {
			return err
		}
		a.chats = append(a.chats, sl)
	}
	work, err := a.work()
	if err != nil {
		return err
	}
	a.Sender = map[string]notifier.Sender{"": work}
	a.sweeper = &chat.Sweeper{Places: a.Store, Records: a.Store, Outbox: a.Store, Now: a.Clock.Now, Log: a.log}
	for _, platform := range a.chats {
		a.Engine.Modal[platform.Name()] = platform.Modal()
		cards := chat.New(chat.Config{
			Platform: platform.Name(), Poster: platform, Scenes: a.Desk, Sessions: a.Store, Now: a.Clock.Now,
			Draw: func(s core.Scene) card.Card { return card.Of(s, a.Seal) },
			Note: func(s core.Scene, it outbox.Item) (card.Card, bool) {
				s.About = it.Payload().At
				return card.ReminderOf(s, core.Note(it.Payload().Note), a.Seal)
			},
			Gone:  func(k core.Kind) card.Card { return card.Card{Story: es.Story{Title: es.NoLongerYours(k)}} },
			Past:  func() card.Card { return card.Card{Story: es.PastReminder()} },
			Below: func() card.Card { return card.Card{Story: es.CardBelow()} },
			Wait:  a.Desk.WaitFor, Morning: a.morning, Seal: func() string { return a.ring.name(a.Clock.Now()) },
			View: func(ctx context.Context, account string, m screen.Message) (card.Card, bool, error) {
				return a.Engine.View(ctx, platform.Name(), account, m)
			},
			Unfollow: func(ctx context.Context, record, account string) error {
				return a.Desk.Unfollow(ctx, record, account, platform.Name())
			},
		})
		a.Sender[platform.Name()] = cards
		a.sweeper.Channels = append(a.sweeper.Channels, cards)
	}
	if a.cfg.SMTPAddr != "" {
		mail, err := a.mail()
		if err != nil {
			return err
		}
		a.Sender["email"] = mail
	}
	meter, gauges := newMeter(a)
	a.Gauges = gauges
	a.Gauges.MustRegister(a.blocks, a.answers)
	a.Hub, err = notifier.New(notifier.Config{
		Outbox: a.Store, Senders: a.Sender, Now: a.Clock.Now, Changed: a.Clock.Changed(), Log: a.log, Fallback: a.fallback, Quiet: a.Quiet,
		Limits: a.limits, Throttle: a.throttle, Meter: meter, Found: a.tell, Span: a.trace.Attempt(),
		// With full jitter up to ten minutes, a day of trouble is some 250 tries.
		Patience: notifier.Patience{Tries: 300, Age: 24 * time.Hour},
	})
	if refused, ok := errors.AsType[*notifier.LeaseError](err); ok && refused.Channel == "email" {
		return office.Misconfigured(fmt.Errorf("SIDEM_SMTP_VERDICT is too long: %w", err))
	}
	return err
}

func (a *App) mail() (*email.Channel, error) {
	from, err := a.cfg.Sender()
	if err != nil {
		return nil, office.Misconfigured(office.Fault{Setting: "SIDEM_MAIL_FROM", Why: err})
	}
	answers, ok, err := a.cfg.Answers()
	if err != nil {
		return nil, office.Misconfigured(office.Fault{Setting: "SIDEM_MAIL_REPLY_TO", Why: err})
	}
	domain := from.Domain()
	relay, err := Relay(&a.cfg)
	if err != nil {
		return nil, err
	}
	sign := email.DKIM{Domain: domain}
	if sign.Keys, err = SigningKeys(&a.cfg); err != nil {
		return nil, office.Misconfigured(office.Fault{Setting: "SIDEM_DKIM_KEY", Why: err})
	}
	relay.DKIM, relay.Dial, relay.Span = sign, a.dial, a.trace.Dialogue()
	a.relay = email.NewTransport(relay)
	c := &email.Channel{
		Scenes: a.Desk, Relay: a.relay, From: from.Header(), Domain: domain, Now: a.Clock.Now,
		Credentials: a.credentials, Ways: a.ways, Accepted: a.accepted, Morning: a.morningMail, Office: a.Desk.Office,
	}
	if ok {
		c.ReplyTo = answers.Header()
	}
	return c, nil
}

// Quiet is how long an item must wait for the sending window. Work speaks to nobody, and
// cards know by themselves whether they would be a new message.
func (a *App) Quiet(ctx context.Context, it outbox.Item) (time.Duration, error) {
	if it.Channel == "" || it.What == desk.WhatCard || it.What == desk.WhatScreen {
		return 0, nil
	}
	return a.Desk.Wait(ctx, it)
}

// credentials are what the welcome mail hands over.
func (a *App) credentials(account core.Record) es.Credentials {
	c := es.Credentials{User: account.Fields[core.FieldUser], Password: a.Keeper.Password(account)}
	if a.cfg.TelegramToken != "" {
		c.Link = a.DeepLink(account)
	}
	return c
}

// DeepLink is the address by which a new account links its Telegram.
func (a *App) DeepLink(account core.Record) string {
	return a.invite("telegram", a.Keeper.Link(account))
}

// invite is the address that opens the private chat with the bot; "" until Telegram has
// said what it is called.
func (a *App) invite(platform, payload string) string {
	if platform != "telegram" {
		return ""
	}
	name := a.greetings.name()
	if name == "" { // a link with a one-time password to a bot of another is worse than none
		return ""
	}
	address := "https://t.me/" + name
	if payload != "" {
		address += "?start=" + payload
	}
	return address
}

// accepted records that the mail of the opinion left: the call that follows shows it (step 8).
func (a *App) accepted(ctx context.Context, it outbox.Item) error {
	if core.Mail(it.Payload().Mail) != core.MailIssued {
		return nil
	}
	_, err := a.Desk.Do(ctx, core.SystemActor, it.Record, core.Command{Verb: core.VerbMailed, Where: "system", Once: "item:" + it.ID})
	return err
}

// explain turns what is wrong with a file into words.
func explain(err error) string {
	if e, ok := errors.AsType[*files.TooLargeError](err); ok {
		return es.FileTooLarge(e.Size, files.MaxSize)
	}
	if e, ok := errors.AsType[*files.TypeError](err); ok {
		return es.FileRefused(e.Name, e.Kind)
	}
	return ""
}

// Ready reports whether it takes traffic.
func (a *App) Ready() bool { return a.ready.Load() }

// Swept reports whether the cards that are out have been looked at since the start;
// what they did not show is owed by then.
func (a *App) Swept() bool { return a.sweeper.Passed() }

// Renewed reports whether run ended because a calendar was imported, or the keys were
// rotated: whoever
// serves starts anew with it.
func (a *App) Renewed() bool { return a.renewed.Load() }

// Address is where the public listener listens; "" before it does.
func (a *App) Address() string {
	if address := a.address.Load(); address != nil {
		return *address
	}
	return ""
}

// Close closes what open opened.
func (a *App) Close() error {
	var errs []error
	if a.relay != nil {
		errs = append(errs, a.relay.Close())
	}
	return errors.Join(append(errs, a.close(), a.trace.Close())...)
}
