package redis_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/redis"
	"sidem.gob.mx/sidem/storage/redis/redistest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// quick makes go-redis try again soon, so that these tests take no longer than they must.
const quick = "&min_retry_backoff=1ms&max_retry_backoff=5ms"

// crowd runs do for each of n at the same time and fails on the first error of each.
func crowd(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := do(i); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

func TestRedisPassesTheSuiteWhileAnswersAreLost(t *testing.T) {
	checks := flag.Lookup("rapid.checks").Value.String()
	must(t, flag.Set("rapid.checks", "5"))
	defer func() { _ = flag.Set("rapid.checks", checks) }()
	p := redistest.NewProxy(t, shared(t), 1)
	p.Lose(0.05)
	storagetest.Run(t, func(t *testing.T) storagetest.Store {
		return open(t, shared(t).Via(p.Addr(), newTag())+quick, redis.Options{})
	})
	if p.Lost() < 100 {
		t.Errorf("only %d answers were lost: nothing was tested", p.Lost())
	}
}

func TestWhileAnswersAreLostEveryCallOfACrowdHappensOnce(t *testing.T) {
	const people, rounds = 15, 15
	p := redistest.NewProxy(t, shared(t), 2)
	tag := newTag()
	s := open(t, shared(t).Via(p.Addr(), tag)+quick, redis.Options{})
	p.Lose(0.05)
	crowd(t, people, func(i int) error {
		var r core.Record
		for n := range rounds {
			c := next(r, core.Event{Record: fmt.Sprintf("r%d", i)}, mail(fmt.Sprintf("m%d-%d", i, n)))
			if err := s.Commit(t.Context(), c); err != nil {
				return err
			}
			r = c.Record
			line := outbox.Item{
				Key: "digest", Merge: outbox.Append, Lane: outbox.Bulk, Due: morning.AddDate(1, 0, 0), What: "digest",
				Data: map[string]string{"lines": fmt.Sprintf("%d-%d", i, n)},
			}
			if changed, err := s.Add(t.Context(), morning, line); err != nil || changed != 1 {
				return fmt.Errorf("add: %d, %w", changed, err)
			}
			if rev, err := s.Put(t.Context(), fmt.Sprintf("k%d", i), []byte("v"), n, morning, time.Time{}); err != nil || rev != n+1 {
				return fmt.Errorf("put: revision %d, %w", rev, err)
			}
		}
		return nil
	})
	var settled atomic.Int64
	crowd(t, 8, func(int) error {
		for {
			got, err := s.Claim(t.Context(), morning, 7, lease)
			if err != nil || len(got) == 0 {
				return err
			}
			var results []outbox.Result
			for _, it := range got {
				results = append(results, outbox.Result{ID: it.ID, Epoch: it.Epoch, Version: it.Version, Outcome: outbox.WasSent})
			}
			n, err := s.Settle(t.Context(), morning, results)
			if err != nil || n != len(got) {
				return fmt.Errorf("settle: %d of %d, %w", n, len(got), err)
			}
			settled.Add(int64(n))
		}
	})
	p.Lose(0)
	if p.Lost() < 50 {
		t.Errorf("only %d answers were lost: nothing was tested", p.Lost())
	}
	const commits = people * rounds
	sound(t, s, commits)
	if settled.Load() != commits {
		t.Errorf("%d mails were settled, want %d", settled.Load(), commits)
	}
	for _, it := range items(t, s) {
		switch {
		case it.Key == "digest":
			lines := strings.Split(it.Data["lines"], "\n")
			slices.Sort(lines)
			if got := len(slices.Compact(lines)); got != commits || strings.Count(it.Data["lines"], "\n") != commits-1 {
				t.Errorf("the digest has %d lines, %d different, want %d", strings.Count(it.Data["lines"], "\n")+1, got, commits)
			}
		case it.State != outbox.Sent || it.Epoch != 1 || len(it.Attempts) != 1:
			t.Errorf("item = %+v", it)
		}
	}
}

func TestAClaimWhoseAnswerWasLostIsKnownThoughTheItemWasRewrittenMeanwhile(t *testing.T) {
	p := redistest.NewProxy(t, shared(t), 6)
	tag := newTag()
	far, near := open(t, shared(t).Via(p.Addr(), tag)+quick, redis.Options{}), open(t, shared(t).DSN(tag), redis.Options{})
	add := func() {
		card := mail("card")
		card.Merge = outbox.Latest
		_, err := near.Add(t.Context(), morning, card)
		must(t, err)
	}
	_, err := near.Claim(t.Context(), morning, 1, lease) // the server learns the script
	must(t, err)
	add()
	p.Lose(1)
	claimed := make(chan []outbox.Item)
	go func() {
		got, err := far.Claim(t.Context(), morning, 1, lease)
		if err != nil {
			t.Error(err)
		}
		claimed <- got
	}()
	testbed.Await(t, time.Minute, "a claim", func() bool { return items(t, near)[0].Leased })
	add() // the card is wanted anew while it is held
	p.Lose(0)
	got := <-claimed
	if len(got) != 1 || got[0].Epoch != 1 || got[0].Version != 2 {
		t.Fatalf("claimed %+v", got)
	}
	n, err := far.Settle(t.Context(), morning, []outbox.Result{{ID: got[0].ID, Epoch: 1, Version: 2, Outcome: outbox.WasSent}})
	if it := items(t, near)[0]; err != nil || n != 1 || it.State != outbox.Sent {
		t.Errorf("settled %d, %v: %+v", n, err, it)
	}
}

// pressing commits on ten records at once until stop is closed or one is refused, and
// counts what was acknowledged.
type pressing struct {
	mu    sync.Mutex
	seqs  map[string]int
	count atomic.Int64
}

func (p *pressing) run(t *testing.T, s *redis.Store, stop <-chan struct{}) error {
	p.seqs = map[string]int{}
	errs := make([]error, 10)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			id := fmt.Sprintf("r%d", i)
			var r core.Record
			for n := 0; errs[i] == nil; n++ {
				select {
				case <-stop:
					return
				default:
				}
				c := next(r, core.Event{Record: id}, mail(fmt.Sprintf("m%d-%d", i, n)))
				if errs[i] = s.Commit(t.Context(), c); errs[i] != nil {
					return
				}
				r = c.Record
				p.mu.Lock()
				p.seqs[id] = r.Seq
				p.mu.Unlock()
				p.count.Add(1)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// reach waits until so many more were acknowledged; false if nobody presses any more.
func (p *pressing) reach(more int64, over <-chan struct{}) bool {
	for seen := p.count.Load(); p.count.Load() < seen+more; {
		select {
		case <-over:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

func TestNothingAcknowledgedIsLostWhenRedisIsKilledThatSyncsAlways(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "always"})
	s := open(t, server.DSN("sidem")+quick, redis.Options{})
	var p pressing
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		// Nobody is refused, so that what is there is exactly what was acknowledged.
		if err := p.run(t, s, stop); err != nil {
			t.Error(err)
		}
	}()
	for range 4 {
		if p.reach(200, over) {
			server.Kill()
			must(t, server.Up())
		}
	}
	p.reach(50, over)
	close(stop)
	<-over
	server.Kill()
	must(t, server.Up())
	sound(t, s, int(p.count.Load()))
	for id, seq := range p.seqs {
		if r, err := s.Record(t.Context(), id); err != nil || r.Seq != seq {
			t.Errorf("%s stands at %d, acknowledged was %d (%v)", id, r.Seq, seq, err)
		}
	}
	if got := len(items(t, s)); got != int(p.count.Load()) {
		t.Errorf("%d items, want %d", got, p.count.Load())
	}
}

// With everysec Redis answers before it writes while a sync is under way, so that
// a kill may take the last commits. What is left is whole, and whoever was told
// of more refuses to go on.
func TestARedisThatSyncsEverySecondLosesATailAtMostAndWhoWasToldOfItKnows(t *testing.T) {
	server := redistest.Start(t, redistest.Options{Fsync: "everysec"})
	s := open(t, server.DSN("sidem")+quick, redis.Options{})
	var p pressing
	stop, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		if err := p.run(t, s, stop); err != nil && !errors.Is(err, redis.ErrLost) {
			t.Error(err)
		}
	}()
	p.reach(500, over)
	close(stop)
	<-over
	acknowledged := int(p.count.Load())
	server.Kill()
	must(t, server.Up())
	left := len(whole(t, s))
	sound(t, s, left)
	if got := len(items(t, s)); got != left {
		t.Errorf("%d items for %d events", got, left)
	}
	err := s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "after"}))
	if lost := left < acknowledged; lost != errors.Is(err, redis.ErrLost) || !lost && err != nil {
		t.Errorf("of %d acknowledged %d are left; the next commit: %v", acknowledged, left, err)
	}
}

func TestCallsOutlastACutAndTheClientComesBackByItself(t *testing.T) {
	p := redistest.NewProxy(t, shared(t), 3)
	tag := newTag()
	s := open(t, shared(t).Via(p.Addr(), tag), redis.Options{})
	other := open(t, shared(t).DSN(tag), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r0"})))
	p.Cut()
	mended := make(chan struct{})
	time.AfterFunc(1500*time.Millisecond, func() {
		p.Mend()
		close(mended)
	})
	crowd(t, 20, func(i int) error {
		switch i % 3 {
		case 0:
			return s.Commit(t.Context(), next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i+1)}))
		case 1:
			_, err := s.Record(t.Context(), "r0")
			return err
		default:
			_, err := s.Add(t.Context(), morning, mail(fmt.Sprint(i)))
			return err
		}
	})
	select {
	case <-mended:
	default:
		t.Error("they were answered before the cut ended: nothing was tested")
	}
	sound(t, s, 8)
	if got := len(items(t, s)); got != 6 {
		t.Errorf("%d items, want 6", got)
	}
	// The subscription comes back too.
	drain(s)
	_, err := other.Add(t.Context(), morning, mail("after"))
	must(t, err)
	woken(t, s)
}

func TestACallThatLosesPatienceSaysThatTheServerIsAway(t *testing.T) {
	p := redistest.NewProxy(t, shared(t), 4)
	s := open(t, shared(t).Via(p.Addr(), newTag()), redis.Options{Patience: 200 * time.Millisecond})
	p.Cut()
	err := s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"}))
	if err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("Commit = %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Record(ctx, "r1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Record = %v, want DeadlineExceeded", err)
	}
	p.Mend()
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r2"})))
}

func TestAFullServerRefusesWholeAndSaysSo(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r0"})))
	must(t, server.Admin.ConfigSet(t.Context(), "maxmemory", "3mb").Err())
	big := map[core.Field]string{core.FieldSubject: strings.Repeat("x ", 10_000)}
	var refused desk.Commit
	taken := 1
	for i := 1; refused.Expect == 0 && refused.Record.ID == ""; i++ {
		c := next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i), Fields: big, Once: fmt.Sprint(i)}, mail(fmt.Sprint(i)))
		switch err := s.Commit(t.Context(), c); {
		case err == nil:
			taken++
		case errors.Is(err, redis.ErrFull):
			refused = c
		default:
			t.Fatal(err)
		}
	}
	must(t, server.Admin.ConfigSet(t.Context(), "maxmemory", "1mb").Err()) // whatever clients' buffers take or give
	if _, err := s.Add(t.Context(), morning, mail("more")); !errors.Is(err, redis.ErrFull) {
		t.Errorf("Add = %v, want ErrFull", err)
	}
	if _, err := s.Put(t.Context(), "k", nil, 0, morning, time.Time{}); !errors.Is(err, redis.ErrFull) {
		t.Errorf("Put = %v, want ErrFull", err)
	}
	sound(t, s, taken)
	if got := len(items(t, s)); got != taken-1 {
		t.Errorf("%d items, want %d", got, taken-1)
	}
	must(t, server.Admin.ConfigSet(t.Context(), "maxmemory", "0").Err())
	must(t, s.Commit(t.Context(), refused))
	sound(t, s, taken+1)
}

func TestScriptsThatTheServerForgotAreSentAgain(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	var r core.Record
	for range 3 {
		must(t, server.Admin.ScriptFlush(t.Context()).Err())
		c := next(r, core.Event{Record: "r1"})
		must(t, s.Commit(t.Context(), c))
		r = c.Record
		must(t, server.Admin.ScriptFlush(t.Context()).Err())
		if _, err := s.Stats(t.Context(), morning); err != nil {
			t.Error(err)
		}
	}
	sound(t, s, 3)
}

func TestAServerThatBecomesAReplicaIsRefusedUntilItIsMasterAgain(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r1"})))
	must(t, server.Admin.ReplicaOf(t.Context(), "127.0.0.1", "1").Err())
	err := s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r2"}))
	if !errors.Is(err, redis.ErrUnfit) || !strings.Contains(err.Error(), "REPLICAOF NO ONE") {
		t.Errorf("Commit = %v, want ErrUnfit and the repair", err)
	}
	must(t, server.Admin.ReplicaOf(t.Context(), "NO", "ONE").Err())
	must(t, s.Commit(t.Context(), next(core.Record{}, core.Event{Record: "r2"})))
}

func TestAMasterThatWantsReplicasIsWaitedForUntilItHasThem(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	first := next(core.Record{}, core.Event{Record: "r1"})
	must(t, s.Commit(t.Context(), first))
	must(t, server.Admin.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err())
	done := make(chan error)
	go func() { done <- s.Commit(t.Context(), next(first.Record, core.Event{})) }()
	select {
	case err := <-done:
		t.Errorf("without a replica it was answered: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if r, err := s.Record(t.Context(), "r1"); err != nil || r.Seq != 1 {
		t.Errorf("meanwhile it can be read as %+v, %v", r, err)
	}
	host, port, _ := net.SplitHostPort(server.Addr())
	redistest.Start(t, redistest.Options{Config: []string{"replicaof " + host + " " + port, "masteruser " + server.Admin.Options().Username, "masterauth " + server.Admin.Options().Password}})
	must(t, <-done)
	sound(t, s, 2)
}

func TestAServerThatForgotWhatItAcknowledgedIsRefused(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	s := open(t, server.DSN("sidem"), redis.Options{})
	first := next(core.Record{}, core.Event{Record: "r1"})
	must(t, s.Commit(t.Context(), first))
	must(t, s.Commit(t.Context(), next(first.Record, core.Event{})))
	// As after a failover to a replica that lagged by one event.
	must(t, server.Admin.FlushAll(t.Context()).Err())
	must(t, open(t, server.DSN("sidem"), redis.Options{}).Commit(t.Context(), first))
	if err := s.Commit(t.Context(), next(first.Record, core.Event{})); !errors.Is(err, redis.ErrLost) {
		t.Errorf("Commit = %v, want ErrLost", err)
	}
	if got := len(whole(t, s)); got != 1 {
		t.Errorf("the log has %d events, want 1", got)
	}
}

func TestAKeyOfAnotherTypeIsFoundBeforeAnythingIsWritten(t *testing.T) {
	testbed.Need(t, testbed.Redis)
	for _, name := range []string{"rows", "lists", "due", "leased", "dead", "sessions", "ends"} {
		t.Run(name, func(t *testing.T) {
			tag := newTag()
			s := open(t, shared(t).DSN(tag), redis.Options{})
			c := next(core.Record{}, core.Event{Record: "r1"}, mail("a"))
			must(t, s.Commit(t.Context(), c))
			claimed, err := s.Claim(t.Context(), morning, 1, lease)
			must(t, err)
			_, err = s.Put(t.Context(), "k", nil, 0, morning, morning.AddDate(0, 0, 1))
			must(t, err)
			key := "{" + tag + "}:" + name
			must(t, shared(t).Admin.Set(t.Context(), key, "of another program", 0).Err())
			before := dump(t, tag)
			failures := 0
			for _, do := range []func() error{
				func() error { return s.Commit(t.Context(), next(c.Record, core.Event{}, mail("b"))) },
				func() error { _, err := s.Add(t.Context(), morning, mail("c")); return err },
				func() error { _, err := s.Claim(t.Context(), morning.AddDate(0, 0, 1), 1, lease); return err },
				func() error {
					_, err := s.Settle(t.Context(), morning, []outbox.Result{{ID: claimed[0].ID, Epoch: 1, Version: 1, Outcome: outbox.Buried}})
					return err
				},
				func() error { _, err := s.Put(t.Context(), "k", nil, 1, morning, time.Time{}); return err },
				func() error { return s.Delete(t.Context(), "k") },
			} {
				if err := do(); err != nil {
					failures++
					if !strings.Contains(err.Error(), "holds something else") {
						t.Errorf("the error does not explain itself: %v", err)
					}
					if after := dump(t, tag); after != before {
						t.Errorf("something was written all the same (%v)", err)
					}
				}
				before = dump(t, tag)
			}
			if failures == 0 {
				t.Error("nobody noticed")
			}
		})
	}
}

// dump is all that is kept under a tag, as one text; marks of operations aside.
func dump(t *testing.T, tag string) string {
	t.Helper()
	keys, err := shared(t).Admin.Keys(t.Context(), "{"+tag+"}:*").Result()
	must(t, err)
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		if strings.Contains(k, ":op:") {
			continue
		}
		v, err := shared(t).Admin.Dump(t.Context(), k).Result()
		must(t, err)
		fmt.Fprintf(&b, "%s=%q\n", k, v)
	}
	return b.String()
}

func TestABrokenRowHurtsNobodyElseInTheGroup(t *testing.T) {
	tag := newTag()
	s := open(t, shared(t).DSN(tag), redis.Options{})
	c := next(core.Record{}, core.Event{Record: "broken"})
	must(t, s.Commit(t.Context(), c))
	must(t, shared(t).Admin.HSet(t.Context(), "{"+tag+"}:rows", "r:broken", "rubbish").Err())
	crowd(t, 40, func(i int) error {
		if i%4 == 0 {
			if err := s.Commit(t.Context(), next(c.Record, core.Event{})); err == nil {
				return errors.New("the broken one was taken")
			}
			return nil
		}
		return s.Commit(t.Context(), next(core.Record{}, core.Event{Record: fmt.Sprintf("r%d", i)}))
	})
	if got := len(whole(t, s)); got != 31 {
		t.Errorf("the log has %d events, want 31", got)
	}
}
