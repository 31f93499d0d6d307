package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/testbed"
)

// brisk are the times of the lease, a fifth of the real ones.
var brisk = leaseTimes{life: 800 * time.Millisecond, fence: 600 * time.Millisecond, renew: 50 * time.Millisecond, look: 10 * time.Millisecond}

// replica is a Telegram that shares polling over store.
func replica(t *testing.T, srv *telegramtest.Server, store wire.Sessions) (*Telegram, *journal) {
	t.Helper()
	tg, log := connect(t, srv.URL())
	tg.sessions, tg.shared, tg.lease = store, true, brisk
	return tg, log
}

func TestOfTwoReplicasOnePollsAndTheOtherTakesOverAtItsEnd(t *testing.T) {
	srv, _, _ := open(t, telegramtest.Options{})
	store := storeOf(t, srv.URL())
	one, _ := replica(t, srv, store)
	two, twoLog := replica(t, srv, store)
	var seen book
	by := func(name string) handler {
		return func(_ context.Context, in bot.Input) bot.Reply {
			in.Name = name
			seen.add(in)
			return bot.Reply{Card: said("eco " + in.Text)}
		}
	}
	stop := run(t, one, by("one"))
	await(t, srv, srv.Polling)
	run(t, two, by("two"))
	p := srv.Person(7001, "Lucía", "")
	p.Say("1")
	rest(t, srv)
	stop() // gives the lease back
	p.Say("2")
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		got = append(got, in.Name+" "+in.Text)
	}
	if diff := cmp.Diff([]string{"one 1", "two 2"}, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(twoLog.String(), "somebody else receives") {
		t.Errorf("they met:\n%s", twoLog)
	}
}

// stalled is a store that a process has lost sight of: its calls wait until their time is over.
type stalled struct {
	wire.Sessions
	off atomic.Bool
}

func (s *stalled) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	if s.off.Load() {
		<-ctx.Done()
		return nil, 0, ctx.Err()
	}
	return s.Sessions.Get(ctx, key, now)
}

func (s *stalled) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if s.off.Load() {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.Sessions.Put(ctx, key, value, rev, now, expires)
}

func TestAHolderThatLosesTheStoreStopsBeforeAnotherBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		cut := &stalled{Sessions: store}
		one, two := leaser(cut), leaser(store)
		held, l := one.acquire(t.Context())
		stopped, began := make(chan time.Time, 1), make(chan time.Time, 1)
		context.AfterFunc(held, func() { stopped <- testbed.Now() })
		time.Sleep(10 * time.Second) // it renews, and nobody takes it from it
		go func() {
			_, other := two.acquire(t.Context())
			began <- testbed.Now()
			other.end(t.Context())
		}()
		time.Sleep(10 * time.Second)
		if held.Err() != nil {
			t.Fatal("lost while the store answered")
		}
		lost := testbed.Now()
		cut.off.Store(true)
		left, taken := (<-stopped).Sub(lost), (<-began).Sub(lost)
		l.end(t.Context())
		if left >= taken || taken > 5*time.Second {
			t.Errorf("it stopped after %s, the other began after %s", left, taken)
		}
	})
}

// leaser is what of a Telegram takes leases, with the real times.
func leaser(store wire.Sessions) *Telegram {
	tg, err := New(Config{Token: canary, Sessions: store, Shared: true})
	if err != nil {
		panic(err)
	}
	return tg
}

func TestTheLeaseOfAProcessThatDiedIsTakenWithinSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		dead, next := leaser(store), leaser(store)
		if _, l := dead.seize(t.Context(), 0); l == nil {
			t.Fatal("nobody had it, and it was not given")
		} else {
			l.stop() // kill -9: it renews no more, and gives nothing back
			<-l.done
		}
		died := testbed.Start()
		_, l := next.acquire(t.Context())
		if d := died.Elapsed(); d < 4*time.Second || d > 5*time.Second {
			t.Errorf("taken after %s", d)
		}
		l.end(t.Context())
	})
}

func TestALeaseGivenBackIsTakenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		_, l := leaser(store).acquire(t.Context())
		l.end(t.Context())
		began := testbed.Start()
		_, l = leaser(store).acquire(t.Context())
		if began.Elapsed() != 0 {
			t.Errorf("after %s", began.Elapsed())
		}
		l.end(t.Context())
	})
}

func TestALeaseThatAnotherTookIsLostAndNotWrittenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newShelf()
		held, l := leaser(store).acquire(t.Context())
		_, rev, _ := store.Get(t.Context(), leaseKey, testbed.Now())
		if _, err := store.Put(t.Context(), leaseKey, []byte(`{"holder":"another"}`), rev, testbed.Now(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		<-held.Done() // at its next renewal
		l.end(t.Context())
		body, _, _ := store.Get(t.Context(), leaseKey, testbed.Now())
		var s seat
		if err := json.Unmarshal(body, &s); err != nil || s.Holder != "another" {
			t.Errorf("the seat is %s", body)
		}
	})
}

// deaf is a store whose writes get through, and whose answers do not.
type deaf struct {
	*shelf
	left atomic.Int64
}

func (d *deaf) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	rev, err := d.shelf.Put(ctx, key, value, rev, now, expires)
	if err == nil && d.left.Add(-1) >= 0 {
		return 0, errors.New("reset by peer")
	}
	return rev, err
}

func TestAWriteWhoseAnswerWasLostLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &deaf{shelf: newShelf()}
		store.left.Store(1)
		held, l := leaser(store).acquire(t.Context())
		store.left.Store(1)
		time.Sleep(10 * time.Second)
		if held.Err() != nil {
			t.Error("lost")
		}
		store.left.Store(1)
		l.end(t.Context()) // that it was given back is not known, and it was
		began := testbed.Start()
		_, l = leaser(store).acquire(t.Context())
		if d := began.Elapsed(); d != 0 {
			t.Errorf("given back, and taken after %s", d)
		}
		l.end(t.Context())
	})
}

func TestWhatADeadReplicaHadInHandIsHandledByTheNext(t *testing.T) {
	srv, _, _ := open(t, telegramtest.Options{})
	store := storeOf(t, srv.URL())
	cut := &stalled{Sessions: store}
	dying, _ := replica(t, srv, cut)
	dying.grace = 0
	var first, second atomic.Value
	begun := make(chan struct{})
	stop := run(t, dying, func(ctx context.Context, in bot.Input) bot.Reply {
		if in.Text != "dos" {
			return bot.Reply{Card: said("eco " + in.Text)}
		}
		first.Store(in.Once)
		close(begun) // once: the lease is not lost before the store is
		<-ctx.Done()
		return bot.Reply{}
	})
	p := srv.Person(7001, "Lucía", "")
	p.Say("uno")
	rest(t, srv)
	next, log := replica(t, srv, store)
	run(t, next, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Text == "dos" {
			second.Store(in.Once)
		}
		return bot.Reply{Card: said("eco " + in.Text)}
	})
	p.Say("dos")
	<-begun
	p.Say("tres")
	cut.off.Store(true) // it gives nothing back
	stop()
	rest(t, srv)
	if diff := cmp.Diff([]string{"uno", "eco uno", "dos", "tres", "eco dos", "eco tres"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if first.Load() != second.Load() || strings.Contains(log.String(), "somebody else receives") {
		t.Errorf("%v, then %v:\n%s", first.Load(), second.Load(), log)
	}
}

func TestTwoThatPollAtOnceLoseNothing(t *testing.T) {
	srv, one, _ := open(t, telegramtest.Options{})
	two, _ := connect(t, srv.URL())
	two.sessions = newShelf() // another deployment
	var seen sync.Map
	var handled atomic.Int32
	for _, tg := range []*Telegram{one, two} { // without a lease: each ends the other's poll
		tg.sleep = func(ctx context.Context, _ time.Duration) error { return wire.Sleep(ctx, time.Millisecond) }
		run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
			if _, again := seen.LoadOrStore(in.Text, true); !again {
				handled.Add(1)
			}
			return bot.Reply{}
		})
	}
	p := srv.Person(7001, "Lucía", "")
	for i := range 20 {
		p.Say(fmt.Sprint(i))
	}
	testbed.Await(t, time.Minute, "all are handled", func() bool { return handled.Load() == 20 })
}
