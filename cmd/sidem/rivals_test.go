package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sidem/bot/card"
	"sidem/bot/slack/slacktest"
	"sidem/bot/telegram/telegramtest"
	"sidem/cmd/sidem/demo/world"
	"sidem/core"
	"sidem/storage/redis/redistest"
)

// presses is how many requests are raced for; SIDEM_TWINS sets it (make twins: 10,000).
func presses() int {
	if n, err := strconv.Atoi(os.Getenv("SIDEM_TWINS")); err == nil {
		return n
	}
	return 150
}

// rivals are Raúl on Telegram and Elena, who stands in for him, on Slack. The
// front gives each press to both replicas at once.
type rivals struct {
	t     *testing.T
	w     *world.World
	twins *twins
	raúl  core.Record
	elena core.Record

	mu   sync.Mutex
	said map[string][]string // answers by who pressed: what each replica said
}

func newRivals(t *testing.T, server *redistest.Server, tag string) *rivals {
	t.Helper()
	w, s, err := newTwins(t.TempDir(), server.DSN(tag))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.front.Close)
	s.both[0].Hasty, s.both[1].Hasty = true, true
	r := &rivals{t: t, w: w, twins: s, said: map[string][]string{}}
	r.begin()
	s.front.twice = true
	w.Telegram.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "answerCallbackQuery" {
			r.hear("raúl", c.Params["text"])
		}
		return nil
	})
	w.Slack.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method == "chat.postEphemeral" {
			r.hear("elena", c.Params["text"])
		}
		return nil
	})
	return r
}

// link links a person's chat, as the command line would.
func (r *rivals) link(who, platform string) core.Record {
	r.t.Helper()
	a, p := r.twins.Inner(), r.w.People[who]
	account, err := a.Store.Find(r.t.Context(), core.UniqueUser(p.Account.User))
	if err != nil {
		r.t.Fatal(err)
	}
	chat := p.SlackID
	if platform == "telegram" {
		chat = fmt.Sprint(p.TelegramID)
		r.w.Telegram.Person(p.TelegramID, "", "").Start("")
	}
	c := core.Command{Verb: core.VerbLink, Where: "cli", Fields: map[core.Field]string{core.FieldPlatform: platform, core.FieldChat: chat}}
	if out, err := a.Desk.Do(r.t.Context(), core.SystemActor, account.ID, c); err != nil || out.Refusal != nil {
		r.t.Fatal(out.Refusal, err)
	}
	return account
}

func (r *rivals) hear(who, words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said[who] = append(r.said[who], words)
}

// answered reports whether both replicas have answered each of those who pressed. (A
// platform that was not answered in time is not busy any more, and the answer follows.)
func (r *rivals) answered(who []string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !slices.ContainsFunc(who, func(name string) bool { return len(r.said[name]) < 2 })
}

// heard is what somebody was told since the last call.
func (r *rivals) heard(who string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.said[who]
	delete(r.said, who)
	return out
}

// filed is a new request that waits to be released.
func (r *rivals) filed() core.Record {
	r.t.Helper()
	out, err := r.w.File(r.t.Context(), r.twins.Inner())
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// press has somebody release a request, by the button of a card that shows it as it is.
func (r *rivals) press(who string, request core.Record) {
	r.t.Helper()
	a, p := r.twins.Inner(), r.w.People[who]
	release := card.Token{Word: string(core.VerbRelease), Record: request.ID, Version: request.Version}
	if who == "raúl" {
		r.w.Telegram.Person(p.TelegramID, "", "").PressData(1, a.Seal.Seal(r.raúl.ID, release))
		return
	}
	if err := r.w.SlackPerson(p).PressValue("1.000001", "tap-1", a.Seal.Seal(r.elena.ID, release)); err != nil {
		r.t.Error(err)
	}
}

// race has those who press do so at the same moment, and waits until they are answered.
func (r *rivals) race(request core.Record, who ...string) {
	r.t.Helper()
	var wg sync.WaitGroup
	for _, name := range who {
		wg.Go(func() { r.press(name, request) })
	}
	wg.Wait()
	deadline := time.After(world.Patience)
	for {
		changed := r.w.Changed()
		if r.w.Telegram.Idle() && r.w.Slack.Idle() && r.answered(who) {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			r.t.Fatalf("%s: %v pressed; %v was answered", request.Number, who, r.said)
		}
	}
}

// judge checks what came of one race: one is applied, everybody else is told, and
// each press is in the trail once, though each was given to both replicas.
func (r *rivals) judge(request core.Record, who ...string) (winner string) {
	r.t.Helper()
	trail, err := r.twins.both[1].App.Store.Trail(r.t.Context(), request.ID, request.Seq, 100)
	if err != nil {
		r.t.Fatal(err)
	}
	var applied, once []string
	for _, e := range trail {
		once = append(once, e.Once)
		if e.Refusal == nil {
			applied = append(applied, e.By)
		}
	}
	slices.Sort(once)
	if len(applied) != 1 || len(once) != len(who) || len(slices.Compact(once)) != len(who) {
		r.t.Fatalf("%s: %v pressed; the trail says %+v", request.Number, who, trail)
	}
	ids := map[string]string{"raúl": r.raúl.ID, "elena": r.elena.ID}
	for _, name := range who {
		want := "la liberó"
		if ids[name] == applied[0] {
			winner, want = name, "Quedó registrada su liberación."
		}
		said := r.heard(name)
		if len(said) != 2 || !strings.Contains(said[0], want) || !strings.Contains(said[1], want) {
			r.t.Fatalf("%s: of %v %s was told %q, want twice %q", request.Number, who, name, said, want)
		}
	}
	return winner
}

// close ends the world, and checks the accounts and the trail.
func (r *rivals) close() {
	r.t.Helper()
	rest(r.t, r.w)
	explained(r.t, r.w)
	for _, f := range r.w.SlackPerson(r.w.People["elena"]).Failures() {
		r.t.Error(f)
	}
	if n := r.w.Telegram.Person(r.w.People["raúl"].TelegramID, "", "").Waiting(); n > 0 {
		r.t.Errorf("%d presses of Raúl's were not answered", n)
	}
	if err := r.w.Close(); err != nil {
		r.t.Error(err)
	}
}

func TestThePressGivenToBothReplicasAtOnceIsAppliedOnceAndEverybodyIsTold(t *testing.T) {
	const each = 1000 // a world of so many requests at most
	server := redistest.Start(t, redistest.Options{ACL: anyTag})
	races := [][]string{{"raúl"}, {"elena"}, {"raúl", "elena"}}
	won := map[string]int{}
	for from := 0; from < presses(); from += each {
		r := newRivals(t, server, fmt.Sprint("sidem-", from))
		for i := range min(each, presses()-from) {
			who := races[i%len(races)]
			request := r.filed()
			r.race(request, who...)
			if winner := r.judge(request, who...); len(who) > 1 {
				won[winner]++
			}
		}
		r.close()
	}
	t.Logf("%d requests; of those two pressed for, %v were first", presses(), won)
	if won["raúl"] == 0 || won["elena"] == 0 {
		t.Errorf("one was always first: %v; nothing was raced", won)
	}
}
