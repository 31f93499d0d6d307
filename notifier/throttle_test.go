package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sidem/core/outbox"
	"sidem/notifier"
	"sidem/notifier/notifiertest"
)

func TestGatesAreAThrottle(t *testing.T) {
	notifiertest.Throttle(t, func(*testing.T) notifier.Throttle { return &notifier.Gates{} })
}

// platform is a chat platform that answers 429 beyond its rates, as strictly as
// it says: burst messages at once into a chat, then one every so often; and all
// in all so many a second.
type platform struct {
	mu     sync.Mutex
	chat   outbox.Rate
	all    outbox.Rate
	gates  map[string]outbox.Gate
	sent   map[string][]time.Time
	denied int
}

func (p *platform) Send(_ context.Context, it outbox.Item) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for scope, rate := range map[string]outbox.Rate{it.Account: p.chat, "": p.all} {
		if from := rate.From(p.gates[scope], now); from.After(now) {
			p.denied++
			return "", outbox.RetryAfter(errors.New("429 Too Many Requests"), from.Sub(now))
		}
	}
	p.gates[it.Account] = p.chat.Take(p.gates[it.Account], now)
	p.gates[""] = p.all.Take(p.gates[""], now)
	p.sent[it.Account] = append(p.sent[it.Account], now)
	return "r", nil
}

// to are the instants of the sends to an account.
func (p *platform) to(account string) []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent[account])
}

// refused is how many times it answered 429.
func (p *platform) refused() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.denied
}

func newPlatform() *platform {
	return &platform{
		chat: outbox.Rate{Every: time.Second, Burst: 3}, all: outbox.Rate{Every: time.Second / 30, Burst: 30},
		gates: map[string]outbox.Gate{}, sent: map[string][]time.Time{},
	}
}

// limits are what we allow ourselves of such a platform.
func limits() map[string]notifier.Limits {
	return map[string]notifier.Limits{"telegram": {
		To:  []outbox.Rate{{Scope: "chat", Every: time.Second, Burst: 3}},
		All: []outbox.Rate{{Scope: "bot", Every: time.Second / 25, Burst: 25}},
	}}
}

// messages are n cards to each of the accounts.
func messages(n int, accounts ...string) []outbox.Item {
	var out []outbox.Item
	for _, a := range accounts {
		for i := range n {
			it := due(fmt.Sprintf("%s%05d", a, i))
			it.Channel, it.Account = "telegram", a
			out = append(out, it)
		}
	}
	return out
}

// mostClaims is how often the items were claimed that were claimed most often.
func (m *memory) mostClaims() (most int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, it := range m.items {
		most = max(most, it.Epoch)
	}
	return most
}

func TestFiveThousandMessagesToOneSlowChatCostTwoClaimsEachAndNo429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		items := messages(5000, "slow")
		for i := range items { // within five seconds: the outbox in memory sorts all that is due
			items[i].Due = time.Now().Add(time.Duration(i) * time.Millisecond)
		}
		b := start(t, notifier.Config{
			Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Audit: time.Hour,
		}, items...)
		defer b.end(t)
		pass(10 * time.Second)
		quick := messages(1, "quick")[0]
		if _, err := b.Add(t.Context(), time.Now(), quick); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if len(p.to("quick")) != 1 {
			t.Error("a message to another chat waits behind those of the slow one")
		}
		pass(5000 * time.Second)
		if got := len(p.to("slow")); got != 5000 || p.refused() != 0 {
			t.Errorf("%d sent, and %d times 429", got, p.refused())
		}
		if got := b.mostClaims(); got > 2 {
			t.Errorf("a message was claimed %d times", got)
		}
	})
}

func TestAfterTheFirst429NoOtherFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		// The chat's patience is used up already, by somebody whom we do not know of.
		p.gates["slow"] = outbox.Gate{Whole: time.Now().Add(32 * time.Second)}
		l := limits()
		l["telegram"].To[0].Burst = 1
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: l}, messages(500, "slow")...)
		defer b.end(t)
		pass(600 * time.Second)
		if got := len(p.to("slow")); got != 500 || p.refused() != 1 {
			t.Errorf("%d sent, and %d times 429, want one", got, p.refused())
		}
		// The turns that had been reserved for the time in which the chat was then
		// shut are taken again: one claim more.
		thrice := 0
		items, err := b.Items(t.Context(), "", "", 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			switch {
			case it.Epoch == 3:
				thrice++
			case it.Epoch > 3:
				t.Errorf("%s was claimed %d times", it.Key, it.Epoch)
			}
			if it.Tries > 0 {
				t.Errorf("%s burnt %d tries", it.Key, it.Tries)
			}
		}
		if thrice > 31 {
			t.Errorf("%d messages were claimed three times, in half a minute at one a second", thrice)
		}
	})
}

func TestAFloodOfChangesOfOneCardTakesOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		before := messages(20, "slow")
		for i := range before {
			before[i].Due = time.Now().Add(-time.Minute) // they go first
		}
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits()}, before...)
		defer b.end(t)
		pass(100 * time.Millisecond)
		card := messages(1, "slow")[0]
		card.Key, card.Merge = "card", outbox.Latest
		for range 50 { // five seconds of changes, while the card waits for its turn
			card.Due = time.Now()
			if _, err := b.Add(t.Context(), time.Now(), card); err != nil {
				t.Fatal(err)
			}
			pass(100 * time.Millisecond)
		}
		after := messages(1, "slow")[0]
		after.Key, after.Due = "after", time.Now()
		if _, err := b.Add(t.Context(), time.Now(), after); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if it := b.item(t, "card"); it.State != outbox.Sent || len(p.to("slow")) != 22 || p.refused() != 0 {
			t.Errorf("the card is %s; %d messages went", it.State, len(p.to("slow")))
		}
		// The burst of three, then one a second: 22 messages take 19 s.
		sent := p.to("slow")
		if took := sent[21].Sub(sent[0]); took > 20*time.Second {
			t.Errorf("they took %v: a change took a turn of its own", took)
		}
	})
}

func TestAMultitudeOfChatsGoesAtTheRateOfTheBot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		var accounts []string
		for i := range 1000 {
			accounts = append(accounts, fmt.Sprintf("a%04d-", i))
		}
		began := time.Now()
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits()}, messages(1, accounts...)...)
		defer b.end(t)
		pass(2 * time.Minute)
		var last time.Time
		chats := 0
		for _, a := range accounts {
			times := p.to(a)
			chats += len(times)
			last = slices.MaxFunc(append(times, last), time.Time.Compare)
		}
		if took := last.Sub(began); chats != 1000 || p.refused() != 0 || took > 41*time.Second {
			t.Errorf("%d chats in %v, and %d times 429; want 1000 in 39 s", chats, took, p.refused())
		}
		if got := b.mostClaims(); got > 2 {
			t.Errorf("a message was claimed %d times", got)
		}
	})
}

func TestTurnsThatWereMissedAreTakenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits()}, messages(100, "slow")...)
		pass(5 * time.Second)
		b.end(t)
		pass(time.Hour) // nobody works; then all turns are past
		again := notifier.New(withClock(notifier.Config{
			Outbox: b.memory, Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Rand: func() float64 { return 1 },
		}, b.clock))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- again.Run(ctx) }()
		pass(3 * time.Minute)
		if got := len(p.to("slow")); got != 100 || p.refused() != 0 {
			t.Errorf("%d sent, and %d times 429", got, p.refused())
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestTwoHubsThatShareAThrottleKeepOneRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		shared := &notifier.Gates{}
		cfg := notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Throttle: shared}
		b := start(t, cfg, messages(60, "one", "two")...)
		cfg.Outbox = b.memory
		other := notifier.New(withClock(cfg, b.clock))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- other.Run(ctx) }()
		pass(2 * time.Minute)
		if len(p.to("one"))+len(p.to("two")) != 120 || p.refused() != 0 {
			t.Errorf("%d and %d sent, and %d times 429", len(p.to("one")), len(p.to("two")), p.refused())
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		b.end(t)
	})
}

// mute is a throttle that does not answer for a while.
type mute struct {
	notifier.Gates
	until time.Time
}

func (m *mute) Admit(ctx context.Context, now time.Time, rates ...outbox.Rate) (time.Time, error) {
	if time.Now().Before(m.until) {
		return time.Time{}, errors.New("throttle: no answer")
	}
	return m.Gates.Admit(ctx, now, rates...)
}

func TestWhileTheThrottleDoesNotAnswerNothingIsSentAndNothingBurnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		m := &mute{until: time.Now().Add(time.Minute)}
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Throttle: m}, messages(1, "a")...)
		defer b.end(t)
		pass(59 * time.Second)
		if len(p.to("a")) != 0 {
			t.Error("it was sent without leave")
		}
		pass(5 * time.Second)
		if it := b.item(t, "a00000"); it.State != outbox.Sent || it.Tries != 0 {
			t.Errorf("it is %s with %d tries", it.State, it.Tries)
		}
	})
}

func TestAChannelThatIsDownIsGivenNoTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := time.Now().Add(time.Hour)
		p := newPlatform()
		b := start(t, notifier.Config{Limits: limits(), Senders: map[string]notifier.Sender{"telegram": sender(func(ctx context.Context, it outbox.Item) (string, error) {
			if time.Now().Before(up) {
				return "", outbox.Config(errors.New("no route"))
			}
			return p.Send(ctx, it)
		})}}, messages(50, "a")...)
		defer b.end(t)
		pass(time.Hour + 5*time.Minute) // a breaker asks once a minute
		if got := len(p.to("a")); got != 50 {
			t.Errorf("%d of 50 were sent: turns were reserved for what could not go", got)
		}
	})
}

func TestAWaitThatAChannelWithoutRatesAsksForHoldsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := false
		b := start(t, notifier.Config{Senders: email(sender(func(_ context.Context, it outbox.Item) (string, error) {
			if it.Key == "greylisted" && !asked {
				asked = true
				return "", outbox.RetryAfter(errors.New("451 greylisted"), 5*time.Minute)
			}
			return "", nil
		}))}, due("greylisted"), due("another"))
		defer b.end(t)
		pass(time.Second)
		if it := b.item(t, "another"); it.State != outbox.Sent {
			t.Errorf("the other mail is %s", it.State)
		}
		pass(5 * time.Minute)
		if it := b.item(t, "greylisted"); it.State != outbox.Sent || !strings.Contains(it.Attempts[0].Note, "greylisted") {
			t.Errorf("%+v", it)
		}
	})
}
