package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem/bot/bottest"
	"sidem/bot/slack"
	"sidem/bot/slack/slacktest"
	"sidem/bot/telegram/telegramtest"
	"sidem/core"
	"sidem/notifier/email/emailtest"
)

//go:embed people.yaml
var demoPeople []byte

// world is SIDEM among emulators, with the people of the demonstration.
type world struct {
	cfg      Config
	clock    *clock
	telegram *telegramtest.Server
	slack    *slacktest.Server
	mail     *emailtest.Server
	people   map[string]persona
	made     map[string]newAccount // by user
	service  service
	faults   *faults // nil until something is made to go wrong
	halted   bool
	dir      string // of the store and the files
	fleeting string // a folder that nobody keeps; "" is none

	mu       sync.Mutex
	gathered bool // the channel of Slack has its people
	changed  chan struct{}
	watch    context.CancelFunc
	watched  sync.WaitGroup
}

// persona is one person, on every platform that there is.
type persona struct {
	account    rosterAccount
	telegramID int64
	slackID    string
}

// service is SIDEM as the world runs it: in this process or in one of its own.
type service interface {
	// start runs SIDEM and returns when it is ready.
	start(ctx context.Context) error
	// stop ends it, and returns when it has ended.
	stop() error
	// idle reports whether nothing is under way in it.
	idle(ctx context.Context) (bool, error)
}

// near is a service in this process: one of its SIDEMs can be looked into.
type near interface {
	// inner is nil while none runs.
	inner() *app
}

// monday is when the stories begin: a working Monday at 09:00.
var monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, mexico())

func mexico() *time.Location {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil { // time/tzdata is linked in
		panic(fmt.Sprintf("sidem: %v", err))
	}
	return zone
}

// newWorld starts the emulators; dir holds the store and the files. inside makes
// the service that runs among them.
func newWorld(dir string, inside func(*world) service) (*world, error) {
	w := &world{dir: dir, clock: newClock(), people: map[string]persona{}, made: map[string]newAccount{}, changed: make(chan struct{})}
	w.clock.Set(monday)
	w.telegram = telegramtest.New("7000000001:demo-token-of-no-use-anywhere", telegramtest.Options{Now: w.clock.Now, NoRateLimits: true})
	scopes, events := granted()
	w.slack = slacktest.New(slacktest.Options{Now: w.clock.Now, NoRateLimits: true, Scopes: scopes, Events: events})
	w.mail = emailtest.New(emailtest.Options{TLS: "none", Now: w.clock.Now})
	w.cfg = Config{
		Store: Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off", HTTPAddr: "127.0.0.1:0",
		TelegramToken: Secret(w.telegram.Token()), TelegramAPI: w.telegram.URL(), TelegramMode: "poll", TelegramName: "sidem_bot",
		SlackBotToken: Secret(w.slack.BotToken()), SlackAppToken: Secret(w.slack.AppToken()), SlackAPI: w.slack.URL(), SlackMode: "socket",
		SlackSigning: Secret(w.slack.SigningSecret()),
		SMTPAddr:     w.mail.Addr(), SMTPTLS: "none", MailFrom: "sidem@digital.ejemplo.gob.mx", MailReplyTo: "dictamenes@digital.ejemplo.gob.mx",
	}
	r, err := parseRoster(demoPeople)
	if err != nil {
		return nil, err
	}
	for i, a := range r.Accounts {
		first, rest, _ := strings.Cut(a.Name, " ")
		p := persona{account: a, telegramID: int64(1001 + i), slackID: fmt.Sprintf("U%08d", 1001+i)}
		w.people[strings.ToLower(first)] = p
		w.telegram.Person(p.telegramID, first, rest)
		w.slack.Person(p.slackID, a.Name, a.Email)
	}
	w.service = inside(w)
	ctx, cancel := context.WithCancel(context.Background())
	w.watch = cancel
	w.watched.Go(func() { w.follow(ctx) })
	return w, nil
}

// granted are the scopes and events of SIDEM's own manifest, as an administrator
// who pastes it grants them: nothing in a story may need more.
func granted() (scopes, events []string) {
	var m struct {
		OAuth struct {
			Scopes struct{ Bot []string }
		} `json:"oauth_config"`
		Settings struct {
			Events struct {
				Bot []string `json:"bot_events"`
			} `json:"event_subscriptions"`
		}
	}
	if err := json.Unmarshal(slack.Manifest(""), &m); err != nil {
		panic(fmt.Sprintf("sidem: the manifest: %v", err)) // it is made by us
	}
	return m.OAuth.Scopes.Bot, m.Settings.Events.Bot
}

// Close ends SIDEM and the emulators.
func (w *world) Close() error {
	err := w.service.stop()
	w.watch()
	w.watched.Wait()
	w.telegram.Close()
	w.slack.Close()
	w.mail.Close()
	return err
}

// follow passes on every change that anybody could see.
func (w *world) follow(ctx context.Context) {
	for {
		tg, sl, mail := w.telegram.Changed(), w.slack.Changed(), w.mail.Changed()
		w.mu.Lock()
		close(w.changed)
		w.changed = make(chan struct{})
		w.mu.Unlock()
		select {
		case <-tg:
		case <-sl:
		case <-mail:
		case <-ctx.Done():
			return
		}
	}
}

// Changed is closed at the next change.
func (w *world) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// Begin loads the people, less those who have no account yet, and starts SIDEM.
func (w *world) Begin(ctx context.Context, without []string) error {
	r, err := parseRoster(demoPeople)
	if err != nil {
		return err
	}
	if slices.Contains(without, "programa") {
		r.Programs = nil
	}
	r.Accounts = slices.DeleteFunc(r.Accounts, func(a rosterAccount) bool {
		first, _, _ := strings.Cut(a.Name, " ")
		return slices.Contains(without, strings.ToLower(first))
	})
	err = w.visit(ctx, func(a *app) error {
		made, err := r.load(ctx, a.desk, a.keeper, a.deepLink)
		for _, m := range made {
			w.made[m.User] = m
		}
		// The digest and the board of the story's first morning are not part of it either.
		return errors.Join(err, a.ticks.Plan(ctx), w.dropWelcomes(ctx, a))
	})
	if err != nil {
		return err
	}
	return w.service.start(ctx)
}

// forking holds while a process is made: until it runs a program of its own, it has
// a copy of every lock that is held here.
var forking sync.RWMutex

// visit opens SIDEM's store, while SIDEM does not run, and closes it again.
func (w *world) visit(ctx context.Context, f func(*app) error) error {
	forking.RLock()
	defer forking.RUnlock()
	a, err := open(ctx, w.cfg, parts{clock: w.clock, log: quiet()})
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.shut())
}

// dropWelcomes settles the welcome mails of the people who were there before the
// story: they are not part of it.
func (w *world) dropWelcomes(ctx context.Context, a *app) error {
	now := w.clock.Now()
	for {
		items, err := a.store.Claim(ctx, now, 100, time.Minute)
		if err != nil || len(items) == 0 {
			return err
		}
		if _, err := a.store.Settle(ctx, now, mootAll(items)); err != nil {
			return err
		}
	}
}

// Link links a chat with the one-time password, as the person would.
func (w *world) Link(_ context.Context, person, on string) error {
	p, ok := w.people[person]
	made, isNew := w.made[p.account.User]
	if !ok || !isNew {
		return fmt.Errorf("%s has no account to link", person)
	}
	_, payload, _ := strings.Cut(made.Link, "start=")
	switch on {
	case "telegram":
		w.telegram.Person(p.telegramID, "", "").Start(payload)
		return nil
	case "slack":
		return w.slackPerson(p).Slash("/sidem", "vincular "+payload)
	}
	return fmt.Errorf("%s@%s: only chats are linked", person, on)
}

func (w *world) slackPerson(p persona) *slacktest.Person {
	return w.slack.Person(p.slackID, p.account.Name, p.account.Email)
}

// set makes t the business time, also of a SIDEM that runs elsewhere; by the
// clock file where there is one, as any SIDEM reads it.
func (w *world) set(t time.Time) error {
	if w.cfg.ClockFile == "" {
		w.clock.Set(t)
	} else if err := w.fromFile(t); err != nil {
		return err
	}
	if s, ok := w.service.(*child); ok {
		return s.moved()
	}
	return nil
}

func (w *world) fromFile(t time.Time) error {
	if err := os.WriteFile(w.cfg.ClockFile, []byte(t.Format(time.RFC3339)), 0o600); err != nil {
		return fmt.Errorf("clock file: %w", err)
	}
	return w.clock.readFile(w.cfg.ClockFile)
}

// Clock moves business time: "+2 días hábiles", "+1 h", an hour of the day
// (17:30), or an instant (2026-11-25 09:00).
func (w *world) Clock(to string) error {
	now := w.clock.Now().In(mexico())
	var n int
	if _, err := fmt.Sscanf(to, "+%d día", &n); err == nil {
		office, err := readOffice("")
		if err != nil {
			return err
		}
		day := office.Calendar.AddWorking(core.DateOf(now), n)
		return w.set(day.At(now.Hour(), now.Minute(), mexico()))
	}
	if _, err := fmt.Sscanf(to, "+%d h", &n); err == nil {
		return w.set(now.Add(time.Duration(n) * time.Hour))
	}
	if minute, err := core.ParseClock(to); err == nil {
		return w.set(core.DateOf(now).At(minute/60, minute%60, mexico()))
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", to, mexico())
	if err != nil {
		return fmt.Errorf("reloj %q: want +N días hábiles, +N h, 15:04, or 2006-01-02 15:04", to)
	}
	return w.set(t)
}

// Halt ends SIDEM; its people stay.
func (w *world) Halt() error {
	w.halted = true
	return w.service.stop()
}

// Restart ends SIDEM and starts it again on the same store.
func (w *world) Restart(ctx context.Context) error {
	w.halted = false
	if err := w.service.stop(); err != nil {
		return err
	}
	return w.service.start(ctx)
}

// Idle reports whether nothing is under way anywhere.
func (w *world) Idle(ctx context.Context) (bool, error) {
	if !w.telegram.Idle() || !w.slack.Idle() || !w.mail.Idle() {
		return false, nil
	}
	if w.halted {
		return true, nil
	}
	return w.service.idle(ctx)
}

// stranger has no account.
var stranger = persona{telegramID: 9999, slackID: "U99999999", account: rosterAccount{Name: "Persona Desconocida", Email: "nadie@ejemplo.gob.mx"}}

// Client is a person's chat or mailbox.
func (w *world) Client(person, on string) (bottest.Client, error) {
	p, ok := w.people[person]
	if !ok {
		if person != "desconocida" {
			return nil, fmt.Errorf("%q is none of the people", person)
		}
		p = stranger
	}
	switch on {
	case "telegram":
		return telegramClient{w.telegram.Person(p.telegramID, "", "")}, nil
	case "grupo":
		return w.group(p), nil
	case "canal":
		return w.channel(p), nil
	case "slack":
		return slackClient{w.slackPerson(p)}, nil
	case "correo":
		return mailClient{w.mail, p.account.Email}, nil
	}
	return nil, fmt.Errorf("%q is no channel", on)
}

// inside runs SIDEM in this process.
type inside struct {
	w      *world
	hasty  bool              // waits for nobody's turn
	wrap   func(store) store // stands before the store; nil is nothing
	app    *app
	cancel context.CancelFunc
	done   chan error
}

func inProcess(w *world) service { return &inside{w: w} }

func (s *inside) inner() *app { return s.app }

func (s *inside) start(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	return s.connected(ctx)
}

// begin runs SIDEM; it may not take traffic yet.
func (s *inside) begin(ctx context.Context) error {
	a, err := open(ctx, s.w.cfg, parts{clock: s.w.clock, log: quiet(), hasty: s.hasty, wrap: s.w.wrap(s.wrap)})
	if err != nil {
		return err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.app, s.cancel, s.done = a, cancel, make(chan error, 1)
	go func() { s.done <- errors.Join(a.run(run), a.shut()) }()
	return nil
}

// slackReaches reports whether Slack delivers to a SIDEM whose public listener is at
// address, "" before it is.
func (w *world) slackReaches(ctx context.Context, address string) bool {
	if w.cfg.SlackMode != slackHTTP {
		return w.slack.Connected() > 0
	}
	return address != "" && w.slack.Deliver(ctx, "http://"+address) == nil
}

// connected waits until the platforms deliver to it.
func (s *inside) connected(ctx context.Context) error {
	return s.until(ctx, func() bool { return s.w.slackReaches(ctx, s.address()) && s.w.telegram.Receiving() })
}

// address is where its public listener listens; "" before it does.
func (s *inside) address() string {
	if a := s.app.address.Load(); a != nil {
		return *a
	}
	return ""
}

// until waits for a condition; it is an error if SIDEM ends before.
func (s *inside) until(ctx context.Context, holds func() bool) error {
	for !holds() {
		select {
		case <-time.After(2 * time.Millisecond):
		case err := <-s.done:
			s.done <- err
			return fmt.Errorf("SIDEM ended: %w", err)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (s *inside) stop() error {
	if s.app == nil {
		return nil
	}
	s.cancel()
	err := <-s.done
	s.app = nil
	return err
}

// idle also waits for what is tried again in a moment, unless something stands
// against it for as long as the story says.
func (s *inside) idle(ctx context.Context) (bool, error) {
	if s.w.troubled() {
		return s.app.hub.Idle(ctx)
	}
	next, any, err := s.app.store.NextDue(ctx)
	if err != nil || (any && next.Before(s.w.clock.Now().Add(soon))) {
		return false, err
	}
	return s.app.hub.Idle(ctx)
}

// soon is within the story; a reminder or an alert is for later.
const soon = time.Minute

// fleetingPrefix begins the names of folders that nobody keeps.
const fleetingPrefix = "sidem-demo-"

// workdir is a folder for a world; keep is "" for one that is removed at the end.
func workdir(keep string) (dir string, remove func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err = os.MkdirTemp("", fleetingPrefix)
	return dir, func() { _ = os.RemoveAll(dir) }, err
}
