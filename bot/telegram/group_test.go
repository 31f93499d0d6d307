package telegram

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sidem.gob.mx/sidem/bot"
	"sidem.gob.mx/sidem/bot/telegram/telegramtest"
	"sidem.gob.mx/sidem/core/es"
)

// secretive answers everything in private, with a card, a toast and a file.
func secretive(_ context.Context, in bot.Input) bot.Reply {
	return bot.Reply{Card: said("Monto: 429,200.00"), Redraw: in.Tap != "", Documents: []bot.Document{paper("oficio.pdf", "%PDF-1.7")}}
}

func TestAReplyThatIsNotOpenIsToldInPrivateAndNothingInTheGroup(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	g := srv.Group(-500, "Área", p)
	run(t, tg, secretive)
	p.Start("")
	await(t, srv, func() bool { return len(p.Screen()) == 3 })
	rest(t, srv)
	asked := g.Say(p, "/solicitud 147")
	await(t, srv, func() bool { return len(p.Screen()) == 5 })
	rest(t, srv)
	g.PressData(p, asked, "t")
	await(t, srv, func() bool { return len(p.Screen()) == 7 })
	rest(t, srv)
	if diff := cmp.Diff([]string{"/solicitud 147"}, words(g.Screen())); diff != "" {
		t.Errorf("the group shows (-want +got):\n%s", diff)
	}
	if screen := p.Screen(); screen[3].Text != "Monto: 429,200.00" || screen[6].Document == nil || p.Waiting() != 0 {
		t.Errorf("in private: %q", words(screen))
	}
}

func TestWhoHasNotOpenedTheChatIsToldHowInTheGroupOnce(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	g := srv.Group(-500, "Área", p)
	run(t, tg, func(ctx context.Context, in bot.Input) bot.Reply {
		reply := secretive(ctx, in)
		reply.Toast = "Su código de entrega es 483 920"
		return reply
	})
	g.Say(p, "/solicitud 147")
	rest(t, srv)
	if diff := cmp.Diff([]string{"/solicitud 147", es.OpenPrivate}, words(g.Screen())); diff != "" {
		t.Errorf("the group shows (-want +got):\n%s", diff)
	}
	if b, ok := g.Screen()[1].Button(es.OpenPrivateButton); !ok || b.URL != "https://t.me/sidem_bot" {
		t.Errorf("button %+v", b)
	}
}

func TestWhoToldASecretIsNotSentBackToTheGroupWithAnother(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	g := srv.Group(-500, "Área", p)
	shut := es.Say(es.ExposedShut)
	run(t, tg, func(context.Context, bot.Input) bot.Reply {
		return bot.Reply{Toast: es.Say(es.ExposedSecret), Shut: shut, Forget: true}
	})
	g.Say(p, "/start lucia.herrera aaaaabbbb2")
	rest(t, srv)
	if got := words(g.Screen()); !slices.Contains(got, shut) || slices.Contains(got, es.OpenPrivate) {
		t.Errorf("the group shows %q", got)
	}
}

func TestAnOpenReplyIsReadInTheGroupUnderWhatWasAsked(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	g := srv.Group(-500, "Área", p)
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		c := simple("Solicitud 000147/2026: en dictaminación")
		return bot.Reply{Card: &c, Open: true, Redraw: in.Tap != ""}
	})
	asked := g.Say(p, "/solicitud 147")
	rest(t, srv)
	if err := g.Press(p, g.Screen()[1].ID, "Liberar"); err != nil {
		t.Fatal(err)
	}
	rest(t, srv)
	screen := g.Screen()
	if len(screen) != 2 || screen[1].ReplyTo != asked || len(p.Screen()) != 0 {
		t.Errorf("the group shows %q, the first answers %d", words(screen), screen[1].ReplyTo)
	}
}

func TestATopicIsAnsweredInItselfAndADeletedOneInTheGeneral(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	g := srv.Group(-1_000_000_000_500, "Área", p)
	topic, doomed := g.Topic("Dictámenes"), g.Topic("Otros")
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		if in.Under != "" {
			return bot.Reply{Toast: "nobody answered " + in.Under, Open: true}
		}
		if strings.HasSuffix(in.Text, "2") {
			g.DeleteTopic(doomed)
		}
		return bot.Reply{Card: said("eco " + in.Text), Open: true}
	})
	for text, in := range map[string]int{"/solicitud 1": topic, "/solicitud 2": doomed} {
		if _, err := g.SayIn(p, in, text); err != nil {
			t.Fatal(err)
		}
		rest(t, srv)
	}
	got := map[string]int{}
	for _, m := range g.Screen() {
		if m.FromBot {
			got[m.Text] = m.Topic
		}
	}
	if diff := cmp.Diff(map[string]int{"eco /solicitud 1": topic, "eco /solicitud 2": 0}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerToAMessageSaysUnderWhichItIs(t *testing.T) {
	srv, tg, _ := open(t, telegramtest.Options{})
	p := srv.Person(7001, "Lucía", "")
	var seen book
	run(t, tg, func(_ context.Context, in bot.Input) bot.Reply {
		seen.add(in)
		return bot.Reply{}
	})
	first := p.Say("O-1")
	p.Reply(first, "Se adjunta la cotización")
	rest(t, srv)
	if in := seen.inputs(); in[0].Under != "" || in[1].Under != decimal(int64(first)) {
		t.Errorf("%q, %q", in[0].Under, in[1].Under)
	}
}
