//go:build e2e

package kill

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
)

// points are the moments at which SIDEM is killed while it delivers. "Before"
// and "after" are of the effect: a claim that was written, a message that the
// platform has, a mail that the relay took.
var points = []string{
	"after commit", "before claim", "after claim",
	"before the relay is dialled", "before the dot", "after the dot", "before MAIL",
	"before Telegram's answer", "after Telegram's answer",
	"before the place of the card is kept", "after the place of the card is kept",
	"before settle", "after settle",
}

// kills is how many there are; SIDEM_KILLS sets it (make crash: 1000).
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("SIDEM_KILLS")); err == nil {
		return n
	}
	return 4 * len(points)
}

var errDead = errors.New("this process is dead")

// life is one process: it dies at the nth passing of a point. Whatever it does
// after that has no effect: its store refuses, its calls are cut.
type life struct {
	point string
	n     atomic.Int64 // passings left; at zero it dies
	dead  atomic.Bool
	died  chan struct{}
	end   sync.Once
	kill  func() // a real process dies by it; nil: it is only said to be dead
}

func newLife(point string, n int) *life {
	l := &life{point: point, died: make(chan struct{})}
	l.n.Store(int64(n))
	return l
}

// at passes a point and reports whether the process is dead from here on.
func (l *life) at(point string) bool {
	if point == l.point && l.n.Add(-1) == 0 {
		if l.kill != nil {
			l.kill()
		}
		l.dead.Store(true)
		l.end.Do(func() { close(l.died) })
	}
	return l.dead.Load()
}

// doomed is the store of a process that may die: before a step has its effect,
// or after.
type doomed struct {
	app.Store
	*life
}

// step carries out one write unless the process is dead, or dies before it or after.
func step[T any](l *life, before, after string, do func() (T, error)) (out T, err error) {
	if l.at(before) {
		return out, errDead
	}
	out, err = do()
	if l.at(after) {
		return out, errDead
	}
	return out, err
}

func (d *doomed) Record(ctx context.Context, id string) (core.Record, error) {
	if d.dead.Load() {
		return core.Record{}, errDead
	}
	return d.Store.Record(ctx, id)
}

func (d *doomed) Commit(ctx context.Context, c desk.Commit) error {
	_, err := step(d.life, "", "after commit", func() (int, error) { return 0, d.Store.Commit(ctx, c) })
	return err
}

func (d *doomed) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	claimed := func() ([]outbox.Item, error) { return d.Store.Claim(ctx, now, n, lease) }
	if d.at("before claim") {
		return nil, errDead
	}
	items, err := claimed()
	if len(items) > 0 && d.at("after claim") { // an empty claim changes nothing
		return nil, errDead
	}
	return items, err
}

func (d *doomed) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	return step(d.life, "before settle", "after settle", func() (int, error) { return d.Store.Settle(ctx, now, results) })
}

func (d *doomed) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	return step(d.life, "before the place of the card is kept", "after the place of the card is kept", func() (int, error) {
		return d.Store.Put(ctx, key, value, rev, now, expires)
	})
}

func (d *doomed) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	if d.dead.Load() {
		return nil, 0, errDead
	}
	return d.Store.Get(ctx, key, now)
}

// morgue is a world in which SIDEM is killed over and over on one SQLite file.
type morgue struct {
	t     *testing.T
	w     *world.World
	dir   string
	lies  bool // real processes have a store that lies (hasty) until they die
	life  atomic.Pointer[life]
	filed []string // numbers of requests whose filing was acknowledged
	// pressed are the numbers of requests that Raúl has released by a button.
	pressed map[string]bool
}

// newMorgue has Lucía and Raúl linked on Telegram.
func newMorgue(t *testing.T) *morgue {
	t.Helper()
	dir := t.TempDir()
	w := e2etest.OpenWorld(t, dir, world.InProcess)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	e2etest.Link(t, w, map[string]string{"lucía": "telegram", "raúl": "telegram"})
	e2etest.Rest(t, w)
	if err := w.Service.Stop(); err != nil {
		t.Fatal(err)
	}
	m := &morgue{t: t, w: w, dir: dir, pressed: map[string]bool{}}
	m.life.Store(newLife("", 0))
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		l := m.life.Load()
		if l.at("before Telegram's answer") {
			return &telegramtest.Fault{Drop: true}
		}
		if l.at("after Telegram's answer") {
			return &telegramtest.Fault{Drop: true, After: true}
		}
		return nil
	})
	phases := map[emailtest.PhaseName]string{
		emailtest.Connect: "before the relay is dialled", emailtest.MailFrom: "before MAIL", emailtest.Dot: "before the dot",
	}
	w.Mail.Intercept(func(p *emailtest.Phase) *emailtest.Fault {
		l := m.life.Load()
		if before, ok := phases[p.Name]; ok && l.at(before) {
			return &emailtest.Fault{Drop: true}
		}
		if p.Name == emailtest.Dot && l.at("after the dot") {
			return &emailtest.Fault{Drop: true, After: true}
		}
		return nil
	})
	return m
}

// counted counts the sends under way.
type counted struct {
	notifier.Sender
	busy *sync.WaitGroup
	mu   *sync.Mutex
	shut *bool
}

func (c counted) Send(ctx context.Context, it outbox.Item) (string, error) {
	c.mu.Lock()
	if *c.shut {
		c.mu.Unlock()
		return "", errDead
	}
	c.busy.Add(1)
	c.mu.Unlock()
	defer c.busy.Done()
	return c.Sender.Send(ctx, it)
}

// live runs one process on the store until it dies or has nothing to do. It
// reports whether it died.
func (m *morgue) live(l *life, work bool) bool {
	m.t.Helper()
	m.life.Store(l)
	a, err := app.Open(m.t.Context(), m.w.Config, app.Options{Clock: m.w.Time, Log: world.Quiet(), Wrap: func(s app.Store) app.Store { return &doomed{s, l} }})
	if errors.Is(err, errDead) { // it died before it was up
		return true
	}
	if err != nil {
		m.t.Fatal(err)
	}
	var (
		busy sync.WaitGroup
		mu   sync.Mutex
		shut bool
	)
	senders := maps.Clone(a.Sender)
	for name, s := range senders {
		senders[name] = counted{s, &busy, &mu, &shut}
	}
	hub, err := notifier.New(notifier.Config{
		Outbox: a.Store, Senders: senders, Now: m.w.Time.Now, Log: world.Quiet(), Fallback: a.Desk.Fallback, Quiet: a.Quiet, Workers: 4, Grace: time.Millisecond,
		Patience: notifier.Patience{Base: 20 * time.Millisecond, Cap: 40 * time.Millisecond},
	})
	if err != nil {
		m.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(m.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = hub.Run(ctx) // of a dead process it tells of what was left to leases
	}()
	if work {
		m.file(a)
	}
	died := m.settled(a, l)
	stop()
	if died { // nobody waits for the dead; but what they had begun is over before the next life
		mu.Lock()
		shut = true
		mu.Unlock()
		busy.Wait()
	} else {
		<-done
	}
	if err := a.Close(); err != nil {
		m.t.Error(err)
	}
	return died
}

// settled waits until a process has died or owes nothing that is due soon.
func (m *morgue) settled(a *app.App, l *life) bool {
	began := testbed.Start()
	for {
		select {
		case <-l.died:
			return true
		case <-time.After(time.Millisecond):
		}
		now := m.w.Time.Now()
		s, err := a.Store.Stats(m.t.Context(), now)
		next, any, nextErr := a.Store.NextDue(m.t.Context())
		if errors.Join(err, nextErr) == nil && (!any || next.Sub(now) > world.Soon) {
			return false
		}
		if began.Elapsed() > world.Patience {
			m.t.Fatalf("it does not come to rest: %+v, %v", s, err)
		}
	}
}

// file has Lucía draft and file a request: two cards and a mail are owed.
func (m *morgue) file(a *app.App) {
	filed, err := m.w.File(m.t.Context(), a)
	if err == nil {
		m.filed = append(m.filed, filed.Number)
	} else if !errors.Is(err, errDead) {
		m.t.Fatal(err)
	}
}

func TestKilledAtEveryPointOfADeliveryNothingIsLostAndEveryDuplicateIsExplained(t *testing.T) {
	m := newMorgue(t)
	chance := rand.New(rand.NewPCG(147, 2026))
	died := map[string]int{}
	for i := 0; i < kills(); i++ {
		point := points[i%len(points)]
		for n := 1 + chance.IntN(3); !m.live(newLife(point, n), true); n = 1 { // a point that was not passed so often
		}
		died[point]++
		if i%3 == 2 { // else an item that is killed again and again is poison, which has its own test
			m.live(newLife("", 0), false)
		}
	}
	m.live(newLife("", 0), false)
	t.Logf("%d kills: %v", kills(), died)
	m.account()
}

// account checks what came of everything, on the store and with those who received.
func (m *morgue) account() {
	m.t.Helper()
	if err := m.w.Visit(m.t.Context(), func(a *app.App) error {
		e2etest.Accounted(m.t, m.w, a)
		report, err := a.Desk.Audit(m.t.Context())
		if err != nil || len(report.Faults) > 0 {
			m.t.Errorf("audit: %v, %v", report.Faults, err)
		}
		c, err := m.count(a)
		for _, complaint := range c.complaints {
			m.t.Error(complaint)
		}
		if c.mails < len(m.filed) || c.cards < 2*len(m.filed) {
			m.t.Errorf("%d mails and %d cards for %d requests", c.mails, c.cards, len(m.filed))
		}
		m.t.Logf("%d requests, %d mails, %d cards; %d came twice", len(m.filed), c.mails, c.cards, c.twice)
		return err
	}); err != nil {
		m.t.Error(err)
	}
}

// delivered is what arrived, against what the store says of it.
type delivered struct {
	complaints          []string
	mails, cards, twice int
}

func (c *delivered) complain(format string, args ...any) {
	c.complaints = append(c.complaints, fmt.Sprintf(format, args...))
}

// count looks at every mail and card that was owed.
func (m *morgue) count(a *app.App) (c delivered, err error) {
	ctx := m.t.Context()
	for _, number := range m.filed {
		if _, err := a.Store.Find(ctx, core.UniqueNumber(number)); err != nil {
			c.complain("%s was acknowledged, and is lost: %v", number, err)
		}
	}
	arrived := map[string]int{} // mails by the item in their Message-ID
	for _, mail := range m.w.Mail.All() {
		item, _, _ := strings.Cut(mail.MessageID, ".")
		arrived[item]++
	}
	posted := m.posted()
	doubts := map[string]int{} // attempts of unknown outcome on all items of one card
	want := map[string]int{}   // messages of one card: the one before goes when a new turn begins
	err = app.Each(ctx, a.Store, "", func(it outbox.Item) error {
		switch it.What {
		case desk.WhatMail:
			sum := sha256.Sum256([]byte(it.Key))
			n := arrived["<"+hex.EncodeToString(sum[:16])]
			if it.State == outbox.Sent {
				c.mails++
				if n < 1 || n > 1+unknown(it) {
					c.complain("mail %s is sent, and arrived %d times with %d attempts in doubt", it.Key, n, unknown(it))
				}
				c.twice += max(0, n-1)
			}
		case desk.WhatCard:
			record, err := a.Store.Record(ctx, it.Record)
			if err != nil || record.Number == "" {
				return err
			}
			viewer, err := a.Store.Record(ctx, it.Account)
			if err != nil {
				return err
			}
			key := viewer.Fields[core.FieldUser] + " " + record.Number
			doubts[key] += unknown(it)
			want[key] += 0
			if it.State == outbox.Sent {
				want[key] = 1
			}
		}
		return nil
	})
	for key, sent := range want {
		c.cards++
		n := posted[key]
		// A draft's card has no number; when the request was filed it is redrawn.
		if n < sent || n > max(1, sent)+doubts[key] {
			c.complain("card %s is on the screen %d times, and was to be %d times, with %d attempts in doubt", key, n, sent, doubts[key])
		}
		c.twice += max(0, n-max(1, sent))
	}
	return c, err
}

// posted counts the messages on the screens by person and request.
func (m *morgue) posted() map[string]int {
	out := map[string]int{}
	for _, who := range []string{"lucía", "raúl"} {
		for _, msg := range m.w.Telegram.Person(m.w.People[who].TelegramID, "", "").Screen() {
			if _, rest, ok := strings.Cut(msg.Text, "Solicitud número "); ok && msg.FromBot {
				out[m.w.People[who].Account.User+" "+rest[:11]]++
			}
		}
	}
	return out
}

// unknown is how many attempts of an item may have been delivered though they did not end well.
func unknown(it outbox.Item) int {
	n := 0
	for _, at := range it.Attempts {
		if at.MayHaveArrived() {
			n++
		}
	}
	return n
}

func TestAnItemThatKillsItsWorkersIsSetAsideAndGoesOnByMail(t *testing.T) {
	m := newMorgue(t)
	m.live(newLife("", 0), true)
	before := len(m.w.Telegram.Person(m.w.People["raúl"].TelegramID, "", "").Screen())
	// Whoever posts a card to Raúl dies of it.
	var l *life
	m.w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendMessage" || c.Params["chat_id"] != fmt.Sprint(m.w.People["raúl"].TelegramID) {
			return nil
		}
		l.at("the poison")
		return &telegramtest.Fault{Drop: true}
	})
	deaths := 0
	for work := true; ; work = false {
		l = newLife("the poison", 1)
		if !m.live(l, work) {
			break
		}
		if deaths++; deaths > 10 {
			t.Fatal("it kills for ever")
		}
	}
	if deaths != 5 {
		t.Errorf("it killed %d workers before it was set aside, want 5", deaths)
	}
	if got := e2etest.Mails(m.w, "raúl", "Por liberar"); len(got) != 1 {
		t.Errorf("%d mails tell Raúl instead", len(got))
	}
	different := map[string]bool{} // one that was on its way at a death may come twice
	for _, got := range e2etest.Mails(m.w, "lucía", "Recibimos su solicitud") {
		different[got.MessageID] = true
	}
	if len(different) != 2 {
		t.Errorf("%d mails to Lucía, who is not concerned", len(different))
	}
	if after := len(m.w.Telegram.Person(m.w.People["raúl"].TelegramID, "", "").Screen()); after != before {
		t.Errorf("%d messages more", after-before)
	}
}
