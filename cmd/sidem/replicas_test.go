package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem/bot/bottest"
	"sidem/cmd/sidem/app"
	"sidem/cmd/sidem/demo/world"
	"sidem/cmd/sidem/office"
	"sidem/storage/redis/redistest"
)

// front is the load balancer: each input goes to the next of its replicas.
type front struct {
	*httptest.Server
	meanwhile func() // runs beside each input; nil is nothing

	mu       sync.Mutex
	replicas []string // their addresses
	twice    bool     // each input goes to all of them, at once
	turn     int
	took     [2]int // inputs that each answered
	passed   int    // those that were not answered by whose turn it was: it ended, or who asked had gone
}

func newFront() *front {
	f := &front{}
	f.Server = httptest.NewServer(f)
	return f
}

// to sets who is behind it.
func (f *front) to(replicas ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas = replicas
}

// next are the replicas, and whose turn it is.
func (f *front) next() ([]string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn++
	return f.replicas, f.turn
}

func (f *front) note(replica, tries int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took[replica]++
	f.passed += tries
}

// ServeHTTP asks one replica, and another only if nobody listens there: what was
// sent once may have been done.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if f.meanwhile != nil {
		go f.meanwhile()
	}
	replicas, turn := f.next()
	if f.twice {
		f.both(w, r, replicas, body)
		return
	}
	for i := range replicas {
		n := (turn + i) % len(replicas)
		res, err := f.ask(r, replicas[n], body)
		if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
			continue
		}
		if err != nil {
			break
		}
		f.note(n, i)
		maps.Copy(w.Header(), res.Header)
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body) // whoever asked has gone
		_ = res.Body.Close()
		return
	}
	f.mu.Lock()
	f.passed++
	f.mu.Unlock()
	w.WriteHeader(http.StatusBadGateway)
}

// both gives the same input to all replicas at once, and answers what the last
// to answer said, or the worst of it.
func (f *front) both(w http.ResponseWriter, r *http.Request, replicas []string, body []byte) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	status, said := 0, []byte(nil)
	for i, replica := range replicas {
		wg.Go(func() {
			code, text := http.StatusBadGateway, []byte(nil)
			if res, err := f.ask(r, replica, body); err == nil {
				code = res.StatusCode
				text, _ = io.ReadAll(res.Body) // cut short, nobody can read it
				_ = res.Body.Close()
				f.note(i, 0)
			}
			mu.Lock()
			defer mu.Unlock()
			if code >= status {
				status, said = code, text
			}
		})
	}
	wg.Wait()
	w.WriteHeader(status)
	_, _ = w.Write(said) // whoever asked has gone
}

func (f *front) ask(r *http.Request, replica string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+replica+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	return f.Client().Do(req)
}

// twins are two SIDEMs of this process on one store, behind a front.
type twins struct {
	w     *world.World
	front *front
	both  [2]*world.Inside
}

// newTwins makes a world with two replicas on the store at dsn.
func newTwins(dir, dsn string) (*world.World, *twins, error) {
	var s *twins
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &twins{w: w, front: newFront(), both: [2]*world.Inside{{World: w}, {World: w}}}
		return s
	})
	if err != nil {
		return nil, nil, err
	}
	s.front.deliver(&w.Config)
	w.Config.Store = office.Secret(dsn)
	return w, s, nil
}

// deliver has both platforms call the front.
func (f *front) deliver(cfg *office.Config) {
	cfg.TelegramMode, cfg.TelegramSecret, cfg.PublicURL = office.TelegramWebhook, "a-secret-of-the-webhook", f.URL
	cfg.SlackMode, cfg.SlackAppToken = office.SlackHTTP, ""
}

func (s *twins) Inner() *app.App { return s.both[0].App }

func (s *twins) Start(ctx context.Context) error {
	var addresses []string
	for _, one := range s.both {
		if err := one.Begin(ctx); err != nil {
			return err
		}
		if err := one.Until(ctx, func() bool { return one.Address() != "" && one.App.Ready() }); err != nil {
			return err
		}
		addresses = append(addresses, one.Address())
	}
	s.front.to(addresses...)
	return fronted(ctx, s.w, s.front)
}

// fronted waits until each replica behind a front takes what the platforms bring,
// and has them bring it to the front.
func fronted(ctx context.Context, w *world.World, f *front) error {
	for _, address := range append(slices.Clone(f.replicas), strings.TrimPrefix(f.URL, "http://")) {
		for !w.SlackReaches(ctx, address) || !w.Telegram.Receiving() {
			select {
			case <-time.After(2 * time.Millisecond):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

func (s *twins) Stop() error { return errors.Join(s.both[0].Stop(), s.both[1].Stop()) }

func (s *twins) Idle(ctx context.Context) (bool, error) { return s.both[0].Idle(ctx) }

// anyTag lets SIDEM's user at every tag that begins with sidem, so that many worlds share a server.
func anyTag(acl string) string { return strings.ReplaceAll(acl, "{sidem}", "{sidem*}") }

// crowded runs each test by its name, as many at once as told: most of a story is waiting.
func crowded(t *testing.T, at int, names []string, run func(t *testing.T, name string)) {
	t.Helper()
	todo := make(chan string)
	var wg sync.WaitGroup
	for range at {
		wg.Go(func() {
			for name := range todo {
				t.Run(name, func(t *testing.T) { run(t, name) })
			}
		})
	}
	for _, name := range names {
		todo <- name
	}
	close(todo)
	wg.Wait()
}

func TestOnRedisWithTwoReplicasThatTakeTurnsEveryScenarioComesTrue(t *testing.T) {
	server := redistest.Start(t, redistest.Options{ACL: anyTag})
	crowded(t, 8, bottest.Names(), func(t *testing.T, name string) {
		lines := scenario(t, name)
		w, s, err := newTwins(t.TempDir(), server.DSN("sidem-"+name))
		if err != nil {
			t.Fatal(err)
		}
		defer s.front.Close()
		r := bottest.Runner{World: w, Patience: world.Patience}
		if err := r.Play(t.Context(), lines); err != nil {
			t.Error(err)
		}
		settled(t, w, s.Inner())
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		s.front.fair(t)
	})
}

// fair checks that both replicas had their turns.
func (f *front) fair(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if apart := f.took[0] - f.took[1]; min(f.took[0], f.took[1]) == 0 || max(apart, -apart) > 1+2*f.passed {
		t.Errorf("the replicas answered %v inputs, %d out of turn", f.took, f.passed)
	}
}
