package notifier_test

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// memory is an Outbox in memory, made of the pure rules of core/outbox.
type memory struct {
	mu    sync.Mutex
	items map[string]outbox.Item
	live  map[string]time.Time // the dues of live items
	queue dues                 // the same in order, with what is out of date
	keys  map[string]string    // the latest id of each key
	next  int
	wake  chan struct{}
	clock *clock

	// Scripted trouble.
	failClaims, failSettles int
	dropReplies             int // settle, then say that it failed
	slowClaim, slowSettle   time.Duration
	// What was seen.
	claims  []int // the n of each claim
	settles []int // results of each settle
}

func (m *memory) Add(_ context.Context, _ time.Time, items ...outbox.Item) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.put(items), nil
}

func (m *memory) put(items []outbox.Item) int {
	n := 0
	for _, it := range items {
		if m.merged(it, &n) {
			continue
		}
		m.next++
		it.ID, it.State, it.Version = fmt.Sprintf("i%04d", m.next), outbox.Live, max(1, it.Version)
		m.set(it)
		n++
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return n
}

// set keeps an item, and what is asked for often.
func (m *memory) set(it outbox.Item) {
	if m.live == nil {
		m.live, m.keys = map[string]time.Time{}, map[string]string{}
	}
	m.items[it.ID], m.keys[it.Key] = it, it.ID
	delete(m.live, it.ID)
	if it.State == outbox.Live {
		m.live[it.ID] = it.Due
		heap.Push(&m.queue, dueAt{it.Due, it.ID})
	}
}

// soonest is the live item that is due first.
func (m *memory) soonest() (dueAt, bool) {
	for len(m.queue) > 0 {
		if at, ok := m.live[m.queue[0].id]; ok && at.Equal(m.queue[0].at) {
			return m.queue[0], true
		}
		heap.Pop(&m.queue) // it is due at another time by now, or not at all
	}
	return dueAt{}, false
}

type dueAt struct {
	at time.Time
	id string
}

// dues is a heap.
type dues []dueAt

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(dueAt)) }
func (d *dues) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

func (m *memory) merged(it outbox.Item, n *int) bool {
	old, ok := m.items[m.keys[it.Key]]
	if !ok || old.State != outbox.Live && it.Merge != outbox.Once {
		return false
	}
	if kept, changed := outbox.Join(old, it); changed {
		m.set(kept)
		*n++
	}
	return true
}

func (m *memory) Claim(_ context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	if m.slowClaim > 0 {
		time.Sleep(m.slowClaim) // in a synctest bubble
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.claims = append(m.claims, n)
	if m.failClaims > 0 {
		m.failClaims--
		return nil, errors.New("store: no answer")
	}
	var due []outbox.Item
	for first, ok := m.soonest(); ok && !first.at.After(now); first, ok = m.soonest() {
		heap.Pop(&m.queue)
		due = append(due, m.items[first.id])
		delete(m.live, first.id)
	}
	slices.SortFunc(due, func(a, b outbox.Item) int {
		return cmp.Or(cmp.Compare(a.Lane, b.Lane), a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID))
	})
	for _, it := range due[min(n, len(due)):] {
		m.set(it)
	}
	due = due[:min(n, len(due))]
	for i, it := range due {
		due[i] = outbox.Claimed(it, now, lease)
		m.set(due[i])
	}
	return due, nil
}

func (m *memory) Settle(_ context.Context, now time.Time, results []outbox.Result) (int, error) {
	if m.slowSettle > 0 {
		time.Sleep(m.slowSettle)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.settles = append(m.settles, len(results))
	if m.failSettles > 0 {
		m.failSettles--
		return 0, errors.New("store: no answer")
	}
	n := 0
	for _, r := range results {
		it, ok := outbox.Settled(m.items[r.ID], r, now)
		if !ok {
			continue
		}
		m.set(it)
		n++
		if len(r.Then) > 0 || it.State == outbox.Live && !it.Due.After(now) {
			m.put(r.Then)
		}
	}
	if m.dropReplies > 0 {
		m.dropReplies--
		return 0, errors.New("store: the answer was lost")
	}
	return n, nil
}

func (m *memory) NextDue(context.Context) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.soonest()
	return first.at, ok, nil
}

func (m *memory) Replay(_ context.Context, now time.Time, ids ...string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for id, it := range m.items {
		if len(ids) > 0 && !slices.Contains(ids, id) {
			continue
		}
		if it, ok := outbox.Replayed(it, now); ok {
			m.set(it)
			n++
		}
	}
	m.put(nil)
	return n, nil
}

func (m *memory) Items(_ context.Context, state outbox.State, after string, limit int) ([]outbox.Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []outbox.Item
	for _, it := range m.items {
		if it.ID > after && (state == "" || it.State == state) {
			out = append(out, it)
		}
	}
	slices.SortFunc(out, func(a, b outbox.Item) int { return cmp.Compare(a.ID, b.ID) })
	return out[:min(limit, len(out))], nil
}

func (m *memory) Stats(_ context.Context, now time.Time) (outbox.Stats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var s outbox.Stats
	for _, it := range m.items {
		s.Created++
		switch it.State {
		case outbox.Sent:
			s.Sent++
		case outbox.Moot:
			s.Moot++
		case outbox.Dead:
			s.Dead++
		case outbox.Live:
			s.Live++
			if it.Leased {
				s.Leased++
			} else if !it.Due.After(now) {
				s.Due++
			}
		}
	}
	return s, nil
}

func (m *memory) Wake() <-chan struct{} { return m.wake }

// item is the one with the key.
func (m *memory) item(t *testing.T, key string) outbox.Item {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, it := range m.items {
		if it.Key == key {
			return it
		}
	}
	t.Fatalf("no item %q", key)
	return outbox.Item{}
}

// clock is a business clock: the bubble's time and what it was moved by.
type clock struct {
	mu      sync.Mutex
	offset  time.Duration
	changed chan struct{}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return testbed.Now().Add(c.offset)
}

func (c *clock) jump(d time.Duration) {
	c.mu.Lock()
	c.offset += d
	c.mu.Unlock()
	c.changed <- struct{}{}
}

// sender is a channel of one function.
type sender func(ctx context.Context, it outbox.Item) (string, error)

func (s sender) Send(ctx context.Context, it outbox.Item) (string, error) { return s(ctx, it) }

// script answers the n-th call with the n-th error, and from there on with the last.
type script struct {
	mu    sync.Mutex
	errs  []error
	calls []time.Time
}

func (s *script) Send(context.Context, outbox.Item) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, testbed.Now())
	err := s.errs[min(len(s.calls), len(s.errs))-1]
	return "r1", err
}

func (s *script) times() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// bench is a running hub in a bubble.
type bench struct {
	*memory
	hub   *notifier.Hub
	clock *clock
	stop  context.CancelFunc
	done  chan error
}

// start runs a hub over a memory until the test ends. Jitter is at its most
// (Rand is one) unless the configuration has its own.
func start(t *testing.T, cfg notifier.Config, items ...outbox.Item) *bench {
	t.Helper()
	return mutated(t, mutant{}, cfg, items...)
}

// mutant is what is wrong with a hub.
type mutant struct {
	hub    func(*notifier.Hub)
	outbox func(notifier.Outbox) notifier.Outbox
}

// mutated is start of a mutant.
func mutated(t *testing.T, m mutant, cfg notifier.Config, items ...outbox.Item) *bench {
	t.Helper()
	c := &clock{changed: make(chan struct{}, 1)}
	b := &bench{clock: c, memory: &memory{items: map[string]outbox.Item{}, wake: make(chan struct{}, 1), clock: c}, done: make(chan error, 1)}
	if m, ok := cfg.Outbox.(*memory); ok {
		m.items, m.wake, m.clock = b.items, b.wake, c
		b.memory = m
	}
	b.put(items)
	cfg.Outbox, cfg.Now, cfg.Changed = b.memory, c.now, c.changed
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Rand == nil {
		cfg.Rand = func() float64 { return 1 }
	}
	if m.outbox != nil {
		cfg.Outbox = m.outbox(b.memory)
	}
	hub, err := notifier.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if m.hub != nil {
		m.hub(hub)
	}
	b.hub = hub
	var ctx context.Context
	ctx, b.stop = context.WithCancel(t.Context())
	go func() { b.done <- b.hub.Run(ctx) }()
	return b
}

// end stops the hub, which must leave nothing behind.
func (b *bench) end(t *testing.T) {
	t.Helper()
	if err := b.ended(); err != nil {
		t.Error(err)
	}
}

// leave stops the hub, whatever it leaves behind.
func (b *bench) leave() { _ = b.ended() }

// ended stops the hub and returns what Run did.
func (b *bench) ended() error {
	b.stop()
	return <-b.done
}

func due(key string) outbox.Item {
	return outbox.Item{Key: key, Merge: outbox.Once, Lane: outbox.Normal, Due: testbed.Now(), Account: "a1", Channel: "email", What: "mail"}
}

func email(s notifier.Sender) map[string]notifier.Sender {
	return map[string]notifier.Sender{"email": s}
}

// pass lets d go by in the bubble and everything settle.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func outcomes(it outbox.Item) []outbox.Outcome {
	var out []outbox.Outcome
	for _, a := range it.Attempts {
		out = append(out, a.Outcome)
	}
	return out
}
