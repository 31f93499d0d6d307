package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidem/bot/bottest"
	"sidem/bot/telegram/telegramtest"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/core"
	"sidem/core/desk"
	"sidem/storage/redis/redistest"
)

// These tests break what stands between SIDEM and its records while a story is
// under way. What must hold at the end is settled's to say.

// breaks are the ways in which it breaks; most of each is waiting.
var breaks = map[string]func(t *testing.T){
	"a replica is killed again and again, and the story ends well":                    replicaKilled,
	"a cut of ten seconds is outlasted, and presses of that time are answered":        cutOutlasted,
	"a cut that lasts is told, and what is pressed again counts":                      cutThatLasts,
	"the answer to a commit never comes: nobody knows, is told, and then that it was": answerNeverComes,
	"a full Redis is told, spoils nothing, and is over when there is room":            redisFull,
	"the replica that polls is killed, and the other polls":                           pollerKilled,
}

func TestWhateverBreaksBetweenSIDEMAndItsRecords(t *testing.T) {
	names := slices.Sorted(maps.Keys(breaks))
	crowded(t, len(names), names, func(t *testing.T, name string) { breaks[name](t) })
}

// tell plays a story strictly: nobody may notice that anything went wrong.
func tell(t *testing.T, w *world.World, name string) {
	t.Helper()
	lines := scenario(t, name)
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
}

// broken is a world of two replicas that wait for nobody's turn.
func broken(t *testing.T, dsn string) (*world.World, *twins) {
	t.Helper()
	w, s, err := newTwins(t.TempDir(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	s.both[0].Hasty, s.both[1].Hasty = true, true
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		s.front.Close()
	})
	return w, s
}

func TestWhileAnswersOfRedisAreLostEveryStoryIsAsEver(t *testing.T) {
	var lost atomic.Int64
	crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		server := redistest.Start(t, redistest.Options{Fsync: "always"})
		p := redistest.NewProxy(t, server, 2026)
		w, s := broken(t, server.Via(p.Addr(), "sidem"))
		p.Lose(0.05)
		tell(t, w, name)
		p.Lose(0)
		lost.Add(int64(p.Lost()))
		settled(t, w, s.Inner())
	})
	if lost.Load() < 1000 {
		t.Errorf("only %d answers were lost: nothing was tested", lost.Load())
	}
	t.Logf("%d answers were lost", lost.Load())
}

func TestWhileRedisIsKilledAgainAndAgainEveryStoryIsAsEver(t *testing.T) {
	var kills atomic.Int64
	crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		server := redistest.Start(t, redistest.Options{Fsync: "always"})
		w, s := broken(t, server.DSN("sidem"))
		var mu sync.Mutex
		chance, inputs := rand.New(rand.NewPCG(147, 2026)), 0
		s.front.meanwhile = func() { // a kill that follows an input closely hits what it sets off
			mu.Lock()
			defer mu.Unlock()
			if inputs++; inputs%5 != 0 {
				return
			}
			time.Sleep(time.Duration(chance.Int64N(int64(8 * time.Millisecond))))
			kills.Add(1)
			server.Kill()
			time.Sleep(time.Duration(chance.Int64N(int64(500 * time.Millisecond)))) // as long as a restart may take
			if err := server.Up(); err != nil {
				t.Error(err)
			}
		}
		tell(t, w, name)
		mu.Lock() // it may be down for its last time
		defer mu.Unlock()
		settled(t, w, s.Inner())
	})
	if kills.Load() < 100 {
		t.Errorf("Redis was killed %d times only", kills.Load())
	}
	t.Logf("%d kills", kills.Load())
}

// pair are two SIDEMs in processes of their own on one store, behind a front.
type pair struct {
	w     *world.World
	front *front
	both  [2]*outside
}

func newPair(t *testing.T, dsn string) (*world.World, *pair) {
	t.Helper()
	dir := t.TempDir()
	var s *pair
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &pair{w: w, front: newFront()}
		for i := range s.both {
			own := filepath.Join(dir, fmt.Sprint(i))
			if err := os.Mkdir(own, 0o700); err != nil {
				t.Fatal(err)
			}
			s.both[i] = &outside{w: w, dir: own, hasty: true, http: freePort(t)}
		}
		return s
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.front.Close)
	s.front.deliver(&w.Config)
	w.Config.Store = office.Secret(dsn)
	return w, s
}

func (s *pair) Start(ctx context.Context) error {
	for _, one := range s.both {
		if err := one.begin(ctx); err != nil {
			return err
		}
	}
	s.front.to(s.both[0].http, s.both[1].http)
	return fronted(ctx, s.w, s.front)
}

func (s *pair) Stop() error { return errors.Join(s.both[0].Stop(), s.both[1].Stop()) }

// idle asks whichever lives: they owe the same.
func (s *pair) Idle(ctx context.Context) (bool, error) {
	for _, one := range s.both {
		if idle, err := one.Idle(ctx); idle || err != nil {
			return idle, err
		}
	}
	return false, nil
}

func (s *pair) deaths() int { return s.both[0].deaths + s.both[1].deaths }

func replicaKilled(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	w, s := newPair(t, server.DSN("sidem"))
	chance := rand.New(rand.NewPCG(148, 2026))
	var mu sync.Mutex
	inputs := 0
	s.front.meanwhile = func() {
		mu.Lock()
		defer mu.Unlock()
		if inputs++; inputs%8 != 0 {
			return
		}
		time.Sleep(time.Duration(chance.Int64N(int64(8 * time.Millisecond))))
		s.both[chance.IntN(2)].kill()
	}
	lines := scenario(t, "ocho_pasos")
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return doubtful(t, w, s.deaths(), surprises, stale)
	}}
	playErr := r.Play(t.Context(), lines)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if s.deaths() < 5 {
		t.Errorf("%d deaths only", s.deaths())
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.deaths(), playErr)
	}
	t.Logf("%d deaths", s.deaths())
	explained(t, w)
}

// waiting is a world with a request that Raúl can release, on Telegram, and his
// deputy Elena on Slack.
func waiting(t *testing.T, dsn string) (*rivals, core.Record) {
	t.Helper()
	w, s := broken(t, dsn)
	r := &rivals{t: t, w: w, twins: s, said: map[string][]string{}}
	return r, r.begin()
}

// begin has the world begin, and returns a request.
func (r *rivals) begin() core.Record {
	r.t.Helper()
	if err := r.w.Begin(r.t.Context(), nil); err != nil {
		r.t.Fatal(err)
	}
	r.raúl, r.elena = r.link("raúl", "telegram"), r.link("elena", "slack")
	if err := r.w.Given(r.t.Context(), "suplencia de raúl por elena del 2026-11-23 al 2026-11-30"); err != nil {
		r.t.Fatal(err)
	}
	request := r.filed()
	rest(r.t, r.w)
	return request
}

// told waits until what a person can see says a text.
func (r *rivals) told(who, on, text string) {
	r.t.Helper()
	c, err := r.w.Client(who, on)
	if err != nil {
		r.t.Fatal(err)
	}
	for deadline := time.After(3 * world.Patience); ; {
		changed := r.w.Changed()
		if count(c, text) > 0 {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			var b strings.Builder
			for _, s := range c.Screen() {
				fmt.Fprintln(&b, s.Text)
			}
			r.t.Fatalf("%s was not told %q, but:\n%s", who, text, b.String())
		}
	}
}

func count(c bottest.Client, text string) int {
	n := 0
	for _, s := range c.Screen() {
		if strings.Contains(s.Text, text) {
			n++
		}
	}
	return n
}

// saved answers a release.
const saved = "Quedó registrada su liberación."

func cutOutlasted(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	p := redistest.NewProxy(t, server, 3)
	r, request := waiting(t, server.Via(p.Addr(), "sidem"))
	second := r.filed()
	rest(t, r.w)
	p.Cut()
	time.AfterFunc(10*time.Second, p.Mend)
	cut := time.Now()
	r.press("raúl", request)
	r.press("elena", second)
	r.told("raúl", "telegram", saved)
	r.told("elena", "slack", saved)
	if took := time.Since(cut); took < 10*time.Second {
		t.Errorf("they were answered after %v: the cut cut nothing", took)
	}
	rest(t, r.w)
	settled(t, r.w, r.twins.Inner())
}

func cutThatLasts(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	p := redistest.NewProxy(t, server, 4)
	r, request := waiting(t, server.Via(p.Addr(), "sidem"))
	p.Cut()
	r.press("raúl", request)
	r.press("elena", request)
	r.told("raúl", "telegram", "No pude completar la acción y no se cambió nada.")
	r.told("elena", "slack", "No pude completar la acción y no se cambió nada.")
	p.Mend()
	r.press("raúl", request)
	r.told("raúl", "telegram", saved)
	r.press("elena", request)
	r.told("elena", "slack", "la liberó")
	rest(t, r.w)
	settled(t, r.w, r.twins.Inner())
}

// deaf is a store that is lost at its first commit of a release: what it answers from then on is not heard.
type deaf struct {
	app.Store
	lose func()
}

func (d deaf) Commit(ctx context.Context, c desk.Commit) error {
	if c.Events[0].Verb == core.VerbRelease {
		d.lose()
	}
	return d.Store.Commit(ctx, c)
}

func answerNeverComes(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	p := redistest.NewProxy(t, server, 5)
	w, s := broken(t, server.Via(p.Addr(), "sidem"))
	lose := sync.OnceFunc(func() { p.Lose(1) })
	for _, one := range s.both {
		one.Wrap = func(s app.Store) app.Store { return deaf{s, lose} }
	}
	r := &rivals{t: t, w: w, twins: s, said: map[string][]string{}}
	request := r.begin()
	r.press("raúl", request)
	r.told("raúl", "telegram", "No pude confirmar si la acción quedó registrada.")
	p.Lose(0)
	r.press("raúl", request)
	r.told("raúl", "telegram", "Ya estaba registrada su liberación")
	rest(t, w)
	trail, err := s.Inner().Store.Trail(t.Context(), request.ID, request.Seq, 0)
	if err != nil || len(trail) != 2 || trail[0].Refusal != nil || trail[1].Refusal == nil {
		t.Errorf("the trail says %+v, %v", trail, err)
	}
	settled(t, w, s.Inner())
}

func redisFull(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	r, request := waiting(t, server.DSN("sidem"))
	fill := func(bytes string) {
		if err := server.Admin.ConfigSet(t.Context(), "maxmemory", bytes).Err(); err != nil {
			t.Error(err)
		}
	}
	// It fills up while a card is on its way: that it arrived cannot be written.
	var once sync.Once
	full := make(chan struct{})
	r.w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "sendMessage" {
			once.Do(func() { fill("1mb"); close(full) })
		}
		return nil
	})
	second := r.filed()
	<-full
	if got := r.ready(); got != http.StatusServiceUnavailable {
		t.Errorf("ready while nothing can be written: %d", got)
	}
	r.press("raúl", request)
	r.press("elena", request)
	r.told("raúl", "telegram", "No pude completar la acción y no se cambió nada.")
	r.told("elena", "slack", "No pude completar la acción y no se cambió nada.")
	if now, err := r.twins.Inner().Store.Record(t.Context(), request.ID); err != nil || now.Seq != request.Seq {
		t.Errorf("it stands at %d, stood at %d, %v", now.Seq, request.Seq, err)
	}
	fill("0")
	if got := r.ready(); got != http.StatusOK {
		t.Errorf("not ready though there is room: %d", got)
	}
	r.press("raúl", request)
	r.told("raúl", "telegram", saved)
	r.press("elena", second)
	r.told("elena", "slack", saved)
	rest(t, r.w)
	invariants(t, r.w, r.twins.Inner())
	// The card that was on its way may have a copy that nobody knows of.
	stale, err := r.w.Stale(t.Context())
	if err := errors.Join(err, doubtful(t, r.w, 0, nil, stale)); err != nil {
		t.Error(err)
	}
	cards := 0 // to release, and of the letter; one whose place could not be written comes once more
	for _, m := range r.w.Telegram.Person(r.w.People["raúl"].TelegramID, "", "").Screen() {
		if m.FromBot && strings.Contains(m.Text, "Solicitud número "+second.Number) {
			cards++
		}
	}
	if n := unknownAttempts(t, r.twins.Inner()); cards < 2 || cards > 2+n {
		t.Errorf("Raúl has %d cards of one request, and %d attempts are in doubt", cards, n)
	}
}

// ready is what the first replica answers whoever asks whether it takes traffic.
func (r *rivals) ready() int {
	w := httptest.NewRecorder()
	r.twins.Inner().ServeReady(w, httptest.NewRequestWithContext(r.t.Context(), http.MethodGet, "/readyz", nil))
	return w.Code
}

func pollerKilled(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	w, s := newPair(t, server.DSN("sidem"))
	w.Config.TelegramMode = office.TelegramPolls
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	r := &rivals{t: t, w: w}
	raúl := w.Telegram.Person(w.People["raúl"].TelegramID, "", "")
	// The first began to poll before the second was there.
	raúl.Say("hola")
	r.told("raúl", "telegram", "Vincule su cuenta")
	s.both[0].retire()
	raúl.Say("/start " + strings.TrimPrefix(w.Issued[w.People["raúl"].Account.User].Link, "https://t.me/sidem_bot?start="))
	r.told("raúl", "telegram", "Cuenta vinculada")
	raúl.Say("/pendientes")
	r.told("raúl", "telegram", "No tiene pendientes")
	if n := w.Telegram.Pending(); n > 1 { // the last is confirmed with the next poll
		t.Errorf("%d updates are not confirmed", n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	explained(t, w)
}
