package email_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/core/testbed/memnet"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/email"
	"sidem.gob.mx/sidem/notifier/email/emailtest"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// bubble is a relay, and what sends mails to it, in one bubble of virtual time.
type bubble struct {
	net   memnet.Network
	relay *emailtest.Server
	store *storagetest.Model
	stop  context.CancelFunc
	ended chan error
	hubs  int
}

// startBubble has a hub send mails about a request, each to somebody else.
func startBubble(t *testing.T, mails int, f func(*emailtest.Phase) *emailtest.Fault) (*bubble, *notifier.Hub) {
	t.Helper()
	b := &bubble{store: storagetest.NewModel(), ended: make(chan error, 9)}
	b.relay = emailtest.New(emailtest.Options{Listen: b.net.Listen})
	b.relay.Intercept(f)
	for n := range mails {
		b.owe(t, fmt.Sprint("persona", n))
	}
	var ctx context.Context
	ctx, b.stop = context.WithCancel(t.Context())
	return b, b.hub(ctx, t)
}

// owe puts a mail to an account.
func (b *bubble) owe(t *testing.T, account string) {
	t.Helper()
	it := item(scenes()["request/filed/lucia.herrera"], core.MailFiled)
	it.Key, it.Account, it.Merge, it.Due = it.Key+account, account, outbox.Once, testbed.Now()
	if _, err := b.store.Add(t.Context(), testbed.Now(), it); err != nil {
		t.Fatal(err)
	}
}

// people are scenes of one request, each of the person that is asked for.
type people struct{ of core.Scene }

func (p people) Scene(_ context.Context, _, account string) (core.Scene, error) {
	s := p.of
	s.Viewer.ID, s.Viewer.Fields = account, maps.Clone(s.Viewer.Fields)
	s.Viewer.Fields[core.FieldEmail] = account + "@ejemplo.gob.mx"
	return s, nil
}

// hub starts one more hub over the store.
func (b *bubble) hub(ctx context.Context, t *testing.T) *notifier.Hub {
	t.Helper()
	tr := email.NewTransport(email.Config{Addr: b.relay.Addr(), TLS: email.TLSNone, HELO: "sidem.test", Dial: b.net.DialContext})
	scene := scenes()["request/filed/lucia.herrera"]
	ch := channel(scene, tr)
	ch.Scenes, ch.Now = people{scene}, testbed.Now
	hub, err := notifier.New(notifier.Config{
		Outbox: b.store, Now: testbed.Now, Log: slog.New(slog.DiscardHandler), Patience: notifier.Patience{Tries: 300},
		Senders: map[string]notifier.Sender{"email": ch},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.hubs++
	go func() {
		err := hub.Run(ctx)
		_ = tr.Close() // it never fails
		b.ended <- err
	}()
	return hub
}

// end stops the hubs, which must leave nothing behind, and the relay.
func (b *bubble) end(t *testing.T) {
	t.Helper()
	b.stop()
	for range b.hubs {
		if err := <-b.ended; err != nil {
			t.Error(err)
		}
	}
	b.relay.Close()
}

// count checks how many items are in which state.
func (b *bubble) count(t *testing.T, want map[outbox.State]int) {
	t.Helper()
	items, err := b.store.Items(t.Context(), "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	got := map[outbox.State]int{}
	for _, it := range items {
		got[it.State]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s\n%+v", diff, items[0].Attempts)
	}
}

// slowly has two hubs send mails to a relay for as long as told: each arrives once.
func slowly(t *testing.T, mails int, f func(*emailtest.Phase) *emailtest.Fault, lasting time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, _ := startBubble(t, mails, f)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		b.hub(ctx, t)
		time.Sleep(lasting)
		synctest.Wait()
		b.oneCopy(t, mails)
		stop()
		b.end(t)
	})
}

// oneCopy checks that each mail was sent once, by its first attempt.
func (b *bubble) oneCopy(t *testing.T, want int) {
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
			slowly(t, 1, late, 20*time.Minute)
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
	slowly(t, 1, slow, 20*time.Minute)
}

func TestManyMailsToASlowRelayAreOneCopyEachAndBurnNoTries(t *testing.T) {
	late := func(p *emailtest.Phase) *emailtest.Fault {
		if p.Name != emailtest.Dot {
			return nil
		}
		return &emailtest.Fault{Delay: 110 * time.Second, After: true}
	}
	slowly(t, 40, late, 40*time.Minute)
}

func TestAVerdictThatNobodyWouldHoldAClaimForIsRefusedAtTheStart(t *testing.T) {
	tr := email.NewTransport(email.Config{Addr: "relay.test:25", DotTimeout: 2 * time.Hour})
	_, err := notifier.New(notifier.Config{
		Outbox: storagetest.NewModel(), Now: testbed.Clock(),
		Senders: map[string]notifier.Sender{"email": &email.Channel{Relay: tr}},
	})
	refused, ok := errors.AsType[*notifier.LeaseError](err)
	if !ok || refused.Channel != "email" || refused.Longest < tr.Longest() || !strings.Contains(err.Error(), "shorten what email waits for by") {
		t.Errorf("got %v", err)
	}
}
