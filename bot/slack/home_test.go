package slack

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/card"
	"sidem.gob.mx/sidem/core"
	"sidem.gob.mx/sidem/core/es"
)

func TestTheHomeIsDrawnWhenItIsOpenedAndAnewAfterAPress(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			left := 2
			st := perform(t, mode, func(_ context.Context, in bot.Input) bot.Reply {
				if in.Home {
					return bot.Reply{Home: []card.Card{
						titled(fmt.Sprintf("Lo que le toca: %d", left), card.Action{Label: "Liberar", Token: "one"}),
						titled("Esperan a otros", card.Action{Label: "Ver", Token: "two"}),
					}}
				}
				left--
				c := titled("Liberada")
				return bot.Reply{Card: &c, Toast: "La solicitud quedó liberada.", Redraw: true}
			})
			if err := st.lucia.OpenHome(); err != nil {
				t.Fatal(err)
			}
			st.until(func() bool {
				h := st.lucia.Home()
				return h != nil && h.Text == "Lo que le toca: 2\nEsperan a otros" && len(h.Buttons) == 2
			})
			if err := st.lucia.PressHome("Liberar"); err != nil {
				t.Fatal(err)
			}
			st.until(func() bool { return strings.HasPrefix(st.lucia.Home().Text, "Lo que le toca: 1") })
			if got := strings.Join(st.texts(), "|"); got != "La solicitud quedó liberada.|Liberada" {
				t.Errorf("in the DM: %q", got)
			}
		})
	}
}

func TestAFormOfTheHomeDrawsItAnewWhenItIsSent(t *testing.T) {
	filled := "vacío"
	st := perform(t, "socket", func(_ context.Context, in bot.Input) bot.Reply {
		switch {
		case in.Home:
			return bot.Reply{Home: []card.Card{titled("Folio: "+filled, opens)}}
		case in.Form != nil:
			filled = in.Form.Values[core.FieldFolio]
			return toast("Quedó registrado el acuse.")
		default:
			return bot.Reply{Form: &folio}
		}
	})
	if err := st.lucia.OpenHome(); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return st.lucia.Home() != nil })
	if err := st.lucia.PressHome("Registrar acuse"); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { m := st.lucia.Modal(); return m != nil && len(m.Labels) == 1 })
	if err := st.lucia.Fill("¿Cuál es el folio?", "OP-1"); err != nil {
		t.Fatal(err)
	}
	if err := st.lucia.Submit(); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool { return st.lucia.Home().Text == "Folio: OP-1" && st.lucia.Modal() == nil })
}

func TestWhoMayNotComeInReadsItOnTheHome(t *testing.T) {
	st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply {
		return toast("Este chat todavía no está vinculado a una cuenta de SIDEM.")
	})
	if err := st.lucia.OpenHome(); err != nil {
		t.Fatal(err)
	}
	st.until(func() bool {
		h := st.lucia.Home()
		return h != nil && h.Text == "Este chat todavía no está vinculado a una cuenta de SIDEM."
	})
	st.rest()
	if len(st.lucia.Screen()) > 0 {
		t.Error(st.texts())
	}
}

func TestAHomeOfAnySizeIsTakenAndSaysThatThereIsMore(t *testing.T) {
	one := card.Card{Story: es.Story{Title: "Por liberar", Head: "000147/2026", Turn: "Le toca a usted", Text: []string{strings.Repeat("texto ", 500)}}}
	one.Rows = [][]card.Action{{{Label: "Liberar", Token: "tok"}}}
	for _, n := range []int{1, 16, 17, 20, 200, 2000} {
		cards := make([]card.Card, n)
		for i := range cards {
			cards[i] = one
		}
		v, dropped := tab(cards)
		if got := len(v.Blocks.BlockSet); got > maxHomeBlocks || size(v.Blocks.BlockSet) > maxHome+1000 || len(dropped) > 0 {
			t.Errorf("%d cards: %d blocks, %d characters", n, got, size(v.Blocks.BlockSet))
		}
		st := perform(t, "socket", func(context.Context, bot.Input) bot.Reply { return bot.Reply{Home: cards} })
		if err := st.lucia.OpenHome(); err != nil {
			t.Fatal(err)
		}
		st.until(func() bool { return st.lucia.Home() != nil })
		if more := strings.Contains(st.lucia.Home().Text, wordMore); more != (n > 16) {
			t.Errorf("%d cards: more is said: %v", n, more)
		}
		st.end()
	}
}
