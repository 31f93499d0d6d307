package telegram

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/bot/wire"
	"sidem.gob.mx/sidem/core/testbed"
)

func TestAPressIsAnsweredAndItsMessageRedrawn(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "Herrera")
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Tap == "t1" {
			return bot.Reply{Toast: "La solicitud quedó liberada.", Card: said("Liberada"), Redraw: true}
		}
		c := simple("Por liberar")
		return bot.Reply{Card: &c}
	})
	p.Start("")
	rest(t, srv)
	if err := p.Press(p.Screen()[1].ID, "Liberar"); err != nil {
		t.Fatal(err)
	}
	rest(t, srv)
	if diff := cmp.Diff([]string{"/start", "Liberada"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if toasts := p.Toasts(); len(toasts) != 1 || toasts[0].Text != "La solicitud quedó liberada." || p.Waiting() != 0 {
		t.Errorf("toasts %+v, %d waiting", toasts, p.Waiting())
	}
	if len(p.Screen()[1].Buttons) != 0 {
		t.Error("the buttons stayed")
	}
}

func TestEveryPressIsAnsweredAlsoWhenTheHandlerPanics(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Tap == "nil" || in.Text == "nil" {
			panic("nothing there")
		}
		return bot.Reply{}
	})
	id := p.Start("")
	rest(t, srv)
	for _, data := range []string{"nil", "ok", "nil", "nil"} {
		p.PressData(id, data)
	}
	p.Say("nil")
	rest(t, srv)
	if p.Waiting() != 0 || len(p.Toasts()) != 4 {
		t.Fatalf("%d waiting, toasts %+v", p.Waiting(), p.Toasts())
	}
	for i, want := range []bool{true, false, true, true} {
		toast := p.Toasts()[i].Text
		if strings.HasPrefix(toast, "No pude completar la acción.") != want {
			t.Errorf("toast %d: %q", i, toast)
		}
		if want && !strings.Contains(log.String(), "code="+toast[len(toast)-5:len(toast)-1]) {
			t.Errorf("the code of %q is not in the log", toast)
		}
	}
	screen := words(p.Screen())
	if last := screen[len(screen)-1]; !strings.HasPrefix(last, "No pude completar la acción.") {
		t.Errorf("a message was answered with %q", last)
	}
}

func TestALatePressIsAnsweredOnTheScreen(t *testing.T) {
	var offset atomic.Int64
	now := testbed.Clock()
	srv, tg, log := open(t, telegramtest.Options{Now: func() time.Time { return now().Add(time.Duration(offset.Load())) }})
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Tap == "" {
			return bot.Reply{}
		}
		offset.Add(int64(time.Minute)) // deciding took a minute
		return bot.Reply{Toast: "Quedó registrada."}
	})
	p.PressData(p.Start(""), "t")
	rest(t, srv)
	if diff := cmp.Diff([]string{"/start", "Quedó registrada."}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if log.String() != "" {
		t.Errorf("a tolerated refusal was logged:\n%s", log)
	}
}

func TestAMessageThatIsGoneIsPostedAnew(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Tap == "" {
			return bot.Reply{}
		}
		return bot.Reply{Card: said("Liberada"), Redraw: true}
	})
	p.Start("")
	p.PressData(987654, "t")
	rest(t, srv)
	if diff := cmp.Diff([]string{"/start", "Liberada"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestAWrittenPasswordIsDeletedAndTheToastIsAMessage(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	run(t, tg, func(context.Context, bot.Input) bot.Reply {
		return bot.Reply{Toast: "Cuenta vinculada.", Forget: true}
	})
	p.Say("lucia.herrera secreto")
	rest(t, srv)
	if diff := cmp.Diff([]string{"Cuenta vinculada."}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerIsRepeatedWhenTelegramStumbles(t *testing.T) {
	faults := []*telegramtest.Fault{
		refusal(429, "Too Many Requests: retry after 3", `,"parameters":{"retry_after":3}`),
		{Status: 502, Body: "<html>"},
		{Drop: true},
	}
	srv, tg, _ := open(t, telegramtest.Options{})
	var waits []time.Duration
	tg.sleep = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d) // one chat, so nobody else appends
		return ctx.Err()
	}
	var left atomic.Int64
	left.Store(int64(len(faults)))
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method != "sendMessage" {
			return nil
		}
		if n := left.Add(-1); n >= 0 {
			return faults[len(faults)-1-int(n)]
		}
		return nil
	})
	run(t, tg, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: said("eco")} })
	p := srv.Person(7001, "Lucía", "")
	p.Say("hola")
	rest(t, srv)
	if diff := cmp.Diff([]string{"hola", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if len(waits) != 3 || waits[0] != 3*time.Second {
		t.Errorf("waits %v", waits)
	}
}

func TestAnAnswerThatCannotBeDeliveredStopsNothing(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "sendMessage" {
			return &telegramtest.Fault{Status: 500, Body: "{}"}
		}
		return nil
	})
	run(t, tg, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: said("eco")} })
	srv.Person(7001, "Lucía", "").Say("hola")
	rest(t, srv)
	if n := count(srv, "sendMessage"); n != wire.Attempts {
		t.Errorf("%d wire.Attempts", n)
	}
	if strings.Count(log.String(), "an answer was not delivered") != 1 {
		t.Errorf("log:\n%s", log)
	}
}

func TestAFileIsReadOnceItIsOpened(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	content := []byte("%PDF-1.7 " + strings.Repeat("x", 100_000))
	var got []byte
	run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		r, err := in.Files[0].Open(ctx)
		if err != nil {
			return bot.Reply{Toast: err.Error()}
		}
		defer r.Close() //nolint:errcheck // only read
		if got, err = io.ReadAll(r); err != nil {
			return bot.Reply{Toast: err.Error()}
		}
		return bot.Reply{Toast: "Recibí " + in.Files[0].Name + ", " + in.Text}
	})
	p := srv.Person(7001, "Lucía", "")
	p.SendFile("oficio.pdf", "application/pdf", content, "el oficio")
	rest(t, srv)
	if screen := words(p.Screen()); screen[len(screen)-1] != "Recibí oficio.pdf, el oficio" || !slices.Equal(got, content) {
		t.Errorf("%q, %d bytes", screen, len(got))
	}
}

func TestAFileThatFailsSaysWhyWithoutTheToken(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	if _, err := tg.client.open(t.Context(), "X", maxDownload+1); err == nil || len(srv.Calls()) != 0 {
		t.Errorf("%v after %d calls", err, len(srv.Calls()))
	}
	var body atomic.Pointer[telegramtest.Fault]
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "getFile" {
			return &telegramtest.Fault{Body: `{"ok":true,"result":{"file_id":"X","file_unique_id":"X","file_path":"../../etc/p sswd?x#y"}}`}
		}
		return body.Load()
	})
	for _, fault := range []*telegramtest.Fault{{Status: 404, Body: "no"}, {Drop: true}, {Status: 302, Body: "x"}} {
		body.Store(fault)
		if _, err := tg.client.open(t.Context(), "X", 5); err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%+v: %v", fault, err)
		}
	}
	body.Store(&telegramtest.Fault{Status: 200, Body: "123456"})
	for size, want := range map[int64]bool{5: false, 6: true, 7: true, -1: true} {
		r, err := tg.client.open(t.Context(), "X", size)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if (err == nil) != want || !strings.HasPrefix("123456", string(got)) {
			t.Errorf("size %d: %q, %v", size, got, err)
		}
		_ = r.Close()
	}
}
