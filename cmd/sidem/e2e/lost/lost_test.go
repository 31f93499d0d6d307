//go:build e2e

package lost

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/bottest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis/redistest"
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
	e2etest.Crowded(t, len(names), names, func(t *testing.T, name string) { breaks[name](t) })
}

// tell plays a story strictly: nobody may notice that anything went wrong.
func tell(t *testing.T, w *world.World, name string) {
	t.Helper()
	lines := e2etest.Scenario(t, name)
	r := bottest.Runner{World: w, Patience: world.Patience}
	if err := r.Play(t.Context(), lines); err != nil {
		t.Error(err)
	}
}

// broken is a world of two replicas that wait for nobody's turn.
func broken(t *testing.T, dsn string) (*world.World, *e2etest.Twins) {
	t.Helper()
	w, s, err := e2etest.NewTwins(t.TempDir(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	s.Both[0].Hasty, s.Both[1].Hasty = true, true
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		s.Front.Close()
	})
	return w, s
}

func TestWhileAnswersOfRedisAreLostEveryStoryIsAsEver(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	var lost, told atomic.Int64
	e2etest.Crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		server := redistest.Start(t, redistest.Options{Fsync: "always"})
		p := redistest.NewProxy(t, server, 2026)
		w, s := broken(t, server.Via(p.Addr(), "sidem"))
		p.Lose(0.05)
		tell(t, w, name)
		p.Lose(0)
		lost.Add(int64(p.Lost()))
		told.Add(1)
		e2etest.Settled(t, w, s.Inner())
	})
	if all := len(bottest.Names()); int(told.Load()) == all && lost.Load() < 1000 {
		t.Errorf("only %d answers were lost: nothing was tested", lost.Load())
	}
	t.Logf("%d answers were lost", lost.Load())
}

func TestWhileRedisIsKilledAgainAndAgainEveryStoryIsAsEver(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	var kills, told atomic.Int64
	e2etest.Crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		server := redistest.Start(t, redistest.Options{Fsync: "always"})
		w, s := broken(t, server.DSN("sidem"))
		var mu sync.Mutex
		chance, inputs := rand.New(rand.NewPCG(147, 2026)), 0
		s.Front.Meanwhile = func() { // a kill that follows an input closely hits what it sets off
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
		told.Add(1)
		mu.Lock() // it may be down for its last time
		defer mu.Unlock()
		e2etest.Settled(t, w, s.Inner())
	})
	if all := len(bottest.Names()); int(told.Load()) == all && kills.Load() < 100 {
		t.Errorf("Redis was killed %d times only", kills.Load())
	}
	t.Logf("%d kills", kills.Load())
}

func replicaKilled(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	w, s := e2etest.NewPair(t, server.DSN("sidem"))
	chance := rand.New(rand.NewPCG(148, 2026))
	var mu sync.Mutex
	inputs := 0
	s.Front.Meanwhile = func() {
		mu.Lock()
		defer mu.Unlock()
		if inputs++; inputs%8 != 0 {
			return
		}
		time.Sleep(time.Duration(chance.Int64N(int64(8 * time.Millisecond))))
		s.Both[chance.IntN(2)].Kill()
	}
	lines := e2etest.Scenario(t, "ocho_pasos")
	r := bottest.Runner{World: w, Patience: 2 * world.Patience, Dying: true, Doubtful: func(_ context.Context, surprises, stale []string) error {
		return e2etest.Doubtful(t, w, s.Deaths(), surprises, stale)
	}}
	playErr := r.Play(t.Context(), lines)
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if s.Deaths() < 5 {
		t.Errorf("%d deaths only", s.Deaths())
	}
	if playErr != nil {
		t.Errorf("after %d deaths: %v", s.Deaths(), playErr)
	}
	t.Logf("%d deaths", s.Deaths())
	e2etest.Explained(t, w)
}

// waiting is a world with a request that Raúl can release, on Telegram, and his
// deputy Elena on Slack.
func waiting(t *testing.T, dsn string) (*e2etest.Rivals, core.Record) {
	t.Helper()
	w, s := broken(t, dsn)
	r := e2etest.NewRivals(t, w, s)
	return r, r.Begin()
}

// saved answers a release.
const saved = "La solicitud quedó liberada."

func cutOutlasted(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	p := redistest.NewProxy(t, server, 3)
	r, request := waiting(t, server.Via(p.Addr(), "sidem"))
	second := r.Filed()
	e2etest.Rest(t, r.World)
	p.Cut()
	time.AfterFunc(10*time.Second, p.Mend)
	cut := testbed.Start()
	r.Press("raúl", request)
	r.Press("elena", second)
	r.Told("raúl", "telegram", saved)
	r.Told("elena", "slack", saved)
	if took := cut.Elapsed(); took < 10*time.Second {
		t.Errorf("they were answered after %v: the cut cut nothing", took)
	}
	e2etest.Rest(t, r.World)
	e2etest.Settled(t, r.World, r.Twins.Inner())
}

func cutThatLasts(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	p := redistest.NewProxy(t, server, 4)
	r, request := waiting(t, server.Via(p.Addr(), "sidem"))
	p.Cut()
	r.Press("raúl", request)
	r.Press("elena", request)
	r.Told("elena", "slack", "No pude completar la acción y no se cambió nada.")
	p.Mend()
	r.Told("raúl", "telegram", saved) // Telegram brought it when somebody could keep it
	r.Press("raúl", request)
	r.Told("raúl", "telegram", "Ya constaba: usted liberó la solicitud")
	r.Press("elena", request)
	r.Told("elena", "slack", "la liberó")
	e2etest.Rest(t, r.World)
	e2etest.Settled(t, r.World, r.Twins.Inner())
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
	for _, one := range s.Both {
		one.Wrap = func(s app.Store) app.Store { return deaf{s, lose} }
	}
	r := e2etest.NewRivals(t, w, s)
	request := r.Begin()
	r.Press("raúl", request)
	r.Told("raúl", "telegram", "No pude confirmar si la acción quedó registrada.")
	p.Lose(0)
	r.Press("raúl", request)
	r.Told("raúl", "telegram", "Ya constaba: usted liberó la solicitud")
	e2etest.Rest(t, w)
	trail, err := s.Inner().Store.Trail(t.Context(), request.ID, request.Seq, 0)
	if err != nil || len(trail) != 2 || trail[0].Refusal != nil || trail[1].Refusal == nil {
		t.Errorf("the trail says %+v, %v", trail, err)
	}
	e2etest.Settled(t, w, s.Inner())
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
	r.World.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "sendMessage" {
			once.Do(func() { fill("1mb"); close(full) })
		}
		return nil
	})
	second := r.Filed()
	<-full
	if got := r.Ready(); got != http.StatusServiceUnavailable {
		t.Errorf("ready while nothing can be written: %d", got)
	}
	r.Press("raúl", request)
	r.Press("elena", request)
	r.Told("elena", "slack", "No pude completar la acción y no se cambió nada.")
	if now, err := r.Twins.Inner().Store.Record(t.Context(), request.ID); err != nil || now.Seq != request.Seq {
		t.Errorf("it stands at %d, stood at %d, %v", now.Seq, request.Seq, err)
	}
	fill("0")
	if got := r.Ready(); got != http.StatusOK {
		t.Errorf("not ready though there is room: %d", got)
	}
	r.Told("raúl", "telegram", saved)
	r.Press("elena", second)
	r.Told("elena", "slack", saved)
	e2etest.Rest(t, r.World)
	e2etest.Invariants(t, r.World, r.Twins.Inner())
	// The card that was on its way may have a copy that nobody knows of.
	stale, err := r.World.Stale(t.Context())
	if err := errors.Join(err, e2etest.Doubtful(t, r.World, 0, nil, stale)); err != nil {
		t.Error(err)
	}
	cards := 0 // to release, and of the letter; one whose place could not be written comes once more
	for _, m := range r.World.Telegram.Person(r.World.People["raúl"].TelegramID, "", "").Screen() {
		if m.FromBot && strings.Contains(m.Text, "Solicitud número "+second.Number) {
			cards++
		}
	}
	if n := e2etest.UnknownAttempts(t, r.Twins.Inner()); cards < 2 || cards > 2+n {
		t.Errorf("Raúl has %d cards of one request, and %d attempts are in doubt", cards, n)
	}
}

func pollerKilled(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	w, s := e2etest.NewPair(t, server.DSN("sidem"))
	w.Config.TelegramMode = office.TelegramPolls
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	r := e2etest.NewRivals(t, w, nil)
	raúl := w.Telegram.Person(w.People["raúl"].TelegramID, "", "")
	// The first began to poll before the second was there.
	raúl.Say("hola")
	r.Told("raúl", "telegram", "Este chat todavía no está vinculado a una cuenta de SIDEM")
	s.Both[0].Retire()
	raúl.Say("/start " + w.Issued[w.People["raúl"].Account.User].Code)
	r.Told("raúl", "telegram", "Cuenta vinculada")
	raúl.Say("/pendientes")
	r.Told("raúl", "telegram", "No tiene pendientes")
	if n := w.Telegram.Pending(); n > 1 { // the last is confirmed with the next poll
		t.Errorf("%d updates are not confirmed", n)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	e2etest.Explained(t, w)
}

func TestMain(m *testing.M) { e2etest.Main(m, nil) }
