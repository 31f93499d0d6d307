package e2etest

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

	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
)

// Front is the load balancer: each input goes to the next of its replicas.
type Front struct {
	*httptest.Server
	Meanwhile func() // runs beside each input; nil is nothing

	mu       sync.Mutex
	replicas []string // their addresses
	Twice    bool     // each input goes to all of them, at once
	turn     int
	took     [2]int // inputs that each answered
	passed   int    // those that were not answered by whose turn it was: it ended, or who asked had gone
}

// NewFront is a front with nobody behind it; whoever makes it closes it.
func NewFront() *Front {
	f := &Front{}
	f.Server = httptest.NewServer(f)
	return f
}

// To sets who is behind it.
func (f *Front) To(replicas ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas = replicas
}

// next are the replicas, and whose turn it is.
func (f *Front) next() ([]string, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn++
	return f.replicas, f.turn
}

func (f *Front) note(replica, tries int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took[replica]++
	f.passed += tries
}

// ServeHTTP asks one replica, and another only if nobody listens there: what was
// sent once may have been done.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if f.Meanwhile != nil {
		go f.Meanwhile()
	}
	replicas, turn := f.next()
	if f.Twice {
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
func (f *Front) both(w http.ResponseWriter, r *http.Request, replicas []string, body []byte) {
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

func (f *Front) ask(r *http.Request, replica string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+replica+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	return f.Client().Do(req)
}

// Twins are two SIDEMs of this process on one store, behind a front.
type Twins struct {
	World *world.World
	Front *Front
	Both  [2]*world.Inside
}

// NewTwins makes a world with two replicas on the store at dsn.
func NewTwins(dir, dsn string) (*world.World, *Twins, error) {
	var s *Twins
	w, err := world.New(dir, func(w *world.World) world.Service {
		s = &Twins{World: w, Front: NewFront(), Both: [2]*world.Inside{{World: w}, {World: w}}}
		return s
	})
	if err != nil {
		return nil, nil, err
	}
	s.Front.Deliver(&w.Config)
	w.Config.Store = office.Secret(dsn)
	return w, s, nil
}

// Deliver has both platforms call the front.
func (f *Front) Deliver(cfg *office.Config) {
	cfg.TelegramMode, cfg.TelegramSecret, cfg.PublicURL = office.TelegramWebhook, "a-secret-of-the-webhook", f.URL
	cfg.SlackMode, cfg.SlackAppToken = office.SlackHTTP, ""
}

// Inner is the first of them.
func (s *Twins) Inner() *app.App { return s.Both[0].App }

// Start runs both, and returns when the platforms deliver to the front.
func (s *Twins) Start(ctx context.Context) error {
	var addresses []string
	for _, one := range s.Both {
		if err := one.Begin(ctx); err != nil {
			return err
		}
		if err := one.Until(ctx, func() bool { return one.Address() != "" && one.App.Ready() }); err != nil {
			return err
		}
		addresses = append(addresses, one.Address())
	}
	s.Front.To(addresses...)
	return Fronted(ctx, s.World, s.Front)
}

// Fronted waits until each replica behind a front takes what the platforms bring,
// and has them bring it to the front.
func Fronted(ctx context.Context, w *world.World, f *Front) error {
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

// Stop ends both.
func (s *Twins) Stop() error { return errors.Join(s.Both[0].Stop(), s.Both[1].Stop()) }

// Idle asks the first: they owe the same.
func (s *Twins) Idle(ctx context.Context) (bool, error) { return s.Both[0].Idle(ctx) }

// AnyTag lets SIDEM's user at every tag that begins with sidem, so that many worlds share a server.
func AnyTag(acl string) string { return strings.ReplaceAll(acl, "{sidem}", "{sidem*}") }

// Fair checks that both replicas had their turns.
func (f *Front) Fair(t *testing.T) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if apart := f.took[0] - f.took[1]; min(f.took[0], f.took[1]) == 0 || max(apart, -apart) > 1+2*f.passed {
		t.Errorf("the replicas answered %v inputs, %d out of turn", f.took, f.passed)
	}
}
