package telegram

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core/desk"
	"sidem.gob.mx/sidem/storage/storagetest"
)

// shelf is a store in memory, which can fail.
type shelf struct {
	*storagetest.Model
	mu   sync.Mutex
	fail error
}

func newShelf() *shelf { return &shelf{Model: storagetest.NewModel()} }

func (s *shelf) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fail
}

func (s *shelf) Get(ctx context.Context, key string, now time.Time) ([]byte, int, error) {
	if err := errors.Join(s.failure(), ctx.Err()); err != nil {
		return nil, 0, err
	}
	return s.Model.Get(ctx, key, now)
}

func (s *shelf) Put(ctx context.Context, key string, value []byte, rev int, now, expires time.Time) (int, error) {
	if err := errors.Join(s.failure(), ctx.Err()); err != nil {
		return 0, err
	}
	return s.Model.Put(ctx, key, value, rev, now, expires)
}

func (s *shelf) Enter(ctx context.Context, e desk.Entry, now time.Time) (desk.Entered, error) {
	if err := errors.Join(s.failure(), ctx.Err()); err != nil {
		return desk.Entered{}, err
	}
	return s.Model.Enter(ctx, e, now)
}

func (s *shelf) Leave(ctx context.Context, key, mark string, value []byte, now, expires time.Time) error {
	if err := errors.Join(s.failure(), ctx.Err()); err != nil {
		return err
	}
	return s.Model.Leave(ctx, key, mark, value, now, expires)
}

func (s *shelf) breaks(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

func names(list []telegramtest.Command) string {
	var out []string
	for _, c := range list {
		out = append(out, c.Command)
	}
	return strings.Join(out, " ")
}

func TestAPressLooksAtAMenuNowAndThenAndATextAlways(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tg, err := New(Config{Token: "1:a", Sessions: newShelf()})
		if err != nil {
			t.Fatal(err)
		}
		looks := 0
		tg.menus.Of = func(context.Context, string) ([]Command, error) { looks++; return nil, nil }
		text := incoming{Chat: 7, Input: &bot.Input{Who: "7", Private: true}}
		press := text
		press.Query = "q"
		for _, step := range []struct {
			in    incoming
			after time.Duration
			want  int
		}{{press, 0, 1}, {press, 0, 1}, {text, 0, 2}, {press, lookAgain - time.Second, 2}, {press, time.Second, 3}, {press, 0, 3}} {
			time.Sleep(step.after)
			if tg.offer(t.Context(), step.in); looks != step.want {
				t.Errorf("%v later, pressed %t: %d looks, want %d", step.after, step.in.Query != "", looks, step.want)
			}
		}
	})
}

func TestEveryoneHasTheMenuOfTheirRoles(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	var mu sync.Mutex
	roles := map[string][]Command{"7001": {{"pendientes", "lo que le toca"}, {"nueva", "nueva solicitud"}}}
	given := func(who string, list []Command) {
		mu.Lock()
		defer mu.Unlock()
		roles[who] = list
	}
	tg.menus = Menus{
		Strangers: []Command{{"start", "vincular"}, {"ayuda", "ayuda"}}, Group: []Command{{"solicitud", "una solicitud"}},
		Of: func(_ context.Context, who string) ([]Command, error) {
			mu.Lock()
			defer mu.Unlock()
			return roles[who], nil
		},
	}
	quiet := func(context.Context, bot.Input) bot.Reply { return bot.Reply{} }
	stop := run(t, tg, quiet)
	p, stranger := srv.Person(7001, "Lucía", ""), srv.Person(7002, "Raúl", "")
	g := srv.Group(-500, "Área", p)
	says := func(who *telegramtest.Person) string {
		t.Helper()
		who.Say("hola")
		rest(t, srv)
		return names(who.Menu())
	}
	if got := says(stranger); got != "start ayuda" {
		t.Errorf("a stranger sees %q", got)
	}
	if got := says(p); got != "pendientes nueva" {
		t.Errorf("she sees %q", got)
	}
	if got := names(g.Menu(p)); got != "solicitud" {
		t.Errorf("the group sees %q", got)
	}
	given("7001", []Command{{"tablero", "el tablero"}})
	if got := says(p); got != "tablero" {
		t.Errorf("with other roles she sees %q", got)
	}
	stop()

	again, _ := connect(t, srv.URL()) // another process, with the same sessions
	again.sessions, again.menus = tg.sessions, tg.menus
	before := count(srv, "setMyCommands")
	run(t, again, quiet)
	if got := says(p); got != "tablero" || count(srv, "setMyCommands") != before+2 {
		t.Errorf("she sees %q; what was set was set again", got)
	}
	given("7001", nil)
	if got := says(p); got != "start ayuda" {
		t.Errorf("unlinked, she sees %q", got)
	}
}

func TestAMenuThatCannotBeSetTakesNothingFromAnybody(t *testing.T) {
	srv, tg, log := open(t, telegramtest.Options{})
	broken := true
	tg.menus.Of = func(context.Context, string) ([]Command, error) {
		if broken {
			return nil, errors.New("no store")
		}
		return []Command{{"ayuda", "x"}}, nil
	}
	run(t, tg, func(context.Context, bot.Input) bot.Reply { return bot.Reply{Card: said("eco")} })
	p := srv.Person(7001, "Lucía", "")
	p.Say("uno")
	rest(t, srv)
	broken = false
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "setMyCommands" {
			return refusal(400, "Bad Request: BOT_COMMAND_INVALID", "")
		}
		return nil
	})
	p.Say("dos")
	rest(t, srv)
	if diff := cmp.Diff([]string{"uno", "eco", "dos", "eco"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(log.String(), "menu of commands was not set"); n != 2 {
		t.Errorf("logged %d times:\n%s", n, log)
	}
	srv.Intercept(nil)
	p.Say("tres") // what failed is tried again
	rest(t, srv)
	if got := names(p.Menu()); got != "ayuda" {
		t.Errorf("she sees %q", got)
	}
}
