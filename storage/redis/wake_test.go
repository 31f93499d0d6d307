package redis_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis"
)

// woken waits for the hint and returns how long it took.
func woken(t *testing.T, s *redis.Store) time.Duration {
	t.Helper()
	from := testbed.Start()
	select {
	case <-s.Wake():
		return from.Elapsed()
	case <-time.After(time.Minute):
		t.Fatal("nobody was woken")
		return 0
	}
}

// drain takes the hints that are on their way.
func drain(s *redis.Store) {
	for {
		select {
		case <-s.Wake():
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}

func TestAnItemCommittedOnOneReplicaWakesAnotherWithinATenthOfASecond(t *testing.T) {
	tag := newTag()
	a, b := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	woken(t, b) // it listens
	drain(b)
	var waits []time.Duration
	for i := range 20 {
		must(t, a.Commit(t.Context(), next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i)}, mail(fmt.Sprint(i)))))
		waits = append(waits, woken(t, b))
	}
	slices.Sort(waits)
	if m := waits[len(waits)/2]; m > 100*time.Millisecond {
		t.Errorf("the median is %v: %v", m, waits)
	}
}

func TestALostSubscriptionIsMadeAnewAndRousesOnceSinceSomethingMayHaveBeenMissed(t *testing.T) {
	tag := newTag()
	a, b := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	woken(t, b)
	drain(b)
	must(t, shared(t).Admin.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err())
	woken(t, b)
	drain(b)
	_, err := a.Add(t.Context(), morning, mail("k"))
	must(t, err)
	woken(t, b)
}

func TestWhatWakesNobodyIsNotToldAround(t *testing.T) {
	tag := newTag()
	a, b := open(t, shared(t).DSN(tag), redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	_, err := a.Add(t.Context(), morning, mail("k"))
	must(t, err)
	woken(t, b)
	drain(b)
	_, err = a.Add(t.Context(), morning, mail("k"))
	must(t, err)
	must(t, a.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"})))
	select {
	case <-b.Wake():
		t.Error("a duplicate and a commit without items woke somebody")
	case <-time.After(50 * time.Millisecond):
	}
}
