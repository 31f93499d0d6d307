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

	"sidem.gob.mx/sidem/core/outbox"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/notifier"
)

// kit is a channel in two steps.
type kit struct {
	// ready says of an item whether there is something to send (nil: always).
	ready func(it outbox.Item) (something bool, err error)
	send  func(ctx context.Context, it outbox.Item) (string, error)

	readied, sent atomic.Int64
}

func (k *kit) Send(ctx context.Context, it outbox.Item) (string, error) {
	return notifier.SendNow(ctx, k, it)
}

func (k *kit) Prepare(_ context.Context, it outbox.Item) (notifier.Parcel, error) {
	k.readied.Add(1)
	if k.ready != nil {
		if something, err := k.ready(it); err != nil || !something {
			return notifier.Parcel{Receipt: "as it is"}, err
		}
	}
	return notifier.Parcel{Send: func(ctx context.Context) (string, error) {
		k.sent.Add(1)
		if k.send == nil {
			return "r", nil
		}
		return k.send(ctx, it)
	}}, nil
}

// press is an item to an account of a chat that somebody waits for.
func press(key, account string) outbox.Item {
	it := messages(1, account)[0]
	it.Key, it.Lane = key, outbox.Press
	return it
}

// put adds items that are due now, and what the hub does at once is done.
func (b *bench) owe(t *testing.T, items ...outbox.Item) {
	t.Helper()
	for i := range items {
		items[i].Due = testbed.Now()
	}
	if _, err := b.Add(t.Context(), testbed.Now(), items...); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// last is the latest attempt of an item.
func (b *bench) last(t *testing.T, key string) outbox.Attempt {
	t.Helper()
	it := b.item(t, key)
	if len(it.Attempts) == 0 {
		return outbox.Attempt{}
	}
	return it.Attempts[len(it.Attempts)-1]
}

func chat(s notifier.Sender) map[string]notifier.Sender {
	return map[string]notifier.Sender{"telegram": s}
}

// one is a rate of each recipient.
func one(every time.Duration) map[string]notifier.Limits {
	return map[string]notifier.Limits{"telegram": {To: []outbox.Rate{{Scope: "chat", Every: every, Burst: 1}}}}
}

// promises are what the stages are there for, each with the mutants of the path that
// break it. What is wrong is told; "" is nothing.
var promises = []struct {
	name    string
	without []string // stages that cannot be left out
	swapped []string // stages that cannot change places with the next
	broken  func(t *testing.T, m mutant) string
}{
	{"what its workers do not survive is set aside unsent", []string{"poison"}, []string{"poison"}, func(t *testing.T, m mutant) string {
		k := &kit{}
		var items []outbox.Item
		for _, channel := range []string{"telegram", "fax"} {
			it := messages(1, "a")[0]
			it.Key, it.Channel, it.Epoch = channel, channel, 5
			for i := range 5 {
				it.Attempts = append(it.Attempts, outbox.Attempt{Epoch: i + 1, Outcome: outbox.Unknown})
			}
			items = append(items, it)
		}
		b := mutated(t, m, notifier.Config{Senders: chat(k)}, items...)
		defer b.leave()
		pass(time.Minute)
		for _, it := range items {
			if got := b.item(t, it.Key); got.State != outbox.Dead || b.last(t, it.Key).Note != "set aside: its worker vanished too often" {
				return fmt.Sprintf("%s is %s: %+v", it.Key, got.State, b.last(t, it.Key))
			}
		}
		return unless(k.sent.Load() == 0, "it was sent")
	}},
	{"what goes to no channel is buried at once", []string{"channel"}, []string{"channel"}, func(t *testing.T, m mutant) string {
		it := due("f")
		it.Channel = "fax"
		b := mutated(t, m, notifier.Config{Senders: chat(&kit{})}, it)
		defer b.leave()
		pass(time.Second)
		return unless(b.item(t, "f").State == outbox.Dead && b.last(t, "f").Note == `no such channel: "fax"`, "it is %s: %+v", b.item(t, "f").State, b.last(t, "f"))
	}},
	{"a channel that is down is asked nothing", []string{"breaker"}, nil, func(t *testing.T, m mutant) string {
		k := &kit{send: func(context.Context, outbox.Item) (string, error) { return "", outbox.Config(errors.New("no route")) }}
		b := mutated(t, m, notifier.Config{Workers: 1, Senders: chat(k)})
		defer b.leave()
		b.owe(t, press("first", "a"))
		b.owe(t, messages(20, "b", "c")...)
		pass(900 * time.Millisecond)
		return unless(k.readied.Load() == 1, "%d were made ready", k.readied.Load())
	}},
	{"whoever waits for a channel that is down waits for that alone", nil, []string{"breaker"}, func(t *testing.T, m mutant) string {
		k := &kit{send: func(ctx context.Context, it outbox.Item) (string, error) {
			if it.Account == "mute" {
				<-ctx.Done()
				return "", ctx.Err()
			}
			return "", outbox.Config(errors.New("no route"))
		}}
		b := mutated(t, m, notifier.Config{Senders: chat(k)})
		defer b.leave()
		b.owe(t, press("hangs", "mute"))
		pass(3 * time.Second)
		b.owe(t, press("down", "other"))
		b.owe(t, press("waits", "mute"))
		return unless(b.last(t, "waits").Waits().For == outbox.ForOutage, "%+v", b.last(t, "waits"))
	}},
	{"whoever does not answer keeps few workers, and nothing is made ready for them meanwhile", []string{"crowd"}, []string{"crowd"}, func(t *testing.T, m mutant) string {
		k := &kit{send: func(ctx context.Context, _ outbox.Item) (string, error) { <-ctx.Done(); return "", ctx.Err() }}
		b := mutated(t, m, notifier.Config{Workers: 4, Senders: chat(k)})
		defer b.leave()
		b.owe(t, messages(40, "mute")...)
		pass(15 * time.Second)
		return unless(k.sent.Load() <= 8 && k.readied.Load() <= 8, "%d are made ready, %d sent", k.readied.Load(), k.sent.Load())
	}},
	{"what is needed no longer is moot at any hour", []string{"needed"}, []string{"needed"}, func(t *testing.T, m mutant) string {
		k := &kit{ready: func(outbox.Item) (bool, error) { return false, notifier.ErrMoot }}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Quiet: func(context.Context, outbox.Item) (time.Duration, error) { return time.Hour, nil }}, messages(1, "a")...)
		defer b.leave()
		pass(time.Second)
		return unless(b.item(t, "a00000").State == outbox.Moot, "it is %s", b.item(t, "a00000").State)
	}},
	{"in quiet hours nothing is sent, and whether there is something is asked when they are over", []string{"hour"}, []string{"hour"}, func(t *testing.T, m mutant) string {
		morning := testbed.Now().Add(time.Hour)
		k := &kit{ready: func(it outbox.Item) (bool, error) { return it.Account == "a" || !testbed.Now().Before(morning), nil }}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Quiet: func(context.Context, outbox.Item) (time.Duration, error) {
			return morning.Sub(testbed.Now()), nil
		}}, messages(1, "a", "b")...)
		defer b.leave()
		pass(59 * time.Minute)
		early := k.sent.Load()
		pass(2 * time.Minute)
		return unless(early == 0 && k.sent.Load() == 2, "%d are sent at night, %d by morning", early, k.sent.Load())
	}},
	{"what sends nothing takes no slot", []string{"something"}, []string{"something"}, func(t *testing.T, m mutant) string {
		k := &kit{ready: func(it outbox.Item) (bool, error) { return it.Key == "note", nil }}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: one(time.Second)}, messages(2000, "a")...)
		defer b.leave()
		b.owe(t, press("note", "a"))
		pass(10 * time.Second)
		stats, err := b.Stats(t.Context(), testbed.Now())
		return unless(err == nil && stats.Sent == 2001 && k.sent.Load() == 1, "%+v, %d sent", stats, k.sent.Load())
	}},
	{"the rates are kept", []string{"slot"}, nil, func(t *testing.T, m mutant) string {
		p := newPlatform()
		k := &kit{send: p.Send}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: limits()}, messages(30, "a", "b")...)
		defer b.leave()
		pass(time.Minute)
		return unless(p.refused() == 0 && len(p.to("a")) == 30, "%d times 429, %d sent", p.refused(), len(p.to("a")))
	}},
	{"whoever waits for a turn is in nobody's way", nil, []string{"slot"}, func(t *testing.T, m mutant) string {
		k := &kit{}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: one(1900 * time.Millisecond)})
		defer b.leave()
		b.owe(t, press("p0", "a"), press("p1", "a"), press("p2", "a"), press("p3", "a"))
		pass(20 * time.Second)
		for _, key := range []string{"p0", "p1", "p2", "p3"} {
			for _, a := range b.item(t, key).Attempts {
				if a.Waits().For == outbox.ForAnswer {
					return key + " waited for an answer that nobody owed"
				}
			}
		}
		return unless(k.sent.Load() == 4, "%d are sent", k.sent.Load())
	}},
	{"after the first refusal no other follows", []string{"recipient"}, nil, func(t *testing.T, m mutant) string {
		p := newPlatform()
		p.gates["a"] = outbox.Gate{Whole: testbed.Now().Add(32 * time.Second)}
		k := &kit{send: far{p, 600 * time.Millisecond}.Send}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: limits()}, messages(10, "a")...)
		defer b.leave()
		pass(2 * time.Minute)
		return unless(p.refused() == 1, "%d times 429", p.refused())
	}},
	{"what had to wait is sent as it is then", []string{"current"}, []string{"recipient"}, func(t *testing.T, m mutant) string {
		var mu sync.Mutex
		var sent []string
		state, drawn := "filed", map[string]string{}
		k := &kit{}
		k.ready = func(it outbox.Item) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			drawn[it.Key] = state
			return true, nil
		}
		k.send = func(_ context.Context, it outbox.Item) (string, error) {
			time.Sleep(600 * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			sent = append(sent, drawn[it.Key])
			return "r", nil
		}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: limits()})
		defer b.leave()
		b.owe(t, press("p0", "a"))
		b.owe(t, press("p1", "a"))
		pass(300 * time.Millisecond)
		mu.Lock()
		state = "released"
		mu.Unlock()
		pass(5 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		return unless(slices.Equal(sent, []string{"filed", "released"}), "sent as %q", sent)
	}},
	{"a probe that is not sent is no probe", nil, []string{"current"}, func(t *testing.T, m mutant) string {
		var up, over atomic.Bool
		k := &kit{
			ready: func(it outbox.Item) (bool, error) {
				if over.Load() && it.Key == "moot" {
					return false, notifier.ErrMoot
				}
				return true, nil
			},
			send: func(_ context.Context, it outbox.Item) (string, error) {
				if it.Key == "down" && !up.Load() {
					return "", outbox.Config(errors.New("no route"))
				}
				return "r", nil
			},
		}
		b := mutated(t, m, notifier.Config{Senders: chat(k), Limits: one(1500 * time.Millisecond)})
		defer b.leave()
		b.owe(t, press("first", "m")) // the next turn of m is at 1.5 s
		pass(100 * time.Millisecond)
		b.owe(t, press("down", "a")) // to be probed from 1.1 s, and again at 1.35 s
		pass(1100 * time.Millisecond)
		up.Store(true)
		b.owe(t, press("moot", "m")) // waits for its turn
		over.Store(true)
		pass(4 * time.Second)
		return unless(b.item(t, "moot").State == outbox.Moot && b.item(t, "down").State == outbox.Sent, "the one is %s, the other %s: %+v",
			b.item(t, "moot").State, b.item(t, "down").State, b.last(t, "down"))
	}},
	{"one at a time probes a channel that was down", []string{"probe"}, []string{"probe"}, func(t *testing.T, m mutant) string {
		k := &kit{send: func(context.Context, outbox.Item) (string, error) {
			time.Sleep(500 * time.Millisecond)
			return "", outbox.Config(errors.New("no route"))
		}}
		b := mutated(t, m, notifier.Config{Senders: chat(k)})
		defer b.leave()
		b.owe(t, press("first", "a"))
		pass(600 * time.Millisecond)
		b.owe(t, messages(20, "b", "c", "d")...)
		pass(1500 * time.Millisecond)
		return unless(k.sent.Load() == 2, "%d sent, of which one should be a probe", k.sent.Load()-1)
	}},
	{"what is owed is sent", []string{"send"}, nil, func(t *testing.T, m mutant) string {
		k := &kit{}
		b := mutated(t, m, notifier.Config{Senders: chat(k)}, messages(3, "a")...)
		defer b.leave()
		pass(time.Second)
		return unless(k.sent.Load() == 3 && b.item(t, "a00002").State == outbox.Sent, "%d sent", k.sent.Load())
	}},
}

func unless(fine bool, format string, args ...any) string {
	if fine {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// bubbled is what a promise says of a mutant.
func bubbled(t *testing.T, m mutant, broken func(*testing.T, mutant) string) (says string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { says = broken(t, m) })
	return says
}

func TestThePathKeepsItsPromises(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			if says := bubbled(t, mutant{}, p.broken); says != "" {
				t.Error(says)
			}
		})
	}
}

// Each stage is there for something, and where it is: a path without it, and one in
// which it changes places with the next, break a promise.
func TestAStageThatIsLeftOutOrOutOfItsOrderIsFound(t *testing.T) {
	left, swapped := map[string]bool{}, map[string]bool{}
	for _, p := range promises {
		for _, name := range p.without {
			left[name] = true
			t.Run("without "+name, func(t *testing.T) {
				if bubbled(t, mutant{hub: func(h *notifier.Hub) { h.LeaveOut(name) }}, p.broken) == "" {
					t.Errorf("%q holds all the same", p.name)
				}
			})
		}
		for _, name := range p.swapped {
			swapped[name] = true
			t.Run(name+" behind the next", func(t *testing.T) {
				if bubbled(t, mutant{hub: func(h *notifier.Hub) { h.Swap(name) }}, p.broken) == "" {
					t.Errorf("%q holds all the same", p.name)
				}
			})
		}
	}
	names := notifier.Stages()
	for i, name := range names {
		if !left[name] {
			t.Errorf("no promise needs the stage %q", name)
		}
		if i < len(names)-1 && !swapped[name] {
			t.Errorf("no promise needs %q to be before %q", name, names[i+1])
		}
	}
}

// hasty is an outbox whose claims end before their time, or are not renewed. It gives one
// item: what is claimed again is another's.
type hasty struct {
	notifier.Outbox
	lease   time.Duration // of all claims; 0: as asked for
	forgets bool          // renewals
	given   *atomic.Bool
}

func (h hasty) Claim(ctx context.Context, now time.Time, n int, lease time.Duration) ([]outbox.Item, error) {
	if h.lease > 0 {
		lease = h.lease
	}
	if h.given.Load() {
		return nil, nil
	}
	items, err := h.Outbox.Claim(ctx, now, n, lease)
	h.given.Store(len(items) > 0)
	return items, err
}

func (h hasty) Settle(ctx context.Context, now time.Time, results []outbox.Result) (int, error) {
	if h.forgets {
		results = slices.DeleteFunc(slices.Clone(results), func(r outbox.Result) bool { return r.Holds })
	}
	return h.Outbox.Settle(ctx, now, results)
}

// lingering is a channel whose dialogue lasts.
type lingering struct{ kit }

func (*lingering) Longest() time.Duration { return 5 * time.Minute }

// twice has two hubs send an item, which takes two minutes, and tells how often it was sent.
func twice(t *testing.T, m mutant) string {
	l := &lingering{}
	l.send = func(context.Context, outbox.Item) (string, error) {
		time.Sleep(2 * time.Minute)
		return "r", nil
	}
	cfg := notifier.Config{Senders: email(l)}
	b := mutated(t, m, cfg, due("m"))
	defer b.leave()
	synctest.Wait()
	cfg.Outbox = b.memory
	other, err := notifier.New(withClock(cfg, b.clock))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- other.Run(ctx) }()
	pass(10 * time.Minute)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	return unless(l.sent.Load() == 1, "it was sent %d times", l.sent.Load())
}

func TestALeaseThatIsTooShortOrNotRenewedIsFound(t *testing.T) {
	for _, tt := range []struct {
		name  string
		h     hasty
		found bool
	}{
		{"as it is", hasty{}, false},
		{"shorter than a renewal", hasty{lease: 300 * time.Millisecond}, true},
		{"not renewed", hasty{forgets: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.h.given = new(atomic.Bool)
			says := bubbled(t, mutant{outbox: func(o notifier.Outbox) notifier.Outbox { tt.h.Outbox = o; return tt.h }}, twice)
			if (says != "") != tt.found {
				t.Errorf("got %q", says)
			}
		})
	}
}

func TestAChannelWhoseSendsOutlastTheirClaimsIsRefused(t *testing.T) {
	for hold, fine := range map[time.Duration]bool{5 * time.Minute: false, 6 * time.Minute: false, 7 * time.Minute: true} {
		_, err := notifier.New(notifier.Config{Outbox: &memory{}, Now: testbed.Now, Senders: email(&lingering{}), Hold: hold})
		refused, ok := errors.AsType[*notifier.LeaseError](err)
		if ok == fine || ok && (refused.Channel != "email" || refused.Hold != hold || refused.Longest <= 5*time.Minute) {
			t.Errorf("held for %s at most: %v", hold, err)
		}
	}
}
