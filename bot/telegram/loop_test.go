package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core/es"
)

type handler func(ctx context.Context, in bot.Input) bot.Reply

func (h handler) Handle(ctx context.Context, in bot.Input) bot.Reply { return h(ctx, in) }

// run starts tg and returns what stops it and waits.
func run(t *testing.T, tg *Telegram, h handler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- tg.Run(ctx, h) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// await waits until cond holds, for at most ten seconds.
func await(t *testing.T, srv *telegramtest.Server, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := srv.Await(ctx, cond); err != nil {
		t.Fatal(err)
	}
}

// book keeps the inputs that a handler saw.
type book struct {
	mu   sync.Mutex
	list []bot.Input
}

func (b *book) add(in bot.Input) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = append(b.list, in)
}

func (b *book) inputs() []bot.Input {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

func said(text string) *card.Card { return &card.Card{Story: es.Story{Text: []string{text}}} }

func words(screen []telegramtest.Message) []string {
	var out []string
	for _, m := range screen {
		out = append(out, m.Text)
	}
	return out
}

func count(srv *telegramtest.Server, method string) int {
	n := 0
	for _, c := range srv.Calls() {
		if c.Method == method {
			n++
		}
	}
	return n
}

func TestNothingIsLostWhenTheProcessDiesBeforeItHandled(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	tg.grace = 0
	people := []*telegramtest.Person{srv.Person(7001, "Lucía", ""), srv.Person(7002, "Raúl", ""), srv.Person(7003, "Elena", "")}
	for i := range 150 {
		people[i%3].Say(strconv.Itoa(i))
	}
	var handled sync.Map
	var begun atomic.Int32
	dying := make(chan struct{})
	stop := run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		if n := begun.Add(1); n > 40 {
			if n == 41 {
				close(dying)
			}
			<-ctx.Done() // received, and the process dies before anything is decided
			return bot.Reply{}
		}
		handled.Store(in.Once, true)
		return bot.Reply{}
	})
	<-dying
	stop()
	again, _ := connect(t, srv.URL())
	var twice atomic.Int32
	run(t, again, func(_ context.Context, in bot.Input) bot.Reply {
		if _, before := handled.LoadOrStore(in.Once, true); before {
			twice.Add(1)
		}
		return bot.Reply{}
	})
	rest(t, srv)
	// What was handled in the instant of the end, and not marked so any more, is handled again.
	if n := int(twice.Load()); n > len(people) {
		t.Errorf("%d are handled twice, of %d people", n, len(people))
	}
	n := 0
	handled.Range(func(any, any) bool { n++; return true })
	if n != 150 {
		t.Errorf("%d of 150 updates handled", n)
	}
}

func TestWhatWasCutShortIsHandledByTheNext(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	tg.grace = 0
	begun := make(chan struct{})
	var first, second string
	stop := run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		first = in.Once
		close(begun)
		<-ctx.Done()
		return bot.Reply{Card: said("tarde")}
	})
	p := srv.Person(7001, "Lucía", "")
	p.Say("hola")
	<-begun
	stop()
	if len(p.Screen()) != 1 {
		t.Fatalf("the screen shows %q", words(p.Screen()))
	}
	again, _ := connect(t, srv.URL())
	stop = run(t, again, func(_ context.Context, in bot.Input) bot.Reply {
		second = in.Once
		return bot.Reply{Card: said("eco")}
	})
	rest(t, srv)
	stop()
	if first == "" || first != second {
		t.Errorf("first %q, then %q", first, second)
	}
	if diff := cmp.Diff([]string{"hola", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsConfirmedThatIsNotKept(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	store := storeOf(t, srv.URL())
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply { return bot.Reply{Card: said("eco " + in.Text)} })
	p := srv.Person(7001, "Lucía", "")
	await(t, srv, srv.Polling)
	store.breaks(errors.New("disk full"))
	for i := range 3 {
		p.Say(strconv.Itoa(i))
	}
	await(t, srv, func() bool { return !srv.Polling() }) // it has them, and cannot keep them
	time.Sleep(50 * time.Millisecond)
	if srv.Pending() != 3 {
		t.Errorf("%d are left at Telegram", srv.Pending())
	}
	store.breaks(nil)
	rest(t, srv)
	if diff := cmp.Diff([]string{"0", "1", "2", "eco 0", "eco 1", "eco 2"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestWhatComesAgainIsNotHandledAgain(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	var seen book
	hear := func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	}
	stop := run(t, tg, hear)
	p := srv.Person(7001, "Lucía", "")
	p.Say("uno")
	rest(t, srv)
	p.Redeliver()
	rest(t, srv)
	p.Say("dos") // a lower id has passed, and polling goes on
	rest(t, srv)
	stop()
	p.Redeliver()
	again, _ := connect(t, srv.URL())
	run(t, again, hear)
	p.Say("tres")
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		got = append(got, in.Text)
	}
	if diff := cmp.Diff([]string{"uno", "dos", "tres"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestEachChatKeepsItsOrder(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	const people, each = 20, 12
	for i := range each {
		for p := range people {
			srv.Person(int64(7000+p), "P", "").Say(strconv.Itoa(i))
		}
	}
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	rest(t, srv)
	next := map[string]int{}
	for _, in := range seen.inputs() {
		if in.Text != strconv.Itoa(next[in.Who]) {
			t.Fatalf("%s said %s, want %d", in.Who, in.Text, next[in.Who])
		}
		next[in.Who]++
	}
	if n := len(seen.inputs()); n != people*each {
		t.Errorf("%d inputs", n)
	}
}

func TestASlowChatWithAHundredAndTwentyUpdatesHoldsNobodysOffset(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	slow, quick := srv.Person(7001, "Lucía", ""), srv.Person(7002, "Raúl", "")
	release := make(chan struct{})
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Who == "7001" {
			<-release
		}
		return bot.Reply{Card: said("eco " + in.Text)}
	})
	var want []string
	for i := range 120 {
		slow.Say(strconv.Itoa(i))
		want = append(want, "eco "+strconv.Itoa(i))
	}
	for i := range 3 { // each is asked for while the slow one is being handled
		quick.Say(strconv.Itoa(i))
		await(t, srv, func() bool { return len(quick.Screen()) == 2*(i+1) })
	}
	await(t, srv, func() bool { return srv.Pending() == 0 })
	if len(slow.Screen()) != 120 {
		t.Errorf("the slow chat shows %q", words(slow.Screen()))
	}
	close(release)
	rest(t, srv)
	if diff := cmp.Diff(want, words(slow.Screen())[120:]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"0", "eco 0", "1", "eco 1", "2", "eco 2"}, words(quick.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsBeingHandledIsFinishedAndConfirmedAtTheEnd(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun, release := make(chan struct{}), make(chan struct{})
	context.AfterFunc(ctx, func() { close(release) })
	var alive atomic.Bool
	ended := make(chan error, 1)
	go func() {
		ended <- tg.Run(ctx, handler(func(ctx context.Context, _ bot.Input) bot.Reply {
			close(begun)
			<-release // Run's context has ended
			alive.Store(ctx.Err() == nil)
			return bot.Reply{Card: said("eco")}
		}))
	}()
	p := srv.Person(7001, "Lucía", "")
	p.Say("hola")
	<-begun
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if !alive.Load() {
		t.Error("the handler's context ended with Run's")
	}
	if diff := cmp.Diff([]string{"hola", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if srv.Pending() != 0 {
		t.Error("what was answered will come again")
	}
}

func TestBlockingIsHeardInOrder(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	var heard book
	tg.onBlocked = func(_ context.Context, who string, blocked bool) {
		heard.add(bot.Input{Who: who, Text: fmt.Sprint(blocked)})
	}
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		heard.add(in)
		return bot.Reply{}
	})
	p := srv.Person(7001, "Lucía", "")
	p.Say("hola")
	p.Block()
	p.Unblock()
	rest(t, srv)
	var got []string
	for _, in := range heard.inputs() {
		got = append(got, in.Who+" "+in.Text)
	}
	if diff := cmp.Diff([]string{"7001 hola", "7001 true", "7001 false"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTroubleWithPollingIsLoggedOncePerState(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	script := []int{500, 500, 401, 401, 401, 409, 409, 0, 401}
	var at atomic.Int32
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		n := int(at.Load())
		if c.Method != "getUpdates" || n >= len(script) {
			return nil
		}
		at.Add(1)
		if script[n] == 0 {
			return &telegramtest.Fault{Body: `{"ok":true,"result":[]}`}
		}
		return refusal(script[n], http.StatusText(script[n]), "")
	})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	srv.Person(7001, "Lucía", "").Say("hola")
	await(t, srv, func() bool { return len(seen.inputs()) == 1 })
	rest(t, srv)
	for phrase, want := range map[string]int{"token is not valid": 2, "somebody else receives": 1, "receiving updates fails": 1, "works again": 2} {
		if n := strings.Count(log.String(), phrase); n != want {
			t.Errorf("%q is logged %d times, want %d:\n%s", phrase, n, want, log)
		}
	}
}

func TestAGroupIsServedByCommandAndAnsweredWhereItMoved(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	p.Start("")
	g := srv.Group(-500, "Área", p)
	moved := make(chan *telegramtest.Group, 1)
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Private {
			return bot.Reply{}
		}
		moved <- g.Migrate(-1_000_000_000_777) // between the question and the answer
		return bot.Reply{Card: said(in.Text + " de " + in.Who), Open: true}
	})
	g.Say(p, "/pendientes@otro_bot")
	g.Say(p, "/pendientes@sidem_bot")
	rest(t, srv)
	screen := words((<-moved).Screen())
	if len(screen) == 0 || screen[len(screen)-1] != "/pendientes de 7001" {
		t.Errorf("the supergroup shows %q", screen)
	}
}

func TestAForwardIsAnsweredAndCarriesNoAuthority(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{Card: said("No pude leer ese tipo de mensaje.")}
	})
	p := srv.Person(7001, "Lucía", "")
	p.Forward("Liberar")
	rest(t, srv)
	if in := seen.inputs(); len(in) != 1 || in[0].Text != "" || in[0].Quoted != "Liberar" || len(p.Screen()) != 2 {
		t.Errorf("%+v", in)
	}
}

func TestAnUpdateOfAShapeThatNobodyKnowsHoldsUpNothing(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	var given atomic.Bool
	strange := `{"ok":true,"result":[` +
		`{"update_id":5,"callback_query":{"id":"q5","from":{"id":7001,"first_name":"L"},"message":{"message_id":1,"date":1,"chat":{"id":7001,"type":"private"},"forward_origin":{"type":"new"}},"data":"t"}},` +
		`"nothing",` + strings.Replace(text(lucia, private, "hola"), `"update_id":31`, `"update_id":6`, 1) + `]}`
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "getUpdates" && given.CompareAndSwap(false, true) {
			return &telegramtest.Fault{Body: strange}
		}
		return nil
	})
	var seen book
	stop := run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	await(t, srv, func() bool { return len(seen.inputs()) == 1 && count(srv, "answerCallbackQuery") == 1 })
	stop()
	if strings.Count(log.String(), "an update was not understood") != 2 {
		t.Errorf("log:\n%s", log)
	}
}

func TestRunIsOneAtATime(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	quiet := handler(func(context.Context, bot.Input) bot.Reply { return bot.Reply{} })
	stop := run(t, tg, quiet)
	await(t, srv, func() bool { return count(srv, "getMe") == 1 })
	if err := tg.Run(t.Context(), quiet); err == nil {
		t.Error("a second Run began")
	}
	stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tg.Run(ctx, quiet); err != nil {
		t.Errorf("after the first ended: %v", err)
	}
}
