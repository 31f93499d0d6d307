package telegram

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core/es"
)

// asker asks a question after each message, and has the one before lose its
// buttons, as the engine does.
type asker struct {
	mu   sync.Mutex
	last card.Ref
	left []bot.Retired
	told int // how often Posted was called
}

func (a *asker) answer(_ context.Context, in bot.Input) bot.Reply {
	a.mu.Lock()
	defer a.mu.Unlock()
	c := simple("Pregunta tras " + in.Text + in.Tap)
	r := bot.Reply{Card: &c, Redraw: in.Tap != ""}
	if a.last != (card.Ref{}) {
		r.Retired = []bot.Retired{{Ref: a.last, Story: es.Story{Title: "Contestada"}}}
	}
	r.Posted = func(_ context.Context, at card.Ref, left []bot.Retired) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.last, a.left, a.told = at, left, a.told+1
	}
	return r
}

// asking is a bot that has asked Lucía its first question.
func asking(t *testing.T) (*telegramtest.Server, *asker, *telegramtest.Person) {
	t.Helper()
	srv, tg, _ := open(t, telegramtest.Options{})
	a := &asker{}
	run(t, tg, a.answer)
	p := srv.Person(7001, "Lucía", "")
	p.Say("una")
	rest(t, srv)
	return srv, a, p
}

func armed(screen []telegramtest.Message) []string {
	var out []string
	for _, m := range screen {
		if len(m.Buttons) > 0 {
			out = append(out, m.Text)
		}
	}
	return out
}

func TestAQuestionIsAskedBeforeTheOneBeforeLosesItsButtons(t *testing.T) {
	srv, _, p := asking(t)
	p.Say("dos")
	rest(t, srv)
	if diff := cmp.Diff([]string{"una", "Contestada", "dos", "Pregunta tras dos"}, words(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Pregunta tras dos"}, armed(p.Screen())); diff != "" {
		t.Error(diff)
	}
	var order []string
	for _, c := range srv.Calls() {
		if c.Method == "sendMessage" || c.Method == "editMessageText" {
			order = append(order, c.Method)
		}
	}
	if diff := cmp.Diff([]string{"sendMessage", "sendMessage", "editMessageText"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestAQuestionThatWasDrawnOverItsOwnMessageKeepsItsButtons(t *testing.T) {
	srv, a, p := asking(t)
	id := p.Screen()[1].ID
	if err := p.Press(id, "Liberar"); err != nil {
		t.Fatal(err)
	}
	rest(t, srv)
	if diff := cmp.Diff([]string{"Pregunta tras t1"}, armed(p.Screen())); diff != "" {
		t.Error(diff)
	}
	if a.last.Message != strconv.Itoa(id) || count(srv, "editMessageText") != 1 {
		t.Errorf("it is told to be at %+v, after %d edits", a.last, count(srv, "editMessageText"))
	}
}

func TestTroubleWithAnOldQuestionHoldsNothingUp(t *testing.T) {
	for name, fault := range map[string]*telegramtest.Fault{
		"a closed chat": refusal(429, "Too Many Requests: retry after 60", `,"parameters":{"retry_after":60}`),
		"a fault":       {Status: 502, Body: "<html>"},
		"a cut":         {Drop: true},
	} {
		t.Run(name, func(t *testing.T) {
			srv, tg, _ := open(t, telegramtest.Options{})
			var waits []time.Duration
			tg.sleep = func(ctx context.Context, d time.Duration) error {
				waits = append(waits, d) // one chat, so nobody else appends
				return ctx.Err()
			}
			srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
				if c.Method == "editMessageText" {
					return fault
				}
				return nil
			})
			a := &asker{}
			run(t, tg, a.answer)
			p := srv.Person(7001, "Lucía", "")
			for _, s := range []string{"una", "dos", "tres"} {
				p.Say(s)
				rest(t, srv)
			}
			if diff := cmp.Diff([]string{"Pregunta tras una", "Pregunta tras dos", "Pregunta tras tres"}, armed(p.Screen())); diff != "" {
				t.Error(diff)
			}
			if len(a.left) != 1 || a.told != 3 {
				t.Errorf("left %+v, told %d times", a.left, a.told)
			}
			if i := slices.IndexFunc(waits, func(d time.Duration) bool { return d >= tg.settling }); i >= 0 {
				t.Errorf("it waited %v for an old question", waits[i])
			}
		})
	}
}

func TestAMessageThatIsGoneHasNoButtonsToLose(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	a := &asker{last: card.Ref{Chat: "7001", Message: "987654"}}
	run(t, tg, a.answer)
	srv.Person(7001, "Lucía", "").Say("una")
	rest(t, srv)
	if a.told != 1 || len(a.left) != 0 {
		t.Errorf("told %d times, left %+v", a.told, a.left)
	}
}

func TestAnOldQuestionStaysWhereTheNextDidNotArrive(t *testing.T) {
	srv, a, p := asking(t)
	srv.Intercept(func(c *telegramtest.Call) *telegramtest.Fault {
		if c.Method == "sendMessage" {
			return &telegramtest.Fault{Status: 500, Body: "{}"}
		}
		return nil
	})
	p.Say("dos")
	rest(t, srv)
	if diff := cmp.Diff([]string{"Pregunta tras una"}, armed(p.Screen())); diff != "" || a.told != 1 {
		t.Errorf("told %d times, %s", a.told, diff)
	}
}
