package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

func TestTheBreakerOpensProbesOneByOneAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var calls []time.Duration
		began, up := testbed.Start(), testbed.Now().Add(10*time.Second)
		items := make([]outbox.Item, 20)
		for i := range items {
			items[i] = due(fmt.Sprintf("m%02d", i))
			items[i].Account = fmt.Sprint("a", i)
		}
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			mu.Lock()
			calls = append(calls, began.Elapsed())
			mu.Unlock()
			if time.Sleep(time.Millisecond); testbed.Now().Before(up) {
				return "", outbox.Config(errors.New("connection refused"))
			}
			return "", nil
		}))}, items...)
		defer b.end(t)
		pass(9 * time.Second)
		mu.Lock()
		// All that were under way when it went down, then a probe after 1, 2 and 4 s
		// (each up to a quarter later, by jitter).
		if n := len(calls) - 20; n < 2 || n > 4 {
			t.Errorf("%d probes in nine seconds, want about three: %v", n, calls)
		}
		mu.Unlock()
		pass(time.Minute)
		for _, it := range items {
			got := b.item(t, it.Key)
			if got.State != outbox.Sent || got.Tries != 0 {
				t.Errorf("%s is %s with %d tries, want sent with none burnt", it.Key, got.State, got.Tries)
			}
		}
	})
}

func TestAProbeThatTeachesNothingIsFollowedByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{outbox.Config(errors.New("no route")), errTrouble, nil}}
		b := start(t, notifier.Config{Workers: 1, Senders: email(s)}, due("m1"), due("m2"))
		defer b.end(t)
		pass(5 * time.Second)
		for _, key := range []string{"m1", "m2"} {
			if it := b.item(t, key); it.State != outbox.Sent {
				t.Errorf("%s is %s after %d calls, want sent", key, it.State, len(s.times()))
			}
		}
	})
}

func TestAClockThatJumpedGivesNothingUpBeforeTheChannelIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			if time.Sleep(500 * time.Millisecond); !up.Load() {
				return "", outbox.Config(errors.New("no route"))
			}
			return "", nil
		}))}, due("m1"), due("m2"), due("m3"))
		defer b.end(t)
		pass(time.Minute)
		up.Store(true)
		b.clock.jump(48 * time.Hour)
		pass(time.Minute)
		for _, key := range []string{"m1", "m2", "m3"} {
			if it := b.item(t, key); it.State != outbox.Sent {
				t.Errorf("%s is %s, want sent", key, it.State)
			}
		}
	})
}

func TestOneChannelsBreakerDoesNotTouchAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := due("card")
		chat.Channel = "telegram"
		later := chat
		later.Key, later.Due = "later", testbed.Now().Add(3*time.Second)
		mail := &script{errs: []error{outbox.Config(errors.New("no route"))}}
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{
			"email": mail, "telegram": &script{errs: []error{nil}},
		}}, due("m"), chat, later)
		defer b.end(t)
		pass(3 * time.Second)
		for _, key := range []string{"card", "later"} {
			if it := b.item(t, key); it.State != outbox.Sent {
				t.Errorf("%s is %s, want sent", key, it.State)
			}
		}
		if it := b.item(t, "m"); it.State != outbox.Live || it.Tries != 0 {
			t.Errorf("the mail is %s with %d tries, want live with none", it.State, it.Tries)
		}
	})
}

func TestAChannelThatStaysDownGivesItsItemsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, notifier.Config{
			Senders:  email(&script{errs: []error{outbox.Config(errors.New("no route"))}}),
			Patience: notifier.Patience{Age: 10 * time.Minute},
			Fallback: func(_ context.Context, _ outbox.Item, cause error) ([]outbox.Item, error) {
				if !outbox.IsConfig(cause) {
					t.Errorf("cause is %v", cause)
				}
				return nil, nil
			},
		}, due("m1"), due("m2"), due("m3"))
		defer b.end(t)
		pass(20 * time.Minute)
		for _, key := range []string{"m1", "m2", "m3"} {
			if it := b.item(t, key); it.State != outbox.Dead {
				t.Errorf("%s is %s, want dead", key, it.State)
			}
		}
	})
}

func TestASlowRecipientDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		sent := map[string]time.Duration{}
		began := testbed.Start()
		items := make([]outbox.Item, 0, 60)
		for i := range 30 {
			stuck, quick := due(fmt.Sprintf("stuck%02d", i)), due(fmt.Sprintf("quick%02d", i))
			stuck.Account, stuck.Lane = "mute", outbox.Press // ahead of all others
			quick.Account = fmt.Sprint("a", i)
			items = append(items, stuck, quick)
		}
		b := start(t, notifier.Config{Workers: 8, Senders: email(sender(func(ctx context.Context, it outbox.Item) (string, error) {
			if it.Account == "mute" {
				<-ctx.Done()
				return "", ctx.Err()
			}
			mu.Lock()
			defer mu.Unlock()
			sent[it.Key] = began.Elapsed()
			return "", nil
		}))}, items...)
		defer b.end(t)
		pass(2 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(sent) != 30 {
			t.Errorf("%d of 30 were sent beside a recipient that does not answer", len(sent))
		}
	})
}

func TestASlowChannelDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cards atomic.Int64
		began := testbed.Now()
		var items []outbox.Item
		for i := range 500 {
			mail := due(fmt.Sprint("mail", i))
			mail.Account = fmt.Sprint("a", i)
			items = append(items, mail)
		}
		for i := range 50 {
			card := due(fmt.Sprint("card", i))
			card.Channel, card.Due = "telegram", began.Add(time.Duration(i)*100*time.Millisecond)
			items = append(items, card)
		}
		var atOnce, most atomic.Int64
		b := start(t, notifier.Config{Workers: 8, Senders: map[string]notifier.Sender{
			"email": sender(func(ctx context.Context, _ outbox.Item) (string, error) {
				most.Store(max(most.Load(), atOnce.Add(1)))
				defer atOnce.Add(-1)
				<-ctx.Done()
				return "", ctx.Err()
			}),
			"telegram": sender(func(context.Context, outbox.Item) (string, error) {
				cards.Add(1)
				return "", nil
			}),
		}}, items...)
		defer b.end(t)
		pass(7 * time.Second)
		if cards.Load() != 50 {
			t.Errorf("%d of 50 cards were sent beside a channel that hangs", cards.Load())
		}
		if most.Load() > 24 {
			t.Errorf("%d sends hang at once with 8 workers", most.Load())
		}
	})
}

func TestOnlyAsManyAreClaimedAsThereAreFreeWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var items []outbox.Item
		for i := range 40 {
			items = append(items, due(fmt.Sprint("m", i)))
		}
		var atOnce, most atomic.Int64
		b := start(t, notifier.Config{Workers: 4, Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			most.Store(max(most.Load(), atOnce.Add(1)))
			defer atOnce.Add(-1)
			time.Sleep(50 * time.Millisecond)
			return "", nil
		}))}, items...)
		defer b.end(t)
		pass(5 * time.Second)
		if most.Load() != 4 {
			t.Errorf("%d sends at once, want 4", most.Load())
		}
		if got := slices.Max(b.claims); got > 4 {
			t.Errorf("%d claimed at once", got)
		}
		s, err := b.Stats(t.Context(), testbed.Now())
		if err != nil || s.Sent != 40 {
			t.Errorf("%d sent (%v), want 40", s.Sent, err)
		}
		if got := slices.Max(b.settles); got < 2 {
			t.Error("results were settled one by one")
		}
	})
}

func TestAStoreThatFailsIsAskedAgainAndNothingIsSentTwice(t *testing.T) {
	for name, m := range map[string]*memory{
		"claims":        {failClaims: 3},
		"settles":       {failSettles: 3},
		"lost answers":  {dropReplies: 2},
		"a long outage": {failSettles: 60},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{errs: []error{nil}}
				b := start(t, notifier.Config{Outbox: m, Senders: email(s)}, due("m"))
				defer b.end(t)
				pass(5 * time.Minute)
				if it := b.item(t, "m"); it.State != outbox.Sent || len(s.times()) != 1 {
					t.Errorf("it is %s after %d calls, want sent by one", it.State, len(s.times()))
				}
			})
		})
	}
}

func TestALeaseThatEndsBeforeTheSendDoesNotSendTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			calls.Add(1)
			time.Sleep(2 * time.Second)
			return "", nil
		}))}, due("m"))
		defer b.end(t)
		pass(500 * time.Millisecond)
		b.clock.jump(48 * time.Hour) // the lease is over, as the store sees it
		pass(10 * time.Second)
		it := b.item(t, "m")
		if diff := cmp.Diff([]outbox.Outcome{outbox.Unknown, outbox.WasSent}, outcomes(it)); diff != "" || calls.Load() != 1 {
			t.Errorf("%d calls, outcomes %v; want one call and an unknown claim on record", calls.Load(), outcomes(it))
		}
	})
}

func TestALeaseThatEndsWhileTheResultIsSettledDoesNotSendTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{nil}}
		b := start(t, notifier.Config{Outbox: &memory{slowSettle: 2 * time.Second}, Senders: email(s)}, due("m"))
		defer b.end(t)
		pass(500 * time.Millisecond)
		b.clock.jump(48 * time.Hour)
		pass(10 * time.Second)
		if it := b.item(t, "m"); it.State != outbox.Sent || len(s.times()) != 1 {
			t.Errorf("it is %s after %d calls, want sent by one", it.State, len(s.times()))
		}
	})
}

func TestASenderGetsTwoThirdsOfTheLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got time.Duration
		b := start(t, notifier.Config{Lease: 12 * time.Second, Senders: email(sender(func(ctx context.Context, _ outbox.Item) (string, error) {
			until, _ := ctx.Deadline()
			got = until.Sub(testbed.Now())
			return "", nil
		}))}, due("m"))
		defer b.end(t)
		pass(time.Second)
		if got != 8*time.Second {
			t.Errorf("it gets %v of 12 s", got)
		}
	})
}

func TestShutdownReleasesWhatIsNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{nil}}
		b := start(t, notifier.Config{Outbox: &memory{slowClaim: time.Second}, Senders: email(s)}, due("m"))
		pass(500 * time.Millisecond) // in the midst of a claim
		b.end(t)
		it := b.item(t, "m")
		if diff := cmp.Diff([]outbox.Outcome{outbox.Released}, outcomes(it)); diff != "" {
			t.Error(diff)
		}
		if it.State != outbox.Live || it.Leased || it.Tries != 0 || len(s.times()) != 0 {
			t.Errorf("it is %+v, want live, free and untouched", it)
		}
	})
}

func TestShutdownLetsSendsFinishWithinTheGrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, notifier.Config{Senders: email(sender(func(ctx context.Context, _ outbox.Item) (string, error) {
			select {
			case <-time.After(4 * time.Second):
				return "", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}))}, due("m"))
		pass(time.Second)
		began := testbed.Start()
		b.end(t)
		if it := b.item(t, "m"); it.State != outbox.Sent || began.Elapsed() != 3*time.Second {
			t.Errorf("it is %s after %v, want sent after 3 s", it.State, began.Elapsed())
		}
	})
}

func TestShutdownCancelsStragglersAndGivesThemBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, notifier.Config{Grace: 2 * time.Second, Senders: email(sender(func(ctx context.Context, _ outbox.Item) (string, error) {
			<-ctx.Done()
			return "", outbox.Uncertain(ctx.Err())
		}))}, due("m"))
		pass(time.Second)
		began := testbed.Start()
		b.end(t)
		it := b.item(t, "m")
		if it.Leased || it.State != outbox.Live || !it.Attempts[0].MayHaveArrived() {
			t.Errorf("it is %+v, want a retry that is uncertain", it)
		}
		if got := began.Elapsed(); got != 2*time.Second {
			t.Errorf("it took %v, want the grace of 2 s", got)
		}
	})
}

func TestShutdownDoesNotWaitForASenderThatHearsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		b := start(t, notifier.Config{Grace: 2 * time.Second, Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			<-free
			return "", nil
		}))}, due("m"))
		pass(time.Second)
		if err := b.ended(); err == nil {
			t.Error("Run tells nothing of the item that it left behind")
		}
		close(free)
	})
}

func TestShutdownDoesNotWaitForAStoreThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, notifier.Config{Outbox: &memory{failSettles: 1 << 20}, Senders: email(&script{errs: []error{nil}})}, due("m"))
		pass(time.Second)
		began := testbed.Start()
		if err := b.ended(); err == nil {
			t.Error("Run tells nothing of the item that it left behind")
		}
		if got := began.Elapsed(); got > 7*time.Second {
			t.Errorf("it took %v", got)
		}
	})
}
