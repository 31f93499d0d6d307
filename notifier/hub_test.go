package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

var errTrouble = errors.New("451 try later")

func TestADueItemIsSentOnceWithItsReceipt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{nil}}
		b := start(t, notifier.Config{Senders: email(s)}, due("m"))
		pass(time.Hour)
		it := b.item(t, "m")
		if it.State != outbox.Sent || len(s.times()) != 1 || it.Attempts[0].Receipt != "r1" {
			t.Errorf("item is %+v after %d calls; want it sent by one call, receipt r1", it, len(s.times()))
		}
		b.end(t)
	})
}

func TestAnItemThatIsNoLongerNeededIsMoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{fmt.Errorf("card: %w", notifier.ErrMoot)}}
		b := start(t, notifier.Config{Senders: email(s)}, due("m"))
		defer b.end(t)
		pass(time.Minute)
		if it := b.item(t, "m"); it.State != outbox.Moot || len(s.times()) != 1 {
			t.Errorf("state %q after %d calls, want moot after one", it.State, len(s.times()))
		}
	})
}

func TestAFutureItemIsSentAtItsInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := testbed.Now()
		s := &script{errs: []error{nil}}
		it := due("m")
		it.Due = began.Add(90*time.Minute + 300*time.Millisecond)
		b := start(t, notifier.Config{Senders: email(s)}, it)
		defer b.end(t)
		pass(2 * time.Hour)
		if got := s.times(); len(got) != 1 || !got[0].Equal(it.Due) {
			t.Errorf("sent at %v, want once at %v", got, it.Due)
		}
	})
}

func TestANewItemWakesTheHubAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{nil}}
		b := start(t, notifier.Config{Senders: email(s)})
		defer b.end(t)
		pass(400 * time.Millisecond)
		if _, err := b.Add(t.Context(), testbed.Now(), due("m")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(s.times()) != 1 {
			t.Error("the item still waits")
		}
	})
}

func TestAJumpOfTheClockIsFollowedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{nil}}
		it := due("m")
		it.Due = testbed.Now().Add(48 * time.Hour)
		b := start(t, notifier.Config{Senders: email(s)}, it)
		defer b.end(t)
		pass(400 * time.Millisecond)
		b.clock.jump(48 * time.Hour)
		synctest.Wait()
		if len(s.times()) != 1 {
			t.Error("the item still waits")
		}
	})
}

func TestRetriesWaitWithFullJitterUpToACap(t *testing.T) {
	draws := map[string]float64{"none": 0.001, "half": 0.5, "most": 1}
	for name, draw := range draws {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{errs: []error{errTrouble}}
				b := start(t, notifier.Config{
					Senders: email(s), Rand: func() float64 { return draw },
					Patience: notifier.Patience{Tries: 8, Base: time.Second, Cap: 20 * time.Second},
				}, due("m"))
				defer b.end(t)
				pass(time.Hour)
				calls, want := s.times(), []float64{1, 2, 4, 8, 16, 20, 20}
				if len(calls) != len(want)+1 {
					t.Fatalf("%d calls, want %d", len(calls), len(want)+1)
				}
				for i, seconds := range want {
					wait, least := calls[i+1].Sub(calls[i]), time.Duration(seconds*draw*float64(time.Second))
					if wait < least || wait > least+2*time.Millisecond {
						t.Errorf("wait %d is %v, want %v", i, wait, least)
					}
				}
				if it := b.item(t, "m"); it.State != outbox.Dead || it.Tries != 7 {
					t.Errorf("at the end it is %s after %d tries, want dead after 7 retries", it.State, it.Tries)
				}
			})
		})
	}
}

func TestAnUncertainAttemptIsOnRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{outbox.Uncertain(errors.New("dropped after the dot")), nil}}
		b := start(t, notifier.Config{Senders: email(s)}, due("m"))
		defer b.end(t)
		pass(time.Minute)
		it := b.item(t, "m")
		if diff := cmp.Diff([]outbox.Outcome{outbox.WillRetry, outbox.WasSent}, outcomes(it)); diff != "" {
			t.Fatal(diff)
		}
		if !it.Attempts[0].MayHaveArrived() {
			t.Errorf("%+v does not say that it was uncertain", it.Attempts[0])
		}
	})
}

func TestAWaitThatThePlatformAskedForBurnsNoTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: slices.Repeat([]error{outbox.RetryAfter(errors.New("429"), 2*time.Hour)}, 15)}
		s.errs = append(s.errs, nil)
		b := start(t, notifier.Config{Senders: email(s)}, due("m"))
		defer b.end(t)
		began := testbed.Now()
		pass(15*2*time.Hour + time.Second)
		it := b.item(t, "m")
		if it.State != outbox.Sent || it.Tries != 0 {
			t.Errorf("it is %s with %d tries, want sent with none", it.State, it.Tries)
		}
		if got := s.times()[15].Sub(began); got != 15*2*time.Hour {
			t.Errorf("the last call came after %v", got)
		}
	})
}

func TestAPermanentFailureIsBuriedAtOnceAndTheNextChannelTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := &script{errs: []error{outbox.Permanent(errors.New("403 blocked"))}}
		mail := &script{errs: []error{nil}}
		it := due("card")
		it.Channel = "telegram"
		b := start(t, notifier.Config{
			Senders: map[string]notifier.Sender{"telegram": chat, "email": mail},
			Fallback: func(_ context.Context, _ outbox.Item, cause error) ([]outbox.Item, error) {
				if !outbox.IsPermanent(cause) {
					t.Errorf("cause %v is not the sender's", cause)
				}
				return []outbox.Item{due("mail instead of " + it.Key)}, nil
			},
		}, it)
		defer b.end(t)
		pass(time.Minute)
		if it := b.item(t, "card"); it.State != outbox.Dead || len(chat.times()) != 1 {
			t.Errorf("the card is %s after %d calls, want dead after one", it.State, len(chat.times()))
		}
		if it := b.item(t, "mail instead of card"); it.State != outbox.Sent {
			t.Errorf("the mail is %s, want sent", it.State)
		}
	})
}

func TestNothingIsBuriedWhileTheFallbackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		b := start(t, notifier.Config{
			Senders: email(&script{errs: []error{outbox.Permanent(errors.New("550"))}}),
			Fallback: func(context.Context, outbox.Item, error) ([]outbox.Item, error) {
				switch calls.Add(1) {
				case 1:
					return nil, errors.New("cannot load the account")
				case 2:
					panic("nil map")
				}
				return []outbox.Item{{Key: "alert", Merge: outbox.Once, Due: testbed.Now().Add(time.Hour), Channel: "email"}}, nil
			},
		}, due("m"))
		defer b.end(t)
		pass(10 * time.Second)
		if it := b.item(t, "m"); it.State != outbox.Live {
			t.Fatalf("it is %s without an alert", it.State)
		}
		pass(5 * time.Minute)
		if it := b.item(t, "m"); it.State != outbox.Dead {
			t.Errorf("it is %s, want dead", it.State)
		}
		b.item(t, "alert")
	})
}

func TestAnItemOfAnUnknownChannelIsBuried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		b := start(t, notifier.Config{
			Senders:  email(&script{errs: []error{nil}}),
			Fallback: func(_ context.Context, _ outbox.Item, c error) ([]outbox.Item, error) { cause = c; return nil, nil },
		}, outbox.Item{Key: "f", Merge: outbox.Once, Due: testbed.Now(), Channel: "fax"})
		defer b.end(t)
		pass(time.Second)
		if it := b.item(t, "f"); it.State != outbox.Dead || !strings.Contains(cause.Error(), `"fax"`) {
			t.Errorf("it is %s because of %v", it.State, cause)
		}
	})
}

func TestPatienceEndsByAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{errs: []error{errTrouble}}
		b := start(t, notifier.Config{
			Senders:  email(s),
			Patience: notifier.Patience{Tries: 1000, Age: time.Hour, Cap: 10 * time.Minute},
		}, due("m"))
		defer b.end(t)
		pass(55 * time.Minute)
		if it := b.item(t, "m"); it.State != outbox.Live {
			t.Fatalf("it is %s before its time", it.State)
		}
		pass(20 * time.Minute)
		if it := b.item(t, "m"); it.State != outbox.Dead {
			t.Errorf("it is %s after an hour of failures, want dead", it.State)
		}
	})
}

func TestPoisonIsSetAsideBeforeItIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		poison := due("p")
		for i := range 4 {
			poison.Attempts = append(poison.Attempts, outbox.Attempt{Epoch: i + 1, Outcome: outbox.Unknown})
		}
		poison.Epoch, poison.Leased, poison.Tries = 5, true, 4 // its fifth worker has just vanished
		s := &script{errs: []error{nil}}
		b := start(t, notifier.Config{Senders: email(s)}, poison, due("other"))
		defer b.end(t)
		pass(time.Second)
		if it := b.item(t, "p"); it.State != outbox.Dead {
			t.Errorf("the poison is %s, want dead", it.State)
		}
		if it := b.item(t, "other"); it.State != outbox.Sent || len(s.times()) != 1 {
			t.Errorf("the other is %s after %d calls, want sent by the only one", it.State, len(s.times()))
		}
		// Replayed by a person, it gets a new chance.
		if _, err := b.Replay(t.Context(), testbed.Now()); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if it := b.item(t, "p"); it.State != outbox.Sent {
			t.Errorf("replayed it is %s, want sent", it.State)
		}
	})
}

func TestAPanicIsAFailureLikeAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			if calls.Add(1) == 1 {
				panic("index out of range")
			}
			return "", nil
		}))}, due("m"))
		defer b.end(t)
		pass(time.Minute)
		it := b.item(t, "m")
		if diff := cmp.Diff([]outbox.Outcome{outbox.WillRetry, outbox.WasSent}, outcomes(it)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEachAttemptIsLoggedOnceAndWithoutPersonalData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		it := due("m")
		it.Data = map[string]string{"reason": "canary-7391"}
		calls := 0
		b := start(t, notifier.Config{
			Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
			Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
				switch calls++; calls {
				case 1:
					panic("canary of the stack")
				case 2:
					return "", outbox.Permanent(errors.New(strings.Repeat("a long answer ", 100)))
				}
				return "", nil
			})),
		}, it)
		pass(time.Minute)
		b.end(t)
		out := log.String()
		if n := strings.Count(out, "\n"); n != 2 || !strings.Contains(out, "canary of the stack") || !strings.Contains(out, "hub_test.go") {
			t.Errorf("%d lines for two attempts, the first with its stack:\n%s", n, out)
		}
		if strings.Contains(out, "canary-7391") {
			t.Error("the item's data stand in the log")
		}
		if got := b.item(t, "m").Attempts[1].Note; len(got) > 310 {
			t.Errorf("the note has %d bytes", len(got))
		}
	})
}

func TestWhatMovedWhileItWasSentIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		b := start(t, notifier.Config{Senders: email(sender(func(_ context.Context, it outbox.Item) (string, error) {
			seen = append(seen, it.Data["state"])
			time.Sleep(100 * time.Millisecond)
			return "", nil
		}))})
		defer b.end(t)
		card := due("card")
		card.Merge = outbox.Latest
		for _, state := range []string{"filed", "returned", "filed again"} {
			card.Data = map[string]string{"state": state}
			if _, err := b.Add(t.Context(), testbed.Now(), card); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		pass(10 * time.Second)
		if diff := cmp.Diff([]string{"filed", "filed again"}, seen); diff != "" {
			t.Error(diff)
		}
		if it := b.item(t, "card"); it.State != outbox.Sent {
			t.Errorf("it is %s, want sent", it.State)
		}
	})
}

func TestIdleMeansNothingDueAndNothingHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := due("later")
		later.Due = testbed.Now().Add(time.Hour)
		b := start(t, notifier.Config{Senders: email(sender(func(context.Context, outbox.Item) (string, error) {
			time.Sleep(500 * time.Millisecond)
			return "", nil
		}))}, due("m"), later)
		defer b.end(t)
		for _, want := range []bool{false, true} {
			synctest.Wait()
			if got, err := b.hub.Idle(t.Context()); got != want || err != nil {
				t.Errorf("idle is %v, %v; want %v", got, err, want)
			}
			pass(time.Second)
		}
	})
}
