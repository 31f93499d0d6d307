//go:build e2e

package simulate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/cmd/sidem/app"
	"sidem.gob.mx/sidem/cmd/sidem/demo/world"
	"sidem.gob.mx/sidem/cmd/sidem/office"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/notifier/maintenance"
)

var errVanished = errors.New("this SIDEM has vanished")

// mortal runs SIDEM in this process. It may vanish at any moment: what it does from
// then on has no effect, and the next begins on a copy of its store, as a crash
// would leave it.
type mortal struct {
	world *world.World
	dial  wire.Dial
	wrap  func(app.Store) app.Store // below what vanishes
	risks *risks
	hooks bool // platforms deliver to it over HTTP

	life   *life
	lives  int
	graves sync.WaitGroup
}

// life is one SIDEM.
type life struct {
	*world.Inside
	dir   string
	dead  atomic.Bool
	gone  context.CancelFunc // ends the wait for it to be up
	gate  sync.RWMutex       // held for reading by what changes the store
	store app.Store          // nil until it is open

	mu    sync.Mutex
	conns []net.Conn
}

// Inner is the SIDEM that runs.
func (m *mortal) Inner() *app.App { return m.life.App }

// Start begins a life. One that vanishes before it is up is followed by another.
func (m *mortal) Start(ctx context.Context) error {
	for {
		l := &life{dir: filepath.Dir(m.path())}
		l.Inside = &world.Inside{World: m.world, Dial: l.dial(m.dial), Wrap: func(s app.Store) app.Store {
			l.store = s
			return &vanishing{m.wrap(s), l, m.risks}
		}}
		up, gone := context.WithCancel(ctx)
		l.gone = gone
		m.life = l
		m.lives++
		if m.hooks {
			m.world.Config.HTTPAddr = fmt.Sprint("127.0.0.1:", 8000+m.lives) // who vanished may still have the one before
			m.world.Config.PublicURL = "http://" + m.world.Config.HTTPAddr
		}
		err := l.Start(up)
		gone()
		if err == nil || !l.dead.Load() {
			return err
		}
		if err := m.bury(); err != nil {
			return err
		}
	}
}

func (m *mortal) path() string { return m.world.Config.Store.Reveal()[len("sqlite:"):] }

// vanish ends SIDEM in the middle of what it does.
func (l *life) vanish() {
	l.dead.Store(true)
	l.gone()
}

// bury takes what a life has left on its disk for the next.
func (m *mortal) bury() error {
	l := m.life
	l.gate.Lock() // what has begun has its effect
	defer l.gate.Unlock()
	if l.store != nil { // also that of which nobody waits for the end: changes come one by one, and this is the last
		_ = l.store.Delete(context.Background(), "nothing") // of one that is closed there is no more to come
	}
	l.mu.Lock()
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.mu.Unlock()
	dir := filepath.Join(m.world.Dir, fmt.Sprint("life", m.lives))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range []string{"sidem.db", "sidem.db-wal"} {
		body, err := os.ReadFile(filepath.Join(l.dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, os.WriteFile(filepath.Join(dir, name), body, 0o600)); err != nil {
			return err
		}
	}
	m.world.Config.Store = office.Secret("sqlite:" + filepath.Join(dir, "sidem.db"))
	m.graves.Go(func() { _ = l.Stop() }) // of what it says at its end nothing matters
	return nil
}

// Stop ends SIDEM in peace, and waits for those that vanished.
func (m *mortal) Stop() error {
	if m.life == nil {
		return nil
	}
	err := m.life.Stop()
	if m.life.dead.Load() {
		err = nil
	}
	m.graves.Wait()
	return err
}

// Idle also waits for what was pressed to be worked.
func (m *mortal) Idle(ctx context.Context) (bool, error) {
	if m.life.dead.Load() {
		return false, nil
	}
	idle, err := m.life.Idle(ctx)
	if m.life.dead.Load() {
		return false, nil
	}
	return idle, err
}

// dial opens connections that end with the life.
func (l *life) dial(dial wire.Dial) wire.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if l.dead.Load() {
			return nil, errVanished
		}
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		l.conns = append(l.conns, c)
		l.mu.Unlock()
		return &line{c, l}, nil
	}
}

// line is a connection of a life.
type line struct {
	net.Conn
	of *life
}

func (c *line) Write(p []byte) (int, error) {
	if c.of.dead.Load() {
		return 0, errVanished
	}
	return c.Conn.Write(p)
}

// vanishing is the store of a life.
type vanishing struct {
	app.Store
	of    *life
	risks *risks
}

// change carries out one that changes the store, unless SIDEM vanishes before it or after.
func change[T any](v *vanishing, name string, do func() (T, error)) (out T, err error) {
	risk := v.risks.strike(atStore)
	switch risk { //nolint:exhaustive // the others are of calls
	case slowly:
		time.Sleep(slowStore)
	case diesBefore:
		v.of.vanish()
	case refuses:
		if name == "commit" {
			return out, errors.New("the disk has a moment")
		}
	}
	v.of.gate.RLock()
	defer v.of.gate.RUnlock()
	if v.of.dead.Load() {
		return out, errVanished
	}
	out, err = do()
	if risk == diesAfter {
		v.of.vanish()
	}
	if v.of.dead.Load() {
		var none T
		return none, errVanished
	}
	return out, err
}

type none struct{}

func (v *vanishing) Commit(ctx context.Context, c desk.Commit) error {
	_, err := change(v, "commit", func() (none, error) { return none{}, v.Store.Commit(ctx, c) })
	return err
}

func (v *vanishing) Reserve(ctx context.Context, series, record string) (int, error) {
	return change(v, "reserve", func() (int, error) { return v.Store.Reserve(ctx, series, record) })
}

func (v *vanishing) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	return change(v, "put", func() (int, error) { return v.Store.Put(ctx, key, value, rev, now, expires) })
}

func (v *vanishing) Delete(ctx context.Context, key string) error {
	_, err := change(v, "delete", func() (none, error) { return none{}, v.Store.Delete(ctx, key) })
	return err
}

func (v *vanishing) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	return change(v, "enter", func() (desk.Entered, error) { return v.Store.Enter(ctx, e, now) })
}

func (v *vanishing) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	_, err := change(v, "leave", func() (none, error) { return none{}, v.Store.Leave(ctx, key, mark, value, now, expires) })
	return err
}

func (v *vanishing) Add(ctx context.Context, now time.Time, items ...outbox.Item) (int, error) {
	return change(v, "add", func() (int, error) { return v.Store.Add(ctx, now, items...) })
}

func (v *vanishing) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	return change(v, "claim", func() ([]outbox.Item, error) { return v.Store.Claim(ctx, now, n, lease) })
}

func (v *vanishing) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	return change(v, "settle", func() (int, error) { return v.Store.Settle(ctx, now, results) })
}

func (v *vanishing) Replay(ctx context.Context, now time.Time, ids ...string) (int, error) {
	return change(v, "replay", func() (int, error) { return v.Store.Replay(ctx, now, ids...) })
}

func (v *vanishing) Purge(ctx context.Context, ids ...string) (int, error) {
	return change(v, "purge", func() (int, error) { return v.Store.Purge(ctx, ids...) })
}

func (v *vanishing) Forget(ctx context.Context, presses ...maintenance.Press) (int, error) {
	return change(v, "forget", func() (int, error) { return v.Store.Forget(ctx, presses...) })
}
