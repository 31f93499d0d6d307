package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
	"sidem.gob.mx/sidem/notifier/notifiertest"
)

func TestGatesAreAThrottle(t *testing.T) {
	notifiertest.Throttle(t, func(*testing.T) notifier.Throttle { return &notifier.Gates{} })
}

// TestAClockThatWentBackHoldsNobodyUp sends twice, has the clock go back by half an hour, and
// sends again: the third waits for its second, not for the half hour.
func TestAClockThatWentBackHoldsNobodyUp(t *testing.T) {
	var g notifier.Gates
	noon := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	rate := outbox.Rate{Scope: "chat", Every: time.Second}
	for i, c := range []struct{ now, want time.Time }{
		{noon, noon},
		{noon, noon.Add(time.Second)},
		{noon.Add(-30 * time.Minute), noon.Add(-30*time.Minute + 2*time.Second)},
		{noon.Add(-30*time.Minute - time.Second), noon.Add(-30*time.Minute + 3*time.Second)}, // another's clock, a little behind
	} {
		if at, err := g.Admit(t.Context(), c.now, rate); err != nil || !at.Equal(c.want) {
			t.Errorf("send %d at %v goes at %v, want %v (%v)", i, c.now, at, c.want, err)
		}
	}
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
	order  []string // the keys of what was sent
	denied int
}

func (p *platform) Send(_ context.Context, it outbox.Item) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := testbed.Now()
	for scope, rate := range map[string]outbox.Rate{it.Account: p.chat, "": p.all} {
		if from := rate.From(p.gates[scope], now); from.After(now) {
			p.denied++
			return "", outbox.RetryAfter(errors.New("429 Too Many Requests"), from.Sub(now))
		}
	}
	p.gates[it.Account] = p.chat.Take(p.gates[it.Account], now)
	p.gates[""] = p.all.Take(p.gates[""], now)
	p.sent[it.Account] = append(p.sent[it.Account], now)
	p.order = append(p.order, it.Key)
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
			items[i].Due = testbed.Now().Add(time.Duration(i) * time.Millisecond)
		}
		b := start(t, notifier.Config{
			Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Audit: time.Hour,
		}, items...)
		defer b.end(t)
		pass(10 * time.Second)
		quick := messages(1, "quick")[0]
		if _, err := b.Add(t.Context(), testbed.Now(), quick); err != nil {
			t.Fatal(err)
		}
		pass(time.Second)
		if len(p.to("quick")) != 1 {
			t.Error("a message to another chat waits behind those of the slow one")
		}
		pass(5500 * time.Second) // at nine in ten seconds: the tenth is for those who are waited for
		if got := len(p.to("slow")); got != 5000 || p.refused() != 0 {
			t.Errorf("%d sent, and %d times 429", got, p.refused())
		}
		if got := b.mostClaims(); got > 2 {
			t.Errorf("a message was claimed %d times", got)
		}
	})
}

// epochs are how many items were claimed how often.
func (b *bench) epochs(t *testing.T) map[int]int {
	t.Helper()
	items, err := b.Items(t.Context(), "", "", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]int{}
	for _, it := range items {
		out[it.Epoch]++
		if it.Tries > 0 {
			t.Errorf("%s burnt %d tries", it.Key, it.Tries)
		}
	}
	return out
}

// far is a platform that takes its time to answer.
type far struct {
	*platform
	away time.Duration
}

func (f far) Send(ctx context.Context, it outbox.Item) (string, error) {
	time.Sleep(f.away / 2)
	defer time.Sleep(f.away / 2)
	return f.platform.Send(ctx, it)
}

func TestAfterTheFirst429NoOtherFollowsAndNobodyIsClaimedThrice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		// The chat's patience is used up already, by somebody whom we do not know of;
		// and by the time the platform says so, all have their turns.
		p.gates["slow"] = outbox.Gate{Whole: testbed.Now().Add(32 * time.Second)}
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": far{p, 600 * time.Millisecond}}, Limits: limits()}, messages(500, "slow")...)
		defer b.end(t)
		pass(600 * time.Second)
		if got := len(p.to("slow")); got != 500 || p.refused() != 1 {
			t.Errorf("%d sent, and %d times 429, want one", got, p.refused())
		}
		if got := b.epochs(t); got[1]+got[2] != 500 {
			t.Errorf("claims: %v", got)
		}
	})
}

func TestA429InTheMiddleOfALongQueueMovesItAndCostsOneClaimMoreInAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		b := start(t, notifier.Config{Batch: 32, Senders: map[string]notifier.Sender{"telegram": far{p, 200 * time.Millisecond}}, Limits: limits()}, messages(1000, "slow")...)
		defer b.end(t)
		pass(100 * time.Second)
		before := len(p.to("slow"))
		p.mu.Lock()
		p.gates["slow"] = outbox.Gate{Whole: testbed.Now().Add(62 * time.Second)} // shut for a minute
		p.mu.Unlock()
		pass(1200 * time.Second)
		if got := len(p.to("slow")); got != 1000 || p.refused() != 1 {
			t.Errorf("%d sent, and %d times 429, want one", got, p.refused())
		}
		// The one that was refused; all others go at their second claim.
		if got := b.epochs(t); got[1]+got[2] != 999 || got[3] != 1 {
			t.Errorf("claims: %v", got)
		}
		// Nobody had to go to the end of the line for it. Only those change places that
		// were in hand at once, at either claim: under way, queued, or not settled yet.
		const atOnce, claims = 32 + 32 + 4*32, 2
		pos := map[string]int{}
		for i, key := range p.order {
			pos[key] = i
		}
		for i := range 999 - before {
			a, c := fmt.Sprintf("slow%05d", before+i), fmt.Sprintf("slow%05d", before+i+1)
			if pos[a] > pos[c]+claims*atOnce {
				t.Fatalf("%s was sent as number %d, and %s before it, as number %d", a, pos[a], c, pos[c])
			}
		}
	})
}

func TestASecondChatThatIsRefusedShutsTheChannelAndNoThirdIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		// The bot as a whole may not speak for a while, and the platform does not say so.
		p.all.Burst = 1
		p.gates[""] = outbox.Gate{Whole: testbed.Now().Add(30 * time.Second)}
		var accounts []string
		for i := range 100 {
			accounts = append(accounts, fmt.Sprintf("a%04d-", i))
		}
		l := limits()
		l["telegram"].All[0].Burst = 1
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": far{p, 20 * time.Millisecond}}, Limits: l}, messages(1, accounts...)...)
		defer b.end(t)
		pass(time.Minute)
		sent := 0
		for _, a := range accounts {
			sent += len(p.to(a))
		}
		if sent != 100 || p.refused() != 2 {
			t.Errorf("%d sent, and %d times 429, want two", sent, p.refused())
		}
	})
}

func TestWhereThePlatformSaysThatAllAreMeantOne429IsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until := testbed.Now().Add(30 * time.Second)
		var refused, sent atomic.Int64
		b := start(t, notifier.Config{Limits: limits(), Senders: map[string]notifier.Sender{"telegram": sender(func(context.Context, outbox.Item) (string, error) {
			if wait := until.Sub(testbed.Now()); wait > 0 {
				refused.Add(1)
				return "", outbox.RetryAllAfter(errors.New("429"), wait)
			}
			sent.Add(1)
			return "r", nil
		})}}, messages(1, "first")...)
		defer b.end(t)
		pass(100 * time.Millisecond)
		if _, err := b.Add(t.Context(), testbed.Now(), messages(1, "a", "b", "c", "d")...); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if refused.Load() != 1 || sent.Load() != 5 {
			t.Errorf("%d times 429, want one; %d of 5 sent", refused.Load(), sent.Load())
		}
	})
}

func TestACardThatSomebodyWaitsForGoesBeforeALongLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		low := messages(200, "slow")
		for i := range low {
			low[i].Lane = outbox.Bulk
		}
		throttle := &notifier.Gates{}
		cfg := notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Throttle: throttle}
		b := start(t, cfg, low...)
		pass(30 * time.Second)
		b.end(t)
		// Another hub goes on, which has seen nothing of the line.
		cfg.Outbox = b.memory
		again, err := notifier.New(withClock(cfg, b.clock))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- again.Run(ctx) }()
		var asked []time.Time
		for i := range 5 {
			pass(10 * time.Second)
			card := messages(1, "slow")[0]
			card.Key, card.Lane, card.Due = fmt.Sprintf("press%d", i), outbox.Press, testbed.Now()
			asked = append(asked, testbed.Now())
			if _, err := b.Add(t.Context(), testbed.Now(), card); err != nil {
				t.Fatal(err)
			}
		}
		pass(4 * time.Minute)
		for i, at := range asked {
			it := b.item(t, fmt.Sprintf("press%d", i))
			if it.State != outbox.Sent || it.Attempts[len(it.Attempts)-1].At.Sub(at) > 1500*time.Millisecond {
				t.Errorf("card %d was asked for at %v: %+v", i, at, it.Attempts)
			}
		}
		if got := b.mostClaims(); len(p.to("slow")) != 205 || p.refused() != 0 || got > 2 {
			t.Errorf("%d sent, %d times 429, at most %d claims", len(p.to("slow")), p.refused(), got)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestAFloodOfChangesOfOneCardTakesOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		before := messages(20, "slow")
		for i := range before {
			before[i].Due = testbed.Now().Add(-time.Minute) // they go first
		}
		b := start(t, notifier.Config{Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits()}, before...)
		defer b.end(t)
		pass(100 * time.Millisecond)
		card := messages(1, "slow")[0]
		card.Key, card.Merge = "card", outbox.Latest
		for range 50 { // five seconds of changes, while the card waits for its turn
			card.Due = testbed.Now()
			if _, err := b.Add(t.Context(), testbed.Now(), card); err != nil {
				t.Fatal(err)
			}
			pass(100 * time.Millisecond)
		}
		after := messages(1, "slow")[0]
		after.Key, after.Due = "after", testbed.Now()
		if _, err := b.Add(t.Context(), testbed.Now(), after); err != nil {
			t.Fatal(err)
		}
		pass(time.Minute)
		if it := b.item(t, "card"); it.State != outbox.Sent || len(p.to("slow")) != 22 || p.refused() != 0 {
			t.Errorf("the card is %s; %d messages went", it.State, len(p.to("slow")))
		}
		// The burst of three, then one every 1.1 s: 22 messages take 20.9 s.
		sent := p.to("slow")
		if took := sent[21].Sub(sent[0]); took > 21*time.Second {
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
		began := testbed.Now()
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
		again, err := notifier.New(withClock(notifier.Config{
			Outbox: b.memory, Senders: map[string]notifier.Sender{"telegram": p}, Limits: limits(), Rand: func() float64 { return 1 },
		}, b.clock))
		if err != nil {
			t.Fatal(err)
		}
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
		other, err := notifier.New(withClock(cfg, b.clock))
		if err != nil {
			t.Fatal(err)
		}
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
	if testbed.Now().Before(m.until) {
		return time.Time{}, errors.New("throttle: no answer")
	}
	return m.Gates.Admit(ctx, now, rates...)
}

func TestWhileTheThrottleDoesNotAnswerNothingIsSentAndNothingBurnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlatform()
		m := &mute{until: testbed.Now().Add(time.Minute)}
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
		up := testbed.Now().Add(time.Hour)
		p := newPlatform()
		b := start(t, notifier.Config{Limits: limits(), Senders: map[string]notifier.Sender{"telegram": sender(func(ctx context.Context, it outbox.Item) (string, error) {
			if testbed.Now().Before(up) {
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
