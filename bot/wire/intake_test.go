package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// ledger is what a conversation keeps: the answers, and the input that it took last,
// by which it tells a repeat (as forms do).
type ledger struct {
	mu      sync.Mutex
	answers map[string][]string // by lane
	last    map[string]string
	repeats int
}

func newLedger() *ledger {
	return &ledger{answers: map[string][]string{}, last: map[string]string{}}
}

// take files an answer under the question that is open.
func (l *ledger) take(lane, id, words string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last[lane] == id {
		l.repeats++
		return
	}
	l.last[lane] = id
	l.answers[lane] = append(l.answers[lane], words)
}

func (l *ledger) of(lane string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.answers[lane], " ")
}

// mortal is a store as one process sees it: dead, it does nothing and hears nothing.
type mortal struct {
	Sessions
	dead  atomic.Bool
	left  atomic.Int64 // calls until it dies, if that is above 0
	after bool         // the last call gets through, and its answer is lost
	slow  atomic.Int64 // nanoseconds that it takes to write
}

var errDead = errors.New("killed")

// call carries do out, or not.
func (m *mortal) call(do func()) error {
	if m.dead.Load() {
		return errDead
	}
	if m.left.Load() > 0 && m.left.Add(-1) == 0 {
		m.dead.Store(true)
		if m.after {
			do()
		}
		return errDead
	}
	do()
	return nil
}

func (m *mortal) Get(ctx context.Context, key string, now time.Time) (v []byte, rev int, err error) {
	if dead := m.call(func() { v, rev, err = m.Sessions.Get(ctx, key, now) }); dead != nil {
		return nil, 0, dead
	}
	return v, rev, err
}

func (m *mortal) Put(ctx context.Context, key string, v []byte, rev int, now, expires time.Time) (next int, err error) {
	if slow := time.Duration(m.slow.Load()); slow > 0 {
		if err := Sleep(ctx, slow); err != nil {
			return 0, err
		}
	}
	if dead := m.call(func() { next, err = m.Sessions.Put(ctx, key, v, rev, now, expires) }); dead != nil {
		return 0, dead
	}
	return next, err
}

func (m *mortal) Delete(ctx context.Context, key string) (err error) {
	if dead := m.call(func() { err = m.Sessions.Delete(ctx, key) }); dead != nil {
		return dead
	}
	return err
}

func (m *mortal) Enter(ctx context.Context, e desk.Entry, now time.Time) (out desk.Entered, err error) {
	if slow := time.Duration(m.slow.Load()); slow > 0 {
		if err := Sleep(ctx, slow); err != nil {
			return out, err
		}
	}
	if dead := m.call(func() { out, err = m.Sessions.Enter(ctx, e, now) }); dead != nil {
		return desk.Entered{}, dead
	}
	return out, err
}

func (m *mortal) Leave(ctx context.Context, key, mark string, v []byte, now, expires time.Time) (err error) {
	if dead := m.call(func() { err = m.Sessions.Leave(ctx, key, mark, v, now, expires) }); dead != nil {
		return dead
	}
	return err
}

func (m *mortal) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) (keys []string, err error) {
	if dead := m.call(func() { keys, err = m.Sessions.Keys(ctx, prefix, after, limit, now) }); dead != nil {
		return nil, dead
	}
	return keys, err
}

// process is one SIDEM: an intake whose inputs are words that a ledger takes.
type process struct {
	*Intake[string]
	store *mortal
}

// start starts a process that works with do.
func start(t *testing.T, store Sessions, shared bool, do func(ctx context.Context, k Act[string])) *process {
	t.Helper()
	p := &process{store: &mortal{Sessions: store}}
	p.Intake = NewIntake(Config[string]{
		Sessions: p.store, Space: "chat:7", Shared: shared, Now: testbed.Now, Log: slog.New(slog.DiscardHandler),
		Read: func(k Kept) (string, bool) { return string(k.Body), true },
		Work: func(ctx context.Context, act Act[string]) Outcome { do(ctx, act); return Outcome{} },
		// Words that end in "-" were parted by the platform.
		Open:  func(words string) bool { return strings.HasSuffix(words, "-") },
		Joins: func(_, next string) bool { return strings.Contains(next, "/-") },
	})
	p.Start(t.Context())
	return p
}

// kill ends it as kill -9 does, as far as anybody else can see.
func (p *process) kill() {
	p.store.dead.Store(true)
	p.Close(0)
}

// said is the n-th input of a lane.
func said(lane string, n int, words string) (Kept, string) {
	return Kept{ID: fmt.Sprintf("%s-%d", lane, n), Lane: lane, Order: int64(n), Body: []byte(lane + "/" + words), At: testbed.Now()}, lane + "/" + words
}

// into takes what a person said into l, as an act of the first part's id.
func into(l *ledger) func(context.Context, Act[string]) {
	return func(_ context.Context, act Act[string]) {
		lane, _, _ := strings.Cut(act.Parts[0], "/")
		var all []string
		for _, p := range act.Parts {
			_, words, _ := strings.Cut(p, "/")
			all = append(all, words)
		}
		l.take(lane, act.Parts[0], strings.Join(all, "+"))
	}
}

func offer(t *testing.T, p *process, lane string, n int, words string) State {
	t.Helper()
	k, what := said(lane, n, words)
	r, err := p.Offer(t.Context(), k, what)
	if err != nil {
		t.Fatalf("offer %s %d: %v", lane, n, err)
	}
	return r.State
}

// rows are the keys that a store has under a prefix.
func rows(t *testing.T, store Sessions, prefix string) []string {
	t.Helper()
	keys, err := store.Keys(t.Context(), prefix, "", 1000, testbed.Now())
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAnInputIsWorkedOnceHoweverOftenAndLateItIsBrought(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		release := make(chan struct{})
		p := start(t, store, false, func(ctx context.Context, act Act[string]) {
			<-release
			into(l)(ctx, act)
		})
		if s := offer(t, p, "U1", 1, "uno"); s != Fresh {
			t.Errorf("first: %v", s)
		}
		synctest.Wait()
		if s := offer(t, p, "U1", 1, "uno"); s != Waiting { // it is being worked
			t.Errorf("while it is worked: %v", s)
		}
		offer(t, p, "U1", 2, "dos")
		if s := offer(t, p, "U1", 2, "dos"); s != Waiting {
			t.Errorf("while it waits: %v", s)
		}
		close(release)
		time.Sleep(50 * time.Hour) // ≥ 48 h
		for range 3 {
			if s := offer(t, p, "U1", 1, "uno"); s != Done {
				t.Errorf("two days later: %v", s)
			}
		}
		p.Close(time.Second)
		again := start(t, store, false, into(l))
		if s := offer(t, again, "U1", 2, "dos"); s != Done {
			t.Errorf("to another process: %v", s)
		}
		again.Close(time.Second)
		if got := l.of("U1"); got != "uno dos" {
			t.Error(got)
		}
		if left := rows(t, store, "in:"); len(left) != 0 {
			t.Errorf("left readable: %v", left)
		}
	})
}

func TestTheSameInputBroughtTwiceAtOnceIsConfirmedOnlyWhenItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := storagetest.NewModel()
		slow := &gate{Sessions: model, open: make(chan struct{})}
		p := start(t, slow, false, into(newLedger()))
		var confirmed atomic.Int64
		for range 5 {
			go func() {
				k, what := said("U1", 1, "uno")
				if _, err := p.Offer(t.Context(), k, what); err == nil {
					confirmed.Add(1)
				}
			}()
		}
		synctest.Wait()
		if n := confirmed.Load(); n != 0 {
			t.Errorf("%d are confirmed, and nothing is kept", n)
		}
		slow.fail.Store(true)
		slow.open <- struct{}{} // the first write fails; another delivery tries
		synctest.Wait()
		if n := confirmed.Load(); n != 0 {
			t.Errorf("%d are confirmed after a write that failed", n)
		}
		slow.fail.Store(false)
		close(slow.open)
		synctest.Wait()
		if n := confirmed.Load(); n != 4 {
			t.Errorf("%d of four are confirmed", n)
		}
		p.Close(time.Second)
	})
}

// gate holds writes of inputs until it is opened.
type gate struct {
	Sessions
	open chan struct{}
	fail atomic.Bool
}

func (g *gate) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	<-g.open
	if g.fail.Load() {
		return desk.Entered{}, errors.New("disk full")
	}
	return g.Sessions.Enter(ctx, e, now)
}

func TestASlowChatWithAHundredAndTwentyInputsHoldsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow, others = 120, 60
		l := newLedger()
		done := map[string]time.Duration{}
		var mu sync.Mutex
		began := testbed.Start()
		p := start(t, storagetest.NewModel(), false, nil)
		p.cfg.Work = func(ctx context.Context, act Act[string]) Outcome {
			p.Handle(false, func() { into(l)(ctx, act) })
			if strings.HasPrefix(act.Parts[0], "lento") {
				_ = Sleep(ctx, 30*time.Second) // the platform has its answer wait
			}
			mu.Lock()
			defer mu.Unlock()
			done[strings.SplitN(act.Parts[0], "/", 2)[0]] = began.Elapsed()
			return Outcome{}
		}
		var batch []Kept
		var what []string
		add := func(lane string, n int) {
			k, w := said(lane, n, fmt.Sprint(n))
			batch, what = append(batch, k), append(what, w)
		}
		for n := range slow {
			add("lento", n)
		}
		for i := range 40 { // more chats than there are places that are all slow
			add(fmt.Sprintf("lento%d", i), 1)
		}
		for i := range others {
			add(fmt.Sprintf("U%d", i), 1)
		}
		if !p.OfferAll(t.Context(), batch, what) {
			t.Fatal("not kept")
		}
		if d := began.Elapsed(); d > 0 {
			t.Errorf("confirmed after %s", d)
		}
		synctest.Wait()
		mu.Lock()
		for i := range others {
			if d, ok := done[fmt.Sprintf("U%d", i)]; !ok || d > 0 {
				t.Errorf("U%d was answered after %s, %v", i, d, ok)
			}
		}
		mu.Unlock()
		time.Sleep(slow * 31 * time.Second)
		p.Close(time.Second)
		if got := l.answers["lento"]; len(got) != slow || !slices.IsSortedFunc(got, func(a, b string) int { return len(a) - len(b) }) {
			t.Errorf("%d answers: %v", len(got), got)
		}
	})
}

// TestKilledAtAnyCallOfTheStoreEachInputIsTakenOnce is the promise itself: the
// process dies at its k-th call of the store, before or after it was carried out;
// the platform brings again what was not confirmed to it, and once more what was;
// the next process goes on.
func TestKilledAtAnyCallOfTheStoreEachInputIsTakenOnce(t *testing.T) {
	const people, each = 3, 4
	var want []string
	for n := range each {
		want = append(want, fmt.Sprint(n))
	}
	for _, shared := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			killed := true
			for k := 1; killed; k++ {
				synctest.Test(t, func(t *testing.T) {
					store, l := storagetest.NewModel(), newLedger()
					one := start(t, store, shared, into(l))
					one.store.after = after
					one.store.left.Store(int64(k))
					deliver := func(p *process, n, person int) bool {
						key, what := said(fmt.Sprintf("U%d", person), n, fmt.Sprint(n))
						_, err := p.Offer(t.Context(), key, what)
						return err == nil
					}
					confirmed := map[[2]int]bool{}
					for n := range each {
						for person := range people {
							if deliver(one, n, person) {
								confirmed[[2]int{n, person}] = true
							}
						}
						time.Sleep(time.Millisecond)
					}
					killed = one.store.dead.Load()
					one.kill()
					two := start(t, store, shared, into(l))
					for n := range each {
						for person := range people {
							if !confirmed[[2]int{n, person}] {
								deliver(two, n, person)
							}
						}
					}
					time.Sleep(3 * time.Second)
					for n := range each { // however late: in whatever state the form is
						for person := range people {
							deliver(two, n, person)
						}
					}
					time.Sleep(3 * time.Second)
					two.Close(time.Second)
					for person := range people {
						if diff := cmp.Diff(want, l.answers[fmt.Sprintf("U%d", person)]); diff != "" {
							t.Errorf("killed at call %d (carried out: %v, shared: %v), person %d: %s", k, after, shared, person, diff)
						}
					}
					if left := rows(t, store, "in:"); len(left) != 0 {
						t.Errorf("killed at call %d: %v is left", k, left)
					}
				})
				if k > 500 {
					t.Fatal("it is killed for ever")
				}
			}
		}
	}
}

func TestWhatADeadProcessLeftIsTakenOverInOrderWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		one := start(t, store, true, func(ctx context.Context, _ Act[string]) { <-ctx.Done() })
		two := start(t, store, true, into(l))
		time.Sleep(time.Minute) // both live, idle
		for n := range 3 {
			offer(t, one, "U1", n, fmt.Sprint(n))
		}
		time.Sleep(time.Minute) // a long answer is no death
		if l.of("U1") != "" {
			t.Fatal("taken from a process that lives")
		}
		one.kill()
		died := testbed.Start()
		offer(t, two, "U1", 3, "3") // waits for what goes before it
		time.Sleep(100 * time.Millisecond)
		if l.of("U1") != "" {
			t.Errorf("%s, before what goes first", l.of("U1"))
		}
		for l.of("U1") != "0 1 2 3" && died.Elapsed() < time.Minute {
			time.Sleep(50 * time.Millisecond)
		}
		if d := died.Elapsed(); d > 3*time.Second {
			t.Errorf("%q after %s", l.of("U1"), d)
		}
		two.Close(time.Second)
	})
}

// full is a store that takes no input for some writes, or takes each and says that it did not.
type full struct {
	Sessions
	left  atomic.Int64
	after bool
}

func (f *full) Put(ctx context.Context, key string, v []byte, rev int, now, expires time.Time) (int, error) {
	if !strings.HasPrefix(key, "in:") || f.left.Add(-1) < 0 {
		return f.Sessions.Put(ctx, key, v, rev, now, expires)
	}
	if f.after {
		_, _ = f.Sessions.Put(ctx, key, v, rev, now, expires)
	}
	return 0, errDead
}

func (f *full) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	if f.left.Add(-1) < 0 {
		return f.Sessions.Enter(ctx, e, now)
	}
	if f.after {
		_, _ = f.Sessions.Enter(ctx, e, now)
	}
	return desk.Entered{}, errDead
}

func TestAStoreThatFailsWhileInputsAreTakenOverEndsNobody(t *testing.T) {
	for _, after := range []bool{false, true} { // the write is lost, or its answer
		synctest.Test(t, func(t *testing.T) {
			store, l := storagetest.NewModel(), newLedger()
			one := start(t, store, false, func(ctx context.Context, _ Act[string]) { <-ctx.Done() })
			for n := range 3 {
				offer(t, one, "U1", n, fmt.Sprint(n))
			}
			one.kill()
			ill := &full{Sessions: store, after: after}
			ill.left.Store(20)
			two := start(t, ill, false, into(l)) // returns when it has taken over what was left
			time.Sleep(time.Minute)
			if l.of("U1") != "0 1 2" {
				t.Errorf("taken over: %q", l.of("U1"))
			}
			two.Close(time.Second)
		})
	}
}

func TestWhatAProcessLeavesThatEndsInPeaceIsTakenOverAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		one := start(t, store, true, func(ctx context.Context, _ Act[string]) { <-ctx.Done() })
		two := start(t, store, true, into(l))
		offer(t, one, "U1", 1, "uno")
		offer(t, one, "U1", 2, "dos")
		time.Sleep(time.Second)
		one.Close(0)
		k, what := said("U1", 3, "tres")
		if _, err := one.Offer(t.Context(), k, what); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
		time.Sleep(2 * defaultTimes.tick)
		if got := l.of("U1"); got != "uno dos" {
			t.Error(got)
		}
		two.Close(time.Second)
	})
}

func TestTwoProcessesKeepTheOrderOfOnePerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		do := func(ctx context.Context, act Act[string]) {
			_ = Sleep(ctx, 70*time.Millisecond)
			into(l)(ctx, act)
		}
		procs := []*process{start(t, store, true, do), start(t, store, true, do)}
		var want []string
		for n := range 30 {
			offer(t, procs[n%2], "U1", n, fmt.Sprint(n))
			want = append(want, fmt.Sprint(n))
		}
		time.Sleep(time.Minute)
		for _, p := range procs {
			p.Close(time.Second)
		}
		if got := l.of("U1"); got != strings.Join(want, " ") {
			t.Error(got)
		}
	})
}

func TestTwoProcessesToWhichTheSameIsBroughtWorkItOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		procs := []*process{start(t, store, true, into(l)), start(t, store, true, into(l))}
		for n := range 50 {
			var both sync.WaitGroup
			for _, p := range procs {
				both.Go(func() { offer(t, p, fmt.Sprintf("U%d", n), 1, "x") })
			}
			both.Wait()
		}
		time.Sleep(time.Minute)
		for _, p := range procs {
			p.Close(time.Second)
		}
		for n := range 50 {
			if got := l.of(fmt.Sprintf("U%d", n)); got != "x" {
				t.Errorf("U%d: %q", n, got)
			}
		}
		if l.repeats > 0 {
			t.Errorf("%d were worked twice", l.repeats)
		}
	})
}

func TestPartsOfOneActAreGatheredAndOthersAreNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		p := start(t, storagetest.NewModel(), false, into(l))
		began := testbed.Start()
		offer(t, p, "U2", 1, "corto") // nothing can follow: it is not held
		offer(t, p, "U1", 1, "uno-")
		time.Sleep(300 * time.Millisecond)
		if l.of("U2") != "corto" || l.of("U1") != "" {
			t.Errorf("%q, %q", l.of("U2"), l.of("U1"))
		}
		offer(t, p, "U1", 2, "-dos-")
		time.Sleep(300 * time.Millisecond)
		offer(t, p, "U1", 3, "-tres") // the last: nothing is waited for
		synctest.Wait()
		if got := l.of("U1"); got != "uno-+-dos-+-tres" || began.Elapsed() > 600*time.Millisecond {
			t.Errorf("%q after %s", got, began.Elapsed())
		}
		offer(t, p, "U1", 4, "cuatro-")
		time.Sleep(time.Second)
		offer(t, p, "U1", 5, "-cinco") // too late to belong to it
		offer(t, p, "U1", 6, "seis-")
		offer(t, p, "U1", 7, "siete") // no part of it
		synctest.Wait()
		if got := l.of("U1"); got != "uno-+-dos-+-tres cuatro- -cinco seis- siete" {
			t.Error(got)
		}
		p.Close(time.Second)
	})
}

func TestPartsOfOneActAreJoinedHoweverLongTheStoreTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		p := start(t, storagetest.NewModel(), false, into(l))
		p.store.slow.Store(int64(2 * time.Second))
		for n, words := range []string{"uno-", "-dos"} { // the platform is asked for the second when the first is kept
			k, what := said("U1", n, words)
			if !p.OfferAll(t.Context(), []Kept{k}, []string{what}) {
				t.Fatal("not kept")
			}
			time.Sleep(100 * time.Millisecond)
		}
		p.store.slow.Store(0)
		time.Sleep(time.Minute)
		if got := l.of("U1"); got != "uno-+-dos" {
			t.Error(got)
		}
		p.Close(time.Second)
	})
}

// TestPartsAreJoinedThoughOthersOfTheirBatchAreKeptLate has the platform asked for what
// follows when all that it brought is kept, however long that takes the store of another's.
func TestPartsAreJoinedThoughOthersOfTheirBatchAreKeptLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger()
		p := start(t, lateOf{storagetest.NewModel(), ":U2:"}, false, into(l))
		bring := func(n int, words ...string) {
			var list []Kept
			var what []string
			for i, w := range words {
				lane, w, _ := strings.Cut(w, " ")
				k, said := said(lane, n+i, w)
				list, what = append(list, k), append(what, said)
			}
			if !p.OfferAll(t.Context(), list, what) {
				t.Fatal("not kept")
			}
			time.Sleep(100 * time.Millisecond) // the platform is asked
		}
		bring(1, "U1 uno-", "U1 -dos-", "U2 corto")
		bring(4, "U1 -tres-", "U2 otro")
		bring(6, "U1 -cuatro")
		time.Sleep(time.Minute)
		if got := l.of("U1") + " " + l.of("U2"); got != "uno-+-dos-+-tres-+-cuatro corto otro" {
			t.Error(got)
		}
		p.Close(time.Second)
	})
}

// lateOf is a store that takes three seconds to write the rows of a lane.
type lateOf struct {
	Sessions
	lane string
}

func (s lateOf) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	if strings.Contains(e.Key, s.lane) {
		time.Sleep(3 * time.Second)
	}
	return s.Sessions.Enter(ctx, e, now)
}

func TestPartsThatTwoProcessesReceivedAreOneAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		one, two := start(t, store, true, into(l)), start(t, store, true, into(l))
		offer(t, one, "U1", 1, "uno-")
		time.Sleep(50 * time.Millisecond)
		offer(t, two, "U1", 2, "-dos-")
		time.Sleep(50 * time.Millisecond)
		offer(t, one, "U1", 3, "-tres")
		offer(t, two, "U1", 4, "cuatro")
		time.Sleep(5 * time.Second)
		one.Close(time.Second)
		two.Close(time.Second)
		if got := l.of("U1"); got != "uno-+-dos-+-tres cuatro" {
			t.Error(got)
		}
	})
}

func TestKilledAtAnyCallAnActOfSeveralPartsIsTakenOnceAndWhole(t *testing.T) {
	for i := range 8 {
		// undecided: it dies while it works, at the latest, and before anything is decided
		shared, after, undecided := i&1 > 0, i&2 > 0, i&4 > 0
		for k, killed := 1, true; killed && k < 40; k++ {
			synctest.Test(t, func(t *testing.T) {
				store, l := storagetest.NewModel(), newLedger()
				var one *process
				one = start(t, store, shared, func(ctx context.Context, act Act[string]) {
					if undecided {
						one.store.dead.Store(true)
						<-ctx.Done()
						return
					}
					into(l)(ctx, act)
				})
				one.store.after = after
				one.store.left.Store(int64(k))
				words := []string{"uno-", "-dos-", "-tres"}
				bring := func(p *process, n int) error {
					key, what := said("U1", n, words[n])
					_, err := p.Offer(t.Context(), key, what)
					return err
				}
				var again []int
				for n := range words {
					if bring(one, n) != nil {
						again = append(again, n)
					}
				}
				time.Sleep(time.Second)
				killed = one.store.dead.Load()
				one.kill()
				next := []*process{start(t, store, shared, into(l))}
				if shared { // they share what is left
					next = append(next, start(t, store, shared, into(l)))
				}
				for i, n := range again {
					if err := bring(next[i%len(next)], n); err != nil {
						t.Fatal(err)
					}
				}
				time.Sleep(4 * time.Second)
				for _, p := range next {
					p.Close(time.Second)
				}
				if got := l.of("U1"); got != "uno-+-dos-+-tres" {
					t.Errorf("killed at call %d (carried out: %v, shared: %v, undecided: %v): %q", k, after, shared, undecided, got)
				}
			})
		}
	}
}

func TestAStoreThatFailsConfirmsNothingAndEverythingIsTakenWhenItIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, l := storagetest.NewModel(), newLedger()
		p := start(t, store, false, into(l))
		p.store.dead.Store(true)
		k, what := said("U1", 0, "0")
		if _, err := p.Offer(t.Context(), k, what); err == nil {
			t.Fatal("confirmed, and not kept")
		}
		kept := make(chan bool)
		go func() {
			var batch []Kept
			var words []string
			for n := range 100 {
				k, what := said(fmt.Sprintf("U%d", n%5), n, fmt.Sprint(n))
				batch, words = append(batch, k), append(words, what)
			}
			kept <- p.OfferAll(t.Context(), batch, words)
		}()
		time.Sleep(time.Minute)
		select {
		case <-kept:
			t.Fatal("confirmed, and not kept")
		default:
		}
		p.store.dead.Store(false)
		if !<-kept {
			t.Error("not kept")
		}
		time.Sleep(time.Second)
		if got := l.of("U0"); got != "0 5 10 15 20 25 30 35 40 45 50 55 60 65 70 75 80 85 90 95" {
			t.Error(got)
		}
		p.Close(time.Second)
	})
}

func TestWhileTheStoreTakesNothingWhoActedIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		told := map[string]int{}
		p := start(t, storagetest.NewModel(), false, into(newLedger()))
		p.cfg.Late = func(_ context.Context, words string) {
			mu.Lock()
			defer mu.Unlock()
			told[words]++
		}
		one, first := said("U1", 0, "0")
		two, second := said("U2", 0, "0")
		kept := make(chan bool)
		for range 2 {
			p.store.dead.Store(true)
			go func() { kept <- p.OfferAll(t.Context(), []Kept{one, two}, []string{first, second}) }()
			time.Sleep(2 * time.Second)
			mu.Lock()
			if len(told) > 0 {
				t.Errorf("told at once: %v", told)
			}
			mu.Unlock()
			time.Sleep(time.Minute)
			p.store.dead.Store(false)
			if !<-kept {
				t.Error("not kept")
			}
			if len(told) != 2 || told[first] != 1 || told[second] != 1 {
				t.Errorf("told %v", told)
			}
			clear(told)
			one, first = said("U1", 1, "1")
			two, second = said("U2", 1, "1")
		}
		p.Close(time.Second)
	})
}

func TestABatchThatTheEndOvertakesIsNotConfirmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, storagetest.NewModel(), false, into(newLedger()))
		p.store.dead.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		k, what := said("U1", 0, "0")
		if p.OfferAll(ctx, []Kept{k}, []string{what}) {
			t.Error("confirmed")
		}
		p.Close(time.Second)
	})
}

func TestWhatTheStoreIsTakingAtTheEndIsKeptAndNobodyIsTold(t *testing.T) {
	for name, c := range map[string]struct {
		writes time.Duration
		told   int
	}{
		"it takes a moment":  {writes: time.Second},
		"it does not answer": {writes: time.Hour, told: 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := start(t, storagetest.NewModel(), false, into(newLedger()))
				told := 0
				p.cfg.Late = func(context.Context, string) { told++ }
				p.store.slow.Store(int64(c.writes))
				ctx, end := context.WithTimeout(t.Context(), time.Millisecond)
				defer end()
				k, what := said("U1", 0, "0")
				kept := p.OfferAll(ctx, []Kept{k}, []string{what})
				if kept != (c.told == 0) || told != c.told {
					t.Errorf("kept %v, %d told", kept, told)
				}
				p.store.slow.Store(0)
				p.Close(time.Second)
			})
		})
	}
}

// deaf is a store whose writes of inputs fail while it is deaf: before they are carried
// out, or after.
type deaf struct {
	Sessions
	is, after atomic.Bool
}

func (d *deaf) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	if !d.is.Load() {
		return d.Sessions.Enter(ctx, e, now)
	}
	if d.after.Load() {
		_, _ = d.Sessions.Enter(ctx, e, now)
	}
	return desk.Entered{}, errDead
}

func (d *deaf) Put(ctx context.Context, key string, v []byte, rev int, now, expires time.Time) (int, error) {
	if !strings.HasPrefix(key, "in:") || !d.is.Load() {
		return d.Sessions.Put(ctx, key, v, rev, now, expires)
	}
	return 0, errDead
}

func (d *deaf) Delete(ctx context.Context, key string) error {
	if d.is.Load() {
		return errDead
	}
	return d.Sessions.Delete(ctx, key)
}

func (d *deaf) Keys(ctx context.Context, prefix, after string, limit int, now time.Time) ([]string, error) {
	if d.is.Load() {
		return nil, errDead
	}
	return d.Sessions.Keys(ctx, prefix, after, limit, now)
}

// telling is an intake over a deaf store, and what people were told.
type telling struct {
	*process
	store *deaf
	l     *ledger
	mu    sync.Mutex
	told  []string
}

func tells(t *testing.T, shared bool) *telling {
	t.Helper()
	d := &telling{store: &deaf{Sessions: storagetest.NewModel()}, l: newLedger()}
	d.process = start(t, d.store, shared, into(d.l))
	say := func(what string) func(context.Context, string) {
		return func(_ context.Context, words string) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.told = append(d.told, what+" "+words)
		}
	}
	d.cfg.Late, d.cfg.Lost = say("late"), say("lost")
	d.cfg.Fleeting = func(words string) bool { return strings.HasSuffix(words, "!") }
	return d
}

func (d *telling) heard() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.told, ", ")
}

func TestWhatTheStoreDoesNotTakeIsAskedForAgainAndWhoActedIsToldOnce(t *testing.T) {
	for _, c := range []struct {
		words     string // with "!" it is fleeting
		fails     time.Duration
		told, did string
	}{
		{words: "uno", fails: 2 * time.Second, did: "uno"},
		{words: "uno", fails: 10 * time.Second, told: "late U1/uno", did: "uno"},
		{words: "uno", fails: time.Hour, told: "late U1/uno", did: "uno"},
		{words: "uno!", fails: 2 * time.Second, did: "uno!"},
		{words: "uno!", fails: 19 * time.Second, did: "uno!"},
		{words: "uno!", fails: time.Minute, told: "lost U1/uno!"},
	} {
		for i := range 8 {
			shared, after, again := i&1 > 0, i&2 > 0, i&4 > 0 // brought again every second, as by a webhook
			synctest.Test(t, func(t *testing.T) {
				p := tells(t, shared)
				p.store.is.Store(true)
				p.store.after.Store(after)
				k, what := said("U1", 1, c.words)
				began := testbed.Start()
				for began.Elapsed() < c.fails {
					if _, err := p.Offer(t.Context(), k, what); err == nil {
						t.Error("confirmed, and not kept")
					}
					if time.Sleep(time.Second); !again || p.cfg.Fleeting(what) {
						time.Sleep(c.fails - began.Elapsed())
					}
				}
				p.store.is.Store(false)
				time.Sleep(5 * time.Second)
				if got := p.heard(); got != c.told {
					t.Errorf("%s, %s (%b): told %q", c.words, c.fails, i, got)
				}
				if got := p.l.of("U1"); got != c.did {
					t.Errorf("%s, %s (%b): did %q", c.words, c.fails, i, got)
				}
				if left := rows(t, p.store, "in:"); len(left) != 0 {
					t.Errorf("%s, %s (%b): %v is left", c.words, c.fails, i, left)
				}
				p.Close(time.Second)
			})
		}
	}
}

func TestWhatComesAfterWhatTheStoreTakesLateStaysBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := tells(t, false)
		p.store.is.Store(true)
		k, what := said("U1", 1, "uno")
		_, _ = p.Offer(t.Context(), k, what)
		p.store.is.Store(false)
		offer(t, p.process, "U1", 2, "dos")
		time.Sleep(time.Second)
		if got := p.l.of("U1"); got != "uno dos" {
			t.Error(got)
		}
		p.Close(time.Second)
	})
}

func TestWhatWasToldToBeLostIsWorkedWhenItIsMeantAnew(t *testing.T) {
	for _, pause := range []time.Duration{0, defaultTimes.tick, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			p := tells(t, true)
			p.store.is.Store(true)
			p.store.after.Store(true) // its row comes about, and nobody knows
			k, what := said("U1", 1, "uno!")
			_, _ = p.Offer(t.Context(), k, what)
			time.Sleep(time.Minute)
			if got := p.heard(); got != "lost U1/uno!" {
				t.Fatalf("told %q", got)
			}
			p.store.is.Store(false)
			time.Sleep(pause)
			if got := p.l.of("U1"); got != "" {
				t.Errorf("did %q", got)
			}
			if _, err := p.Offer(t.Context(), k, what); err != nil { // the same form, sent again
				t.Error(err)
			}
			time.Sleep(5 * time.Second)
			if got := p.l.of("U1"); got != "uno!" || p.l.repeats > 0 {
				t.Errorf("after %s did %q, and %d again", pause, got, p.l.repeats)
			}
			p.Close(time.Second)
		})
	}
}

func TestNobodyIsToldBecauseSIDEMMerelyRestarts(t *testing.T) {
	for _, c := range []struct {
		words       string
		fails, back time.Duration // before the end begins, and after
		told        string
		kept        bool
	}{
		{words: "uno", fails: time.Second, back: time.Second, kept: true},
		{words: "uno!", fails: time.Second, back: time.Second, kept: true},
		{words: "uno", fails: time.Second, back: time.Hour, told: "late U1/uno"},
		{words: "uno!", fails: time.Second, back: time.Hour, told: "lost U1/uno!"},
		{words: "uno", fails: 10 * time.Second, back: time.Hour, told: "late U1/uno"},
		{words: "uno!", fails: 10 * time.Second, back: time.Hour, told: "lost U1/uno!"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := tells(t, false)
			p.store.is.Store(true)
			k, what := said("U1", 1, c.words)
			_, _ = p.Offer(t.Context(), k, what)
			time.Sleep(c.fails)
			back := time.AfterFunc(c.back, func() { p.store.is.Store(false) })
			defer back.Stop()
			end := testbed.Start()
			p.Close(5 * time.Second)
			if d := end.Elapsed(); d > 4*time.Second {
				t.Errorf("it ended after %s", d)
			}
			p.store.is.Store(false)
			if got := p.heard(); got != c.told {
				t.Errorf("%+v: told %q", c, got)
			}
			next := start(t, p.store, false, into(p.l))
			time.Sleep(time.Second)
			next.Close(time.Second)
			if got := p.l.of("U1"); (got == c.words) != c.kept {
				t.Errorf("%+v: the next did %q", c, got)
			}
		})
	}
}

func TestAnInputThatKillsItsProcessesIsSetAsideAndOthersAreNot(t *testing.T) {
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store, l := storagetest.NewModel(), newLedger()
			var spoiled, deaths atomic.Int64
			var p *process
			boom := make(chan struct{}, 100)
			do := func(ctx context.Context, act Act[string]) {
				switch {
				case act.Spoiled && act.Parts[0] == "malo/1":
					spoiled.Add(1)
				case act.Spoiled:
					t.Errorf("%s is set aside", act.Parts[0])
				case act.Parts[0] == "malo/1":
					boom <- struct{}{}
					<-ctx.Done() // it has killed the process
				default:
					_ = Sleep(ctx, time.Second)
					if ctx.Err() == nil {
						into(l)(ctx, act)
					}
				}
			}
			p = start(t, store, shared, do)
			for n := range 3 {
				offer(t, p, "malo", n+1, fmt.Sprint(n+1))
				offer(t, p, "bueno", n+1, fmt.Sprint(n+1))
				offer(t, p, "mejor", n+1, fmt.Sprint(n+1))
			}
			for time.Sleep(10 * time.Millisecond); spoiled.Load() == 0 && deaths.Load() < 10; time.Sleep(10 * time.Second) {
				for len(boom) > 0 {
					<-boom
				}
				p.kill()
				deaths.Add(1)
				p = start(t, store, shared, func(ctx context.Context, act Act[string]) {
					do(ctx, act)
				})
			}
			time.Sleep(time.Minute)
			p.Close(time.Second)
			if spoiled.Load() != 1 || deaths.Load() != maxTries {
				t.Errorf("set aside %d times, after %d deaths", spoiled.Load(), deaths.Load())
			}
			if l.of("bueno") != "1 2 3" || l.of("mejor") != "1 2 3" || l.of("malo") != "2 3" {
				t.Errorf("%q, %q, %q", l.of("bueno"), l.of("mejor"), l.of("malo"))
			}
		})
	}
}

func TestARepeatIsToldWhatWasSaidAndOneOfWhichNothingCameIsAnotherAct(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, storagetest.NewModel(), false, nil)
		var worked []string
		p.cfg.Work = func(_ context.Context, act Act[string]) Outcome {
			worked = append(worked, act.Parts[0])
			return Outcome{Said: []byte("sí, " + act.Parts[0]), Undecided: len(worked) == 1}
		}
		for i, want := range []string{"", "", "sí, U1/uno"} {
			k, what := said("U1", 1, "uno")
			r, err := p.Offer(t.Context(), k, what)
			if err != nil || string(r.Said) != want || (r.State == Done) != (i == 2) {
				t.Errorf("%d: %+v, %v", i, r, err)
			}
			synctest.Wait()
		}
		if len(worked) != 2 {
			t.Errorf("worked %v", worked)
		}
		p.Close(time.Second)
	})
}

func TestOnePersonCannotFillTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := storagetest.NewModel()
		release := make(chan struct{})
		p := start(t, store, false, func(context.Context, Act[string]) { <-release })
		refused := 0
		for n := range 2 * maxLane {
			k, what := said("U1", n, "x")
			if _, err := p.Offer(t.Context(), k, what); errors.Is(err, ErrCrowded) {
				refused++
			}
			synctest.Wait()
		}
		if refused != maxLane-1 || len(rows(t, store, "in:")) != maxLane+1 { // one is being worked
			t.Errorf("%d refused, %d kept", refused, len(rows(t, store, "in:")))
		}
		offer(t, p, "U2", 1, "x")
		close(release)
		p.Close(time.Minute)
	})
}

func TestWhatIsKeptIsBoundedAndReadsBack(t *testing.T) {
	store := storagetest.NewModel()
	b := &inbox{sessions: store, space: "chat:7", keeper: "me", now: testbed.Now}
	k := Kept{ID: "sl:view:V1", Lane: "U1", Order: 3, Kind: "interactive", At: time.Unix(1_700_000_000, 0).UTC(), Tries: 2, Act: "sl:1"}
	for _, size := range []int{0, 10, packFrom, 1 << 20} {
		k.Body = []byte(strings.Repeat("{\n\"a\":1}", size/8+1)[:size])
		_ = store.Delete(t.Context(), b.key(k))
		if _, err := b.put(t.Context(), k, 0); err != nil {
			t.Fatal(err)
		}
		got, err := b.get(t.Context(), b.key(k))
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Body) != string(k.Body) || got.keeper != "me" || got.rev != 1 {
			t.Errorf("%d bytes: %d, %+v", size, len(got.Body), got.keeper)
		}
		got.Body, k.Body = nil, nil
		if diff := cmp.Diff(k, got.Kept); diff != "" {
			t.Error(diff)
		}
	}
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	k.ID, k.Body = "large", noise
	if _, err := b.put(t.Context(), k, 0); !errors.Is(err, ErrTooLarge) {
		t.Errorf("300 KiB that cannot be packed: %v", err)
	}
}
