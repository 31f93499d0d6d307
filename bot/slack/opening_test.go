package slack

import (
	"context"
	"strings"
	"testing"
	"time"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/bot/slack/slacktest"
	"sidem.gob.mx/sidem/core"
)

var folio = card.Form{Token: "tok", Title: "Registrar acuse", Questions: []card.Question{ask(core.FieldFolio, "¿Cuál es el folio?", "", true)}}

var opens = card.Action{Label: "Registrar acuse", Token: "tok", Opens: true}

// replies hands each input out, and answers what it is told.
type replies struct {
	asked  chan bot.Input
	answer chan bot.Reply
}

func told() *replies { return &replies{make(chan bot.Input, 10), make(chan bot.Reply, 10)} }

func (r *replies) handle(_ context.Context, in bot.Input) bot.Reply {
	r.asked <- in
	return <-r.answer
}

func TestAModalOpensAtOnceAndIsFilledInWhenTheFormIsKnown(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			r := told()
			st := perform(t, mode, r.handle)
			st.press(st.post(titled("Oficio por recibir", opens)))
			st.until(func() bool {
				m := st.lucia.Modal()
				return m != nil && m.Text == wordLoading && m.Title == "Registrar acuse"
			})
			if in := receive(t, r.asked); in.Tap != "tok" {
				t.Errorf("%+v", in)
			}
			r.answer <- bot.Reply{Form: &folio}
			st.until(func() bool { m := st.lucia.Modal(); return len(m.Labels) == 1 && m.Labels[0] == "¿Cuál es el folio?" })
			if err := st.lucia.Fill("¿Cuál es el folio?", "OP-2231"); err != nil {
				t.Fatal(err)
			}
			if err := st.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			if in := receive(t, r.asked); in.Form.Token != "tok" || in.Form.Values[core.FieldFolio] != "OP-2231" {
				t.Errorf("%+v", in)
			}
			r.answer <- bot.Reply{Errors: map[core.Field]string{core.FieldFolio: "Revise el folio."}}
			st.until(func() bool { return st.lucia.Modal().Errors["¿Cuál es el folio?"] == "Revise el folio." })
			st.rest() // sent again as it is while the first is settled, it is a repeat of it
			if err := st.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			r.answer <- toast("Quedó registrado el acuse.")
			st.until(func() bool { return st.lucia.Modal() == nil })
			st.rest()
			if st.last().Shown != "Quedó registrado el acuse." || len(st.lucia.Failures()) > 0 {
				t.Error(st.last(), st.lucia.Failures())
			}
		})
	}
}

func TestARefusalIsSaidInTheModalThatWasOpened(t *testing.T) {
	for name, test := range map[string]struct {
		reply bot.Reply
		want  string
	}{
		"a refusal": {toast("Ya la liberó Elena Cruz."), "Ya la liberó Elena Cruz."},
		"a card":    {bot.Reply{Card: new(titled("Por liberar"))}, wordElsewhere},
		"nothing":   {bot.Reply{}, wordElsewhere},
	} {
		t.Run(name, func(t *testing.T) {
			st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply { return test.reply })
			st.press(st.post(titled("x", opens)))
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == test.want })
			st.rest()
			for _, m := range st.lucia.Screen() {
				if m.Ephemeral {
					t.Errorf("said twice: %s", m.Shown)
				}
			}
			if test.reply.Card != nil && st.last().Shown != "Por liberar" {
				t.Error(st.texts())
			}
		})
	}
}

func TestAModalThatWasClosedMeanwhileLeavesNothingUnsaid(t *testing.T) {
	for name, reply := range map[string]bot.Reply{"a form": {Form: &folio}, "a refusal": toast("Ya la liberó Elena Cruz.")} {
		t.Run(name, func(t *testing.T) {
			r := told()
			st := perform(t, "socket", r.handle)
			st.press(st.post(titled("x", opens)))
			st.until(func() bool { return st.lucia.Modal() != nil })
			st.lucia.CloseModal()
			r.answer <- reply
			st.rest()
			if st.lucia.Modal() != nil {
				t.Error("it is open again")
			}
			said := st.last().Shown
			if (said == "Ya la liberó Elena Cruz.") != (reply.Toast != "") {
				t.Errorf("said %q", said)
			}
		})
	}
}

func TestAFormWhoseProcessDiedIsFilledInByTheNext(t *testing.T) {
	st := perform(t, "socket", func(ctx context.Context, _ bot.Input) bot.Reply {
		<-ctx.Done() // the modal is open, and its process dies
		return bot.Reply{}
	})
	st.slack.grace = time.Millisecond
	st.press(st.post(titled("x", opens)))
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Text == wordLoading })
	st.end()
	st.until(func() bool { return st.Connected() == 0 })
	_, _, _, end := run(t, Config{BotToken: st.BotToken(), AppToken: st.AppToken(), API: st.URL()}, func(context.Context, bot.Input) bot.Reply {
		return bot.Reply{Form: &folio}
	})
	defer end()
	st.until(func() bool { return len(st.lucia.Modal().Labels) == 1 })
}

func TestAFormThatDidNotOpenAtOnceIsTriedOnceMore(t *testing.T) {
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply { return bot.Reply{Form: &folio} })
	first := true
	st.Intercept(func(c *slacktest.Call) *slacktest.Fault {
		if c.Method != "views.open" || !first {
			return nil
		}
		first = false
		return &slacktest.Fault{Status: 503, Body: "later"}
	})
	st.press(st.post(titled("x", opens)))
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 1 })
}

func TestAFormThatLeadsToAnotherBecomesIt(t *testing.T) {
	second := folio
	second.Title = "Segunda"
	long := folio
	long.Intro = []string{strings.Repeat("larga ", 500)}
	for range 9 {
		long.Intro = append(long.Intro, long.Intro[0])
	}
	long.Title = "Larga"
	for name, next := range map[string]card.Form{"Segunda": second, "Larga": long} { // one that a receipt can not hold is opened anew
		t.Run(name, func(t *testing.T) {
			st := perform(t, "socket", func(_ context.Context, in bot.Input) bot.Reply {
				if in.Form == nil {
					return bot.Reply{Form: &folio}
				}
				return bot.Reply{Form: &next}
			})
			st.press(st.post(titled("x", opens)))
			st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 1 })
			if err := st.lucia.Fill("¿Cuál es el folio?", "1"); err != nil {
				t.Fatal(err)
			}
			if err := st.lucia.Submit(); err != nil {
				t.Fatal(err)
			}
			st.rest() // what was seen on the way may have been closed again
			if m := st.lucia.Modal(); m == nil || m.Title != name {
				t.Errorf("the modal shows %+v", m)
			}
		})
	}
}

func TestAMenuIsAButtonAMenuOfDotsOrAList(t *testing.T) {
	var got []string
	st := perform(t, "socket", func(_ context.Context, in bot.Input) bot.Reply {
		got = append(got, in.Tap)
		return bot.Reply{}
	})
	for n, want := range map[int]string{1: "button", 2: "dots", 5: "dots", 6: "list", 100: "list"} {
		c := titled("x", card.Action{Label: "Aceptar", Token: "a"})
		c.Menu = &card.Menu{Label: "Más", Token: "m"}
		for i := range n {
			c.Menu.Actions = append(c.Menu.Actions, card.Action{Label: "Acto " + string(rune('A'+i)), Token: "t" + string(rune('A'+i)), Opens: i == 0})
		}
		ref := st.post(c)
		m := st.last()
		switch want {
		case "button":
			if len(m.Selects) != 0 || len(m.Buttons) != 2 || m.Buttons[1].Value != "tA" || !strings.HasPrefix(m.Buttons[1].ActionID, openAction) {
				t.Errorf("%d: %+v", n, m)
			}
			continue
		case "dots", "list":
			if len(m.Selects) != 1 || m.Selects[0].Overflow != (want == "dots") || len(m.Selects[0].Options) != n || m.Selects[0].BlockID != m.Buttons[0].BlockID {
				t.Errorf("%d: %+v", n, m)
			}
		}
		got = nil
		if err := st.lucia.Select(ref.Message, "", "Acto B"); err != nil {
			t.Fatal(err)
		}
		st.rest()
		if st.lucia.Modal() != nil || len(got) != 1 || got[0] != "tB" {
			t.Error(got)
		}
		if err := st.lucia.Select(ref.Message, "", "Acto A"); err != nil {
			t.Fatal(err)
		}
		st.until(func() bool { m := st.lucia.Modal(); return m != nil && m.Title == "Acto A" && m.Text == wordElsewhere })
		st.lucia.CloseModal()
		if len(got) != 2 || got[1] != "tA" {
			t.Error(got)
		}
	}
}

func TestOptionsThatDoNotShareAQuestionLeaveItToTheBot(t *testing.T) {
	sure := &card.Confirm{Title: "Cancelar", Text: "¿Confirma?", Yes: "Sí", No: "Regresar"}
	cancel := card.Action{Label: "Cancelar", Token: "cancel", Ask: "?cancel", Confirm: sure}
	discard := card.Action{Label: "Descartar", Token: "discard", Ask: "?discard", Confirm: sure}
	plain := card.Action{Label: "Bitácora", Token: "log"}
	mixed := controls(card.Card{Menu: &card.Menu{Actions: []card.Action{cancel, plain}}}, "").menu
	if mixed.confirm != nil || mixed.options[0].Value != "?cancel" || mixed.options[1].Value != "log" {
		t.Errorf("%+v", mixed)
	}
	alike := controls(card.Card{Menu: &card.Menu{Actions: []card.Action{cancel, discard}}}, "").menu
	if alike.confirm == nil || alike.options[0].Value != "cancel" || alike.options[1].Value != "discard" {
		t.Errorf("%+v", alike)
	}
}
