package email_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sidem/core"
	"sidem/core/outbox"
	"sidem/core/testbed"
	"sidem/notifier"
	"sidem/notifier/email"
	"sidem/notifier/email/emailtest"
	"sidem/storage/storagetest"
)

// bubble is a relay, and what sends mails to it, in one bubble of virtual time.
type bubble struct {
	relay *emailtest.Server
	store *storagetest.Model
}

// inBubble has hubs that share one store send mails about a request, each to
// somebody else, for as long as told.
func inBubble(t *testing.T, hubs, mails int, tune func(*email.Config), f func(*emailtest.Phase) *emailtest.Fault, lasting time.Duration, check func(bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b := bubble{emailtest.New(emailtest.Options{InMemory: true}), storagetest.NewModel()}
		defer b.relay.Close()
		b.relay.Intercept(f)
		scene := scenes()["request/filed/lucia.herrera"]
		for n := range mails {
			it := item(scene, core.MailFiled)
			it.Key, it.Account, it.Merge, it.Due = fmt.Sprint(it.Key, n), fmt.Sprint("account", n), outbox.Once, testbed.Now()
			if _, err := b.store.Add(t.Context(), testbed.Now(), it); err != nil {
				t.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, hubs)
		for range hubs {
			cfg := email.Config{Addr: b.relay.Addr(), TLS: email.TLSNone, HELO: "sidem.test", Dial: b.relay.Dial}
			if tune != nil {
				tune(&cfg)
			}
			tr := email.NewTransport(cfg)
			hub, err := notifier.New(notifier.Config{
				Outbox: b.store, Now: testbed.Now, Log: slog.New(slog.DiscardHandler), Patience: notifier.Patience{Tries: 300},
				Senders: map[string]notifier.Sender{"email": notifier.Quiet{
					Sender: channel(scene, tr),
					Wait:   func(context.Context, outbox.Item) (time.Duration, error) { return 0, nil },
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				err := hub.Run(ctx)
				_ = tr.Close() // it never fails
				ended <- err
			}()
		}
		time.Sleep(lasting)
		synctest.Wait()
		check(b)
		stop()
		for range hubs {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

// oneCopy checks that each mail was sent once, by its first attempt.
func (b bubble) oneCopy(t *testing.T, want int) {
	t.Helper()
	if got := len(b.relay.All()); got != want {
		t.Errorf("the relay has %d copies of %d mails", got, want)
	}
	items, err := b.store.Items(t.Context(), "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range items {
		if it.State != outbox.Sent {
			t.Errorf("%s is %s: %+v", it.ID, it.State, it.Attempts)
		}
		for _, a := range it.Attempts {
			if a.Outcome != outbox.WasSent && a.Outcome != outbox.Deferred {
				t.Errorf("%s: %s %s", it.ID, a.Outcome, a.Note)
			}
		}
	}
}

func TestARelayThatTakesItsTimeAfterTheDotGetsOneCopy(t *testing.T) {
	for _, verdict := range []time.Duration{25 * time.Second, 31 * time.Second, 110 * time.Second, 9 * time.Minute} {
		t.Run(verdict.String(), func(t *testing.T) {
			late := func(p *emailtest.Phase) *emailtest.Fault {
				if p.Name != emailtest.Dot {
					return nil
				}
				return &emailtest.Fault{Delay: verdict, After: true}
			}
			inBubble(t, 2, 1, nil, late, 20*time.Minute, func(b bubble) { b.oneCopy(t, 1) })
		})
	}
}

func TestARelayThatIsSlowAtEveryStepGetsOneCopy(t *testing.T) {
	slow := func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name == emailtest.Dot {
			return &emailtest.Fault{Delay: 9 * time.Minute, After: true}
		}
		return &emailtest.Fault{Delay: 25 * time.Second}
	}
	inBubble(t, 2, 1, nil, slow, 20*time.Minute, func(b bubble) { b.oneCopy(t, 1) })
}

func TestManyMailsToASlowRelayAreOneCopyEachAndBurnNoTries(t *testing.T) {
	late := func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.Dot {
			return nil
		}
		return &emailtest.Fault{Delay: 110 * time.Second, After: true}
	}
	inBubble(t, 2, 40, nil, late, 40*time.Minute, func(b bubble) { b.oneCopy(t, 40) })
}

func TestAVerdictThatNobodyWouldHoldAClaimForIsRefusedAtTheStart(t *testing.T) {
	tr := email.NewTransport(email.Config{Addr: "relay.test:25", DotTimeout: 2 * time.Hour})
	_, err := notifier.New(notifier.Config{
		Outbox: storagetest.NewModel(), Now: testbed.Clock(),
		Senders: map[string]notifier.Sender{"email": notifier.Quiet{Sender: &email.Channel{Relay: tr}}},
	})
	refused, ok := errors.AsType[*notifier.LeaseError](err)
	if !ok || refused.Channel != "email" || refused.Longest < tr.Longest() || !strings.Contains(err.Error(), "shorten what email waits for by") {
		t.Errorf("got %v", err)
	}
}
