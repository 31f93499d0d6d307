// Package world is SIDEM among emulators of Telegram, Slack and a relay, with the people of the process: where scenarios are played, by tests and by the demonstration.
package world

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/slack"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/cmd/sidem/roster"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// Roster are the people, as import reads them.
//
//go:embed people.yaml
var Roster []byte

// World is SIDEM among emulators, with the people of the demonstration.
type World struct {
	Config   office.Config
	Time     *app.Clock
	Telegram *telegramtest.Server
	Slack    *slacktest.Server
	Mail     *emailtest.Server
	People   map[string]Person
	Issued   map[string]roster.Row // by user
	Service  Service
	Halted   bool
	Dir      string // of the store and the files
	Fleeting string // a folder that nobody keeps; "" is none

	network Network
	faults  *Faults // nil until something is made to go wrong

	mu       sync.Mutex
	gathered bool // the channel of Slack has its people
	changed  chan struct{}
	watch    context.CancelFunc
	watched  sync.WaitGroup
}

// Person is one person, on every platform that there is.
type Person struct {
	Account    roster.Account
	TelegramID int64
	SlackID    string
}

// Service is SIDEM as the world runs it: in this process or in one of its own.
type Service interface {
	// Start runs SIDEM and returns when it is ready.
	Start(ctx context.Context) error
	// Stop ends it, and returns when it has ended.
	Stop() error
	// Idle reports whether nothing is under way in it.
	Idle(ctx context.Context) (bool, error)
}

// Near is a service in this process: one of its SIDEMs can be looked into.
type Near interface {
	// Inner is nil while none runs.
	Inner() *app.App
}

// App is the SIDEM that runs in this process; nil where it runs elsewhere, or not at all.
func (w *World) App() *app.App {
	if s, ok := w.Service.(Near); ok {
		return s.Inner()
	}
	return nil
}

// Monday is when the stories begin: a working Monday at 09:00.
var Monday = time.Date(2026, time.November, 23, 9, 0, 0, 0, Mexico())

// Mexico is the zone of the office.
func Mexico() *time.Location { return mexico() }

var mexico = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("America/Mexico_City")
	if err != nil { // time/tzdata is linked in
		panic(fmt.Sprintf("sidem: %v", err))
	}
	return zone
})

// Network is where the emulators listen, and a SIDEM in this process dials and
// listens; its zero value is loopback.
type Network struct {
	Host   string // that the emulators listen at; "" is 127.0.0.1
	Listen func(ctx context.Context, network, address string) (net.Listener, error)
	Dial   wire.Dial
}

// New starts the emulators on loopback; dir holds the store and the files. inside
// makes the service that runs among them.
func New(dir string, inside func(*World) Service) (*World, error) {
	return NewOn(Network{}, dir, inside)
}

// NewOn starts the emulators on a network.
func NewOn(n Network, dir string, inside func(*World) Service) (*World, error) {
	w := &World{Dir: dir, network: n, Time: app.NewClock(), People: map[string]Person{}, Issued: map[string]roster.Row{}, changed: make(chan struct{})}
	w.Time.Set(Monday)
	w.Telegram = telegramtest.New("7000000001:demo-token-of-no-use-anywhere", telegramtest.Options{Now: w.Time.Now, NoRateLimits: true, Host: n.Host, Listen: n.Listen, WebhookClient: n.client()})
	scopes, events := granted()
	w.Slack = slacktest.New(slacktest.Options{Now: w.Time.Now, NoRateLimits: true, Scopes: scopes, Events: events, Host: n.Host, Listen: n.Listen, Client: n.client()})
	w.Mail = emailtest.New(emailtest.Options{TLS: "none", Now: w.Time.Now, Host: n.Host, Listen: n.Listen})
	w.Config = office.Config{
		Store: office.Secret("sqlite:" + filepath.Join(dir, "sidem.db")), Files: filepath.Join(dir, "files"), AdminAddr: "off", HTTPAddr: "127.0.0.1:0",
		TelegramToken: office.Secret(w.Telegram.Token()), TelegramAPI: w.Telegram.URL(), TelegramMode: "poll", TelegramName: "sidem_bot",
		SlackBotToken: office.Secret(w.Slack.BotToken()), SlackAppToken: office.Secret(w.Slack.AppToken()), SlackAPI: w.Slack.URL(), SlackMode: "socket",
		SlackSigning: office.Secret(w.Slack.SigningSecret()),
		SMTPAddr:     w.Mail.Addr(), SMTPTLS: "none", SMTPConns: 2, MailFrom: "sidem@digital.ejemplo.gob.mx", MailReplyTo: "dictamenes@digital.ejemplo.gob.mx",
	}
	r, err := roster.Parse(Roster)
	if err != nil {
		return nil, err
	}
	for i, a := range r.Accounts {
		first, rest, _ := strings.Cut(a.Name, " ")
		p := Person{Account: a, TelegramID: int64(1001 + i), SlackID: fmt.Sprintf("U%08d", 1001+i)}
		w.People[strings.ToLower(first)] = p
		w.Telegram.Person(p.TelegramID, first, rest)
		w.Slack.Person(p.SlackID, a.Name, a.Email)
	}
	w.Service = inside(w)
	ctx, cancel := context.WithCancel(context.Background())
	w.watch = cancel
	w.watched.Go(func() { w.follow(ctx) })
	return w, nil
}

// client brings what platforms deliver over HTTP; nil is theirs, of the machine.
func (n Network) client() *http.Client {
	if n.Dial == nil {
		return nil
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: n.Dial}, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
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
func (w *World) Close() error {
	err := w.Service.Stop()
	w.watch()
	w.watched.Wait()
	w.Telegram.Close()
	w.Slack.Close()
	w.Mail.Close()
	return err
}

// follow passes on every change that anybody could see.
func (w *World) follow(ctx context.Context) {
	for {
		tg, sl, mail := w.Telegram.Changed(), w.Slack.Changed(), w.Mail.Changed()
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
func (w *World) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}

// Begin loads the people, less those who have no account yet, and starts SIDEM.
func (w *World) Begin(ctx context.Context, without []string) error {
	r, err := roster.Parse(Roster)
	if err != nil {
		return err
	}
	if slices.Contains(without, "programa") {
		r.Programs = nil
	}
	today := core.DateOf(w.Time.Now().In(Mexico()))
	for i := range r.Programs { // those of the year in which the story is told
		r.Programs[i].Year = today.Year
	}
	r.Accounts = slices.DeleteFunc(r.Accounts, func(a roster.Account) bool {
		first, _, _ := strings.Cut(a.Name, " ")
		return slices.Contains(without, strings.ToLower(first))
	})
	err = w.Visit(ctx, func(a *app.App) error {
		made, err := r.Load(ctx, a.Hand())
		for _, m := range made {
			if m.Code != "" {
				w.Issued[m.User] = m
			}
		}
		// The digest and the board of the story's first morning are not part of it either.
		return errors.Join(err, a.Ticks.Plan(ctx), w.dropWelcomes(ctx, a), confirm(ctx, a, today))
	})
	if err != nil {
		return err
	}
	return w.Service.Start(ctx)
}

// confirm imports the calendar of a day that the example of an office does not
// reach, as an administration does in time. Only weekends are off then.
func confirm(ctx context.Context, a *app.App, today core.Day) error {
	if !a.Desk.Office.Calendar.Provisional(today.Year) {
		return nil
	}
	f := office.CalendarFile{Calendar: map[int][]office.Holiday{}}
	for year := today.Year; year <= today.Year+1; year++ {
		f.Calendar[year] = []office.Holiday{{Day: core.Day{Year: year, Month: time.January, Day: 1}.String(), Name: "Año Nuevo"}}
	}
	return office.ImportCalendar(ctx, a.Store, f, a.Clock.Now())
}

// Forking holds while a process is made: until it runs a program of its own, it has
// a copy of every lock that is held here.
var Forking sync.RWMutex

// Visit opens SIDEM's store, while SIDEM does not run, and closes it again.
func (w *World) Visit(ctx context.Context, f func(*app.App) error) error {
	Forking.RLock()
	defer Forking.RUnlock()
	a, err := app.Open(ctx, w.Config, app.Options{Clock: w.Time, Log: Quiet()})
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// dropWelcomes settles the welcome mails of the people who were there before the
// story: they are not part of it.
func (w *World) dropWelcomes(ctx context.Context, a *app.App) error {
	now := w.Time.Now()
	for {
		items, err := a.Store.Claim(ctx, now, 100, time.Minute)
		if err != nil || len(items) == 0 {
			return err
		}
		if _, err := a.Store.Settle(ctx, now, mootAll(items)); err != nil {
			return err
		}
	}
}

// Link links a chat with the one-time password, as the person would.
func (w *World) Link(_ context.Context, person, on string) error {
	p, ok := w.People[person]
	made, isNew := w.Issued[p.Account.User]
	if !ok || !isNew {
		return fmt.Errorf("%s has no account to link", person)
	}
	switch on {
	case "telegram":
		w.Telegram.Person(p.TelegramID, "", "").Start(made.Code)
		return nil
	case "slack":
		return w.SlackPerson(p).Slash("/sidem", "vincular "+made.Code)
	}
	return fmt.Errorf("%s@%s: only chats are linked", person, on)
}

// SlackPerson is a person in the workspace.
func (w *World) SlackPerson(p Person) *slacktest.Person {
	return w.Slack.Person(p.SlackID, p.Account.Name, p.Account.Email)
}

// SetTime makes t the business time, also of a SIDEM that runs elsewhere; by the
// clock file where there is one, as any SIDEM reads it.
func (w *World) SetTime(t time.Time) error {
	if w.Config.ClockFile == "" {
		w.Time.Set(t)
	} else if err := w.fromFile(t); err != nil {
		return err
	}
	if s, ok := w.Service.(*Child); ok {
		return s.moved()
	}
	return nil
}

func (w *World) fromFile(t time.Time) error {
	if err := os.WriteFile(w.Config.ClockFile, []byte(t.Format(time.RFC3339)), 0o600); err != nil {
		return fmt.Errorf("clock file: %w", err)
	}
	return w.Time.ReadFile(w.Config.ClockFile)
}

// atWork is the office's hours, as a story asks for them.
const atWork = "en horas de oficina"

// Clock moves business time: on to the office's hours, unless these are they; by
// "+2 días hábiles", "+1 h", an hour of the day
// (17:30), or an instant (2026-11-25 09:00).
func (w *World) Clock(to string) error {
	now := w.Time.Now().In(Mexico())
	if to == atWork {
		institution, err := office.Read("")
		if err != nil || (institution.Calendar.IsWorking(core.DateOf(now)) && now.Hour() >= 9 && now.Hour() < 15) {
			return err
		}
		return w.SetTime(institution.Calendar.AddWorking(core.DateOf(now), 1).At(9, 0, Mexico()))
	}
	var n int
	if _, err := fmt.Sscanf(to, "+%d día", &n); err == nil {
		institution, err := office.Read("")
		if err != nil {
			return err
		}
		day := institution.Calendar.AddWorking(core.DateOf(now), n)
		return w.SetTime(day.At(now.Hour(), now.Minute(), Mexico()))
	}
	if _, err := fmt.Sscanf(to, "+%d h", &n); err == nil {
		return w.SetTime(now.Add(time.Duration(n) * time.Hour))
	}
	if minute, err := core.ParseClock(to); err == nil {
		return w.SetTime(core.DateOf(now).At(minute/60, minute%60, Mexico()))
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", to, Mexico())
	if err != nil {
		return fmt.Errorf("reloj %q: want +N días hábiles, +N h, 15:04, or 2006-01-02 15:04", to)
	}
	return w.SetTime(t)
}

// Halt ends SIDEM; its people stay.
func (w *World) Halt() error {
	w.Halted = true
	return w.Service.Stop()
}

// Restart ends SIDEM and starts it again on the same store.
func (w *World) Restart(ctx context.Context) error {
	w.Halted = false
	if err := w.Service.Stop(); err != nil {
		return err
	}
	return w.Service.Start(ctx)
}

// Leave has SIDEM go on in a process of its own.
func (w *World) Leave(ctx context.Context) error {
	if err := w.Service.Stop(); err != nil {
		return err
	}
	w.Service = newChild(w, w.Dir, w.Fleeting)
	return w.Service.Start(ctx)
}

// Idle reports whether nothing is under way anywhere.
func (w *World) Idle(ctx context.Context) (bool, error) {
	if !w.Telegram.Idle() || !w.Slack.Idle() || !w.Mail.Idle() {
		return false, nil
	}
	if w.Halted {
		return true, nil
	}
	return w.Service.Idle(ctx)
}

// stranger has no account.
var stranger = Person{TelegramID: 9999, SlackID: "U99999999", Account: roster.Account{Name: "Persona Desconocida", Email: "nadie@ejemplo.gob.mx"}}

// Client is a person's chat or mailbox.
func (w *World) Client(person, on string) (bottest.Client, error) {
	p, ok := w.People[person]
	if !ok {
		if person != "desconocida" {
			return nil, fmt.Errorf("%q is none of the people", person)
		}
		p = stranger
	}
	switch on {
	case "telegram":
		return telegramClient{w.Telegram.Person(p.TelegramID, "", "")}, nil
	case "grupo":
		return w.group(p), nil
	case "canal":
		return w.channel(p), nil
	case "slack":
		return slackClient{w.SlackPerson(p)}, nil
	case "correo":
		return mailClient{w.Mail, p.Account.Email}, nil
	}
	return nil, fmt.Errorf("%q is no channel", on)
}

// SlackReaches reports whether Slack delivers to a SIDEM whose public listener is at
// address, "" before it is.
func (w *World) SlackReaches(ctx context.Context, address string) bool {
	if w.Config.SlackMode != office.SlackHTTP {
		return w.Slack.Connected() > 0
	}
	return address != "" && w.Slack.Deliver(ctx, "http://"+address) == nil
}

// Soon is within the story; a reminder or an alert is for later.
const Soon = time.Minute

// FleetingPrefix begins the names of folders that nobody keeps.
const FleetingPrefix = "sidem-demo-"

// TempDir is a folder for a world; keep is "" for one that is removed at the end.
func TempDir(keep string) (dir string, remove func(), err error) {
	if keep != "" {
		return keep, func() {}, os.MkdirAll(keep, 0o700)
	}
	dir, err = os.MkdirTemp("", FleetingPrefix)
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// Patience is how long an expected message may take, in real time: also what a story
// was late by when it set its clock, from which a wait of two hours counts.
const Patience = time.Minute
