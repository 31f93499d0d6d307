//go:build e2e

package replicas

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/e2e/e2etest"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis/redistest"
)

// delivery is what came of one request of a platform's.
type delivery struct {
	path   string
	status int
	took   time.Duration
}

// ledger stands between the platforms and the proxy, and notes what each delivery came to.
type ledger struct {
	*httptest.Server
	mu   sync.Mutex
	list []delivery
}

// newLedger is one before a proxy; it ends with the test.
func newLedger(t *testing.T, proxy string) *ledger {
	t.Helper()
	to, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger{}
	on := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, said := testbed.Start(), &status{ResponseWriter: w, code: http.StatusOK}
		on.ServeHTTP(said, r)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.list = append(l.list, delivery{r.URL.Path, said.code, began.Elapsed()})
	}))
	t.Cleanup(l.Close)
	return l
}

// taken are the deliveries since it was last asked.
func (l *ledger) taken() []delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.list
	l.list = nil
	return out
}

type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// presser presses for Raúl, by turns on Telegram and on Slack.
type presser struct {
	telegram *telegramtest.Person
	slack    *slacktest.Person
	requests []core.Record
	tokens   []string // that release them
	wg       sync.WaitGroup
	mu       sync.Mutex
	faults   []error
}

// newPresser links Raúl on both, and files requests.
func newPresser(t *testing.T, w *world.World, requests int) *presser {
	t.Helper()
	raúl := w.People["raúl"]
	p := &presser{telegram: w.Telegram.Person(raúl.TelegramID, "", ""), slack: w.SlackPerson(raúl)}
	p.telegram.Start("")
	if err := w.Visit(t.Context(), func(a *app.App) error {
		account, err := a.Store.Find(t.Context(), core.UniqueUser(raúl.Account.User))
		if err != nil {
			return err
		}
		for platform, chat := range map[string]string{"telegram": fmt.Sprint(raúl.TelegramID), "slack": raúl.SlackID} {
			c := core.Command{Verb: core.VerbLink, Where: "cli", Fields: map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: chat}}
			if out, err := a.Desk.Do(t.Context(), core.SystemActor, account.ID, c); err != nil || out.Refusal != nil {
				return errors.Join(err, out.Refusal)
			}
		}
		for range requests {
			r, err := w.File(t.Context(), a)
			if err != nil {
				return err
			}
			p.requests = append(p.requests, r)
			p.tokens = append(p.tokens, a.Seal.Seal(account.ID, card.Token{Word: string(core.VerbRelease), Record: r.ID, Version: r.Version}))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return p
}

// press presses the n-th time, one request after the other.
func (p *presser) press(n int) {
	token := p.tokens[n/2%len(p.tokens)]
	if n%2 == 0 {
		p.telegram.PressData(1, token)
		return
	}
	p.wg.Go(func() {
		if err := p.slack.PressValue("1.000001", "tap-1", token); err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.faults = append(p.faults, err)
		}
	})
}

// TestARollingRestartLosesAndDelaysNoPress restarts two replicas behind the proxy that is
// shipped, one after the other, while fifty presses come each second. It has the machine for
// itself: what else is tried here takes seconds of both processors at once.
func TestARollingRestartLosesAndDelaysNoPress(t *testing.T) {
	const pause, waits = time.Second / 50, 3 * time.Second // Slack waits so long; Telegram is more patient
	testbed.Need(t, testbed.Caddy)
	server := redistest.Start(t, redistest.Options{})
	w, s := e2etest.NewPair(t, server.DSN("sidem"))
	front := newLedger(t, startCaddy(t, s.Both[0].HTTP, s.Both[1].HTTP))
	s.Front.URL = front.URL
	s.Front.Deliver(&w.Config)
	if err := w.Begin(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	p := newPresser(t, w, 25)
	e2etest.Rest(t, w)
	front.taken()

	rolled := make(chan error, 1)
	go func() {
		for _, one := range s.Both {
			if err := one.Renew(t.Context()); err != nil {
				rolled <- err
				return
			}
		}
		rolled <- nil
	}()
	pressed, after := 0, 50 // presses for a second after the last is ready
	for tick := time.NewTicker(pause); after > 0; pressed++ {
		<-tick.C
		p.press(pressed)
		select {
		case err := <-rolled:
			if err != nil {
				t.Fatal(err)
			}
			rolled = nil
		default:
		}
		if rolled == nil {
			after--
		}
	}
	p.wg.Wait()
	e2etest.Await(t, "the last answer", func() bool { return p.telegram.Waiting() == 0 })
	e2etest.Rest(t, w)

	took := []time.Duration{}
	for _, d := range front.taken() {
		if took = append(took, d.took); d.status != http.StatusOK || d.took > waits {
			t.Errorf("%s was answered %d after %v", d.path, d.status, d.took)
		}
	}
	slices.Sort(took)
	t.Logf("%d presses, %d deliveries: half of them in %v, the slowest in %v", pressed, len(took), took[len(took)/2], took[len(took)-1])
	if slow := p.slack.Failures(); len(p.faults)+len(slow) > 0 {
		t.Errorf("on Slack: %v, %q", p.faults, slow)
	}
	kept := 0
	if err := w.Visit(t.Context(), func(a *app.App) error {
		for _, r := range p.requests {
			trail, err := a.Store.Trail(t.Context(), r.ID, r.Seq, 1000)
			if err != nil {
				return err
			}
			once := map[string]bool{}
			for _, e := range trail {
				once[e.Once] = true
			}
			if kept += len(trail); len(once) != len(trail) {
				t.Errorf("%s: a press is in the trail twice", r.Number)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if kept != pressed {
		t.Errorf("%d presses, of which the trail has %d", pressed, kept)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
