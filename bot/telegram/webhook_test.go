package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	judges "sidem.gob.mx/sidem/bot/bottest/judge"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/testbed"
	"sidem.gob.mx/sidem/storage/storagetest"
)

const knock = "canary_SECRET-of-the-webhook"

// hooked is an emulator and a Telegram that serves its webhook.
func hooked(t *testing.T, opts telegramtest.Options) (*telegramtest.Server, *Telegram, *journal) {
	t.Helper()
	if opts.WebhookBackoff == 0 {
		opts.WebhookBackoff = time.Millisecond
	}
	srv, tg, log := open(t, opts)
	hook(t, tg)
	t.Cleanup(func() {
		if strings.Contains(log.String(), "canary_SECRET") {
			t.Errorf("the secret is in the log:\n%s", log)
		}
	})
	return srv, tg, log
}

// hook gives tg a public address.
func hook(t *testing.T, tg *Telegram) *httptest.Server {
	t.Helper()
	public := httptest.NewServer(tg)
	t.Cleanup(public.Close)
	tg.webhook = &Webhook{URL: public.URL + "/telegram/webhook", Secret: knock}
	return public
}

// serving waits until n processes have told Telegram of their webhook: they serve it then.
func serving(t *testing.T, srv *telegramtest.Server, n int) {
	t.Helper()
	await(t, srv, func() bool { return count(srv, "setWebhook") == n })
}

func TestTheWebhookBringsWhatPeopleDoInOrder(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{Card: said("eco " + in.Text)}
	})
	const people, each = 8, 6
	for i := range each {
		for p := range people {
			srv.Person(int64(7000+p), "P", "").Say(strconv.Itoa(i))
		}
	}
	rest(t, srv)
	next := map[string]int{}
	for _, in := range seen.inputs() {
		if in.Text != strconv.Itoa(next[in.Who]) {
			t.Fatalf("%s said %s, want %d", in.Who, in.Text, next[in.Who])
		}
		next[in.Who]++
	}
	if n := len(seen.inputs()); n != people*each || len(srv.Person(7001, "", "").Screen()) != 2*each {
		t.Errorf("%d inputs", n)
	}
	if count(srv, "getUpdates") != 0 {
		t.Error("it polled too")
	}
}

func TestTelegramIsAnsweredAsSoonAsTheUpdateIsKeptAndNotBefore(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	store := storeOf(t, srv.URL())
	release := make(chan struct{})
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		<-release
		return bot.Reply{Card: said("eco " + in.Text)}
	})
	serving(t, srv, 1)
	store.breaks(errors.New("disk full"))
	update := text(lucia, private, "antes")
	for range 2 {
		if status := deliver(t, tg, knock, "application/json", update); status != 503 {
			t.Errorf("nothing is kept, and it is answered with %d", status)
		}
	}
	store.breaks(nil)
	testbed.Await(t, time.Minute, "what comes again is kept", func() bool {
		return deliver(t, tg, knock, "application/json", update) == 200
	})
	p := srv.Person(7001, "Lucía", "")
	p.Say("hola")
	await(t, srv, func() bool { return srv.Pending() == 0 })
	if n := len(p.Screen()); n != 1 {
		t.Errorf("%d messages", n)
	}
	close(release)
	rest(t, srv)
	await(t, srv, func() bool { return len(p.Screen()) == 3 })
	if diff := cmp.Diff([]string{"eco antes", "eco hola", "hola"}, slices.Sorted(slices.Values(words(p.Screen())))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWasCutShortInTheWebhookIsHandledByTheNext(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	tg.grace = 0
	begun := make(chan struct{})
	var first atomic.Value
	stop := run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		first.Store(in.Once)
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
	other, _ := connect(t, srv.URL())
	hook(t, other)
	run(t, other, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Once != first.Load() {
			t.Errorf("%q, then %q", first.Load(), in.Once)
		}
		return bot.Reply{Card: said("eco")}
	})
	rest(t, srv)
	if diff := cmp.Diff([]string{"hola", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestWhateverTheOrderInWhichTheWebhookBringsUpdatesEachIsHandledOnce(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	update := func(n int) string {
		return strings.Replace(text(lucia, private, fmt.Sprint(n)), `"update_id":31`, fmt.Sprintf(`"update_id":%d`, n), 1)
	}
	for _, n := range []int{5151, 31, 32, 31, 5151, 33, 32, 33, 31} {
		if status := deliver(t, tg, knock, "application/json", update(n)); status != 200 {
			t.Errorf("%d: status %d", n, status)
		}
		rest(t, srv)
	}
	var got []string
	for _, in := range seen.inputs() {
		got = append(got, in.Text)
	}
	if diff := cmp.Diff([]string{"5151", "31", "32", "33"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameUpdateTwiceAtOnceIsHandledOnce(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			if status := deliver(t, tg, knock, "application/json", text(lucia, private, "hola")); status != 200 {
				t.Errorf("status %d", status)
			}
		})
	}
	calls.Wait()
	rest(t, srv)
	if in := seen.inputs(); len(in) != 1 || in[0].Once != "tg:424242:31" {
		t.Errorf("%+v", in)
	}
}

// deliver posts a body to the webhook.
func deliver(t *testing.T, tg *Telegram, secret, kind, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/telegram/webhook", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if secret != "" {
		r.Header.Set(secretHeader, secret)
	}
	w := httptest.NewRecorder()
	tg.ServeHTTP(w, r)
	return w.Code
}

func TestNothingIsReadOfWhatIsNotTelegrams(t *testing.T) {
	srv, tg, log := hooked(t, telegramtest.Options{})
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	serving(t, srv, 1)
	good := text(lucia, private, "hola")
	big := strings.Replace(good, "hola", strings.Repeat("x", maxUpdate), 1)
	at := good + strings.Repeat(" ", maxUpdate-len(good))
	for name, c := range map[string]struct {
		secret, kind, body string
		want               int
	}{
		"no secret":               {"", "application/json", good, 401},
		"another secret":          {knock + "x", "application/json", good, 401},
		"the start of it":         {knock[:5], "application/json", good, 401},
		"a form":                  {knock, "application/x-www-form-urlencoded", good, 415},
		"no type":                 {knock, "", good, 415},
		"garbage":                 {knock, "application/json", "{", 400},
		"nothing":                 {knock, "application/json", "", 400},
		"no number":               {knock, "application/json", `{"message":{}}`, 400},
		"a list":                  {knock, "application/json", `[` + good + `]`, 400},
		"two":                     {knock, "application/json", good + good, 400},
		"over 1 MiB":              {knock, "application/json", big, 413},
		"one byte over":           {knock, "application/json", at + " ", 413},
		"kinds that are not ours": {knock, "application/json", `{"update_id":40,"poll":{}}`, 200},
	} {
		if got := deliver(t, tg, c.secret, c.kind, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
	if n := len(seen.inputs()); n != 0 {
		t.Errorf("%d inputs", n)
	}
	if got := deliver(t, tg, knock, "application/json; charset=utf-8", at); got != 200 {
		t.Errorf("exactly 1 MiB: %d", got)
	}
	rest(t, srv)
	if n := len(seen.inputs()); n != 1 {
		t.Errorf("exactly 1 MiB: %d inputs", n)
	}
	if n := strings.Count(log.String(), "without the secret"); n != 1 {
		t.Errorf("strangers are logged %d times", n)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/telegram/webhook", nil)
	w := httptest.NewRecorder()
	if tg.ServeHTTP(w, r); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
}

// untouched fails the test when it is read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) {
	u.t.Error("the body was read before the secret was judged")
	return 0, io.EOF
}

func TestTheBodyOfAStrangerIsNotRead(t *testing.T) {
	_, tg, _ := hooked(t, telegramtest.Options{})
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/telegram/webhook", untouched{t})
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if tg.ServeHTTP(w, r); w.Code != 401 {
		t.Errorf("status %d", w.Code)
	}
}

func TestTheWebhookIsClosedWhileNobodyRuns(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	if got := deliver(t, tg, knock, "application/json", text(lucia, private, "hola")); got != 503 {
		t.Errorf("before Run: %d", got)
	}
	stop := run(t, tg, func(context.Context, bot.Input) bot.Reply { return bot.Reply{} })
	serving(t, srv, 1)
	stop()
	if got := deliver(t, tg, knock, "application/json", text(lucia, private, "hola")); got != 503 {
		t.Errorf("after Run: %d", got)
	}
	tg.webhook = nil
	if got := deliver(t, tg, knock, "application/json", text(lucia, private, "hola")); got != 404 {
		t.Errorf("where Telegram is polled: %d", got)
	}
}

func TestTheWebhookIsSetAsWeMeanItAndPollingTakesItAway(t *testing.T) {
	srv, tg, _ := hooked(t, telegramtest.Options{})
	quiet := func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: said("eco")} }
	stop := run(t, tg, quiet)
	serving(t, srv, 1)
	for _, c := range srv.Calls() {
		want := map[string]string{
			"url": tg.webhook.URL, "secret_token": knock, "max_connections": "16",
			"allowed_updates": `["message","edited_message","callback_query","my_chat_member"]`,
		}
		if diff := cmp.Diff(want, c.Params); c.Method == "setWebhook" && diff != "" {
			t.Error(diff)
		}
	}
	p := srv.Person(7001, "Lucía", "")
	p.Say("uno")
	rest(t, srv)
	stop()
	p.Say("dos")
	poller, log := connect(t, srv.URL())
	run(t, poller, quiet)
	rest(t, srv)
	if diff := cmp.Diff([]string{"uno", "eco", "dos", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	var sent judges.Claims
	sent.Telegram(srv.Calls()...)
	sent.Judge(t)
	if strings.Contains(log.String(), "somebody else receives") {
		t.Errorf("polling met the webhook:\n%s", log)
	}
}

func TestTwoReplicasServeOneWebhookBehindABalancer(t *testing.T) {
	srv, a, _ := open(t, telegramtest.Options{WebhookBackoff: time.Millisecond})
	b, _ := connect(t, srv.URL())
	var turn atomic.Int64
	balancer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		[]*Telegram{a, b}[turn.Add(1)%2].ServeHTTP(w, r)
	}))
	t.Cleanup(balancer.Close)
	var handled [2]atomic.Int64
	var seen book
	for i, tg := range []*Telegram{a, b} {
		tg.webhook, tg.shared = &Webhook{URL: balancer.URL, Secret: knock}, true
		run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
			handled[i].Add(1)
			seen.add(in)
			return bot.Reply{}
		})
	}
	serving(t, srv, 2)
	p := srv.Person(7001, "Lucía", "")
	for i := range 20 {
		p.Say(fmt.Sprint(i))
	}
	rest(t, srv)
	var got []string
	for _, in := range seen.inputs() {
		got = append(got, in.Text)
	}
	if strings.Join(got, " ") != "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19" || handled[0].Load() == 0 || handled[1].Load() == 0 {
		t.Errorf("%v, %d by the one and %d by the other", got, handled[0].Load(), handled[1].Load())
	}
}

func FuzzWebhookBody(f *testing.F) {
	f.Add([]byte(text(lucia, private, "/start@sidem_bot x")))
	f.Add([]byte(press(lucia, `{"message_id":12,"date":5,`+private+`}`, "t")))
	f.Add([]byte(`{"update_id":5,"callback_query":{"id":"q5","message":{"forward_origin":{"type":"new"}}}}`))
	f.Add([]byte(`{"update_id":-1}`))
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ok":true,"result":true}`)
	}))
	f.Cleanup(api.Close)
	tg, err := New(Config{Token: canary, API: api.URL, Webhook: &Webhook{URL: "https://sidem.example", Secret: knock}})
	if err != nil {
		f.Fatal(err)
	}
	inputs, half := 0, 0
	tg.sessions, tg.now = storagetest.NewModel(), testbed.Clock()
	q := tg.newIntake(handler(func(_ context.Context, in bot.Input) bot.Reply {
		if in.Who == "" || in.Chat == "" || in.Once == "" {
			half++
		}
		inputs++
		return bot.Reply{}
	}))
	tg.intake.Store(q)
	f.Cleanup(func() { q.Close(time.Second) })
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(secretHeader, knock)
		w := httptest.NewRecorder()
		before := inputs
		tg.ServeHTTP(w, r)
		testbed.Await(t, time.Minute, "the input is worked", func() bool {
			busy, err := wire.Busy(t.Context(), tg.sessions)
			return err == nil && !busy
		})
		if half > 0 {
			t.Error("half an input")
		}
		if w.Code != 200 && (w.Code != 400 || inputs != before) {
			t.Errorf("status %d after %d inputs", w.Code, inputs-before)
		}
	})
}
